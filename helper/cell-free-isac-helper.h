// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_ISAC_HELPER_H
#define CELL_FREE_ISAC_HELPER_H

#include "cell-free-channel-recorder.h"
#include "cell-free-problem-recorder.h"
#include "cell-free-trace-writer.h"

#include "ns3/abort.h"
#include "ns3/attribute.h"
#include "ns3/cell-free-link.h"
#include "ns3/cell-free-scheduler-catalogue.h"
#include "ns3/net-device-container.h"
#include "ns3/node-container.h"
#include "ns3/object-factory.h"
#include "ns3/trace-helper.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief What CellFreeIsacHelper::Install() made of one CPU.
 */
struct CellFreeDevices
{
    Ptr<CellFreeCpu> controller; //!< the CPU's side of the slot loop, aggregated to its node
    NetDeviceContainer cpu;      //!< the gateway's device
    NetDeviceContainer ues;      //!< the UEs' devices, in the order of their nodes

    /// @return the gateway's device, then the UEs'
    NetDeviceContainer GetAll() const;
};

/**
 * @ingroup cellfree-isac
 * @brief Installs cell-free ISAC: CPUs with their APs, UEs and targets on one link.
 *
 * All nodes but the CPUs need a MobilityModel. Internet stacks and addresses are installed by
 * ns-3's own helpers on the devices that Install() returns. What is installed by one helper, once
 * or often, shares one CellFreeLink: cells of several CPUs interfere. UEs and targets may come and
 * go while the simulation runs.
 */
class CellFreeIsacHelper : public PcapHelperForDevice
{
  public:
    CellFreeIsacHelper();
    ~CellFreeIsacHelper() override;

    /**
     * @brief Choose the beamforming policy; the default is "wmmse". It is created by Install().
     * @tparam Args names and values alternating
     * @param name a short name (gnn, wmmse, joint, rzf, cb, cb-sensing, ...) or a TypeId's name
     * @param args attributes of the policy
     */
    template <typename... Args>
    void SetPolicy(const std::string& name, Args&&... args);

    /**
     * @brief Set an attribute of the beamforming policy.
     * @param name attribute
     * @param value its value
     */
    void SetPolicyAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @brief Choose the scheduler of both directions; the default is round robin.
     * @tparam Args names and values alternating
     * @param type a short name (rr, pf, max-rate, deadline) or a TypeId's name
     * @param args attributes of the scheduler
     */
    template <typename... Args>
    void SetScheduler(const std::string& type, Args&&... args);

    /**
     * @brief Choose the small-scale fading; the default is block Rayleigh.
     * @tparam Args names and values alternating
     * @param type TypeId name
     * @param args attributes of the fading model
     */
    template <typename... Args>
    void SetFading(const std::string& type, Args&&... args);

    /**
     * @brief Set a small-scale fading model that is there already, for the one link that it serves.
     * @param fading the model
     */
    void SetFading(Ptr<CellFreeFadingModel> fading);

    /**
     * @brief Choose path loss, shadowing and line of sight; the default is 3GPP UMi street canyon
     * (TR 38.901).
     * @tparam Args names and values alternating
     * @param type TypeId name of a CellFreeLargeScaleModel
     * @param args attributes of the model
     */
    template <typename... Args>
    void SetLargeScale(const std::string& type, Args&&... args);

    /**
     * @brief Set any chain of ns-3's propagation loss models between APs and UEs.
     * @param loss first model of the chain
     */
    void SetPropagationLoss(Ptr<PropagationLossModel> loss);

    /**
     * @brief Choose what a CPU knows of the channel; the default is everything.
     * @tparam Args names and values alternating
     * @param type TypeId name of a CellFreeCsi
     * @param args attributes of it
     */
    template <typename... Args>
    void SetCsi(const std::string& type, Args&&... args);

    /**
     * @brief Choose which APs serve which UEs; the default is that all serve all.
     * @tparam Args names and values alternating
     * @param type TypeId name of a CellFreeClustering
     * @param args attributes of it
     */
    template <typename... Args>
    void SetClustering(const std::string& type, Args&&... args);

