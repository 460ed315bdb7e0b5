// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-gaussian.h"

#include "ns3/isac-kalman.h"
#include "ns3/isac-motion-filter.h"

#include <Eigen/LU>
#include <cmath>
#include <gtest/gtest.h>

using namespace ns3;

namespace
{

using Vector6 = Eigen::Matrix<double, 6, 1>;
using Matrix6 = Eigen::Matrix<double, 6, 6>;
using Vector7 = Eigen::Matrix<double, 7, 1>;
using Matrix7 = Eigen::Matrix<double, 7, 7>;

IsacStateEstimate
MakeEstimate(double x, double y, double vx, double vy, const Matrix6& covariance)
{
    IsacStateEstimate estimate;
    estimate.mean << x, y, 100.0, vx, vy, 0.0;
    estimate.covariance = covariance;
    return estimate;
}

} // namespace

TEST(IsacKalman, PredictionHasTheClosedForm)
{
    TestGaussian gaussian(1);
    IsacStateEstimate estimate{gaussian.Draw(MakeTestCovariance(100.0, 10.0)),
                               gaussian.DrawCovariance(4.0)};
    const double t = 0.7;
    const double q = 2.5 * 2.5;
    Matrix6 f = Matrix6::Identity();
    f.topRightCorner<3, 3>() = t * Eigen::Matrix3d::Identity();
    Matrix6 noise;
    noise << q * t * t * t / 3.0 * Eigen::Matrix3d::Identity(),
        q * t * t / 2.0 * Eigen::Matrix3d::Identity(),
        q * t * t / 2.0 * Eigen::Matrix3d::Identity(), q * t * Eigen::Matrix3d::Identity();
    const Matrix6 expected = f * estimate.covariance * f.transpose() + noise;
    auto predicted = estimate;
    cellfree::PredictConstantVelocity(t, 2.5, predicted);
    EXPECT_LT((predicted.mean - f * estimate.mean).norm(), 1e-12 * estimate.mean.norm());
    EXPECT_LT((predicted.covariance - expected).norm(), 1e-13 * expected.norm());

    // White noise knows no steps.
    auto inSteps = estimate;
    for (double step : {0.1, 0.4, 0.2})
    {
        cellfree::PredictConstantVelocity(step, 2.5, inSteps);
    }
    EXPECT_LT((inSteps.covariance - expected).norm(), 1e-13 * expected.norm());
    EXPECT_LT((inSteps.mean - predicted.mean).norm(), 1e-13 * predicted.mean.norm());
}

TEST(IsacKalman, GainsSettleAtThoseOfTheAlphaBetaFilter)
{
    // Positions alone are measured. In the steady state of continuous white acceleration
    // beta^2 / (1 - alpha) = q T^3 / r, and alpha^2 = (2 - alpha) beta - beta^2 / 6 (from P's fixed
    // point; Bar-Shalom et al., section 6.5).
    const double t = 0.1;
    const double r = 4.0;
    for (double beta : {0.01, 0.1, 0.5})
    {
        const double alpha = std::sqrt(2.0 * beta + beta * beta / 12.0) - beta / 2.0;
        const double q = beta * beta / (1.0 - alpha) * r / (t * t * t);
        IsacStateEstimate estimate{Vector6::Zero(), MakeTestCovariance(10.0, 10.0)};
        const IsacStateEstimate measured{Vector6::Zero(), MakeTestCovariance(std::sqrt(r), 1e5)};
        Vector6 offset = Vector6::Zero();
        for (int k = 0; k < 3000; ++k)
        {
            cellfree::PredictConstantVelocity(t, std::sqrt(q), estimate);
            estimate.mean.setZero();
            IsacStateEstimate moved = measured;
            moved.mean(0) = 1.0;
            cellfree::UpdateKalman<6>(moved, estimate.mean, estimate.covariance);
            offset = estimate.mean;
        }
        EXPECT_NEAR(offset(0) / alpha, 1.0, 1e-6) << beta;
        EXPECT_NEAR(offset(3) / (beta / t), 1.0, 1e-6) << beta;
        EXPECT_NEAR(estimate.covariance(0, 0) / (alpha * r), 1.0, 1e-6) << beta;
    }
}

