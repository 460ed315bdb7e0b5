// SPDX-License-Identifier: GPL-2.0-only

#include "isac-gnn-features.h"

#include "isac-gnn-architecture.h"
#include "isac-gnn-simd.h"

#include <cmath>

namespace ns3
{

namespace
{

/// Smallest gain that features tell from zero.
constexpr double MIN_GAIN = 1e-9;

/// Smallest share of a UE's gain that an error is told apart from.
constexpr double MIN_ERROR = 1e-4;

/// Smallest number that features take a logarithm of.
constexpr double MIN_LOG = 1e-12;

/// Logarithm that stays finite at zero.
double
Log(double x)
{
    return std::log(std::max(x, MIN_LOG));
}

/// Logarithm of a ratio from those of its parts, bounded as Log() is.
float
LogRatio(double numerator, double denominator)
{
    static const double smallest = std::log(MIN_LOG);
    return static_cast<float>(std::max(numerator - denominator, smallest));
}

} // namespace

/// Gains, alignments and crosstalk of all links, and the logarithms that links need.
struct IsacGnnFeatures::StaticKernel
{
    template <int BYTES>
    static ISAC_INLINE void Run(IsacGnnFeatures& features, const IsacStructuredHead& head)
    {
        using Vector = IsacVector<double, BYTES>;
        const auto nUes = head.GetNUes();
        const auto nTargets = head.GetNTargets();
        const auto stride = head.GetStride();
        const auto& gram = head.GetGram();
        const auto n = static_cast<double>(head.GetProblem().nAntennas);
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            const double* own = gram.At(u, u);
            const double* serves = head.GetServing(u);
            double* gain = &features.m_gain[u * stride];
            double* signal = &features.m_signalGain[u * stride];
            for (Eigen::Index m = 0; m < stride; ++m)
            {
                gain[m] = std::max(own[m], MIN_GAIN);
                signal[m] = serves[m] != 0.0 ? gain[m] : MIN_GAIN;
            }
        }
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            float* logGain = &features.m_log[(0 * nUes + u) * stride];
            float* logGain1 = &features.m_log[(1 * nUes + u) * stride];
            float* logLeak = &features.m_log[(2 * nUes + u) * stride];
            float* logLeak1 = &features.m_log[(3 * nUes + u) * stride];
            for (Eigen::Index m = 0; m < stride; m += Vector::SIZE)
            {
                const auto gain = Vector::Load(&features.m_gain[u * stride + m]);
                typename Vector::Type correlation = {};
                correlation -= 1.0;
                auto crosstalk = -gain * gain;
                for (Eigen::Index j = 0; j < nUes; ++j)
                {
                    const auto re = Vector::Load(gram.At(u, j) + m);
                    const auto im = Vector::Load(gram.At(u, j) + stride + m);
                    const auto square = re * re + im * im;
                    correlation += square / (gain * Vector::Load(&features.m_gain[j * stride + m]));
                    crosstalk += square;
                }
                typename Vector::Type aligned = {};
                for (Eigen::Index t = 0; t < nTargets; ++t)
                {
                    const auto re = Vector::Load(gram.At(u, nUes + t) + m);
                    const auto im = Vector::Load(gram.At(u, nUes + t) + stride + m);
                    aligned += re * re + im * im;
                }
                aligned /= gain * (std::max<double>(nTargets, 1) * n);
                Vector::Store(&features.m_alignment[u * stride + m], aligned);
                Vector::Store(&features.m_correlation[u * stride + m], correlation);
                for (int i = 0; i < Vector::SIZE; ++i)
                {
                    const double leak = std::max(crosstalk[i], 0.0) / gain[i];
                    logGain[m + i] = static_cast<float>(gain[i]);
                    logGain1[m + i] = static_cast<float>(1.0 + gain[i]);
                    logLeak[m + i] = static_cast<float>(leak / gain[i] + 1e-3);
                    logLeak1[m + i] = static_cast<float>(1.0 + leak);
                }
            }
            for (Eigen::Index j = 0; j < nUes; ++j)
            {
                double re = 0.0;
                double im = 0.0;
                const double* serves = head.GetServing(j);
                const double* entry = gram.At(u, j);
                for (Eigen::Index m = 0; m < stride; ++m)
                {
                    re += serves[m] * entry[m];
                    im += serves[m] * entry[stride + m];
                }
                features.m_totalGram[u * nUes + j] = {re, im};
            }
        }
        float* logs = features.m_log.Data();
        for (Eigen::Index i = 0; i < 4 * nUes * stride; ++i)
        {
            logs[i] = IsacFastLog(logs[i]);
        }
    }
};

