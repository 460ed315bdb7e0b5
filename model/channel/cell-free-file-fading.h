// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_FILE_FADING_H
#define CELL_FREE_FILE_FADING_H

#include "cell-free-channel-file.h"
#include "cell-free-fading-model.h"

#include <Eigen/Core>
#include <memory>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Channels from a file, with path loss and all: CellFreeChannelModel::LargeScale is not
 * asked.
 *
 * AP m and UE u of the file are those of index m and u of the channel model; of either there may be
 * more in the file. A file of coefficients has to have the channel's carrier frequency, bandwidth,
 * sub-bands and antennas. A file of paths has to have its carrier frequency; the coefficients of
 * antenna n at the displacement d_n (in wavelengths) and of the sub-band at f_b from the carrier
 * follow from the power gains G_l, phases phi_l, delays tau_l, Doppler shifts nu_l and directions
 * k_l of the paths,
 *
 * h_n(t)^* = sum_l sqrt(G_l) exp(j (phi_l + 2 pi (nu_l (t - t_k) - f_b tau_l(t) + k_l d_n))),
 * tau_l(t) = tau_l - nu_l (t - t_k) / f_c,
 *
 * since signals are received by h^H. Between two times of the file t_k and t_{k+1} the channel is
 * the mean of what either says, weighted by how near it is, unless values hold.
 *
 * What a CPU is told of a link's statistics is in the file, or else: of paths, that they have
 * random phases; of coefficients, their mean power around the time, in all directions alike.
 */
class CellFreeFileFading : public CellFreeFadingModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeFileFading();
    ~CellFreeFileFading() override;

    /**
     * @brief Reads the file, if that was not done, and checks all that is in it.
     * @return an empty string, or one line that says what is wrong
     */
    std::string FindError();

    /// @return the file; aborts with FindError()
    CellFreeChannelFile& GetFile();

    const Eigen::VectorXcd& GetCoefficients(uint32_t link, uint32_t band = 0) override;
    void GetStatistics(uint32_t link,
                       uint32_t band,
                       Eigen::VectorXcd& mean,
                       Eigen::MatrixXcd& covariance) override;

    /**
     * @brief Of the file, or else: of paths, the real part of that of their Doppler shifts; of
     * coefficients, that of Clarke's model.
     * @param link index that AddLink() returned, not removed
     * @param lag the while, >= 0
     * @return the correlation, in [-1, 1]
     */
    double GetAutocorrelation(uint32_t link, Time lag) const override;
    std::complex<double> GetBandCorrelation(uint32_t link,
                                            uint32_t band,
                                            uint32_t other) const override;
    double GetSquaredNorm(uint32_t link) override;
    bool HasLargeScale() const override;
    double GetGain(const CellFreeLinkEnds& ends) override;
    bool GetEchoGains(uint32_t target, Eigen::MatrixXd& gains) override;

    /**
     * @brief Checks that the ends of a link are where the file has them; aborts with one line if
     * not.
     * @param link index that AddLink() returned, not removed
     * @param largeScale not asked
     */
    void UpdateLink(uint32_t link, CellFreeLargeScaleModel& largeScale) override;

  protected:
    void DoDispose() override;

  private:
    /// The paths of a link at a time of the file.
    struct Paths
    {
        int64_t row{-1};           //!< index of the time; -1: none yet
        Eigen::MatrixXcd steering; //!< N x L: steering vectors times amplitudes
        Eigen::ArrayXd power;      //!< L: squared amplitudes
        Eigen::ArrayXd phase;      //!< L: phase (rad)
        Eigen::ArrayXd delay;      //!< L: delay (s)
        Eigen::ArrayXd doppler;    //!< L: Doppler shift (Hz)
    };

    /// One link.
    struct Link
    {
        Time time{TimeStep(-1)};             //!< of the coefficients
        std::vector<Eigen::VectorXcd> bands; //!< B of N: the coefficients
        double squaredNorm{0.0};             //!< mean over the sub-bands of their squared norms
        mutable Paths paths[2];              //!< the latest two that were looked up
    };

    void DoAddLink(uint32_t link) override;
    void DoRemoveLink(uint32_t link) override;
    void DoSetCoherenceTime(uint32_t link, const Time& coherenceTime) override;
    void DoRestart(uint32_t link) override;
    void DoUpdate() override;

    /// Sets the attribute File. @param file the name
    void SetFileName(std::string file);

    /// @return the attribute File
    std::string GetFileName() const;

    /// @return the simulation time (s); aborts if the file ends before
    double GetNow() const;

    /// Takes a link to the present time. @param link index of the link @return the link
    const Link& Advance(uint32_t link);

    /**
     * @brief The paths of a link at a time of the file.
     * @param link index of the link
     * @param row index of the time
     * @return the paths; valid until two more calls for the same link
     */
    const Paths& GetPaths(uint32_t link, uint64_t row) const;

    /**
     * @brief Reads the paths of a link.
     * @param ends its ends
     * @param row index of the time
     * @param[out] paths them
     */
    void ReadPaths(const CellFreeLinkEnds& ends, uint64_t row, Paths& paths) const;

    /**
     * @brief Sets a link's coefficients from coefficients.
     * @param ends its ends
     * @param now the time (s)
     * @param[out] state the link
     */
    void SetFromCoefficients(const CellFreeLinkEnds& ends, double now, Link& state);

    /**
     * @brief Adds what paths make of a link at a time.
     * @param paths the paths
     * @param elapsed time since that of the paths (s)
     * @param weight of it
     * @param[in,out] state the link
     */
    void AddPaths(const Paths& paths, double elapsed, double weight, Link& state) const;

    /**
     * @brief Frequency of a sub-band over the carrier.
     * @param band the sub-band
     * @return the frequency (Hz)
     */
    double GetOffset(uint32_t band) const;

    /**
     * @brief A number of a link at a time, between the times of the file.
     * @param name an array of one number a link
     * @param timeName its times
     * @param ends the ends of the link
     * @param now the time (s)
     * @return the number
     */
    double GetNumber(const std::string& name,
                     const std::string& timeName,
                     const CellFreeLinkEnds& ends,
                     double now) const;

    /**
     * @brief Number of a link among those of the file.
     * @param ends its ends
     * @return m U + u
     */
    uint64_t GetIndex(const CellFreeLinkEnds& ends) const;

    std::string m_fileName;                      //!< attribute: the file
    double m_tolerance;                          //!< attribute: see PositionTolerance
    std::unique_ptr<CellFreeChannelFile> m_file; //!< the file; null before it is needed
    std::vector<Link> m_links;                   //!< by the links' indices
};

} // namespace ns3

#endif // CELL_FREE_FILE_FADING_H
