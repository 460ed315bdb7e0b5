// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-echo-receiver.h"

#include "ns3/abort.h"
#include "ns3/cell-free-antenna-array.h"
#include "ns3/cell-free-streams.h"
#include "ns3/double.h"
#include "ns3/isac-detection.h"
#include "ns3/isac-link-budget.h"
#include "ns3/log.h"
#include "ns3/mobility-model.h"
#include "ns3/pointer.h"
#include "ns3/string.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

namespace
{

/// False alarms in a dwell that nobody would want to track.
constexpr double MAX_FALSE_ALARMS = 1e4;

/**
 * @brief What a pair of APs sees of a target over the product of its echo amplitudes.
 * @param pairs CellFreeChannelModel::GetPairFactors() of the target
 * @param transmitter index of the AP that illuminates
 * @param receiver index of the AP that listens
 * @return the factor
 */
double
GetPairFactor(const Eigen::MatrixXd& pairs, uint32_t transmitter, uint32_t receiver)
{
    return pairs.size() > 0 ? pairs(transmitter, receiver) : 1.0;
}

} // namespace

NS_LOG_COMPONENT_DEFINE("CellFreeEchoReceiver");

NS_OBJECT_ENSURE_REGISTERED(CellFreeEchoReceiver);

TypeId
CellFreeEchoReceiver::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeEchoReceiver")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeEchoReceiver>()
            .AddAttribute("Estimator",
                          "Says where a target is that was detected, and how well it can. Acts "
                          "from the end of the present dwell on.",
                          StringValue("ns3::CellFreeBoundEstimator"),
                          MakePointerAccessor(&CellFreeEchoReceiver::SetEstimator,
                                              &CellFreeEchoReceiver::GetEstimator),
                          MakePointerChecker<CellFreeEstimator>())
            .AddAttribute(
                "Volume",
                "Box in which a CPU with a tracker detects targets, and false alarms, and in "
                "which estimates search (m). Acts from the end of the present dwell on.",
                BoxValue(Box(0.0, 1000.0, 0.0, 1000.0, 0.0, 150.0)),
                MakeBoxAccessor(&CellFreeEchoReceiver::SetVolume, &CellFreeEchoReceiver::GetVolume),
                MakeBoxChecker())
            .AddAttribute(
                "Gate",
                "Full widths of the box around a target in which a CPU that is told of "
                "it searches for its echo (m), at least 0. Acts from the end of the "
                "present dwell on.",
                VectorValue(Vector(100.0, 100.0, 100.0)),
                MakeVectorAccessor(&CellFreeEchoReceiver::SetGate, &CellFreeEchoReceiver::GetGate),
                MakeVectorChecker())
            .AddAttribute("MaxSpeed",
                          "Largest component of the velocity of a false alarm (m/s), in [0.1, "
                          "10000]. Acts from the end of the present dwell on.",
                          DoubleValue(40.0),
                          MakeDoubleAccessor(&CellFreeEchoReceiver::m_maxSpeed),
                          MakeDoubleChecker<double>(0.1, 1e4));
    return tid;
}

CellFreeEchoReceiver::CellFreeEchoReceiver()
    : m_falseAlarms(CreateObject<UniformRandomVariable>())
{
}

CellFreeEchoReceiver::~CellFreeEchoReceiver() = default;

void
CellFreeEchoReceiver::DoDispose()
{
    m_channel = nullptr;
    m_detector = nullptr;
    m_estimator = nullptr;
    m_falseAlarms = nullptr;
    m_estimates.clear();
    m_targets.clear();
    Object::DoDispose();
}

void
CellFreeEchoReceiver::SetChannel(Ptr<CellFreeChannelModel> channel,
                                 const std::vector<uint32_t>& aps)
{
    m_channel = channel;
    m_aps = aps;
    m_position.clear();
    for (std::size_t m = 0; m < aps.size(); ++m)
    {
        m_position.resize(std::max<std::size_t>(m_position.size(), aps[m] + 1), -1);
        m_position[aps[m]] = m;
    }
}

std::size_t
CellFreeEchoReceiver::GetPosition(uint32_t ap) const
{
    const auto position = ap < m_position.size() ? m_position[ap] : -1;
    NS_ABORT_MSG_IF(position < 0, "AP index " << ap << ": expected an AP of the CPU");
    return position;
}

