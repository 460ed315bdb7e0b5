// SPDX-License-Identifier: GPL-2.0-only

/**
 * @file
 * Schedulers on a server that is simple enough to know what they must do: one slot carries
 * the chosen UEs' Shannon rates, whatever the others do.
 */

#include "isac-test-problems.h"

#include "ns3/cell-free-proportional-fair-scheduler.h"
#include "ns3/cell-free-run-statistics.h"
#include "ns3/cell-free-scheduler-catalogue.h"
#include "ns3/double.h"
#include "ns3/object-factory.h"
#include "ns3/simulator.h"
#include "ns3/string.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <gtest/gtest.h>
#include <numeric>

using namespace ns3;

namespace
{

constexpr double SLOT = 0.5e-3; //!< s

/// A scheduler by its short name.
Ptr<CellFreeScheduler>
Make(const std::string& name)
{
    std::string error;
    ObjectFactory factory(GetSchedulerTypeName(name, error));
    EXPECT_EQ(error, "");
    return factory.Create<CellFreeScheduler>();
}

/// What a run of full queues gave.
struct Outcome
{
    std::vector<double> bytes;  //!< by UE
    std::vector<int> slots;     //!< in which it was served, by UE
    std::vector<int> worstWait; //!< slots from one service to the next, at most, by UE

    double GetSum() const
    {
        return std::accumulate(bytes.begin(), bytes.end(), 0.0);
    }

    double GetLogMean() const
    {
        double sum = 0.0;
        for (double b : bytes)
        {
            sum += std::log(std::max(b, 1.0));
        }
        return sum / bytes.size();
    }
};

/**
 * Serves full queues.
 * @param scheduler the scheduler
 * @param meanSnr by UE
 * @param seed of the fading; 0 for none
 * @param nStreams UEs per slot
 * @param nSlots slots
 */
Outcome
Serve(Ptr<CellFreeScheduler> scheduler,
      const std::vector<double>& meanSnr,
      unsigned seed,
      uint32_t nStreams,
      int nSlots)
{
    const auto n = meanSnr.size();
    Outcome outcome{std::vector<double>(n), std::vector<int>(n), std::vector<int>(n)};
    std::vector<int> last(n, 0);
    IsacTestProblems draws(seed);
    for (int slot = 0; slot < nSlots; ++slot)
    {
        Simulator::Schedule(Seconds(slot * SLOT), [&, slot]() {
            std::vector<CellFreeScheduler::Candidate> candidates(n);
            for (uint32_t u = 0; u < n; ++u)
            {
                candidates[u].ue = u;
                candidates[u].queuedBytes = 100000;
                candidates[u].snr = meanSnr[u] * (seed ? std::norm(draws.Gaussian()) : 1.0);
                candidates[u].rate = std::log2(1.0 + candidates[u].snr);
            }
            std::vector<uint32_t> chosen;
            scheduler->Select(candidates, nStreams, chosen);
            EXPECT_EQ(chosen.size(), std::min<std::size_t>(n, nStreams));
            EXPECT_TRUE(std::is_sorted(chosen.begin(), chosen.end()));
            for (uint32_t u : chosen)
            {
                const auto bytes = uint32_t(candidates[u].rate * 1250.0);
                scheduler->NotifyServed(u, bytes, true);
                outcome.bytes[u] += bytes;
                ++outcome.slots[u];
                outcome.worstWait[u] = std::max(outcome.worstWait[u], slot - last[u]);
                last[u] = slot;
            }
        });
    }
    Simulator::Run();
    Simulator::Destroy();
    for (std::size_t u = 0; u < n; ++u)
    {
        outcome.worstWait[u] = std::max(outcome.worstWait[u], nSlots - last[u]);
    }
    return outcome;
}

/// Largest delay of packets of UEs that send one every period (s), over a server of one UE a slot.
double
FindWorstLateness(Ptr<CellFreeScheduler> scheduler,
                  const std::vector<double>& periods,
                  const std::vector<uint32_t>& priorities,
                  const std::vector<double>& budgets)
{
    const auto n = periods.size();
    std::vector<std::deque<double>> queues(n); // arrival times
    std::vector<double> next(n, 0.0);
    double worst = -1.0;
    for (int slot = 0; slot < 8000; ++slot)
    {
        const double now = slot * SLOT;
        std::vector<CellFreeScheduler::Candidate> candidates;
        for (uint32_t u = 0; u < n; ++u)
        {
            for (; next[u] <= now + 1e-9; next[u] += periods[u])
            {
                queues[u].push_back(next[u]);
            }
            if (!queues[u].empty())
            {
                candidates.emplace_back();
                candidates.back().ue = u;
                candidates.back().rate = 1.0 + u;
                candidates.back().headOfLineDelay = Seconds(now - queues[u].front());
                candidates.back().priority = priorities[u];
            }
        }
        std::vector<uint32_t> chosen;
        scheduler->Select(candidates, 1, chosen);
        for (uint32_t u : chosen)
        {
            worst = std::max(worst, now + SLOT - queues[u].front() - budgets[u]);
            queues[u].pop_front();
        }
    }
    for (std::size_t u = 0; u < n; ++u)
    {
        worst = queues[u].empty() ? worst : std::max(worst, 4.0 - queues[u].front() - budgets[u]);
    }
    return worst;
}

} // namespace