void
IsacGnnFeatures::SetErrors(const IsacStructuredHead& head)
{
    const auto nAps = head.GetProblem().GetNAps();
    const auto nUes = head.GetNUes();
    const auto stride = head.GetStride();
    const auto n = static_cast<double>(head.GetProblem().nAntennas);
    static const auto none = static_cast<float>(std::log(MIN_ERROR) / 4);
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        ap.Col(m)[7] = 0.0F;
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            auto* x = ueLink.Col(m * nUes + u) + 10;
            x[0] = 0.0F;
            x[1] = none;
            x[2] = 0.0F;
        }
    }
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        ue.Col(u)[9] = 0.0F;
        ue.Col(u)[10] = none;
    }
    if (!head.HasErrors())
    {
        return;
    }
    m_errorLog.Resize(2 * nUes * stride);
    m_multiplier.Assign(stride, 0.0); // here: errors of the AP's links
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        const double* error = head.GetError(u);
        double whole = 0.0;
        double served = 0.0;
        double gain = 0.0;
        for (Eigen::Index m = 0; m < stride; ++m)
        {
            const auto i = u * stride + m;
            const double all = n * error[m];
            m_errorLog[i] = static_cast<float>(1.0 + all);
            m_errorLog[nUes * stride + i] = static_cast<float>(MIN_ERROR + all / (m_gain[i] + all));
            whole += error[m];
            served += head.GetServing(u)[m] * all;
            gain += m_signalGain[i];
            m_multiplier[m] += all;
        }
        ue.Col(u)[9] = static_cast<float>(std::log1p(whole) / 8);
        ue.Col(u)[10] = static_cast<float>(std::log(MIN_ERROR + served / (gain + served)) / 4);
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            ueLink.Col(m * nUes + u)[12] = static_cast<float>(error[m] / std::max(whole, MIN_GAIN));
        }
    }
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        ap.Col(m)[7] = static_cast<float>(std::log1p(m_multiplier[m]) / 8);
    }
    float* logs = m_errorLog.Data();
    for (Eigen::Index i = 0; i < 2 * nUes * stride; ++i)
    {
        logs[i] = IsacFastLog(logs[i]);
    }
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            auto* x = ueLink.Col(m * nUes + u) + 10;
            x[0] = m_errorLog[u * stride + m] / 8;
            x[1] = m_errorLog[(nUes + u) * stride + m] / 4;
        }
    }
}

