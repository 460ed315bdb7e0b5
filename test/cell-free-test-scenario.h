// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_TEST_SCENARIO_H
#define CELL_FREE_TEST_SCENARIO_H

#include "ns3/cell-free-isac-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-interface-container.h"
#include "ns3/ipv6-interface-container.h"
#include "ns3/mobility-model.h"
#include "ns3/node-container.h"
#include "ns3/packet-sink.h"

#include <functional>
#include <string>

namespace ns3
{

/**
 * @ingroup cellfree-isac-test
 * @brief A small cell-free network: a CPU, which also hosts the servers, APs on a line, UEs
 * around (100, 60), targets above. It ends with Simulator::Destroy().
 */
class CellFreeTestScenario
{
  public:
    /// What a test case may change.
    struct Options
    {
        uint32_t nAps{4};           //!< APs
        uint32_t nUes{3};           //!< UEs
        uint32_t nTargets{1};       //!< targets
        uint32_t nAntennas{4};      //!< antennas per AP
        std::string policy{"rzf"};  //!< policy
        double lastUeDistance{0.0}; //!< extra x of the last UE (m)
        bool hasQueueDiscs{true};   //!< install ns-3's default queue discs
        bool hasInternet{true};     //!< install internet stacks and addresses
        bool isIpv6{false};         //!< IPv6 addresses instead of IPv4 ones
        bool areMoving{false};      //!< UEs and targets walk at random
        uint32_t decisionDelay{0};  //!< downlink slots
        /// Called with the helper before it installs anything.
        std::function<void(CellFreeIsacHelper&)> configure;
    };

    /**
     * @brief Builds the network.
     * @param options what is wanted
     */
    explicit CellFreeTestScenario(const Options& options);
    ~CellFreeTestScenario();

    /**
     * @brief Sends UDP at a constant rate from the CPU to a UE, or back, for 0.8 s from 0.1 s after
     * the call on.
     * @param ue index of the UE
     * @param isUplink the direction
     * @param rate bit/s
     * @return the sink
     */
    Ptr<PacketSink> AddUdp(uint32_t ue, bool isUplink, double rate);

    /**
     * @brief Sends UDP at a constant rate from a node to another, as above.
     * @param from source node
     * @param to sink node
     * @param address address of the sink
     * @param rate bit/s
     * @return the sink
     */
    Ptr<PacketSink> AddUdp(Ptr<Node> from, Ptr<Node> to, Address address, double rate);

    /**
     * @brief Transfers bytes by TCP between the CPU and a UE, from 0.1 s on.
     * @param ue index of the UE
     * @param isUplink the direction
     * @param bytes how many
     * @return the sink
     */
    Ptr<PacketSink> AddTcp(uint32_t ue, bool isUplink, uint32_t bytes);

    /**
     * @brief Sends frames of 1000 bytes from a device at a constant interval, without a stack.
     * @param from the device
     * @param to the device that they are addressed to
     * @param start time of the first one
     * @param end none is sent then or later
     * @param interval time between two
     */
    static void AddFrames(Ptr<NetDevice> from,
                          Ptr<NetDevice> to,
                          Time start,
                          Time end,
                          Time interval);

    /**
     * @brief Runs the simulation.
     * @param until end
     */
    static void Run(Time until);

    /**
     * @brief Address of a device.
     * @param i 0 for the CPU, u + 1 for UE u
     * @return IPv4 or IPv6 address
     */
    Address GetAddress(uint32_t i) const;

    /**
     * @brief Device of a UE.
     * @param ue its index
     * @return the device
     */
    Ptr<CellFreeUeNetDevice> GetUeDevice(uint32_t ue) const;

    /**
     * @brief Gives a node a place.
     * @param node the node
     * @param position where it is
     * @param isMoving whether it walks at random from there
     */
    static void Place(Ptr<Node> node, const Vector& position, bool isMoving = false);

    CellFreeIsacHelper helper;         //!< helper
    Ptr<Node> node;                    //!< the CPU's node: gateway and server
    NodeContainer aps;                 //!< APs
    NodeContainer ues;                 //!< UEs
    NodeContainer targets;             //!< targets
    CellFreeDevices devices;           //!< what was installed
    NetDeviceContainer all;            //!< CPU's device, then UEs'
    Ipv4AddressHelper addressHelper;   //!< for devices to come
    Ipv4InterfaceContainer addresses;  //!< their IPv4 addresses
    Ipv6InterfaceContainer addresses6; //!< their IPv6 addresses
    Ptr<CellFreeCpu> cpu;              //!< the CPU
    Ptr<CellFreeLink> link;            //!< the link
    Ptr<CellFreeMac> mac;              //!< the MAC
    Ptr<CellFreeChannelModel> channel; //!< the true channel

  private:
    uint16_t m_port{1000}; //!< last port used
};

} // namespace ns3

#endif // CELL_FREE_TEST_SCENARIO_H
