// SPDX-License-Identifier: GPL-2.0-only

#include "isac-gnn-features.h"

#include "isac-gnn-architecture.h"

#include <cmath>

namespace ns3
{

namespace
{

/// Smallest gain that features tell from zero.
constexpr double MIN_GAIN = 1e-9;

/// Logarithm that stays finite at zero.
double
Log(double x)
{
    return std::log(std::max(x, 1e-12));
}

} // namespace

void
IsacGnnFeatures::SetProblem(const IsacStructuredHead& head, double sensingWeight)
{
    using Architecture = IsacGnnArchitecture;
    const auto& problem = head.GetProblem();
    const auto nAps = problem.GetNAps();
    const auto nUes = head.GetNUes();
    const auto nTargets = head.GetNTargets();
    const auto n = static_cast<double>(problem.nAntennas);
    const double logBeta = std::log2(1.0 + sensingWeight);
    const double logAps = std::log(static_cast<double>(nAps)) / 2;
    m_sensingWeight = sensingWeight;
    ueLink.resize(Architecture::UE_LINK_FEATURES, nAps * nUes);
    targetLink.resize(Architecture::TARGET_LINK_FEATURES, nAps * nTargets);
    ap.resize(Architecture::AP_FEATURES, nAps);
    ue.resize(Architecture::UE_FEATURES, nUes);
    target.resize(Architecture::TARGET_FEATURES, nTargets);
    ueShare.resize(nUes, nAps);
    apShare.resize(nUes, nAps);
    targetShare.resize(nTargets, nAps);

    m_gain.resize(nUes, nAps);
    m_signalGain.resize(nUes, nAps);
    m_totalGram.setZero(nUes, nUes);
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        const auto gram = head.Gram(m);
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            const bool serves = head.Serves(m, u);
            m_gain(u, m) = std::max(gram(u, u).real(), MIN_GAIN);
            m_signalGain(u, m) = serves ? m_gain(u, m) : MIN_GAIN;
            if (serves)
            {
                m_totalGram.col(u) += gram.col(u).head(nUes);
            }
        }
    }

    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        const auto gram = head.Gram(m);
        const double apGain = m_signalGain.col(m).sum();
        const double apLargest = m_signalGain.col(m).maxCoeff();
        double meanAlignment = 0.0;
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            const double gain = m_gain(u, m);
            const double signal = m_signalGain(u, m);
            const double ueGain = m_signalGain.row(u).sum();
            double correlation = -1.0;
            double crosstalk = -gain * gain;
            for (Eigen::Index j = 0; j < nUes; ++j)
            {
                const double square = std::norm(gram(u, j));
                correlation += square / (gain * m_gain(j, m));
                crosstalk += square;
            }
            crosstalk = std::max(crosstalk, 0.0) / gain;
            const double alignment =
                nTargets == 0 ? 0.0
                              : gram.row(u).tail(nTargets).squaredNorm() / (nTargets * n * gain);
            meanAlignment += alignment / nUes;
            auto x = ueLink.col(m * nUes + u);
            x(0) = std::log1p(gain) / 8;
            x(1) = Log(gain / ueGain) / 4;
            x(2) = Log(gain / m_signalGain.row(u).maxCoeff()) / 4;
            x(3) = Log(gain / apGain) / 4;
            x(4) = Log(gain / apLargest) / 4;
            x(5) = 2 * alignment;
            x(6) = 3 * correlation / std::max<double>(nUes - 1, 1);
            x(7) = Log(crosstalk / gain + 1e-3) / 4;
            x(8) = std::log1p(crosstalk) / 8;
            x(9) = head.Serves(m, u);
            ueShare(u, m) = signal / ueGain;
            apShare(u, m) = signal / apGain;
        }
        auto x = ap.col(m);
        x(0) = std::log1p(apGain) / 8;
        x(1) = Log(apGain * apGain / m_signalGain.col(m).squaredNorm());
        x(2) = std::log(static_cast<double>(nUes));
        x(3) = logAps;
        x(4) = std::log(n) / 2;
        x(5) = std::max(0.0, nUes - n + 1) / 5;
        x(6) = logBeta / 2;
        for (Eigen::Index t = 0; t < nTargets; ++t)
        {
            const double gain = std::max(problem.omega(m, t) * n, 1e-12);
            const double total = std::max(problem.omega.col(t).sum() * n, 1e-12);
            const double largest = std::max(problem.omega.col(t).maxCoeff() * n, 1e-12);
            auto y = targetLink.col(m * nTargets + t);
            y(0) = std::log1p(gain) / 4;
            y(1) = Log(gain / total) / 4;
            y(2) = Log(gain / largest) / 4;
            y(3) = logBeta / 2;
            y(4) = 3 * meanAlignment;
            targetShare(t, m) = gain / total;
        }
    }
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        const double gain = std::max(m_totalGram(u, u).real(), MIN_GAIN);
        double correlation = -1.0;
        double crosstalk = -gain * gain;
        for (Eigen::Index j = 0; j < nUes; ++j)
        {
            const double square = std::norm(m_totalGram(u, j));
            correlation += square / (gain * std::max(m_totalGram(j, j).real(), MIN_GAIN));
            crosstalk += square;
        }
        const double sum = m_signalGain.row(u).sum();
        auto x = ue.col(u);
        x(0) = std::log1p(gain) / 8;
        x(1) = Log(sum * sum / m_signalGain.row(u).squaredNorm()) / 2;
        x(2) = correlation;
        x(3) = Log(std::max(crosstalk, 0.0) / gain + 1e-3) / 8;
        x(4) = std::log(static_cast<double>(nUes));
        x(5) = logAps;
        x(6) = std::log(n) / 2;
        x(7) = logBeta / 2;
    }
    for (Eigen::Index t = 0; t < nTargets; ++t)
    {
        auto x = target.col(t);
        x(0) = std::log1p(problem.omega.col(t).sum() * n) / 4;
        x(1) = logBeta / 2;
        x(2) = std::log(nUes + 1.0);
        x(3) = logAps;
    }
}

