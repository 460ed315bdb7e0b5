// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_JSC_SOLVER_H
#define ISAC_JSC_SOLVER_H

#include "isac-sinr-dual.h"

#include "ns3/isac-problem.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Joint sensing and communication (JSC) beams: the largest sum_t SNR_t such that every UE
 * has its SINR and every AP keeps its power.
 *
 * The problem is that of U. Demirhan, A. Alkhateeb, "Cell-Free ISAC MIMO Systems: Joint Sensing
 * and Communication Beamforming", arXiv 2301.11328, there solved as a semidefinite programme. Here
 * its dual is solved (IsacSinrDual), in the span of {h_m1 .. h_mU, a_m1 .. a_mT} of every AP:
 *
 * 1. FREE_SENSING gives the optimum over covariances, and with it an upper bound on any beams
 *    and prices that prove it; a negative dual value proves that the SINR cannot be met.
 * 2. If T streams cannot carry the sensing covariance, tangents improve the beams: the sensing SNR,
 *    a convex function of the beams, is replaced by its tangent at the present ones (a minorant),
 *    and TANGENT gives the next ones, with a sensing SNR at least as large.
 * 3. An SINR that cannot be met gives the max-min point instead: MIN_POWER's beams are scaled to
 *    full power and the SINR that they reach is the next target, until it stands still (the
 *    iteration of W. Dinkelbach, "On Nonlinear Fractional Programming", 1967). UEs without any
 *    channel are left out of it.
 */
class IsacJscSolver
{
  public:
    /// When to stop.
    struct Settings
    {
        double tolerance{1e-5};       //!< relative duality gap and relative gain of a step; > 0
        uint32_t maxTangents{30};     //!< limit of the tangents taken in step 2
        uint32_t maxIterations{2000}; //!< limit of the Newton steps of one decision
    };

    /// What a decision found out, in the units of the normalised problem.
    struct Result
    {
        bool feasible{true};     //!< whether all UEs can have the SINR asked for
        double upperBound{0.0};  //!< if feasible: no beams have a larger sum_t SNR_t
        uint32_t iterations{0};  //!< Newton steps, over all stages
        Eigen::VectorXd apPrice; //!< M: mu, the prices that prove the bound or the infeasibility
        Eigen::VectorXd uePrice; //!< U: lambda, likewise
    };

    /**
     * @brief Computes the beams.
     *
     * Without targets (or with all omega zero) nothing is left to maximise: the beams then meet the
     * SINR with the least largest AP power, and are scaled to full power. Without UEs, or with
     * minSinr = 0, all power goes to the sensing stream.
     *
     * @param problem the normalised problem
     * @param minSinr least SINR g of every UE (linear), >= 0
     * @param settings when to stop
     * @param[in,out] beams sized for the problem and zero on entry
     * @return what was found out; valid until the next call
     */
    const Result& Solve(const IsacProblem& problem,
                        double minSinr,
                        const Settings& settings,
                        IsacBeams& beams);

  private:
    /// Finds a basis per AP, the reduced channels of the UEs that have one, and the sensing form.
    void Reduce(const IsacProblem& problem);

    /// All power to the strongest direction of every AP's sensing form.
    void SenseOnly();

    /// Steps 1 and 2; returns false if the SINR cannot be met.
    bool MaximiseSensing(double minSinr);

    /// Says whether a UE could not have the SINR even alone.
    bool ExceedsSingleUe(double minSinr);

    /**
     * @brief Step 3.
     * @param minSinr g
     * @param known whether it is known that g cannot be met
     * @return whether the beams meet g
     */
    bool MaximiseMinSinr(double minSinr, bool known);

    /// Gives the sensing beams the power and directions that the covariance has at every AP, in
    /// phases that trouble the UEs least.
    void SetSensingBeams();

    /// @return whether an AP may send a stream: active UEs first, then targets
    bool Sends(Eigen::Index ap, Eigen::Index stream) const
    {
        return m_mask.size() == 0 || m_mask(ap, stream);
    }

    /**
     * @brief Finds powers along the directions of m_f that give every UE the SINR g exactly.
     * @param minSinr g
     * @return false if there are none
     */
    bool SolveUePower(double minSinr);

    /// Gives every UE the SINR g along the directions of m_f, without sensing, where possible.
    void EqualiseSinr(double minSinr);

    /**
     * @brief Meets SINRs and powers exactly, along the directions of m_f.
     *
     * UE powers that give every UE the SINR g are affine in the power of the sensing streams, and
     * so are the AP powers: the largest sensing power that they allow is a closed form.
     *
     * @param minSinr g
     * @return false if no power along these directions gives every UE the SINR
     */
    bool AllocatePower(double minSinr);

    /// @return sum_s f_s^H A f_s, scaled
    double GetSensing();

    /// @return the smallest SINR of the UEs that have a channel
    double GetMinSinr();

    /// @return the largest AP power of m_f
    double GetMaxPower() const;

    /// Keeps the prices as those of the normalised problem, which has no scaling.
    void KeepPrices(double scale);

    Settings m_settings;                   //!< when to stop
    Result m_result;                       //!< what was found out
    IsacSinrDual m_dual;                   //!< the dual of all steps
    Eigen::Index m_nTargets{0};            //!< T
    std::vector<Eigen::MatrixXcd> m_basis; //!< orthonormal basis per AP, N x rank
    std::vector<Eigen::Index> m_firstRow;  //!< first reduced row per AP, then their number
    std::vector<Eigen::Index> m_active;    //!< UEs with a channel from an AP that serves them
    Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic> m_mask; //!< M x streams; empty without masks
    Eigen::MatrixXcd m_h;        //!< reduced channels of the active UEs, unit norm
    Eigen::VectorXd m_noise;     //!< their noises at unit channel norm
    Eigen::VectorXd m_form;      //!< reduced sensing forms, diagonal by choice of basis, scaled
    double m_formScale{0.0};     //!< largest sum_t SNR_t without UEs and masks
    Eigen::MatrixXcd m_f;        //!< reduced beams: active UEs, then T sensing streams
    Eigen::MatrixXcd m_tangent;  //!< A f_s
    Eigen::MatrixXcd m_received; //!< H^H F
    Eigen::MatrixXd m_coupling;  //!< SINR equations of the UE powers
    Eigen::MatrixXd m_uePower;   //!< U x 2: UE powers without, and per, sensing power
};

} // namespace ns3

#endif // ISAC_JSC_SOLVER_H
