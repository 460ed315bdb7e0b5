// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-uniform.h"

#include "ns3/cell-free-gaussian.h"
#include "ns3/isac-target-bound.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <cmath>
#include <functional>
#include <gtest/gtest.h>

using namespace ns3;

namespace
{

constexpr double SPEED_OF_LIGHT = 299792458.0;

/// A place. @param uniform to draw from @param width of the box (m) @return in it
Eigen::Vector3d
DrawPlace(UniformRandomVariable& uniform, double width)
{
    Eigen::Vector3d place;
    for (int i = 0; i < 3; ++i)
    {
        place(i) = uniform.GetValue(-0.5 * width, 0.5 * width);
    }
    return place;
}

/// Elements of an array. @param uniform to draw from @param n how many @return wavelengths
Eigen::Matrix3Xd
DrawElements(UniformRandomVariable& uniform, Eigen::Index n)
{
    Eigen::Matrix3Xd elements(3, n);
    for (Eigen::Index i = 0; i < n; ++i)
    {
        elements.col(i) = DrawPlace(uniform, 2.0);
    }
    return elements;
}

/// M transmitters and R receivers around a target, with arrays.
struct Scene
{
    IsacSensingGeometry geometry;           //!< what the bound is told
    std::vector<Eigen::Matrix3Xd> elements; //!< of the receivers
    IsacTargetState state;                  //!< the target
    Eigen::MatrixXd snr;                    //!< R x M

    Scene(UniformRandomVariable& uniform, Eigen::Index m, Eigen::Index r)
        : snr(r, m)
    {
        geometry.transmitters.resize(3, m);
        geometry.receivers.resize(3, r);
        for (Eigen::Index i = 0; i < m; ++i)
        {
            geometry.transmitters.col(i) = DrawPlace(uniform, 400.0);
        }
        for (Eigen::Index i = 0; i < r; ++i)
        {
            geometry.receivers.col(i) = DrawPlace(uniform, 400.0);
            elements.push_back(DrawElements(uniform, 4));
            geometry.arrivals.push_back(cellfree::GetElementSpread(elements.back()));
            for (Eigen::Index k = 0; k < m; ++k)
            {
                snr(i, k) = std::pow(10.0, uniform.GetValue(-1.0, 2.0));
            }
        }
        geometry.wavelength = 0.0857;
        geometry.rmsBandwidth = 5.8e6;
        geometry.rmsDuration = 3e-3;
        geometry.coupling = 0.3 * geometry.rmsBandwidth * geometry.rmsDuration;
        state << DrawPlace(uniform, 100.0), DrawPlace(uniform, 60.0);
    }

    /// @return the bound's information
    IsacStateMatrix GetInformation() const
    {
        return cellfree::GetTargetInformation(geometry, state, snr);
    }
};

/**
 * @brief Expects that a matrix is at least as large as another, in the order of matrices.
 * @param large the one
 * @param small the other
 */
void
ExpectNotLess(const IsacStateMatrix& large, const IsacStateMatrix& small)
{
    // Scaled, for positions and velocities have other units.
    const IsacTargetState scale = large.diagonal().cwiseMax(1e-300).cwiseSqrt().cwiseInverse();
    const IsacStateMatrix difference = scale.asDiagonal() * (large - small) * scale.asDiagonal();
    const Eigen::SelfAdjointEigenSolver<IsacStateMatrix> eigen(difference);
    EXPECT_GE(eigen.eigenvalues().minCoeff(), -1e-10);
}

/// A wide prior.
IsacStateMatrix
GetWidePrior()
{
    return cellfree::GetBoxPrior(Eigen::Vector3d::Constant(3000.0), 300.0);
}

/// The bound of a scene with a wide prior. @param scene the scene @return PEB (m), VEB (m/s)
std::pair<double, double>
GetBounds(const Scene& scene)
{
    const auto covariance = cellfree::GetTargetCovariance(scene.GetInformation(), GetWidePrior());
    return {cellfree::GetPositionErrorBound(covariance),
            cellfree::GetVelocityErrorBound(covariance)};
}

} // namespace