TEST(CellFreeSchedulers, RoundRobinServesInTurn)
{
    auto scheduler = Make("rr");
    std::vector<CellFreeScheduler::Candidate> candidates(5);
    for (uint32_t i = 0; i < 5; ++i)
    {
        candidates[i].ue = 2 * i;
    }
    std::vector<uint32_t> chosen;
    const std::vector<std::vector<uint32_t>> turns{{0, 2}, {4, 6}, {0, 8}, {2, 4}};
    for (const auto& turn : turns)
    {
        scheduler->Select(candidates, 2, chosen);
        EXPECT_EQ(chosen, turn);
    }
    // The turn is kept where there is nobody, or no room.
    scheduler->Select({}, 2, chosen);
    EXPECT_TRUE(chosen.empty());
    scheduler->Select(candidates, 0, chosen);
    EXPECT_TRUE(chosen.empty());
    scheduler->Select(candidates, 100, chosen);
    EXPECT_EQ(chosen.size(), 5U);
    scheduler->Select(candidates, 1, chosen);
    EXPECT_EQ(chosen, (std::vector<uint32_t>{6}));
}

TEST(CellFreeSchedulers, WhomRoundRobinLeavesOutIsNext)
{
    auto scheduler = Make("rr");
    scheduler->SetAttribute("SemiOrthogonality", DoubleValue(0.5));
    EXPECT_TRUE(scheduler->NeedsChannels());
    // All UEs alike but the last: each is served alone, or with the last.
    std::vector<IsacProblem> bands(1);
    bands[0].Resize(1, 4, 0, 2);
    bands[0].h.setOnes();
    bands[0].h(1, 3) = -1.0;
    std::vector<CellFreeScheduler::Candidate> candidates(4);
    for (uint32_t i = 0; i < 4; ++i)
    {
        candidates[i].ue = i;
    }
    std::vector<int> slots(4);
    for (int slot = 0; slot < 12; ++slot)
    {
        std::vector<uint32_t> chosen;
        scheduler->SetChannels(bands);
        scheduler->Select(candidates, 4, chosen);
        EXPECT_LE(chosen.size(), 2U);
        for (uint32_t ue : chosen)
        {
            ++slots[ue];
        }
    }
    for (int u = 0; u < 3; ++u)
    {
        EXPECT_GE(slots[u], 3) << "UE " << u << " has a turn in 4 slots";
    }
    EXPECT_GE(slots[3], 9);
}

TEST(CellFreeSchedulers, ProportionalFairIsRoundRobinAtEqualChannels)
{
    const std::vector<double> equal(6, 10.0);
    const auto fair = Serve(Make("pf"), equal, 0, 2, 3000);
    const auto turns = Serve(Make("rr"), equal, 0, 2, 3000);
    for (std::size_t u = 0; u < equal.size(); ++u)
    {
        EXPECT_NEAR(fair.slots[u], turns.slots[u], 1);
    }
    // With fading of one distribution, equal shares of the slots: 5 standard errors.
    const auto fading = Serve(Make("pf"), equal, 3, 2, 12000);
    for (int slots : fading.slots)
    {
        EXPECT_NEAR(slots, 4000, 5 * std::sqrt(12000 * (1.0 / 3) * (2.0 / 3)));
    }
}

