// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-cases.h"
#include "cell-free-test-scenario.h"

#include "ns3/cell-free-full-buffer-traffic.h"
#include "ns3/double.h"
#include "ns3/inet-socket-address.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

namespace
{

/**
 * @ingroup cellfree-isac-test
 * @brief A target flies 80 m away and comes back. The closed loop of the sensing weight holds the
 * mean Pd at 0.9, and costs less rate than the fixed weight with the same mean Pd.
 *
 * Pd is the detector's, not a count of detections, and all flights meet the same channels: what is
 * compared has no noise but the loop's own.
 */
class ClosedLoopTestCase : public TestCase
{
  public:
    /**
     * @brief Constructor.
     * @param policy name of the policy
     */
    explicit ClosedLoopTestCase(const std::string& policy)
        : TestCase("Closed loop of the sensing weight with " + policy),
          m_policy(policy)
    {
    }

  private:
    static constexpr double TARGET = 0.9; //!< Pd to hold

    /// What a flight gave.
    struct Flight
    {
        double pd{0.0};        //!< mean Pd over the dwells
        double rate{0.0};      //!< mean sum of log2(1 + SINR) over the downlink slots
        double nearPd{0.0};    //!< mean Pd in the first and last quarter
        double farPd{0.0};     //!< and between them
        double minWeight{1e9}; //!< least weight of a dwell
        double maxWeight{0.0}; //!< largest
        uint32_t nDwells{0};   //!< dwells
        uint32_t nNear{0};     //!< of them in the first and last quarter
        uint64_t lastSlot{0};  //!< of those with a downlink stream
        uint32_t nSlots{0};    //!< slots with a downlink stream
    };

    /// Adds a dwell to a flight. @param flight the flight @param dwell the dwell
    static void OnDwell(Flight* flight, const CellFreeDwell& dwell)
    {
        flight->pd += dwell.pd;
        ++flight->nDwells;
        if (dwell.end < GetDuration() / 4 || dwell.end > 3 * GetDuration() / 4)
        {
            flight->nearPd += dwell.pd;
            ++flight->nNear;
        }
        flight->minWeight = std::min(flight->minWeight, dwell.sensingWeight);
        flight->maxWeight = std::max(flight->maxWeight, dwell.sensingWeight);
    }

    /// Adds a stream to a flight. @param flight the flight @param sample the stream
    static void OnSample(Flight* flight, const CellFreeUeSample& sample)
    {
        if (sample.isUplink)
        {
            return;
        }
        flight->rate += std::log2(1.0 + sample.sinr);
        if (flight->nSlots == 0 || sample.slot != flight->lastSlot)
        {
            flight->lastSlot = sample.slot;
            ++flight->nSlots;
        }
    }

    /// Moves a target on, and calls itself again. @param mobility of the target
    static void Move(Ptr<MobilityModel> mobility)
    {
        const double step = Simulator::Now() < GetDuration() / 2 ? 1.0 : -1.0;
        mobility->SetPosition(mobility->GetPosition() + Vector(0, step, 0));
        Simulator::Schedule(MilliSeconds(50), &ClosedLoopTestCase::Move, mobility);
    }

    /// @return how long a flight takes
    static Time GetDuration()
    {
        return Seconds(8);
    }

    /**
     * @brief Flies.
     * @param weight fixed weight, or the one that the loop begins with
     * @param isClosed whether the loop is closed
     * @return what the flight gave
     */
    Flight Fly(double weight, bool isClosed) const
    {
        CellFreeTestScenario::Options options;
        options.policy = m_policy;
        options.nUes = 3;
        options.hasQueueDiscs = false;
        options.configure = [&](CellFreeIsacHelper& helper) {
            // Slots that are long and narrow, for a short test.
            helper.SetFrameAttribute("SlotDuration", TimeValue(MilliSeconds(1)));
            helper.SetFrameAttribute("ResourceBlocks", UintegerValue(6));
            helper.SetSensingAttribute("CoherentSymbols", UintegerValue(SYMBOLS));
            helper.SetCpuAttribute("SensingWeight", DoubleValue(weight));
            if (isClosed)
            {
                helper.SetSensingAttribute("WeightControl",
                                           StringValue("ns3::CellFreeClosedLoopWeight"));
            }
        };
        CellFreeTestScenario scenario(options);
        Move(scenario.targets.Get(0)->GetObject<MobilityModel>());
        for (uint32_t u = 0; u < options.nUes; ++u)
        {
            auto source = CreateObject<CellFreeFullBufferTraffic>();
            source->SetAttribute("Device", PointerValue(scenario.GetUeDevice(u)));
            source->SetAttribute(
                "Remote",
                AddressValue(InetSocketAddress(scenario.addresses.GetAddress(u + 1), 4000)));
            scenario.node->AddApplication(source);
        }
        Flight flight;
        scenario.cpu->GetSensing()->TraceConnectWithoutContext(
            "Dwell",
            MakeBoundCallback(&ClosedLoopTestCase::OnDwell, &flight));
        scenario.cpu->TraceConnectWithoutContext(
            "UeSample",
            MakeBoundCallback(&ClosedLoopTestCase::OnSample, &flight));
        scenario.Run(GetDuration());
        flight.farPd = (flight.pd - flight.nearPd) / (flight.nDwells - flight.nNear);
        flight.nearPd /= flight.nNear;
        flight.pd /= flight.nDwells;
        flight.rate /= flight.nSlots;
        return flight;
    }

    void DoRun() override
    {
        const auto loop = Fly(1.0, true);
        NS_TEST_ASSERT_MSG_EQ(loop.nDwells, 799, "a dwell every 10 ms");
        NS_TEST_ASSERT_MSG_EQ_TOL(loop.pd, TARGET, 0.03, "mean Pd");
        // The loop has work to do.
        NS_TEST_ASSERT_MSG_GT(loop.maxWeight, 10.0 * loop.minWeight, "range of the weight");
        NS_TEST_ASSERT_MSG_GT(loop.nearPd, loop.farPd, "near, then far");
        // The smallest fixed weight that reaches the same mean Pd, by bisection of its logarithm.
        double low = std::log(LOW);
        double high = std::log(HIGH);
        Flight fixed;
        for (int i = 0; i < 3; ++i)
        {
            const double middle = (low + high) / 2;
            const auto flight = Fly(std::exp(middle), false);
            (flight.pd < loop.pd ? low : high) = middle;
            if (flight.pd >= loop.pd)
            {
                fixed = flight;
            }
        }
        NS_TEST_ASSERT_MSG_EQ_TOL(fixed.pd, loop.pd, 0.02, "Pd of the fixed weight");
        NS_TEST_ASSERT_MSG_GT(fixed.nearPd - fixed.farPd,
                              loop.nearPd - loop.farPd,
                              "a fixed weight follows the distance more");
        // No tolerance: the loop is cheaper.
        NS_TEST_ASSERT_MSG_GT(loop.rate, fixed.rate, "rate of the loop");
    }

    static constexpr uint32_t SYMBOLS = 250; //!< that a dwell integrates
    static constexpr double LOW = 0.25;      //!< least fixed weight that is tried
    static constexpr double HIGH = 2.0;      //!< largest

    std::string m_policy; //!< the policy
};

} // namespace

void
AddClosedLoopTests(CellFreeTestSuite& suite)
{
    suite.AddTestCase(new ClosedLoopTestCase("gnn"));
}

} // namespace ns3