    /**
     * @brief Choose how uplink signals are combined; the default is maximum ratio.
     * @tparam Args names and values alternating
     * @param type TypeId name of a CellFreeCombining
     * @param args attributes of it
     */
    template <typename... Args>
    void SetCombining(const std::string& type, Args&&... args);

    /**
     * @brief Choose the fronthaul; the default is ideal.
     * @tparam Args names and values alternating
     * @param type TypeId name of a CellFreeFronthaul
     * @param args attributes of it
     */
    template <typename... Args>
    void SetFronthaul(const std::string& type, Args&&... args);

    /**
     * @brief Choose the link adaptation; the default is the outer loop.
     * @tparam Args names and values alternating
     * @param type TypeId name of a CellFreeLinkAdaptation
     * @param args attributes of it
     */
    template <typename... Args>
    void SetLinkAdaptation(const std::string& type, Args&&... args);

    /**
     * @brief Choose the error model; the default is the finite-blocklength approximation.
     * @tparam Args names and values alternating
     * @param type TypeId name of a CellFreeErrorModel
     * @param args attributes of it
     */
    template <typename... Args>
    void SetErrorModel(const std::string& type, Args&&... args);

    /**
     * @brief Choose when targets are illuminated; the default is periodic dwells.
     * @tparam Args names and values alternating
     * @param type TypeId name of a CellFreeSensingSchedule
     * @param args attributes of it
     */
    template <typename... Args>
    void SetSensingSchedule(const std::string& type, Args&&... args);

    /**
     * @brief Choose how echoes are detected.
     * @tparam Args names and values alternating
     * @param type TypeId name of a CellFreeDetector
     * @param args attributes of it
     */
    template <typename... Args>
    void SetDetector(const std::string& type, Args&&... args);

    /**
     * @brief Choose what turns echoes into detections.
     * @tparam Args names and values alternating
     * @param type TypeId name of a CellFreeEchoReceiver
     * @param args attributes of it
     */
    template <typename... Args>
    void SetEchoReceiver(const std::string& type, Args&&... args);

    /**
     * @brief Let CPUs follow targets by trackers of their own; the default is that they are told
     * the targets' true directions.
     * @tparam Args names and values alternating
     * @param type TypeId name of a CellFreeTracker
     * @param args attributes of it
     */
    template <typename... Args>
    void SetTracker(const std::string& type, Args&&... args);

    /**
     * @brief Choose what weighs targets against UEs; the default is the CPU's SensingWeight.
     * @tparam Args names and values alternating
     * @param type TypeId name of a CellFreeWeightControl
     * @param args attributes of it
     */
    template <typename... Args>
    void SetWeightControl(const std::string& type, Args&&... args);

    /**
     * @brief Choose who transmits and who receives in a dwell; the default is that all do both.
     * @tparam Args names and values alternating
     * @param type TypeId name of a CellFreeSensingRoles
     * @param args attributes of it
     */
    template <typename... Args>
    void SetSensingRoles(const std::string& type, Args&&... args);

    /**
     * @brief Install on a link that another helper made.
     * @param link the link; the settings of its channel, frame and air stay
     */
    void SetLink(Ptr<CellFreeLink> link);

    /**
     * @brief Set an attribute of CellFreeLink, the air.
     * @param name attribute
     * @param value its value
     */
    void SetLinkAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @brief Set an attribute of CellFreeCpu, the decisions.
     * @param name attribute
     * @param value its value
     */
    void SetCpuAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @brief Set an attribute of CellFreeMac, the packets.
     * @param name attribute
     * @param value its value
     */
    void SetMacAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @brief Set an attribute of CellFreeChannelModel.
     * @param name attribute
     * @param value its value
     */
    void SetChannelAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @brief Set an attribute of CellFreeRadarModel.
     * @param name attribute
     * @param value its value
     */
    void SetRadarAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @brief Set an attribute of CellFreeFrame.
     * @param name attribute
     * @param value its value
     */
    void SetFrameAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @brief Set an attribute of CellFreeSensing.
     * @param name attribute
     * @param value its value
     */
    void SetSensingAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @brief Set an attribute of CellFreeAp, for the APs that have no such object yet.
     * @param name attribute
     * @param value its value
     */
    void SetApAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @brief Set an attribute of UniformPlanarArray, for the APs that have no array yet; the
     * default is a row of 8 isotropic elements half a wavelength apart.
     * @param name attribute
     * @param value its value
     */
    void SetArrayAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @brief Set an attribute of CellFreeUeNetDevice.
     * @param name attribute
     * @param value its value
     */
    void SetUeAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @brief Set an attribute of CellFreeTarget, for the targets that have no such object yet.
     * @param name attribute
     * @param value its value
     */
    void SetTargetAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @brief Install a CPU with its APs and UEs. Aborts without APs. Call again for more CPUs on
     * the same link.
     * @param cpu the gateway's node
     * @param aps the APs' nodes
     * @param ues the UEs' nodes; may be empty
     * @return the devices
     */
    CellFreeDevices Install(Ptr<Node> cpu, const NodeContainer& aps, const NodeContainer& ues);

