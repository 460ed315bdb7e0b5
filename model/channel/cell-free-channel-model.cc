// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-channel-model.h"

#include "cell-free-antenna-array.h"

#include "ns3/abort.h"
#include "ns3/channel-condition-model.h"
#include "ns3/double.h"
#include "ns3/isac-link-budget.h"
#include "ns3/log.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/three-gpp-propagation-loss-model.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeChannelModel");

NS_OBJECT_ENSURE_REGISTERED(CellFreeChannelModel);

namespace
{

/// Aborts on a node that cannot be placed.
void
CheckMobility(const Ptr<Node>& node, const char* role)
{
    NS_ABORT_MSG_IF(!node, role << " node is null: expected a node");
    NS_ABORT_MSG_IF(!node->GetObject<MobilityModel>(),
                    role << " node " << node->GetId()
                         << " has no MobilityModel: expected one, install it first");
}

Vector
GetPosition(const Ptr<Node>& node)
{
    return node->GetObject<MobilityModel>()->GetPosition();
}

/// Aborts on an index that was never handed out.
void
CheckIndex(const char* role, uint32_t index, std::size_t count)
{
    NS_ABORT_MSG_IF(index >= count, role << " index " << index << ": expected less than " << count);
}

} // namespace

TypeId
CellFreeChannelModel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeChannelModel")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeChannelModel>()
            .AddAttribute("Frequency",
                          "Carrier frequency (Hz), in [1e6, 1e12]. Propagation loss models that "
                          "have a Frequency must have the same.",
                          DoubleValue(3.5e9),
                          MakeDoubleAccessor(&CellFreeChannelModel::m_frequency),
                          MakeDoubleChecker<double>(1e6, 1e12))
            .AddAttribute("Bandwidth",
                          "Bandwidth (Hz), in [1e3, 1e11].",
                          DoubleValue(20e6),
                          MakeDoubleAccessor(&CellFreeChannelModel::m_bandwidth),
                          MakeDoubleChecker<double>(1e3, 1e11))
            .AddAttribute("UeNoiseFigure",
                          "Noise figure of the UEs' receivers (dB), in [0, 100].",
                          DoubleValue(7.0),
                          MakeDoubleAccessor(&CellFreeChannelModel::m_ueNoiseFigure),
                          MakeDoubleChecker<double>(0.0, 100.0))
            .AddAttribute("ApNoiseFigure",
                          "Noise figure of the APs' receivers (dB), for the uplink and for echoes, "
                          "in [0, 100].",
                          DoubleValue(7.0),
                          MakeDoubleAccessor(&CellFreeChannelModel::m_apNoiseFigure),
                          MakeDoubleChecker<double>(0.0, 100.0))
            .AddAttribute("MinDistance",
                          "Least distance (m), in [0.01, 1000]: targets that are nearer to an AP "
                          "are taken to be this far, and no AP-UE link has a larger path gain than "
                          "free space at this distance.",
                          DoubleValue(1.0),
                          MakeDoubleAccessor(&CellFreeChannelModel::m_minDistance),
                          MakeDoubleChecker<double>(0.01, 1000.0))
            .AddAttribute("LargeScaleUpdatePeriod",
                          "Time between two updates of path losses, directions and distances, at "
                          "least 1 us.",
                          TimeValue(MilliSeconds(100)),
                          MakeTimeAccessor(&CellFreeChannelModel::m_largeScaleUpdatePeriod),
                          MakeTimeChecker(MicroSeconds(1)))
            .AddAttribute("PropagationLoss",
                          "Path loss and shadowing between APs and UEs: the first of a chain of "
                          "models. Needed as soon as there is a UE.",
                          PointerValue(),
                          MakePointerAccessor(&CellFreeChannelModel::m_propagationLoss),
                          MakePointerChecker<PropagationLossModel>())
            .AddAttribute("Fading",
                          "Small-scale fading between APs and UEs. A model serves one channel.",
                          StringValue("ns3::CellFreeRayleighFading"),
                          MakePointerAccessor(&CellFreeChannelModel::SetFading,
                                              &CellFreeChannelModel::GetFading),
                          MakePointerChecker<CellFreeFadingModel>())
            .AddAttribute("RadarModel",
                          "Fluctuation and detection of targets. A model serves one channel.",
                          StringValue("ns3::CellFreeRadarModel"),
                          MakePointerAccessor(&CellFreeChannelModel::SetRadarModel,
                                              &CellFreeChannelModel::GetRadarModel),
                          MakePointerChecker<CellFreeRadarModel>())
            .AddTraceSource("CouplingLoss",
                            "Path loss, shadowing and element gain of every AP-UE link, at every "
                            "large-scale update: AP index, UE index, loss (dB).",
                            MakeTraceSourceAccessor(&CellFreeChannelModel::m_couplingLossTrace),
                            "ns3::CellFreeChannelModel::CouplingLossTracedCallback");
    return tid;
}