TEST(CellFreeSchedulers, OrderOfSumAndGeometricMean)
{
    // 20 drops of 8 UEs with mean SNRs from 0 to 25 dB, two streams, Rayleigh fading.
    std::vector<double> sums[3];
    std::vector<double> means[3];
    const char* names[] = {"pf", "rr", "max-rate"};
    for (unsigned drop = 1; drop <= 20; ++drop)
    {
        IsacTestProblems draws(100 + drop);
        std::vector<double> snr;
        for (int u = 0; u < 8; ++u)
        {
            snr.push_back(std::pow(10.0, draws.Uniform(0.0, 2.5)));
        }
        for (int s = 0; s < 3; ++s)
        {
            const auto outcome = Serve(Make(names[s]), snr, drop, 2, 2000);
            sums[s].push_back(outcome.GetSum());
            means[s].push_back(outcome.GetLogMean());
        }
    }
    const auto isAbove = [](const std::vector<double>& a, const std::vector<double>& b) {
        return cellfree::GetPairedDifference(a, b).low > 0.0;
    };
    EXPECT_TRUE(isAbove(means[0], means[1])) << "log of the geometric mean, pf - rr";
    EXPECT_TRUE(isAbove(means[0], means[2])) << "log of the geometric mean, pf - max-rate";
    EXPECT_TRUE(isAbove(sums[2], sums[0])) << "sum, max-rate - pf";
    EXPECT_TRUE(isAbove(sums[2], sums[1])) << "sum, max-rate - rr";
}

TEST(CellFreeSchedulers, NobodyStarvesInTurnOrInProportion)
{
    const std::vector<double> snr{0.5, 1.0, 10.0, 100.0, 1000.0, 3000.0};
    for (const char* name : {"rr", "pf"})
    {
        const auto outcome = Serve(Make(name), snr, 0, 1, 4000);
        // A time constant of 200 slots: shares of a sixth, and no longer wait than some turns.
        for (std::size_t u = 0; u < snr.size(); ++u)
        {
            EXPECT_LT(outcome.worstWait[u], 60) << name << " UE " << u;
            EXPECT_NEAR(outcome.slots[u], 4000 / 6, 70) << name << " UE " << u;
        }
    }
    const auto greedy = Serve(Make("max-rate"), snr, 0, 1, 1000);
    EXPECT_EQ(greedy.slots[0], 0) << "max-rate does starve";
    EXPECT_EQ(greedy.slots[5], 1000);
}

TEST(CellFreeSchedulers, ProportionalFairAverageDecaysAsItSays)
{
    auto scheduler = DynamicCast<CellFreeProportionalFairScheduler>(Make("pf"));
    EXPECT_EQ(scheduler->GetAverage(7), 0.0);
    Simulator::Schedule(Seconds(1), [&]() {
        scheduler->NotifyServed(7, 1000, true);
        scheduler->NotifyServed(7, 5000, false);
    });
    Simulator::Schedule(Seconds(1.2), [&]() {
        EXPECT_NEAR(scheduler->GetAverage(7), 80000.0 * std::exp(-2.0), 1e-6);
    });
    // A constant rate is its own average: 8 Mb/s in blocks of 1000 bytes each ms.
    for (int i = 0; i < 2000; ++i)
    {
        Simulator::Schedule(Seconds(2) + MilliSeconds(i),
                            [&]() { scheduler->NotifyServed(3, 1000, true); });
    }
    Simulator::Schedule(Seconds(2) + MilliSeconds(1999),
                        [&]() { EXPECT_NEAR(scheduler->GetAverage(3), 8e6, 0.01 * 8e6); });
    Simulator::Run();
    Simulator::Destroy();
}

TEST(CellFreeSchedulers, ProportionalFairLearnsWhatTheRateIsWorth)
{
    // Two UEs of one expected rate, of which interference leaves one a fifth: equal turns.
    auto scheduler = Make("pf");
    std::vector<int> slots(2);
    std::vector<CellFreeScheduler::Candidate> candidates(2);
    candidates[1].ue = 1;
    for (int slot = 0; slot < 2000; ++slot)
    {
        Simulator::Schedule(Seconds(slot * SLOT), [&]() {
            candidates[0].rate = candidates[1].rate = 5.0;
            std::vector<uint32_t> chosen;
            scheduler->Select(candidates, 1, chosen);
            ++slots[chosen[0]];
            scheduler->NotifyServed(chosen[0], chosen[0] == 0 ? 5000 : 1000, true);
        });
    }
    Simulator::Run();
    Simulator::Destroy();
    EXPECT_NEAR(slots[0], 1000, 20);
    // One whose blocks all fail is given up, and tried again a second later.
    slots = {0, 0};
    for (int slot = 0; slot < 8000; ++slot)
    {
        Simulator::Schedule(Seconds(slot * SLOT), [&]() {
            std::vector<uint32_t> chosen;
            scheduler->Select(candidates, 1, chosen);
            ++slots[chosen[0]];
            scheduler->NotifyServed(chosen[0], 5000, chosen[0] == 0);
        });
    }
    Simulator::Run();
    Simulator::Destroy();
    EXPECT_GE(slots[1], 3);
    EXPECT_LT(slots[1], 300);
}

