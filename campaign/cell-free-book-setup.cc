// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-book-setup.h"

#include "ns3/abort.h"
#include "ns3/cell-free-gaussian.h"
#include "ns3/isac-link-budget.h"
#include "ns3/isac-pilots.h"
#include "ns3/isac-scattering.h"

#include <Eigen/Cholesky>
#include <cmath>

namespace ns3
{

CellFreeBookSetup::CellFreeBookSetup(const Options& options)
    : m_options(options),
      m_random(CreateObject<UniformRandomVariable>())
{
    m_noise = 1e-3 * cellfree::FromDecibels(-174.0 + 10.0 * std::log10(options.bandwidth) +
                                            options.noiseFigure);
    m_elements.setZero(3, options.nAntennas);
    m_elements.row(1) =
        Eigen::RowVectorXd::LinSpaced(options.nAntennas, 0.0, 0.5 * (options.nAntennas - 1));
    m_uplink.nAntennas = options.nAntennas;
    m_uplink.noise = m_noise;
    m_uplink.power = Eigen::VectorXd::Constant(options.nUes, options.uePower);
}

void
CellFreeBookSetup::SetStream(int64_t stream)
{
    m_random->SetStream(stream);
}

const Eigen::MatrixXd&
CellFreeBookSetup::GetGain() const
{
    return m_gain;
}

const std::vector<int32_t>&
CellFreeBookSetup::GetPilots() const
{
    return m_pilots;
}

const Eigen::MatrixXcd&
CellFreeBookSetup::GetCovariance() const
{
    return m_covariance;
}

double
CellFreeBookSetup::GetPrelog() const
{
    return 1.0 - m_options.nPilots / m_options.blockSymbols;
}

Eigen::Vector2d
CellFreeBookSetup::GetWay(const Eigen::Vector2d& from, const Eigen::Vector2d& to) const
{
    const Eigen::Array2d way = to - from;
    return way - m_options.side * (way / m_options.side).round();
}

Eigen::MatrixXcd
CellFreeBookSetup::DrawGaussian(Eigen::Index rows, Eigen::Index cols)
{
    return Eigen::MatrixXcd::NullaryExpr(rows, cols, [this]() {
        return cellfree::DrawComplexGaussian(*m_random);
    });
}

Eigen::MatrixXd
CellFreeBookSetup::DrawShadowing(const Eigen::MatrixXd& x)
{
    const auto nUes = m_options.nUes;
    Eigen::MatrixXd covariance(nUes, nUes);
    for (Eigen::Index k = 0; k < nUes; ++k)
    {
        for (Eigen::Index i = 0; i < nUes; ++i)
        {
            const double distance = GetWay(x.row(i), x.row(k)).norm();
            covariance(i, k) =
                std::pow(m_options.shadowing, 2) * std::exp2(-distance / m_options.decorrelation);
        }
    }
    const Eigen::LLT<Eigen::MatrixXd> root(covariance);
    NS_ABORT_MSG_IF(root.info() != Eigen::Success, "shadowing: two UEs are in one place");
    // APs are independent of each other.
    const Eigen::MatrixXd white = std::sqrt(2.0) * DrawGaussian(nUes, m_options.nAps).real();
    return (root.matrixL() * white).transpose();
}

void
CellFreeBookSetup::Drop()
{
    const auto nAps = m_options.nAps;
    const auto nUes = m_options.nUes;
    const auto n = m_options.nAntennas;
    const auto draw = [this]() { return m_random->GetValue(0.0, m_options.side); };
    const Eigen::MatrixXd apPlaces = Eigen::MatrixXd::NullaryExpr(nAps, 2, draw);
    const Eigen::MatrixXd uePlaces = Eigen::MatrixXd::NullaryExpr(nUes, 2, draw);
    const Eigen::MatrixXd shadowing = DrawShadowing(uePlaces);
    m_gain.resize(nAps, nUes);
    m_covariance.resize(nAps * n, nUes * n);
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        for (Eigen::Index k = 0; k < nUes; ++k)
        {
            Eigen::Vector3d way;
            way << GetWay(apPlaces.row(m), uePlaces.row(k)), m_options.height;
            m_gain(m, k) =
                cellfree::FromDecibels(-30.5 - 36.7 * std::log10(way.norm()) + shadowing(m, k));
            m_covariance.block(m * n, k * n, n, n) =
                m_gain(m, k) * cellfree::GetScatteringCorrelation(m_elements,
                                                                  way,
                                                                  m_options.spread,
                                                                  m_options.spread);
        }
    }
    std::vector<Eigen::Index> masters;
    for (Eigen::Index k = 0; k < nUes; ++k)
    {
        masters.push_back(cellfree::FindMasterAp(m_gain.col(k)));
    }
    m_pilots.assign(nUes, -1);
    cellfree::AssignPilots(m_gain, m_options.nPilots, m_pilots);
    cellfree::FormPilotClusters(m_gain, m_pilots, masters, m_uplink.serving);
    PrepareEstimates();
}

