// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_WMMSE_SOLVER_H
#define ISAC_WMMSE_SOLVER_H

#include "isac-rzf-solver.h"
#include "isac-subspace.h"

#include "ns3/isac-expected-log.h"
#include "ns3/isac-problem.h"

#include <Eigen/Cholesky>

namespace ns3
{

/// What the ascent of IsacWmmseSolver starts from.
enum WmmseStart
{
    WMMSE_CONJUGATE, //!< conjugate beams, power by ||h_mu||^2
    WMMSE_RZF,       //!< regularised zero forcing, every AP at full power
    WMMSE_BEST       //!< every start there is, one ascent each; the best result is kept
};

/// What IsacWmmseSolver makes of IsacProblem::errorVariance.
enum WmmseErrors
{
    WMMSE_IGNORE,   //!< the estimate is taken for the channel
    WMMSE_PROMISED, //!< rates that can be promised to UEs that know the mean of their gain alone
    WMMSE_EXPECTED  //!< mean rates over the channels that the estimate leaves possible
};

/**
 * @ingroup cellfree-isac
 * @brief Maximises the objective (8) under every AP's own power limit, for any weights >= 0.
 *
 * The weighted-MMSE problem of cell-free transmission, with the sensing term: maximise
 * sum_u w_u ln(1 + SINR_u) + sum_t beta_t ln(1 + SNR_t) subject to ||F_m||^2 <= 1 for every AP.
 * It is solved by minorisation: a concave quadratic that touches the objective at the present
 * beams and lies below it everywhere is maximised exactly, so the objective never decreases.
 *
 * **Minorant.** Let g_us = h_u^H f_s, I_u = sum_{s != u} |g_us|^2 + 1, T_u = I_u + |g_uu|^2 and
 * primes denote the present beams. Then ln(1 + SINR_u) = ln T_u - ln I_u, where
 *
 *     -ln I_u >= -ln I'_u - (I_u - I'_u) / I'_u                      (tangent of a convex function)
 *      ln T_u >=  ln T'_u + 2 Re<g', g - g'> / T'_u - k(T'_u - 1) ||g - g'||^2
 *
 * with k(q) = min(1/8, (ln(1+q) - 1) / q), and 1/8 where q is small: the largest chord curvature
 * of r -> ln(1 + r^2) below its tangent at r^2 = q (GetMinorantCurvature()). The classical WMMSE
 * minorant has the curvature SINR_u / T_u in the own stream, about SINR_u / ln(SINR_u) times as
 * much, which is why it crawls where SINRs are high. The sensing term gets the same bound, applied
 * to the one direction of F along which SNR_t = ||x_t||^2 grows, x_t being the stacked
 * sqrt(omega_mt) a_mt^H f_ms; in all others ln(1 + ||x||^2) lies above its tangent anyway.
 * Each UE's bound is multiplied by w_u and each target's by beta_t. A stream of weight 0 stays
 * zero: it could only interfere.
 *
 * **Maximisation.** With one multiplier mu_m per AP the maximiser is f_s = A_s^-1 c_s, where
 * A_s = blkdiag(mu_m I) + H K_s H^H plus one rank-one term per target, which U x U systems solve
 * (Woodbury). The M multipliers maximise the concave dual; Newton steps in ln mu_m find them, all
 * APs together, so no order of APs enters. A proximal term, 1e-6 of the mean multiplier, keeps the
 * systems regular where a limit is not active.
 *
 * **Start.** The first minorant from a start is formed as if its interference were gone. Its
 * maximiser puts the nulls where this channel wants them, which is most of the way from conjugate
 * beams and all of it from beams of a channel that has moved a little. Streams start with unequal
 * amplitudes (up to 10 %), since equal ones are a saddle where UEs share a channel.
 *
 * **Errors.** Where the problem's channels are estimates, h_u ~ CN(h^_u, E_u) with E_u =
 * blkdiag_m(e_mu I), what a UE receives is Gaussian: F^H h_u ~ CN(F^H h^_u, F^H E_u F). Then R_u is
 * either its mean, E ln(1 + T_u) - E ln(1 + I_u), both by IsacExpectedLog and so without samples,
 * or what can be promised to a UE that does not know its own gain beyond its mean (the
 * worst case of uncorrelated noise, M. Medard, IEEE Trans. Inf. Theory 46(3), 2000),
 * ln(1 + |g_uu|^2 / (sum_{s != u} |g_us|^2 + sum_m e_mu ||F_m||^2 + 1)), g = H^H F of the estimate.
 * The quadratic keeps its form: its gradient is that of R_u, and its curvature is w_u (E 1/I_u + k)
 * in the interference and w_u k in the own stream, times h^_u h^_u^H + E_u. The second part adds
 * sum_u e_mu w_u (E 1/I_u + k) to every mu_m. That is the curvature of the minorant but for the
 * correlation of 1/I_u with the channel, so that an iteration may have to be cut short to ascend.
 *
 * Everything happens in the span of IsacSubspace. Memory is sized in Begin(); Iterate() does not
 * allocate (but for Eigen's packing buffers where one product exceeds 128 KiB, and for the nodes of
 * IsacExpectedLog).
 */
class IsacWmmseSolver
{
  public:
    /// What is solved and for how long.
    struct Options
    {
        bool withSensing{true};            //!< false takes every beta_t as 0
        WmmseErrors errors{WMMSE_IGNORE};  //!< what errorVariance counts for
        WmmseStart start{WMMSE_CONJUGATE}; //!< cold start
        bool warmStart{true};              //!< start from previous beams that beat the cold start
        double tolerance{1e-6};            //!< stop at three relative gains below this, > 0
        uint32_t maxIterations{500};       //!< iterations of one ascent, >= 1
    };

