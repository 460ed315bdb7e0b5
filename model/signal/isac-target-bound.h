// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_TARGET_BOUND_H
#define ISAC_TARGET_BOUND_H

#include <Eigen/Core>
#include <vector>

namespace ns3
{

/// Position (m), then velocity (m/s).
using IsacTargetState = Eigen::Matrix<double, 6, 1>;
/// A covariance of states (m^2, m^2/s, m^2/s^2), or its inverse.
using IsacStateMatrix = Eigen::Matrix<double, 6, 6>;

/**
 * @ingroup cellfree-isac
 * @brief What echoes of one dwell are measured with: M transmitters that receivers tell apart (by
 * waveform), R receivers, and a waveform.
 *
 * The waveform's widths are those of its energy |s|^2, normalised to 1, over time t and frequency
 * nu: second *central* moments, because the phase of an echo is unknown.
 */
struct IsacSensingGeometry
{
    Eigen::Matrix3Xd transmitters; //!< 3 x M: positions (m)
    Eigen::Matrix3Xd receivers;    //!< 3 x R: positions (m)
    /// R, or empty if receivers do not resolve angles: GetElementSpread() of their arrays.
    std::vector<Eigen::Matrix3d> arrivals;
    /// M, or empty if one beam illuminates the target: GetDepartureSpread() of the transmitters.
    std::vector<Eigen::Matrix3d> departures;
    double wavelength{0.0};   //!< lambda (m), > 0
    double rmsBandwidth{0.0}; //!< beta: standard deviation of nu (Hz), >= 0
    double rmsDuration{0.0};  //!< T_rms: standard deviation of t over the coherent time (s), >= 0
    /// kappa: covariance of t and nu, in [-beta T_rms, beta T_rms]: 0 for symbols whose spectra are
    /// alike, mu T_rms^2 for a chirp that sweeps mu Hz a second.
    double coupling{0.0};
    /// Standard deviation of the receivers' clocks (s), >= 0: one error for all echoes of one.
    double clockError{0.0};
};

/**
 * @ingroup cellfree-isac
 * @brief The hops between APs and one target, from which cellfree::GetTargetInformation() follows
 * for any SNRs: for a target that is asked about more than once. Allocates only if M or R grows.
 */
class IsacTargetHops
{
  public:
    /**
     * @brief Set APs and target.
     * @param geometry where the APs are
     * @param state the target
     */
    void Set(const IsacSensingGeometry& geometry, const IsacTargetState& state);

    /**
     * @brief See cellfree::GetTargetInformation(). Takes O(M R) sums and O(M + R) products of
     * states.
     * @param geometry with what, and the places of Set()
     * @param snr R x M: SNR of every pair after combining, linear, >= 0
     * @return information, positive semidefinite
     */
    IsacStateMatrix GetInformation(const IsacSensingGeometry& geometry,
                                   const Eigen::Ref<const Eigen::MatrixXd>& snr);

  private:
    /**
     * @brief Sets the hops of one end.
     * @param places 3 x N: positions of the APs (m)
     * @param state the target
     * @param[out] hops 6 x N: u, then P v / R (1/s)
     * @param[out] inverse N: 1 / R (1/m)
     */
    static void Set(const Eigen::Matrix3Xd& places,
                    const IsacTargetState& state,
                    Eigen::Matrix<double, 6, Eigen::Dynamic>& hops,
                    Eigen::VectorXd& inverse);
    /**
     * @brief What an array tells of a position.
     * @param u direction from the AP
     * @param inverse 1 / R (1/m)
     * @param spread D of the array (squared wavelengths)
     * @return P D P / R^2 (1/m^2)
     */
    static Eigen::Matrix3d GetTurned(const Eigen::Vector3d& u,
                                     double inverse,
                                     const Eigen::Matrix3d& spread);

