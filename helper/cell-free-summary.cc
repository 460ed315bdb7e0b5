// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-summary.h"

#include "ns3/cell-free-energy-model.h"
#include "ns3/isac-link-budget.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <set>
#include <sstream>
#include <string>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeSummary);

namespace
{

/// A value, or "-" where it is no finite number.
std::string
Format(double value, int decimals)
{
    if (!std::isfinite(value))
    {
        return "-";
    }
    std::ostringstream text;
    text << std::fixed << std::setprecision(decimals) << value;
    return text.str();
}

/// A ratio in decibels, or "-" where it is none.
std::string
FormatDecibels(double ratio)
{
    return Format(ratio > 1e-30 ? cellfree::ToDecibels(ratio) : NAN, 1);
}

} // namespace

TypeId
CellFreeSummary::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeSummary")
                            .SetParent<Object>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeSummary>();
    return tid;
}

CellFreeSummary::CellFreeSummary() = default;

CellFreeSummary::~CellFreeSummary() = default;

void
CellFreeSummary::Connect(Ptr<CellFreeLink> link)
{
    m_scorer = CreateObject<CellFreeTrackScorer>();
    m_scorer->Connect(link);
    for (std::size_t c = 0; c < link->GetNCpus(); ++c)
    {
        const auto cpu = link->GetCpu(c);
        m_cpus.push_back(cpu);
        cpu->TraceConnectWithoutContext("UeSample",
                                        MakeCallback(&CellFreeSummary::OnUeSample, this));
        cpu->TraceConnectWithoutContext("Decision",
                                        MakeCallback(&CellFreeSummary::OnDecision, this));
        cpu->GetSensing()->TraceConnectWithoutContext(
            "Dwell",
            MakeCallback(&CellFreeSummary::OnDwell, this));
    }
}

void
CellFreeSummary::OnUeSample(const CellFreeUeSample& sample)
{
    if (!sample.isUplink)
    {
        m_rate[sample.ueId].Add(std::log2(1.0 + sample.sinr));
    }
}

void
CellFreeSummary::OnDwell(const CellFreeDwell& dwell)
{
    auto& target = m_targets[dwell.targetId];
    target.snr.Add(dwell.snr);
    target.combinedSnr.Add(dwell.combinedSnr);
    target.pd.Add(dwell.pd);
    target.detected.Add(dwell.isDetected);
}

void
CellFreeSummary::OnDecision(const CellFreeDecision& decision)
{
    m_decisionTime.Add(decision.cost.seconds);
}

void
CellFreeSummary::Print(std::ostream& out, const std::vector<CellFreeFlow>& flows) const
{
    // By UE, then direction and protocol; acknowledgements are no traffic of their own.
    std::map<std::tuple<int64_t, std::string, std::string>, std::vector<CellFreeFlow>> rows;
    for (const auto& flow : flows)
    {
        if (!flow.acknowledges && flow.ueId >= 0)
        {
            rows[{flow.ueId, flow.direction, flow.protocol}].push_back(flow);
        }
    }
    double sumRate = 0.0;
    if (!rows.empty())
    {
        out << "   UE  traffic     rate(Mb/s)  delay(ms)  lost(%)  waiting(%)  SINR(dB)\n";
    }
    for (const auto& [key, sameFlows] : rows)
    {
        const auto& [ueId, direction, protocol] = key;
        for (const auto& flow : sameFlows)
        {
            const bool isDownlink = direction == "DL";
            const auto name =
                (protocol == "udp" ? "UDP" : "TCP") + std::string(isDownlink          ? " down"
                                                                  : direction == "UL" ? " up"
                                                                                      : " other");
            const double sent = std::max(1U, flow.txPackets);
            const auto rate = m_rate.find(ueId);
            sumRate += isDownlink ? flow.throughput : 0.0;
            out << std::setw(5) << ueId << "  " << std::left << std::setw(11) << name << std::right
                << std::setw(11) << Format(flow.throughput / 1e6, 2) << std::setw(11)
                << Format(flow.rxPackets > 0 ? 1e3 * flow.meanDelay : NAN, 1) << std::setw(9)
                << Format(100.0 * flow.lostPackets / sent, 2) << std::setw(12)
                << Format(100.0 * flow.waitingPackets / sent, 2) << std::setw(10)
                << (isDownlink && rate != m_rate.end()
                        ? FormatDecibels(std::exp2(rate->second.Get()) - 1.0)
                        : "-")
                << '\n';
        }
    }
    if (!rows.empty())
    {
        out << "  Sum of the downlink rates: " << Format(sumRate / 1e6, 1)
            << " Mb/s of IP packets, their headers included\n";
    }
    if (!m_targets.empty())
    {
        out << "\ntarget  SNR per symbol(dB)  SNR combined(dB)     Pd  detected(%)  dwells\n";
    }
    for (const auto& [id, target] : m_targets)
    {
        out << std::setw(6) << id << std::setw(20) << FormatDecibels(target.snr.Get())
            << std::setw(18) << FormatDecibels(target.combinedSnr.Get()) << std::setw(7)
            << Format(target.pd.Get(), 3) << std::setw(13) << Format(100 * target.detected.Get(), 1)
            << std::setw(8) << target.pd.n << '\n';
    }
    PrintTracks(out);
    out << "\nDecisions: " << m_decisionTime.n << ", " << Format(1e6 * m_decisionTime.Get(), 0)
        << " us each on this machine\n";
    PrintEnergy(out);
}

void
CellFreeSummary::PrintTracks(std::ostream& out) const
{
    if (!m_scorer || m_scorer->GetRecords().empty())
    {
        return;
    }
    out << "\ntarget  found after(s)  tracked(%)  rms error(m)  tracks\n";
    for (const auto& [id, record] : m_scorer->GetRecords())
    {
        const bool isFound = record.nTracked > 0;
        out << std::setw(6) << id << std::setw(16)
            << Format(isFound ? (record.found - record.appeared).GetSeconds() : NAN, 2)
            << std::setw(12) << Format(100.0 * record.nTracked / record.nScans, 1) << std::setw(14)
            << Format(isFound ? std::sqrt(record.squaredErrorSum / record.nTracked) : NAN, 2)
            << std::setw(8) << (isFound ? record.nSwitches + 1 : 0) << '\n';
    }
    out << "  Mean GOSPA: " << Format(m_scorer->GetMeanGospa(), 2) << " m\n";
}

void
CellFreeSummary::PrintEnergy(std::ostream& out) const
{
    CellFreeEnergyModel::Total sum;
    for (const auto& cpu : m_cpus)
    {
        if (const auto model = cpu->GetObject<CellFreeEnergyModel>())
        {
            model->Finish();
            const auto& total = model->GetTotal();
            sum.radiated += total.radiated;
            sum.ap += total.ap;
            sum.fronthaul += total.fronthaul;
            sum.processing += total.processing;
            sum.bits += total.bits;
            sum.seconds = std::max(sum.seconds, total.seconds);
        }
    }
    if (sum.seconds > 0.0)
    {
        const auto watts = [&sum](double energy) { return Format(energy / sum.seconds, 1); };
        out << "Energy: " << watts(sum.GetEnergy()) << " W (APs " << watts(sum.ap)
            << " W, of which radiated " << watts(sum.radiated) << " W; fronthaul "
            << watts(sum.fronthaul) << " W; processing " << watts(sum.processing) << " W), "
            << Format(1e6 * sum.GetEnergy() / sum.bits, 2) << " uJ per decoded bit\n";
    }
}

} // namespace ns3
