// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-channel-model.h"

#include "cell-free-antenna-array.h"

#include "ns3/abort.h"
#include "ns3/cell-free-attribute.h"
#include "ns3/cell-free-streams.h"
#include "ns3/double.h"
#include "ns3/isac-link-budget.h"
#include "ns3/log.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeChannelModel");

NS_OBJECT_ENSURE_REGISTERED(CellFreeChannelModel);

namespace
{

constexpr double NO_MIN_SNR = -300.0;      //!< MinLinkSnr that cuts nothing (dB)
constexpr std::size_t MAX_AIMS_KNOWN = 64; //!< aims whose steering vectors are kept
constexpr double NO_CLUTTER = -300.0;      //!< ClutterToNoise that is nothing (dB)

/// Aborts on a node that cannot be placed.
void
CheckMobility(const Ptr<Node>& node, const char* role)
{
    NS_ABORT_MSG_IF(!node, role << " node is null: expected a node");
    NS_ABORT_MSG_IF(!node->GetObject<MobilityModel>(),
                    role << " node " << node->GetId()
                         << " has no MobilityModel: expected one, install it first");
}

/// Aborts on an index that was never handed out.
void
CheckIndex(const char* role, uint32_t index, std::size_t count)
{
    NS_ABORT_MSG_IF(index >= count, role << " index " << index << ": expected less than " << count);
}

/// Aborts on an index that was never handed out or whose node was removed.
template <typename Guests>
void
CheckIsThere(const char* role, uint32_t index, const Guests& guests)
{
    CheckIndex(role, index, guests.size());
    NS_ABORT_MSG_IF(!guests[index].node,
                    role << " index " << index << ": node " << guests[index].id
                         << " was removed: expected one that is there");
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
                          "Carrier frequency (Hz), in [1e6, 1e12], that LargeScale can work at.",
                          DoubleValue(3.5e9),
                          MakeDoubleAccessor(&CellFreeChannelModel::SetFrequency,
                                             &CellFreeChannelModel::GetFrequency),
                          MakeDoubleChecker<double>(1e6, 1e12))
            .AddAttribute("Subbands",
                          "Sub-bands of equal width that the bandwidth is divided into, each with "
                          "beams of its own (1 to 1024). Not to be set during a run.",
                          UintegerValue(1),
                          MakeUintegerAccessor(&CellFreeChannelModel::SetNBands,
                                               &CellFreeChannelModel::GetNBands),
                          MakeUintegerChecker<uint32_t>(1, 1024))
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
                          "free space at this distance. Acts at the next large-scale update.",
                          DoubleValue(1.0),
                          MakeDoubleAccessor(&CellFreeChannelModel::m_minDistance),
                          MakeDoubleChecker<double>(0.01, 1000.0))
            .AddAttribute("MaxRange",
                          "Longest distance between an AP and a UE (m), in [0, 1e6]: links beyond "
                          "are cut, at no cost. 0 for none. Acts at the next large-scale update.",
                          DoubleValue(0.0),
                          MakeDoubleAccessor(&CellFreeChannelModel::m_maxRange),
                          MakeDoubleChecker<double>(0.0, 1e6))
            .AddAttribute("MinLinkSnr",
                          "Least mean SNR at a UE of one AP's full power, matched (dB), in [-300, "
                          "100]: links below are cut. -300 for none. Acts at the next large-scale "
                          "update.",
                          DoubleValue(NO_MIN_SNR),
                          MakeDoubleAccessor(&CellFreeChannelModel::m_minLinkSnr),
                          MakeDoubleChecker<double>(NO_MIN_SNR, 100.0))
            .AddAttribute("LargeScaleUpdatePeriod",
                          "Time between two updates of path losses, directions, distances and "
                          "speeds, at least 1 us. Acts from the next update on.",
                          TimeValue(MilliSeconds(100)),
                          MakeTimeAccessor(&CellFreeChannelModel::m_largeScaleUpdatePeriod),
                          MakeTimeChecker(MicroSeconds(1)))
            .AddAttribute(
                "LargeScale",
                "Path loss and shadowing between APs and UEs. A model serves one channel.",
                StringValue("ns3::CellFreeThreeGppLargeScale"),
                MakePointerAccessor(&CellFreeChannelModel::SetLargeScale,
                                    &CellFreeChannelModel::GetLargeScale),
                MakePointerChecker<CellFreeLargeScaleModel>())
            .AddAttribute("Fading",
                          "Small-scale fading between APs and UEs. A model serves one channel.",
                          StringValue("ns3::CellFreeRayleighFading"),
                          MakePointerAccessor(&CellFreeChannelModel::SetFading,
                                              &CellFreeChannelModel::GetFading),
                          MakePointerChecker<CellFreeFadingModel>())
            .AddAttribute("RadarModel",
                          "Fluctuation of targets. A model serves one channel.",
                          StringValue("ns3::CellFreeRadarModel"),
                          MakePointerAccessor(&CellFreeChannelModel::SetRadarModel,
                                              &CellFreeChannelModel::GetRadarModel),
                          MakePointerChecker<CellFreeRadarModel>())
            .AddAttribute(
                "HopCondition",
                "Model of ns-3 that says which hops between APs and targets are in line of sight; "
                "the others return no echo. Null: all are. Asked at every large-scale update. The "
                "3GPP models keep a hop's state for their own UpdatePeriod; "
                "BuildingsChannelConditionModel needs the buildings module and "
                "BuildingsHelper::Install() on APs and targets.",
                PointerValue(),
                MakePointerAccessor(&CellFreeChannelModel::SetHopCondition,
                                    &CellFreeChannelModel::GetHopCondition),
                MakePointerChecker<ChannelConditionModel>())
            .AddAttribute(
                "HopLoss",
                "Path loss and shadowing of the hops between APs and targets. Null: free space. A "
                "model serves one channel. Asked at every large-scale update.",
                PointerValue(),
                MakePointerAccessor(&CellFreeChannelModel::SetHopLoss,
                                    &CellFreeChannelModel::GetHopLoss),
                MakePointerChecker<CellFreeLargeScaleModel>())
            .AddAttribute("ClutterToNoise",
                          "Clutter at each antenna that receives echoes, over the receiver's noise "
                          "(dB), in [-300, 200]; -300 for none. What ClutterImprovement leaves of "
                          "it counts as more noise. Acts at once.",
                          DoubleValue(NO_CLUTTER),
                          MakeDoubleAccessor(&CellFreeChannelModel::m_clutterToNoise),
                          MakeDoubleChecker<double>(NO_CLUTTER, 200.0))
            .AddAttribute("ClutterImprovement",
                          "Improvement factor of the moving target indicator: target over clutter "
                          "after it, over the same before it (dB), in [0, 200]. Acts at once.",
                          DoubleValue(0.0),
                          MakeDoubleAccessor(&CellFreeChannelModel::m_clutterImprovement),
                          MakeDoubleChecker<double>(0.0, 200.0))
            .AddTraceSource("CouplingLoss",
                            "Path loss, shadowing and element gain of every AP-UE link that is not "
                            "cut, at every "
                            "large-scale update: AP index, UE index, loss (dB).",
                            MakeTraceSourceAccessor(&CellFreeChannelModel::m_couplingLossTrace),
                            "ns3::CellFreeChannelModel::CouplingLossTracedCallback")
            .AddTraceSource("CutPower",
                            "Mean power that cut links would bring to a UE, over that of all, at "
                            "every large-scale update: UE index, share (dB). While it is connected "
                            "LargeScale is asked for links beyond MaxRange too, which a chain that "
                            "draws when asked notices.",
                            MakeTraceSourceAccessor(&CellFreeChannelModel::m_cutPowerTrace),
                            "ns3::CellFreeChannelModel::CutPowerTracedCallback")
            .AddTraceSource("Asked",
                            "Channels, norms or statistics of AP-UE links at the present time are "
                            "asked for, or (lag > 0) their correlation over a lag: lag.",
                            MakeTraceSourceAccessor(&CellFreeChannelModel::m_askedTrace),
                            "ns3::CellFreeChannelModel::AskedTracedCallback");
    return tid;
}

