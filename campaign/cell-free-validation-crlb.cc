// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-validation.h"

#include "ns3/cell-free-gaussian.h"
#include "ns3/isac-link-budget.h"
#include "ns3/isac-target-bound.h"
#include "ns3/rng-seed-manager.h"

#include <array>
#include <cmath>
#include <complex>
#include <string>

namespace ns3
{

namespace
{

/// Tones of the waveform, and samples of a symbol.
constexpr int N_TONES = 128;
/// Duration of a symbol (s).
constexpr double DURATION = 10e-3;
/// Distance of all APs to the origin, where the target is (m).
constexpr double RADIUS = 5e3;
/// Carrier (Hz): not the example's, which is not stated where this module found it.
constexpr double CARRIER = 3e9;

/// The example's geometry. @param n transmitters, and receivers @return it, with a flat spectrum
IsacSensingGeometry
MakeGeometry(int n)
{
    IsacSensingGeometry geometry;
    geometry.transmitters.resize(3, n);
    geometry.receivers.resize(3, n);
    for (int i = 0; i < n; ++i)
    {
        const double angle = (90.0 + 20.0 * (0.5 * (n - 1) - i)) * M_PI / 180.0;
        geometry.transmitters.col(i) << RADIUS * std::cos(angle), RADIUS * std::sin(angle), 0.0;
        geometry.receivers.col(i) << RADIUS * std::cos(angle), -RADIUS * std::sin(angle), 0.0;
    }
    geometry.wavelength = ISAC_SPEED_OF_LIGHT / CARRIER;
    geometry.rmsBandwidth =
        std::sqrt((N_TONES * N_TONES - 1.0) / 12.0) / DURATION; // of tones 1 / T apart
    geometry.rmsDuration = cellfree::GetRmsOfEven(DURATION);
    return geometry;
}

/// Bounds of position (m) and velocity (m/s) on the plane. @param information of the state
std::pair<double, double>
GetBounds(const IsacStateMatrix& information)
{
    IsacStateMatrix prior = cellfree::GetBoxPrior({1e6, 1e6, 0.0}, 1e4);
    prior(5, 5) = 0.0;
    const auto covariance = cellfree::GetTargetCovariance(information, prior);
    return {cellfree::GetPositionErrorBound(covariance),
            cellfree::GetVelocityErrorBound(covariance)};
}

/// Delay (s) and Doppler shift (Hz) of a pair.
Eigen::Vector2d
GetDelayAndShift(const IsacSensingGeometry& geometry,
                 const IsacTargetState& state,
                 Eigen::Index r,
                 Eigen::Index m)
{
    const Eigen::Vector3d out = state.head<3>() - geometry.transmitters.col(m);
    const Eigen::Vector3d back = state.head<3>() - geometry.receivers.col(r);
    return {(out.norm() + back.norm()) / ISAC_SPEED_OF_LIGHT,
            -state.tail<3>().dot(out.normalized() + back.normalized()) / geometry.wavelength};
}

/**
 * @brief Information of the samples of OFDM symbols with random QPSK on their tones: nothing is
 * assumed but the samples, and geometry by differences.
 * @param geometry positions and carrier
 * @param state the target
 * @param snr of every sample, linear
 * @param uniform to draw the symbols from
 * @return information
 */
IsacStateMatrix
GetSampledInformation(const IsacSensingGeometry& geometry,
                      const IsacTargetState& state,
                      double snr,
                      UniformRandomVariable& uniform)
{
    IsacStateMatrix information = IsacStateMatrix::Zero();
    const std::complex<double> j(0.0, 1.0);
    for (Eigen::Index m = 0; m < geometry.transmitters.cols(); ++m)
    {
        std::array<std::complex<double>, N_TONES> symbols;
        for (auto& symbol : symbols)
        {
            symbol = std::polar(1.0, M_PI_2 * uniform.GetInteger(0, 3));
        }
        // The signal, and its gradients by delay and by Doppler shift.
        Eigen::Matrix<std::complex<double>, N_TONES, 3> samples;
        samples.setZero();
        for (int n = 0; n < N_TONES; ++n)
        {
            const double time = (n + 0.5) * DURATION / N_TONES;
            for (int k = 0; k < N_TONES; ++k)
            {
                const double tone = (k - 0.5 * (N_TONES - 1)) / DURATION;
                const auto part = symbols[k] * std::polar(1.0, 2.0 * M_PI * tone * time);
                samples(n, 0) += part;
                samples(n, 1) -= 2.0 * M_PI * j * tone * part;
            }
            samples(n, 2) = 2.0 * M_PI * j * time * samples(n, 0);
        }
        const Eigen::Matrix3cd gram = samples.adjoint() * samples;
        // What the unknown amplitude leaves.
        const Eigen::Matrix2d single =
            2.0 * snr * N_TONES *
            (gram.bottomRightCorner<2, 2>() -
             gram.block<2, 1>(1, 0) * gram.block<1, 2>(0, 1) / gram(0, 0))
                .real() /
            gram(0, 0).real();
        for (Eigen::Index r = 0; r < geometry.receivers.cols(); ++r)
        {
            Eigen::Matrix<double, 2, 6> gradient;
            for (int i = 0; i < 6; ++i)
            {
                const IsacTargetState step = 0.1 * IsacTargetState::Unit(i);
                gradient.col(i) = (GetDelayAndShift(geometry, state + step, r, m) -
                                   GetDelayAndShift(geometry, state - step, r, m)) /
                                  0.2;
            }
            information += gradient.transpose() * single * gradient;
        }
    }
    return information;
}

/// Joint bounds of position and velocity in a published geometry.
std::vector<CellFreeValidationRow>
RunCrlb()
{
    RngSeedManager::SetSeed(1);
    RngSeedManager::SetRun(1);
    const auto uniform = CreateObject<UniformRandomVariable>();
    uniform->SetStream(1);
    const std::string source =
        "geometry, T, N and SNR of G. Xia and others, Joint Location and Velocity Estimation and "
        "Fundamental CRLB Analysis for Cell-Free MIMO-ISAC, arXiv 2503.06766, 2025; at 3 GHz, "
        "target at the origin, SNR per sample and pair";
    std::vector<CellFreeValidationRow> rows;
    for (int n : {3, 7})
    {
        const auto geometry = MakeGeometry(n);
        for (double speed : {10.0, 50.0})
        {
            // Not along an axis of symmetry.
            IsacTargetState state = IsacTargetState::Zero();
            state(3) = speed * 0.8;
            state(4) = speed * 0.6;
            const auto snr = Eigen::MatrixXd::Constant(n, n, N_TONES);
            const auto information = cellfree::GetTargetInformation(geometry, state, snr);
            const auto bounds = GetBounds(information);
            const auto sampled = GetBounds(GetSampledInformation(geometry, state, 1.0, *uniform));
            auto delays = geometry;
            delays.rmsDuration = 0.0;
            const auto alone = GetBounds(cellfree::GetTargetInformation(delays, state, snr));
            const std::string what = std::to_string(n) + " x " + std::to_string(n) + " APs, " +
                                     std::to_string(std::lround(speed)) + " m/s, 0 dB: ";
            CellFreeValidationRow row;
            row.source = source;
            row.quantity = what + "position error bound";
            row.value = bounds.first;
            row.unit = "m";
            rows.push_back(row);
            row.quantity = what + "position error bound from samples of QPSK symbols";
            row.value = sampled.first;
            rows.push_back(row);
            row.quantity = what + "velocity error bound";
            row.value = bounds.second;
            row.unit = "m/s";
            rows.push_back(row);
            row.quantity = what + "velocity error bound from samples of QPSK symbols";
            row.value = sampled.second;
            rows.push_back(row);
            row.quantity = what + "position error bound by delays alone, over that with Doppler";
            row.value = alone.first / bounds.first;
            row.unit = "1";
            rows.push_back(row);
        }
    }
    return rows;
}

} // namespace

std::vector<CellFreeValidationCase>
cellfree::GetCrlbValidationCases()
{
    return {{"crlb", "joint bounds of position and velocity in a published geometry", RunCrlb}};
}

} // namespace ns3