void
IsacGnnFeatures::SetProblem(const IsacStructuredHead& head)
{
    using Architecture = IsacGnnArchitecture;
    const auto& problem = head.GetProblem();
    const auto nAps = problem.GetNAps();
    const auto nUes = head.GetNUes();
    const auto nTargets = head.GetNTargets();
    const auto stride = head.GetStride();
    const auto n = static_cast<double>(problem.nAntennas);
    double meanBeta = 0.0;
    for (Eigen::Index t = 0; t < nTargets; ++t)
    {
        meanBeta += head.GetSensingWeight(t) / static_cast<double>(nTargets);
    }
    const double logMeanBeta = std::log2(1.0 + meanBeta);
    const double logAps = std::log(static_cast<double>(nAps)) / 2;
    ueLink.Resize(Architecture::UE_LINK_FEATURES, nAps * nUes);
    targetLink.Resize(Architecture::TARGET_LINK_FEATURES, nAps * nTargets);
    ap.Resize(Architecture::AP_FEATURES, nAps);
    ue.Resize(Architecture::UE_FEATURES, nUes);
    target.Resize(Architecture::TARGET_FEATURES, nTargets);
    ueShare.Resize(nUes, nAps);
    apShare.Resize(nUes, nAps);
    targetShare.Resize(nTargets, nAps);

    for (auto* buffer : {&m_gain, &m_signalGain, &m_alignment, &m_correlation})
    {
        buffer->Resize(nUes * stride);
    }
    m_log.Resize(4 * nUes * stride);
    m_totalGram.Resize(nUes * nUes);
    IsacRunKernel<StaticKernel>(*this, head);
    SetErrors(head);

    m_multiplier.Assign(stride, 0.0); // here: mean alignment of the AP's links
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        double ueGain = 0.0;
        double ueLargest = 0.0;
        double square = 0.0;
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            const double signal = m_signalGain[u * stride + m];
            ueGain += signal;
            ueLargest = std::max(ueLargest, signal);
            square += signal * signal;
        }
        const double logUeGain = std::log(ueGain);
        const double logUeLargest = std::log(ueLargest);
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            const auto i = u * stride + m;
            auto* x = ueLink.Col(m * nUes + u);
            x[0] = m_log[nUes * stride + i] / 8;
            x[1] = LogRatio(m_log[i], logUeGain) / 4;
            x[2] = LogRatio(m_log[i], logUeLargest) / 4;
            x[5] = static_cast<float>(2 * m_alignment[i]);
            x[6] = static_cast<float>(3 * m_correlation[i] / std::max<double>(nUes - 1, 1));
            x[7] = m_log[2 * nUes * stride + i] / 4;
            x[8] = m_log[3 * nUes * stride + i] / 8;
            x[9] = static_cast<float>(head.GetServing(u)[m]);
            ueShare.Col(m)[u] = static_cast<float>(m_signalGain[i] / ueGain);
            m_multiplier[m] += m_alignment[i] / nUes;
        }

        const double gain = std::max(m_totalGram[u * nUes + u].real(), MIN_GAIN);
        double correlation = -1.0;
        double crosstalk = -gain * gain;
        for (Eigen::Index j = 0; j < nUes; ++j)
        {
            const double power = std::norm(m_totalGram[u * nUes + j]);
            correlation += power / (gain * std::max(m_totalGram[j * nUes + j].real(), MIN_GAIN));
            crosstalk += power;
        }
        auto* x = ue.Col(u);
        x[0] = std::log1p(gain) / 8;
        x[1] = Log(ueGain * ueGain / square) / 2;
        x[2] = correlation;
        x[3] = Log(std::max(crosstalk, 0.0) / gain + 1e-3) / 8;
        x[4] = std::log(static_cast<double>(nUes));
        x[5] = logAps;
        x[6] = std::log(n) / 2;
        x[7] = logMeanBeta / 2;
        x[8] = std::log2(head.GetWeight(u)) / 4;
    }
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        double apGain = 0.0;
        double apLargest = 0.0;
        double square = 0.0;
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            const double signal = m_signalGain[u * stride + m];
            apGain += signal;
            apLargest = std::max(apLargest, signal);
            square += signal * signal;
        }
        const double logApGain = std::log(apGain);
        const double logApLargest = std::log(apLargest);
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            const auto i = u * stride + m;
            auto* x = ueLink.Col(m * nUes + u);
            x[3] = LogRatio(m_log[i], logApGain) / 4;
            x[4] = LogRatio(m_log[i], logApLargest) / 4;
            apShare.Col(m)[u] = static_cast<float>(m_signalGain[i] / apGain);
        }
        auto* x = ap.Col(m);
        x[0] = std::log1p(apGain) / 8;
        x[1] = Log(apGain * apGain / square);
        x[2] = std::log(static_cast<double>(nUes));
        x[3] = logAps;
        x[4] = std::log(n) / 2;
        x[5] = std::max(0.0, nUes - n + 1) / 5;
        x[6] = logMeanBeta / 2;
    }
    for (Eigen::Index t = 0; t < nTargets; ++t)
    {
        const double sum = problem.omega.col(t).sum() * n;
        const double total = std::max(sum, 1e-12);
        const double largest = std::max(problem.omega.col(t).maxCoeff() * n, 1e-12);
        const double logBeta = std::log2(1.0 + head.GetSensingWeight(t));
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            const double gain = std::max(problem.omega(m, t) * n, 1e-12);
            auto* y = targetLink.Col(m * nTargets + t);
            y[0] = std::log1p(gain) / 4;
            y[1] = Log(gain / total) / 4;
            y[2] = Log(gain / largest) / 4;
            y[3] = logBeta / 2;
            y[4] = 3 * m_multiplier[m];
            y[5] = static_cast<float>(head.GetServing(nUes + t)[m]);
            targetShare.Col(m)[t] = gain / total;
        }
        auto* x = target.Col(t);
        x[0] = std::log1p(sum) / 4;
        x[1] = logBeta / 2;
        x[2] = std::log(nUes + 1.0);
        x[3] = logAps;
    }
}