void
CellFreeBookSetup::PrepareEstimates()
{
    const auto n = m_options.nAntennas;
    const double energy = m_options.uePower * m_options.nPilots;
    m_filter.resizeLike(m_covariance);
    m_uplink.errorCovariance.resizeLike(m_covariance);
    m_root.resize(m_covariance.rows(), n * m_options.nPilots);
    std::vector<Eigen::MatrixXcd> covariances(m_options.nUes);
    for (Eigen::Index m = 0; m < m_options.nAps; ++m)
    {
        for (uint32_t pilot = 0; pilot < m_options.nPilots; ++pilot)
        {
            std::vector<IsacChannelEstimator::Ue> ues;
            std::vector<Eigen::Index> indices;
            Eigen::MatrixXcd received = m_noise * Eigen::MatrixXcd::Identity(n, n);
            for (Eigen::Index k = 0; k < m_options.nUes; ++k)
            {
                if (m_pilots[k] == static_cast<int32_t>(pilot))
                {
                    covariances[k] = m_covariance.block(m * n, k * n, n, n);
                    received += energy * covariances[k];
                    ues.push_back({energy, nullptr, &covariances[k]});
                    indices.push_back(k);
                }
            }
            m_root.block(m * n, pilot * n, n, n) = received.llt().matrixL();
            if (ues.empty())
            {
                continue;
            }
            m_estimator.Compute(ues, m_noise);
            for (std::size_t i = 0; i < indices.size(); ++i)
            {
                const auto k = indices[i];
                m_filter.block(m * n, k * n, n, n) = m_estimator.GetFilter(i);
                m_uplink.errorCovariance.block(m * n, k * n, n, n) =
                    m_estimator.GetErrorCovariance(i);
            }
        }
    }
}

const IsacUplink&
CellFreeBookSetup::DrawEstimates()
{
    const auto n = m_options.nAntennas;
    m_uplink.h.resize(m_covariance.rows(), m_options.nUes);
    const Eigen::MatrixXcd white = DrawGaussian(m_covariance.rows(), m_options.nPilots);
    Eigen::MatrixXcd received(n, m_options.nPilots);
    for (Eigen::Index m = 0; m < m_options.nAps; ++m)
    {
        for (uint32_t pilot = 0; pilot < m_options.nPilots; ++pilot)
        {
            received.col(pilot).noalias() =
                m_root.block(m * n, pilot * n, n, n) * white.col(pilot).segment(m * n, n);
        }
        for (Eigen::Index k = 0; k < m_options.nUes; ++k)
        {
            m_uplink.h.col(k).segment(m * n, n).noalias() =
                m_filter.block(m * n, k * n, n, n) * received.col(m_pilots[k]);
        }
    }
    return m_uplink;
}

