// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-cases.h"
#include "cell-free-test-scenario.h"

#include "ns3/cell-free-bearer.h"
#include "ns3/cell-free-mac.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <deque>
#include <random>
#include <vector>

namespace ns3
{

namespace
{

/**
 * @ingroup cellfree-isac-test
 * @brief A bearer with random losses delivers in order, whole packets, and accounts for each byte.
 */
class BearerTestCase : public TestCase
{
  public:
    /**
     * @brief Constructor.
     * @param lossRate probability that a transmission fails
     */
    explicit BearerTestCase(double lossRate)
        : TestCase("Bearer: in order and no byte lost track of, loss rate " +
                   std::to_string(lossRate)),
          m_lossRate(lossRate)
    {
    }

  private:
    void DoRun() override
    {
        CellFreeBearer::Settings settings{20000, 3, 4, 6};
        CellFreeBearer bearer(settings,
                              MakeCallback(&BearerTestCase::Deliver, this),
                              MakeCallback(&BearerTestCase::Drop, this));
        std::mt19937 generator(7);
        std::uniform_real_distribution<double> uniform;
        uint64_t offered = 0;
        for (uint64_t slot = 0; slot < 20000; ++slot)
        {
            const bool isLoaded = slot < 19000;
            while (isLoaded && uniform(generator) < 0.7)
            {
                const uint32_t size = 1 + generator() % 1500;
                CellFreeBearer::Frame frame;
                frame.packet = Create<Packet>(size);
                frame.protocol = 0x0800;
                m_uids.push_back(frame.packet->GetUid());
                offered += size;
                bearer.Enqueue(frame);
            }
            if (bearer.HasData(slot))
            {
                auto block = bearer.GetRetransmission(slot)
                                 ? bearer.TakeRetransmission()
                                 : bearer.BuildBlock(slot, 0, 100, 7 + generator() % 4000);
                ++block.transmissions;
                NS_TEST_ASSERT_MSG_LT_OR_EQ(block.transmissions, 3, "transmission limit");
                bearer.Finish(std::move(block), uniform(generator) >= m_lossRate, slot);
            }
            const auto& counters = bearer.GetCounters();
            NS_TEST_ASSERT_MSG_EQ(counters.enqueuedBytes, offered, "offered bytes");
            NS_TEST_ASSERT_MSG_EQ(counters.enqueuedBytes,
                                  counters.deliveredBytes + counters.droppedBytes +
                                      counters.pendingBytes,
                                  "conservation");
            NS_TEST_ASSERT_MSG_LT_OR_EQ(bearer.GetQueuedBytes(), 20000, "queue limit");
        }
        const auto& counters = bearer.GetCounters();
        NS_TEST_ASSERT_MSG_EQ(counters.pendingBytes, 0, "the drained bearer is empty");
        NS_TEST_ASSERT_MSG_EQ(counters.deliveredBytes, m_deliveredBytes, "bytes handed up");
        NS_TEST_ASSERT_MSG_EQ(counters.droppedBytes, m_droppedBytes, "bytes reported dropped");
        NS_TEST_ASSERT_MSG_GT(m_deliveredBytes, 0, "something came through");
        NS_TEST_ASSERT_MSG_EQ((m_nAirDrops > 0), (m_lossRate > 0), "drops after retransmissions");
    }

    /// Checks the order. @param frame the packet
    void Deliver(const CellFreeBearer::Frame& frame)
    {
        m_deliveredBytes += frame.packet->GetSize();
        while (!m_uids.empty() && m_uids.front() != frame.packet->GetUid())
        {
            m_uids.pop_front();
        }
        NS_TEST_ASSERT_MSG_EQ(m_uids.empty(), false, "delivered twice or out of order");
        m_uids.pop_front();
    }

    /// Counts a drop. @param frame the packet @param reason why
    void Drop(const CellFreeBearer::Frame& frame, CellFreeBearer::DropReason reason)
    {
        m_droppedBytes += frame.packet->GetSize();
        m_nAirDrops += reason == CellFreeBearer::TRANSMISSION_LIMIT;
    }

