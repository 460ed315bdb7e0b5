// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_SPATIAL_FADING_H
#define CELL_FREE_SPATIAL_FADING_H

#include "cell-free-fading-model.h"
#include "cell-free-scattering-process.h"

#include "ns3/isac-delay-profile.h"

#include <array>
#include <memory>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Rician fading that is correlated over antennas, time and sub-bands.
 *
 * In sub-band b of a link with K factor K, where taps l have powers p_l and delays tau_l,
 *
 * g_b(t) = sqrt(K / (K + 1)) exp(j 2 pi d(t) / lambda) a(t)
 *          + sqrt(1 / (K + 1)) sum_l sqrt(p_l) exp(j 2 pi f_b tau_l) R^{1/2} w_l(t).
 *
 * - d and a are the present distance and steering vector, so that the line of sight turns with the
 *   Doppler shift of the present motion. Signals are g^H f, so phases have the sign opposite to
 *   that of the waves: a wave is late by -2 pi d / lambda and by -2 pi f_b tau_l.
 * - K is 0 without line of sight. With it, it is what the large-scale model draws (DrawKFactor), or
 *   KFactor. State, K and the direction of R are those of the last large-scale update.
 * - R is the array's correlation under local scattering around the direction of the UE, with
 *   Gaussian angles (cellfree::GetScatteringCorrelation()): without AngularSpread and
 *   ElevationSpread the identity.
 * - w_l are independent processes of N independent entries, CellFreeClarkeProcess or
 *   CellFreeSteppedProcess by the attribute Doppler. Their time is counted in coherence times, so
 *   phases are continuous when the speed changes.
 * - Taps are those of TR 38.901's tapped delay lines, DelayProfile without and LosDelayProfile with
 *   line of sight; f_b is the centre of the sub-band from the carrier. The first tap and the line
 *   of sight have delay 0: every link is aligned in time. One sub-band has one tap.
 *
 * With K = 0, no spread, one sub-band and Doppler = Block it is CellFreeRayleighFading to the bit.
 */
class CellFreeSpatialFading : public CellFreeFadingModel
{
  public:
    /// How coefficients change over time.
    enum Doppler
    {
        CLARKE,       //!< autocorrelation J0(2 pi f_D tau)
        GAUSS_MARKOV, //!< first order: exponential, with the value of J0 after a coherence time
        BLOCK,        //!< constant over coherence times, independent between them
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    const Eigen::VectorXcd& GetCoefficients(uint32_t link, uint32_t band = 0) override;
    void GetStatistics(uint32_t link,
                       uint32_t band,
                       Eigen::VectorXcd& mean,
                       Eigen::MatrixXcd& covariance) override;
    double GetAutocorrelation(uint32_t link, Time lag) const override;
    std::complex<double> GetBandCorrelation(uint32_t link,
                                            uint32_t band,
                                            uint32_t other) const override;
    double GetSquaredNorm(uint32_t link) override;
    void UpdateLink(uint32_t link, CellFreeLargeScaleModel& largeScale) override;

    /**
     * @brief K factor of a link at the last large-scale update.
     * @param link index that AddLink() returned, not removed
     * @return K, linear; 0 without line of sight
     */
    double GetKFactor(uint32_t link) const;

  protected:
    void DoDispose() override;

  private:
    /// What is computed of a link once someone asks for it.
    struct State
    {
        std::unique_ptr<CellFreeScatteringProcess> process; //!< w_l
        bool isCorrelated{false};            //!< whether R is that of the last update
        Eigen::MatrixXcd correlation;        //!< R; empty for the identity
        Eigen::MatrixXcd root;               //!< R^{1/2}; empty for the identity
        Time time{-1};                       //!< when the coefficients were computed; or -1
        std::vector<Eigen::VectorXcd> bands; //!< B times N: g_b
        double squaredNorm{0.0};             //!< mean of their squared norms
    };

    /// One link.
    struct Link
    {
        Ptr<UniformRandomVariable> uniform; //!< the link's own stream; null if it was removed
        CellFreeBlockClock clock;           //!< counts coherence times, or steps
        bool isLos{false};                  //!< whether it was in line of sight
        double kFactor{0.0};                //!< K
        Vector direction;                   //!< from the AP to the UE (m)
        std::unique_ptr<State> state;       //!< null if nobody asked
    };

    void DoAddLink(uint32_t link) override;
    void DoRemoveLink(uint32_t link) override;
    void DoSetCoherenceTime(uint32_t link, const Time& coherenceTime) override;
    void DoRestart(uint32_t link) override;
    void DoUpdate() override;

    /**
     * @brief Finds out the correlation of a link's antennas.
     * @param link index of the link
     * @return its state, at any time
     */
    State& Prepare(uint32_t link);

    /**
     * @brief Takes a link's coefficients to the present simulation time.
     * @param link index of the link
     * @return its state
     */
    const State& Advance(uint32_t link);

    /**
     * @brief A link's scattering process, before its first value.
     * @param link index of the link
     * @return the process
     */
    std::unique_ptr<CellFreeScatteringProcess> MakeProcess(uint32_t link) const;

    /**
     * @brief Correlation of a link's antennas, of what fades.
     * @param link index of the link
     * @return R; empty for the identity
     */
    Eigen::MatrixXcd GetCorrelation(uint32_t link) const;

    /**
     * @brief Line-of-sight component of a link now.
     * @param link index of the link, with K > 0
     * @param[out] mean N
     */
    void GetLineOfSight(uint32_t link, Eigen::VectorXcd& mean) const;

    bool m_drawKFactor;        //!< whether K is the large-scale model's
    double m_kFactor;          //!< K where it is not
    double m_azimuthSpread;    //!< standard deviation of the azimuth (degrees)
    double m_elevationSpread;  //!< standard deviation of the elevation (degrees)
    Doppler m_doppler;         //!< how coefficients change over time
    uint32_t m_nSinusoids;     //!< S
    double m_delaySpread;      //!< RMS delay spread (s)
    IsacTdl m_delayProfile;    //!< taps without line of sight
    IsacTdl m_losDelayProfile; //!< taps in line of sight

    Doppler m_madeDoppler{CLARKE}; //!< what the processes were made with
    uint32_t m_madeSinusoids{0};   //!< what they were made with
    Eigen::Index m_nTaps{1};       //!< L of the processes: the most that a link needs
    /// [isLos]: L x B, sqrt(p_l) exp(j 2 pi f_b tau_l)
    std::array<Eigen::MatrixXcd, 2> m_taps{Eigen::MatrixXcd::Ones(1, 1),
                                           Eigen::MatrixXcd::Ones(1, 1)};
    std::vector<Link> m_links;       //!< by their indices
    Eigen::MatrixXcd m_scattered;    //!< N x L: w_l of the link that is computed
    Eigen::MatrixXcd m_correlated;   //!< N x L: R^{1/2} w_l
    Eigen::MatrixXcd m_coefficients; //!< N x B: what fades of g_b
    Eigen::VectorXcd m_mean;         //!< N: its line of sight
};

} // namespace ns3

#endif // CELL_FREE_SPATIAL_FADING_H
