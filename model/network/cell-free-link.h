// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_LINK_H
#define CELL_FREE_LINK_H

#include "cell-free-cpu.h"
#include "cell-free-error-model.h"
#include "cell-free-frame.h"
#include "cell-free-net-device.h"
#include "cell-free-slot-plan.h"

#include "ns3/cell-free-channel-model.h"
#include "ns3/channel.h"
#include "ns3/event-id.h"
#include "ns3/isac-combining.h"
#include "ns3/isac-metrics.h"

#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief The air between APs, UEs and targets, shared by all CPUs on one carrier: the slot clock,
 * the frame, and what plans really meet.
 *
 * In each slot it asks every CPU for the plan that takes effect, evaluates all of them together on
 * the true channel, so that the CPUs' cells interfere, and tells each CPU what became of its plan.
 * Nobody else in network/ reads the true channel.
 *
 * Transmitters and receivers are not perfect: an error vector magnitude (EVM) of e caps the SINR,
 * 1/SINR' = 1/SINR + e_tx^2 + e_rx^2 (e.g. T. Schenk, "RF Imperfections in High-rate Wireless
 * Systems", Springer 2008, section 7.2, for distortions independent of the signal).
 */
class CellFreeLink : public Channel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeLink();
    ~CellFreeLink() override;

    /**
     * @brief Add a CPU, whose MAC has its device.
     * @param cpu the CPU
     */
    void AddCpu(Ptr<CellFreeCpu> cpu);

    /// @return the number of CPUs
    std::size_t GetNCpus() const;

    /**
     * @brief One of the CPUs.
     * @param i its number, in the order in which they were added
     * @return the CPU
     */
    Ptr<CellFreeCpu> GetCpu(std::size_t i = 0) const;

    /// @return the true channel
    Ptr<CellFreeChannelModel> GetChannelModel() const;

    /// @return the frame
    Ptr<CellFreeFrame> GetFrame() const;

    /// @return block error rates
    Ptr<CellFreeErrorModel> GetErrorModel() const;

    /// @return UEs of one CPU that may share a downlink slot by spatial multiplexing
    uint32_t GetMaxStreams() const;

    /// @return UEs of one CPU that may send on the same symbols of an uplink slot
    uint32_t GetMaxUplinkStreams() const;

    /**
     * @brief Data symbols of one stream over the whole band in one slot.
     * @param slot number of the slot
     * @return the number of symbols
     */
    uint32_t GetDataSymbols(uint64_t slot) const;

    /**
     * @brief Start of a slot.
     * @param slot its number
     * @return the time
     */
    Time GetSlotStart(uint64_t slot) const;

    /**
     * @brief SINR after the impairments of transmitter and receiver.
     * @param sinr SINR without them, linear
     * @param isUplink the direction
     * @return SINR with them, linear
     */
    double GetImpairedSinr(double sinr, bool isUplink) const;

    /**
     * @brief Fixes the random streams of channel and CPUs, also of nodes to come.
     * @param stream first stream number
     * @return the number of streams used, CELL_FREE_STREAMS
     */
    int64_t AssignStreams(int64_t stream);

    // Inherited from Channel: the CPUs' devices, each before those of its UEs
    std::size_t GetNDevices() const override;
    Ptr<NetDevice> GetDevice(std::size_t i) const override;

  protected:
    void DoInitialize() override;
    void DoDispose() override;

  private:
    /// Runs one slot.
    void RunSlot();

    /**
     * @brief Evaluates a sub-band of a downlink plan among m_plans on the true channel, into
     * m_outcome.
     * @param i position of the plan
     * @param band sub-band
     */
    void MeetDownlink(std::size_t i, uint32_t band);

    /**
     * @brief Evaluates a sub-band of an uplink plan among m_plans on the true channel, into
     * m_outcome.
     * @param i position of the plan
     * @param band sub-band
     */
    void MeetUplink(std::size_t i, uint32_t band);

    /// @name Accessors of attributes that cannot change during a run
    /// @{
    void SetChannelModel(Ptr<CellFreeChannelModel> channel);
    void SetFrame(Ptr<CellFreeFrame> frame);
    void SetErrorModel(Ptr<CellFreeErrorModel> errorModel);
    /// @}

    Ptr<CellFreeChannelModel> m_channel;  //!< the truth
    Ptr<CellFreeFrame> m_frame;           //!< TDD frame
    Ptr<CellFreeErrorModel> m_errorModel; //!< block error rates
    std::vector<Ptr<CellFreeCpu>> m_cpus; //!< the CPUs
    uint32_t m_maxStreams{0};             //!< UEs per downlink slot
    uint32_t m_maxUplinkStreams{0};       //!< UEs per symbol of an uplink slot
    double m_apTransmitEvm;               //!< EVM of APs' transmitters
    double m_apReceiveEvm;                //!< EVM of APs' receivers
    double m_ueTransmitEvm;               //!< EVM of UEs' transmitters
    double m_ueReceiveEvm;                //!< EVM of UEs' receivers
    int64_t m_firstStream{-1};            //!< first stream number of the module, or -1

    uint64_t m_slot{0};                           //!< number of the present slot
    EventId m_event;                              //!< next slot
    std::vector<const CellFreeSlotPlan*> m_plans; //!< by CPU; null where there is none
    IsacProblem m_problem;                        //!< true channel of a downlink plan
    IsacProblem m_cross;                          //!< true channel between two CPUs' nodes
    Eigen::MatrixXcd m_received;                  //!< another CPU's streams at the UEs
    IsacMetrics m_metrics;                        //!< SINR and sensing SNR
    IsacUplink m_uplink;                          //!< true channels of all UEs that send
    IsacCombining m_combining;                    //!< uplink SINR
    CellFreeSlotOutcome m_outcome;                //!< of the plan at hand
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Share of each UE's symbols on which another UE sends too: 1 for UEs of different layers
 * whose allocations cover the band alike, by the order of the allocations within each layer.
 * @param plan an uplink plan
 * @param nSymbols data symbols of the whole band
 * @param[out] overlap U x U; diagonal 0
 */
void ComputeUplinkOverlap(const CellFreeSlotPlan& plan,
                          uint32_t nSymbols,
                          Eigen::MatrixXd& overlap);

} // namespace cellfree

} // namespace ns3

#endif // CELL_FREE_LINK_H