    double m_lossRate;            //!< probability that a transmission fails
    std::deque<uint64_t> m_uids;  //!< packets offered and not yet seen again
    uint64_t m_deliveredBytes{0}; //!< bytes handed up
    uint64_t m_droppedBytes{0};   //!< bytes reported dropped
    uint32_t m_nAirDrops{0};      //!< packets lost after the last transmission
};

/**
 * @ingroup cellfree-isac-test
 * @brief Half of all blocks fail, whatever their SINR.
 */
class CoinErrorModel : public CellFreeErrorModel
{
  public:
    double GetBler(int /* mcs */, double /* sinr */, uint32_t /* nSymbols */) const override
    {
        return 0.5;
    }
};

/**
 * @ingroup cellfree-isac-test
 * @brief What becomes of a UE's blocks does not depend on how many others send.
 */
class BlockErrorTestCase : public TestCase
{
  public:
    BlockErrorTestCase()
        : TestCase("A UE's decoded blocks are the same however many blocks others send")
    {
    }

  private:
    /**
     * @brief Sends blocks to and from two UEs.
     * @param others blocks of the second UE for each of the first
     * @param isUplinkUsed whether the first UE's uplink sends, too
     * @return which of the first UE's downlink blocks were decoded
     */
    static std::vector<bool> Decode(uint32_t others, bool isUplinkUsed)
    {
        auto mac = CreateObject<CellFreeMac>();
        mac->SetAttribute("MaxTransmissions", UintegerValue(1));
        mac->SetAttribute("MaxQueueBytes", UintegerValue(10000000));
        NodeContainer nodes(3);
        auto cpu = CreateObject<CellFreeCpuNetDevice>();
        nodes.Get(0)->AddDevice(cpu);
        mac->SetCpuDevice(cpu);
        std::vector<Ptr<CellFreeUeNetDevice>> ues;
        for (uint32_t u = 0; u < 2; ++u)
        {
            ues.push_back(CreateObject<CellFreeUeNetDevice>());
            nodes.Get(u + 1)->AddDevice(ues[u]);
            mac->AddUe(u, ues[u]);
        }
        mac->AssignStreams(7);
        CoinErrorModel errors;
        std::vector<bool> decoded;
        const auto send = [&](uint32_t ue, bool isUplink, uint64_t slot) {
            const Address destination = isUplink ? cpu->GetAddress() : ues[ue]->GetAddress();
            const CellFreeBearer::Frame frame{Create<Packet>(90), Address(), destination, 0x800};
            isUplink ? mac->SendUplink(ue, frame) : mac->SendDownlink(frame);
            return mac->Transmit(ue, isUplink, slot, 5, 700, Eigen::VectorXd::Ones(1), errors)
                .isDecoded;
        };
        for (uint64_t slot = 0; slot < 200; ++slot)
        {
            for (uint32_t i = 0; i < others; ++i)
            {
                send(1, i % 2 == 1, slot);
            }
            if (isUplinkUsed)
            {
                send(0, true, slot);
            }
            decoded.push_back(send(0, false, slot));
            mac->FinishSlot(slot);
        }
        mac->Dispose();
        Simulator::Destroy(); // so that node ids start at 0 again
        return decoded;
    }

    void DoRun() override
    {
        const auto alone = Decode(0, false);
        const auto n = std::count(alone.begin(), alone.end(), true);
        NS_TEST_ASSERT_MSG_GT(n, 50, "both outcomes occur");
        NS_TEST_ASSERT_MSG_LT(n, 150, "both outcomes occur");
        NS_TEST_ASSERT_MSG_EQ((Decode(1, false) == alone), true, "one block of another UE each");
        NS_TEST_ASSERT_MSG_EQ((Decode(3, true) == alone), true, "more, and the own uplink");
    }
};

} // namespace

void
AddBearerTests(CellFreeTestSuite& suite)
{
    suite.AddTestCase(new BearerTestCase(0.0));
    suite.AddTestCase(new BearerTestCase(0.3));
    suite.AddTestCase(new BlockErrorTestCase);
}

} // namespace ns3
