// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-isac-helper.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/cell-free-ap.h"
#include "ns3/cell-free-policy-catalogue.h"
#include "ns3/cell-free-rcs-model.h"
#include "ns3/channel-list.h"
#include "ns3/double.h"
#include "ns3/mobility-model.h"
#include "ns3/net-device-queue-interface.h"
#include "ns3/pointer.h"
#include "ns3/queue-item.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"
#include "ns3/uniform-planar-array.h"

#include <cmath>
#include <set>

namespace ns3
{

namespace
{

/**
 * @brief Aborts on a node without MobilityModel.
 * @param node the node
 * @param role what the node is to be
 */
void
RequireMobility(Ptr<Node> node, const char* role)
{
    NS_ABORT_MSG_IF(!node->GetObject<MobilityModel>(),
                    role << " node " << node->GetId()
                         << " has no MobilityModel: expected one before it is installed");
}

/**
 * @brief Gives a device its queues towards the traffic-control layer.
 * @param device the device
 * @param nQueues number of queues, at least 1
 * @return the interface
 */
Ptr<NetDeviceQueueInterface>
AddQueueInterface(Ptr<NetDevice> device, std::size_t nQueues)
{
    auto queues =
        CreateObjectWithAttributes<NetDeviceQueueInterface>("NTxQueues", UintegerValue(nQueues));
    device->AggregateObject(queues);
    return queues;
}

} // namespace

NetDeviceContainer
CellFreeDevices::GetAll() const
{
    return NetDeviceContainer(cpu, ues);
}

CellFreeIsacHelper::CellFreeIsacHelper()
{
    m_scheduler.SetTypeId("ns3::CellFreeRoundRobinScheduler");
    m_largeScale.SetTypeId("ns3::CellFreeThreeGppLargeScale");
    m_fading.SetTypeId("ns3::CellFreeRayleighFading");
    m_link.SetTypeId("ns3::CellFreeLink");
    m_channel.SetTypeId("ns3::CellFreeChannelModel");
    m_radar.SetTypeId("ns3::CellFreeRadarModel");
    m_frame.SetTypeId("ns3::CellFreeFrame");
    m_sensing.SetTypeId("ns3::CellFreeSensing");
    m_detector.SetTypeId("ns3::CellFreePooledDetector");
    m_schedule.SetTypeId("ns3::CellFreePeriodicSensing");
    m_linkAdaptation.SetTypeId("ns3::CellFreeOuterLoopAdaptation");
    m_errorModel.SetTypeId("ns3::CellFreeFiniteLengthErrorModel");
    m_clustering.SetTypeId("ns3::CellFreeAllServe");
    m_combining.SetTypeId("ns3::CellFreeMaximumRatio");
    m_csi.SetTypeId("ns3::CellFreePerfectCsi");
    m_fronthaul.SetTypeId("ns3::CellFreeIdealFronthaul");
    m_cpu.SetTypeId("ns3::CellFreeCpu");
    m_mac.SetTypeId("ns3::CellFreeMac");
    m_ap.SetTypeId("ns3::CellFreeAp");
    m_array.SetTypeId("ns3::UniformPlanarArray");
    m_array.Set("NumRows", UintegerValue(1), "NumColumns", UintegerValue(8));
    m_ueDevice.SetTypeId("ns3::CellFreeUeNetDevice");
    m_target.SetTypeId("ns3::CellFreeTarget");
}

CellFreeIsacHelper::~CellFreeIsacHelper() = default;

void
CellFreeIsacHelper::SetPolicyAttribute(const std::string& name, const AttributeValue& value)
{
    m_policyAttributes.emplace_back(name, value.Copy());
}

Ptr<CellFreeBeamformingPolicy>
CellFreeIsacHelper::CreatePolicy() const
{
    std::string error;
    auto policy = CreateBeamformingPolicy(m_policyName, error);
    NS_ABORT_MSG_IF(!policy, error);
    for (const auto& [name, value] : m_policyAttributes)
    {
        NS_ABORT_MSG_IF(!policy->SetAttributeFailSafe(name, *value),
                        "policy " << m_policyName << ": attribute " << name
                                  << " is unknown, or its value out of range");
    }
    error = policy->FindError();
    NS_ABORT_MSG_IF(!error.empty(), "policy " << m_policyName << ": " << error);
    return policy;
}

void
CellFreeIsacHelper::SetPropagationLoss(Ptr<PropagationLossModel> loss)
{
    SetLargeScale("ns3::CellFreePropagationLossChain", "PropagationLoss", PointerValue(loss));
}

void
CellFreeIsacHelper::SetFading(Ptr<CellFreeFadingModel> fading)
{
    m_madeFading = fading;
}

void
CellFreeIsacHelper::SetLink(Ptr<CellFreeLink> link)
{
    NS_ABORT_MSG_IF(m_installed, "SetLink was called after Install");
    m_installed = link;
}

void
CellFreeIsacHelper::SetCpuAttribute(const std::string& name, const AttributeValue& value)
{
    m_cpu.Set(name, value);
}

void
CellFreeIsacHelper::SetMacAttribute(const std::string& name, const AttributeValue& value)
{
    m_mac.Set(name, value);
}

void
CellFreeIsacHelper::SetLinkAttribute(const std::string& name, const AttributeValue& value)
{
    m_link.Set(name, value);
}

void
CellFreeIsacHelper::SetChannelAttribute(const std::string& name, const AttributeValue& value)
{
    m_channel.Set(name, value);
}

void
CellFreeIsacHelper::SetRadarAttribute(const std::string& name, const AttributeValue& value)
{
    m_radar.Set(name, value);
}

void
CellFreeIsacHelper::SetFrameAttribute(const std::string& name, const AttributeValue& value)
{
    m_frame.Set(name, value);
}

void
CellFreeIsacHelper::SetSensingAttribute(const std::string& name, const AttributeValue& value)
{
    m_sensing.Set(name, value);
}

void
CellFreeIsacHelper::SetApAttribute(const std::string& name, const AttributeValue& value)
{
    m_ap.Set(name, value);
}

void
CellFreeIsacHelper::SetArrayAttribute(const std::string& name, const AttributeValue& value)
{
    m_array.Set(name, value);
}

void
CellFreeIsacHelper::SetUeAttribute(const std::string& name, const AttributeValue& value)
{
    m_ueDevice.Set(name, value);
}

void
CellFreeIsacHelper::SetTargetAttribute(const std::string& name, const AttributeValue& value)
{
    m_target.Set(name, value);
}

void
CellFreeIsacHelper::CreateLink()
{
    auto channel = m_channel.Create<CellFreeChannelModel>();
    DoubleValue frequency;
    channel->GetAttribute("Frequency", frequency);
    for (uint32_t i = 0; i < ChannelList::GetNChannels(); ++i)
    {
        const auto other = DynamicCast<CellFreeLink>(ChannelList::GetChannel(i));
        if (!other || !other->GetChannelModel())
        {
            continue;
        }
        DoubleValue otherFrequency;
        other->GetChannelModel()->GetAttribute("Frequency", otherFrequency);
        NS_ABORT_MSG_IF(
            std::abs(frequency.Get() - otherFrequency.Get()) <
                0.5 * (channel->GetBandwidth() + other->GetChannelModel()->GetBandwidth()),
            "a second cell-free link on the carrier at "
                << frequency.Get() / 1e9
                << " GHz would not interfere with the first: expected the first one's "
                   "helper, SetLink(), or another Frequency");
    }
    channel->SetAttribute("LargeScale", PointerValue(m_largeScale.Create<Object>()));
    channel->SetAttribute(
        "Fading",
        PointerValue(m_madeFading ? Ptr<Object>(m_madeFading) : m_fading.Create<Object>()));
    channel->SetAttribute("RadarModel", PointerValue(m_radar.Create<Object>()));
    m_installed = m_link.Create<CellFreeLink>();
    m_installed->SetAttribute("ChannelModel", PointerValue(channel));
    m_installed->SetAttribute("Frame", PointerValue(m_frame.Create<Object>()));
    m_installed->SetAttribute("ErrorModel", PointerValue(m_errorModel.Create<Object>()));
}

Ptr<CellFreeCpu>
CellFreeIsacHelper::RequireCpu(Ptr<CellFreeCpu> cpu, const char* caller) const
{
    NS_ABORT_MSG_IF(!cpu && !m_lastCpu, caller << " was called before Install");
    return cpu ? cpu : m_lastCpu;
}

void
CellFreeIsacHelper::RequireLink(const char* caller) const
{
    NS_ABORT_MSG_IF(!m_installed, caller << " was called before Install");
}

CellFreeDevices
CellFreeIsacHelper::Install(Ptr<Node> cpu, const NodeContainer& aps, const NodeContainer& ues)
{
    NS_ABORT_MSG_IF(aps.GetN() == 0, "a CPU needs at least one AP, got 0");
    NS_ABORT_MSG_IF(cpu->GetObject<CellFreeCpu>(),
                    "CPU node " << cpu->GetId() << " has a CellFreeCpu: expected another node");
    if (!m_installed)
    {
        CreateLink();
    }
    auto channel = m_installed->GetChannelModel();

    auto sensing = m_sensing.Create<CellFreeSensing>();
    sensing->SetAttribute("Schedule", PointerValue(m_schedule.Create<Object>()));
    sensing->SetAttribute("Detector", PointerValue(m_detector.Create<Object>()));
    const std::initializer_list<std::pair<const char*, const ObjectFactory*>> chosen{
        {"EchoReceiver", &m_echoReceiver},
        {"Tracker", &m_tracker},
        {"WeightControl", &m_weightControl},
        {"Roles", &m_roles},
    };
    for (const auto& [name, factory] : chosen)
    {
        if (factory->GetTypeId().GetUid() != 0)
        {
            sensing->SetAttribute(name, PointerValue(factory->Create<Object>()));
        }
    }
    m_lastCpu = m_cpu.Create<CellFreeCpu>();
    m_lastCpu->SetAttribute("Mac", PointerValue(m_mac.Create<Object>()));
    m_lastCpu->SetAttribute("Policy", PointerValue(CreatePolicy()));
    m_lastCpu->SetAttribute("DownlinkScheduler", PointerValue(m_scheduler.Create<Object>()));
    m_lastCpu->SetAttribute("UplinkScheduler", PointerValue(m_scheduler.Create<Object>()));
    m_lastCpu->SetAttribute("Clustering", PointerValue(m_clustering.Create<Object>()));
    m_lastCpu->SetAttribute("Combining", PointerValue(m_combining.Create<Object>()));
    m_lastCpu->SetAttribute("Csi", PointerValue(m_csi.Create<Object>()));
    m_lastCpu->SetAttribute("LinkAdaptation", PointerValue(m_linkAdaptation.Create<Object>()));
    m_lastCpu->SetAttribute("Fronthaul", PointerValue(m_fronthaul.Create<Object>()));
    m_lastCpu->SetAttribute("Sensing", PointerValue(sensing));

    auto device = CreateObject<CellFreeCpuNetDevice>();
    cpu->AddDevice(device);
    // One queue per UE, so that a full one does not hold up the others, and one for the rest.
    auto queues = AddQueueInterface(device, ues.GetN() + 1);
    auto mac = m_lastCpu->GetMac();
    queues->SetSelectQueueCallback([mac = PeekPointer(mac)](Ptr<QueueItem> item) {
        auto queueDiscItem = DynamicCast<QueueDiscItem>(item);
        return queueDiscItem ? mac->GetQueueIndex(queueDiscItem->GetAddress()) : 0;
    });
    mac->SetCpuDevice(device);
    device->SetMac(mac);
    device->SetLink(m_installed);
    m_installed->AddCpu(m_lastCpu);
    cpu->AggregateObject(m_lastCpu);

    for (uint32_t m = 0; m < aps.GetN(); ++m)
    {
        auto node = aps.Get(m);
        RequireMobility(node, "AP");
        auto ap = node->GetObject<CellFreeAp>();
        if (!ap)
        {
            ap = m_ap.Create<CellFreeAp>();
            node->AggregateObject(ap);
        }
        if (!ap->GetArray())
        {
            ap->SetArray(m_array.Create<PhasedArrayModel>());
        }
        m_lastCpu->AddAp(channel->AddAp(node));
    }

    CellFreeDevices devices;
    devices.controller = m_lastCpu;
    devices.cpu.Add(device);
    devices.ues = InstallUes(ues);
    return devices;
}

NetDeviceContainer
CellFreeIsacHelper::InstallUes(const NodeContainer& ues, Ptr<CellFreeCpu> cpu)
{
    cpu = RequireCpu(cpu, "InstallUes");
    NetDeviceContainer devices;
    for (uint32_t u = 0; u < ues.GetN(); ++u)
    {
        auto node = ues.Get(u);
        RequireMobility(node, "UE");
        auto device = m_ueDevice.Create<CellFreeUeNetDevice>();
        node->AddDevice(device);
        AddQueueInterface(device, 1);
        device->SetLink(m_installed);
        cpu->AddUe(m_installed->GetChannelModel()->AddUe(node), device);
        devices.Add(device);
    }
    return devices;
}

void
CellFreeIsacHelper::RemoveUes(const NodeContainer& ues)
{
    RequireLink("RemoveUes");
    for (uint32_t u = 0; u < ues.GetN(); ++u)
    {
        const auto node = ues.Get(u);
        bool isFound = false;
        for (uint32_t d = 0; d < node->GetNDevices(); ++d)
        {
            const auto device = DynamicCast<CellFreeUeNetDevice>(node->GetDevice(d));
            if (device && device->GetChannel() == m_installed)
            {
                isFound = true;
                const auto index = device->GetUeIndex();
                device->GetMac()->RemoveUe(index);
                device->SetLink(nullptr);
                m_installed->GetChannelModel()->RemoveUe(index);
            }
        }
        NS_ABORT_MSG_IF(!isFound,
                        "node " << node->GetId() << " is no UE of the link: nothing to remove");
    }
}

void
CellFreeIsacHelper::InstallTargets(const NodeContainer& targets, Ptr<CellFreeCpu> cpu)
{
    cpu = RequireCpu(cpu, "InstallTargets");
    for (uint32_t t = 0; t < targets.GetN(); ++t)
    {
        auto node = targets.Get(t);
        RequireMobility(node, "target");
        if (!node->GetObject<CellFreeTarget>())
        {
            node->AggregateObject(m_target.Create<CellFreeTarget>());
        }
        cpu->AddTarget(m_installed->GetChannelModel()->AddTarget(node));
    }
}

void
CellFreeIsacHelper::InstallBodies(const NodeContainer& ues)
{
    RequireLink("InstallBodies");
    for (uint32_t u = 0; u < ues.GetN(); ++u)
    {
        auto node = ues.Get(u);
        RequireMobility(node, "body");
        if (node->GetObject<CellFreeTarget>())
        {
            continue;
        }
        auto human = CreateObject<CellFreeThreeGppRcs>();
        human->SetAttribute("Class", StringValue("HumanModel1"));
        node->AggregateObject(CreateObjectWithAttributes<CellFreeTarget>("RcsModel",
                                                                         PointerValue(human),
                                                                         "Unintended",
                                                                         BooleanValue(true)));
        m_installed->GetChannelModel()->AddTarget(node);
    }
}

void
CellFreeIsacHelper::RemoveTargets(const NodeContainer& targets)
{
    RequireLink("RemoveTargets");
    const auto channel = m_installed->GetChannelModel();
    for (uint32_t t = 0; t < targets.GetN(); ++t)
    {
        const auto id = targets.Get(t)->GetId();
        bool isFound = false;
        for (uint32_t target = 0; target < channel->GetNTargets(); ++target)
        {
            if (!channel->HasTarget(target) || channel->GetTargetId(target) != id)
            {
                continue;
            }
            isFound = true;
            for (std::size_t c = 0; c < m_installed->GetNCpus(); ++c)
            {
                m_installed->GetCpu(c)->GetSensing()->RemoveTarget(target);
            }
            channel->RemoveTarget(target);
        }
        NS_ABORT_MSG_IF(!isFound, "node " << id << " is no target of the link: nothing to remove");
    }
}

Ptr<CellFreeTraceWriter>
CellFreeIsacHelper::EnableTraces(const std::string& outputDir, const std::string& simTag)
{
    RequireLink("EnableTraces");
    NS_ABORT_MSG_IF(m_installed->GetObject<CellFreeTraceWriter>(),
                    "EnableTraces was called twice on one link: expected one call");
    auto writer = CreateObject<CellFreeTraceWriter>();
    for (const auto& [name, text] : m_descriptions)
    {
        writer->Describe(name, text);
    }
    writer->Open(outputDir, simTag, m_installed);
    // The link disposes of the writer, which then closes its files.
    m_installed->AggregateObject(writer);
    return writer;
}

void
CellFreeIsacHelper::InstallEnergy(const ObjectFactory& factory)
{
    RequireLink("EnableEnergy");
    for (std::size_t c = 0; c < m_installed->GetNCpus(); ++c)
    {
        const auto cpu = m_installed->GetCpu(c);
        NS_ABORT_MSG_IF(cpu->GetObject<CellFreeEnergyModel>(),
                        "EnableEnergy was called twice for a CPU: expected one call");
        const auto model = factory.Create<CellFreeEnergyModel>();
        model->SetCpu(cpu);
        cpu->AggregateObject(model);
    }
}

Ptr<CellFreeProblemRecorder>
CellFreeIsacHelper::EnableRecording(const std::string& path, uint64_t every)
{
    RequireLink("EnableRecording");
    NS_ABORT_MSG_IF(m_installed->GetObject<CellFreeProblemRecorder>(),
                    "EnableRecording was called twice on one link: expected one call");
    auto recorder = CreateObject<CellFreeProblemRecorder>();
    recorder->Open(path, every, m_installed);
    // As above: the link disposes of the recorder.
    m_installed->AggregateObject(recorder);
    return recorder;
}

Ptr<CellFreeChannelRecorder>
CellFreeIsacHelper::EnableChannelRecording(const std::string& path)
{
    RequireLink("EnableChannelRecording");
    NS_ABORT_MSG_IF(m_installed->GetObject<CellFreeChannelRecorder>(),
                    "EnableChannelRecording was called twice on one link: expected one call");
    auto recorder = CreateObject<CellFreeChannelRecorder>();
    recorder->Open(path, m_installed);
    m_installed->AggregateObject(recorder);
    return recorder;
}

int64_t
CellFreeIsacHelper::AssignStreams(int64_t stream)
{
    RequireLink("AssignStreams");
    return m_installed->AssignStreams(stream);
}

int64_t
CellFreeIsacHelper::AssignStreams(const NetDeviceContainer& devices, int64_t stream)
{
    const auto first = stream;
    std::set<Ptr<Channel>> done;
    for (auto device = devices.Begin(); device != devices.End(); ++device)
    {
        const auto link = DynamicCast<CellFreeLink>((*device)->GetChannel());
        if (link && done.insert(link).second)
        {
            stream += link->AssignStreams(stream);
        }
    }
    return stream - first;
}

void
CellFreeIsacHelper::Describe(const std::string& name, const std::string& text)
{
    m_descriptions[name] = text;
    if (m_installed && m_installed->GetObject<CellFreeTraceWriter>())
    {
        m_installed->GetObject<CellFreeTraceWriter>()->Describe(name, text);
    }
}

Ptr<CellFreeLink>
CellFreeIsacHelper::GetLink() const
{
    return m_installed;
}

Ptr<CellFreeCpu>
CellFreeIsacHelper::GetCpu() const
{
    return m_lastCpu;
}

void
CellFreeIsacHelper::EnablePcapInternal(std::string prefix,
                                       Ptr<NetDevice> device,
                                       bool /* promiscuous */,
                                       bool explicitFilename)
{
    // A device of another kind is another helper's.
    const auto ours = DynamicCast<CellFreeNetDevice>(device);
    if (!ours)
    {
        return;
    }
    PcapHelper pcap;
    const auto name = explicitFilename ? prefix : pcap.GetFilenameFromDevice(prefix, device);
    // LINKTYPE_ETHERNET; ns-3 renamed its own constant.
    const auto ethernet = PcapHelper::DataLinkType(1);
    auto file = pcap.CreateFile(name, std::ios::out, ethernet);
    pcap.HookDefaultSink<CellFreeNetDevice>(ours, "PromiscSniffer", file);
}

} // namespace ns3