TEST(IsacKalman, UpdateAddsInformation)
{
    TestGaussian gaussian(2);
    for (int i = 0; i < 20; ++i)
    {
        const IsacStateEstimate prior{gaussian.Draw(MakeTestCovariance(10.0, 5.0)),
                                      gaussian.DrawCovariance(9.0)};
        const IsacStateEstimate measured{gaussian.Draw(MakeTestCovariance(10.0, 5.0)),
                                         gaussian.DrawCovariance(1.0)};
        const Matrix6 information = prior.covariance.inverse() + measured.covariance.inverse();
        const Vector6 mean =
            information.inverse() * (prior.covariance.inverse() * prior.mean +
                                     measured.covariance.inverse() * measured.mean);
        const Matrix6 s = prior.covariance + measured.covariance;
        const Vector6 v = measured.mean - prior.mean;
        auto updated = prior;
        const auto innovation =
            cellfree::UpdateKalman<6>(measured, updated.mean, updated.covariance);
        EXPECT_LT((updated.mean - mean).norm(), 1e-9 * (1.0 + mean.norm()));
        EXPECT_LT((updated.covariance - information.inverse()).norm(), 1e-10);
        EXPECT_NEAR(innovation.squared, v.dot(s.inverse() * v), 1e-9 * innovation.squared);
        EXPECT_NEAR(innovation.logLikelihood,
                    -0.5 * v.dot(s.inverse() * v) - 0.5 * std::log((2.0 * M_PI * s).determinant()),
                    1e-9 * std::abs(innovation.logLikelihood));
        EXPECT_EQ(cellfree::GetInnovation(prior, measured).squared, innovation.squared);
    }
}

TEST(IsacKalman, DirectionsWithoutMeasurementStayAsTheyWere)
{
    // Nothing was learned of z, along an axis and askew.
    TestGaussian gaussian(3);
    const IsacStateEstimate prior{Vector6::Zero(), MakeTestCovariance(3.0, 2.0)};
    for (double angle : {0.0, 0.6})
    {
        Vector6 blind = Vector6::Zero();
        blind(0) = std::sin(angle);
        blind(2) = std::cos(angle);
        IsacStateEstimate measured{Vector6::Ones(),
                                   MakeTestCovariance(1.0, 1.0) + 1e10 * blind * blind.transpose()};
        auto updated = prior;
        cellfree::UpdateKalman<6>(measured, updated.mean, updated.covariance);
        EXPECT_NEAR(blind.dot(updated.covariance * blind), 9.0, 1e-5);
        EXPECT_NEAR(blind.dot(updated.mean), 0.0, 1e-5);
        Vector6 seen = Vector6::Zero();
        seen(0) = std::cos(angle);
        seen(2) = -std::sin(angle);
        EXPECT_NEAR(seen.dot(updated.covariance * seen), 9.0 / 10.0, 1e-5);
        EXPECT_NEAR(seen.dot(updated.mean), 0.9 * seen.sum(), 1e-5);
        EXPECT_TRUE(cellfree::IsPositiveDefinite(updated.covariance));
    }
}

TEST(IsacKalman, SpeedPriorIsAMeasurementOfZeroVelocity)
{
    TestGaussian gaussian(4);
    const IsacStateEstimate estimate{gaussian.Draw(MakeTestCovariance(10.0, 5.0)),
                                     gaussian.DrawCovariance(9.0)};
    auto limited = estimate;
    cellfree::ApplySpeedPrior(3.0, limited);
    // The same by a measurement of all six that knows nothing of positions.
    auto measured = estimate;
    cellfree::UpdateKalman<6>({Vector6::Zero(), MakeTestCovariance(1e5, 3.0)},
                              measured.mean,
                              measured.covariance);
    EXPECT_LT((limited.mean - measured.mean).norm(), 1e-6);
    EXPECT_LT((limited.covariance - measured.covariance).norm(), 1e-6);
    // A velocity of which nothing is known is that of the prior.
    IsacStateEstimate unknown{estimate.mean, MakeTestCovariance(1.0, 1e6)};
    cellfree::ApplySpeedPrior(3.0, unknown);
    EXPECT_LT((unknown.covariance - MakeTestCovariance(1.0, 3.0)).norm(), 1e-4);
    EXPECT_LT((unknown.mean.head<3>() - estimate.mean.head<3>()).norm(), 1e-12);
}