CellFreeChannelModel::~CellFreeChannelModel() = default;

void
CellFreeChannelModel::DoDispose()
{
    m_updateEvent.Cancel();
    m_nodesEvent.Cancel();
    m_aps.clear();
    m_ues.clear();
    m_targets.clear();
    m_links.clear();
    for (Ptr<Object> part :
         std::initializer_list<Ptr<Object>>{m_largeScale, m_fading, m_radar, m_hopLoss})
    {
        if (part)
        {
            part->Dispose();
        }
    }
    m_largeScale = nullptr;
    m_fading = nullptr;
    m_radar = nullptr;
    m_hopLoss = nullptr;
    m_hopCondition.SetModel(nullptr);
    Object::DoDispose();
}

uint32_t
CellFreeChannelModel::AddAp(Ptr<Node> node)
{
    CheckMobility(node, "AP");
    CheckIsNew(node, "AP");
    auto ap = node->GetObject<CellFreeAp>();
    NS_ABORT_MSG_IF(!ap,
                    "AP node " << node->GetId()
                               << " has no CellFreeAp: expected one aggregated to it");
    NS_ABORT_MSG_IF(!ap->GetArray(),
                    "AP node " << node->GetId()
                               << ": CellFreeAp::Array is null: expected an array");
    const Ap added{node, ap, node->GetObject<MobilityModel>()};
    if (m_aps.empty())
    {
        m_nAntennas = ns3::cellfree::GetNAntennas(ap->GetArray());
        m_nEchoAntennas = ns3::cellfree::GetNAntennas(ap->GetEchoArray());
    }
    CheckArrays(added, "as the other APs have");
    ap->FixArray();
    m_aps.push_back(added);
    m_links.emplace_back(m_ues.size(), NO_LINK);
    AwaitNodes();
    return m_aps.size() - 1;
}

uint32_t
CellFreeChannelModel::AddUe(Ptr<Node> node)
{
    CheckMobility(node, "UE");
    CheckIsNew(node, "UE");
    m_ues.push_back({node->GetId(), node, node->GetObject<MobilityModel>()});
    for (auto& links : m_links)
    {
        links.push_back(NO_LINK);
    }
    AwaitNodes();
    return m_ues.size() - 1;
}

void
CellFreeChannelModel::RemoveUe(uint32_t ue)
{
    CheckIsThere("UE", ue, m_ues);
    m_ues[ue].node = nullptr;
    m_ues[ue].mobility = nullptr;
    for (auto& links : m_links)
    {
        if (links[ue] != NO_LINK)
        {
            m_fading->RemoveLink(links[ue]);
            links[ue] = NO_LINK;
        }
    }
}

