// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-trace-writer.h"

#include "cell-free-run-configuration.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/cell-free-attribute.h"
#include "ns3/system-path.h"

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <set>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeTraceWriter);

TypeId
CellFreeTraceWriter::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeTraceWriter")
                            .SetParent<Object>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeTraceWriter>()
                            .AddAttribute("Flows",
                                          "Whether packets are followed from node to node for "
                                          "FlowTrace and DelayTrace, which are empty otherwise: "
                                          "half of what traces cost. Not to be set during a run.",
                                          BooleanValue(true),
                                          MakeBooleanAccessor(&CellFreeTraceWriter::SetFlows,
                                                              &CellFreeTraceWriter::GetFlows),
                                          MakeBooleanChecker());
    return tid;
}

CellFreeTraceWriter::CellFreeTraceWriter() = default;

CellFreeTraceWriter::~CellFreeTraceWriter() = default;

void
CellFreeTraceWriter::DoInitialize()
{
    // Before the first packet, and after the scenario has given its nodes stacks and addresses.
    if (m_hasFlows)
    {
        m_flows->Install(m_link);
    }
    m_reports->AddAll(m_link);
    // Parts may be replaced until here, and CPUs may share one.
    std::set<Ptr<CellFreeFronthaul>> fronthauls;
    for (std::size_t c = 0; c < m_link->GetNCpus(); ++c)
    {
        const auto cpu = m_link->GetCpu(c);
        if (fronthauls.insert(cpu->GetFronthaul()).second)
        {
            cpu->GetFronthaul()->TraceConnectWithoutContext(
                "Load",
                MakeCallback(&CellFreeTraceWriter::WriteLoad, this));
        }
        if (const auto model = cpu->GetObject<CellFreeEnergyModel>())
        {
            m_energyModels.push_back(model);
            model->TraceConnectWithoutContext(
                "Energy",
                MakeCallback(&CellFreeTraceWriter::WriteEnergy, this));
        }
    }
    m_configuration = cellfree::DescribeRun(m_link, m_simTag, m_descriptions);
    Object::DoInitialize();
}

void
CellFreeTraceWriter::DoDispose()
{
    Close();
    if (m_flows)
    {
        m_flows->Dispose();
    }
    m_flows = nullptr;
    m_link = nullptr;
    m_energyModels.clear();
    Object::DoDispose();
}

void
CellFreeTraceWriter::SetFlows(bool hasFlows)
{
    cellfree::RefuseDuringRun(*this, "Flows");
    m_hasFlows = hasFlows;
}

bool
CellFreeTraceWriter::GetFlows() const
{
    return m_hasFlows;
}

std::string
CellFreeTraceWriter::FindDirectoryError(const std::string& outputDir)
{
    if (outputDir.empty()) // ns-3's SystemPath::Append() does not end for it
    {
        return "output directory is empty: expected the name of a directory";
    }
    std::error_code error;
    std::filesystem::create_directories(outputDir, error);
    const auto probe = outputDir + "/.cellfree-isac-probe";
    errno = 0;
    const bool isWritten =
        !error && std::filesystem::is_directory(outputDir) && std::ofstream(probe).put('x').flush();
    const int reason = error ? error.value() : errno;
    std::remove(probe.c_str());
    return isWritten ? ""
                     : "output directory \"" + outputDir +
                           "\": expected a directory that can be written" +
                           (reason ? std::string(" (") + strerror(reason) + ")" : "");
}

