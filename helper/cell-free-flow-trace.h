// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_FLOW_TRACE_H
#define CELL_FREE_FLOW_TRACE_H

#include "cell-free-run-statistics.h"

#include "ns3/cell-free-link.h"
#include "ns3/flow-monitor.h"
#include "ns3/ipv4-flow-classifier.h"
#include "ns3/ipv6-flow-classifier.h"
#include "ns3/object.h"

#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace ns3
{

/// One TCP or UDP flow of one direction; a row of the FlowTrace.
struct CellFreeFlow
{
    uint32_t flowId{0};       //!< number of the flow, from 1
    int64_t ueId{-1};         //!< node id of the UE at its end, or -1 if there is none
    std::string direction;    //!< DL to a UE, UL from a UE, or "other"
    std::string protocol;     //!< tcp or udp
    bool acknowledges{false}; //!< true if it carries the acknowledgements of another flow
    uint32_t txPackets{0};    //!< packets sent
    uint32_t rxPackets{0};    //!< packets received
    uint32_t lostPackets{0};  //!< packets dropped, or not seen for LossDelay
    uint32_t waitingPackets{
        0};                 //!< the others at the end: in queues, on their way, or dropped by
                            //!< the link less than LossDelay ago; sent = received + lost + these
    uint64_t txBytes{0};    //!< bytes sent, IP headers included
    uint64_t rxBytes{0};    //!< bytes received, IP headers included
    Time firstTx;           //!< when the first packet was sent
    Time lastRx;            //!< when the last packet was received
    double throughput{0.0}; //!< received bit/s from the first packet to the end of the run
    double meanDelay{0.0};  //!< mean delay of a packet (s); NaN without packets
    double meanJitter{0.0}; //!< mean difference of successive delays (s); NaN below 2 packets
    std::vector<cellfree::HistogramBin>
        delays; //!< delays of the packets (s), without the empty bins
};

/**
 * @ingroup cellfree-isac
 * @brief What the packets of each TCP and UDP flow met, by ns-3's FlowMonitor on every node.
 *
 * CellFreeIsacHelper::EnableTraces() installs one. IPv4 and IPv6 are monitored apart, because
 * ns-3's classifiers give both the same flow numbers; IPv6 flows are numbered after IPv4 ones.
 * A packet is tagged by the first FlowMonitor that sees it, so that a scenario which installs its
 * own finds its flows there and none here.
 */
class CellFreeFlowTrace : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeFlowTrace();
    ~CellFreeFlowTrace() override;

    /**
     * @brief Monitor all nodes that have an internet stack, from now on.
     * @param link whose UEs tell downlink from uplink, by their present addresses
     */
    void Install(Ptr<const CellFreeLink> link);

    /**
     * @brief What the flows met until now.
     * @return the flows in the order of their numbers
     */
    std::vector<CellFreeFlow> GetFlows();

    static const char* const FLOW_HEADER;  //!< columns of WriteFlows(), tab-separated
    static const char* const DELAY_HEADER; //!< columns of WriteDelays(), tab-separated

    /**
     * @brief Write one row per flow.
     * @param flows the flows
     * @param stream where to
     */
    static void WriteFlows(const std::vector<CellFreeFlow>& flows, std::ostream& stream);

    /**
     * @brief Write one row per flow and bin of the delay that is not empty.
     * @param flows the flows
     * @param stream where to
     */
    static void WriteDelays(const std::vector<CellFreeFlow>& flows, std::ostream& stream);

    /**
     * @brief Write FlowMonitor's own XML: all IPv4 flows, and in a file of its own IPv6 if any.
     *
     * A file with its final name is complete; aborts if it cannot be written.
     *
     * @param pathStem directory and name without ".xml"; IPv6 adds "-ipv6"
     */
    void WriteXml(const std::string& pathStem) const;

  protected:
    void DoDispose() override;

  private:
    /// Sets the width of the delay bins, before Install(). @param width the width
    void SetDelayBinWidth(Time width);
    /// @return the width of the delay bins
    Time GetDelayBinWidth() const;

    /**
     * @brief Adds the flows of one IP version.
     * @tparam Classifier Ipv4FlowClassifier or Ipv6FlowClassifier
     * @param monitor its monitor
     * @param classifier its classifier
     * @param[in,out] flows the flows
     */
    template <typename Classifier>
    void Collect(Ptr<FlowMonitor> monitor,
                 Ptr<Classifier> classifier,
                 std::vector<CellFreeFlow>& flows) const;

    /// @return the node id of the UE that has an address, or -1. @param address the address
    int64_t FindUe(const Address& address) const;

    Time m_lossDelay;                          //!< see the attribute LossDelay
    Time m_delayBinWidth;                      //!< see the attribute DelayBinWidth
    Ptr<FlowMonitor> m_monitor4;               //!< IPv4 flows
    Ptr<FlowMonitor> m_monitor6;               //!< IPv6 flows
    Ptr<Ipv4FlowClassifier> m_classifier4;     //!< tells IPv4 flows apart
    Ptr<Ipv6FlowClassifier> m_classifier6;     //!< tells IPv6 flows apart
    std::map<Address, uint32_t> m_ueByAddress; //!< UEs' addresses to node ids
};

} // namespace ns3

#endif // CELL_FREE_FLOW_TRACE_H
