// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-flow-trace.h"

#include "cell-free-trace-file.h"

#include "ns3/abort.h"
#include "ns3/double.h"
#include "ns3/ipv4-flow-probe.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv6-flow-probe.h"
#include "ns3/ipv6-l3-protocol.h"
#include "ns3/node-list.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeFlowTrace);

namespace
{

/// Packets of a TCP flow that only acknowledges are no longer than this: IP, TCP, SACK blocks (B).
constexpr double MAX_ACKNOWLEDGEMENT = 100.0;

/// Name of an IP protocol number.
std::string
GetProtocolName(uint8_t number)
{
    return number == 6 ? "tcp" : number == 17 ? "udp" : std::to_string(number);
}

/// Writes a value, or nothing if it is unknown.
std::ostream&
WriteKnown(std::ostream& stream, double value)
{
    return std::isnan(value) ? stream : stream << value;
}

} // namespace

const char* const CellFreeFlowTrace::FLOW_HEADER =
    "flowId\tueId\tdirection\tprotocol\tacknowledges\ttxPackets\trxPackets\tlostPackets\t"
    "waitingPackets\ttxBytes\trxBytes\tfirstTx_s\tlastRx_s\tthroughput_bps\tmeanDelay_s\tp99Delay_"
    "s\tmeanJitter_s";
const char* const CellFreeFlowTrace::DELAY_HEADER = "flowId\tbinStart_s\tbinEnd_s\tcount";

TypeId
CellFreeFlowTrace::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeFlowTrace")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeFlowTrace>()
            .AddAttribute("LossDelay",
                          "A packet that no node has seen for this long at the end of the run "
                          "counts as lost, as one that a queue dropped does.",
                          TimeValue(Seconds(1)),
                          MakeTimeAccessor(&CellFreeFlowTrace::m_lossDelay),
                          MakeTimeChecker(Seconds(0)))
            .AddAttribute("DelayBinWidth",
                          "Width of the bins of the delay histograms, at least 1 us. Not to be set "
                          "during a run.",
                          TimeValue(MicroSeconds(100)),
                          MakeTimeAccessor(&CellFreeFlowTrace::SetDelayBinWidth,
                                           &CellFreeFlowTrace::GetDelayBinWidth),
                          MakeTimeChecker(MicroSeconds(1)));
    return tid;
}

CellFreeFlowTrace::CellFreeFlowTrace() = default;

CellFreeFlowTrace::~CellFreeFlowTrace() = default;

void
CellFreeFlowTrace::DoDispose()
{
    for (auto monitor : {m_monitor4, m_monitor6})
    {
        if (monitor)
        {
            monitor->Dispose();
        }
    }
    m_monitor4 = nullptr;
    m_monitor6 = nullptr;
    m_classifier4 = nullptr;
    m_classifier6 = nullptr;
    Object::DoDispose();
}

void
CellFreeFlowTrace::SetDelayBinWidth(Time width)
{
    NS_ABORT_MSG_IF(m_monitor4,
                    "CellFreeFlowTrace::DelayBinWidth was set during a run: expected it to be set "
                    "before the start");
    m_delayBinWidth = width;
}

Time
CellFreeFlowTrace::GetDelayBinWidth() const
{
    return m_delayBinWidth;
}

void
CellFreeFlowTrace::Install(Ptr<const CellFreeLink> link)
{
    const auto makeMonitor = [this] {
        return CreateObjectWithAttributes<FlowMonitor>("DelayBinWidth",
                                                       DoubleValue(m_delayBinWidth.GetSeconds()));
    };
    m_monitor4 = makeMonitor();
    m_monitor6 = makeMonitor();
    m_classifier4 = Create<Ipv4FlowClassifier>();
    m_classifier6 = Create<Ipv6FlowClassifier>();
    m_monitor4->AddFlowClassifier(m_classifier4);
    m_monitor6->AddFlowClassifier(m_classifier6);
    for (auto node = NodeList::Begin(); node != NodeList::End(); ++node)
    {
        // The probes are held by the monitors and by the trace sources that they connect to.
        if ((*node)->GetObject<Ipv4L3Protocol>())
        {
            CreateObject<Ipv4FlowProbe>(m_monitor4, m_classifier4, *node);
        }
        if ((*node)->GetObject<Ipv6L3Protocol>())
        {
            CreateObject<Ipv6FlowProbe>(m_monitor6, m_classifier6, *node);
        }
    }
    for (std::size_t i = 0; i < link->GetNDevices(); ++i)
    {
        const auto device = DynamicCast<CellFreeUeNetDevice>(link->GetDevice(i));
        if (!device)
        {
            continue;
        }
        const auto node = device->GetNode();
        if (auto ipv4 = node->GetObject<Ipv4>())
        {
            for (uint32_t interface = 0; interface < ipv4->GetNInterfaces(); ++interface)
            {
                for (uint32_t a = 0; a < ipv4->GetNAddresses(interface); ++a)
                {
                    m_ueByAddress[ipv4->GetAddress(interface, a).GetLocal()] = node->GetId();
                }
            }
        }
        if (auto ipv6 = node->GetObject<Ipv6>())
        {
            for (uint32_t interface = 0; interface < ipv6->GetNInterfaces(); ++interface)
            {
                for (uint32_t a = 0; a < ipv6->GetNAddresses(interface); ++a)
                {
                    m_ueByAddress[ipv6->GetAddress(interface, a).GetAddress()] = node->GetId();
                }
            }
        }
    }
}

int64_t
CellFreeFlowTrace::FindUe(const Address& address) const
{
    const auto ue = m_ueByAddress.find(address);
    return ue == m_ueByAddress.end() ? -1 : static_cast<int64_t>(ue->second);
}

