// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/cell-free-bearer.h"
#include "ns3/cell-free-ring.h"
#include "ns3/mac48-address.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <vector>

using namespace ns3;

TEST(CellFreeRing, IsADeque)
{
    std::mt19937 generator(1);
    CellFreeRing<uint32_t> ring;
    std::deque<uint32_t> deque;
    for (uint32_t i = 0; i < 20000; ++i)
    {
        // It grows and shrinks in turn, so that its elements stand at every place.
        const bool isGrowing = i / 100 % 2 == 0;
        const auto action = generator() % 4;
        if (deque.empty() || (isGrowing ? action < 3 : action < 1))
        {
            ring.PushBack(i);
            deque.push_back(i);
        }
        else if (action == 3)
        {
            EXPECT_EQ(ring.TakeBack(), deque.back());
            deque.pop_back();
        }
        else
        {
            EXPECT_EQ(ring.TakeFront(), deque.front());
            deque.pop_front();
        }
        ASSERT_EQ(ring.GetSize(), deque.size());
        ASSERT_EQ(ring.IsEmpty(), deque.empty());
        if (!deque.empty())
        {
            const auto position = generator() % deque.size();
            ASSERT_EQ(ring[position], deque[position]);
        }
    }
}

TEST(CellFreeRing, LetsGoOfWhatIsTaken)
{
    auto element = std::make_shared<int>(1);
    CellFreeRing<std::shared_ptr<int>> ring;
    ring.PushBack(element);
    ring.PushBack(element);
    ring.TakeFront();
    ring.TakeBack();
    EXPECT_EQ(element.use_count(), 1);
}

namespace
{

/**
 * What a bearer must do, kept byte by byte: every byte of every packet is waiting, in a block,
 * decoded or lost.
 */
class BearerReference
{
  public:
    /// A byte's packet.
    struct Byte
    {
        uint32_t packet; //!< number of the packet
    };

    /// A block as the reference fills it.
    using Bytes = std::vector<uint32_t>;

    /// Takes a packet in. @param size its size
    void Enqueue(uint32_t size)
    {
        m_left.push_back(size);
        m_isLost.push_back(false);
        for (uint32_t i = 0; i < size; ++i)
        {
            m_waiting.push_back(m_left.size() - 1);
        }
    }

    /// Fills a block. @param room its bytes @param header bytes of each segment's header
    /// @return the packets that its bytes belong to
    Bytes Fill(uint32_t room, uint32_t header)
    {
        Bytes bytes;
        while (!m_waiting.empty() && room > header)
        {
            room -= header;
            const auto packet = m_waiting.front();
            while (room > 0 && !m_waiting.empty() && m_waiting.front() == packet)
            {
                bytes.push_back(packet);
                m_waiting.pop_front();
                --room;
            }
        }
        return bytes;
    }

    /// Learns that a block was decoded. @param bytes the block
    void Hold(const Bytes& bytes)
    {
        for (auto packet : bytes)
        {
            --m_left[packet];
        }
    }

    /// Learns that a block was given up. @param bytes the block
    void Lose(const Bytes& bytes)
    {
        for (auto packet : bytes)
        {
            Lose(packet);
        }
    }

    /// Loses a packet, and what waits of it. @param packet its number
    void Lose(uint32_t packet)
    {
        if (!m_isLost[packet])
        {
            m_isLost[packet] = true;
            lost.push_back(packet);
            while (!m_waiting.empty() && m_waiting.front() == packet)
            {
                m_waiting.pop_front();
            }
        }
    }

    /// Delivers in order what is complete.
    void Deliver()
    {
        for (; m_next < m_left.size() && (m_isLost[m_next] || m_left[m_next] == 0); ++m_next)
        {
            if (!m_isLost[m_next])
            {
                delivered.push_back(m_next);
            }
        }
    }

    /// @return bytes that wait
    uint32_t CountWaiting() const
    {
        return m_waiting.size();
    }

    std::vector<uint32_t> delivered; //!< packets, in order
    std::vector<uint32_t> lost;      //!< packets, in order

  private:
    std::deque<uint32_t> m_waiting; //!< packet of each byte that waits
    std::vector<uint32_t> m_left;   //!< bytes of each packet that are not decoded
    std::vector<bool> m_isLost;     //!< by packet
    uint32_t m_next{0};             //!< first packet that was not passed on
};

/// Where a bearer's packets end.
struct Ends
{
    std::vector<uint32_t> delivered; //!< protocol numbers, which tell packets apart
    std::vector<uint32_t> lost;      //!< the same