    /**
     * @brief Solves a problem.
     * @param problem a valid normalised problem
     * @param options what to solve
     * @param[out] beams the beams, sized here; streams of weight 0 are zero
     * @param previous normalised beams of the problem's size to start from, or null
     * @return the number of iterations, over all starts
     */
    uint32_t Solve(const IsacProblem& problem,
                   const Options& options,
                   IsacBeams& beams,
                   const IsacBeams* previous = nullptr);

    /**
     * @brief First step of solving by hand: takes a problem over.
     * @param problem a valid normalised problem
     * @param withSensing false takes every beta_t as 0
     * @param errors what the problem's errorVariance counts for, where it has one
     */
    void Begin(const IsacProblem& problem,
               bool withSensing = true,
               WmmseErrors errors = WMMSE_IGNORE);

    /**
     * @brief Second step: sets the beams to start from.
     *
     * A stream that is zero would stay zero, so unless its weight is 0 it gets a tenth of the
     * conjugate beams' amplitude. An AP beyond its power limit is scaled down to it.
     *
     * @param beams beams of the problem given to Begin()
     */
    void SetBeams(const IsacBeams& beams);

    /**
     * @brief Third step, repeated: one minorant maximised.
     * @return the objective (8a) reached (bit/s/Hz), never less than before
     */
    double Iterate();

    /// @return the objective (8a) of the present beams (bit/s/Hz), with the rates that the errors
    /// given to Begin() call for
    double GetObjective() const;

    /**
     * @brief Last step: the beams reached.
     * @param problem the problem given to Begin()
     * @param[out] beams the beams, sized here
     */
    void GetBeams(const IsacProblem& problem, IsacBeams& beams) const;

    /**
     * @brief The curvature k(q) for which r -> ln(1 + r0^2) + 2 r0 (r - r0) / (1 + r0^2)
     * - k (r - r0)^2 lies below ln(1 + r^2) for every real r, r0^2 = q.
     * @param q r0^2, >= 0
     * @return k, in (0, 1/8]
     */
    static double GetMinorantCurvature(double q);

