// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_SINR_DUAL_H
#define ISAC_SINR_DUAL_H

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <cstdint>
#include <limits>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Lagrangian dual of beamforming under SINR and per-AP power constraints, solved by a
 * barrier method in M + U variables: a price mu_m of every AP's power and lambda_u of every UE's
 * SINR.
 *
 * With unit power limits and a least SINR g, every stream s has the dual matrix (s = 0: sensing)
 *
 *   Z_0 = blkdiag(mu_m I) + sum_v lambda_v h_v h_v^H - A,
 *   Z_u = Z_0 - (1 + 1/g) lambda_u h_u h_u^H,
 *
 * restricted to the APs that send it. Three goals differ in objective and domain, mu, lambda >= 0
 * and Z_s >= 0 (positive semidefinite) always:
 *
 * - FREE_SENSING: the primal maximises sum_s tr(A F_s) over covariances F_s; the dual minimises
 *   sum mu_m - sum sigma_u^2 lambda_u.
 * - TANGENT: the primal maximises sum_s 2 Re(c_s^H f_s) over beams, with A = 0 above; the dual
 *   minimises sum mu_m - sum sigma_u^2 lambda_u + sum_s c_s^H Z_s^-1 c_s.
 * - MIN_POWER: the primal has no sensing stream, A = 0, and minimises the largest AP power; the
 *   dual maximises sum sigma_u^2 lambda_u over sum mu_m = 1 (per-AP form of the uplink-downlink
 *   duality of W. Yu, T. Lan, "Transmitter Optimization for the Multi-Antenna Downlink With
 *   Per-Antenna Power Constraints", 2007).
 *
 * Minus the sum of log det Z_s and of log mu_m, log lambda_u is the barrier; on its central path at
 * weight tau the primal covariances are F_s = Z_s^-1 / tau (plus f_s f_s^H with f_s = Z_s^-1 c_s
 * under TANGENT), strictly feasible, with a known gap (S. Boyd, L. Vandenberghe, "Convex
 * Optimization", 2004, chapter 11).
 *
 * **Cost.** No matrix of the size of the stacked beams is ever formed. In the eigenvectors of every
 * AP's block of A, Z_0 = D + H Lambda H^H with a diagonal D: mu_m in the rows that A leaves alone
 * ("plain", c) and mu_m - alpha_i, of any sign, in the few rows that it lifts (v). Eliminating the
 * plain rows by Woodbury's identity leaves, with K = H_c^H D_c^-1 H_c and
 * R = (I + Lambda K)^-1, S = R Lambda,
 *
 *   Sigma = D_v + H_v S H_v^H,     Z_0 > 0  <=>  Sigma > 0,
 *   (Z_0^-1 H)_v = Sigma^-1 H_v R,   (Z_0^-1 H)_c = D_c^-1 H_c C,   C = R - S H_v^H (Z_0^-1 H)_v,
 *   Z_0^-1 = [ Sigma^-1, -E^H H_c^H D_c^-1; ., D_c^-1 - D_c^-1 H_c Q H_c^H D_c^-1 ],
 *   E = S H_v^H Sigma^-1,   Q = S - E H_v S,
 *
 * and Z_u differs from Z_0 by one rank (Sherman-Morrison). Everything that a Newton step needs
 * follows from U x U Gram matrices per AP: M^2 U^2 products instead of (M N)^3.
 */
class IsacSinrDual
{
  public:
    /// What the primal problem wants.
    enum Goal
    {
        FREE_SENSING, //!< the largest sensing power, over covariances
        TANGENT,      //!< the largest linear function of the beams
        MIN_POWER,    //!< the least largest AP power
    };

    /// How Minimise() ended.
    enum Status
    {
        CONVERGED, //!< the duality gap is below the tolerance
        UNBOUNDED, //!< a negative FREE_SENSING or a MIN_POWER above the limit: no beams reach the
                   //!< SINRs, and the prices prove it
        STALLED,   //!< the iteration limit or the end of double precision came first: the prices
                   //!< are those of the last centring
    };

    /**
     * @brief Sets the channels, which all goals share.
     * @param firstRow first row of every AP in the stacked vectors, then their length n; M + 1 long
     * @param h n x U channels, of norm about 1, in coordinates in which A is diagonal
     * @param noise U: noise variances, > 0
     * @param form n: the diagonal of A, of largest entry about 1; ascending at every AP, so that
     * the rows that are zero come first
     * @param mask M x (U + T): false where an AP may not send a stream; empty if all send all
     * @param nTargets number of sensing streams T
     */
    void SetChannels(const std::vector<Eigen::Index>& firstRow,
                     const Eigen::MatrixXcd& h,
                     const Eigen::VectorXd& noise,
                     const Eigen::VectorXd& form,
                     const Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic>& mask,
                     Eigen::Index nTargets);

    /**
     * @brief Starts at strictly feasible prices for a goal.
     * @param goal the goal
     * @param minSinr g, > 0
     */
    void Start(Goal goal, double minSinr);

    /**
     * @brief Turns to the goal TANGENT, at the present prices or, if that was the goal before, at
     * those of its first centring: prices at the edge of the domain are far from any central path.
     * @param tangent n x (U + T): c_s
     */
    void SetTangent(const Eigen::MatrixXcd& tangent);

    /**
     * @brief Raises the SINR target, from the prices of the first centring, which stay feasible.
     * @param minSinr g, at least as large as before
     */
    void RaiseMinSinr(double minSinr);

    /**
     * @brief Follows the central path.
     * @param firstGap gap to begin with, as a share of the dual value
     * @param tolerance gap to end with, as a share of the dual value
     * @param maxIterations limit of Newton steps
     * @param maxPower MIN_POWER stops as UNBOUNDED as soon as more is certainly needed
     * @return how it ended; the prices are feasible in any case
     */
    Status Minimise(double firstGap,
                    double tolerance,
                    uint32_t maxIterations,
                    double maxPower = std::numeric_limits<double>::infinity());

    /**
     * @brief Gets beams whose SINRs are at least g and whose powers are at most 1 (the largest
     * power of MIN_POWER is the dual value), up to the accuracy of the centring.
     *
     * f_u = F_u h_u / sqrt(h_u^H F_u h_u) keeps the UE's signal power; under FREE_SENSING the
     * covariance that remains is left to the sensing streams, whose beams are zero here.
     *
     * @param[out] f n x (U + T)
     */
    void GetBeams(Eigen::MatrixXcd& f);

    /// @return the covariance left for the sensing streams by GetBeams() under FREE_SENSING, in the
    /// rows where the form is not zero: outside of them it is zero at the optimum
    const Eigen::MatrixXcd& GetSensingCovariance() const
    {
        return m_covariance;
    }

    /// @return the dual objective at the present prices; MIN_POWER: sum sigma_u^2 lambda_u
    double GetValue() const;

    /// @return M: mu, the prices of power
    auto GetApPrice() const
    {
        return m_x.head(m_nAps);
    }

    /// @return U: lambda, the prices of SINR
    auto GetUePrice() const
    {
        return m_x.tail(m_h.cols());
    }

    /// @return Newton steps since SetChannels()
    uint32_t GetIterations() const
    {
        return m_iterations;
    }

  private:
    /// The streams that one set of APs sends, which share Z without the rank-one term and W = Z^-1.
    struct Group
    {
        std::vector<Eigen::Index> aps;         //!< the APs
        std::vector<Eigen::Index> ues;         //!< the UEs whose streams these are
        std::vector<Eigen::Index> targets;     //!< the targets whose streams these are
        std::vector<Eigen::Index> liftedRows;  //!< the lifted rows of all its APs, in order
        std::vector<Eigen::Index> firstLifted; //!< first of every AP in liftedRows, then their sum
        Eigen::MatrixXcd lifted;               //!< H_v
        Eigen::MatrixXcd coupling;             //!< K
        Eigen::MatrixXcd s;                    //!< S
        Eigen::MatrixXcd r;                    //!< R
        Eigen::MatrixXcd sigma;                //!< Sigma
        Eigen::LLT<Eigen::MatrixXcd> inner;    //!< of I + Lambda^1/2 K Lambda^1/2
        Eigen::LLT<Eigen::MatrixXcd> outer;    //!< of Sigma
        Eigen::MatrixXcd liftedInverseH;       //!< (W H)_v
        Eigen::MatrixXcd c;                    //!< C
        Eigen::MatrixXcd gram;                 //!< H^H W H
        Eigen::VectorXd gap;                   //!< det Z_u / det Z of the UEs in the group
        Eigen::MatrixXcd weighted;             //!< U x (U + T): H^H D^-1 c_s; TANGENT alone
    };

    /// Marks the sensing streams where a UE's index is expected.
    static constexpr Eigen::Index SENSING = -1;

    /// @return the number of different Z_s of a group: one per UE, one for its sensing streams
    Eigen::Index CountForms(const Group& group) const;

    /// @return whether a stream (UEs first, then targets) is one of the group's
    bool HasStream(const Group& group, Eigen::Index stream) const;

    /// @return the parameter of the barrier: nu / tau bounds the gap
    double GetBarrierParameter() const;

    /// @return whether the present prices prove that the SINRs cannot be met
    bool IsUnbounded() const;

    /// @return the number of rows of an AP that the form lifts under the present goal
    Eigen::Index GetNLifted(Eigen::Index ap) const
    {
        return m_goal == FREE_SENSING ? m_nLifted[ap] : 0;
    }

    /// Sorts the rows of every AP into plain and lifted ones under the present goal.
    void SortRows();

    /// @return x in Z_u^-1 = W + x W h_u h_u^H W, at prices that were evaluated last
    double GetGain(const Group& group, Eigen::Index ue, const Eigen::VectorXd& x) const;

    /// @return c_s^H Z_s^-1 c_s at prices that were evaluated last
    double GetTangentValue(const Group& group, Eigen::Index stream, const Eigen::VectorXd& x) const;

    /// @return sum mu - sum sigma^2 lambda, or -sum sigma^2 lambda under MIN_POWER
    double GetLinear(const Eigen::VectorXd& x) const;

    /**
     * @brief Evaluates the barrier function and factors every group's forms.
     * @param x the prices
     * @param tau weight of the objective
     * @return the value; infinity outside the domain
     */
    double Evaluate(const Eigen::VectorXd& x, double tau);

    /// Takes Newton steps at one weight; returns false at the end of precision.
    bool Center(double tau, uint32_t maxIterations);

    /// Gradient and Hessian of the barrier function at the prices last evaluated.
    void Differentiate(double tau);

    /// Adds log det Z_s of a group's streams to gradient and Hessian.
    void AddLogDet(const Group& group);

    /// Adds c_s^H Z_s^-1 c_s to gradient and Hessian.
    void AddTangent(const Group& group, Eigen::Index stream, double tau);

    /// Forms the beam Z_s^-1 c_s of one stream in m_beam.
    void FormBeam(const Group& group, Eigen::Index stream);

    /// @return 1, or -1/g if the UE's own stream is at hand: the sign of lambda_v h_v h_v^H in Z_s
    double GetSign(Eigen::Index v, Eigen::Index ue) const
    {
        return v == ue ? -1.0 / m_minSinr : 1.0;
    }

    Goal m_goal{FREE_SENSING};                 //!< the goal
    double m_minSinr{0.0};                     //!< g
    Eigen::Index m_nAps{0};                    //!< M
    Eigen::Index m_nTargets{0};                //!< T
    Eigen::Index m_nRows{0};                   //!< n
    uint32_t m_iterations{0};                  //!< Newton steps
    std::vector<Eigen::Index> m_firstRow;      //!< first row of every AP, then n
    std::vector<Eigen::Index> m_nLifted;       //!< rows of every AP where the form is not zero
    Eigen::MatrixXcd m_h;                      //!< channels
    Eigen::VectorXd m_noise;                   //!< noise variances
    Eigen::VectorXd m_form;                    //!< diagonal of A
    Eigen::MatrixXcd m_tangent;                //!< n x (U + T): c_s; TANGENT alone
    std::vector<Eigen::MatrixXcd> m_apGram;    //!< M of U x U: H_cm^H H_cm
    std::vector<Eigen::MatrixXcd> m_apTangent; //!< M of U x (U + T): H_m^H c_ms; TANGENT alone
    Eigen::MatrixXd m_tangentPower;            //!< M x (U + T): ||c_ms||^2; TANGENT alone
    std::vector<Group> m_groups;               //!< streams by the set of APs that send them
    double m_maxPower{0.0};                    //!< limit of MIN_POWER
    double m_tau{1.0};                         //!< weight of the objective at the present prices
    Eigen::VectorXd m_x;                       //!< mu, then lambda
    Eigen::VectorXd m_centred;                 //!< prices of the last centring
    Eigen::VectorXd m_warm;  //!< prices of the first centring, which a similar problem starts from
    Eigen::VectorXd m_trial; //!< prices of the line search
    Eigen::VectorXd m_gradient;           //!< of the barrier function
    Eigen::MatrixXd m_hessian;            //!< of the barrier function
    Eigen::LLT<Eigen::MatrixXd> m_newton; //!< of the scaled Hessian
    Eigen::VectorXcd m_beam;              //!< n: Z_s^-1 c_s
    Eigen::MatrixXcd m_covariance;        //!< what is left for the sensing streams
};

} // namespace ns3

#endif // ISAC_SINR_DUAL_H
