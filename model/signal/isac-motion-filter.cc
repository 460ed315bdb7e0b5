// SPDX-License-Identifier: GPL-2.0-only

#include "isac-motion-filter.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

namespace
{

/// A sum of weighted Gaussians' moments.
template <int N>
class MomentSum
{
  public:
    using Vector = Eigen::Matrix<double, N, 1>; //!< a state
    using Matrix = Eigen::Matrix<double, N, N>; //!< its covariance

    /// Begins an empty sum. @param origin a state near all of them, against cancellation
    explicit MomentSum(const Vector& origin)
        : m_origin(origin)
    {
    }

    /// Adds one. @param weight its weight @param mean its mean @param covariance its covariance
    void Add(double weight, const Vector& mean, const Matrix& covariance)
    {
        if (!(weight > 0.0))
        {
            return;
        }
        const Vector offset = mean - m_origin;
        m_isAlone = m_weight == 0.0;
        m_lastMean = mean;
        m_lastCovariance = covariance;
        m_weight += weight;
        m_first += weight * offset;
        m_second += weight * (covariance + offset * offset.transpose());
    }

    /// @return the sum of the weights
    double GetWeight() const
    {
        return m_weight;
    }

    /// Gives mean and covariance. @param[out] mean the mean @param[out] covariance the covariance
    void Get(Vector& mean, Matrix& covariance) const
    {
        if (m_isAlone)
        {
            mean = m_lastMean;
            covariance = m_lastCovariance;
            return;
        }
        const Vector offset = m_first / m_weight;
        mean = m_origin + offset;
        covariance = m_second / m_weight - offset * offset.transpose();
    }

  private:
    Vector m_origin;                 //!< what offsets are from
    double m_weight{0.0};            //!< sum of weights
    bool m_isAlone{false};           //!< whether there is one alone, which is given back as it is
    Vector m_lastMean;               //!< what was added last
    Matrix m_lastCovariance;         //!< its covariance
    Vector m_first{Vector::Zero()};  //!< weighted offsets
    Matrix m_second{Matrix::Zero()}; //!< weighted second moments
};

} // namespace

IsacMotionFilter::IsacMotionFilter(const IsacStateEstimate& estimate)
    : m_straight(estimate)
{
}

void
IsacMotionFilter::SetModels(const IsacMotion& motion)
{
    if (m_hasTurns == motion.hasTurns)
    {
        return;
    }
    m_straight = GetEstimate();
    m_hasTurns = motion.hasTurns;
    m_turnMean << m_straight.mean, 0.0;
    m_turnCovariance.setZero();
    m_turnCovariance.topLeftCorner<6, 6>() = m_straight.covariance;
    m_turnCovariance(6, 6) = motion.turnRate * motion.turnRate;
    m_turnProbability = motion.turnDuration / (motion.turnDuration + motion.straightDuration);
}

void
IsacMotionFilter::Mix(double seconds, const IsacMotion& motion)
{
    // Kolmogorov's equations of two states.
    const double begin = 1.0 / motion.straightDuration;
    const double end = 1.0 / motion.turnDuration;
    const double changed = -std::expm1(-(begin + end) * seconds) / (begin + end);
    const double begun = (1.0 - m_turnProbability) * begin * changed;
    const double ended = m_turnProbability * end * changed;

    MomentSum<6> straight(m_straight.mean);
    straight.Add(1.0 - m_turnProbability - begun, m_straight.mean, m_straight.covariance);
    straight.Add(ended, m_turnMean.head<6>(), m_turnCovariance.topLeftCorner<6, 6>());

    Eigen::Matrix<double, 7, 1> newMean;
    newMean << m_straight.mean, 0.0;
    Eigen::Matrix<double, 7, 7> newCovariance = Eigen::Matrix<double, 7, 7>::Zero();
    newCovariance.topLeftCorner<6, 6>() = m_straight.covariance;
    newCovariance(6, 6) = motion.turnRate * motion.turnRate;
    MomentSum<7> turn(m_turnMean);
    turn.Add(m_turnProbability - ended, m_turnMean, m_turnCovariance);
    turn.Add(begun, newMean, newCovariance);

    if (straight.GetWeight() > 0.0)
    {
        straight.Get(m_straight.mean, m_straight.covariance);
    }
    if (turn.GetWeight() > 0.0)
    {
        turn.Get(m_turnMean, m_turnCovariance);
    }
    m_turnProbability = std::clamp(turn.GetWeight(), 0.0, 1.0);
}

