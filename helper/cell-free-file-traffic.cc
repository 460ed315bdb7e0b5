// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-file-traffic.h"

#include "ns3/abort.h"
#include "ns3/cell-free-streams.h"
#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/seq-ts-header.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeFileTraffic");

NS_OBJECT_ENSURE_REGISTERED(CellFreeFileTraffic);

TypeId
CellFreeFileTraffic::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeFileTraffic")
            .SetParent<CellFreeQueueTraffic>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeFileTraffic>()
            .AddAttribute("FileSize",
                          "Size of the files to come (bytes, 1 to 1e12).",
                          UintegerValue(500000),
                          MakeUintegerAccessor(&CellFreeFileTraffic::m_fileSize),
                          MakeUintegerChecker<uint64_t>(1, 1000000000000))
            .AddAttribute("ArrivalRate",
                          "Mean number of files per second (1e-9 to 1e6); a change acts from the "
                          "next arrival on.",
                          DoubleValue(2.0),
                          MakeDoubleAccessor(&CellFreeFileTraffic::m_arrivalRate),
                          MakeDoubleChecker<double>(1e-9, 1e6))
            .AddTraceSource("File",
                            "A file is finished: its last packet came through, or one behind it.",
                            MakeTraceSourceAccessor(&CellFreeFileTraffic::m_fileTrace),
                            "ns3::CellFreeFileTraffic::FileTracedCallback");
    return tid;
}

CellFreeFileTraffic::CellFreeFileTraffic()
    : m_uniform(CreateObject<UniformRandomVariable>())
{
}

CellFreeFileTraffic::~CellFreeFileTraffic() = default;

void
CellFreeFileTraffic::DoDispose()
{
    m_arrival.Cancel();
    m_sink = nullptr;
    CellFreeQueueTraffic::DoDispose();
}

int64_t
CellFreeFileTraffic::AssignStreams(int64_t first)
{
    NS_ABORT_MSG_IF(!GetDevice(), "CellFreeFileTraffic::Device: expected it before AssignStreams");
    m_uniform->SetStream(
        GetCellFreeStream(first, CELL_FREE_STREAM_TRAFFIC, GetDevice()->GetNode()->GetId()));
    return CELL_FREE_STREAMS;
}

void
CellFreeFileTraffic::StartApplication()
{
    CellFreeQueueTraffic::StartApplication();
    m_sink = Socket::CreateSocket(GetDevice()->GetNode(), UdpSocketFactory::GetTypeId());
    NS_ABORT_MSG_IF(m_sink->Bind(GetRemote()) != 0,
                    "CellFreeFileTraffic::Remote: expected an address and a free port of node "
                        << GetDevice()->GetNode()->GetId());
    m_sink->SetRecvCallback(MakeCallback(&CellFreeFileTraffic::Receive, this));
    ScheduleArrival();
}

void
CellFreeFileTraffic::StopApplication()
{
    m_arrival.Cancel();
    CellFreeQueueTraffic::StopApplication();
}

void
CellFreeFileTraffic::ScheduleArrival()
{
    // Exponential by inversion; 1 - U is never 0.
    const double gap = -std::log(1.0 - m_uniform->GetValue(0.0, 1.0)) / m_arrivalRate;
    m_arrival = Simulator::Schedule(Seconds(gap), &CellFreeFileTraffic::Arrive, this);
}

void
CellFreeFileTraffic::Arrive()
{
    Transfer transfer;
    transfer.file.ueId = GetDevice()->GetNode()->GetId();
    transfer.file.number = m_nFiles++;
    transfer.file.size = m_fileSize;
    transfer.file.arrival = Simulator::Now();
    NS_LOG_LOGIC("UE node " << transfer.file.ueId << ": file " << transfer.file.number);
    m_transfers.push_back(transfer);
    ScheduleFill();
    ScheduleArrival();
}

Ptr<Packet>
CellFreeFileTraffic::TakePacket()
{
    const auto next = std::find_if(m_transfers.begin(), m_transfers.end(), [](const Transfer& t) {
        return t.sentBytes < t.file.size;
    });
    if (next == m_transfers.end())
    {
        return nullptr;
    }
    SeqTsHeader header;
    header.SetSeq(m_nextPacket);
    next->lastPacket = m_nextPacket++;
    // The header is a part of the file; a last packet that is too short for it is padded.
    const auto bytes = std::min<uint64_t>(GetPacketSize(), next->file.size - next->sentBytes);
    next->sentBytes += bytes;
    const auto headerBytes = header.GetSerializedSize();
    auto packet = Create<Packet>(bytes > headerBytes ? bytes - headerBytes : 0);
    packet->AddHeader(header);
    return packet;
}

void
CellFreeFileTraffic::Receive(Ptr<Socket> socket)
{
    while (auto packet = socket->Recv())
    {
        const uint64_t bytes = packet->GetSize();
        SeqTsHeader header;
        packet->RemoveHeader(header);
        const uint32_t number = header.GetSeq();
        // Packets keep their order, so those before it that did not come are lost.
        while (!m_transfers.empty())
        {
            auto& front = m_transfers.front();
            const bool isSent = front.sentBytes == front.file.size;
            const uint32_t end = isSent ? front.lastPacket + 1 : m_nextPacket;
            const uint32_t upTo = std::min(number, end);
            front.file.nLost += upTo - std::min(upTo, m_expected);
            m_expected = std::max(m_expected, upTo);
            if (number < end)
            {
                front.file.receivedBytes +=
                    std::min(bytes, front.file.size - front.file.receivedBytes);
                m_expected = number + 1;
                if (isSent && number == front.lastPacket)
                {
                    Finish();
                }
                break;
            }
            Finish();
        }
    }
}

void
CellFreeFileTraffic::Finish()
{
    auto file = m_transfers.front().file;
    m_transfers.pop_front();
    file.end = Simulator::Now();
    file.isFinished = true;
    m_fileTrace(file);
}

std::deque<CellFreeFile>
CellFreeFileTraffic::GetUnfinished() const
{
    std::deque<CellFreeFile> files;
    for (const auto& transfer : m_transfers)
    {
        files.push_back(transfer.file);
        files.back().end = Simulator::Now();
    }
    return files;
}

} // namespace ns3