uint32_t
CellFreeChannelModel::AddTarget(Ptr<Node> node)
{
    CheckMobility(node, "target");
    NS_ABORT_MSG_IF(!node->GetObject<CellFreeTarget>(),
                    "target node " << node->GetId()
                                   << " has no CellFreeTarget: expected one aggregated to it");
    NS_ABORT_MSG_IF(std::any_of(m_targets.begin(),
                                m_targets.end(),
                                [&node](const Guest& target) { return target.node == node; }),
                    "target node " << node->GetId()
                                   << " was added before as a target: expected a new node");
    m_targets.push_back({node->GetId(), node, node->GetObject<MobilityModel>()});
    AwaitNodes();
    return m_targets.size() - 1;
}

void
CellFreeChannelModel::RemoveTarget(uint32_t target)
{
    CheckIsThere("target", target, m_targets);
    m_targets[target].node = nullptr;
    m_targets[target].mobility = nullptr;
    for (std::size_t m = 0; target < m_nTargetsComputed && m < m_nApsComputed; ++m)
    {
        m_echo(m, target) = 0.0;
        m_echoReceive(m, target) = 0.0;
    }
    if (target < m_pairs.size())
    {
        m_pairs[target].resize(0, 0);
    }
}

void
CellFreeChannelModel::CheckIsNew(const Ptr<Node>& node, const char* role) const
{
    auto isNode = [&node](const auto& other) { return other.node == node; };
    const bool isAp = std::any_of(m_aps.begin(), m_aps.end(), isNode);
    const bool isUe = std::any_of(m_ues.begin(), m_ues.end(), isNode);
    NS_ABORT_MSG_IF(isAp || isUe,
                    role << " node " << node->GetId() << " was added before as "
                         << (isAp ? "an AP" : "a UE") << ": expected a new node");
}

void
CellFreeChannelModel::CheckArrays(const Ap& ap, const char* expectation) const
{
    const auto check = [&](const char* name, const Ptr<PhasedArrayModel>& array, Eigen::Index n) {
        const auto nAntennas = ns3::cellfree::GetNAntennas(array);
        NS_ABORT_MSG_IF(nAntennas != n,
                        "AP node " << ap.node->GetId() << ": " << name << " of " << nAntennas
                                   << " elements: expected " << n << ", " << expectation);
    };
    check("array", ap.ap->GetArray(), m_nAntennas);
    check("array for echoes", ap.ap->GetEchoArray(), m_nEchoAntennas);
}