void
IsacGnnFeatures::SetResponse(const IsacStructuredHead& head,
                             const IsacStructuredHead::Parameters& parameters)
{
    const auto& problem = head.GetProblem();
    const auto nAps = problem.GetNAps();
    const auto nUes = head.GetNUes();
    const auto nTargets = head.GetNTargets();
    const auto n = static_cast<double>(problem.nAntennas);
    const auto& received = head.GetReceived();
    logWeight.resize(nUes);
    logGain.resize(nUes);
    logSensing.resize(nTargets, nAps);
    m_stationaryGain.resize(nUes);
    m_sensing.resize(nTargets);

    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        // WMMSE: v = g / (all power + noise), c = (1 + SINR) |v|^2, b = (1 + SINR) v.
        const double own = head.GetOwn()(u);
        const double interference = head.GetInterference()(u);
        const double sinr = own / interference;
        const double total = own + interference;
        const double weight = (1.0 + sinr) * own / (total * total);
        m_stationaryGain(u) = (1.0 + sinr) / total * received(u, u);
        logWeight(u) = Log(weight);
        logGain(u) = 0.5 * Log(std::norm(m_stationaryGain(u)));
        auto x = ue.col(u).tail(ue.rows() - UE_STATIC);
        x(0) = std::log1p(sinr) / 8;
        x(1) = parameters.logWeight(u) / 4;
        x(2) = (logWeight(u) - parameters.logWeight(u)) / 4;
        x(3) = (logGain(u) - parameters.logGain(u)) / 4;
        x(4) = parameters.logGain(u) / 8;
        x(5) = Log(interference) / 8;
    }
    for (Eigen::Index t = 0; t < nTargets; ++t)
    {
        auto x = target.col(t).tail(target.rows() - TARGET_STATIC);
        const double snr = head.GetSensingSnr()(t);
        x(0) = std::log1p(snr) / 4;
        x(1) = Log(m_sensingWeight / (1.0 + snr) + 1e-3) / 4;
    }
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        const auto response = head.Response(m);
        // Stationarity along f_m itself: mu_m P_m = Re tr F_m^H (gradient of the other terms).
        double multiplier = 0.0;
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            const double own = head.GetOwn()(u);
            const double interference = head.GetInterference()(u);
            const double weight =
                (1.0 + own / interference) * own / std::pow(own + interference, 2);
            double crosstalk = 0.0;
            double inner = 0.0;
            for (Eigen::Index s = 0; s < response.cols(); ++s)
            {
                inner += (std::conj(response(u, s)) * received(u, s)).real();
                crosstalk += s == u ? 0.0 : std::norm(response(u, s));
            }
            multiplier += (std::conj(response(u, u)) * m_stationaryGain(u)).real() - weight * inner;
            const double share =
                (response(u, u) * std::conj(received(u, u))).real() / std::max(own, 1e-12);
            auto x = ueLink.col(m * nUes + u).tail(ueLink.rows() - UE_LINK_STATIC);
            x(0) = std::asinh(4 * share) / 2;
            x(1) = Log(1e-6 + std::norm(response(u, u))) / 8;
            x(2) = Log(1e-6 + crosstalk) / 8;
        }
        double excess = multiplier;
        if (nTargets > 0)
        {
            for (Eigen::Index t = 0; t < nTargets; ++t)
            {
                const double snr = head.GetSensingSnr()(t);
                const double illumination = head.GetIllumination()(t, m);
                m_sensing(t) = m_sensingWeight * problem.omega(m, t) / (1.0 + snr) * n;
                multiplier += m_sensing(t) / n * illumination;
                logSensing(t, m) = std::log(std::max(m_sensing(t), 1e-6));
                const double present = parameters.logSensing(t, m);
                auto x =
                    targetLink.col(m * nTargets + t).tail(targetLink.rows() - TARGET_LINK_STATIC);
                x(0) = (present - parameters.logExcess(m)) / 4;
                x(1) = illumination / n;
                x(2) = Log(m_sensing(t) + 1e-4) / 4;
                x(3) = Log((m_sensing(t) + 1e-4) / (std::exp(present) + 1e-4)) / 4;
                x(4) = Log(problem.omega(m, t) * illumination / std::max(snr, 1e-12) + 1e-5) / 4;
            }
            excess = multiplier - head.GetSensingBound(m, m_sensing);
        }
        const double power = Log(head.GetPower()(m));
        auto x = ap.col(m).tail(ap.rows() - AP_STATIC);
        x(0) = parameters.logExcess(m) / 4;
        x(1) = std::asinh(2 * excess * std::exp(-parameters.logExcess(m))) / 2;
        x(2) = std::log(head.GetMultiplier()(m)) / 4;
        x(3) = power / 4;
        x(4) = std::asinh(2 * multiplier / head.GetMultiplier()(m)) / 2;
        x(5) = std::min(std::max(power, -1.0), 1.0);
    }
}

} // namespace ns3