void
CellFreeEchoReceiver::Begin(const std::vector<uint32_t>& targets,
                            Ptr<CellFreeDetector> detector,
                            const std::vector<uint32_t>& receivers)
{
    NS_LOG_FUNCTION(this << targets.size());
    m_targets = targets;
    m_detector = detector;
    m_detector->BeginDwell();
    m_looks = m_detector->GetLooks();
    m_receivers = receivers.empty() ? m_aps : receivers;
    m_integrations.resize(std::max(m_integrations.size(), targets.size()));
    for (std::size_t i = 0; i < targets.size(); ++i)
    {
        auto& integration = m_integrations[i];
        integration.target = targets[i];
        integration.snrSum = 0.0;
        integration.nSlots = 0;
        integration.nSymbols = 0;
        integration.power.setZero(m_aps.size());
        integration.quiet.setOnes(m_receivers.size());
        DrawLooks(integration);
        integration.echo.setZero(integration.weight.size());
    }
}

void
CellFreeEchoReceiver::DrawLooks(Integration& integration)
{
    auto radar = m_channel->GetRadarModel();
    const auto targetId = m_channel->GetTargetId(integration.target);
    const auto& transmit = m_channel->GetEchoAmplitudes();
    const auto& receive = m_channel->GetEchoReceiveAmplitudes();
    const std::size_t nAps = m_aps.size();
    const auto nLooks = m_looks == CellFreeDetector::ONE         ? 1
                        : m_looks == CellFreeDetector::RECEIVERS ? m_receivers.size()
                                                                 : m_receivers.size() * nAps;
    const auto& pairs = m_channel->GetPairFactors(integration.target);
    const uint32_t nReference = m_detector->GetReferenceCells();
    auto& echoes = integration.echoes;
    integration.weight.setOnes(nLooks);
    echoes.Resize(nLooks, m_detector->GetIntervals());
    for (std::size_t k = 0; k < nLooks; ++k)
    {
        if (m_looks == CellFreeDetector::ONE)
        {
            radar->DrawIntervals(targetId, targetId, nReference, k, echoes);
        }
        else if (m_looks == CellFreeDetector::RECEIVERS)
        {
            const auto receiver = m_receivers[k];
            radar->DrawIntervals(targetId, m_channel->GetApId(receiver), nReference, k, echoes);
            integration.weight(k) = receive(receiver, integration.target);
        }
        else
        {
            const auto receiver = m_receivers[k / nAps];
            const auto transmitter = m_aps[k % nAps];
            radar->DrawIntervals(targetId,
                                 m_channel->GetApId(receiver),
                                 m_channel->GetApId(transmitter),
                                 nReference,
                                 k,
                                 echoes);
            integration.weight(k) = receive(receiver, integration.target) *
                                    transmit(transmitter, integration.target) *
                                    GetPairFactor(pairs, transmitter, receiver);
        }
    }
}

void
CellFreeEchoReceiver::Add(uint32_t target,
                          const std::vector<uint32_t>& aps,
                          const Eigen::Ref<const Eigen::VectorXd>& power,
                          double snr,
                          uint32_t nSymbols)
{
    const auto place = std::lower_bound(m_targets.begin(), m_targets.end(), target);
    if (place == m_targets.end() || *place != target)
    {
        return;
    }
    auto& integration = m_integrations[place - m_targets.begin()];
    integration.snrSum += snr;
    ++integration.nSlots;
    integration.nSymbols += nSymbols;
    const auto transmit = m_channel->GetEchoAmplitudes().col(target);
    const auto receive = m_channel->GetEchoReceiveAmplitudes().col(target);
    const double noise = m_channel->GetApNoise();
    const Eigen::Index nAps = m_aps.size();
    const auto& pairs = m_channel->GetPairFactors(target);
    const Eigen::Index nReceivers = m_receivers.size();
    integration.quiet.resize(nReceivers);
    for (Eigen::Index r = 0; r < nReceivers; ++r)
    {
        const auto receiver = m_receivers[r];
        const bool isTransmitting = std::find(aps.begin(), aps.end(), receiver) != aps.end();
        integration.quiet(r) = noise / m_channel->GetEchoNoise(receiver, isTransmitting);
    }
    m_lit.resize(aps.size());
    double sum = 0.0;
    for (std::size_t i = 0; i < aps.size(); ++i)
    {
        const auto m = GetPosition(aps[i]);
        m_lit(i) = transmit(aps[i]) * power(i) / noise;
        integration.power(m) += power(i);
        sum += m_lit(i);
        for (Eigen::Index r = 0; r < nReceivers && m_looks == CellFreeDetector::PAIRS; ++r)
        {
            integration.echo(r * nAps + m) += m_lit(i) * receive(m_receivers[r]) *
                                              GetPairFactor(pairs, aps[i], m_receivers[r]) *
                                              integration.quiet(r);
        }
    }
    if (m_looks == CellFreeDetector::ONE)
    {
        integration.echo(0) = integration.snrSum;
    }
    for (Eigen::Index r = 0; r < nReceivers && m_looks == CellFreeDetector::RECEIVERS; ++r)
    {
        double met = pairs.size() > 0 ? 0.0 : sum;
        for (std::size_t i = 0; i < aps.size() && pairs.size() > 0; ++i)
        {
            met += m_lit(i) * pairs(aps[i], m_receivers[r]);
        }
        integration.echo(r) += met * receive(m_receivers[r]) * integration.quiet(r);
    }
}