CellFreeLinkEnds
CellFreeChannelModel::GetEnds(uint32_t ap, uint32_t ue) const
{
    return {m_aps[ap].node->GetId(),
            m_ues[ue].id,
            m_aps[ap].mobility,
            m_ues[ue].mobility,
            m_aps[ap].ap->GetArray(),
            ap,
            ue};
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
CellFreeChannelModel::GetNBands() const
{
    return m_nBands;
}

void
CellFreeChannelModel::SetNBands(uint32_t nBands)
{
    cellfree::RefuseDuringRun(*this, "Subbands");
    m_nBands = nBands;
}

uint32_t
CellFreeChannelModel::GetNAntennas() const
{
    return m_nAntennas;
}

uint32_t
CellFreeChannelModel::GetEchoAntennas() const
{
    return m_nEchoAntennas;
}

void
CellFreeChannelModel::GetTrueProblem(const std::vector<uint32_t>& aps,
                                     const std::vector<uint32_t>& ues,
                                     const std::vector<uint32_t>& targets,
                                     IsacProblem& problem,
                                     uint32_t band,
                                     const std::vector<uint32_t>& receivers)
{
    CheckIndex("sub-band", band, m_nBands);
    ComputeLargeScale();
    const std::size_t nAps = aps.size();
    const auto& hearing = receivers.empty() ? aps : receivers;
    if (!ues.empty())
    {
        m_askedTrace(Time(0));
    }
    problem.Resize(nAps, ues.size(), targets.size(), m_nAntennas);
    problem.noise.setConstant(GetUeNoise() / m_nBands);
    for (const auto ue : ues)
    {
        CheckIsThere("UE", ue, m_ues);
    }
    for (const auto target : targets)
    {
        CheckIsThere("target", target, m_targets);
    }
    const bool hasLargeScale = m_fading->HasLargeScale();
    for (std::size_t i = 0; i < nAps; ++i)
    {
        const uint32_t m = aps[i];
        problem.power(i) = GetApPower(m) / m_nBands;
        for (std::size_t j = 0; j < ues.size(); ++j)
        {
            auto h = problem.h.col(j).segment(i * m_nAntennas, m_nAntennas);
            const uint32_t link = m_links[m][ues[j]];
            if (link == NO_LINK)
            {
                h.setZero();
            }
            else
            {
                const double scale = hasLargeScale ? 1.0 : m_amplitude(m, ues[j]);
                h = scale * m_fading->GetCoefficients(link, band);
            }
        }
    }
    m_heard.resize(hearing.size(), targets.size());
    for (std::size_t j = 0; j < targets.size(); ++j)
    {
        FillTarget(aps, hearing, j, targets[j], problem);
    }
    AddReceivers(aps, hearing, problem);
    for (std::size_t j = 0; j < targets.size(); ++j)
    {
        AddPairs(aps, hearing, j, targets[j], problem);
    }
}

void
CellFreeChannelModel::FillAims(const std::vector<uint32_t>& aps,
                               const std::vector<uint32_t>& receivers,
                               const std::vector<CellFreeAim>& aims,
                               IsacProblem& problem,
                               uint32_t band,
                               bool widensBeams)
{
    CheckIndex("sub-band", band, m_nBands);
    NS_ABORT_MSG_IF(problem.GetNAps() != static_cast<Eigen::Index>(aps.size()),
                    "FillAims: problem of " << problem.GetNAps() << " APs: expected "
                                            << aps.size());
    ComputeLargeScale();
    const auto& hearing = receivers.empty() ? aps : receivers;
    const std::size_t nAims = aims.size();
    problem.a.resize(aps.size() * m_nAntennas, nAims);
    problem.omega.resize(aps.size(), nAims);
    problem.sensing.resize(0, 0);
    if (problem.sensingWeight.size() != static_cast<Eigen::Index>(nAims))
    {
        problem.sensingWeight.setOnes(nAims);
    }
    m_heard.resize(hearing.size(), nAims);
    for (std::size_t j = 0; j < nAims; ++j)
    {
        const auto& aim = aims[j];
        if (aim.kind == CellFreeAim::TARGET)
        {
            CheckIsThere("target", aim.id, m_targets);
            FillTarget(aps, hearing, j, aim.id, problem);
            continue;
        }
        const auto& steering = GetAimSteering(aim, widensBeams);
        for (std::size_t i = 0; i < aps.size(); ++i)
        {
            CheckIndex("AP", aps[i], m_aps.size());
            problem.a.col(j).segment(i * m_nAntennas, m_nAntennas) =
                steering.segment(aps[i] * m_nAntennas, m_nAntennas);
        }
        GetAimAmplitudes(aps, aim, false, problem.omega.col(j));
        GetAimAmplitudes(hearing, aim, true, m_heard.col(j));
    }
    AddReceivers(aps, hearing, problem);
    for (std::size_t j = 0; j < nAims; ++j)
    {
        if (aims[j].kind == CellFreeAim::TARGET)
        {
            AddPairs(aps, hearing, j, aims[j].id, problem);
        }
    }
}

const Eigen::VectorXcd&
CellFreeChannelModel::GetAimSteering(const CellFreeAim& aim, bool widensBeams)
{
    // The aims of a dwell are those of all its slots.
    for (const auto& known : m_aimSteering)
    {
        if (known.isWide == widensBeams && known.position == aim.position &&
            known.covariance == aim.covariance)
        {
            return known.steering;
        }
    }
    if (m_aimSteering.size() >= MAX_AIMS_KNOWN)
    {
        m_aimSteering.erase(m_aimSteering.begin());
    }
    m_aimSteering.push_back({aim.position, aim.covariance, widensBeams, {}});
    auto& steering = m_aimSteering.back().steering;
    steering.resize(m_aps.size() * m_nAntennas);
    for (std::size_t m = 0; m < m_aps.size(); ++m)
    {
        const auto array = m_aps[m].ap->GetArray();
        const Vector direction = aim.position - m_places[m];
        auto segment = steering.segment(m * m_nAntennas, m_nAntennas);
        cellfree::GetSteeringVector(array, direction, segment);
        if (widensBeams)
        {
            m_spread.Widen(cellfree::GetElementPositions(array),
                           cellfree::GetDirectionCovariance({direction.x, direction.y, direction.z},
                                                            aim.covariance),
                           segment);
        }
    }
    return steering;
}

void
CellFreeChannelModel::AddPairs(const std::vector<uint32_t>& aps,
                               const std::vector<uint32_t>& receivers,
                               Eigen::Index column,
                               uint32_t target,
                               IsacProblem& problem) const
{
    const auto& pairs = m_pairs[target];
    for (std::size_t i = 0; pairs.size() > 0 && i < aps.size(); ++i)
    {
        double sum = 0.0;
        for (std::size_t r = 0; r < receivers.size(); ++r)
        {
            sum += m_heard(r, column) * pairs(aps[i], receivers[r]);
        }
        problem.omega(i, column) = m_echo(aps[i], target) * sum;
    }
}

void
CellFreeChannelModel::GetAimAmplitudes(const std::vector<uint32_t>& aps,
                                       const CellFreeAim& aim,
                                       bool isReceiving,
                                       Eigen::Ref<Eigen::VectorXd> amplitudes)
{
    ComputeLargeScale();
    for (std::size_t i = 0; i < aps.size(); ++i)
    {
        CheckIndex("AP", aps[i], m_aps.size());
        const auto& ap = *m_aps[aps[i]].ap;
        amplitudes(i) = GetEchoAmplitude(isReceiving ? ap.GetEchoArray() : ap.GetArray(),
                                         aim.position - m_places[aps[i]],
                                         aim.rcs);
    }
}

void
CellFreeChannelModel::FillTarget(const std::vector<uint32_t>& aps,
                                 const std::vector<uint32_t>& receivers,
                                 Eigen::Index column,
                                 uint32_t target,
                                 IsacProblem& problem)
{
    for (std::size_t i = 0; i < aps.size(); ++i)
    {
        CheckIndex("AP", aps[i], m_aps.size());
        problem.a.col(column).segment(i * m_nAntennas, m_nAntennas) =
            m_steering.col(target).segment(aps[i] * m_nAntennas, m_nAntennas);
        problem.omega(i, column) = m_echo(aps[i], target);
    }
    for (std::size_t i = 0; i < receivers.size(); ++i)
    {
        CheckIndex("AP", receivers[i], m_aps.size());
        m_heard(i, column) = m_echoReceive(receivers[i], target);
    }
}

void
CellFreeChannelModel::AddReceivers(const std::vector<uint32_t>& aps,
                                   const std::vector<uint32_t>& receivers,
                                   IsacProblem& problem) const
{
    for (Eigen::Index j = 0; j < problem.omega.cols(); ++j)
    {
        problem.omega.col(j) *= m_heard.col(j).sum();
    }
    // Apart from the receivers' own noise, so that what is not there changes no bit.
    double excess = 0.0;
    for (const auto m : receivers)
    {
        excess += GetEchoExcess(m, std::find(aps.begin(), aps.end(), m) != aps.end());
    }
    // Without APs there is nothing to sum, and nothing to divide.
    problem.sensingNoise =
        GetApNoise() / m_nBands * (std::max<std::size_t>(receivers.size(), 1) + excess);
}

bool
CellFreeChannelModel::HasLink(uint32_t ap, uint32_t ue)
{
    CheckIndex("AP", ap, m_aps.size());
    CheckIsThere("UE", ue, m_ues);
    ComputeLargeScale();
    return m_links[ap][ue] != NO_LINK;
}

double
CellFreeChannelModel::GetMeanGain(uint32_t ap, uint32_t ue)
{
    CheckIndex("AP", ap, m_aps.size());
    CheckIsThere("UE", ue, m_ues);
    ComputeLargeScale();
    return m_amplitude(ap, ue) * m_amplitude(ap, ue);
}

void
CellFreeChannelModel::GetStatistics(uint32_t ap,
                                    uint32_t ue,
                                    uint32_t band,
                                    Eigen::VectorXcd& mean,
                                    Eigen::MatrixXcd& covariance)
{
    CheckIndex("sub-band", band, m_nBands);
    if (!HasLink(ap, ue))
    {
        mean.setZero(m_nAntennas);
        covariance.setZero(m_nAntennas, m_nAntennas);
        return;
    }
    m_askedTrace(Time(0));
    m_fading->GetStatistics(m_links[ap][ue], band, mean, covariance);
    if (!m_fading->HasLargeScale())
    {
        const double gain = GetMeanGain(ap, ue);
        mean *= std::sqrt(gain);
        covariance *= gain;
    }
}

double
CellFreeChannelModel::GetAutocorrelation(uint32_t ap, uint32_t ue, Time lag)
{
    if (!HasLink(ap, ue))
    {
        return 1.0;
    }
    m_askedTrace(lag);
    return m_fading->GetAutocorrelation(m_links[ap][ue], lag);
}

double
CellFreeChannelModel::GetSquaredNorm(uint32_t ap, uint32_t ue)
{
    CheckIndex("AP", ap, m_aps.size());
    CheckIsThere("UE", ue, m_ues);
    ComputeLargeScale();
    m_askedTrace(Time(0));
    const uint32_t link = m_links[ap][ue];
    if (link == NO_LINK)
    {
        return 0.0;
    }
    const double norm = m_fading->GetSquaredNorm(link);
    return m_fading->HasLargeScale() ? norm : m_amplitude(ap, ue) * m_amplitude(ap, ue) * norm;
}

double
CellFreeChannelModel::GetInterferenceFreeSnr(const std::vector<uint32_t>& aps, uint32_t ue)
{
    CheckIsThere("UE", ue, m_ues);
    ComputeLargeScale();
    double amplitude = 0.0;
    for (const auto m : aps)
    {
        amplitude += std::sqrt(GetApPower(m) * GetSquaredNorm(m, ue));
    }
    return amplitude * amplitude / GetUeNoise();
}

double
CellFreeChannelModel::GetUplinkSnr(const std::vector<uint32_t>& aps, uint32_t ue, double txPower)
{
    CheckIsThere("UE", ue, m_ues);
    ComputeLargeScale();
    double gain = 0.0;
    for (const auto m : aps)
    {
        gain += GetSquaredNorm(m, ue);
    }
    return txPower * gain / GetApNoise();
}

const Eigen::MatrixXd&
CellFreeChannelModel::GetEchoAmplitudes()
{
    ComputeLargeScale();
    return m_echo;
}

const Eigen::MatrixXd&
CellFreeChannelModel::GetPairFactors(uint32_t target)
{
    CheckIndex("target", target, m_targets.size());
    ComputeLargeScale();
    return m_pairs[target];
}

const Eigen::MatrixXd&
CellFreeChannelModel::GetEchoReceiveAmplitudes()
{
    ComputeLargeScale();
    return m_echoReceive;
}

double
CellFreeChannelModel::GetEchoNoise(uint32_t ap, bool isTransmitting) const
{
    CheckIndex("AP", ap, m_aps.size());
    return GetApNoise() * (1.0 + GetEchoExcess(ap, isTransmitting));
}

double
CellFreeChannelModel::GetEchoExcess(uint32_t ap, bool isTransmitting) const
{
    const double clutter = m_clutterToNoise > NO_CLUTTER
                               ? cellfree::FromDecibels(m_clutterToNoise - m_clutterImprovement)
                               : 0.0;
    return clutter + (isTransmitting ? m_aps[ap].ap->GetSelfInterference() : 0.0);
}

double
CellFreeChannelModel::GetUeNoise() const
{
    return cellfree::GetThermalNoise(m_bandwidth, m_ueNoiseFigure);
}

double
CellFreeChannelModel::GetApNoise() const
{
    return cellfree::GetThermalNoise(m_bandwidth, m_apNoiseFigure);
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

void
CellFreeChannelModel::SetFrequency(double frequency)
{
    m_frequency = frequency;
    Invalidate();
}

double
CellFreeChannelModel::GetFrequency() const
{
    return m_frequency;
}

Ptr<CellFreeLargeScaleModel>
CellFreeChannelModel::GetLargeScale() const
{
    return m_largeScale;
}

Ptr<ChannelConditionModel>
CellFreeChannelModel::GetHopCondition() const
{
    return m_hopCondition.GetModel();
}

Ptr<CellFreeLargeScaleModel>
CellFreeChannelModel::GetHopLoss() const
{
    return m_hopLoss;
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
    return m_aps[ap].ap->GetArray();
}

Ptr<const PhasedArrayModel>
CellFreeChannelModel::GetApEchoArray(uint32_t ap) const
{
    CheckIndex("AP", ap, m_aps.size());
    return m_aps[ap].ap->GetEchoArray();
}

double
CellFreeChannelModel::GetApPower(uint32_t ap) const
{
    CheckIndex("AP", ap, m_aps.size());
    return m_aps[ap].ap->GetTxPowerWatts();
}

uint32_t
CellFreeChannelModel::GetApId(uint32_t ap) const
{
    CheckIndex("AP", ap, m_aps.size());
    return m_aps[ap].node->GetId();
}

uint32_t
CellFreeChannelModel::GetUeId(uint32_t ue) const
{
    CheckIndex("UE", ue, m_ues.size());
    return m_ues[ue].id;
}

uint32_t
CellFreeChannelModel::GetTargetId(uint32_t target) const
{
    CheckIndex("target", target, m_targets.size());
    return m_targets[target].id;
}

bool
CellFreeChannelModel::HasUe(uint32_t ue) const
{
    CheckIndex("UE", ue, m_ues.size());
    return m_ues[ue].node != nullptr;
}

bool
CellFreeChannelModel::HasTarget(uint32_t target) const
{
    CheckIndex("target", target, m_targets.size());
    return m_targets[target].node != nullptr;
}

void
CellFreeChannelModel::ListTargets(std::vector<uint32_t>& targets) const
{
    targets.clear();
    for (uint32_t target = 0; target < m_targets.size(); ++target)
    {
        if (m_targets[target].node)
        {
            targets.push_back(target);
        }
    }
}

bool
CellFreeChannelModel::IsUnintended(uint32_t target) const
{
    CheckIsThere("target", target, m_targets);
    return m_targets[target].node->GetObject<CellFreeTarget>()->IsUnintended();
}

Vector
CellFreeChannelModel::GetTargetPosition(uint32_t target) const
{
    CheckIsThere("target", target, m_targets);
    return m_targets[target].mobility->GetPosition();
}

Vector
CellFreeChannelModel::GetTargetVelocity(uint32_t target) const
{
    CheckIsThere("target", target, m_targets);
    return m_targets[target].mobility->GetVelocity();
}

int64_t
CellFreeChannelModel::AssignStreams(int64_t first)
{
    NS_LOG_FUNCTION(this << first);
    m_firstStream = first;
    m_largeScale->AssignStreams(first);
    m_fading->AssignStreams(first);
    m_radar->AssignStreams(first);
    m_hopCondition.AssignStreams(first);
    if (m_hopLoss)
    {
        m_hopLoss->AssignStreams(first);
    }
    Invalidate();
    return CELL_FREE_STREAMS;
}

void
CellFreeChannelModel::SetLargeScale(Ptr<CellFreeLargeScaleModel> largeScale)
{
    m_largeScale = largeScale;
    if (m_firstStream >= 0)
    {
        m_largeScale->AssignStreams(m_firstStream);
    }
    Invalidate();
}

void
CellFreeChannelModel::SetFading(Ptr<CellFreeFadingModel> fading)
{
    m_fading = fading;
    if (m_firstStream >= 0)
    {
        m_fading->AssignStreams(m_firstStream);
    }
    for (auto& links : m_links)
    {
        std::fill(links.begin(), links.end(), NO_LINK);
    }
    Invalidate();
}

void
CellFreeChannelModel::SetHopCondition(Ptr<ChannelConditionModel> condition)
{
    m_hopCondition.SetModel(condition);
    Invalidate();
}

void
CellFreeChannelModel::SetHopLoss(Ptr<CellFreeLargeScaleModel> loss)
{
    m_hopLoss = loss;
    if (m_hopLoss && m_firstStream >= 0)
    {
        m_hopLoss->AssignStreams(m_firstStream);
    }
    Invalidate();
}

void
CellFreeChannelModel::SetRadarModel(Ptr<CellFreeRadarModel> radar)
{
    m_radar = radar;
    if (m_firstStream >= 0)
    {
        m_radar->AssignStreams(m_firstStream);
    }
}

void
CellFreeChannelModel::Invalidate()
{
    m_nApsComputed = 0;
    m_nUesComputed = 0;
    m_nTargetsComputed = 0;
    // Attributes are set before there is a node; the first one starts the updates.
    if (!m_aps.empty() || !m_ues.empty() || !m_targets.empty())
    {
        AwaitNodes();
    }
}

void
CellFreeChannelModel::AwaitNodes()
{
    m_nodesEvent.Cancel();
    m_nodesEvent = Simulator::ScheduleNow(&CellFreeChannelModel::ComputeLargeScale, this);
    if (m_updateEvent.IsExpired())
    {
        // At multiples of the period, whenever the first node came.
        const int64_t period = m_largeScaleUpdatePeriod.GetTimeStep();
        const int64_t next = (Simulator::Now().GetTimeStep() / period + 1) * period;
        m_updateEvent = Simulator::Schedule(TimeStep(next) - Simulator::Now(),
                                            &CellFreeChannelModel::UpdateLargeScale,
                                            this);
    }
}

void
CellFreeChannelModel::UpdateLargeScale()
{
    NS_LOG_FUNCTION(this);
    Invalidate();
    ComputeLargeScale();
}

void
CellFreeChannelModel::ComputeLargeScale()
{
    if (m_nApsComputed == m_aps.size() && m_nUesComputed == m_ues.size() &&
        m_nTargetsComputed == m_targets.size())
    {
        return;
    }
    NS_LOG_FUNCTION(this << m_nApsComputed << m_nUesComputed << m_nTargetsComputed);
    m_nodesEvent.Cancel();
    if (!m_aps.empty() && !m_ues.empty() && !m_fading->HasLargeScale())
    {
        m_largeScale->CheckFrequency(m_frequency);
    }
    if (m_hopLoss && !m_aps.empty() && !m_targets.empty())
    {
        m_hopLoss->CheckFrequency(m_frequency);
    }
    for (const auto& ap : m_aps)
    {
        CheckArrays(ap, "as it had when it was added");
    }
    if (m_nApsComputed == 0)
    {
        m_fading->Update(GetWavelength(), m_bandwidth, m_nBands);
    }
    m_amplitude.conservativeResize(m_aps.size(), m_ues.size());
    m_steering.conservativeResize(m_aps.size() * m_nAntennas, m_targets.size());
    m_echo.conservativeResize(m_aps.size(), m_targets.size());
    m_pairs.resize(m_targets.size());
    m_echoReceive.conservativeResize(m_aps.size(), m_targets.size());
    m_places.clear();
    m_aimSteering.clear();
    for (const auto& ap : m_aps)
    {
        m_places.push_back(ap.mobility->GetPosition());
    }
    // Always in the same order, because ns-3's loss models draw when asked.
    for (std::size_t u = 0; u < m_ues.size(); ++u)
    {
        const std::size_t first = u < m_nUesComputed ? m_nApsComputed : 0;
        if (!m_ues[u].node || first == m_aps.size())
        {
            continue;
        }
        const Vector place = m_ues[u].mobility->GetPosition();
        double cutPower = 0.0;
        double power = 0.0;
        for (std::size_t m = first; m < m_aps.size(); ++m)
        {
            const bool isFar =
                m_maxRange > 0.0 && CalculateDistance(m_places[m], place) > m_maxRange;
            ComputeLink(m, u, isFar, cutPower, power);
        }
        if (first == 0)
        {
            m_cutPowerTrace(u, cellfree::ToDecibels(cutPower > 0.0 ? cutPower / power : 0.0));
        }
    }
    for (std::size_t t = 0; t < m_targets.size(); ++t)
    {
        const std::size_t first = t < m_nTargetsComputed ? m_nApsComputed : 0;
        if (first == m_aps.size())
        {
            continue;
        }
        if (m_targets[t].node && m_firstStream >= 0)
        {
            // The model may be another one since the last time.
            m_targets[t].node->GetObject<CellFreeTarget>()->GetRcsModel()->AssignStreams(
                m_firstStream);
        }
        for (std::size_t m = first; m < m_aps.size(); ++m)
        {
            ComputeEcho(m, t);
        }
        ComputePairs(t);
        if (m_targets[t].node)
        {
            TakeEchoes(t);
        }
    }
    m_nApsComputed = m_aps.size();
    m_nUesComputed = m_ues.size();
    m_nTargetsComputed = m_targets.size();
}

void
CellFreeChannelModel::ComputeLink(uint32_t ap,
                                  uint32_t ue,
                                  bool isFar,
                                  double& cutPower,
                                  double& power)
{
    uint32_t& link = m_links[ap][ue];
    bool isCut = isFar;
    if (!isFar || !m_cutPowerTrace.IsEmpty())
    {
        const auto ends = GetEnds(ap, ue);
        const Vector direction = ends.ue->GetPosition() - ends.ap->GetPosition();
        const bool hasLargeScale = m_fading->HasLargeScale();
        const double gain = hasLargeScale ? m_fading->GetGain(ends)
                                          : cellfree::GetElementGain(ends.array, direction) *
                                                GetPathGain(*m_largeScale, "LargeScale", ends);
        const double snr = GetApPower(ap) * gain * m_nAntennas / GetUeNoise();
        isCut = isFar || (hasLargeScale && gain == 0.0) ||
                (m_minLinkSnr > NO_MIN_SNR && snr < cellfree::FromDecibels(m_minLinkSnr));
        power += GetApPower(ap) * gain;
        cutPower += isCut ? GetApPower(ap) * gain : 0.0;
        if (!isCut)
        {
            m_amplitude(ap, ue) = std::sqrt(gain);
            m_couplingLossTrace(ap, ue, -cellfree::ToDecibels(gain));
            link = link == NO_LINK ? m_fading->AddLink(ends) : link;
            m_fading->UpdateLink(link, *m_largeScale);
        }
    }
    if (isCut)
    {
        m_amplitude(ap, ue) = 0.0;
        if (link != NO_LINK)
        {
            m_fading->RemoveLink(link);
            link = NO_LINK;
        }
    }
}

void
CellFreeChannelModel::ComputeEcho(uint32_t ap, uint32_t target)
{
    const auto& guest = m_targets[target];
    auto steering = m_steering.col(target).segment(ap * m_nAntennas, m_nAntennas);
    if (!guest.node)
    {
        steering.setZero();
        m_echo(ap, target) = 0.0;
        m_echoReceive(ap, target) = 0.0;
        return;
    }
    const auto array = m_aps[ap].ap->GetArray();
    const Vector direction = guest.mobility->GetPosition() - m_aps[ap].mobility->GetPosition();
    cellfree::GetSteeringVector(array, direction, steering);
    const CellFreeTarget::Ap end{m_aps[ap].node->GetId(), m_aps[ap].mobility->GetPosition()};
    const auto reflector = guest.node->GetObject<CellFreeTarget>();
    const double rcs = reflector->GetRcs(end, end);
    const double gain = GetHopGain(ap, target);
    const bool isClear = m_hopCondition.IsClear(m_aps[ap].node->GetId(),
                                                guest.id,
                                                m_aps[ap].mobility,
                                                guest.mobility);
    const double hop = isClear ? gain : 0.0;
    m_echo(ap, target) = hop * GetEchoAmplitude(array, direction, rcs);
    m_echoReceive(ap, target) =
        hop * GetEchoAmplitude(m_aps[ap].ap->GetEchoArray(), direction, rcs);
}

double
CellFreeChannelModel::GetHopGain(uint32_t ap, uint32_t target) const
{
    if (!m_hopLoss)
    {
        return 1.0;
    }
    const CellFreeLinkEnds ends{m_aps[ap].node->GetId(),
                                m_targets[target].id,
                                m_aps[ap].mobility,
                                m_targets[target].mobility,
                                m_aps[ap].ap->GetArray()};
    const double distance = CalculateDistance(ends.ap->GetPosition(), ends.ue->GetPosition());
    return GetPathGain(*m_hopLoss, "HopLoss", ends) /
           cellfree::GetFreeSpaceGain(GetWavelength(), std::max(distance, m_minDistance));
}

double
CellFreeChannelModel::GetEchoAmplitude(Ptr<const PhasedArrayModel> array,
                                       const Vector& direction,
                                       double rcs) const
{
    const double gain = cellfree::GetElementGain(array, direction);
    const double distance = std::max(direction.GetLength(), m_minDistance);
    // An AP that hears its own signal's echo: zeta^2 = e^2.
    return std::sqrt(
        cellfree::GetBistaticGain(GetWavelength(), rcs, gain, distance, gain, distance));
}

void
CellFreeChannelModel::ComputePairs(uint32_t target)
{
    const auto& guest = m_targets[target];
    auto& pairs = m_pairs[target];
    const auto reflector = guest.node ? guest.node->GetObject<CellFreeTarget>() : nullptr;
    if (!reflector || !reflector->GetRcsModel()->IsPairwise())
    {
        pairs.resize(0, 0);
        return;
    }
    const auto nAps = static_cast<Eigen::Index>(m_aps.size());
    std::vector<CellFreeTarget::Ap> ends;
    Eigen::VectorXd rcs(nAps);
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        ends.push_back({m_aps[m].node->GetId(), m_aps[m].mobility->GetPosition()});
        rcs(m) = reflector->GetRcs(ends[m], ends[m]);
    }
    pairs.setOnes(nAps, nAps);
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        for (Eigen::Index r = 0; r < m; ++r)
        {
            const double mean = std::sqrt(rcs(m) * rcs(r));
            pairs(m, r) = pairs(r, m) =
                mean > 0.0 ? reflector->GetRcs(ends[m], ends[r]) / mean : 1.0;
        }
    }
}