TEST(IsacTargetBound, InformationIsTheSumOverPairs)
{
    const auto uniform = CreateObject<UniformRandomVariable>();
    uniform->SetStream(21);
    for (const auto& [m, r] : {std::pair{1, 1}, {1, 4}, {5, 1}, {6, 7}})
    {
        for (double clockError : {0.0, 1e-8})
        {
            Scene scene(*uniform, m, r);
            auto& geometry = scene.geometry;
            geometry.clockError = clockError;
            for (int i = 0; i < m; ++i)
            {
                geometry.departures.push_back(
                    cellfree::GetElementSpread(DrawElements(*uniform, 3)));
            }
            // Far from equal shares, and one AP that nobody hears.
            scene.snr = scene.snr.array().pow(2);
            if (m > 1)
            {
                scene.snr.col(1).setZero();
            }
            const double unit = 8.0 * M_PI * M_PI;
            const Eigen::Vector3d place = scene.state.head<3>();
            const Eigen::Vector3d velocity = scene.state.tail<3>();
            Eigen::Matrix2d widths;
            widths << std::pow(geometry.rmsBandwidth, 2), -geometry.coupling, -geometry.coupling,
                std::pow(geometry.rmsDuration, 2);
            IsacStateMatrix sum = IsacStateMatrix::Zero();
            for (int k = 0; k < r; ++k)
            {
                Eigen::Matrix<double, 7, 7> own = Eigen::Matrix<double, 7, 7>::Zero();
                for (int i = 0; i < m; ++i)
                {
                    // Gradients of delay and Doppler shift; the last by the clock's error.
                    Eigen::Matrix<double, 7, 2> gradient = Eigen::Matrix<double, 7, 2>::Zero();
                    gradient(6, 0) = 1.0;
                    const auto add = [&](const Eigen::Vector3d& ap, const Eigen::Matrix3d& spread) {
                        const double distance = (place - ap).norm();
                        const Eigen::Vector3d u = (place - ap) / distance;
                        const Eigen::Matrix3d turn =
                            (Eigen::Matrix3d::Identity() - u * u.transpose()) / distance;
                        gradient.col(0).head<3>() += u / SPEED_OF_LIGHT;
                        gradient.col(1).head<3>() -= turn * velocity / geometry.wavelength;
                        gradient.col(1).segment<3>(3) -= u / geometry.wavelength;
                        own.topLeftCorner<3, 3>() += unit * scene.snr(k, i) * turn * spread * turn;
                    };
                    add(geometry.transmitters.col(i), geometry.departures[i]);
                    add(geometry.receivers.col(k), geometry.arrivals[k]);
                    own += unit * scene.snr(k, i) * gradient * widths * gradient.transpose();
                }
                sum += own.topLeftCorner<6, 6>();
                if (clockError > 0.0)
                {
                    sum -= own.col(6).head<6>() * own.col(6).head<6>().transpose() /
                           (own(6, 6) + 1.0 / (clockError * clockError));
                }
            }
            const auto information = scene.GetInformation();
            const IsacTargetState scale = sum.diagonal().cwiseSqrt().cwiseInverse();
            const IsacStateMatrix error =
                scale.asDiagonal() * (information - sum) * scale.asDiagonal();
            EXPECT_LT(error.cwiseAbs().maxCoeff(), 1e-12) << m << " x " << r << ", " << clockError;
        }
    }
}

TEST(IsacTargetBound, BetweenTwoApsDelaysTellNothing)
{
    IsacSensingGeometry geometry;
    geometry.transmitters.resize(3, 1);
    geometry.transmitters << 0.0, 0.0, 10.0;
    geometry.receivers.resize(3, 1);
    geometry.receivers << 300.0, 0.0, 10.0;
    geometry.wavelength = 0.0857;
    geometry.rmsBandwidth = 5.8e6;
    geometry.rmsDuration = 3e-3;
    IsacTargetState state = IsacTargetState::Zero();
    state.head<3>() << 100.0, 0.0, 10.0;
    const auto information =
        cellfree::GetTargetInformation(geometry, state, Eigen::MatrixXd::Constant(1, 1, 1e6));
    // Forward scattering: the sum of both hops stays, whatever moves.
    EXPECT_EQ(information, IsacStateMatrix::Zero());
}

