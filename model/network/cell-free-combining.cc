// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-combining.h"

#include "ns3/boolean.h"
#include "ns3/log.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeCombining");

NS_OBJECT_ENSURE_REGISTERED(CellFreeCombining);
NS_OBJECT_ENSURE_REGISTERED(CellFreeMaximumRatio);
NS_OBJECT_ENSURE_REGISTERED(CellFreeLocalMmse);
NS_OBJECT_ENSURE_REGISTERED(CellFreePartialMmse);

TypeId
CellFreeCombining::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeCombining").SetParent<Object>().SetGroupName("CellFreeIsac");
    return tid;
}

CellFreeCombining::~CellFreeCombining() = default;

TypeId
CellFreeMaximumRatio::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeMaximumRatio")
                            .SetParent<CellFreeCombining>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeMaximumRatio>();
    return tid;
}

CellFreeMaximumRatio::CellFreeMaximumRatio() = default;

CellFreeMaximumRatio::~CellFreeMaximumRatio() = default;

void
CellFreeMaximumRatio::Combine(const std::vector<uint32_t>& ues,
                              const IsacUplink& uplink,
                              Eigen::MatrixXcd& v)
{
    NS_LOG_FUNCTION(this << ues.size());
    IsacCombining::ComputeMaximumRatio(uplink, v);
}

TypeId
CellFreeLocalMmse::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeLocalMmse")
            .SetParent<CellFreeCombining>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeLocalMmse>()
            .AddAttribute("Lsfd",
                          "If true, the CPU weighs the APs by large-scale fading decoding; if "
                          "false, it adds them up.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&CellFreeLocalMmse::m_hasFusion),
                          MakeBooleanChecker())
            .AddAttribute("LsfdMemory",
                          "Combining vectors of a UE, one per slot and sub-band, over which the "
                          "statistics for Lsfd are averaged; older ones fade away (1 to 1e6).",
                          UintegerValue(200),
                          MakeUintegerAccessor(&CellFreeLocalMmse::m_memory),
                          MakeUintegerChecker<uint32_t>(1, 1000000));
    return tid;
}

CellFreeLocalMmse::CellFreeLocalMmse() = default;

CellFreeLocalMmse::~CellFreeLocalMmse() = default;

void
CellFreeLocalMmse::Combine(const std::vector<uint32_t>& ues,
                           const IsacUplink& uplink,
                           Eigen::MatrixXcd& v)
{
    NS_LOG_FUNCTION(this << ues.size());
    m_combining.ComputeLocalMmse(uplink, v);
    if (!m_hasFusion)
    {
        return;
    }
    m_combining.ComputeErrorPower(uplink, v, true, m_errorPower);
    for (std::size_t u = 0; u < ues.size(); ++u)
    {
        if (ues[u] >= m_averages.size())
        {
            m_averages.resize(ues[u] + 1);
        }
        Weigh(m_averages[ues[u]], uplink, u, v);
    }
}

void
CellFreeLocalMmse::Weigh(Average& average,
                         const IsacUplink& uplink,
                         Eigen::Index u,
                         Eigen::MatrixXcd& v)
{
    const auto nAps = uplink.GetNAps();
    const auto n = uplink.nAntennas;
    if (average.signal.size() != nAps) // its first slot, or APs were added
    {
        average.number = 0;
        average.signal.setZero(nAps);
        average.power.setZero(nAps);
    }
    average.number = std::min(average.number + 1, m_memory);
    const double share = 1.0 / average.number;
    m_statistics.signal.setZero(nAps);
    m_statistics.incoherent.setOnes(nAps);
    m_statistics.coherent.resize(nAps, 0);
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        // The averages of an AP that does not serve the UE now keep what they are.
        if (!uplink.Serves(m, u))
        {
            continue;
        }
        const auto combined = v.col(u).segment(m * n, n);
        double power = m_errorPower(m, u);
        for (Eigen::Index j = 0; j < uplink.h.cols(); ++j)
        {
            if (uplink.Serves(m, j))
            {
                power += uplink.Overlap(u, j) * uplink.power(j) *
                         std::norm(combined.dot(uplink.h.col(j).segment(m * n, n)));
            }
        }
        const auto signal =
            std::sqrt(uplink.power(u)) * combined.dot(uplink.h.col(u).segment(m * n, n));
        average.signal(m) += share * (signal - average.signal(m));
        average.power(m) += share * (power - average.power(m));
        const double incoherent = average.power(m) - std::norm(average.signal(m));
        if (incoherent > 0.0)
        {
            m_statistics.signal(m) = average.signal(m);
            m_statistics.incoherent(m) = incoherent;
        }
    }
    const auto& weights = m_fusion.ComputeWeights(m_statistics);
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        v.col(u).segment(m * n, n) *= weights(m);
    }
}

TypeId
CellFreePartialMmse::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreePartialMmse")
                            .SetParent<CellFreeCombining>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreePartialMmse>();
    return tid;
}

CellFreePartialMmse::CellFreePartialMmse() = default;

CellFreePartialMmse::~CellFreePartialMmse() = default;

void
CellFreePartialMmse::Combine(const std::vector<uint32_t>& ues,
                             const IsacUplink& uplink,
                             Eigen::MatrixXcd& v)
{
    NS_LOG_FUNCTION(this << ues.size());
    m_combining.ComputePartialMmse(uplink, v);
}

} // namespace ns3
