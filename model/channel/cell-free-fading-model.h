// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_FADING_MODEL_H
#define CELL_FREE_FADING_MODEL_H

#include "cell-free-block-clock.h"
#include "cell-free-link-ends.h"

#include "ns3/cell-free-streams.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/random-variable-stream.h"

#include <Eigen/Core>
#include <complex>
#include <vector>

namespace ns3
{

class CellFreeLargeScaleModel;

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Coherence time of a channel, T = 9 / (16 pi f_D) with the Doppler frequency
 * f_D = v / lambda: the correlation stays above one half (T. S. Rappaport, Wireless Communications,
 * 2nd ed., equation (5.40.b)).
 * @param wavelength lambda (m), > 0
 * @param speed v (m/s), > 0
 * @return the coherence time (s)
 */
double GetCoherenceTime(double wavelength, double speed);

} // namespace cellfree

/**
 * @ingroup cellfree-isac
 * @brief Small-scale fading: per link and sub-band a vector of N coefficients with unit mean power
 * per antenna, a random process in time.
 *
 * How fast a link's process is follows from its coherence time: the attribute CoherenceTime or,
 * where that is 0, GetCoherenceTime() of the relative speed of the link's ends at the last
 * large-scale update of the channel, at least ScattererSpeed. Each link has its own, so that a fast
 * UE changes nothing for the others.
 *
 * A link's coefficients at a time depend on its random streams and on that time alone: not on other
 * links, nor on which links and which times are asked for. So two policies meet the same channels
 * with the same seed.
 *
 * To write your own, derive from this class, or from CellFreeBlockFading for one that is constant
 * over blocks, implement the pure virtual functions and register a TypeId; the geometry of a link
 * is in GetEnds(), the carrier in GetWavelength().
 */