void
IsacMotionFilter::Predict(double seconds, const IsacMotion& motion)
{
    SetModels(motion);
    if (m_hasTurns)
    {
        Mix(seconds, motion);
        cellfree::PredictCoordinatedTurn(seconds,
                                         motion.acceleration,
                                         motion.turnRate,
                                         motion.turnDuration,
                                         m_turnMean,
                                         m_turnCovariance);
    }
    cellfree::PredictConstantVelocity(seconds, motion.acceleration, m_straight);
}

IsacInnovation
IsacMotionFilter::GetInnovation(const IsacStateEstimate& measured) const
{
    if (!m_hasTurns)
    {
        return cellfree::GetInnovation(m_straight, measured);
    }
    auto innovation = cellfree::GetInnovation(GetEstimate(), measured);
    const double straight = cellfree::GetInnovation(m_straight, measured).logLikelihood;
    const IsacStateEstimate turning{m_turnMean.head<6>(), m_turnCovariance.topLeftCorner<6, 6>()};
    const double turn = cellfree::GetInnovation(turning, measured).logLikelihood;
    const double largest = std::max(straight, turn);
    if (std::isfinite(largest))
    {
        innovation.logLikelihood =
            largest + std::log((1.0 - m_turnProbability) * std::exp(straight - largest) +
                               m_turnProbability * std::exp(turn - largest));
    }
    return innovation;
}

void
IsacMotionFilter::Update(const std::vector<IsacStateEstimate>& measured,
                         const Eigen::VectorXd& probability)
{
    const double none = std::max(0.0, 1.0 - probability.sum());
    MomentSum<6> straight(m_straight.mean);
    MomentSum<7> turn(m_hasTurns ? m_turnMean : Eigen::Matrix<double, 7, 1>::Zero());
    straight.Add(none * (1.0 - GetTurnProbability()), m_straight.mean, m_straight.covariance);
    if (m_hasTurns)
    {
        turn.Add(none * m_turnProbability, m_turnMean, m_turnCovariance);
    }
    for (std::size_t i = 0; i < measured.size(); ++i)
    {
        const double weight = probability(static_cast<Eigen::Index>(i));
        if (!(weight > 0.0))
        {
            continue;
        }
        auto updated = m_straight;
        const double straightLog =
            cellfree::UpdateKalman<6>(measured[i], updated.mean, updated.covariance).logLikelihood;
        if (!m_hasTurns)
        {
            straight.Add(weight, updated.mean, updated.covariance);
            continue;
        }
        auto turnMean = m_turnMean;
        auto turnCovariance = m_turnCovariance;
        const double turnLog =
            cellfree::UpdateKalman<7>(measured[i], turnMean, turnCovariance).logLikelihood;
        // Bayes' rule for the model, given that this is the target's measurement.
        const double odds = m_turnProbability / (1.0 - m_turnProbability) *
                            std::exp(std::clamp(turnLog - straightLog, -600.0, 600.0));
        const double turns = m_turnProbability < 1.0 ? odds / (1.0 + odds) : 1.0;
        straight.Add(weight * (1.0 - turns), updated.mean, updated.covariance);
        turn.Add(weight * turns, turnMean, turnCovariance);
    }
    // A model that is out of the question stays as it was predicted, until mixing renews it.
    if (straight.GetWeight() > 0.0)
    {
        straight.Get(m_straight.mean, m_straight.covariance);
    }
    if (m_hasTurns)
    {
        if (turn.GetWeight() > 0.0)
        {
            turn.Get(m_turnMean, m_turnCovariance);
        }
        m_turnProbability = std::clamp(turn.GetWeight(), 0.0, 1.0);
    }
}

IsacStateEstimate
IsacMotionFilter::GetEstimate() const
{
    if (!m_hasTurns)
    {
        return m_straight;
    }
    MomentSum<6> sum(m_straight.mean);
    sum.Add(1.0 - m_turnProbability, m_straight.mean, m_straight.covariance);
    sum.Add(m_turnProbability, m_turnMean.head<6>(), m_turnCovariance.topLeftCorner<6, 6>());
    IsacStateEstimate estimate;
    sum.Get(estimate.mean, estimate.covariance);
    return estimate;
}

} // namespace ns3
