// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_BEARER_H
#define CELL_FREE_BEARER_H

#include "cell-free-ring.h"

#include "ns3/address.h"
#include "ns3/callback.h"
#include "ns3/nstime.h"
#include "ns3/packet.h"
#include "ns3/ptr.h"

#include <array>
#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief One direction of one UE's link: finite queues, segmentation into transport blocks,
 * retransmission, reassembly and in-order delivery.
 *
 * Both ends live in one object, because the slot loop knows at once what became of a block; the
 * feedback delay is modelled by when a failed block may be sent again. A packet (SDU) ends in
 * exactly one of three ways: delivered whole, dropped whole, or still pending.
 *
 * Each priority of packets has a queue and an order of its own; a block takes what waits in the
 * order of priorities. All share the retransmission of blocks (HARQ), with a limited number of
 * stop-and-wait processes if so set: one is busy from a block's first transmission until the
 * feedback to its last (TS 38.321 section 5.3.2). Where link-layer ARQ is on, the parts of a block
 * that was given up wait again, in front of what was never sent, as often as is allowed
 * (acknowledged mode of TS 38.322 section 5.3.2); where it is off, their packets are dropped.
 */
class CellFreeBearer
{
  public:
    /// Why a packet was dropped.
    enum DropReason
    {
        QUEUE_FULL,         //!< the queue had no room for it
        TRANSMISSION_LIMIT, //!< a block that held a part of it failed too often
        NO_DESTINATION,     //!< no device of the link has the address
        UE_LEFT,            //!< its UE was taken away
    };

    /// A packet on its way, with the addresses and protocol of its frame.
    struct Frame
    {
        Ptr<Packet> packet;   //!< the packet, without a link header
        Address source;       //!< source hardware address
        Address destination;  //!< destination hardware address
        uint16_t protocol{0}; //!< EtherType
        Time enqueued;        //!< when the bearer took it in, which Enqueue() sets
        uint8_t priority{0};  //!< 0 is served first
    };

    /// Bytes that entered and left the bearer; enqueued = delivered + dropped + pending.
    struct Counters
    {
        uint64_t enqueuedBytes{0};  //!< bytes of packets offered, the dropped ones included
        uint64_t deliveredBytes{0}; //!< bytes of packets delivered
        uint64_t droppedBytes{0};   //!< bytes of packets dropped, for any reason
        uint64_t pendingBytes{0};   //!< bytes of packets neither delivered nor dropped yet
    };

    /// Most priorities.
    static constexpr std::size_t MAX_PRIORITIES = 8;
    /// Most runs of packets that a block holds parts of; what waits beyond them is for the next.
    static constexpr std::size_t MAX_RUNS = 8;

    /// Parts of packets that follow each other: of the last a beginning, between them whole ones.
    struct Run
    {
        uint64_t firstSdu{0};   //!< number of the first packet of which there is a part
        uint32_t nSegments{0};  //!< parts: of that packet and of those that follow it
        uint32_t firstBytes{0}; //!< bytes of the first part
        uint32_t lastBytes{0};  //!< bytes of the last part
        uint32_t arqRetries{0}; //!< how often ARQ has sent these parts again
        uint8_t priority{0};    //!< whose packets
    };

    /// A transport block and the state of its (re)transmissions: a value without memory of its own.
    struct Block
    {
        int mcs{0};                     //!< modulation and coding scheme
        uint32_t nSymbols{0};           //!< data symbols
        uint32_t bytes{0};              //!< size, padding included
        uint32_t transmissions{0};      //!< how often it was sent
        double combinedSinr{0.0};       //!< sum of the SINRs of its transmissions
        double combinedNats{0.0};       //!< sum of log(1 + SINR) of its transmissions
        uint64_t readySlot{0};          //!< first slot in which it may be sent again
        uint32_t nSegments{0};          //!< parts of packets that it carries
        uint32_t nRuns{0};              //!< runs that they form
        std::array<Run, MAX_RUNS> runs; //!< the runs
    };