void
CellFreeEchoReceiver::Finish(Time start,
                             Time end,
                             uint64_t coherentSymbols,
                             bool areSymbolsKnown,
                             bool isTold,
                             std::vector<CellFreeDwell>& dwells,
                             std::vector<uint32_t>& targets)
{
    NS_LOG_FUNCTION(this << start << end);
    dwells.clear();
    targets.clear();
    m_detections.clear();
    m_echoes.time = end; // of false alarms, too, where there is no target
    if (!m_targets.empty() || !isTold)
    {
        SetGeometry();
    }
    if (!isTold)
    {
        m_echoes.centre = Vector(0.5 * (m_volume.xMin + m_volume.xMax),
                                 0.5 * (m_volume.yMin + m_volume.yMax),
                                 0.5 * (m_volume.zMin + m_volume.zMax));
        m_echoes.extent = Vector(m_volume.xMax - m_volume.xMin,
                                 m_volume.yMax - m_volume.yMin,
                                 m_volume.zMax - m_volume.zMin);
    }
    for (std::size_t i = 0; i < m_targets.size(); ++i)
    {
        const auto& integration = m_integrations[i];
        if (!m_channel->HasTarget(integration.target))
        {
            continue;
        }
        // A dwell whose slots were not all illuminated has no more symbols than those.
        const auto symbols = areSymbolsKnown
                                 ? std::min<uint64_t>(coherentSymbols, integration.nSymbols)
                                 : coherentSymbols;
        dwells.emplace_back();
        dwells.back().start = start;
        dwells.back().end = end;
        targets.push_back(integration.target);
        Decide(integration, symbols, dwells.back());
        // Whoever is not told of a target tests no cell outside the volume.
        dwells.back().isDetected &= isTold || m_volume.IsInside(dwells.back().position);
        Estimate(integration, symbols, isTold, dwells.back());
    }
    if (!isTold)
    {
        AddFalseAlarms(coherentSymbols);
    }
    m_targets.clear();
}

void
CellFreeEchoReceiver::Decide(const Integration& integration, uint64_t symbols, CellFreeDwell& dwell)
{
    dwell.targetId = m_channel->GetTargetId(integration.target);
    dwell.position = m_channel->GetTargetPosition(integration.target);
    dwell.nTransmitters = (integration.power.array() > 0.0).count();
    dwell.nReceivers = m_receivers.size();
    dwell.nLooks = integration.weight.size();
    dwell.nSlots = integration.nSlots;
    const double gain = cellfree::GetCombinedSensingSnr(1.0, m_channel->GetEchoAntennas(), symbols);
    const double scale = 1.0 / std::max(integration.nSlots, 1U);
    dwell.snr = integration.snrSum * scale;
    dwell.combinedSnr = dwell.snr * gain;
    m_snr = integration.echo * (scale * gain);
    dwell.bestSnr = m_snr.size() > 0 ? m_snr.maxCoeff() : 0.0;
    integration.echoes.GetFluctuation(m_factor);
    dwell.fluctuation = integration.echoes.GetMeanFluctuation(integration.weight);
    m_detector->Design(m_snr, m_channel->GetRadarModel()->GetFluctuation());
    dwell.pd = m_detector->GetDetectionProbability();
    m_drawn = m_snr.cwiseProduct(m_factor);
    dwell.conditionalPd = m_detector->GetConditionalProbability(m_drawn);
    integration.echoes.GetPower(m_snr, m_drawn);
    dwell.isDetected = m_detector->GetReferencedStatistic(m_drawn, integration.echoes.reference) >
                       m_detector->GetThreshold();
    NS_LOG_INFO("target " << dwell.targetId << " dwell at " << dwell.start.As(Time::S) << ": Pd "
                          << dwell.pd << (dwell.isDetected ? ", detected" : ", missed"));
}