    /// Takes a packet that came through. @param frame the packet
    void Deliver(const CellFreeBearer::Frame& frame)
    {
        delivered.push_back(frame.protocol);
    }

    /// Takes one that was dropped. @param frame the packet
    void Drop(const CellFreeBearer::Frame& frame, CellFreeBearer::DropReason)
    {
        lost.push_back(frame.protocol);
    }
};

} // namespace

TEST(CellFreeBearer, KeepsEveryByteAsTheReferenceDoes)
{
    struct Flight
    {
        CellFreeBearer::Block block;
        BearerReference::Bytes bytes;
    };

    for (double lossRate : {0.0, 0.1, 0.6, 1.0})
    {
        std::mt19937 generator(7);
        std::uniform_real_distribution<double> uniform;
        CellFreeBearer::Settings settings{1U << 30, 3, 4, 6};
        Ends ends;
        CellFreeBearer bearer(settings,
                              MakeCallback(&Ends::Deliver, &ends),
                              MakeCallback(&Ends::Drop, &ends));
        BearerReference reference;
        std::deque<BearerReference::Bytes> failed;
        std::vector<Flight> flights;
        uint16_t nPackets = 0;
        for (uint64_t slot = 0; slot < 6000; ++slot)
        {
            for (auto n = generator() % 3; n > 0; --n)
            {
                const uint32_t size = 1 + generator() % (slot % 500 < 250 ? 1500 : 40);
                bearer.Enqueue({Create<Packet>(size), Address(), Address(), nPackets++});
                reference.Enqueue(size);
            }
            Flight flight;
            if (bearer.GetRetransmission(slot))
            {
                flight.block = bearer.TakeRetransmission();
                flight.bytes = failed.front();
                failed.pop_front();
            }
            else
            {
                const uint32_t bytes = generator() % (generator() % 2 ? 3500 : 30);
                flight.block = bearer.BuildBlock(slot, 0, 100, bytes);
                flight.bytes = reference.Fill(bytes, settings.segmentHeader);
            }
            ASSERT_EQ(flight.block.nSegments == 0, flight.bytes.empty());
            ASSERT_EQ(bearer.GetQueuedBytes(), reference.CountWaiting());
            if (flight.block.nSegments == 0)
            {
                continue;
            }
            ++flight.block.transmissions;
            // The block is told of at once or, as a link with a longer slot would, later.
            flights.push_back(flight);
            for (auto n = generator() % 3; n > 0 && !flights.empty(); --n)
            {
                const auto done = flights.front();
                flights.erase(flights.begin());
                const bool success = uniform(generator) >= lossRate;
                bearer.Finish(done.block, success, slot);
                if (success)
                {
                    reference.Hold(done.bytes);
                }
                else if (done.block.transmissions < settings.maxTransmissions)
                {
                    failed.push_back(done.bytes);
                    continue;
                }
                else
                {
                    reference.Lose(done.bytes);
                }
                reference.Deliver();
            }
            ASSERT_EQ(ends.delivered, reference.delivered) << "slot " << slot;
            ASSERT_EQ(ends.lost, reference.lost) << "slot " << slot;
        }
        EXPECT_EQ(ends.delivered.empty(), lossRate == 1.0);
        EXPECT_EQ(ends.lost.empty(), lossRate == 0.0);
        const auto& counters = bearer.GetCounters();
        EXPECT_EQ(counters.enqueuedBytes,
                  counters.deliveredBytes + counters.droppedBytes + counters.pendingBytes);

        flights.clear();
        bearer.DropAll(CellFreeBearer::UE_LEFT);
        EXPECT_EQ(ends.delivered.size() + ends.lost.size(), nPackets);
        EXPECT_EQ(bearer.GetQueuedBytes(), 0U);
        EXPECT_EQ(bearer.GetCounters().pendingBytes, 0U);
        EXPECT_FALSE(bearer.HasData(1 << 20));
    }
}