CellFreeChannelModel::~CellFreeChannelModel() = default;

void
CellFreeChannelModel::DoDispose()
{
    m_updateEvent.Cancel();
    m_aps.clear();
    m_ues.clear();
    m_targets.clear();
    m_links.clear();
    m_propagationLoss = nullptr;
    m_fading = nullptr;
    m_radar = nullptr;
    Object::DoDispose();
}

uint32_t
CellFreeChannelModel::AddAp(Ptr<Node> node, Ptr<PhasedArrayModel> array, double power)
{
    CheckMobility(node, "AP");
    CheckIsNew(node, "AP");
    NS_ABORT_MSG_IF(!array, "AP node " << node->GetId() << ": array is null: expected an array");
    NS_ABORT_MSG_IF(!(power > 0.0 && std::isfinite(power)),
                    "AP node " << node->GetId() << ": power = " << power
                               << " W: expected a finite number > 0");
    const auto nAntennas = ns3::GetNAntennas(array);
    NS_ABORT_MSG_IF(!m_aps.empty() && nAntennas != m_nAntennas,
                    "AP node " << node->GetId() << ": array of " << nAntennas
                               << " elements: expected " << m_nAntennas
                               << ", as the other APs have");
    m_nAntennas = nAntennas;
    m_aps.push_back({node, array});
    m_power.conservativeResize(m_aps.size());
    m_power(m_aps.size() - 1) = power;
    m_links.emplace_back();
    for (std::size_t u = 0; u < m_ues.size(); ++u)
    {
        m_links.back().push_back(m_fading->AddLink(m_nAntennas));
    }
    Invalidate();
    return m_aps.size() - 1;
}

uint32_t
CellFreeChannelModel::AddUe(Ptr<Node> node)
{
    CheckMobility(node, "UE");
    CheckIsNew(node, "UE");
    m_ues.push_back(node);
    for (auto& links : m_links)
    {
        links.push_back(m_fading->AddLink(m_nAntennas));
    }
    Invalidate();
    return m_ues.size() - 1;
}

uint32_t
CellFreeChannelModel::AddTarget(Ptr<Node> node)
{
    CheckMobility(node, "target");
    NS_ABORT_MSG_IF(!node->GetObject<CellFreeTarget>(),
                    "target node " << node->GetId()
                                   << " has no CellFreeTarget: expected one aggregated to it");
    NS_ABORT_MSG_IF(std::find(m_targets.begin(), m_targets.end(), node) != m_targets.end(),
                    "target node " << node->GetId() << " was added before: expected a new node");
    m_targets.push_back(node);
    m_radar->AddTarget();
    Invalidate();
    return m_targets.size() - 1;
}

void
CellFreeChannelModel::CheckIsNew(const Ptr<Node>& node, const char* role) const
{
    const bool isAp =
        std::any_of(m_aps.begin(), m_aps.end(), [&node](const Ap& ap) { return ap.node == node; });
    const bool isUe = std::find(m_ues.begin(), m_ues.end(), node) != m_ues.end();
    NS_ABORT_MSG_IF(isAp || isUe,
                    role << " node " << node->GetId() << " was added before as "
                         << (isAp ? "an AP" : "a UE") << ": expected a new node");
}

uint32_t
CellFreeChannelModel::GetNAps() const
{
    return m_aps.size();
}

uint32_t
CellFreeChannelModel::GetNUes() const
{
    return m_ues.size();
}

uint32_t
CellFreeChannelModel::GetNTargets() const
{
    return m_targets.size();
}

uint32_t
CellFreeChannelModel::GetNAntennas() const
{
    return m_nAntennas;
}