void
CellFreeEchoReceiver::SetGeometry()
{
    auto& geometry = m_echoes.geometry;
    geometry.transmitters.resize(3, m_aps.size());
    geometry.receivers.resize(3, m_receivers.size());
    geometry.arrivals.resize(m_receivers.size());
    for (std::size_t m = 0; m < m_aps.size(); ++m)
    {
        const auto place =
            m_channel->GetApNode(m_aps[m])->GetObject<MobilityModel>()->GetPosition();
        geometry.transmitters.col(m) << place.x, place.y, place.z;
    }
    for (std::size_t r = 0; r < m_receivers.size(); ++r)
    {
        const auto place =
            m_channel->GetApNode(m_receivers[r])->GetObject<MobilityModel>()->GetPosition();
        geometry.receivers.col(r) << place.x, place.y, place.z;
        geometry.arrivals[r] = cellfree::GetElementSpread(
            cellfree::GetElementPositions(m_channel->GetApEchoArray(m_receivers[r])));
    }
    const double bandwidth = m_channel->GetBandwidth();
    geometry.wavelength = m_channel->GetWavelength();
    geometry.rmsBandwidth = cellfree::GetRmsOfEven(bandwidth);
    m_echoes.pfa = m_detector->GetPfa();
}

void
CellFreeEchoReceiver::Estimate(const Integration& integration,
                               uint64_t symbols,
                               bool isTold,
                               CellFreeDwell& dwell)
{
    m_echoes.geometry.rmsDuration = cellfree::GetRmsOfEven(symbols / m_channel->GetBandwidth());
    m_echoes.isNeeded = dwell.isDetected;
    const auto transmit = m_channel->GetEchoAmplitudes().col(integration.target);
    const auto receive = m_channel->GetEchoReceiveAmplitudes().col(integration.target);
    const double scale =
        cellfree::GetCombinedSensingSnr(1.0, m_channel->GetEchoAntennas(), symbols) /
        (m_channel->GetApNoise() * std::max(integration.nSlots, 1U));
    const auto& pairs = m_channel->GetPairFactors(integration.target);
    m_echoes.meanSnr.resize(m_receivers.size(), m_aps.size());
    m_echoes.snr.resize(m_receivers.size(), m_aps.size());
    for (std::size_t r = 0; r < m_receivers.size(); ++r)
    {
        for (std::size_t m = 0; m < m_aps.size(); ++m)
        {
            const auto look = m_looks == CellFreeDetector::ONE         ? 0
                              : m_looks == CellFreeDetector::RECEIVERS ? r
                                                                       : r * m_aps.size() + m;
            m_echoes.meanSnr(r, m) = scale * transmit(m_aps[m]) * receive(m_receivers[r]) *
                                     integration.quiet(r) * integration.power(m) *
                                     GetPairFactor(pairs, m_aps[m], m_receivers[r]);
            m_echoes.snr(r, m) = m_echoes.meanSnr(r, m) * m_factor(look);
        }
    }
    const auto velocity = m_channel->GetTargetVelocity(integration.target);
    CellFreeState truth;
    truth << dwell.position.x, dwell.position.y, dwell.position.z, velocity.x, velocity.y,
        velocity.z;
    if (isTold)
    {
        m_echoes.centre = dwell.position;
        m_echoes.extent = m_gate;
    }
    // Whatever the detector decided, the same numbers are drawn.
    CellFreeDetection detection;
    const auto quality =
        m_estimator->Estimate(truth, m_echoes, GetEstimationStream(dwell.targetId), detection);
    dwell.positionBound = quality.positionErrorBound;
    dwell.velocityBound = quality.velocityErrorBound;
    if (dwell.isDetected)
    {
        dwell.estimate = Vector(detection.state(0), detection.state(1), detection.state(2));
        m_detections.push_back(detection);
    }
}