TEST(IsacTargetBound, OneMonostaticPairInClosedForm)
{
    IsacSensingGeometry geometry;
    geometry.transmitters = Eigen::Vector3d::Zero();
    geometry.receivers = Eigen::Vector3d::Zero();
    Eigen::Matrix3Xd elements(3, 8); // half a wavelength apart along y
    elements.setZero();
    for (int n = 0; n < 8; ++n)
    {
        elements(1, n) = 0.5 * n;
    }
    geometry.arrivals.push_back(cellfree::GetElementSpread(elements));
    geometry.wavelength = 0.1;
    geometry.rmsBandwidth = cellfree::GetRmsOfEven(20e6);
    geometry.rmsDuration = cellfree::GetRmsOfEven(0.01);
    IsacTargetState state;
    state << 200.0, 0.0, 0.0, 20.0, 0.0, 0.0; // flies away: the direction does not turn
    const double snr = 100.0;
    const auto information =
        cellfree::GetTargetInformation(geometry, state, Eigen::MatrixXd::Constant(1, 1, snr));
    // M. Richards, "Fundamentals of Radar Signal Processing": c / (2 beta' sqrt(2 SNR)), with
    // beta' = 2 pi B / sqrt(12), and lambda / (2 2 pi T / sqrt(12) sqrt(2 SNR)).
    const double range =
        SPEED_OF_LIGHT / (2.0 * 2.0 * M_PI * 20e6 / std::sqrt(12.0) * std::sqrt(2.0 * snr));
    const double speed = 0.1 / (2.0 * 2.0 * M_PI * 0.01 / std::sqrt(12.0) * std::sqrt(2.0 * snr));
    // Of a uniform linear array at broadside: 6 / ((2 pi d)^2 2 SNR (N^2 - 1) / 2), SNR combined.
    const double angle = std::sqrt(6.0 / (M_PI * M_PI * snr * (8.0 * 8.0 - 1.0)));
    EXPECT_NEAR(1.0 / std::sqrt(information(0, 0)), range, 1e-12 * range);
    EXPECT_NEAR(1.0 / std::sqrt(information(3, 3)), speed, 1e-12 * speed);
    // The turning of the direction by the position sideways changes the Doppler shift too.
    const double sideways = 200.0 * angle;
    EXPECT_NEAR(1.0 / std::sqrt(information(1, 1)), sideways, 1e-12 * sideways);
    EXPECT_EQ(information(2, 2), 0.0);
    // What is not observed keeps the prior; what is known stays known.
    IsacStateMatrix prior = cellfree::GetBoxPrior({1000.0, 1000.0, 0.0}, 30.0);
    const auto covariance = cellfree::GetTargetCovariance(information, prior);
    EXPECT_EQ(covariance(2, 2), 0.0);
    EXPECT_DOUBLE_EQ(covariance(4, 4), 900.0);
    EXPECT_NEAR(covariance(0, 0), range * range, 1e-5 * range * range);
    EXPECT_NEAR(covariance(3, 3), 1.0 / (1.0 / (speed * speed) + 1.0 / 900.0), 1e-12);
}

