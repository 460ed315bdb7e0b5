// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_BEARER_H
#define CELL_FREE_BEARER_H

#include "cell-free-ring.h"

#include "ns3/address.h"
#include "ns3/callback.h"
#include "ns3/nstime.h"
#include "ns3/packet.h"
#include "ns3/ptr.h"

#include <cstdint>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief One direction of one UE's link: a finite queue, segmentation into transport blocks,
 * retransmission, reassembly and in-order delivery.
 *
 * Both ends live in one object, because the slot loop knows at once what became of a block; the
 * feedback delay is modelled by when a failed block may be sent again. A packet (SDU) ends in
 * exactly one of three ways: delivered whole, dropped whole, or still pending.
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
    };

    /// Bytes that entered and left the bearer; enqueued = delivered + dropped + pending.
    struct Counters
    {
        uint64_t enqueuedBytes{0};  //!< bytes of packets offered, the dropped ones included
        uint64_t deliveredBytes{0}; //!< bytes of packets delivered
        uint64_t droppedBytes{0};   //!< bytes of packets dropped, for any reason
        uint64_t pendingBytes{0};   //!< bytes of packets neither delivered nor dropped yet
    };

    /// A transport block and the state of its (re)transmissions: a value without memory of its own.
    struct Block
    {
        int mcs{0};                //!< modulation and coding scheme
        uint32_t nSymbols{0};      //!< data symbols
        uint32_t bytes{0};         //!< size, padding included
        uint32_t transmissions{0}; //!< how often it was sent
        double combinedSinr{0.0};  //!< sum of the SINRs of its transmissions
        uint64_t readySlot{0};     //!< first slot in which it may be sent again
        uint64_t firstSdu{0};      //!< number of the first packet of which it carries a part
        uint32_t nSegments{0};     //!< parts: of that packet and of those that follow it
        uint32_t firstBytes{0};    //!< bytes of the first part
        uint32_t lastBytes{0};     //!< bytes of the last part; between them are whole packets
    };

    /// Settings that every bearer of a link shares.
    struct Settings
    {
        uint32_t maxQueueBytes{0};    //!< packets beyond this many waiting bytes are dropped
        uint32_t maxTransmissions{1}; //!< transmissions of a block before it is given up
        uint32_t feedbackSlots{1};    //!< slots from a transmission to its repetition
        uint32_t segmentHeader{0};    //!< bytes of header in front of each segment
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

    /// @return bytes waiting to be put into a block for the first time
    uint32_t GetQueuedBytes() const;

    /**
     * @brief How long the oldest packet has been pending.
     * @param now the present time
     * @return time since it was taken in; zero if nothing is pending
     */
    Time GetHeadOfLineDelay(Time now) const;

    /**
     * @brief Says whether one more packet would be accepted.
     * @param bytes size of the packet
     * @return true if there is room
     */
    bool HasRoom(uint32_t bytes) const;

    /// @return true if a packet waits that is not whole in blocks yet
    bool HasNewData() const;

    /**
     * @brief Says whether there is something to send.
     * @param slot the present slot
     * @return true if a failed block is ready again or bytes are queued
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
     * @brief Fills a new block from the queue.
     * @param mcs modulation and coding scheme
     * @param nSymbols data symbols of the block
     * @param bytes size of the block, segment headers included
     * @return the block; with no segment if the queue is empty or the block too small
     */
    Block BuildBlock(int mcs, uint32_t nSymbols, uint32_t bytes);

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

    /// @return one past the number of the newest packet
    uint64_t GetEndSdu() const;

    /// Drops a packet that is there and not abandoned yet. @param number its number @param reason
    /// why
    void Abandon(uint64_t number, DropReason reason);

    /// Hands up what is complete, up to the first packet that is not.
    void DeliverInOrder();

    const Settings& m_settings;   //!< settings of the link
    DeliverCallback m_deliver;    //!< receives what came through
    DropCallback m_drop;          //!< receives what was dropped
    CellFreeRing<Sdu> m_window;   //!< packets from the first that is neither delivered nor dropped
    uint64_t m_firstSdu{0};       //!< number of the first of them; packets are counted from 0
    uint64_t m_nextSdu{0};        //!< number of the first one with bytes not yet put into a block
    CellFreeRing<Block> m_failed; //!< blocks to send again
    uint32_t m_queuedBytes{0};    //!< bytes not yet put into a block
    Counters m_counters;          //!< what entered and left
};

} // namespace ns3

#endif // CELL_FREE_BEARER_H