CellFreeBookSetup::Moments
CellFreeBookSetup::ComputeMaximumRatio() const
{
    const auto nUes = m_options.nUes;
    const auto n = m_options.nAntennas;
    const double amplitude = std::sqrt(m_options.uePower * m_options.nPilots);
    Moments moments;
    moments.mean.assign(m_options.nAps, Eigen::MatrixXcd::Zero(nUes, nUes));
    moments.power.assign(m_options.nAps, Eigen::MatrixXd::Zero(nUes, nUes));
    moments.norm.setZero(m_options.nAps, nUes);
    for (Eigen::Index m = 0; m < m_options.nAps; ++m)
    {
        for (Eigen::Index i = 0; i < nUes; ++i)
        {
            if (!m_uplink.serving(m, i))
            {
                continue;
            }
            const Eigen::MatrixXcd known = m_covariance.block(m * n, i * n, n, n) -
                                           m_uplink.errorCovariance.block(m * n, i * n, n, n);
            const auto filter = m_filter.block(m * n, i * n, n, n);
            moments.norm(m, i) = known.trace().real();
            for (Eigen::Index k = 0; k < nUes; ++k)
            {
                const auto covariance = m_covariance.block(m * n, k * n, n, n);
                // h^_i = W_i y with E{h_k y^H} = sqrt(e) R_k if k has the pilot of i.
                if (m_pilots[i] == m_pilots[k])
                {
                    moments.mean[m](i, k) =
                        amplitude * covariance.cwiseProduct(filter.conjugate()).sum();
                }
                moments.power[m](i, k) = known.cwiseProduct(covariance.transpose()).sum().real() +
                                         std::norm(moments.mean[m](i, k));
            }
        }
    }
    return moments;
}

CellFreeBookSetup::Moments
CellFreeBookSetup::ComputeLocalMmse(uint32_t nBlocks)
{
    const auto nUes = m_options.nUes;
    const auto n = m_options.nAntennas;
    Moments moments;
    moments.mean.assign(m_options.nAps, Eigen::MatrixXcd::Zero(nUes, nUes));
    moments.power.assign(m_options.nAps, Eigen::MatrixXd::Zero(nUes, nUes));
    moments.norm.setZero(m_options.nAps, nUes);
    // E{v v^H} of each vector.
    Eigen::MatrixXcd squares = Eigen::MatrixXcd::Zero(m_options.nAps * n, nUes * n);
    Eigen::MatrixXcd gains(nUes, nUes);
    for (uint32_t block = 0; block < nBlocks; ++block)
    {
        const auto& uplink = DrawEstimates();
        m_combining.ComputeLocalMmse(uplink, m_vectors);
        for (Eigen::Index m = 0; m < m_options.nAps; ++m)
        {
            for (Eigen::Index i = 0; i < nUes; ++i)
            {
                if (!uplink.serving(m, i))
                {
                    continue;
                }
                const auto v = m_vectors.col(i).segment(m * n, n);
                gains.row(0).noalias() = v.adjoint() * uplink.h.middleRows(m * n, n);
                squares.block(m * n, i * n, n, n).noalias() += v * v.adjoint() / nBlocks;
                moments.power[m].row(i) += gains.row(0).cwiseAbs2() / nBlocks;
                for (Eigen::Index k = 0; k < nUes; ++k)
                {
                    // Turning the phase of all signals of one pilot turns g_mik and changes nothing
                    // else: without a shared pilot its mean is zero.
                    if (m_pilots[i] == m_pilots[k])
                    {
                        moments.mean[m](i, k) += gains(0, k) / static_cast<double>(nBlocks);
                    }
                }
            }
        }
    }
    for (Eigen::Index m = 0; m < m_options.nAps; ++m)
    {
        for (Eigen::Index i = 0; i < nUes; ++i)
        {
            const auto square = squares.block(m * n, i * n, n, n);
            moments.norm(m, i) = square.trace().real();
            for (Eigen::Index k = 0; k < nUes; ++k)
            {
                moments.power[m](i, k) +=
                    square
                        .cwiseProduct(
                            m_uplink.errorCovariance.block(m * n, k * n, n, n).transpose())
                        .sum()
                        .real();
            }
        }
    }
    return moments;
}

Eigen::VectorXd
CellFreeBookSetup::GetPartialMmseSe(uint32_t nBlocks)
{
    Eigen::VectorXd se = Eigen::VectorXd::Zero(m_options.nUes);
    for (uint32_t block = 0; block < nBlocks; ++block)
    {
        const auto& uplink = DrawEstimates();
        m_combining.ComputePartialMmse(uplink, m_vectors);
        se.array() += (1.0 + m_combining.ComputeSinr(uplink, m_vectors).array()).log2() / nBlocks;
    }
    return GetPrelog() * se;
}