TEST(IsacTargetBound, InformationIsThatOfTheRawSignal)
{
    // Samples over tones of any power at any times, and elements: nothing is assumed but the
    // signal, whose gradient is taken by differences; amplitudes and clocks are unknowns of it.
    auto uniform = MakeUniform(1);
    const Eigen::Index nTransmitters = 2;
    const Eigen::Index nReceivers = 3;
    Scene scene(*uniform, nTransmitters, nReceivers);
    const int nSamples = 40;
    Eigen::ArrayXd tones(nSamples);
    Eigen::ArrayXd times(nSamples);
    Eigen::ArrayXd energy(nSamples);
    for (int i = 0; i < nSamples; ++i)
    {
        energy(i) = uniform->GetValue(0.1, 1.0);
        times(i) = uniform->GetValue(0.0, 0.01);
        tones(i) = uniform->GetValue(-1e7, 1e7) + 1e9 * times(i);
    }
    energy /= energy.sum();
    const double meanTone = (energy * tones).sum();
    const double meanTime = (energy * times).sum();
    scene.geometry.rmsBandwidth = std::sqrt((energy * (tones - meanTone).square()).sum());
    scene.geometry.rmsDuration = std::sqrt((energy * (times - meanTime).square()).sum());
    scene.geometry.coupling = (energy * (tones - meanTone) * (times - meanTime)).sum();
    for (double clockError : {0.0, 2e-9})
    {
        scene.geometry.clockError = clockError;
        const Eigen::Index nPairs = nTransmitters * nReceivers;
        // Unknowns: state, phase and logarithm of the amplitude of every pair, clocks.
        const Eigen::Index nUnknowns = 6 + 2 * nPairs + nReceivers;
        Eigen::MatrixXd total = Eigen::MatrixXd::Zero(nUnknowns, nUnknowns);
        for (Eigen::Index r = 0; r < nReceivers; ++r)
        {
            for (Eigen::Index m = 0; m < nTransmitters; ++m)
            {
                const auto nElements = scene.elements[r].cols();
                // Phase of every sample at every element, in turns, less that of the first.
                const auto phase = [&](const IsacTargetState& state, double clock) {
                    const Eigen::Vector3d out =
                        state.head<3>() - scene.geometry.transmitters.col(m);
                    const Eigen::Vector3d back = state.head<3>() - scene.geometry.receivers.col(r);
                    const double delay = (out.norm() + back.norm()) / SPEED_OF_LIGHT + clock;
                    const double doppler =
                        -state.tail<3>().dot(out.normalized() + back.normalized()) /
                        scene.geometry.wavelength;
                    Eigen::ArrayXXd turns(nSamples, nElements);
                    for (Eigen::Index n = 0; n < nElements; ++n)
                    {
                        turns.col(n) = times * doppler - tones * delay +
                                       back.normalized().dot(scene.elements[r].col(n));
                    }
                    return turns;
                };
                const Eigen::Index pair = r * nTransmitters + m;
                std::vector<Eigen::ArrayXXcd> gradients(nUnknowns);
                const Eigen::ArrayXXd zero = Eigen::ArrayXXd::Zero(nSamples, nElements);
                const std::complex<double> j(0.0, 1.0);
                for (auto& gradient : gradients)
                {
                    gradient = zero.cast<std::complex<double>>();
                }
                for (int i = 0; i < 6; ++i)
                {
                    IsacTargetState step = IsacTargetState::Zero();
                    step(i) = 1e-2;
                    gradients[i] =
                        2.0 * M_PI * j *
                        (phase(scene.state + step, 0.0) - phase(scene.state - step, 0.0)) / 2e-2;
                }
                gradients[6 + 2 * pair] = zero + j;
                gradients[7 + 2 * pair] = zero + std::complex<double>(1.0);
                gradients[6 + 2 * nPairs + r] =
                    2.0 * M_PI * j * (phase(scene.state, 1e-9) - phase(scene.state, -1e-9)) / 2e-9;
                for (Eigen::Index a = 0; a < nUnknowns; ++a)
                {
                    for (Eigen::Index b = 0; b < nUnknowns; ++b)
                    {
                        const Eigen::ArrayXd product =
                            (gradients[a].conjugate() * gradients[b]).real().rowwise().sum();
                        total(a, b) += 2.0 * scene.snr(r, m) / nElements * (energy * product).sum();
                    }
                }
            }
        }
        Eigen::Index nNuisances = 2 * nPairs;
        if (clockError > 0.0)
        {
            total.diagonal().tail(nReceivers).array() += 1.0 / (clockError * clockError);
            nNuisances += nReceivers;
        }
        const Eigen::MatrixXd nuisance = total.block(6, 6, nNuisances, nNuisances);
        const Eigen::MatrixXd cross = total.block(6, 0, nNuisances, 6);
        const IsacStateMatrix expected =
            total.topLeftCorner<6, 6>() - cross.transpose() * nuisance.ldlt().solve(cross);
        const auto information = scene.GetInformation();
        for (int a = 0; a < 6; ++a)
        {
            for (int b = 0; b < 6; ++b)
            {
                const double scale = std::sqrt(expected(a, a) * expected(b, b));
                EXPECT_NEAR(information(a, b), expected(a, b), 1e-6 * scale)
                    << a << ' ' << b << ", clock error " << clockError;
            }
        }
    }
}

TEST(IsacTargetBound, MoreNeverTellsLess)
{
    auto uniform = MakeUniform(2);
    for (int i = 0; i < 50; ++i)
    {
        const Eigen::Index m = uniform->GetInteger(1, 4);
        const Eigen::Index r = uniform->GetInteger(1, 4);
        Scene more(*uniform, m, r);
        more.geometry.clockError = i % 2 ? 1e-8 : 0.0;
        std::vector<Scene> lesses;
        const auto change = [&more, &lesses](const std::function<void(Scene&)>& how) {
            lesses.push_back(more);
            how(lesses.back());
        };
        change([](Scene& s) { s.snr(0, 0) = 0.0; });      // a pair
        change([](Scene& s) { s.snr.row(0).setZero(); }); // an AP that receives
        change([](Scene& s) { s.snr.col(0).setZero(); }); // an AP that transmits
        change([](Scene& s) { s.snr *= 0.9; });
        change([](Scene& s) { s.geometry.rmsBandwidth *= 0.7; });
        change([](Scene& s) { s.geometry.rmsDuration *= 0.7; }); // a shorter dwell
        change([](Scene& s) { s.geometry.arrivals.clear(); });
        change([](Scene& s) { s.geometry.clockError += 1e-8; });
        const auto most = more.GetInformation();
        const auto bounds = GetBounds(more);
        for (std::size_t k = 0; k < lesses.size(); ++k)
        {
            SCOPED_TRACE(k);
            ExpectNotLess(most, lesses[k].GetInformation());
            ExpectNotLess(lesses[k].GetInformation(), IsacStateMatrix::Zero());
            const auto less = GetBounds(lesses[k]);
            EXPECT_LE(bounds.first, less.first * (1.0 + 1e-9));
            EXPECT_LE(bounds.second, less.second * (1.0 + 1e-9));
        }
        ExpectNotLess(GetWidePrior(), cellfree::GetTargetCovariance(most, GetWidePrior()));
    }
}

