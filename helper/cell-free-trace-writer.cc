// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-trace-writer.h"

#include "ns3/abort.h"
#include "ns3/isac-link-budget.h"
#include "ns3/system-path.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeTraceWriter);

namespace
{

/// A ratio in decibels, not below -300, so that a zero stays a number.
double
ToTraceDecibels(double ratio)
{
    return ToDecibels(std::max(ratio, 1e-30));
}

} // namespace

TypeId
CellFreeTraceWriter::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeTraceWriter")
                            .SetParent<Object>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeTraceWriter>();
    return tid;
}

CellFreeTraceWriter::CellFreeTraceWriter() = default;

CellFreeTraceWriter::~CellFreeTraceWriter() = default;

void
CellFreeTraceWriter::DoDispose()
{
    Close();
    Object::DoDispose();
}

std::string
CellFreeTraceWriter::FindDirectoryError(const std::string& outputDir)
{
    std::error_code error;
    std::filesystem::create_directories(outputDir, error);
    const auto probe = SystemPath::Append(outputDir, ".cellfree-isac-probe");
    if (!error && std::filesystem::is_directory(outputDir) && std::ofstream(probe).put('x').flush())
    {
        std::remove(probe.c_str());
        return {};
    }
    return "output directory \"" + outputDir + "\": expected a directory that can be written" +
           (error ? " (" + error.message() + ")" : "");
}

void
CellFreeTraceWriter::OpenFile(File& file, const std::string& path, const std::string& header)
{
    file.path = path;
    file.stream.open(path + ".part", std::ios::trunc);
    file.stream.precision(9);
    file.stream << header << '\n' << std::flush;
    NS_ABORT_MSG_IF(!file.stream, "cannot write trace file \"" << path << "\"");
}

void
CellFreeTraceWriter::CloseFile(File& file)
{
    file.stream.close();
    NS_ABORT_MSG_IF(!file.stream || std::rename((file.path + ".part").c_str(), file.path.c_str()),
                    "cannot complete trace file \"" << file.path << "\"");
}

void
CellFreeTraceWriter::Open(const std::string& outputDir,
                          const std::string& simTag,
                          Ptr<CellFreeLink> link)
{
    const auto error = FindDirectoryError(outputDir);
    NS_ABORT_MSG_IF(!error.empty(), error);
    const auto path = [&outputDir, &simTag](const std::string& name) {
        return SystemPath::Append(outputDir, name + simTag + ".tsv");
    };
    OpenFile(m_ue,
             path("UeTrace"),
             "time_s\tslot\tdirection\tueId\tnServingAps\tbelievedSinr_dB\tsinr_dB\t"
             "rate_bpsPerHz\tmcs\tblockSize_B\ttransmission\tdecoded\tqueue_B");
    OpenFile(m_sensing,
             path("SensingTrace"),
             "start_s\ttime_s\ttargetId\tx_m\ty_m\tz_m\tnTx\tnRx\tnSlots\tsnr_dB\tcombinedSnr_dB\t"
             "fluctuation_dB\tpd\tdetected");
    OpenFile(m_decision,
             path("DecisionTrace"),
             "time_s\tslot\tdelay_slots\tpolicy\tnAps\tnUes\tnTargets\tsumRate_bpsPerHz\t"
             "minSinr_dB\tsensingSnr_dB\tmaxApLoad");
    OpenFile(m_cost, path("CostTrace"), "time_s\tslot\titerations\twallTime_s");

    m_policy = link->GetPolicy()->GetInstanceTypeId().GetName();
    link->TraceConnectWithoutContext("UeSample",
                                     MakeCallback(&CellFreeTraceWriter::WriteUeSample, this));
    link->TraceConnectWithoutContext("Decision",
                                     MakeCallback(&CellFreeTraceWriter::WriteDecision, this));
    link->GetSensing()->TraceConnectWithoutContext(
        "Dwell",
        MakeCallback(&CellFreeTraceWriter::WriteDwell, this));
}

void
CellFreeTraceWriter::Close()
{
    for (auto* file : {&m_ue, &m_sensing, &m_decision, &m_cost})
    {
        if (file->stream.is_open())
        {
            CloseFile(*file);
        }
    }
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
                << sample.nServingAps << '\t' << ToTraceDecibels(sample.believedSinr) << '\t'
                << ToTraceDecibels(sample.sinr) << '\t' << std::log2(1.0 + sample.sinr) << '\t'
                << sample.mcs << '\t' << sample.blockBytes << '\t' << sample.transmission << '\t'
                << sample.isDecoded << '\t' << sample.queuedBytes << '\n';
}

void
CellFreeTraceWriter::WriteDwell(const CellFreeDwell& dwell)
{
    m_sensing.stream << dwell.start.GetSeconds() << '\t' << dwell.end.GetSeconds() << '\t'
                     << dwell.targetId << '\t' << dwell.position.x << '\t' << dwell.position.y
                     << '\t' << dwell.position.z << '\t' << dwell.nTransmitters << '\t'
                     << dwell.nReceivers << '\t' << dwell.nSlots << '\t'
                     << ToTraceDecibels(dwell.snr) << '\t' << ToTraceDecibels(dwell.combinedSnr)
                     << '\t' << ToTraceDecibels(dwell.fluctuation) << '\t' << dwell.pd << '\t'
                     << dwell.isDetected << '\n';
}

void
CellFreeTraceWriter::WriteDecision(const CellFreeDecision& decision)
{
    m_decision.stream << decision.time.GetSeconds() << '\t' << decision.slot << '\t'
                      << decision.delay << '\t' << m_policy << '\t' << decision.nAps << '\t'
                      << decision.nUes << '\t' << decision.nTargets << '\t' << decision.sumRate
                      << '\t' << ToTraceDecibels(decision.minSinr) << '\t'
                      << ToTraceDecibels(decision.sensingSnr) << '\t' << decision.maxLoad << '\n';
    m_cost.stream << decision.time.GetSeconds() << '\t' << decision.slot << '\t'
                  << decision.cost.iterations << '\t' << decision.cost.seconds << '\n';
}

} // namespace ns3