TEST(CellFreeSchedulers, ProportionalFairWeightsAreTheGradientOfLogAverages)
{
    auto scheduler = DynamicCast<CellFreeProportionalFairScheduler>(Make("pf"));
    EXPECT_EQ(scheduler->GetWeight(0), 1.0);
    std::vector<CellFreeScheduler::Candidate> candidates(3);
    for (uint32_t u = 0; u < 3; ++u)
    {
        candidates[u].ue = u;
        candidates[u].rate = 1.0;
        scheduler->NotifyServed(u, 10000 * (1 + u), true);
    }
    std::vector<uint32_t> chosen;
    scheduler->Select(candidates, 3, chosen);
    double sum = 0.0;
    for (uint32_t u = 0; u < 3; ++u)
    {
        sum += scheduler->GetWeight(u);
        EXPECT_NEAR(scheduler->GetWeight(u) * scheduler->GetAverage(u),
                    scheduler->GetWeight(0) * scheduler->GetAverage(0),
                    1e-6);
    }
    EXPECT_NEAR(sum, 3.0, 1e-12);
    scheduler->Select(candidates, 1, chosen);
    EXPECT_EQ(chosen, std::vector<uint32_t>{0});
    EXPECT_EQ(scheduler->GetWeight(0), 1.0) << "alone";
    for (const char* name : {"rr", "max-rate", "deadline"})
    {
        EXPECT_EQ(Make(name)->GetWeight(0), 1.0);
    }
}

TEST(CellFreeSchedulers, DeadlinesAreMetWhereTheyCanBe)
{
    // Seven flows of one packet in 16 slots due within them, and an urgent one, the last in any
    // other order, of one packet in 4 slots due within 2: load 11/16 of one server, so that
    // earliest deadline first is never late (Liu and Layland), but for the rest of a slot.
    std::vector<double> periods(7, 8e-3);
    std::vector<uint32_t> priorities(7, 1);
    periods.push_back(2e-3);
    priorities.push_back(0);
    auto budgets = periods;
    budgets.back() = 1e-3;
    auto deadline = Make("deadline");
    deadline->SetAttribute("PriorityBudgets", StringValue("0:1,3:4.5"));
    deadline->SetAttribute("DelayBudget", TimeValue(MilliSeconds(8)));
    StringValue text;
    deadline->GetAttribute("PriorityBudgets", text);
    EXPECT_EQ(text.Get(), "0:1,3:4.5");
    EXPECT_LE(FindWorstLateness(deadline, periods, priorities, budgets), SLOT);
    EXPECT_GT(FindWorstLateness(Make("rr"), periods, priorities, budgets), SLOT);
    // With one budget for all it is first come, first served, and the urgent flow is late.
    EXPECT_GT(FindWorstLateness(Make("deadline"), periods, priorities, budgets), SLOT);
}

TEST(CellFreeSchedulersDeath, WrongSettingsAreNamed)
{
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    const auto set = [](const char* text) {
        Make("deadline")->SetAttribute("PriorityBudgets", StringValue(text));
    };
    EXPECT_DEATH(set("46"), "PriorityBudgets, '46': expected PRIORITY:MILLISECONDS");
    EXPECT_DEATH(set("64:1"), "PriorityBudgets, '64:1'");
    EXPECT_DEATH(set("46:0"), "PriorityBudgets, '46:0'");
    EXPECT_DEATH(set("46:5,34:x"), "PriorityBudgets, '34:x'");
    EXPECT_DEATH(
        {
            auto scheduler = Make("rr");
            scheduler->SetAttribute("SemiOrthogonality", DoubleValue(0.5));
            std::vector<uint32_t> chosen;
            scheduler->Select({}, 1, chosen);
        },
        "SemiOrthogonality: no channels: expected SetChannels\\(\\) before");
}

TEST(CellFreeSchedulers, NamesLeadToClasses)
{
    std::string error;
    EXPECT_EQ(GetSchedulerNames(), "rr, pf, max-rate, deadline");
    EXPECT_EQ(GetSchedulerTypeName("pf", error), "ns3::CellFreeProportionalFairScheduler");
    EXPECT_EQ(GetSchedulerTypeName("ns3::CellFreeMaxRateScheduler", error),
              "ns3::CellFreeMaxRateScheduler");
    EXPECT_EQ(error, "");
    for (const char* name : {"", "fair", "ns3::CellFreeScheduler", "ns3::CellFreeCpu"})
    {
        EXPECT_EQ(GetSchedulerTypeName(name, error), "");
        EXPECT_NE(error.find("unknown scheduler"), std::string::npos);
    }
}