  private:
    /// Beams in reduced coordinates, with what the objective needs of them.
    struct Point
    {
        IsacBeams beams;           //!< (M R) x S
        Eigen::MatrixXcd received; //!< g = H^H F, U x S
        Eigen::MatrixXcd echo;     //!< (M T) x S: a_mt^H f_ms
        Eigen::VectorXd snr;       //!< T: sensing SNR
        double objective{0.0};     //!< (8a) in nats
    };

    /// Makes a start of m_current.beams: every stream there, masks and power limits obeyed.
    void FinishStart();

    /// Computes received, echo, snr and objective of a point from its beams.
    void Evaluate(Point& point);

    /// Sets m_covariance from beams. @param beams beams in reduced coordinates
    void FormCovariance(const IsacBeams& beams);

    /// The covariance of F^H h_u. @param u UE index @return S x S
    auto Covariance(Eigen::Index u) const
    {
        return Eigen::Map<const Eigen::MatrixXcd>(m_covariance.col(u).data(),
                                                  m_nStreams,
                                                  m_nStreams);
    }

    /**
     * @brief Rate of a UE under errors.
     * @param u UE index
     * @param g U x S: H^H F
     * @return R_u (nats)
     */
    double GetUncertainRate(Eigen::Index u, const Eigen::MatrixXcd& g);

    /**
     * @brief Evaluates the mean logarithms of all that a UE receives and of what interferes.
     * @param u UE index
     * @param g U x S: H^H F
     * @param withGradient whether the gradients are asked for
     */
    void EvaluateMeans(Eigen::Index u, const Eigen::MatrixXcd& g, bool withGradient);

    /**
     * @brief FormMinorant() for the rates under errors: everything but the targets.
     * @param g U x S: H^H F
     */
    void FormUncertainMinorant(const Eigen::MatrixXcd& g);

    /// Starts from conjugate beams or RZF. @param start which of the two
    void SetColdStart(WmmseStart start);

    /// Iterates until the options say to stop; returns the number of iterations.
    uint32_t Ascend(const Options& options);

    /// Sets the quadratic minorant that touches the objective where H^H F = g.
    void FormMinorant(const Eigen::MatrixXcd& g);

    /// Sets the multipliers from the gradient of the minorant where H^H F = g.
    void InitialisePrices(const Eigen::MatrixXcd& g);

    /// Maximises the minorant into m_trial; false if the multipliers have not converged.
    bool MaximiseMinorant();

    /// Computes the maximiser m_trial.beams for the present multipliers, and the dual function.
    void SolveForPrices();

    /// Computes minus the Hessian of the dual in ln mu, but for its gradient part.
    void FormDualHessian();

    /// Sets m_candidate to F + step (trial - F), every AP within its limit, and evaluates it.
    void Move(double step);

    /// The U x S block of Cholesky factors that belongs to one stream.
    auto Factor(Eigen::Index s)
    {
        return m_factor.middleCols(s * m_nUes, m_nUes);
    }

    IsacSubspace m_subspace;    //!< reduction of the problem
    IsacRzfSolver m_rzf;        //!< start
    IsacBeams m_conjugate;      //!< conjugate beams in reduced coordinates
    double m_weightScale{1.0};  //!< what the weights are multiplied by
    Eigen::VectorXd m_weight;   //!< U + T: scaled w_u, then scaled beta_t
    Eigen::Index m_nUes{0};     //!< U
    Eigen::Index m_nTargets{0}; //!< T, 0 if every beta_t = 0
    Eigen::Index m_nStreams{0}; //!< S = U + T
    bool m_masked{false};       //!< whether the problem has a mask
    bool m_fresh{false};        //!< whether the next iteration is the first from a start
    bool m_dualSolved{true};    //!< false if the multipliers have to be set anew