Eigen::VectorXd
CellFreeBookSetup::GetUplinkSe(const Moments& moments) const
{
    const auto& serving = m_uplink.serving;
    const double power = m_options.uePower;
    IsacFusion fusion;
    Eigen::VectorXd se(m_options.nUes);
    for (Eigen::Index k = 0; k < m_options.nUes; ++k)
    {
        std::vector<Eigen::Index> aps;
        std::vector<Eigen::Index> coherent;
        for (Eigen::Index m = 0; m < m_options.nAps; ++m)
        {
            if (serving(m, k))
            {
                aps.push_back(m);
            }
        }
        for (Eigen::Index i = 0; i < m_options.nUes; ++i)
        {
            if (i != k && m_pilots[i] == m_pilots[k])
            {
                coherent.push_back(i);
            }
        }
        // Of all UEs for the bound, of those that share an AP (5.15) for the weights.
        IsacFusion::Statistics all;
        IsacFusion::Statistics partial;
        for (bool isPartial : {false, true})
        {
            auto& statistics = isPartial ? partial : all;
            statistics.signal.resize(aps.size());
            statistics.coherent.setZero(aps.size(), coherent.size());
            statistics.incoherent.resize(aps.size());
            for (std::size_t l = 0; l < aps.size(); ++l)
            {
                const auto m = aps[l];
                double rest = m_noise * moments.norm(m, k);
                for (Eigen::Index i = 0; i < m_options.nUes; ++i)
                {
                    if (!isPartial || (serving.col(i) && serving.col(k)).any())
                    {
                        rest += power * (moments.power[m](k, i) - std::norm(moments.mean[m](k, i)));
                    }
                }
                statistics.signal(l) = std::sqrt(power) * moments.mean[m](k, k);
                statistics.incoherent(l) = rest;
                for (std::size_t c = 0; c < coherent.size(); ++c)
                {
                    if (!isPartial || (serving.col(coherent[c]) && serving.col(k)).any())
                    {
                        statistics.coherent(l, c) =
                            std::sqrt(power) * moments.mean[m](k, coherent[c]);
                    }
                }
            }
        }
        const auto& weights = fusion.ComputeWeights(partial);
        se(k) = GetPrelog() * std::log2(1.0 + IsacFusion::GetSinr(all, weights));
    }
    return se;
}

Eigen::VectorXd
CellFreeBookSetup::GetDownlinkSe(const Moments& moments) const
{
    const auto nUes = m_options.nUes;
    // E{h_k^H w_i} and what of E{|h_k^H w_i|^2} is uncorrelated between APs, summed over i.
    Eigen::MatrixXcd mean = Eigen::MatrixXcd::Zero(nUes, nUes);
    Eigen::VectorXd incoherent = Eigen::VectorXd::Zero(nUes);
    for (Eigen::Index m = 0; m < m_options.nAps; ++m)
    {
        const Eigen::ArrayXd root = m_gain.row(m).transpose().array().sqrt() *
                                    m_uplink.serving.row(m).transpose().cast<double>();
        for (Eigen::Index i = 0; i < nUes; ++i)
        {
            if (!m_uplink.serving(m, i))
            {
                continue;
            }
            const double scale = m_options.apPower * root(i) / root.sum() / moments.norm(m, i);
            for (Eigen::Index k = 0; k < nUes; ++k)
            {
                const auto part = moments.mean[m](i, k);
                mean(i, k) += std::sqrt(scale) * part;
                incoherent(k) += scale * (moments.power[m](i, k) - std::norm(part));
            }
        }
    }
    Eigen::VectorXd se(nUes);
    for (Eigen::Index k = 0; k < nUes; ++k)
    {
        const double signal = std::norm(mean(k, k));
        const double interference = mean.col(k).squaredNorm() - signal + incoherent(k) + m_noise;
        se(k) = GetPrelog() * std::log2(1.0 + signal / interference);
    }
    return se;
}

} // namespace ns3