TEST(CellFreeBearer, MaySendWhereItIsTold)
{
    // A listener that sends another packet for each that it loses or gets.
    struct Echo
    {
        CellFreeBearer* bearer{nullptr};
        uint32_t nLeft{100};
        uint32_t nDelivered{0};
        uint32_t nDropped{0};

        void Send()
        {
            if (nLeft > 0)
            {
                --nLeft;
                bearer->Enqueue({Create<Packet>(50), Address(), Address(), 0});
            }
        }

        void Deliver(const CellFreeBearer::Frame& frame)
        {
            Send();
            nDelivered += frame.packet->GetSize() == 50;
        }

        void Drop(const CellFreeBearer::Frame& frame, CellFreeBearer::DropReason)
        {
            Send();
            nDropped += frame.packet->GetSize() == 50;
        }
    };

    CellFreeBearer::Settings settings{1U << 20, 1, 1, 2};
    Echo echo;
    CellFreeBearer bearer(settings,
                          MakeCallback(&Echo::Deliver, &echo),
                          MakeCallback(&Echo::Drop, &echo));
    echo.bearer = &bearer;
    for (int i = 0; i < 8; ++i) // as many as the ring has places at first
    {
        echo.Send();
    }
    for (uint64_t slot = 0; bearer.HasData(slot); ++slot)
    {
        auto block = bearer.BuildBlock(slot, 0, 100, 75);
        ++block.transmissions;
        bearer.Finish(block, slot % 3 > 0, slot);
    }
    EXPECT_EQ(echo.nDelivered + echo.nDropped, 100U);
    EXPECT_GT(echo.nDelivered, 0U);
    EXPECT_GT(echo.nDropped, 0U);
    EXPECT_EQ(bearer.GetCounters().deliveredBytes, 50U * echo.nDelivered);
    EXPECT_EQ(bearer.GetCounters().pendingBytes, 0U);
}

TEST(CellFreeBearer, LetsGoOfPackets)
{
    CellFreeBearer::Settings settings{1U << 20, 1, 1, 2};
    Ends ends;
    CellFreeBearer bearer(settings,
                          MakeCallback(&Ends::Deliver, &ends),
                          MakeCallback(&Ends::Drop, &ends));
    const Ptr<Packet> packets[2] = {Create<Packet>(50), Create<Packet>(50)};
    for (const auto& packet : packets)
    {
        bearer.Enqueue({packet, Address(), Address(), 0});
        EXPECT_EQ(packet->GetReferenceCount(), 2U);
        auto block = bearer.BuildBlock(0, 0, 100, 100);
        ++block.transmissions;
        bearer.Finish(block, packet == packets[0], 0);
        EXPECT_EQ(packet->GetReferenceCount(), 1U);
    }
    EXPECT_EQ(ends.delivered.size(), 1U);
    EXPECT_EQ(ends.lost.size(), 1U);
}

TEST(CellFreeBearer, KeepsTrackOfEveryByteHoweverItIsSet)
{
    // Any combination of limits, losses, priorities and ARQ, under overload and after it.
    struct Watch
    {
        uint64_t deliveredBytes{0};
        uint64_t droppedBytes{0};
        std::vector<int> last = std::vector<int>(CellFreeBearer::MAX_PRIORITIES, -1);
        bool isInOrder{true};

        void Deliver(const CellFreeBearer::Frame& frame)
        {
            deliveredBytes += frame.packet->GetSize();
            isInOrder = isInOrder && int(frame.protocol) > last[frame.priority];
            last[frame.priority] = frame.protocol;
        }

        void Drop(const CellFreeBearer::Frame& frame, CellFreeBearer::DropReason)
        {
            droppedBytes += frame.packet->GetSize();
        }
    };

    uint32_t nWithArqDrops = 0;
    for (uint32_t configuration = 0; configuration < 400; ++configuration)
    {
        SCOPED_TRACE(configuration);
        std::mt19937 generator(configuration);
        const auto draw = [&generator](uint32_t most) { return generator() % (most + 1); };
        CellFreeBearer::Settings settings;
        settings.maxQueueBytes = 2000 + draw(30000);
        settings.maxTransmissions = 1 + draw(4);
        settings.feedbackSlots = 1 + draw(7);
        settings.segmentHeader = draw(10);
        settings.harqProcesses = draw(1) * (1 + draw(15));
        settings.maxArqRetries = draw(1) * (1 + draw(3));
        const uint32_t nPriorities = 1 + draw(3);
        const uint32_t lossPercent = draw(95);
        const uint32_t blockBytes = 30 + draw(6000);
        Watch watch;
        CellFreeBearer bearer(settings,
                              MakeCallback(&Watch::Deliver, &watch),
                              MakeCallback(&Watch::Drop, &watch));
        uint16_t nPackets = 0;
        const auto check = [&]() {
            const auto& counters = bearer.GetCounters();
            ASSERT_EQ(counters.enqueuedBytes,
                      counters.deliveredBytes + counters.droppedBytes + counters.pendingBytes);
            ASSERT_EQ(counters.deliveredBytes, watch.deliveredBytes);
            ASSERT_EQ(counters.droppedBytes, watch.droppedBytes);
            ASSERT_LE(bearer.GetQueuedBytes(), counters.pendingBytes);
            ASSERT_TRUE(watch.isInOrder);
        };
        const auto serve = [&](uint64_t slot, uint32_t loss) {
            auto block = bearer.GetRetransmission(slot)
                             ? bearer.TakeRetransmission()
                             : bearer.BuildBlock(slot, 0, 100, 1 + draw(blockBytes));
            if (block.nSegments == 0)
            {
                return;
            }
            ++block.transmissions;
            ASSERT_LE(block.transmissions, settings.maxTransmissions);
            bearer.Finish(block, draw(99) >= loss, slot);
        };
        uint64_t slot = 0;
        for (; slot < 400; ++slot)
        {
            for (auto n = draw(3); n > 0; --n)
            {
                CellFreeBearer::Frame frame;
                frame.packet = Create<Packet>(1 + draw(1499));
                frame.protocol = nPackets++;
                frame.priority = draw(nPriorities - 1);
                bearer.Enqueue(frame);
            }
            if (bearer.HasData(slot))
            {
                serve(slot, lossPercent);
            }
            check();
        }
        nWithArqDrops += settings.maxArqRetries > 0 && watch.droppedBytes > 0;
        if (configuration % 2 == 0)
        {
            bearer.DropAll(CellFreeBearer::UE_LEFT);
        }
        for (; bearer.GetCounters().pendingBytes > 0; ++slot)
        {
            serve(slot, 0);
            ASSERT_LT(slot, 100000U) << "something is stuck";
        }
        check();
        EXPECT_EQ(bearer.GetQueuedBytes(), 0U);
    }
    EXPECT_GT(nWithArqDrops, 50U);
}