void
CellFreeTraceWriter::Open(const std::string& outputDir,
                          const std::string& simTag,
                          Ptr<CellFreeLink> link)
{
    const auto error = FindDirectoryError(outputDir);
    NS_ABORT_MSG_IF(!error.empty(), error);
    m_outputDir = outputDir;
    m_simTag = simTag;
    const auto path = [this](const std::string& name) { return GetPathStem(name) + ".tsv"; };
    m_ue.Open(path("UeTrace"),
              "time_s\tslot\tdirection\tueId\tnServingAps\tbelievedSinr_dB\tsinr_dB\t"
              "rate_bpsPerHz\tmcs\tblockSize_B\ttransmission\tdecoded\tqueue_B");
    m_sensing.Open(path("SensingTrace"),
                   "start_s\ttime_s\ttargetId\tx_m\ty_m\tz_m\tnTx\tnRx\tnLooks\tnSlots\tsnr_dB\t"
                   "combinedSnr_dB\tbestSnr_dB\tfluctuation_dB\tpd\tconditionalPd\tdetected\t"
                   "peb_m\tveb_mps\testX_m\testY_m\testZ_m\terror_m\tsensingWeight");
    m_decision.Open(path("DecisionTrace"),
                    "time_s\tslot\tdelay_slots\tpolicy\tnAps\tnUes\tnTargets\tsumRate_bpsPerHz\t"
                    "minSinr_dB\tsensingSnr_dB\tmaxApLoad");
    m_fronthaul.Open(path("FronthaulTrace"),
                     "time_s\tslot\tdirection\tapId\tload_bits\tcapacity_bits\tbacklog_bits\t"
                     "state");
    m_energy.Open(path("EnergyTrace"),
                  "start_s\ttime_s\tapId\tradiated_J\tap_J\tfronthaul_J\tprocessing_J\t"
                  "asleep");
    m_cluster.Open(path("ClusterTrace"), "time_s\tueId\tapId\tevent\tnServingAps");
    m_cost.Open(path("CostTrace"), "time_s\tslot\titerations\twallTime_s");

    for (std::size_t c = 0; c < link->GetNCpus(); ++c)
    {
        const auto cpu = link->GetCpu(c);
        cpu->TraceConnectWithoutContext("UeSample",
                                        MakeCallback(&CellFreeTraceWriter::WriteUeSample, this));
        cpu->TraceConnectWithoutContext("Decision",
                                        MakeCallback(&CellFreeTraceWriter::WriteDecision, this));
        cpu->GetClustering()->TraceConnectWithoutContext(
            "Change",
            MakeCallback(&CellFreeTraceWriter::WriteClusterChange, this));
        cpu->GetSensing()->TraceConnectWithoutContext(
            "Dwell",
            MakeCallback(&CellFreeTraceWriter::WriteDwell, this));
        if (const auto policy = DynamicCast<CellFreePluginPolicy>(cpu->GetPolicy()))
        {
            if (!m_correction.stream.is_open())
            {
                m_correction.Open(path("CorrectionTrace"),
                                  "time_s\tslot\tband\tnScaledAps\tmaxApLoad\tmaskedLoad");
            }
            policy->TraceConnectWithoutContext(
                "Correction",
                MakeCallback(&CellFreeTraceWriter::WriteCorrection, this));
        }
    }

    m_flow.Open(path("FlowTrace"), CellFreeFlowTrace::FLOW_HEADER);
    m_delay.Open(path("DelayTrace"), CellFreeFlowTrace::DELAY_HEADER);
    m_flows = CreateObject<CellFreeFlowTrace>();
    m_link = link;
    m_map = CreateObject<CellFreeMapWriter>();
    m_map->Open(outputDir, simTag, link);
    m_tracks = CreateObject<CellFreeTrackWriter>();
    m_tracks->Open(outputDir, simTag, link);
    m_reports = CreateObject<CellFreeReportTrace>();
    m_reports->Open(outputDir, simTag);
}

void
CellFreeTraceWriter::Describe(const std::string& name, const std::string& text)
{
    m_descriptions[name] = text;
}

void
CellFreeTraceWriter::Close()
{
    if (m_flow.stream.is_open())
    {
        const auto flows = m_flows->GetFlows();
        CellFreeFlowTrace::WriteFlows(flows, m_flow.stream);
        CellFreeFlowTrace::WriteDelays(flows, m_delay.stream);
        m_flows->WriteXml(GetPathStem("FlowMonitor"));
        CellFreeTraceFile configuration;
        configuration.Open(GetPathStem("configuration") + ".json", m_configuration);
        configuration.Close();
    }
    for (const auto& model : m_energyModels)
    {
        model->Finish();
    }
    for (auto* file : {&m_ue,
                       &m_sensing,
                       &m_decision,
                       &m_cluster,
                       &m_fronthaul,
                       &m_energy,
                       &m_cost,
                       &m_correction,
                       &m_flow,
                       &m_delay})
    {
        file->Close();
    }
    if (m_map)
    {
        m_map->Close();
    }
    if (m_tracks)
    {
        m_tracks->Close();
        m_reports->Close();
    }
}

std::string
CellFreeTraceWriter::GetPathStem(const std::string& name) const
{
    return SystemPath::Append(m_outputDir, name + m_simTag);
}

Ptr<CellFreeReportTrace>
CellFreeTraceWriter::GetReportTrace() const
{
    return m_reports;
}

Ptr<CellFreeFlowTrace>
CellFreeTraceWriter::GetFlowTrace() const
{
    return m_flows;
}

std::string
CellFreeTraceWriter::GetUeTracePath() const
{
    return m_ue.path;
}

