// SPDX-License-Identifier: GPL-2.0-only

#include "isac-detection.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace ns3
{

void
IsacEchoes::Resize(Eigen::Index nLooks, Eigen::Index nIntervals)
{
    reflection.resize(nIntervals, nLooks);
    noise.resize(nIntervals, nLooks);
    reference.resize(nLooks);
}

void
IsacEchoes::GetFluctuation(Eigen::VectorXd& factor) const
{
    factor = reflection.cwiseAbs2().colwise().mean().transpose();
}

double
IsacEchoes::GetMeanFluctuation(const Eigen::Ref<const Eigen::VectorXd>& weight) const
{
    const double total = weight.sum();
    double sum = 0.0;
    double equal = 0.0;
    for (Eigen::Index k = 0; k < weight.size(); ++k)
    {
        const double factor = reflection.col(k).cwiseAbs2().mean();
        sum += weight(k) * factor;
        equal += factor;
    }
    return total > 0.0 ? sum / total : equal / weight.size();
}

void
IsacEchoes::GetPower(const Eigen::Ref<const Eigen::VectorXd>& snr, Eigen::VectorXd& power) const
{
    const double n = reflection.rows();
    power.resize(snr.size());
    for (Eigen::Index k = 0; k < snr.size(); ++k)
    {
        power(k) = (std::sqrt(snr(k) / n) * reflection.col(k) + noise.col(k)).squaredNorm();
    }
}

double
cellfree::GetCombinedSensingSnr(double snr, uint32_t nReceiveAntennas, uint64_t nSymbols)
{
    return snr * nReceiveAntennas * static_cast<double>(nSymbols);
}

double
cellfree::GetDetectionThreshold(double pfa)
{
    return -std::log(pfa);
}

double
cellfree::GetSwerlingDetectionProbability(double snr, double pfa)
{
    return std::pow(pfa, 1.0 / (1.0 + snr));
}

double
cellfree::GetConstantDetectionProbability(double snr, double pfa)
{
    const double threshold = cellfree::GetDetectionThreshold(pfa);
    // A miss needs noise of amplitude sqrt(SNR) - sqrt(threshold): rarer than e^-64 beyond 8.
    if (std::sqrt(snr) > std::sqrt(threshold) + 8.0)
    {
        return 1.0;
    }
    double poisson = std::exp(-snr);         // e^-SNR SNR^k / k!
    double gammaTerm = std::exp(-threshold); // e^-threshold threshold^k / k!
    double gammaTail = gammaTerm;            // Q(k + 1, threshold)
    double probability = poisson * gammaTail;
    // Beyond the mode the Poisson weights fall faster than geometrically; the tails grow up to 1.
    for (int k = 1; k < snr || poisson > 1e-17 * probability; ++k)
    {
        poisson *= snr / k;
        gammaTerm *= threshold / k;
        gammaTail += gammaTerm;
        probability += poisson * gammaTail;
    }
    return std::min(probability, 1.0);
}

double
cellfree::GetSwerling3DetectionProbability(double snr, double pfa)
{
    const double threshold = cellfree::GetDetectionThreshold(pfa);
    const double a = 1.0 + snr / 2;
    return std::exp(-threshold / a) * (1.0 + (a - 1.0) * threshold / (a * a));
}

double
cellfree::GetCfarThreshold(double pfa, uint32_t nReference)
{
    return cellfree::GetEnergyRatioThreshold(1, pfa, nReference);
}

double
cellfree::GetCfarDetectionProbability(double snr, double pfa, uint32_t nReference)
{
    const double threshold = cellfree::GetCfarThreshold(pfa, nReference);
    return std::exp(-std::log1p(threshold / (1.0 + snr)) * nReference);
}

double
cellfree::GetCfarLoss(double pd, double pfa, uint32_t nReference)
{
    const double known = std::log(pfa) / std::log(pd) - 1.0;
    const double estimated =
        cellfree::GetCfarThreshold(pfa, nReference) / cellfree::GetCfarThreshold(pd, nReference) -
        1.0;
    return 10.0 * std::log10(estimated / known);
}

void
IsacPooledTest::Design(const Eigen::Ref<const Eigen::VectorXd>& snr,
                       IsacFluctuation fluctuation,
                       double pfa,
                       uint32_t nIntervals,
                       uint32_t nReference)
{
    m_weights.resize(snr.size());
    if (!(snr.array() >= 0.0).all() || !(pfa > 0.0 && pfa < 1.0))
    {
        m_weights.setConstant(std::numeric_limits<double>::quiet_NaN());
        m_threshold = m_pd = std::numeric_limits<double>::quiet_NaN();
        return;
    }
    if (pfa != m_tabulatedPfa || nIntervals != m_nIntervals || nReference != m_nReference)
    {
        m_tabulatedPfa = pfa;
        m_nIntervals = nIntervals;
        m_nReference = nReference;
        m_equalThresholds.clear();
    }
    if (snr.size() == 0)
    {
        m_threshold = std::numeric_limits<double>::infinity();
        m_pd = pfa;
        return;
    }
    uint32_t shape = 0;
    switch (fluctuation)
    {
    case ISAC_SWERLING_1:
        shape = 1;
        break;
    case ISAC_SWERLING_2:
        shape = nIntervals;
        break;
    case ISAC_SWERLING_3:
        shape = 2;
        break;
    case ISAC_SWERLING_4:
        shape = 2 * nIntervals;
        break;
    case ISAC_CONSTANT:
        break;
    }
    if (shape == nIntervals && nReference == 0)
    {
        DesignSwerling(snr, pfa);
    }
    else
    {
        DesignEqual(snr, pfa, shape);
    }
}

void
IsacPooledTest::DesignSwerling(const Eigen::Ref<const Eigen::VectorXd>& snr, double pfa)
{
    m_terms.clear();
    const double n = m_nIntervals;
    if (snr.maxCoeff() == 0.0)
    {
        // The limit of equal SNRs that vanish.
        m_weights.setOnes();
        m_threshold = GetEqualThreshold(snr.size(), pfa);
        m_pd = pfa;
        return;
    }
    for (Eigen::Index k = 0; k < snr.size(); ++k)
    {
        m_weights(k) = snr(k) / (n + snr(k));
        if (snr(k) > 0.0)
        {
            m_terms.push_back({m_weights(k), 0.0, static_cast<int32_t>(m_nIntervals)});
        }
    }
    m_threshold = cellfree::GetEnergyThreshold(m_terms, pfa);
    std::size_t term = 0;
    for (double s : snr)
    {
        if (s > 0.0)
        {
            m_terms[term++].scale = s / n;
        }
    }
    m_pd = std::max(cellfree::GetEnergyDistribution(m_terms, m_threshold).tail, pfa);
}

void
IsacPooledTest::DesignEqual(const Eigen::Ref<const Eigen::VectorXd>& snr,
                            double pfa,
                            uint32_t shape)
{
    m_order.resize(snr.size());
    std::iota(m_order.begin(), m_order.end(), 0);
    std::sort(m_order.begin(), m_order.end(), [&snr](Eigen::Index a, Eigen::Index b) {
        return snr(a) > snr(b) || (snr(a) == snr(b) && a < b);
    });
    const auto n = static_cast<int32_t>(m_nIntervals);
    const auto m = static_cast<int32_t>(shape);
    m_terms.assign(1, {1.0, 0.0, 0});
    std::size_t best = 0;
    m_pd = -1.0;
    for (std::size_t j = 0; j < m_order.size() && (j == 0 || snr(m_order[j]) > 0.0); ++j)
    {
        const double s = snr(m_order[j]);
        m_terms[0].count += n - m;
        if (shape == 0)
        {
            m_terms[0].noncentrality += s;
        }
        // Single looks are multiplied, which is faster than powers.
        const int32_t nTerms = m <= 2 ? m : 1;
        for (int32_t i = 0; i < nTerms; ++i)
        {
            m_terms.push_back({1.0 + s / m, 0.0, m / nTerms});
        }
        if (j == m_equalThresholds.size())
        {
            m_equalThresholds.push_back(GetEqualThreshold(j + 1, pfa));
        }
        const double pd = GetTail(m_equalThresholds[j], j + 1);
        if (pd > m_pd)
        {
            m_pd = pd;
            best = j;
        }
    }
    m_pd = std::max(m_pd, pfa);
    m_threshold = m_equalThresholds[best];
    for (std::size_t j = 0; j < m_order.size(); ++j)
    {
        m_weights(m_order[j]) = j <= best ? 1.0 : 0.0;
    }
}

double
IsacPooledTest::GetEqualThreshold(uint32_t nLooks, double pfa) const
{
    const uint32_t count = nLooks * m_nIntervals;
    return m_nReference > 0
               ? cellfree::GetEnergyRatioThreshold(count, pfa, count * m_nReference)
               : cellfree::GetEnergyThreshold({{1.0, 0.0, static_cast<int32_t>(count)}}, pfa);
}

double
IsacPooledTest::GetTail(double threshold, uint32_t nLooks) const
{
    return m_nReference > 0 ? cellfree::GetEnergyRatioTail(m_terms,
                                                           threshold,
                                                           nLooks * m_nIntervals * m_nReference)
                            : cellfree::GetEnergyDistribution(m_terms, threshold).tail;
}

double
IsacPooledTest::GetStatistic(const Eigen::Ref<const Eigen::VectorXd>& power,
                             const Eigen::Ref<const Eigen::VectorXd>& reference) const
{
    const double sum = m_weights.dot(power);
    return m_nReference > 0 ? sum / m_weights.dot(reference) : sum;
}

double
IsacPooledTest::GetStatistic(const Eigen::Ref<const Eigen::VectorXd>& power) const
{
    const double sum = m_weights.dot(power);
    return m_nReference > 0 ? sum / (m_weights.sum() * m_nIntervals * m_nReference) : sum;
}

double
IsacPooledTest::GetConditionalProbability(const Eigen::Ref<const Eigen::VectorXd>& snr) const
{
    m_terms.clear();
    for (Eigen::Index k = 0; k < snr.size(); ++k)
    {
        if (!(m_weights(k) <= 0.0))
        {
            m_terms.push_back({m_weights(k), snr(k), static_cast<int32_t>(m_nIntervals)});
        }
    }
    return GetTail(m_threshold, m_terms.size());
}

} // namespace ns3
