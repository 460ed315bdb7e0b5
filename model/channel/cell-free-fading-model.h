// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_FADING_MODEL_H
#define CELL_FREE_FADING_MODEL_H

#include "cell-free-link-ends.h"

#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/random-variable-stream.h"

#include <Eigen/Core>
#include <vector>

namespace ns3
{

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
 * @brief Small-scale block fading: per link a vector of N coefficients with unit mean power per
 * antenna, constant over a coherence block.
 *
 * A link's blocks are counted from 0 at time 0. Their duration is the attribute CoherenceTime or,
 * where that is 0, GetCoherenceTime() of the link: of the relative speed of its ends at the last
 * large-scale update of the channel, at least ScattererSpeed. Each link has its own, so that a fast
 * UE changes nothing for the others. When the duration changes, the present block ends one new
 * duration later.
 *
 * Faster UEs so cost rate where beams are older than a block (DecisionDelay); with perfect
 * knowledge of the present channel, blocks that change more often do not.
 *
 * A link's coefficients in block b depend on its random stream and on b alone: not on other links,
 * nor on which links and which blocks are asked for. So two policies meet the same channels with
 * the same seed.
 *
 * To write your own, derive from this class, implement DoNextBlock() and register a TypeId; the
 * geometry of a link is in GetEnds(), the carrier in GetWavelength().
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
     * @return the index of the link, counted from 0 in the order of the calls
     */
    uint32_t AddLink(const CellFreeLinkEnds& ends);

    /**
     * @brief Removes a link. Its index is not used again.
     * @param link index that AddLink() returned
     */
    void RemoveLink(uint32_t link);

    /**
     * @brief Coefficients of a link at the present simulation time.
     * @param link index that AddLink() returned, not removed
     * @param band sub-band; block fading is flat
     * @return N x 1, unit mean power per antenna; valid until the next call
     */
    const Eigen::VectorXcd& GetCoefficients(uint32_t link, uint32_t band = 0);

    /**
     * @brief What a receiver may know of a link without measuring its fading: coefficients are
     * CN(mean, covariance). As given here, mean 0 and covariance I.
     * @param link index that AddLink() returned, not removed
     * @param band sub-band
     * @param[out] mean N: the line-of-sight component now
     * @param[out] covariance N x N; ||mean||^2 + trace = N
     */
    virtual void GetStatistics(uint32_t link,
                               uint32_t band,
                               Eigen::VectorXcd& mean,
                               Eigen::MatrixXcd& covariance);

    /**
     * @brief Correlation between what fades of a link's coefficients now and a while ago. As given
     * here, that of blocks: 1 - lag / duration, not below 0.
     * @param link index that AddLink() returned, not removed
     * @param lag the while, >= 0
     * @return the correlation, real, in [-1, 1]
     */
    virtual double GetAutocorrelation(uint32_t link, Time lag) const;

    /**
     * @brief Squared norm of a link's coefficients, computed once for each block.
     * @param link index that AddLink() returned, not removed
     * @return the sum of |coefficient|^2 over the antennas
     */
    double GetSquaredNorm(uint32_t link);

    /**
     * @brief Learns where the ends of the links are and how fast they move. The channel calls it at
     * every large-scale update.
     * @param wavelength the carrier's wavelength (m), > 0
     */
    void Update(double wavelength);

    /**
     * @brief Duration of a link's blocks now.
     * @param link index that AddLink() returned, not removed
     * @return the duration; 0 before the first Update() if it is automatic, while block 0 lasts
     */
    Time GetBlockDuration(uint32_t link) const;

    /**
     * @brief Gives every link the stream of its nodes, also links to come. Processes start anew.
     * @param first first stream number of the module: see GetCellFreeStream()
     * @return the streams reserved for the module, CELL_FREE_STREAMS
     */
    int64_t AssignStreams(int64_t first);

  protected:
    void DoDispose() override;

    /**
     * @brief The ends of a link.
     * @param link index that AddLink() returned, not removed
     * @return the ends
     */
    const CellFreeLinkEnds& GetEnds(uint32_t link) const;

    /// @return the carrier's wavelength (m); 0 before the first large-scale update
    double GetWavelength() const;

  private:
    /// One link's process.
    struct Link
    {
        CellFreeLinkEnds ends;              //!< its ends
        Ptr<UniformRandomVariable> uniform; //!< the link's own stream; null if it was removed
        Time duration;                      //!< duration of a block; 0 before it is known
        Time origin;                        //!< when the present duration was set
        int64_t firstBlock{0};              //!< block at the origin
        int64_t block{-1};                  //!< the block that the coefficients belong to
        Time blockEnd;                      //!< when it ends; 0 if that has to be found out
        Eigen::VectorXcd coefficients;      //!< N coefficients; zero before the first block
        double squaredNorm{0.0};            //!< sum of their squares
    };

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
     * @brief Finds a link that was not removed; aborts if there is none.
     * @param link index of the link
     * @return the link
     */
    const Link& FindLink(uint32_t link) const;

    /**
     * @brief Takes a link's process to the block of the present simulation time.
     * @param link index of the link
     * @return the link
     */
    const Link& Advance(uint32_t link);

    /**
     * @brief Gives a link the stream of its nodes, if streams are assigned.
     * @param link the link
     */
    void AssignStream(Link& link) const;

    /**
     * @brief Sets the attribute CoherenceTime.
     * @param coherenceTime 0, or at least 1 us
     * @return false if it is neither
     */
    bool SetCoherenceTime(Time coherenceTime);

    /// @return the attribute CoherenceTime
    Time GetCoherenceTimeAttribute() const;

    /**
     * @brief Number of a link's block at the present simulation time.
     * @param link the link
     * @return the number, from 0
     */
    static int64_t GetBlock(const Link& link);

    /**
     * @brief Relative speed of a link's ends now.
     * @param link the link
     * @return the speed (m/s)
     */
    static double GetSpeed(const Link& link);

    /**
     * @brief Makes a link's blocks from the present one on last for what they should now.
     * @param link the link
     */
    void UpdateBlockDuration(Link& link) const;

    /**
     * @brief Tells the user, once, of a CoherenceTime too long for the fastest link.
     * @param speed the relative speed of its ends (m/s)
     */
    void WarnOfCoherenceTime(double speed);

    Time m_coherenceTime;      //!< attribute: duration of a block; 0: automatic
    double m_scattererSpeed;   //!< least speed that an automatic duration allows for (m/s)
    double m_wavelength{0.0};  //!< the carrier's wavelength (m); 0 before it is known
    bool m_hasWarned{false};   //!< whether the user was told of a CoherenceTime too long
    int64_t m_firstStream{-1}; //!< first stream of the module; -1: ns-3 chooses
    std::vector<Link> m_links; //!< the links in the order in which they were added
};

/**
 * @ingroup cellfree-isac
 * @brief Rayleigh block fading: coefficients CN(0, 1), independent over antennas, links and blocks.
 */
class CellFreeRayleighFading : public CellFreeFadingModel
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