    Point m_current;   //!< present beams
    Point m_candidate; //!< beams under trial
    IsacBeams m_trial; //!< maximiser of the minorant

    Eigen::MatrixXcd m_gram;      //!< U^2 x M: H_m^H H_m of every AP
    Eigen::MatrixXd m_serves;     //!< M x S: 1 where an AP may send a stream; only if masked
    Eigen::MatrixXd m_root;       //!< U x S: square roots of K_s
    Eigen::MatrixXcd m_linear;    //!< U x S: linear coefficients of the minorant in g
    Eigen::MatrixXcd m_nulled;    //!< U x S: H^H F without interference
    Eigen::MatrixXcd m_rhs;       //!< (M R) x S(1+T): c_s, then the direction of each target
    Eigen::MatrixXcd m_projected; //!< U S(1+T) x M: H_m^H times m_rhs of every AP
    double m_proximal{0.0};       //!< weight of the proximal term

    WmmseErrors m_errors{WMMSE_IGNORE}; //!< what errors count for: ignored if there are none
    IsacExpectedLog m_total;            //!< E ln(1 + T_u) of one UE
    IsacExpectedLog m_interference;     //!< E ln(1 + I_u) of one UE
    Eigen::MatrixXcd m_apPowers;        //!< S^2 x M: F_m^H F_m
    Eigen::MatrixXcd m_covariance;      //!< S^2 x U: F^H E_u F
    Eigen::MatrixXcd m_spread;          //!< S^2 x U: w_u times the gradient of R_u in F^H E_u F
    Eigen::MatrixXcd m_apSpread;        //!< S^2 x M: sum_u e_mu times the same
    Eigen::VectorXcd m_mean;            //!< S: F^H h_u
    Eigen::VectorXcd m_otherMean;       //!< S - 1: the same without the own stream
    Eigen::MatrixXcd m_otherCovariance; //!< (S-1) x (S-1): F^H E_u F without the own stream
    Eigen::VectorXd m_steepest;         //!< U: w_u (E 1/I_u + k)
    Eigen::VectorXd m_errorCurvature;   //!< M: sum_u e_mu times the same; zero without errors

    Eigen::VectorXd m_price;         //!< M: multipliers mu_m
    Eigen::VectorXd m_oldPrice;      //!< M: multipliers before a Newton step
    Eigen::VectorXd m_apPower;       //!< M: ||F_m||^2 of the trial
    double m_dual{0.0};              //!< dual function
    Eigen::VectorXd m_inverse;       //!< M: 1 / (mu_m + proximal + error curvature)
    Eigen::MatrixXd m_inverseServed; //!< M x S: the same where an AP serves, else 0; only if masked
    Eigen::MatrixXcd m_scaledH;      //!< (M R) x U: H_m times m_inverse
    Eigen::MatrixXcd m_coupling;     //!< U^2 x (1 or S): H^H E_s D^-1 H
    Eigen::MatrixXcd m_factor;       //!< U x (U S): Cholesky factors of I + K^1/2 coupling K^1/2
    Eigen::MatrixXcd m_solution;     //!< (M R) x S(1+T): A^-1 m_rhs
    Eigen::MatrixXcd m_inner;        //!< U x S(1+T): H^H D^-1 m_rhs, then the Woodbury coefficients
    Eigen::MatrixXcd m_targetFactor; //!< T x T: Cholesky factor of I + B^H A^-1 B
    Eigen::MatrixXcd m_targetInner;  //!< T x 1: B^H A^-1 c
    Eigen::MatrixXcd m_cross;        //!< (U S + T) x M: factors of the dual Hessian
    Eigen::MatrixXd m_hessian;       //!< M x M
    Eigen::MatrixXd m_damped;        //!< M x M: Hessian of the step taken
    Eigen::VectorXd m_step;          //!< M: Newton step in ln mu
};

} // namespace ns3

#endif // ISAC_WMMSE_SOLVER_H
