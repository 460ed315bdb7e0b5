// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-echo-receiver.h"

#include "ns3/abort.h"
#include "ns3/isac-detection.h"
#include "ns3/log.h"

#include <algorithm>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeEchoReceiver");

NS_OBJECT_ENSURE_REGISTERED(CellFreeEchoReceiver);

TypeId
CellFreeEchoReceiver::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeEchoReceiver")
                            .SetParent<Object>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeEchoReceiver>();
    return tid;
}

CellFreeEchoReceiver::CellFreeEchoReceiver() = default;

CellFreeEchoReceiver::~CellFreeEchoReceiver() = default;

void
CellFreeEchoReceiver::DoDispose()
{
    m_channel = nullptr;
    m_detector = nullptr;
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

void
CellFreeEchoReceiver::Begin(const std::vector<uint32_t>& targets,
                            Ptr<CellFreeDetector> detector,
                            const std::vector<uint32_t>& receivers)
{
    NS_LOG_FUNCTION(this << targets.size());
    m_targets = targets;
    m_detector = detector;
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
        DrawLooks(integration);
        integration.echo.setZero(integration.noise.size());
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
    integration.weight.setOnes(nLooks);
    integration.reflection.resize(nLooks);
    integration.noise.resize(nLooks);
    for (std::size_t k = 0; k < nLooks; ++k)
    {
        CellFreeRadarModel::Look look;
        if (m_looks == CellFreeDetector::ONE)
        {
            look = radar->Draw(targetId, targetId);
        }
        else if (m_looks == CellFreeDetector::RECEIVERS)
        {
            look = radar->Draw(targetId, m_channel->GetApId(m_receivers[k]));
            integration.weight(k) = receive(m_receivers[k], integration.target);
        }
        else
        {
            const auto receiver = m_receivers[k / nAps];
            const auto transmitter = m_aps[k % nAps];
            look = radar->Draw(targetId,
                               m_channel->GetApId(receiver),
                               m_channel->GetApId(transmitter));
            integration.weight(k) =
                receive(receiver, integration.target) * transmit(transmitter, integration.target);
        }
        integration.reflection(k) = look.reflection;
        integration.noise(k) = look.noise;
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
    const Eigen::Index nReceivers = m_receivers.size();
    m_quiet.resize(nReceivers);
    for (Eigen::Index r = 0; r < nReceivers; ++r)
    {
        const auto receiver = m_receivers[r];
        const bool isTransmitting = std::find(aps.begin(), aps.end(), receiver) != aps.end();
        m_quiet(r) = noise / m_channel->GetEchoNoise(receiver, isTransmitting);
    }
    double sum = 0.0;
    for (std::size_t i = 0; i < aps.size(); ++i)
    {
        const auto m = aps[i] < m_position.size() ? m_position[aps[i]] : -1;
        NS_ABORT_MSG_IF(m < 0, "AP index " << aps[i] << ": expected an AP of the CPU");
        const double echo = transmit(aps[i]) * power(i) / noise;
        integration.power(m) += power(i);
        sum += echo;
        if (m_looks == CellFreeDetector::PAIRS)
        {
            for (Eigen::Index r = 0; r < nReceivers; ++r)
            {
                integration.echo(r * nAps + m) += echo * receive(m_receivers[r]) * m_quiet(r);
            }
        }
    }
    if (m_looks == CellFreeDetector::ONE)
    {
        integration.echo(0) = integration.snrSum;
    }
    else if (m_looks == CellFreeDetector::RECEIVERS)
    {
        for (Eigen::Index r = 0; r < nReceivers; ++r)
        {
            integration.echo(r) += sum * receive(m_receivers[r]) * m_quiet(r);
        }
    }
}

void
CellFreeEchoReceiver::Finish(Time start,
                             Time end,
                             uint64_t coherentSymbols,
                             bool areSymbolsKnown,
                             std::vector<CellFreeDwell>& dwells,
                             std::vector<uint32_t>& targets)
{
    NS_LOG_FUNCTION(this << start << end);
    dwells.clear();
    targets.clear();
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
    dwell.nLooks = integration.noise.size();
    dwell.nSlots = integration.nSlots;
    const double gain = cellfree::GetCombinedSensingSnr(1.0, m_channel->GetEchoAntennas(), symbols);
    const double scale = 1.0 / std::max(integration.nSlots, 1U);
    dwell.snr = integration.snrSum * scale;
    dwell.combinedSnr = dwell.snr * gain;
    m_snr = integration.echo * (scale * gain);
    dwell.bestSnr = m_snr.size() > 0 ? m_snr.maxCoeff() : 0.0;
    const double weight = integration.weight.sum();
    const auto factor = integration.reflection.cwiseAbs2();
    dwell.fluctuation = weight > 0.0 ? integration.weight.dot(factor) / weight : factor.mean();
    m_detector->Design(m_snr, m_channel->GetRadarModel()->GetFluctuation());
    dwell.pd = m_detector->GetDetectionProbability();
    m_drawn = m_snr.cwiseProduct(factor);
    dwell.conditionalPd = m_detector->GetConditionalProbability(m_drawn);
    m_drawn =
        (m_snr.cwiseSqrt().cwiseProduct(integration.reflection) + integration.noise).cwiseAbs2();
    dwell.isDetected = m_detector->GetStatistic(m_drawn) > m_detector->GetThreshold();
    NS_LOG_INFO("target " << dwell.targetId << " dwell at " << dwell.start.As(Time::S) << ": Pd "
                          << dwell.pd << (dwell.isDetected ? ", detected" : ", missed"));
}

void
CellFreeEchoReceiver::GetDetections(std::vector<CellFreeDetection>& detections,
                                    double& falseAlarmDensity)
{
    detections.clear();
    falseAlarmDensity = 0.0;
}

void
CellFreeEchoReceiver::AssignStreams(int64_t first, uint32_t cpuId)
{
}

} // namespace ns3