TEST(IsacKalman, GatesAreThoseOfTables)
{
    EXPECT_NEAR(cellfree::GetChiSquareQuantile(1, 0.95), 3.841459, 1e-6);
    EXPECT_NEAR(cellfree::GetChiSquareQuantile(2, 0.99), 9.210340, 1e-6);
    EXPECT_NEAR(cellfree::GetChiSquareQuantile(3, 0.95), 7.814728, 1e-6);
    EXPECT_NEAR(cellfree::GetChiSquareQuantile(6, 0.95), 12.591587, 1e-6);
    EXPECT_NEAR(cellfree::GetChiSquareQuantile(6, 0.999), 22.457744, 1e-6);
    EXPECT_NEAR(cellfree::GetChiSquareQuantile(3000, 0.975), 3153.70, 0.01);
    for (int degrees : {1, 2, 5, 6, 100})
    {
        EXPECT_EQ(cellfree::GetChiSquareTail(degrees, 0.0), 1.0);
        for (double p : {0.01, 0.5, 0.999})
        {
            const double x = cellfree::GetChiSquareQuantile(degrees, p);
            EXPECT_NEAR(cellfree::GetChiSquareTail(degrees, x), 1.0 - p, 1e-12);
        }
    }
    EXPECT_EQ(cellfree::GetSquaredDistance({1, 0, 0}, Eigen::Matrix3d::Zero()),
              std::numeric_limits<double>::infinity());
    EXPECT_DOUBLE_EQ(cellfree::GetSquaredDistance({3, 4, 0}, 5 * Eigen::Matrix3d::Identity()), 5.0);
}

TEST(IsacKalman, TurnFollowsTheCircle)
{
    for (double rate : {1e-9, 1e-4, 0.3, -1.2})
    {
        Vector7 mean;
        mean << 10.0, 20.0, 30.0, 4.0, 3.0, 1.0, rate;
        const Vector7 start = mean;
        Matrix7 covariance = Matrix7::Zero();
        // A rate that does not decay, without noise.
        const double t = 1.5;
        cellfree::PredictCoordinatedTurn(t, 0.0, 0.0, 1e15, mean, covariance);
        const double angle = rate * t;
        EXPECT_NEAR(mean.segment<2>(3).norm(), 5.0, 1e-12);
        EXPECT_NEAR(
            std::remainder(std::atan2(mean(4), mean(3)) - std::atan2(3.0, 4.0) - angle, 2.0 * M_PI),
            0.0,
            1e-12);
        // A chord of a circle of radius |v| / w.
        const double chord = (mean.head<2>() - start.head<2>()).norm();
        EXPECT_NEAR(chord, 2.0 * 5.0 / rate * std::sin(angle / 2.0), 1e-6);
        EXPECT_DOUBLE_EQ(mean(2), 31.5);
        EXPECT_EQ(covariance.norm(), 0.0);
    }
}