    /**
     * @brief Let UEs join a CPU, before the start or while the simulation runs; then give them
     * their addresses in the same event, for ns-3's traffic control looks at new devices once.
     * @param ues the UEs' nodes
     * @param cpu the CPU, or null for the one that was installed last
     * @return their devices
     */
    NetDeviceContainer InstallUes(const NodeContainer& ues, Ptr<CellFreeCpu> cpu = nullptr);

    /**
     * @brief Take UEs away while the simulation runs. Their devices stay on the nodes and drop what
     * they are given; InstallUes() gives a node that comes back a new one.
     * @param ues nodes of UEs
     */
    void RemoveUes(const NodeContainer& ues);

    /**
     * @brief Make nodes radar targets, before the start or while the simulation runs.
     * @param targets nodes with a MobilityModel
     * @param cpu the CPU that watches them, or null for the one that was installed last
     */
    void InstallTargets(const NodeContainer& targets, Ptr<CellFreeCpu> cpu = nullptr);

    /**
     * @brief Let the bodies of users reflect too, as TR 38.901 section 7.9 has humans (model 1):
     * unintended targets, which a CPU with a tracker may take for others and which no CPU is told
     * of. Targets that a node already is stay as they are.
     * @param ues nodes of UEs, or others with a MobilityModel
     */
    void InstallBodies(const NodeContainer& ues);

    /**
     * @brief Take targets away while the simulation runs.
     * @param targets nodes of targets
     */
    void RemoveTargets(const NodeContainer& targets);

    /**
     * @brief Write the traces of all CPUs installed so far to files; they are complete after
     * Simulator::Destroy(). Call once.
     * @param outputDir directory, created if missing; aborts if it cannot be written
     * @param simTag text between the name of a trace and its ending
     * @return the writer
     */
    Ptr<CellFreeTraceWriter> EnableTraces(const std::string& outputDir,
                                          const std::string& simTag = "");

    /**
     * @brief Account for the energy of all CPUs installed so far, before the start; a CPU's model
     * is aggregated to its node. Aborts if one has a model. The default is that nobody does.
     * @tparam Args names and values alternating
     * @param args attributes of CellFreeEnergyModel
     */
    template <typename... Args>
    void EnableEnergy(Args&&... args);

    /**
     * @brief Write the problems that the policy meets to a file that cellfree-isac-solve reads; it
     * is complete after Simulator::Destroy(). Call once.
     * @param path the file; aborts if it cannot be written
     * @param every every how many decisions one is recorded, at least 1
     * @return the recorder
     */
    Ptr<CellFreeProblemRecorder> EnableRecording(const std::string& path, uint64_t every = 1);

    /**
     * @brief Write the channels of the run to a file that CellFreeFileFading reads; it is complete
     * after CellFreeChannelRecorder::Close() or Simulator::Destroy(). Call once, with all APs, UEs
     * and targets installed.
     * @param path the file; aborts if it cannot be written
     * @return the recorder
     */
    Ptr<CellFreeChannelRecorder> EnableChannelRecording(const std::string& path);

    /**
     * @brief Fix the random streams of everything on the link, also of nodes that come later.
     * @param stream first stream index
     * @return the number of streams used
     */
    int64_t AssignStreams(int64_t stream);