void
CellFreeChannelModel::GetTrueProblem(const std::vector<uint32_t>& ues,
                                     const std::vector<uint32_t>& targets,
                                     IsacProblem& problem)
{
    if (!m_valid)
    {
        UpdateLargeScale();
    }
    const auto nAps = static_cast<Eigen::Index>(m_aps.size());
    problem.Resize(nAps, ues.size(), targets.size(), m_nAntennas);
    problem.power = m_power;
    problem.noise.setConstant(GetUeNoise());
    // Every AP receives echoes; without APs there is nothing to sum, and nothing to divide.
    problem.sensingNoise = GetApNoise() * std::max<Eigen::Index>(nAps, 1);
    for (std::size_t i = 0; i < ues.size(); ++i)
    {
        CheckIndex("UE", ues[i], m_ues.size());
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            problem.h.col(i).segment(m * m_nAntennas, m_nAntennas) =
                m_amplitude(m, ues[i]) * m_fading->GetCoefficients(m_links[m][ues[i]]);
        }
    }
    for (std::size_t i = 0; i < targets.size(); ++i)
    {
        CheckIndex("target", targets[i], m_targets.size());
        problem.a.col(i) = m_steering.col(targets[i]);
        problem.omega.col(i) = m_omega.col(targets[i]);
    }
}

void
CellFreeChannelModel::GetBelievedProblem(const std::vector<uint32_t>& ues,
                                         const std::vector<uint32_t>& targets,
                                         IsacProblem& problem)
{
    GetTrueProblem(ues, targets, problem);
}

double
CellFreeChannelModel::GetInterferenceFreeSnr(uint32_t ue)
{
    CheckIndex("UE", ue, m_ues.size());
    if (!m_valid)
    {
        UpdateLargeScale();
    }
    double amplitude = 0.0;
    for (std::size_t m = 0; m < m_aps.size(); ++m)
    {
        amplitude += std::sqrt(m_power(m)) * m_amplitude(m, ue) *
                     m_fading->GetCoefficients(m_links[m][ue]).norm();
    }
    return amplitude * amplitude / GetUeNoise();
}

double
CellFreeChannelModel::GetUplinkSnr(uint32_t ue, double txPower)
{
    CheckIndex("UE", ue, m_ues.size());
    if (!m_valid)
    {
        UpdateLargeScale();
    }
    double gain = 0.0;
    for (std::size_t m = 0; m < m_aps.size(); ++m)
    {
        gain += m_amplitude(m, ue) * m_amplitude(m, ue) *
                m_fading->GetCoefficients(m_links[m][ue]).squaredNorm();
    }
    return txPower * gain / GetApNoise();
}

double
CellFreeChannelModel::GetUeNoise() const
{
    return GetThermalNoise(m_bandwidth, m_ueNoiseFigure);
}

double
CellFreeChannelModel::GetApNoise() const
{
    return GetThermalNoise(m_bandwidth, m_apNoiseFigure);
}

double
CellFreeChannelModel::GetWavelength() const
{
    return ISAC_SPEED_OF_LIGHT / m_frequency;
}

double
CellFreeChannelModel::GetBandwidth() const
{
    return m_bandwidth;
}

Ptr<CellFreeRadarModel>
CellFreeChannelModel::GetRadarModel() const
{
    return m_radar;
}

Ptr<CellFreeFadingModel>
CellFreeChannelModel::GetFading() const
{
    return m_fading;
}

Ptr<Node>
CellFreeChannelModel::GetApNode(uint32_t ap) const
{
    CheckIndex("AP", ap, m_aps.size());
    return m_aps[ap].node;
}

Ptr<const PhasedArrayModel>
CellFreeChannelModel::GetApArray(uint32_t ap) const
{
    CheckIndex("AP", ap, m_aps.size());
    return m_aps[ap].array;
}

uint32_t
CellFreeChannelModel::GetTargetId(uint32_t target) const
{
    CheckIndex("target", target, m_targets.size());
    return m_targets[target]->GetId();
}

Vector
CellFreeChannelModel::GetTargetPosition(uint32_t target) const
{
    CheckIndex("target", target, m_targets.size());
    return GetPosition(m_targets[target]);
}

int64_t
CellFreeChannelModel::AssignStreams(int64_t stream)
{
    NS_LOG_FUNCTION(this << stream);
    const int64_t first = stream;
    stream += m_fading->AssignStreams(stream);
    stream += m_radar->AssignStreams(stream);
    if (m_propagationLoss)
    {
        stream += m_propagationLoss->AssignStreams(stream);
    }
    // No release of ns-3 lets the loss models do this for their condition models.
    for (auto loss = m_propagationLoss; loss; loss = loss->GetNext())
    {
        auto threeGpp = DynamicCast<ThreeGppPropagationLossModel>(loss);
        if (threeGpp && threeGpp->GetChannelConditionModel())
        {
            stream += threeGpp->GetChannelConditionModel()->AssignStreams(stream);
        }
    }
    return stream - first;
}

