// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-clustering.h"

#include "ns3/abort.h"
#include "ns3/cell-free-attribute.h"
#include "ns3/double.h"
#include "ns3/isac-link-budget.h"
#include "ns3/isac-pilots.h"
#include "ns3/log.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/uinteger.h"

#include <algorithm>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeClustering");

NS_OBJECT_ENSURE_REGISTERED(CellFreeClustering);
NS_OBJECT_ENSURE_REGISTERED(CellFreeAllServe);
NS_OBJECT_ENSURE_REGISTERED(CellFreePeriodicClustering);
NS_OBJECT_ENSURE_REGISTERED(CellFreeDynamicCooperation);
NS_OBJECT_ENSURE_REGISTERED(CellFreeStrongestAps);

TypeId
CellFreeClustering::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeClustering")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddTraceSource("Change",
                            "An AP joins or leaves the cluster of a UE, or becomes its master.",
                            MakeTraceSourceAccessor(&CellFreeClustering::m_changeTrace),
                            "ns3::CellFreeClustering::ChangeTracedCallback");
    return tid;
}

CellFreeClustering::~CellFreeClustering() = default;

void
CellFreeClustering::Update(CellFreeCsi& /* csi */,
                           const std::vector<uint32_t>& /* aps */,
                           const std::vector<uint32_t>& /* ues */)
{
}

TypeId
CellFreeAllServe::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeAllServe")
                            .SetParent<CellFreeClustering>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeAllServe>();
    return tid;
}

CellFreeAllServe::CellFreeAllServe() = default;

CellFreeAllServe::~CellFreeAllServe() = default;

void
CellFreeAllServe::GetServing(const std::vector<uint32_t>& /* aps */,
                             const std::vector<uint32_t>& /* ues */,
                             Mask& serving)
{
    NS_LOG_FUNCTION(this);
    serving.resize(0, 0);
}

TypeId
CellFreePeriodicClustering::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreePeriodicClustering")
            .SetParent<CellFreeClustering>()
            .SetGroupName("CellFreeIsac")
            .AddAttribute(
                "UpdatePeriod",
                "Time after which clusters are renewed, at its multiples (at least 1 us). "
                "Acts from the next renewal on.",
                TimeValue(MilliSeconds(100)),
                MakeTimeAccessor(&CellFreePeriodicClustering::m_updatePeriod),
                MakeTimeChecker(MicroSeconds(1)))
            .AddAttribute("Hysteresis",
                          "How much stronger than an AP that serves, or than the master, another "
                          "has to be to take its place (dB, 0 to 100). Acts at the next renewal.",
                          DoubleValue(1.0),
                          MakeDoubleAccessor(&CellFreePeriodicClustering::m_hysteresis),
                          MakeDoubleChecker<double>(0.0, 100.0));
    return tid;
}

CellFreePeriodicClustering::~CellFreePeriodicClustering() = default;

void
CellFreePeriodicClustering::DoDispose()
{
    m_clusters.clear();
    CellFreeClustering::DoDispose();
}

void
CellFreePeriodicClustering::Update(CellFreeCsi& csi,
                                   const std::vector<uint32_t>& aps,
                                   const std::vector<uint32_t>& ues)
{
    auto& clusters = m_clusters[aps];
    bool isDue = Simulator::Now() >= clusters.next || clusters.ues != ues;
    for (std::size_t j = 0; j < ues.size() && !isDue; ++j)
    {
        isDue = csi.GetPilot(ues[j]) != clusters.pilots[j];
    }
    if (isDue)
    {
        Renew(csi, aps, ues, clusters);
    }
}

void
CellFreePeriodicClustering::Renew(CellFreeCsi& csi,
                                  const std::vector<uint32_t>& aps,
                                  const std::vector<uint32_t>& ues,
                                  Clusters& clusters)
{
    NS_LOG_FUNCTION(this << aps.size() << ues.size());
    Check(csi, aps.size());
    auto& channel = csi.GetChannel();
    const double hysteresis = cellfree::FromDecibels(m_hysteresis);
    const int64_t period = m_updatePeriod.GetTimeStep();
    Clusters renewed;
    renewed.next = TimeStep((Simulator::Now().GetTimeStep() / period + 1) * period);
    renewed.ues = ues;
    std::vector<Eigen::Index> places;
    Eigen::MatrixXd gain(aps.size(), ues.size());
    for (std::size_t j = 0; j < ues.size(); ++j)
    {
        const auto place = std::lower_bound(clusters.ues.begin(), clusters.ues.end(), ues[j]);
        const Eigen::Index i =
            place != clusters.ues.end() && *place == ues[j] ? place - clusters.ues.begin() : -1;
        for (std::size_t m = 0; m < aps.size(); ++m)
        {
            gain(m, j) = channel.GetMeanGain(aps[m], ues[j]);
        }
        renewed.pilots.push_back(csi.GetPilot(ues[j]));
        renewed.masters.push_back(
            cellfree::FindMasterAp(gain.col(j), i < 0 ? -1 : clusters.masters[i], hysteresis));
        for (std::size_t m = 0; m < aps.size() && i >= 0; ++m)
        {
            gain(m, j) *= clusters.serving(m, i) ? hysteresis : 1.0;
        }
        places.push_back(i);
    }
    Form(gain, renewed.pilots, renewed.masters, renewed.serving);
    for (std::size_t j = 0; j < ues.size(); ++j)
    {
        renewed.serving(renewed.masters[j], j) = true;
        TraceChanges(channel, aps, clusters, places[j], renewed, j);
    }
    clusters = std::move(renewed);
}