    /**
     * @brief Fix the random streams of the links of devices.
     * @param devices devices; others than the module's are left alone
     * @param stream first stream index
     * @return the number of streams used
     */
    static int64_t AssignStreams(const NetDeviceContainer& devices, int64_t stream);

    /**
     * @brief Say in the runs' configuration.json something that only the scenario knows, such as
     * its traffic.
     * @param name what it is called
     * @param text what to say
     */
    void Describe(const std::string& name, const std::string& text);

    /// @return the link; null before Install()
    Ptr<CellFreeLink> GetLink() const;

    /// @return the CPU that was installed last; null before Install()
    Ptr<CellFreeCpu> GetCpu() const;

  private:
    /// Collects the policy's attributes.
    template <typename... Args>
    void SetPolicyAttributes(const std::string& name,
                             const AttributeValue& value,
                             const Args&... args);

    /// Ends the recursion.
    void SetPolicyAttributes()
    {
    }

    /// Sets a factory to a class and its attributes.
    template <typename... Args>
    static void SetFactory(ObjectFactory& factory, const std::string& type, Args&&... args);

    /// Gives every CPU an energy model. @param factory makes them
    void InstallEnergy(const ObjectFactory& factory);

    /// Creates link, channel and what belongs to them.
    void CreateLink();

    /// @return a new policy; aborts on an unknown name or wrong settings
    Ptr<CellFreeBeamformingPolicy> CreatePolicy() const;

    /// @return a CPU, or the last one if it is null; aborts if there is none
    Ptr<CellFreeCpu> RequireCpu(Ptr<CellFreeCpu> cpu, const char* caller) const;

    /// Aborts unless a link was installed.
    void RequireLink(const char* caller) const;

    // Inherited from PcapHelperForDevice
    void EnablePcapInternal(std::string prefix,
                            Ptr<NetDevice> device,
                            bool promiscuous,
                            bool explicitFilename) override;

    std::string m_policyName{"wmmse"}; //!< the policy
    /// Attributes of the policy.
    std::vector<std::pair<std::string, Ptr<const AttributeValue>>> m_policyAttributes;
    ObjectFactory m_scheduler;                         //!< schedulers
    ObjectFactory m_largeScale;                        //!< path loss, shadowing, line of sight
    ObjectFactory m_fading;                            //!< fading model
    Ptr<CellFreeFadingModel> m_madeFading;             //!< the fading model, or null to make one
    ObjectFactory m_link;                              //!< link
    ObjectFactory m_channel;                           //!< channel model
    ObjectFactory m_radar;                             //!< radar model
    ObjectFactory m_frame;                             //!< frame
    ObjectFactory m_sensing;                           //!< sensing
    ObjectFactory m_detector;                          //!< detector
    ObjectFactory m_schedule;                          //!< sensing schedule
    ObjectFactory m_echoReceiver;                      //!< what turns echoes into detections
    ObjectFactory m_tracker;                           //!< trackers; no type for none
    ObjectFactory m_weightControl;                     //!< weighs targets
    ObjectFactory m_roles;                             //!< who transmits and who receives
    ObjectFactory m_linkAdaptation;                    //!< link adaptation
    ObjectFactory m_errorModel;                        //!< error model
    ObjectFactory m_clustering;                        //!< clustering
    ObjectFactory m_combining;                         //!< uplink combining
    ObjectFactory m_csi;                               //!< channel knowledge
    ObjectFactory m_fronthaul;                         //!< fronthaul
    ObjectFactory m_cpu;                               //!< CPUs
    ObjectFactory m_mac;                               //!< CPUs' MACs
    ObjectFactory m_ap;                                //!< APs
    ObjectFactory m_array;                             //!< APs' arrays
    ObjectFactory m_ueDevice;                          //!< UEs' devices
    ObjectFactory m_target;                            //!< targets
    Ptr<CellFreeLink> m_installed;                     //!< the installed link
    Ptr<CellFreeCpu> m_lastCpu;                        //!< the CPU that was installed last
    std::map<std::string, std::string> m_descriptions; //!< see Describe()
};

template <typename... Args>
void
CellFreeIsacHelper::SetPolicy(const std::string& name, Args&&... args)
{
    m_policyName = name;
    m_policyAttributes.clear();
    SetPolicyAttributes(args...);
}