    /// Settings that every bearer of a link shares.
    struct Settings
    {
        uint32_t maxQueueBytes{0};    //!< packets beyond this many waiting bytes are dropped
        uint32_t maxTransmissions{1}; //!< transmissions of a block before it is given up
        uint32_t feedbackSlots{1};    //!< slots from a transmission to its repetition
        uint32_t segmentHeader{0};    //!< bytes of header in front of each segment
        uint32_t harqProcesses{0};    //!< blocks that may be under way at once; 0 for any number
        uint32_t maxArqRetries{0};    //!< how often parts of blocks that were given up go again
    };

    /// Receives a packet that came through.
    using DeliverCallback = Callback<void, const Frame&>;
    /// Receives a packet that was dropped, and why.
    using DropCallback = Callback<void, const Frame&, DropReason>;

    /**
     * @brief Constructor.
     * @param settings the link's settings, which must outlive the bearer
     * @param deliver called for each packet that came through, in the order of Enqueue()
     * @param drop called for each packet that was dropped
     */
    CellFreeBearer(const Settings& settings, DeliverCallback deliver, DropCallback drop);

    /**
     * @brief Takes a packet in, or drops it if the queue is full.
     * @param frame the packet
     * @return false if it was dropped
     */
    bool Enqueue(const Frame& frame);

    /// @return bytes waiting to be put into a block, of all priorities
    uint32_t GetQueuedBytes() const;

    /// @return the first priority of which a packet is pending; 0 if none is
    uint32_t GetPriority() const;

    /**
     * @brief How long the oldest packet has been pending.
     * @param now the present time
     * @return time since it was taken in; zero if nothing is pending
     */
    Time GetHeadOfLineDelay(Time now) const;

    /**
     * @brief Says whether one more packet would be accepted, in one of the priorities at least: a
     * full one must not hold up the others.
     * @param bytes size of the packet
     * @return true if there is room
     */
    bool HasRoom(uint32_t bytes) const;

    /// @return true if a packet waits that is not whole in blocks yet
    bool HasNewData() const;

    /**
     * @brief Says whether there is something to send.
     * @param slot the present slot
     * @return true if a failed block is ready again, or packets wait and a process is free
     */
    bool HasData(uint64_t slot) const;

    /**
     * @brief The failed block that is to be sent again first.
     * @param slot the present slot
     * @return the block, or null if none is ready
     */
    const Block* GetRetransmission(uint64_t slot) const;

    /**
     * @brief Takes the block that GetRetransmission() returned out of the waiting list.
     * @return the block
     */
    Block TakeRetransmission();

    /**
     * @brief Fills a new block from the queues.
     * @param slot the present slot
     * @param mcs modulation and coding scheme
     * @param nSymbols data symbols of the block
     * @param bytes size of the block, segment headers included
     * @return the block; with no segment if nothing waits, the block is too small or no process
     * free
     */
    Block BuildBlock(uint64_t slot, int mcs, uint32_t nSymbols, uint32_t bytes);

    /**
     * @brief The bytes that a block must have to carry all that waits.
     * @return queued bytes and the headers of their segments; 0 if nothing waits
     */
    uint64_t GetNeededBytes() const;

    /**
     * @brief Tells what became of a transmission.
     * @param block the block, its transmissions counted
     * @param success true if it was decoded
     * @param slot the slot in which it was sent
     */
    void Finish(const Block& block, bool success, uint64_t slot);

    /**
     * @brief Drops everything that is pending; blocks on their way must not be finished any more.
     * @param reason why
     */
    void DropAll(DropReason reason);

    /// @return what entered and left so far
    const Counters& GetCounters() const;

  private:
    /// A packet inside the bearer.
    struct Sdu
    {
        Frame frame;             //!< the packet
        uint32_t size{0};        //!< bytes of it
        uint32_t sentBytes{0};   //!< bytes put into blocks so far
        uint32_t heldBytes{0};   //!< bytes decoded so far
        bool isAbandoned{false}; //!< a part of it was lost for good
    };