TEST(IsacTargetBound, WithEnoughPairsItIsTheInverse)
{
    auto uniform = MakeUniform(3);
    for (int i = 0; i < 20; ++i)
    {
        const Scene scene(*uniform, 4, 4);
        const auto prior = GetWidePrior();
        const auto covariance = cellfree::GetTargetCovariance(scene.GetInformation(), prior);
        const IsacStateMatrix inverse =
            (scene.GetInformation() + IsacStateMatrix(prior.inverse())).inverse();
        for (int k = 0; k < 6; ++k)
        {
            EXPECT_NEAR(covariance(k, k), inverse(k, k), 1e-8 * inverse(k, k));
        }
        const auto root = cellfree::GetStateRoot(covariance);
        EXPECT_NEAR((root * root - covariance).norm(), 0.0, 1e-10 * covariance.norm());
    }
}

TEST(IsacTargetBound, OnAPlaneTheHeightIsKnown)
{
    // Information restricted to the plane and inverted by hand.
    auto uniform = MakeUniform(4);
    const Scene scene(*uniform, 3, 3);
    IsacStateMatrix prior = GetWidePrior();
    prior.row(2).setZero();
    prior.col(2).setZero();
    prior.row(5).setZero();
    prior.col(5).setZero();
    const auto covariance = cellfree::GetTargetCovariance(scene.GetInformation(), prior);
    const int in[] = {0, 1, 3, 4};
    Eigen::Matrix4d restricted;
    for (int a = 0; a < 4; ++a)
    {
        for (int b = 0; b < 4; ++b)
        {
            restricted(a, b) = scene.GetInformation()(in[a], in[b]);
        }
        restricted(a, a) += 1.0 / prior(in[a], in[a]);
    }
    const Eigen::Matrix4d inverse = restricted.inverse();
    for (int a = 0; a < 4; ++a)
    {
        EXPECT_NEAR(covariance(in[a], in[a]), inverse(a, a), 1e-8 * inverse(a, a));
    }
    EXPECT_EQ(covariance(2, 2), 0.0);
    EXPECT_EQ(covariance(5, 5), 0.0);
}

TEST(IsacTargetBound, FewerPairsThanUnknownsLeaveThePrior)
{
    auto uniform = MakeUniform(5);
    Scene scene(*uniform, 1, 1);
    scene.snr(0, 0) = 100.0;
    scene.geometry.arrivals.clear();
    scene.geometry.rmsDuration = 0.0;
    scene.geometry.coupling = 0.0;
    const auto prior = cellfree::GetBoxPrior({500.0, 300.0, 100.0}, 30.0);
    const auto covariance = cellfree::GetTargetCovariance(scene.GetInformation(), prior);
    // One number, the delay, is learnt: one eigenvalue of C^-1 P is below 1, five are 1.
    const Eigen::SelfAdjointEigenSolver<IsacStateMatrix> eigen(
        IsacStateMatrix(prior.diagonal().cwiseSqrt().cwiseInverse().asDiagonal()) * covariance *
        IsacStateMatrix(prior.diagonal().cwiseSqrt().cwiseInverse().asDiagonal()));
    EXPECT_LT(eigen.eigenvalues()(0), 1e-2);
    for (int k = 1; k < 6; ++k)
    {
        EXPECT_NEAR(eigen.eigenvalues()(k), 1.0, 1e-9);
    }
}