void
CellFreeEchoReceiver::AddFalseAlarms(uint64_t symbols)
{
    const Vector& extent = m_echoes.extent;
    const double volume = extent.x * extent.y * extent.z;
    const double bandwidth = m_channel->GetBandwidth();
    const double cell = std::pow(ISAC_SPEED_OF_LIGHT / (2.0 * bandwidth), 3);
    const double speeds = 4.0 * m_maxSpeed * symbols / (m_channel->GetWavelength() * bandwidth);
    const double mean = m_detector->GetPfa() * volume / cell * std::max(1.0, speeds);
    NS_ABORT_MSG_IF(mean > MAX_FALSE_ALARMS,
                    "CellFreeEchoReceiver: "
                        << mean << " false alarms expected in a dwell: expected at most "
                        << MAX_FALSE_ALARMS << "; lower CellFreeDetector::Pfa or Volume");
    m_falseAlarmDensity = mean / (volume * std::pow(2.0 * m_maxSpeed, 3));
    m_echoes.geometry.rmsDuration = cellfree::GetRmsOfEven(symbols / bandwidth);
    m_echoes.isNeeded = true;
    const auto draw = [this](double from, double to) { return m_falseAlarms->GetValue(from, to); };
    // As many as the intervals of a Poisson process that fit into its mean.
    for (double sum = -std::log(draw(0.0, 1.0)); sum < mean; sum -= std::log(draw(0.0, 1.0)))
    {
        CellFreeState place;
        place << draw(m_volume.xMin, m_volume.xMax), draw(m_volume.yMin, m_volume.yMax),
            draw(m_volume.zMin, m_volume.zMax), draw(-m_maxSpeed, m_maxSpeed),
            draw(-m_maxSpeed, m_maxSpeed), draw(-m_maxSpeed, m_maxSpeed);
        // Above a threshold, the energy of noise is exponential again.
        const double energy =
            cellfree::GetDetectionThreshold(m_detector->GetPfa()) - std::log(draw(0.0, 1.0));
        m_echoes.snr.setConstant(m_receivers.size(),
                                 m_aps.size(),
                                 energy / (m_receivers.size() * m_aps.size()));
        m_echoes.meanSnr = m_echoes.snr;
        m_detections.emplace_back();
        m_estimator->Estimate(place, m_echoes, *m_falseAlarms, m_detections.back());
    }
}

UniformRandomVariable&
CellFreeEchoReceiver::GetEstimationStream(uint32_t targetId)
{
    auto& uniform = m_estimates[targetId];
    if (!uniform)
    {
        uniform = CreateObject<UniformRandomVariable>();
        if (m_firstStream >= 0)
        {
            uniform->SetStream(
                GetCellFreeStream(m_firstStream, CELL_FREE_STREAM_ESTIMATION, targetId, m_cpuId));
        }
    }
    return *uniform;
}

void
CellFreeEchoReceiver::GetDetections(std::vector<CellFreeDetection>& detections,
                                    double& falseAlarmDensity)
{
    detections = m_detections;
    falseAlarmDensity = m_falseAlarmDensity;
}

void
CellFreeEchoReceiver::AssignStreams(int64_t first, uint32_t cpuId)
{
    NS_LOG_FUNCTION(this << first << cpuId);
    m_firstStream = first;
    m_cpuId = cpuId;
    m_falseAlarms->SetStream(GetCellFreeStream(first, CELL_FREE_STREAM_FALSE_ALARM, cpuId));
    for (auto& [targetId, uniform] : m_estimates)
    {
        uniform->SetStream(GetCellFreeStream(first, CELL_FREE_STREAM_ESTIMATION, targetId, cpuId));
    }
}

void
CellFreeEchoReceiver::SetEstimator(Ptr<CellFreeEstimator> estimator)
{
    NS_ABORT_MSG_IF(!estimator, "CellFreeEchoReceiver::Estimator is null: expected an estimator");
    m_estimator = estimator;
}

Ptr<CellFreeEstimator>
CellFreeEchoReceiver::GetEstimator() const
{
    return m_estimator;
}

void
CellFreeEchoReceiver::SetVolume(Box volume)
{
    NS_ABORT_MSG_IF(
        !(volume.xMin < volume.xMax && volume.yMin < volume.yMax && volume.zMin < volume.zMax),
        "CellFreeEchoReceiver::Volume = " << volume << ": expected each minimum below its maximum");
    m_volume = volume;
}

void
CellFreeEchoReceiver::SetGate(Vector gate)
{
    NS_ABORT_MSG_IF(!(gate.x >= 0.0 && gate.y >= 0.0 && gate.z >= 0.0),
                    "CellFreeEchoReceiver::Gate = " << gate << ": expected at least 0");
    m_gate = gate;
}

Vector
CellFreeEchoReceiver::GetGate() const
{
    return m_gate;
}

Box
CellFreeEchoReceiver::GetVolume() const
{
    return m_volume;
}

} // namespace ns3
