// SPDX-License-Identifier: GPL-2.0-only

#include "isac-detection.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace ns3
{

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

void
IsacPooledTest::Design(const Eigen::Ref<const Eigen::VectorXd>& snr,
                       IsacFluctuation fluctuation,
                       double pfa)
{
    m_weights.resize(snr.size());
    if (!(snr.array() >= 0.0).all() || !(pfa > 0.0 && pfa < 1.0))
    {
        m_weights.setConstant(std::numeric_limits<double>::quiet_NaN());
        m_threshold = m_pd = std::numeric_limits<double>::quiet_NaN();
        return;
    }
    if (snr.size() == 0)
    {
        m_threshold = std::numeric_limits<double>::infinity();
        m_pd = pfa;
        return;
    }
    if (fluctuation == ISAC_SWERLING_1)
    {
        DesignSwerling(snr, pfa);
    }
    else
    {
        DesignConstant(snr, pfa);
    }
}

void
IsacPooledTest::DesignSwerling(const Eigen::Ref<const Eigen::VectorXd>& snr, double pfa)
{
    m_terms.clear();
    if (snr.maxCoeff() == 0.0)
    {
        // The limit of equal SNRs that vanish.
        m_weights.setOnes();
        m_terms.push_back({1.0, 0.0, static_cast<uint32_t>(snr.size())});
        m_threshold = cellfree::GetEnergyThreshold(m_terms, pfa);
        m_pd = pfa;
        return;
    }
    for (Eigen::Index k = 0; k < snr.size(); ++k)
    {
        m_weights(k) = snr(k) / (1.0 + snr(k));
        if (snr(k) > 0.0)
        {
            m_terms.push_back({m_weights(k), 0.0, 1});
        }
    }
    m_threshold = cellfree::GetEnergyThreshold(m_terms, pfa);
    std::size_t term = 0;
    for (double s : snr)
    {
        if (s > 0.0)
        {
            m_terms[term++].scale = s;
        }
    }
    m_pd = std::max(cellfree::GetEnergyDistribution(m_terms, m_threshold).tail, pfa);
}

void
IsacPooledTest::DesignConstant(const Eigen::Ref<const Eigen::VectorXd>& snr, double pfa)
{
    if (pfa != m_tabulatedPfa)
    {
        m_tabulatedPfa = pfa;
        m_equalThresholds.clear();
    }
    m_order.resize(snr.size());
    std::iota(m_order.begin(), m_order.end(), 0);
    std::sort(m_order.begin(), m_order.end(), [&snr](Eigen::Index a, Eigen::Index b) {
        return snr(a) > snr(b) || (snr(a) == snr(b) && a < b);
    });
    double sum = 0.0;
    std::size_t best = 0;
    m_pd = -1.0;
    for (std::size_t j = 0; j < m_order.size() && (j == 0 || snr(m_order[j]) > 0.0); ++j)
    {
        sum += snr(m_order[j]);
        m_terms.assign(1, {1.0, 0.0, static_cast<uint32_t>(j + 1)});
        if (j == m_equalThresholds.size())
        {
            m_equalThresholds.push_back(cellfree::GetEnergyThreshold(m_terms, pfa));
        }
        m_terms[0].noncentrality = sum;
        const double pd = cellfree::GetEnergyDistribution(m_terms, m_equalThresholds[j]).tail;
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
IsacPooledTest::GetConditionalProbability(const Eigen::Ref<const Eigen::VectorXd>& snr) const
{
    m_terms.clear();
    for (Eigen::Index k = 0; k < snr.size(); ++k)
    {
        if (!(m_weights(k) <= 0.0))
        {
            m_terms.push_back({m_weights(k), snr(k), 1});
        }
    }
    return cellfree::GetEnergyDistribution(m_terms, m_threshold).tail;
}

} // namespace ns3