TEST(IsacTargetBound, CoupledDelayAndDopplerTellLess)
{
    // One pair on a line: the delay's variance grows by 1 / (1 - rho^2) if the speed is unknown.
    IsacSensingGeometry geometry;
    geometry.transmitters = Eigen::Vector3d::Zero();
    geometry.receivers = Eigen::Vector3d::Zero();
    geometry.wavelength = 0.1;
    geometry.rmsBandwidth = 1e6;
    geometry.rmsDuration = 1e-3;
    IsacTargetState state;
    state << 1000.0, 0.0, 0.0, 10.0, 0.0, 0.0;
    const auto prior = IsacStateMatrix(
        (IsacTargetState() << 1e6, 0.0, 0.0, 1e6, 0.0, 0.0).finished().asDiagonal());
    const Eigen::MatrixXd snr = Eigen::MatrixXd::Constant(1, 1, 1e4);
    const auto uncoupled =
        cellfree::GetTargetCovariance(cellfree::GetTargetInformation(geometry, state, snr), prior);
    for (double rho : {-0.9, 0.5, 0.99})
    {
        geometry.coupling = rho * 1e3;
        const auto coupled =
            cellfree::GetTargetCovariance(cellfree::GetTargetInformation(geometry, state, snr),
                                          prior);
        const double factor = 1.0 / (1.0 - rho * rho);
        EXPECT_NEAR(coupled(0, 0) / uncoupled(0, 0), factor, 1e-4 * factor);
        EXPECT_NEAR(coupled(3, 3) / uncoupled(3, 3), factor, 1e-4 * factor);
    }
}

TEST(IsacTargetBound, DeparturesAreAsWellResolvedAsStreamsAreMany)
{
    auto uniform = MakeUniform(6);
    const auto elements = DrawElements(*uniform, 6);
    const Eigen::Vector3d direction = DrawPlace(*uniform, 1.0).normalized();
    Eigen::VectorXcd steering(6);
    Eigen::MatrixXcd beams(6, 3);
    for (int n = 0; n < 6; ++n)
    {
        steering(n) = std::polar(1.0, -2.0 * M_PI * direction.dot(elements.col(n)));
        for (int s = 0; s < 3; ++s)
        {
            beams(n, s) = cellfree::DrawComplexGaussian(*uniform);
        }
    }
    const Eigen::MatrixXcd orthogonal = 0.3 * Eigen::MatrixXcd::Identity(6, 6);
    const auto full = cellfree::GetDepartureSpread(elements, steering, orthogonal);
    EXPECT_NEAR((full - cellfree::GetElementSpread(elements)).norm(), 0.0, 1e-12);
    const auto one = cellfree::GetDepartureSpread(elements, steering, beams.leftCols(1));
    EXPECT_NEAR(one.norm(), 0.0, 1e-12);
    EXPECT_EQ(cellfree::GetDepartureSpread(elements, steering, 0.0 * beams).norm(), 0.0);
    // Three streams, against the projection of differences.
    const auto illuminate = [&](const Eigen::Vector3d& k) {
        Eigen::VectorXcd a(6);
        for (int n = 0; n < 6; ++n)
        {
            a(n) = std::polar(1.0, -2.0 * M_PI * k.dot(elements.col(n)));
        }
        return Eigen::VectorXcd(beams.adjoint() * a);
    };
    const auto x = illuminate(direction);
    Eigen::MatrixXcd gradient(3, 3);
    for (int i = 0; i < 3; ++i)
    {
        const Eigen::Vector3d step = 1e-5 * Eigen::Vector3d::Unit(i);
        gradient.col(i) = (illuminate(direction + step) - illuminate(direction - step)) / 2e-5;
    }
    const Eigen::MatrixXcd rest = gradient - x * (x.adjoint() * gradient) / x.squaredNorm();
    const Eigen::Matrix3d expected =
        (rest.adjoint() * rest).real() / x.squaredNorm() / std::pow(2.0 * M_PI, 2);
    const auto three = cellfree::GetDepartureSpread(elements, steering, beams);
    EXPECT_NEAR((three - expected).norm(), 0.0, 1e-7 * expected.norm());
}

TEST(IsacTargetBound, ATargetAtAnApHasABound)
{
    auto uniform = MakeUniform(7);
    Scene scene(*uniform, 2, 2);
    scene.state.head<3>() = scene.geometry.receivers.col(0);
    const auto covariance = cellfree::GetTargetCovariance(scene.GetInformation(), GetWidePrior());
    EXPECT_TRUE(covariance.allFinite());
    EXPECT_GT(cellfree::GetPositionErrorBound(covariance), 0.0);
}