TEST(CellFreeBearer, ArqLosesNothingThatHarqLoses)
{
    CellFreeBearer::Settings settings{1U << 20, 1, 4, 6, 0, 64};
    Ends ends;
    CellFreeBearer bearer(settings,
                          MakeCallback(&Ends::Deliver, &ends),
                          MakeCallback(&Ends::Drop, &ends));
    for (uint16_t i = 0; i < 200; ++i)
    {
        bearer.Enqueue({Create<Packet>(700), Address(), Address(), i});
    }
    std::mt19937 generator(3);
    for (uint64_t slot = 0; bearer.GetCounters().pendingBytes > 0; ++slot)
    {
        ASSERT_LT(slot, 5000U);
        auto block = bearer.BuildBlock(slot, 0, 100, 1000);
        ++block.transmissions;
        bearer.Finish(block, generator() % 2 == 0, slot);
    }
    EXPECT_EQ(ends.delivered.size(), 200U);
    EXPECT_TRUE(std::is_sorted(ends.delivered.begin(), ends.delivered.end()));
}

TEST(CellFreeBearer, FirstPriorityGoesFirst)
{
    CellFreeBearer::Settings settings{1U << 20, 1, 1, 0};
    Ends ends;
    CellFreeBearer bearer(settings,
                          MakeCallback(&Ends::Deliver, &ends),
                          MakeCallback(&Ends::Drop, &ends));
    for (uint16_t i = 0; i < 6; ++i)
    {
        CellFreeBearer::Frame frame;
        frame.packet = Create<Packet>(100);
        frame.protocol = i;
        frame.priority = i < 3 ? 2 : 1;
        bearer.Enqueue(frame);
    }
    EXPECT_EQ(bearer.GetPriority(), 1U);
    for (uint64_t slot = 0; bearer.HasData(slot); ++slot)
    {
        auto block = bearer.BuildBlock(slot, 0, 100, 100);
        ++block.transmissions;
        bearer.Finish(block, true, slot);
    }
    EXPECT_EQ(ends.delivered, (std::vector<uint32_t>{3, 4, 5, 0, 1, 2}));
}

TEST(CellFreeBearer, ProcessesAreFreeWhenTheFeedbackIsThere)
{
    CellFreeBearer::Settings settings{1U << 20, 4, 4, 0, 2};
    Ends ends;
    CellFreeBearer bearer(settings,
                          MakeCallback(&Ends::Deliver, &ends),
                          MakeCallback(&Ends::Drop, &ends));
    bearer.Enqueue({Create<Packet>(10000), Address(), Address(), 0});
    std::vector<uint64_t> slots;
    for (uint64_t slot = 0; slot < 12; ++slot)
    {
        if (bearer.HasData(slot))
        {
            auto block = bearer.BuildBlock(slot, 0, 100, 100);
            ++block.transmissions;
            bearer.Finish(block, true, slot);
            slots.push_back(slot);
        }
    }
    EXPECT_EQ(slots, (std::vector<uint64_t>{0, 1, 4, 5, 8, 9}));
}