class CellFreeFadingModel : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    ~CellFreeFadingModel() override;

    /**
     * @brief Adds a link.
     * @param ends its ends
     * @return the index of the link: that of a link that was removed, or one more than there were
     */
    uint32_t AddLink(const CellFreeLinkEnds& ends);

    /**
     * @brief Removes a link. Its index may be used again.
     * @param link index that AddLink() returned
     */
    void RemoveLink(uint32_t link);

    /**
     * @brief Coefficients of a link at the present simulation time.
     * @param link index that AddLink() returned, not removed
     * @param band sub-band, below that of Update()
     * @return N x 1, unit mean power per antenna unless HasLargeScale(); valid until the next call
     */
    virtual const Eigen::VectorXcd& GetCoefficients(uint32_t link, uint32_t band = 0) = 0;

    /**
     * @brief What a receiver may know of a link without measuring its fading: coefficients are
     * CN(mean, covariance).
     * @param link index that AddLink() returned, not removed
     * @param band sub-band
     * @param[out] mean N: the line-of-sight component now
     * @param[out] covariance N x N; ||mean||^2 + trace = N unless HasLargeScale()
     */
    virtual void GetStatistics(uint32_t link,
                               uint32_t band,
                               Eigen::VectorXcd& mean,
                               Eigen::MatrixXcd& covariance) = 0;

    /**
     * @brief Correlation between what fades of a link's coefficients now and a while ago, at the
     * present speed.
     * @param link index that AddLink() returned, not removed
     * @param lag the while, >= 0
     * @return the correlation, real, in [-1, 1]
     */
    virtual double GetAutocorrelation(uint32_t link, Time lag) const = 0;

    /**
     * @brief Correlation between two sub-bands of what fades of a link's coefficients. As given
     * here, 1: all are alike.
     * @param link index that AddLink() returned, not removed
     * @param band a sub-band
     * @param other another
     * @return E[g_band g_other^*] over E|g|^2, without the line of sight
     */
    virtual std::complex<double> GetBandCorrelation(uint32_t link,
                                                    uint32_t band,
                                                    uint32_t other) const;

    /**
     * @brief Squared norm of a link's coefficients, the mean over the sub-bands.
     * @param link index that AddLink() returned, not removed
     * @return the sum of |coefficient|^2 over the antennas
     */
    virtual double GetSquaredNorm(uint32_t link) = 0;

    /**
     * @brief Says whether coefficients have path loss, shadowing and element gains in them, which
     * then come from GetGain(). As given here, they have not, but unit mean power.
     * @return whether they have
     */
    virtual bool HasLargeScale() const;

    /**
     * @brief Mean power gain of a link with its ends where they are now, if HasLargeScale(). As
     * given here, aborts.
     * @param ends the ends of the link, which may not have been added
     * @return E|h|^2 of an antenna, linear; 0: there is no such link
     */
    virtual double GetGain(const CellFreeLinkEnds& ends);

    /**
     * @brief Power gains of the echoes of a target, where the model has them. As given here, it has
     * not.
     * @param target index of the target in the channel model
     * @param[out] gains transmitting x receiving APs: zeta^2 of an antenna each
     * @return whether it has them
     */
    virtual bool GetEchoGains(uint32_t target, Eigen::MatrixXd& gains);

    /**
     * @brief Learns of the carrier, and how fast the ends of the links move. The channel calls it
     * at every large-scale update.
     * @param wavelength the carrier's wavelength (m), > 0
     * @param bandwidth the bandwidth (Hz), > 0; 0 if the channel is flat
     * @param nBands the sub-bands that it is divided into, >= 1
     */
    void Update(double wavelength, double bandwidth = 0.0, uint32_t nBands = 1);

    /**
     * @brief Learns where the ends of a link are and whether they see each other. The channel calls
     * it for every link at every large-scale update, after Update(). As given here, nothing is
     * asked.
     * @param link index that AddLink() returned, not removed
     * @param largeScale whom to ask
     */
    virtual void UpdateLink(uint32_t link, CellFreeLargeScaleModel& largeScale);

    /**
     * @brief Coherence time of a link now.
     * @param link index that AddLink() returned, not removed
     * @return the time; 0 before the first Update() if it follows from the speed
     */
    Time GetLinkCoherenceTime(uint32_t link) const;

    /**
     * @brief Gives every link the streams of its nodes, also links to come. Processes start anew.
     * @param first first stream number of the module: see GetCellFreeStream()
     * @return the streams reserved for the module, CELL_FREE_STREAMS
     */
    int64_t AssignStreams(int64_t first);

  protected:
    void DoDispose() override;

    /**
     * @brief The ends of a link; aborts if there is none.
     * @param link index that AddLink() returned, not removed
     * @return the ends
     */
    const CellFreeLinkEnds& GetEnds(uint32_t link) const;

    /// @return the carrier's wavelength (m); 0 before the first large-scale update
    double GetWavelength() const;

    /// @return the bandwidth (Hz); 0 before the first large-scale update
    double GetBandwidth() const;

    /// @return the number of sub-bands
    uint32_t GetNBands() const;

    /**
     * @brief Makes a random stream of a link's own.
     * @param link index of the link
     * @param purpose what it is for
     * @return the stream, at its start
     */
    Ptr<UniformRandomVariable> MakeStream(uint32_t link, CellFreeStreamPurpose purpose) const;

  private:
    /// One link.
    struct Link
    {
        CellFreeLinkEnds ends; //!< its ends; void if it was removed
        Time coherenceTime;    //!< its coherence time; 0 before it is known
    };

    /**
     * @brief A link is there, new or with an index used again: its process starts anew. Its
     * coherence time follows.
     * @param link index of the link
     */
    virtual void DoAddLink(uint32_t link) = 0;

    /**
     * @brief A link is gone.
     * @param link index of the link
     */
    virtual void DoRemoveLink(uint32_t link) = 0;

    /**
     * @brief A link's coherence time from now on: called at every large-scale update.
     * @param link index of the link
     * @param coherenceTime the time, > 0
     */
    virtual void DoSetCoherenceTime(uint32_t link, const Time& coherenceTime) = 0;

    /**
     * @brief A link's random streams are others: its process starts anew.
     * @param link index of the link
     */
    virtual void DoRestart(uint32_t link) = 0;

    /// The carrier may have changed. As given here, does nothing.
    virtual void DoUpdate();

    /**
     * @brief Sets the attribute CoherenceTime.
     * @param coherenceTime 0, or at least 1 us
     * @return false if it is neither
     */
    bool SetCoherenceTime(Time coherenceTime);

    /// @return the attribute CoherenceTime
    Time GetCoherenceTimeAttribute() const;

    /**
     * @brief Relative speed of a link's ends now.
     * @param link the link
     * @return the speed (m/s)
     */
    static double GetSpeed(const Link& link);

    /**
     * @brief Makes a link's process from now on as fast as it should be.
     * @param link index of the link
     */
    void UpdateCoherenceTime(uint32_t link);

    /**
     * @brief Tells the user, once, of a CoherenceTime too long for the fastest link.
     * @param speed the relative speed of its ends (m/s)
     */
    void WarnOfCoherenceTime(double speed);

    Time m_coherenceTime;         //!< attribute: coherence time; 0: by speed
    double m_scattererSpeed;      //!< least speed that a coherence time by speed allows for (m/s)
    double m_wavelength{0.0};     //!< the carrier's wavelength (m); 0 before it is known
    double m_bandwidth{0.0};      //!< the bandwidth (Hz)
    uint32_t m_nBands{1};         //!< sub-bands
    bool m_hasWarned{false};      //!< whether the user was told of a CoherenceTime too long
    int64_t m_firstStream{-1};    //!< first stream of the module; -1: ns-3 chooses
    std::vector<Link> m_links;    //!< the links by their indices
    std::vector<uint32_t> m_free; //!< indices of links that were removed
};