void
CellFreeChannelModel::SetFading(Ptr<CellFreeFadingModel> fading)
{
    m_fading = fading;
    for (auto& links : m_links)
    {
        for (auto& link : links)
        {
            link = m_fading->AddLink(m_nAntennas);
        }
    }
}

void
CellFreeChannelModel::SetRadarModel(Ptr<CellFreeRadarModel> radar)
{
    m_radar = radar;
    for (std::size_t t = 0; t < m_targets.size(); ++t)
    {
        m_radar->AddTarget();
    }
}

void
CellFreeChannelModel::Invalidate()
{
    m_valid = false;
    m_updateEvent.Cancel();
    m_updateEvent = Simulator::ScheduleNow(&CellFreeChannelModel::UpdateLargeScale, this);
}

void
CellFreeChannelModel::UpdateLargeScale()
{
    NS_LOG_FUNCTION(this);
    m_updateEvent.Cancel();
    m_updateEvent = Simulator::Schedule(m_largeScaleUpdatePeriod,
                                        &CellFreeChannelModel::UpdateLargeScale,
                                        this);
    if (!m_valid)
    {
        CheckPropagationLoss();
        m_amplitude.resize(m_aps.size(), m_ues.size());
        m_steering.resize(m_aps.size() * m_nAntennas, m_targets.size());
        m_omega.resize(m_aps.size(), m_targets.size());
        m_elementGain.resize(m_aps.size());
        m_distance.resize(m_aps.size());
        m_valid = true;
    }
    // Always all links in the same order, because loss models draw their shadowing when asked.
    for (std::size_t u = 0; u < m_ues.size(); ++u)
    {
        const Vector position = GetPosition(m_ues[u]);
        for (std::size_t m = 0; m < m_aps.size(); ++m)
        {
            const Vector direction = position - GetPosition(m_aps[m].node);
            const double gain = GetElementGain(m_aps[m].array, direction) * GetPathGain(m, u);
            m_amplitude(m, u) = std::sqrt(gain);
            m_couplingLossTrace(m, u, -ToDecibels(gain));
        }
    }
    for (std::size_t t = 0; t < m_targets.size(); ++t)
    {
        const Vector position = GetPosition(m_targets[t]);
        for (std::size_t m = 0; m < m_aps.size(); ++m)
        {
            const Vector direction = position - GetPosition(m_aps[m].node);
            GetSteeringVector(m_aps[m].array,
                              direction,
                              m_steering.col(t).segment(m * m_nAntennas, m_nAntennas));
            m_elementGain(m) = GetElementGain(m_aps[m].array, direction);
            m_distance(m) = std::max(direction.GetLength(), m_minDistance);
        }
        GetEchoGains(GetWavelength(),
                     m_targets[t]->GetObject<CellFreeTarget>()->GetRcs(),
                     m_elementGain,
                     m_distance,
                     m_omega.col(t));
    }
}

void
CellFreeChannelModel::CheckPropagationLoss() const
{
    if (m_aps.empty() || m_ues.empty())
    {
        return;
    }
    NS_ABORT_MSG_IF(!m_propagationLoss,
                    "CellFreeChannelModel: PropagationLoss is null: expected a model, because "
                    "there are UEs");
    for (auto loss = m_propagationLoss; loss; loss = loss->GetNext())
    {
        DoubleValue frequency;
        NS_ABORT_MSG_IF(loss->GetAttributeFailSafe("Frequency", frequency) &&
                            std::abs(frequency.Get() - m_frequency) > 1e-9 * m_frequency,
                        "CellFreeChannelModel: " << loss->GetInstanceTypeId().GetName()
                                                 << " has Frequency = " << frequency.Get()
                                                 << " Hz: expected " << m_frequency
                                                 << ", the channel's");
    }
}

double
CellFreeChannelModel::GetPathGain(uint32_t ap, uint32_t ue) const
{
    // The UE comes first: ns-3.37's UMi model takes the first end's height for the lower one's
    // unless the other is at 10 m.
    const double gain =
        FromDecibels(m_propagationLoss->CalcRxPower(0.0,
                                                    m_ues[ue]->GetObject<MobilityModel>(),
                                                    m_aps[ap].node->GetObject<MobilityModel>()));
    NS_ABORT_MSG_IF(std::isnan(gain),
                    "PropagationLoss is not a number between AP node "
                        << m_aps[ap].node->GetId() << " and UE node " << m_ues[ue]->GetId());
    // Far-field laws diverge when the ends meet.
    return std::min(gain, GetFreeSpaceGain(GetWavelength(), m_minDistance));
}

} // namespace ns3