    /// 6 x M: of the transmitters, gradient of c tau and -lambda f by velocity, then of -lambda f
    /// by position (1/s)
    Eigen::Matrix<double, 6, Eigen::Dynamic> m_out;
    Eigen::Matrix<double, 6, Eigen::Dynamic> m_back;  //!< 6 x R: the same of the receivers
    Eigen::VectorXd m_outInverse;                     //!< M: 1 / R (1/m)
    Eigen::VectorXd m_backInverse;                    //!< R: the same of the receivers
    Eigen::VectorXd m_sent;                           //!< M: sum of SNRs
    Eigen::Matrix<double, Eigen::Dynamic, 6> m_shift; //!< R x 6: g_r
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Standard deviation of what is spread evenly over a width: the rms bandwidth of a flat
 * spectrum, the rms duration of a steady signal.
 * @param width the width, >= 0, any unit
 * @return width / sqrt(12)
 */
double GetRmsOfEven(double width);

/**
 * @ingroup cellfree-isac
 * @brief How far the elements of an array lie apart: the covariance of their positions.
 * @param elements 3 x N: positions (wavelengths)
 * @return 3 x 3 (squared wavelengths); 0 for one element
 */
Eigen::Matrix3d GetElementSpread(const Eigen::Ref<const Eigen::Matrix3Xd>& elements);

/**
 * @ingroup cellfree-isac
 * @brief What the beams of a transmitter tell of the direction that they illuminate, where their S
 * streams are told apart: with the illumination x = F^H a and its derivative X (S x 3) by the
 * direction, Re(X^H X / |x|^2 - X^H x x^H X / |x|^4) / (2 pi)^2.
 *
 * It is GetElementSpread() if every element has a stream of its own with equal power, and 0 for one
 * stream, whose amplitude and phase are unknown.
 *
 * @param elements 3 x N: positions (wavelengths)
 * @param steering N: a, unit moduli
 * @param beams N x S: f_s
 * @return 3 x 3 (squared wavelengths); 0 if nothing illuminates
 */
Eigen::Matrix3d GetDepartureSpread(const Eigen::Ref<const Eigen::Matrix3Xd>& elements,
                                   const Eigen::Ref<const Eigen::VectorXcd>& steering,
                                   const Eigen::Ref<const Eigen::MatrixXcd>& beams);

/**
 * @ingroup cellfree-isac
 * @brief Fisher information that the echoes of one target have of its position and velocity.
 *
 * The echo of transmitter m at receiver r has an unknown complex amplitude, delay tau = (R_m +
 * R_r) / c, Doppler shift f = -v . (u_m + u_r) / lambda and directions u_m, u_r, unit vectors from
 * the APs to the target. With white noise and SNR s after all combining, what an unknown amplitude
 * leaves of its information is (S. Kay, "Fundamentals of Statistical Signal Processing: Estimation
 * Theory", 1993, sections 3.9 and 15.7)
 *
 *   8 pi^2 s [beta^2, -kappa; -kappa, T_rms^2] of (tau, f),  8 pi^2 s D of each direction
 *
 * with the spreads D of the arrays. Delay and Doppler are coupled twice: by kappa, and because
 * turning directions make the Doppler shift depend on position,
 * d f / d p = -(1 / lambda) (P_m v / R_m + P_r v / R_r), P = I - u u'. Pairs are added, for their
 * noise is independent. A receiver's clock error is one more unknown of a known variance, and taken
 * out by the Schur complement.
 *
 * In the order of matrices the information grows with every pair, SNR, beta and T_rms (kappa being
 * kept), and falls with clockError. Distances below 1 m count as 1 m where directions turn.
 *
 * @param geometry where and with what
 * @param state the target
 * @param snr R x M: SNR of every pair after combining, linear, >= 0
 * @return information, positive semidefinite
 */
IsacStateMatrix GetTargetInformation(const IsacSensingGeometry& geometry,
                                     const IsacTargetState& state,
                                     const Eigen::Ref<const Eigen::MatrixXd>& snr);

/**
 * @ingroup cellfree-isac
 * @brief Covariance of the best estimate from echoes and from what was known before,
 * (J + C^-1)^-1: the Cramer-Rao bound, and the van Trees bound of a Gaussian prior.
 *
 * Computed as S (I + S J S)^-1 S, S = C^(1/2), so that C may be singular: a direction of no
 * variance is known, as the height of a target on a plane. Directions that J does not observe keep
 * the variance of C. Accurate where the bounds are no more than 1e7 times smaller than the
 * standard deviations of C.
 *
 * @param information J, positive semidefinite
 * @param prior C, positive semidefinite
 * @return the covariance, positive semidefinite, <= C
 */
IsacStateMatrix GetTargetCovariance(const IsacStateMatrix& information,
                                    const IsacStateMatrix& prior);

/**
 * @ingroup cellfree-isac
 * @brief Prior covariance of a target that may be anywhere in a box.
 * @param extent full widths of the box (m), >= 0
 * @param speed standard deviation of every component of the velocity (m/s), >= 0
 * @return diagonal matrix of extent_i^2 / 12 and speed^2
 */
IsacStateMatrix GetBoxPrior(const Eigen::Vector3d& extent, double speed);

/**
 * @ingroup cellfree-isac
 * @brief Root of a covariance: R g with independent g_i of unit variance has this covariance.
 * @param covariance positive semidefinite
 * @return symmetric R, covariance = R R
 */
IsacStateMatrix GetStateRoot(const IsacStateMatrix& covariance);

/**
 * @ingroup cellfree-isac
 * @brief Position error bound.
 * @param covariance of a state
 * @return root of the trace of its position's part (m)
 */
double GetPositionErrorBound(const IsacStateMatrix& covariance);

/**
 * @ingroup cellfree-isac
 * @brief Velocity error bound.
 * @param covariance of a state
 * @return root of the trace of its velocity's part (m/s)
 */
double GetVelocityErrorBound(const IsacStateMatrix& covariance);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_TARGET_BOUND_H
