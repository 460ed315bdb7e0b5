// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_BOOK_SETUP_H
#define CELL_FREE_BOOK_SETUP_H

#include "ns3/isac-channel-estimation.h"
#include "ns3/isac-combining.h"
#include "ns3/ptr.h"
#include "ns3/random-variable-stream.h"

#include <Eigen/Core>
#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief The running example of O. T. Demir, E. Bjornson, L. Sanguinetti, "Foundations of
 * User-Centric Cell-Free Massive MIMO", Foundations and Trends in Signal Processing 14(3-4), 2021,
 * section 5.3, from positions to spectral efficiencies (SE). Equation numbers are the book's.
 *
 * A square with wrap-around has L APs of N antennas in horizontal rows half a wavelength apart, and
 * K UEs. Path loss (5.42), shadowing correlated over UEs (5.43), local scattering (2.18), pilots
 * and clusters by Algorithm 4.1, MMSE estimates (4.5). UEs send with full power. Powers are in
 * watts.
 */
class CellFreeBookSetup
{
  public:
    /// What may be chosen; the defaults are the book's.
    struct Options
    {
        Eigen::Index nAps{100};     //!< L
        Eigen::Index nUes{40};      //!< K
        Eigen::Index nAntennas{4};  //!< N
        uint32_t nPilots{10};       //!< tau_p
        double blockSymbols{200.0}; //!< tau_c
        double side{1000.0};        //!< of the square (m)
        double height{10.0};        //!< of APs over UEs (m)
        double bandwidth{20e6};     //!< (Hz)
        double noiseFigure{7.0};    //!< (dB), over -174 dBm/Hz
        double shadowing{4.0};      //!< standard deviation (dB)
        double decorrelation{9.0};  //!< distance over which its correlation halves (m)
        double spread{M_PI / 12.0}; //!< standard deviation of azimuth and of elevation (rad)
        double uePower{0.1};        //!< uplink power of a UE (W)
        double apPower{0.2};        //!< downlink power of an AP (W)
    };

    /**
     * @brief What local combining or precoding does to every UE's channel, as means over channels.
     * v_mi is AP m's vector for UE i, g_mik = v_mi^H h_mk.
     */
    struct Moments
    {
        /// By AP: K x K, entry (i, k) is E{g_mik}; zero unless i and k share a pilot.
        std::vector<Eigen::MatrixXcd> mean;
        std::vector<Eigen::MatrixXd> power; //!< by AP: K x K, entry (i, k) is E{|g_mik|^2}
        Eigen::MatrixXd norm;               //!< L x K: E{||v_mi||^2}
    };

    /**
     * @brief Prepares for drops.
     * @param options what was chosen
     */
    explicit CellFreeBookSetup(const Options& options);

    /// Goes on with a random stream from its start. @param stream its number, >= 0
    void SetStream(int64_t stream);

    /// Draws places, shadowing, covariances, pilots and clusters, and prepares the estimates.
    void Drop();

    /**
     * @brief Draws the estimates of one coherence block.
     * @return estimates, error covariances, powers and clusters; valid until the next call
     */
    const IsacUplink& DrawEstimates();

    /// @return L x K: mean power gains of the drop, linear
    const Eigen::MatrixXd& GetGain() const;

    /// @return K: pilots of the drop
    const std::vector<int32_t>& GetPilots() const;

    /// @return (L N) x (N K): blocks R_mk of the drop, covariances of the channels
    const Eigen::MatrixXcd& GetCovariance() const;

    /**
     * @brief Moments of maximum ratio, v_mi = h^_mi, in closed form: (5.33) to (5.35).
     * @return the moments
     */
    Moments ComputeMaximumRatio() const;

    /**
     * @brief Moments of LP-MMSE (5.39) over channels drawn. What the channels' errors add to a
     * mean given the estimates is in closed form.
     * @param nBlocks coherence blocks to draw
     * @return the moments
     */
    Moments ComputeLocalMmse(uint32_t nBlocks);

    /**
     * @brief Uplink SE of P-MMSE (5.16) by the bound (5.4), the mean over channels drawn.
     * @param nBlocks coherence blocks to draw
     * @return K: SE (bit/s/Hz)
     */
    Eigen::VectorXd GetPartialMmseSe(uint32_t nBlocks);

    /**
     * @brief Uplink SE with the nearly optimal LSFD weights (5.41) by the bound (5.25).
     * @param moments of the local combining
     * @return K: SE (bit/s/Hz)
     */
    Eigen::VectorXd GetUplinkSe(const Moments& moments) const;

    /**
     * @brief Downlink SE with the power allocation (6.36) by the hardening bound of Corollary 6.3;
     * an AP's beams are the vectors of the moments, scaled to the allocated mean power.
     * @param moments of the local precoding
     * @return K: SE (bit/s/Hz)
     */
    Eigen::VectorXd GetDownlinkSe(const Moments& moments) const;

  private:
    /// Draws the shadowing of all links. @param x K x 2: places of the UEs (m) @return L x K (dB)
    Eigen::MatrixXd DrawShadowing(const Eigen::MatrixXd& x);

    /// @return standard Gaussian numbers. @param rows how many @param cols how many
    Eigen::MatrixXcd DrawGaussian(Eigen::Index rows, Eigen::Index cols);

    /// Prepares the estimates of the drop.
    void PrepareEstimates();

    /**
     * @brief The vector from a place to another by the shortest way around the square.
     * @param from 2: a place (m)
     * @param to 2: another (m)
     * @return 2: the vector (m)
     */
    Eigen::Vector2d GetWay(const Eigen::Vector2d& from, const Eigen::Vector2d& to) const;

    /// @return share of a block's symbols that carry data
    double GetPrelog() const;

    Options m_options;                   //!< what was chosen
    double m_noise{0.0};                 //!< noise variance (W)
    Ptr<UniformRandomVariable> m_random; //!< all draws
    Eigen::Matrix3Xd m_elements;         //!< places of an AP's antennas (wavelengths)
    Eigen::MatrixXd m_gain;              //!< L x K
    Eigen::MatrixXcd m_covariance;       //!< (L N) x (N K): R
    Eigen::MatrixXcd m_filter;           //!< (L N) x (N K): W of h^ = W y
    std::vector<int32_t> m_pilots;       //!< K
    Eigen::MatrixXcd m_root;             //!< (L N) x (N tau_p): roots of the covariances of y
    IsacUplink m_uplink;                 //!< estimates of the block drawn last
    IsacChannelEstimator m_estimator;    //!< work space
    IsacCombining m_combining;           //!< work space
    Eigen::MatrixXcd m_vectors;          //!< combining vectors
};

} // namespace ns3

#endif // CELL_FREE_BOOK_SETUP_H