/// What the features of AP-UE links and the stationary multipliers need of the responses.
struct IsacGnnFeatures::ResponseKernel
{
    template <int BYTES>
    static ISAC_INLINE void Run(IsacGnnFeatures& features, const IsacStructuredHead& head)
    {
        using Vector = IsacVector<double, BYTES>;
        const auto nUes = head.GetNUes();
        const auto nStreams = nUes + head.GetNTargets();
        const auto stride = head.GetStride();
        const auto& response = head.GetResponse();
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            const auto gain = features.m_stationaryGain[u];
            const auto amplitude = head.GetReceived(u, u);
            const double weight = features.m_weight[u];
            const double inverse = 1.0 / std::max(head.GetOwn()(u), 1e-12);
            for (Eigen::Index m = 0; m < stride; m += Vector::SIZE)
            {
                // Re(conj(R_us) received_us) and |R_us|^2, summed over the streams.
                typename Vector::Type inner = {};
                typename Vector::Type total = {};
                for (Eigen::Index s = 0; s < nStreams; ++s)
                {
                    const auto received = head.GetReceived(u, s);
                    const auto re = Vector::Load(response.At(u, s) + m);
                    const auto im = Vector::Load(response.At(u, s) + stride + m);
                    inner += re * received.real() + im * received.imag();
                    total += re * re + im * im;
                }
                const auto re = Vector::Load(response.At(u, u) + m);
                const auto im = Vector::Load(response.At(u, u) + stride + m);
                const auto own = re * re + im * im;
                const auto multiplier = Vector::Load(&features.m_multiplier[m]) + re * gain.real() +
                                        im * gain.imag() - weight * inner;
                Vector::Store(&features.m_multiplier[m], multiplier);
                const auto share =
                    (re * amplitude.real() + im * amplitude.imag()) * (4.0 * inverse);
                const auto crosstalk = total - own;
                for (int i = 0; i < Vector::SIZE; ++i)
                {
                    const auto at = u * stride + m + i;
                    features.m_log[at] = static_cast<float>(share[i]);
                    features.m_log[nUes * stride + at] = static_cast<float>(1e-6 + own[i]);
                    features.m_log[2 * nUes * stride + at] =
                        static_cast<float>(1e-6 + std::max(crosstalk[i], 0.0));
                }
            }
        }
        float* logs = features.m_log.Data();
        for (Eigen::Index i = 0; i < nUes * stride; ++i)
        {
            logs[i] = IsacFastAsinh(logs[i]) / 2;
        }
        for (Eigen::Index i = nUes * stride; i < 3 * nUes * stride; ++i)
        {
            logs[i] = IsacFastLog(logs[i]) / 8;
        }
    }
};