    /// A part of a packet that ARQ sends again.
    struct LostSegment
    {
        uint64_t sdu{0};        //!< number of the packet
        uint32_t bytes{0};      //!< bytes of it
        uint32_t arqRetries{0}; //!< how often it will have been sent again
        uint64_t readySlot{0};  //!< first slot in which it may be
    };

    /// The packets of one priority.
    struct Queue
    {
        CellFreeRing<Sdu> window; //!< from the first that is neither delivered nor dropped
        uint64_t firstSdu{0};     //!< number of the first of them; packets are counted from 0
        uint64_t nextSdu{0};      //!< number of the first one with bytes not yet put into a block
        CellFreeRing<LostSegment> lost; //!< parts to send again
        uint32_t queuedBytes{0};        //!< bytes that wait for a block, lost ones included

        /// @return one past the number of the newest packet
        uint64_t GetEndSdu() const
        {
            return firstSdu + window.GetSize();
        }

        /// @return a packet that is there. @param number its number
        Sdu& GetSdu(uint64_t number)
        {
            return window[number - firstSdu];
        }

        /// @return true if a packet is there and not abandoned. @param number its number
        bool IsPending(uint64_t number) const
        {
            return number >= firstSdu && !window[number - firstSdu].isAbandoned;
        }
    };

    /**
     * @brief Says whether one more packet of a priority would be accepted.
     * @param priority the priority
     * @param bytes size of the packet
     * @return true if there is room
     */
    bool HasRoomAt(std::size_t priority, uint32_t bytes) const;

    /**
     * @brief Says whether a new block may be begun.
     * @param slot the present slot
     * @return true if a process is free
     */
    bool HasFreeProcess(uint64_t slot) const;

    /**
     * @brief Adds a part of a packet to a block.
     * @param[in,out] block the block
     * @param priority priority of the packet
     * @param number number of the packet
     * @param bytes bytes of it
     * @param arqRetries how often ARQ has sent them again
     * @return false if the block has no run left for it
     */
    bool AddSegment(Block& block,
                    uint8_t priority,
                    uint64_t number,
                    uint32_t bytes,
                    uint32_t arqRetries);

    /**
     * @brief Fills a block with what ARQ sends again.
     * @param slot the present slot
     * @param priority priority to take from
     * @param[in,out] block the block
     * @param[in,out] room bytes left in it
     * @return false if the block has no run left
     */
    bool FillWithLost(uint64_t slot, uint8_t priority, Block& block, uint32_t& room);

    /**
     * @brief Fills a block with what was never sent.
     * @param priority priority to take from
     * @param[in,out] block the block
     * @param[in,out] room bytes left in it
     * @return false if the block has no run left
     */
    bool FillWithNew(uint8_t priority, Block& block, uint32_t& room);

    /**
     * @brief Tells a run of a block's parts what became of them.
     * @param run the run
     * @param success true if they were decoded
     * @param readySlot first slot in which they may be sent again, if ARQ does
     */
    void FinishRun(const Run& run, bool success, uint64_t readySlot);

    /**
     * @brief Drops a packet that is there and not abandoned yet.
     * @param priority its priority
     * @param number its number
     * @param reason why
     */
    void Abandon(std::size_t priority, uint64_t number, DropReason reason);

    /// Hands up what is complete, up to the first packet that is not. @param priority which
    void DeliverInOrder(std::size_t priority);

    const Settings& m_settings;         //!< settings of the link
    DeliverCallback m_deliver;          //!< receives what came through
    DropCallback m_drop;                //!< receives what was dropped
    std::vector<Queue> m_queues;        //!< packets by priority
    CellFreeRing<Block> m_failed;       //!< blocks to send again
    CellFreeRing<uint64_t> m_busyUntil; //!< when the feedback to blocks that are over is there
    uint32_t m_nFlying{0};              //!< blocks on the air
    uint32_t m_queuedBytes{0};          //!< bytes that wait for a block
    Counters m_counters;                //!< what entered and left
};

} // namespace ns3

#endif // CELL_FREE_BEARER_H