TEST(IsacKalman, TurnCarriesErrorsByItsDerivatives)
{
    for (double rate : {0.0, 5e-4, 0.4, -2.0})
    {
        Vector7 start;
        start << 10.0, 20.0, 30.0, 4.0, -3.0, 1.0, rate;
        Vector7 mean = start;
        Matrix7 covariance = Matrix7::Identity();
        cellfree::PredictCoordinatedTurn(1.5, 0.0, 0.0, 2.0, mean, covariance);
        Matrix7 jacobian;
        const double step = 1e-4;
        for (int i = 0; i < 7; ++i)
        {
            Vector7 ends[2];
            for (int side : {0, 1})
            {
                ends[side] = start;
                ends[side](i) += side == 0 ? -step : step;
                Matrix7 ignored = Matrix7::Identity();
                cellfree::PredictCoordinatedTurn(1.5, 0.0, 0.0, 2.0, ends[side], ignored);
            }
            jacobian.col(i) = (ends[1] - ends[0]) / (2.0 * step);
        }
        EXPECT_LT((covariance - jacobian * jacobian.transpose()).norm(), 1e-5) << rate;
    }
    // The rate's variance is stationary.
    Vector7 mean = Vector7::Zero();
    Matrix7 covariance = Matrix7::Zero();
    covariance(6, 6) = 0.09;
    cellfree::PredictCoordinatedTurn(0.8, 1.0, 0.3, 2.0, mean, covariance);
    EXPECT_NEAR(covariance(6, 6), 0.09, 1e-15);
}

TEST(IsacMotionFilter, WithoutTurnsItIsTheKalmanFilter)
{
    TestGaussian gaussian(5);
    IsacStateEstimate kalman = MakeEstimate(0, 0, 10, 0, MakeTestCovariance(5.0, 3.0));
    IsacMotionFilter filter(kalman);
    for (int k = 0; k < 20; ++k)
    {
        const IsacStateEstimate measured{gaussian.Draw(MakeTestCovariance(3.0, 3.0)),
                                         gaussian.DrawCovariance(1.0)};
        cellfree::PredictConstantVelocity(0.1, 2.0, kalman);
        cellfree::UpdateKalman<6>(measured, kalman.mean, kalman.covariance);
        IsacMotion motion;
        motion.acceleration = 2.0;
        filter.Predict(0.1, motion);
        filter.Update({measured}, Eigen::VectorXd::Ones(1));
        EXPECT_EQ(filter.GetEstimate().mean, kalman.mean);
        EXPECT_EQ(filter.GetEstimate().covariance, kalman.covariance);
    }
}

TEST(IsacMotionFilter, UncertainDetectionsAreMerged)
{
    // P = b0 P0 + (1 - b0) Pc + K (sum b v v^T - v v^T) K^T (Bar-Shalom, Tse 1975).
    const auto prior = MakeEstimate(0, 0, 10, 0, MakeTestCovariance(2.0, 1.0));
    const Matrix6 r = MakeTestCovariance(1.0, 2.0);
    std::vector<IsacStateEstimate> measured(3);
    TestGaussian gaussian(6);
    for (auto& each : measured)
    {
        each.mean = prior.mean + gaussian.Draw(Matrix6(2.0 * r));
        each.covariance = r;
    }
    const Eigen::Vector3d b(0.5, 0.2, 0.1);
    const Matrix6 gain = prior.covariance * (prior.covariance + r).inverse();
    Vector6 merged = Vector6::Zero();
    Matrix6 spread = Matrix6::Zero();
    for (int i = 0; i < 3; ++i)
    {
        const Vector6 v = measured[i].mean - prior.mean;
        merged += b(i) * v;
        spread += b(i) * v * v.transpose();
    }
    const Matrix6 certain = prior.covariance - gain * prior.covariance;
    const Matrix6 expected = 0.2 * prior.covariance + 0.8 * certain +
                             gain * (spread - merged * merged.transpose()) * gain.transpose();
    IsacMotionFilter filter(prior);
    filter.Update(measured, b);
    EXPECT_LT((filter.GetEstimate().mean - prior.mean - gain * merged).norm(), 1e-12);
    EXPECT_LT((filter.GetEstimate().covariance - expected).norm(), 1e-12);
    // Of no detection: nothing changes.
    IsacMotionFilter untouched(prior);
    untouched.Update(measured, Eigen::Vector3d::Zero());
    EXPECT_EQ(untouched.GetEstimate().mean, prior.mean);
    EXPECT_EQ(untouched.GetEstimate().covariance, prior.covariance);
}