template <typename Classifier>
void
CellFreeFlowTrace::Collect(Ptr<FlowMonitor> monitor,
                           Ptr<Classifier> classifier,
                           std::vector<CellFreeFlow>& flows) const
{
    const uint32_t lastId = flows.empty() ? 0 : flows.back().flowId;
    std::map<std::tuple<Address, uint16_t, Address, uint16_t>, std::size_t> tcpFlows;
    monitor->CheckForLostPackets(m_lossDelay);
    for (const auto& [id, stats] : monitor->GetFlowStats())
    {
        const auto tuple = classifier->FindFlow(id);
        CellFreeFlow flow;
        flow.flowId = lastId + id;
        flow.protocol = GetProtocolName(tuple.protocol);
        const auto receiver = FindUe(tuple.destinationAddress);
        flow.ueId = receiver >= 0 ? receiver : FindUe(tuple.sourceAddress);
        flow.direction = receiver >= 0 ? "DL" : flow.ueId >= 0 ? "UL" : "other";
        flow.txPackets = stats.txPackets;
        flow.rxPackets = stats.rxPackets;
        flow.lostPackets = stats.lostPackets;
        // FlowMonitor counts a packet twice that two layers report as dropped.
        const auto known = std::min(flow.txPackets, flow.rxPackets + flow.lostPackets);
        flow.waitingPackets = flow.txPackets - known;
        flow.txBytes = stats.txBytes;
        flow.rxBytes = stats.rxBytes;
        flow.firstTx = stats.timeFirstTxPacket;
        flow.lastRx = stats.timeLastRxPacket;
        const double duration = (Simulator::Now() - flow.firstTx).GetSeconds();
        flow.throughput = duration > 0.0 ? 8.0 * flow.rxBytes / duration : 0.0;
        // 0 / 0 gives the NaN that stands for "no packet".
        flow.meanDelay = stats.delaySum.GetSeconds() / flow.rxPackets;
        flow.meanJitter =
            flow.rxPackets > 1 ? stats.jitterSum.GetSeconds() / (flow.rxPackets - 1) : std::nan("");
        auto& histogram = const_cast<Histogram&>(stats.delayHistogram); // its getters are not const
        for (uint32_t bin = 0; bin < histogram.GetNBins(); ++bin)
        {
            if (histogram.GetBinCount(bin) > 0)
            {
                flow.delays.push_back({histogram.GetBinStart(bin),
                                       histogram.GetBinEnd(bin),
                                       histogram.GetBinCount(bin)});
            }
        }
        if (flow.protocol == "tcp")
        {
            tcpFlows[{tuple.sourceAddress,
                      tuple.sourcePort,
                      tuple.destinationAddress,
                      tuple.destinationPort}] = flows.size();
        }
        flows.push_back(std::move(flow));
    }
    // The other direction of a TCP connection that sends more, and this one only short packets.
    for (const auto& [ends, index] : tcpFlows)
    {
        const auto& [source, sourcePort, destination, destinationPort] = ends;
        const auto other = tcpFlows.find({destination, destinationPort, source, sourcePort});
        auto& flow = flows[index];
        flow.acknowledges = other != tcpFlows.end() &&
                            flow.txBytes < flows[other->second].txBytes &&
                            flow.txBytes <= MAX_ACKNOWLEDGEMENT * flow.txPackets;
    }
}

std::vector<CellFreeFlow>
CellFreeFlowTrace::GetFlows()
{
    std::vector<CellFreeFlow> flows;
    if (m_monitor4)
    {
        Collect(m_monitor4, m_classifier4, flows);
        Collect(m_monitor6, m_classifier6, flows);
    }
    return flows;
}

void
CellFreeFlowTrace::WriteFlows(const std::vector<CellFreeFlow>& flows, std::ostream& stream)
{
    for (const auto& flow : flows)
    {
        stream << flow.flowId << '\t' << flow.ueId << '\t' << flow.direction << '\t'
               << flow.protocol << '\t' << flow.acknowledges << '\t' << flow.txPackets << '\t'
               << flow.rxPackets << '\t' << flow.lostPackets << '\t' << flow.waitingPackets << '\t'
               << flow.txBytes << '\t' << flow.rxBytes << '\t' << flow.firstTx.GetSeconds() << '\t';
        WriteKnown(stream, flow.rxPackets > 0 ? flow.lastRx.GetSeconds() : std::nan("")) << '\t';
        stream << flow.throughput << '\t';
        WriteKnown(stream, flow.meanDelay) << '\t';
        WriteKnown(stream, GetHistogramQuantile(flow.delays, 0.99)) << '\t';
        WriteKnown(stream, flow.meanJitter) << '\n';
    }
}

void
CellFreeFlowTrace::WriteDelays(const std::vector<CellFreeFlow>& flows, std::ostream& stream)
{
    for (const auto& flow : flows)
    {
        for (const auto& bin : flow.delays)
        {
            stream << flow.flowId << '\t' << bin.start << '\t' << bin.end << '\t' << bin.count
                   << '\n';
        }
    }
}

void
CellFreeFlowTrace::WriteXml(const std::string& pathStem) const
{
    if (m_monitor4)
    {
        const auto write = [](Ptr<FlowMonitor> monitor, const std::string& path) {
            CellFreeTraceFile file;
            file.Open(path, "<?xml version=\"1.0\" ?>"); // as SerializeToXmlFile() writes it
            file.stream.precision(6);                    // as that has it
            monitor->SerializeToXmlStream(file.stream, 0, false, false);
            file.Close();
        };
        write(m_monitor4, pathStem + ".xml");
        if (!m_monitor6->GetFlowStats().empty())
        {
            write(m_monitor6, pathStem + "-ipv6.xml");
        }
    }
}

} // namespace ns3