void
IsacGnnFeatures::SetErrorResponse(const IsacStructuredHead& head)
{
    const auto nAps = head.GetProblem().GetNAps();
    const auto nUes = head.GetNUes();
    const auto nStreams = nUes + head.GetNTargets();
    static const auto none = static_cast<float>(std::log(1e-6) / 8);
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        double power = 0.0;
        for (Eigen::Index s = 0; head.HasErrors() && s < nStreams; ++s)
        {
            power += head.GetStreamPower(s)[m];
        }
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            auto* x = ueLink.Col(m * nUes + u) + UE_LINK_STATIC + 3;
            x[0] = none;
            x[1] = 0.0F;
            if (head.HasErrors())
            {
                const double error = head.GetError(u)[m];
                const double own = error * head.GetStreamPower(u)[m];
                const double share = own / std::max(head.GetOwn()(u), 1e-12);
                x[0] = IsacFastLog(static_cast<float>(1e-6 + error * power)) / 8;
                x[1] = IsacFastAsinh(static_cast<float>(4 * share)) / 2;
                m_multiplier[m] += std::exp(logOwn[u]) * own - m_weight[u] * (error * power - own);
            }
        }
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
    const auto stride = head.GetStride();
    const auto n = static_cast<double>(problem.nAntennas);
    logWeight.Resize(nUes);
    logGain.Resize(nUes);
    logOwn.Resize(nUes);
    logSensing.Resize(nAps * nTargets);
    m_stationaryGain.Resize(nUes);
    m_weight.Resize(nUes);

    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        // Weighted WMMSE: v = g / (all power + noise), c = w (1 + SINR) |v|^2, b = w (1 + SINR) v.
        const double own = head.GetOwn()(u);
        const double interference = head.GetInterference()(u);
        const double sinr = own / interference;
        const double total = own + interference;
        const double factor = head.GetWeight(u) * (1.0 + sinr);
        m_weight[u] = factor * own / (total * total);
        logOwn[u] = Log(head.GetWeight(u) / total);
        m_stationaryGain[u] = factor / total * head.GetReceived(u, u);
        logWeight[u] = Log(m_weight[u]);
        logGain[u] = 0.5 * Log(std::norm(m_stationaryGain[u]));
        auto* x = ue.Col(u) + UE_STATIC;
        x[0] = std::log1p(sinr) / 8;
        x[1] = parameters.logWeight(u) / 4;
        x[2] = (logWeight[u] - parameters.logWeight(u)) / 4;
        x[3] = (logGain[u] - parameters.logGain(u)) / 4;
        x[4] = parameters.logGain(u) / 8;
        x[5] = Log(interference) / 8;
        x[6] = Log(1e-6 + head.GetErrorInterference()(u)) / 8;
        x[7] = head.GetOwnError()(u) / std::max(own, 1e-12);
        x[8] = (logWeight[u] - parameters.logError(u)) / 4;
        x[9] = (logOwn[u] - parameters.logOwn(u)) / 4;
    }
    for (Eigen::Index t = 0; t < nTargets; ++t)
    {
        auto* x = target.Col(t) + TARGET_STATIC;
        const double snr = head.GetSensingSnr()(t);
        x[0] = std::log1p(snr) / 4;
        x[1] = Log(head.GetSensingWeight(t) / (1.0 + snr) + 1e-3) / 4;
    }
    // Stationarity along f_m itself: mu_m P_m = Re tr F_m^H (gradient of the other terms).
    m_multiplier.Assign(stride, 0.0);
    IsacRunKernel<ResponseKernel>(*this, head);
    SetErrorResponse(head);
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            auto* x = ueLink.Col(m * nUes + u) + UE_LINK_STATIC;
            for (int i = 0; i < 3; ++i)
            {
                x[i] = m_log[(i * nUes + u) * stride + m];
            }
        }
        double multiplier = m_multiplier[m];
        double excess = multiplier;
        if (nTargets > 0)
        {
            m_sensing.resize(nTargets);
            for (Eigen::Index t = 0; t < nTargets; ++t)
            {
                const double snr = head.GetSensingSnr()(t);
                const double illumination = head.GetIllumination(t, m);
                m_sensing(t) = head.GetSensingWeight(t) * problem.omega(m, t) / (1.0 + snr) * n;
                multiplier += m_sensing(t) / n * illumination;
                logSensing[m * nTargets + t] = std::log(std::max(m_sensing(t), 1e-6));
                const double present = parameters.logSensing(t, m);
                auto* x = targetLink.Col(m * nTargets + t) + TARGET_LINK_STATIC;
                x[0] = (present - parameters.logExcess(m)) / 4;
                x[1] = illumination / n;
                x[2] = Log(m_sensing(t) + 1e-4) / 4;
                x[3] = Log((m_sensing(t) + 1e-4) / (std::exp(present) + 1e-4)) / 4;
                x[4] = Log(problem.omega(m, t) * illumination / std::max(snr, 1e-12) + 1e-5) / 4;
            }
            excess = multiplier - head.GetSensingBound(m, m_sensing);
        }
        const double power = Log(head.GetPower()(m));
        auto* x = ap.Col(m) + AP_STATIC;
        x[0] = parameters.logExcess(m) / 4;
        x[1] = std::asinh(2 * excess * std::exp(-parameters.logExcess(m))) / 2;
        x[2] = std::log(head.GetMultiplier()(m)) / 4;
        x[3] = power / 4;
        x[4] = std::asinh(2 * multiplier / head.GetMultiplier()(m)) / 2;
        x[5] = std::min(std::max(power, -1.0), 1.0);
        x[6] = parameters.logPower(m) / 4;
    }
}

} // namespace ns3