template <typename... Args>
void
CellFreeIsacHelper::SetPolicyAttributes(const std::string& name,
                                        const AttributeValue& value,
                                        const Args&... args)
{
    SetPolicyAttribute(name, value);
    SetPolicyAttributes(args...);
}

template <typename... Args>
void
CellFreeIsacHelper::SetFactory(ObjectFactory& factory, const std::string& type, Args&&... args)
{
    factory = ObjectFactory();
    factory.SetTypeId(type);
    factory.Set(std::forward<Args>(args)...);
}

template <typename... Args>
void
CellFreeIsacHelper::EnableEnergy(Args&&... args)
{
    ObjectFactory factory;
    SetFactory(factory, "ns3::CellFreeEnergyModel", std::forward<Args>(args)...);
    InstallEnergy(factory);
}

template <typename... Args>
void
CellFreeIsacHelper::SetScheduler(const std::string& type, Args&&... args)
{
    std::string error;
    const auto typeName = GetSchedulerTypeName(type, error);
    NS_ABORT_MSG_IF(!error.empty(), error);
    SetFactory(m_scheduler, typeName, std::forward<Args>(args)...);
}

template <typename... Args>
void
CellFreeIsacHelper::SetFading(const std::string& type, Args&&... args)
{
    m_madeFading = nullptr;
    SetFactory(m_fading, type, std::forward<Args>(args)...);
}

template <typename... Args>
void
CellFreeIsacHelper::SetLargeScale(const std::string& type, Args&&... args)
{
    SetFactory(m_largeScale, type, std::forward<Args>(args)...);
}

template <typename... Args>
void
CellFreeIsacHelper::SetCsi(const std::string& type, Args&&... args)
{
    SetFactory(m_csi, type, std::forward<Args>(args)...);
}

template <typename... Args>
void
CellFreeIsacHelper::SetClustering(const std::string& type, Args&&... args)
{
    SetFactory(m_clustering, type, std::forward<Args>(args)...);
}

template <typename... Args>
void
CellFreeIsacHelper::SetCombining(const std::string& type, Args&&... args)
{
    SetFactory(m_combining, type, std::forward<Args>(args)...);
}

template <typename... Args>
void
CellFreeIsacHelper::SetFronthaul(const std::string& type, Args&&... args)
{
    SetFactory(m_fronthaul, type, std::forward<Args>(args)...);
}

template <typename... Args>
void
CellFreeIsacHelper::SetLinkAdaptation(const std::string& type, Args&&... args)
{
    SetFactory(m_linkAdaptation, type, std::forward<Args>(args)...);
}

template <typename... Args>
void
CellFreeIsacHelper::SetErrorModel(const std::string& type, Args&&... args)
{
    SetFactory(m_errorModel, type, std::forward<Args>(args)...);
}

template <typename... Args>
void
CellFreeIsacHelper::SetSensingSchedule(const std::string& type, Args&&... args)
{
    SetFactory(m_schedule, type, std::forward<Args>(args)...);
}

template <typename... Args>
void
CellFreeIsacHelper::SetDetector(const std::string& type, Args&&... args)
{
    SetFactory(m_detector, type, std::forward<Args>(args)...);
}

template <typename... Args>
void
CellFreeIsacHelper::SetEchoReceiver(const std::string& type, Args&&... args)
{
    SetFactory(m_echoReceiver, type, std::forward<Args>(args)...);
}

template <typename... Args>
void
CellFreeIsacHelper::SetTracker(const std::string& type, Args&&... args)
{
    SetFactory(m_tracker, type, std::forward<Args>(args)...);
}

template <typename... Args>
void
CellFreeIsacHelper::SetWeightControl(const std::string& type, Args&&... args)
{
    SetFactory(m_weightControl, type, std::forward<Args>(args)...);
}

template <typename... Args>
void
CellFreeIsacHelper::SetSensingRoles(const std::string& type, Args&&... args)
{
    SetFactory(m_roles, type, std::forward<Args>(args)...);
}

} // namespace ns3

#endif // CELL_FREE_ISAC_HELPER_H
