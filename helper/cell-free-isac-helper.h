// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_ISAC_HELPER_H
#define CELL_FREE_ISAC_HELPER_H

#include "cell-free-problem-recorder.h"
#include "cell-free-trace-writer.h"

#include "ns3/cell-free-link.h"
#include "ns3/net-device-container.h"
#include "ns3/node-container.h"
#include "ns3/object-factory.h"

#include <string>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Installs one cell-free ISAC link: a CPU, its APs, the UEs and the targets.
 *
 * All nodes but the CPU need a MobilityModel. Internet stacks and addresses are installed by
 * ns-3's own helpers on the devices that Install() returns.
 */
class CellFreeIsacHelper
{
  public:
    CellFreeIsacHelper();

    /**
     * @brief Choose the beamforming policy; the default is "wmmse".
     * @tparam Args names and values alternating
     * @param name a short name (gnn, wmmse, joint, rzf, cb, cb-sensing, ...) or a TypeId's name;
     * aborts on an unknown one and lists the known ones
     * @param args attributes of the policy
     */
    template <typename... Args>
    void SetPolicy(const std::string& name, Args&&... args);

    /**
     * @brief Choose the scheduler of both directions; the default is round robin.
     * @tparam Args names and values alternating
     * @param type TypeId name
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
     * @brief Takes path loss and shadowing between APs and UEs from a chain of ns-3's models,
     * instead of CellFreeChannelModel's default, CellFreeThreeGppLargeScale.
     * @param loss first model of the chain
     */
    void SetPropagationLoss(Ptr<PropagationLossModel> loss);

    /**
     * @brief Set an attribute of CellFreeLink, the slot loop.
     * @param name attribute
     * @param value its value
     */
    void SetLinkAttribute(const std::string& name, const AttributeValue& value);

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
     * @brief Set an attribute of CellFreeLinkAdaptation.
     * @param name attribute
     * @param value its value
     */
    void SetLinkAdaptationAttribute(const std::string& name, const AttributeValue& value);

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
     * @brief Install the link. Call once; aborts without APs.
     * @param cpu the gateway's node
     * @param aps the APs' nodes
     * @param ues the UEs' nodes; may be empty
     * @return the devices: the CPU's first, then one per UE in their order
     */
    NetDeviceContainer Install(Ptr<Node> cpu, const NodeContainer& aps, const NodeContainer& ues);

    /**
     * @brief Make nodes radar targets of the installed link. Call after Install().
     * @param targets nodes with a MobilityModel
     */
    void InstallTargets(const NodeContainer& targets);

    /**
     * @brief Write the traces to files; they are complete after Simulator::Destroy().
     * @param outputDir directory, created if missing; aborts if it cannot be written
     * @param simTag text between the name of a trace and its ending
     * @return the writer
     */
    Ptr<CellFreeTraceWriter> EnableTraces(const std::string& outputDir,
                                          const std::string& simTag = "");

    /**
     * @brief Write the problems that the policy meets to a file that cellfree-isac-solve reads; it
     * is complete after Simulator::Destroy(). Call once.
     * @param path the file; aborts if it cannot be written
     * @param every every how many decisions one is recorded, at least 1
     * @return the recorder
     */
    Ptr<CellFreeProblemRecorder> EnableRecording(const std::string& path, uint64_t every = 1);

    /**
     * @brief Fix the random streams of everything installed. Call after InstallTargets().
     * @param stream first stream index
     * @return the number of streams used
     */
    int64_t AssignStreams(int64_t stream);

    /// @return the installed link
    Ptr<CellFreeLink> GetLink() const;

  private:
    /**
     * @brief Sets an attribute of the policy.
     * @param name attribute
     * @param value its value
     * @param args more names and values
     */
    template <typename... Args>
    void SetPolicyAttributes(const std::string& name,
                             const AttributeValue& value,
                             const Args&... args);

    /// Ends the recursion.
    void SetPolicyAttributes()
    {
    }

    /**
     * @brief Creates the policy; aborts on an unknown name.
     * @param name short name or TypeId name
     */
    void CreatePolicy(const std::string& name);

    Ptr<CellFreeBeamformingPolicy> m_policy;     //!< the policy
    Ptr<PropagationLossModel> m_propagationLoss; //!< path loss chain, or null for the default
    ObjectFactory m_scheduler;                   //!< schedulers
    ObjectFactory m_fading;                      //!< fading model
    ObjectFactory m_link;                        //!< link
    ObjectFactory m_channel;                     //!< channel model
    ObjectFactory m_radar;                       //!< radar model
    ObjectFactory m_frame;                       //!< frame
    ObjectFactory m_sensing;                     //!< sensing
    ObjectFactory m_linkAdaptation;              //!< link adaptation
    ObjectFactory m_ap;                          //!< APs
    ObjectFactory m_array;                       //!< APs' arrays
    ObjectFactory m_ueDevice;                    //!< UEs' devices
    ObjectFactory m_target;                      //!< targets
    Ptr<CellFreeLink> m_installed;               //!< the installed link
};

template <typename... Args>
void
CellFreeIsacHelper::SetPolicy(const std::string& name, Args&&... args)
{
    CreatePolicy(name);
    SetPolicyAttributes(args...);
}

template <typename... Args>
void
CellFreeIsacHelper::SetPolicyAttributes(const std::string& name,
                                        const AttributeValue& value,
                                        const Args&... args)
{
    m_policy->SetAttribute(name, value);
    SetPolicyAttributes(args...);
}

template <typename... Args>
void
CellFreeIsacHelper::SetScheduler(const std::string& type, Args&&... args)
{
    m_scheduler = ObjectFactory();
    m_scheduler.SetTypeId(type);
    m_scheduler.Set(std::forward<Args>(args)...);
}

template <typename... Args>
void
CellFreeIsacHelper::SetFading(const std::string& type, Args&&... args)
{
    m_fading = ObjectFactory();
    m_fading.SetTypeId(type);
    m_fading.Set(std::forward<Args>(args)...);
}

} // namespace ns3

#endif // CELL_FREE_ISAC_HELPER_H