/**
 * @ingroup cellfree-isac
 * @brief Block fading: coefficients are the same in all sub-bands and constant over blocks of one
 * coherence time, counted from 0 at time 0.
 *
 * When the duration changes, the present block ends one new duration later.
 *
 * Faster UEs so cost rate where beams are older than a block (DecisionDelay); with perfect
 * knowledge of the present channel, blocks that change more often do not.
 *
 * To write your own, derive from this class, implement DoNextBlock() and register a TypeId.
 */
class CellFreeBlockFading : public CellFreeFadingModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    const Eigen::VectorXcd& GetCoefficients(uint32_t link, uint32_t band = 0) override;

    /**
     * @brief As given here, mean 0 and covariance I.
     * @param link index that AddLink() returned, not removed
     * @param band sub-band
     * @param[out] mean N
     * @param[out] covariance N x N
     */
    void GetStatistics(uint32_t link,
                       uint32_t band,
                       Eigen::VectorXcd& mean,
                       Eigen::MatrixXcd& covariance) override;

    /**
     * @brief As given here, that of blocks: 1 - lag / duration, not below 0.
     * @param link index that AddLink() returned, not removed
     * @param lag the while, >= 0
     * @return the correlation
     */
    double GetAutocorrelation(uint32_t link, Time lag) const override;
    double GetSquaredNorm(uint32_t link) override;

  protected:
    void DoDispose() override;

  private:
    /// One link's process.
    struct Process
    {
        Ptr<UniformRandomVariable> uniform; //!< the link's own stream
        CellFreeBlockClock clock;           //!< counts its blocks
        int64_t block{-1};                  //!< the block that the coefficients belong to
        Time blockEnd;                      //!< when it ends; 0 if that has to be found out
        Eigen::VectorXcd coefficients;      //!< N coefficients; zero before the first block
        double squaredNorm{0.0};            //!< sum of their squares
    };

    void DoAddLink(uint32_t link) override;
    void DoRemoveLink(uint32_t link) override;
    void DoSetCoherenceTime(uint32_t link, const Time& coherenceTime) override;
    void DoRestart(uint32_t link) override;

    /**
     * @brief Takes a link's process from one block to the next. It is called once for every block,
     * from block 0 on.
     * @param link index of the link
     * @param uniform the link's own stream, from which all draws must come
     * @param[in,out] coefficients those of the block before, or zero before block 0; on return
     * those of the block
     */
    virtual void DoNextBlock(uint32_t link,
                             UniformRandomVariable& uniform,
                             Eigen::VectorXcd& coefficients) = 0;

    /**
     * @brief Takes a link's process to the block of the present simulation time.
     * @param link index of the link
     * @return the process
     */
    const Process& Advance(uint32_t link);

    std::vector<Process> m_processes; //!< by the links' indices
};

/**
 * @ingroup cellfree-isac
 * @brief Rayleigh block fading: coefficients CN(0, 1), independent over antennas, links and blocks.
 */
class CellFreeRayleighFading : public CellFreeBlockFading
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  private:
    void DoNextBlock(uint32_t link,
                     UniformRandomVariable& uniform,
                     Eigen::VectorXcd& coefficients) override;
};

} // namespace ns3

#endif // CELL_FREE_FADING_MODEL_H