void
CellFreePeriodicClustering::TraceChanges(const CellFreeChannelModel& channel,
                                         const std::vector<uint32_t>& aps,
                                         const Clusters& before,
                                         Eigen::Index i,
                                         const Clusters& after,
                                         Eigen::Index j) const
{
    CellFreeClusterChange change;
    change.time = Simulator::Now();
    change.ueId = channel.GetUeId(after.ues[j]);
    change.nServingAps = after.serving.col(j).count();
    const auto trace = [&](std::size_t m, CellFreeClusterChange::Event event) {
        change.apId = channel.GetApId(aps[m]);
        change.event = event;
        m_changeTrace(change);
    };
    for (std::size_t m = 0; m < aps.size(); ++m)
    {
        const bool served = i >= 0 && before.serving(m, i);
        if (served != after.serving(m, j))
        {
            trace(m, served ? CellFreeClusterChange::LEAVE : CellFreeClusterChange::JOIN);
        }
    }
    if (i < 0 || before.masters[i] != after.masters[j])
    {
        trace(after.masters[j], CellFreeClusterChange::MASTER);
    }
}

void
CellFreePeriodicClustering::GetServing(const std::vector<uint32_t>& aps,
                                       const std::vector<uint32_t>& ues,
                                       Mask& serving)
{
    const auto found = m_clusters.find(aps);
    NS_ABORT_MSG_IF(found == m_clusters.end(),
                    GetInstanceTypeId().GetName() << ": GetServing() before Update()");
    const auto& clusters = found->second;
    serving.resize(aps.size(), ues.size());
    for (std::size_t j = 0; j < ues.size(); ++j)
    {
        const auto place = std::lower_bound(clusters.ues.begin(), clusters.ues.end(), ues[j]);
        NS_ABORT_MSG_IF(place == clusters.ues.end() || *place != ues[j],
                        GetInstanceTypeId().GetName()
                            << ": UE " << ues[j] << " was not in the latest Update()");
        serving.col(j) = clusters.serving.col(place - clusters.ues.begin());
    }
}

TypeId
CellFreeDynamicCooperation::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeDynamicCooperation")
                            .SetParent<CellFreePeriodicClustering>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeDynamicCooperation>();
    return tid;
}

CellFreeDynamicCooperation::CellFreeDynamicCooperation() = default;

CellFreeDynamicCooperation::~CellFreeDynamicCooperation() = default;

void
CellFreeDynamicCooperation::Check(const CellFreeCsi& csi, std::size_t /* nAps */) const
{
    NS_ABORT_MSG_IF(csi.GetPilotLength() == 0,
                    "CellFreeDynamicCooperation: Csi = "
                        << csi.GetInstanceTypeId().GetName()
                        << ": expected one with pilots, as ns3::CellFreePilotCsi");
}

void
CellFreeDynamicCooperation::Form(const Eigen::MatrixXd& gain,
                                 const std::vector<int32_t>& pilots,
                                 const std::vector<Eigen::Index>& masters,
                                 Mask& serving) const
{
    cellfree::FormPilotClusters(gain, pilots, masters, serving);
}

TypeId
CellFreeStrongestAps::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeStrongestAps")
            .SetParent<CellFreePeriodicClustering>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeStrongestAps>()
            .AddAttribute("Size",
                          "APs that serve a UE, at most those of the CPU (1 to 100000). Not to be "
                          "set during a run.",
                          UintegerValue(8),
                          MakeUintegerAccessor(&CellFreeStrongestAps::SetSize,
                                               &CellFreeStrongestAps::GetSize),
                          MakeUintegerChecker<uint32_t>(1, 100000));
    return tid;
}

CellFreeStrongestAps::CellFreeStrongestAps() = default;

CellFreeStrongestAps::~CellFreeStrongestAps() = default;

void
CellFreeStrongestAps::SetSize(uint32_t size)
{
    cellfree::RefuseDuringRun(*this, "Size");
    m_size = size;
}

uint32_t
CellFreeStrongestAps::GetSize() const
{
    return m_size;
}

void
CellFreeStrongestAps::Check(const CellFreeCsi& /* csi */, std::size_t nAps) const
{
    NS_ABORT_MSG_IF(m_size > nAps,
                    "CellFreeStrongestAps: Size = " << m_size << ": expected at most the CPU's "
                                                    << nAps << " APs");
}

void
CellFreeStrongestAps::Form(const Eigen::MatrixXd& gain,
                           const std::vector<int32_t>& /* pilots */,
                           const std::vector<Eigen::Index>& /* masters */,
                           Mask& serving) const
{
    cellfree::FormStrongestClusters(gain, m_size, serving);
}

} // namespace ns3