void
CellFreeChannelModel::TakeEchoes(uint32_t target)
{
    Eigen::MatrixXd gains;
    if (!m_fading->GetEchoGains(target, gains))
    {
        return;
    }
    const auto nAps = static_cast<Eigen::Index>(m_aps.size());
    NS_ABORT_MSG_IF(gains.rows() < nAps,
                    "CellFreeChannelModel: echoes between " << gains.rows() << " APs: expected "
                                                            << nAps);
    // Any two factors whose product with the pair's is the gain.
    auto& pairs = m_pairs[target];
    pairs = gains.topLeftCorner(nAps, nAps);
    m_echo.col(target) = pairs.rowwise().maxCoeff().cwiseSqrt();
    m_echoReceive.col(target) = pairs.colwise().maxCoeff().transpose().cwiseSqrt();
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        for (Eigen::Index r = 0; r < nAps; ++r)
        {
            const double product = m_echo(m, target) * m_echoReceive(r, target);
            pairs(m, r) = product > 0.0 ? pairs(m, r) / product : 1.0;
        }
    }
}

double
CellFreeChannelModel::GetPathGain(CellFreeLargeScaleModel& model,
                                  const char* name,
                                  const CellFreeLinkEnds& ends) const
{
    const double gain = cellfree::FromDecibels(-model.GetLoss(ends, m_frequency));
    NS_ABORT_MSG_IF(std::isnan(gain),
                    "CellFreeChannelModel: " << name << " gives no number between AP node "
                                             << ends.apId << " and node " << ends.ueId);
    // Far-field laws diverge when the ends meet.
    return std::min(gain, cellfree::GetFreeSpaceGain(GetWavelength(), m_minDistance));
}

} // namespace ns3