TEST(IsacMotionFilter, TurnsBeginAndEndAsTheChainSays)
{
    IsacMotion motion;
    motion.hasTurns = true;
    motion.turnDuration = 2.0;
    motion.straightDuration = 6.0;
    const auto start = MakeEstimate(0, 0, 10, 0, MakeTestCovariance(1.0, 1.0));
    IsacMotionFilter filter(start);
    // Stationary from the start, without measurements, whatever the steps are.
    for (double step : {0.0, 0.01, 1.0, 30.0})
    {
        filter.Predict(step, motion);
        EXPECT_NEAR(filter.GetTurnProbability(), 0.25, 1e-12);
    }
    // A chain of other rates is approached as 1 - e^-(1/a + 1/b) t.
    motion.turnDuration = 6.0;
    motion.straightDuration = 3.0;
    filter.Predict(1.5, motion);
    EXPECT_NEAR(filter.GetTurnProbability(),
                2.0 / 3.0 + (0.25 - 2.0 / 3.0) * std::exp(-1.5 * (1.0 / 6.0 + 1.0 / 3.0)),
                1e-12);
    motion.hasTurns = false;
    const auto before = filter.GetEstimate();
    filter.Predict(0.0, motion);
    EXPECT_LT((filter.GetEstimate().mean - before.mean).norm(), 1e-12);
    EXPECT_LT((filter.GetEstimate().covariance - before.covariance).norm(),
              1e-12 * before.covariance.norm());
    EXPECT_EQ(filter.GetTurnProbability(), 0.0);
}

TEST(IsacMotionFilter, TurnsAreRecognised)
{
    // 10 s straight, 5 s at 0.4 rad/s, 10 s straight; 0.1 s apart, positions and velocities
    // measured to 2 m and 1 m/s. The same filter without turns needs more noise and is worse
    // where the target flies straight, or lags in the turn.
    TestGaussian gaussian(7);
    const Matrix6 r = MakeTestCovariance(2.0, 1.0);
    Vector6 truth;
    truth << 0, 0, 50, 15, 0, 0;
    IsacMotion both;
    both.hasTurns = true;
    both.acceleration = 0.3;
    IsacMotion straight = both;
    straight.hasTurns = false;
    const IsacStateEstimate first{truth, r};
    IsacMotionFilter imm(first);
    IsacMotionFilter cv(first);
    double immTurning = 0.0;
    double cvTurning = 0.0;
    double turning = 0.0;
    for (int k = 1; k <= 250; ++k)
    {
        const double t = 0.1 * k;
        const bool isTurning = t > 10.0 && t <= 15.0;
        Vector7 mean;
        mean << truth, isTurning ? 0.4 : 0.0;
        Matrix7 ignored = Matrix7::Zero();
        cellfree::PredictCoordinatedTurn(0.1, 0.0, 0.0, 1e15, mean, ignored);
        truth = mean.head<6>();
        const IsacStateEstimate measured{truth + gaussian.Draw(r), r};
        for (auto* filter : {&imm, &cv})
        {
            filter->Predict(0.1, filter == &imm ? both : straight);
            filter->Update({measured}, Eigen::VectorXd::Ones(1));
        }
        if (t > 12.0 && t <= 15.0)
        {
            immTurning += (imm.GetEstimate().mean - truth).head<3>().squaredNorm();
            cvTurning += (cv.GetEstimate().mean - truth).head<3>().squaredNorm();
            turning += imm.GetTurnProbability() / 30.0;
            EXPECT_NEAR(imm.GetTurnRate(), 0.4, 0.2) << t;
        }
        if ((t > 5.0 && t <= 10.0) || t > 20.0)
        {
            EXPECT_LT(imm.GetTurnProbability(), 0.4) << t;
        }
        EXPECT_TRUE(cellfree::IsPositiveDefinite(imm.GetEstimate().covariance));
    }
    EXPECT_GT(turning, 0.9);
    EXPECT_LT(immTurning, 0.3 * cvTurning);
}
