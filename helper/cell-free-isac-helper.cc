// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-isac-helper.h"

#include "ns3/abort.h"
#include "ns3/cell-free-ap.h"
#include "ns3/cell-free-policy-catalogue.h"
#include "ns3/mobility-model.h"
#include "ns3/net-device-queue-interface.h"
#include "ns3/pointer.h"
#include "ns3/queue-item.h"
#include "ns3/uinteger.h"
#include "ns3/uniform-planar-array.h"

#include <algorithm>

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

CellFreeIsacHelper::CellFreeIsacHelper()
{
    m_scheduler.SetTypeId("ns3::CellFreeRoundRobinScheduler");
    m_fading.SetTypeId("ns3::CellFreeRayleighFading");
    m_link.SetTypeId("ns3::CellFreeLink");
    m_channel.SetTypeId("ns3::CellFreeChannelModel");
    m_radar.SetTypeId("ns3::CellFreeRadarModel");
    m_frame.SetTypeId("ns3::CellFreeFrame");
    m_sensing.SetTypeId("ns3::CellFreeSensing");
    m_linkAdaptation.SetTypeId("ns3::CellFreeLinkAdaptation");
    m_ap.SetTypeId("ns3::CellFreeAp");
    m_array.SetTypeId("ns3::UniformPlanarArray");
    m_array.Set("NumRows", UintegerValue(1), "NumColumns", UintegerValue(8));
    m_ueDevice.SetTypeId("ns3::CellFreeUeNetDevice");
    m_target.SetTypeId("ns3::CellFreeTarget");
    CreatePolicy("wmmse");
}

void
CellFreeIsacHelper::CreatePolicy(const std::string& name)
{
    std::string error;
    m_policy = CreateBeamformingPolicy(name, error);
    NS_ABORT_MSG_IF(!m_policy, error);
}

void
CellFreeIsacHelper::SetPropagationLoss(Ptr<PropagationLossModel> loss)
{
    m_propagationLoss = loss;
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
CellFreeIsacHelper::SetLinkAdaptationAttribute(const std::string& name, const AttributeValue& value)
{
    m_linkAdaptation.Set(name, value);
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

NetDeviceContainer
CellFreeIsacHelper::Install(Ptr<Node> cpu, const NodeContainer& aps, const NodeContainer& ues)
{
    NS_ABORT_MSG_IF(m_installed, "a CellFreeIsacHelper installs one link: use another helper");
    NS_ABORT_MSG_IF(aps.GetN() == 0, "a cell-free link needs at least one AP, got 0");

    auto channel = m_channel.Create<CellFreeChannelModel>();
    if (m_propagationLoss)
    {
        channel->SetAttribute("LargeScale",
                              PointerValue(CreateObjectWithAttributes<CellFreePropagationLossChain>(
                                  "PropagationLoss",
                                  PointerValue(m_propagationLoss))));
    }
    channel->SetAttribute("Fading", PointerValue(m_fading.Create<Object>()));
    channel->SetAttribute("RadarModel", PointerValue(m_radar.Create<Object>()));
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
        channel->AddAp(node);
    }

    m_installed = m_link.Create<CellFreeLink>();
    m_installed->SetAttribute("ChannelModel", PointerValue(channel));
    m_installed->SetAttribute("Policy", PointerValue(m_policy));
    m_installed->SetAttribute("Frame", PointerValue(m_frame.Create<Object>()));
    m_installed->SetAttribute("Sensing", PointerValue(m_sensing.Create<Object>()));
    m_installed->SetAttribute("LinkAdaptation", PointerValue(m_linkAdaptation.Create<Object>()));
    m_installed->SetAttribute("DownlinkScheduler", PointerValue(m_scheduler.Create<Object>()));
    m_installed->SetAttribute("UplinkScheduler", PointerValue(m_scheduler.Create<Object>()));

    NetDeviceContainer devices;
    auto cpuDevice = CreateObject<CellFreeCpuNetDevice>();
    cpu->AddDevice(cpuDevice);
    m_installed->SetCpuDevice(cpuDevice);
    // One queue per UE, so that a full one does not hold up the others.
    auto queues = AddQueueInterface(cpuDevice, std::max<std::size_t>(1, ues.GetN()));
    queues->SetSelectQueueCallback([link = PeekPointer(m_installed)](Ptr<QueueItem> item) {
        auto queueDiscItem = DynamicCast<QueueDiscItem>(item);
        return queueDiscItem ? link->GetQueueIndex(queueDiscItem->GetAddress()) : 0;
    });
    devices.Add(cpuDevice);

    for (uint32_t u = 0; u < ues.GetN(); ++u)
    {
        auto node = ues.Get(u);
        RequireMobility(node, "UE");
        auto device = m_ueDevice.Create<CellFreeUeNetDevice>();
        node->AddDevice(device);
        channel->AddUe(node);
        m_installed->AddUeDevice(device);
        AddQueueInterface(device, 1);
        devices.Add(device);
    }
    return devices;
}

void
CellFreeIsacHelper::InstallTargets(const NodeContainer& targets)
{
    NS_ABORT_MSG_IF(!m_installed, "InstallTargets was called before Install");
    for (uint32_t t = 0; t < targets.GetN(); ++t)
    {
        auto node = targets.Get(t);
        RequireMobility(node, "target");
        if (!node->GetObject<CellFreeTarget>())
        {
            node->AggregateObject(m_target.Create<CellFreeTarget>());
        }
        m_installed->GetChannelModel()->AddTarget(node);
    }
}

Ptr<CellFreeTraceWriter>
CellFreeIsacHelper::EnableTraces(const std::string& outputDir, const std::string& simTag)
{
    NS_ABORT_MSG_IF(!m_installed, "EnableTraces was called before Install");
    auto writer = CreateObject<CellFreeTraceWriter>();
    writer->Open(outputDir, simTag, m_installed);
    // The link disposes of the writer, which then closes its files.
    m_installed->AggregateObject(writer);
    return writer;
}

Ptr<CellFreeProblemRecorder>
CellFreeIsacHelper::EnableRecording(const std::string& path, uint64_t every)
{
    NS_ABORT_MSG_IF(!m_installed, "EnableRecording was called before Install");
    auto recorder = CreateObject<CellFreeProblemRecorder>();
    recorder->Open(path, every, m_installed);
    // As above: the link disposes of the recorder.
    m_installed->AggregateObject(recorder);
    return recorder;
}

int64_t
CellFreeIsacHelper::AssignStreams(int64_t stream)
{
    NS_ABORT_MSG_IF(!m_installed, "AssignStreams was called before Install");
    return m_installed->AssignStreams(stream);
}

Ptr<CellFreeLink>
CellFreeIsacHelper::GetLink() const
{
    return m_installed;
}

} // namespace ns3
