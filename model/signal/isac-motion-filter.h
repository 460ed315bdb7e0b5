// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_MOTION_FILTER_H
#define ISAC_MOTION_FILTER_H

#include "isac-kalman.h"

#include <Eigen/Core>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief How targets are thought to move.
 */
struct IsacMotion
{
    bool hasTurns{false};         //!< coordinated turns besides constant velocity
    double acceleration{1.0};     //!< rms change of velocity per axis within 1 s (m/s^2), >= 0
    double turnRate{0.3};         //!< rms rate of a turn (rad/s), >= 0
    double turnDuration{3.0};     //!< mean duration of a turn (s), > 0
    double straightDuration{6.0}; //!< mean duration between turns (s), > 0
};

/**
 * @ingroup cellfree-isac
 * @brief Follows one target: a Kalman filter of constant velocity, or an interacting multiple model
 * of constant velocity and coordinated turn (H. Blom, Y. Bar-Shalom, "The interacting multiple
 * model algorithm for systems with Markovian switching coefficients", IEEE Trans. Autom. Control
 * 33(8), 1988).
 *
 * Turns begin and end as a Markov chain in continuous time. Where a turn begins, its rate is drawn
 * anew from N(0, turnRate^2), so that the two models' states have a common meaning in the mixture.
 */
class IsacMotionFilter
{
  public:
    IsacMotionFilter() = default;

    /**
     * @brief Begins with an estimate.
     * @param estimate position and velocity; a positive definite covariance
     */
    explicit IsacMotionFilter(const IsacStateEstimate& estimate);

    /**
     * @brief Extrapolates.
     * @param seconds by how much (s), >= 0
     * @param motion how targets move; may differ from call to call
     */
    void Predict(double seconds, const IsacMotion& motion);

    /**
     * @brief Compares a measurement with what the models together expect.
     * @param measured position and velocity with the covariance of their error
     * @return the squared distance from the mixture's mean by its covariance, and the mixture's
     * likelihood
     */
    IsacInnovation GetInnovation(const IsacStateEstimate& measured) const;

    /**
     * @brief Corrects by measurements of which one, or none, is the target's.
     *
     * Given a measurement, each model is updated and weighted by its likelihood; the results are
     * merged by mean and covariance (probabilistic data association).
     *
     * @param measured measurements
     * @param probability as many probabilities that a measurement is the target's; what is missing
     * to 1 is that of none
     */
    void Update(const std::vector<IsacStateEstimate>& measured, const Eigen::VectorXd& probability);

    /// @return mean and covariance of the mixture
    IsacStateEstimate GetEstimate() const;

    /// @return probability that the target turns
    double GetTurnProbability() const
    {
        return m_hasTurns ? m_turnProbability : 0.0;
    }

    /// @return rate of the turn, if it turns (rad/s, anticlockwise from above)
    double GetTurnRate() const
    {
        return m_hasTurns ? m_turnMean(6) : 0.0;
    }

  private:
    /// Lets turns be possible, or not. @param motion how targets move
    void SetModels(const IsacMotion& motion);
    /// Mixes the models as turns begin and end. @param seconds time @param motion the chain
    void Mix(double seconds, const IsacMotion& motion);

    IsacStateEstimate m_straight; //!< if it does not turn
    bool m_hasTurns{false};       //!< whether there is a second model
    Eigen::Matrix<double, 7, 1> m_turnMean{Eigen::Matrix<double, 7, 1>::Zero()}; //!< if it turns
    Eigen::Matrix<double, 7, 7> m_turnCovariance{
        Eigen::Matrix<double, 7, 7>::Zero()}; //!< of its error
    double m_turnProbability{0.0};            //!< that it turns
};

} // namespace ns3

#endif // ISAC_MOTION_FILTER_H