void
CellFreeTraceWriter::WriteUeSample(const CellFreeUeSample& sample)
{
    m_ue.stream << sample.time.GetSeconds() << '\t' << sample.slot << '\t'
                << (sample.isUplink ? "UL" : "DL") << '\t' << sample.ueId << '\t'
                << sample.nServingAps << '\t' << cellfree::ToTraceDecibels(sample.believedSinr)
                << '\t' << cellfree::ToTraceDecibels(sample.sinr) << '\t'
                << std::log2(1.0 + sample.sinr) << '\t' << sample.mcs << '\t' << sample.blockBytes
                << '\t' << sample.transmission << '\t' << sample.isDecoded << '\t'
                << sample.queuedBytes << '\n';
}

void
CellFreeTraceWriter::WriteDwell(const CellFreeDwell& dwell)
{
    m_sensing.stream << dwell.start.GetSeconds() << '\t' << dwell.end.GetSeconds() << '\t'
                     << dwell.targetId << '\t' << dwell.position.x << '\t' << dwell.position.y
                     << '\t' << dwell.position.z << '\t' << dwell.nTransmitters << '\t'
                     << dwell.nReceivers << '\t' << dwell.nLooks << '\t' << dwell.nSlots << '\t'
                     << cellfree::ToTraceDecibels(dwell.snr) << '\t'
                     << cellfree::ToTraceDecibels(dwell.combinedSnr) << '\t'
                     << cellfree::ToTraceDecibels(dwell.bestSnr) << '\t'
                     << cellfree::ToTraceDecibels(dwell.fluctuation) << '\t' << dwell.pd << '\t'
                     << dwell.conditionalPd << '\t' << dwell.isDetected << '\t'
                     << CellFreeTraceNumber{dwell.positionBound} << '\t'
                     << CellFreeTraceNumber{dwell.velocityBound} << '\t'
                     << CellFreeTraceNumber{dwell.estimate.x} << '\t'
                     << CellFreeTraceNumber{dwell.estimate.y} << '\t'
                     << CellFreeTraceNumber{dwell.estimate.z} << '\t'
                     << CellFreeTraceNumber{CalculateDistance(dwell.estimate, dwell.position)}
                     << '\t' << CellFreeTraceNumber{dwell.sensingWeight} << '\n';
}

void
CellFreeTraceWriter::WriteDecision(const CellFreeDecision& decision)
{
    m_decision.stream << decision.time.GetSeconds() << '\t' << decision.slot << '\t'
                      << decision.delay << '\t' << decision.policy.GetName() << '\t'
                      << decision.nAps << '\t' << decision.nUes << '\t' << decision.nTargets << '\t'
                      << decision.sumRate << '\t' << cellfree::ToTraceDecibels(decision.minSinr)
                      << '\t' << cellfree::ToTraceDecibels(decision.sensingSnr) << '\t'
                      << decision.maxLoad << '\n';
    m_cost.stream << decision.time.GetSeconds() << '\t' << decision.slot << '\t'
                  << decision.cost.iterations << '\t' << decision.cost.seconds << '\n';
}

void
CellFreeTraceWriter::WriteCorrection(const CellFreeBeamCorrection& correction)
{
    m_correction.stream << correction.time << '\t' << correction.slot << '\t' << correction.band
                        << '\t' << correction.nAps << '\t' << correction.maxLoad << '\t'
                        << correction.maskedPower << '\n';
}

void
CellFreeTraceWriter::WriteLoad(const CellFreeFronthaulLoad& load)
{
    const char* directions[]{"DL", "UL", "pilots"};
    m_fronthaul.stream << load.time.GetSeconds() << '\t' << load.slot << '\t'
                       << directions[load.kind] << '\t' << load.apId << '\t' << load.load << '\t';
    if (std::isfinite(load.capacity))
    {
        m_fronthaul.stream << load.capacity;
    }
    m_fronthaul.stream << '\t' << load.backlog << '\t' << (load.isLate ? "late" : "sent") << '\n';
}

void
CellFreeTraceWriter::WriteEnergy(const CellFreeEnergySample& sample)
{
    m_energy.stream << sample.start.GetSeconds() << '\t' << sample.end.GetSeconds() << '\t'
                    << sample.apId << '\t' << sample.radiated << '\t' << sample.ap << '\t'
                    << sample.fronthaul << '\t' << sample.processing << '\t' << sample.asleep
                    << '\n';
}

void
CellFreeTraceWriter::WriteClusterChange(const CellFreeClusterChange& change)
{
    constexpr std::array<const char*, 3> EVENTS{"join", "leave", "master"};
    m_cluster.stream << change.time.GetSeconds() << '\t' << change.ueId << '\t' << change.apId
                     << '\t' << EVENTS[change.event] << '\t' << change.nServingAps << '\n';
}

} // namespace ns3
