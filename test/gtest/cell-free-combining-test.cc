// SPDX-License-Identifier: GPL-2.0-only

#include "../cell-free-test-scenario.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-clustering.h"
#include "ns3/cell-free-combining.h"
#include "ns3/cell-free-fronthaul.h"
#include "ns3/double.h"
#include "ns3/isac-link-budget.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <cmath>
#include <gtest/gtest.h>
#include <map>

using namespace ns3;

namespace
{

/// A fronthaul over which nothing of one AP comes in.
class OneApSilent : public CellFreeFronthaul
{
  public:
    /// @return the object TypeId
    static TypeId GetTypeId()
    {
        static TypeId tid = TypeId("ns3::CellFreeTestOneApSilent")
                                .SetParent<CellFreeFronthaul>()
                                .SetGroupName("CellFreeIsacTest")
                                .AddConstructor<OneApSilent>();
        return tid;
    }

    uint32_t Transfer(CellFreeSlotPlan& /* plan */) override
    {
        return 0;
    }

    void Collect(CellFreeSlotPlan& plan) override
    {
        plan.serving.setConstant(plan.aps.size(), plan.ues.size(), true);
        plan.serving.row(0).setConstant(false);
    }
};

NS_OBJECT_ENSURE_REGISTERED(OneApSilent);

/// Uplink traffic of every UE, and what became of it.
struct UplinkRun
{
    /**
     * Runs for 0.25 s, with traffic until 0.2 s.
     * @param configure called with the helper before it installs
     * @param interval time between packets of 1000 bytes of a UE
     */
    explicit UplinkRun(const std::function<void(CellFreeIsacHelper&)>& configure,
                       Time interval = MicroSeconds(400))
    {
        RngSeedManager::SetSeed(1);
        RngSeedManager::SetRun(1);
        CellFreeTestScenario::Options options;
        options.hasInternet = false;
        options.nUes = 4;
        options.nTargets = 0;
        options.configure = [&configure](CellFreeIsacHelper& helper) {
            helper.SetLinkAttribute("MaxUplinkStreams", UintegerValue(4));
            configure(helper);
        };
        CellFreeTestScenario scenario(options);
        scenario.cpu->TraceConnectWithoutContext("Outcome",
                                                 MakeCallback(&UplinkRun::OnOutcome, this));
        const auto gateway = scenario.all.Get(0);
        gateway->SetReceiveCallback(MakeCallback(&UplinkRun::OnPacket, this));
        for (uint32_t u = 0; u < 4; ++u)
        {
            const auto device = scenario.GetUeDevice(u);
            for (Time time = MilliSeconds(1); time < MilliSeconds(200); time += interval)
            {
                Simulator::Schedule(time, [device, gateway, time, this]() {
                    auto packet = Create<Packet>(1000);
                    m_sentAt[packet->GetUid()] = time;
                    device->Send(packet, gateway->GetAddress(), 0x1234);
                });
            }
        }
        CellFreeTestScenario::Run(MilliSeconds(250));
        for (uint32_t u = 0; u < 4; ++u)
        {
            const auto& counters = scenario.mac->GetCounters(u, true);
            EXPECT_EQ(counters.enqueuedBytes,
                      counters.deliveredBytes + counters.droppedBytes + counters.pendingBytes);
            leastDelivered = std::min(leastDelivered, counters.deliveredBytes);
            pending += counters.pendingBytes;
            channelGain.push_back(
                scenario.channel->GetMeanGain(0, u) + scenario.channel->GetMeanGain(1, u) +
                scenario.channel->GetMeanGain(2, u) + scenario.channel->GetMeanGain(3, u));
        }
    }

    /// Takes a packet at the CPU.
    bool OnPacket(Ptr<NetDevice> /* device */,
                  Ptr<const Packet> packet,
                  uint16_t /* protocol */,
                  const Address& /* from */)
    {
        delay += (Simulator::Now() - m_sentAt.at(packet->GetUid())).GetSeconds();
        ++nPackets;
        return true;
    }

    /// Keeps the SINRs of an uplink slot.
    void OnOutcome(const CellFreeSlotPlan& plan, const CellFreeSlotOutcome& outcome)
    {
        if (!plan.isUplink)
        {
            return;
        }
        for (std::size_t i = 0; i < plan.ues.size(); ++i)
        {
            rate += std::log2(1.0 + outcome.sinr(0, i));
            ++nStreams;
            lastPower[plan.ues[i]] = plan.txPower(i);
            believedRatio += plan.bandSinr(0, i) / outcome.sinr(0, i);
            silent = std::max(silent, plan.beams[0].Ap(0).cwiseAbs().maxCoeff());
        }
    }

    double rate{0.0};                     //!< sum over streams (bit/s/Hz)
    double believedRatio{0.0};            //!< sum over streams of believed over met SINR
    double delay{0.0};                    //!< sum over packets (s)
    double silent{0.0};                   //!< largest entry of the vectors at AP 0
    uint64_t nStreams{0};                 //!< streams
    uint64_t nPackets{0};                 //!< packets that came through
    uint64_t pending{0};                  //!< bytes left
    uint64_t leastDelivered{UINT64_MAX};  //!< bytes of the UE that was served least
    std::map<uint32_t, double> lastPower; //!< by UE (W)
    std::vector<double> channelGain;      //!< by UE, sum over APs at the end

  private:
    std::map<uint64_t, Time> m_sentAt; //!< by packet
};

/// Chooses a combining. @param type its TypeId
std::function<void(CellFreeIsacHelper&)>
Combine(const std::string& type)
{
    return [type](CellFreeIsacHelper& helper) { helper.SetCombining(type); };
}

} // namespace

TEST(CellFreeCombining, BetterReceiversMeetHigherSinr)
{
    const UplinkRun ratio(Combine("ns3::CellFreeMaximumRatio"));
    const UplinkRun plain([](CellFreeIsacHelper& helper) {
        helper.SetCombining("ns3::CellFreeLocalMmse", "Lsfd", BooleanValue(false));
    });
    const UplinkRun local(Combine("ns3::CellFreeLocalMmse"));
    const UplinkRun partial(Combine("ns3::CellFreePartialMmse"));
    EXPECT_GT(partial.rate / partial.nStreams, 1.02 * local.rate / local.nStreams);
    EXPECT_GT(local.rate / local.nStreams, 1.02 * ratio.rate / ratio.nStreams);
    EXPECT_GT(plain.rate / plain.nStreams, ratio.rate / ratio.nStreams);
    // With perfect knowledge, what is believed is what is met, whatever the vectors are.
    for (const auto* run : {&ratio, &plain, &local, &partial})
    {
        EXPECT_NEAR(run->believedRatio / run->nStreams, 1.0, 1e-12);
    }
    EXPECT_EQ(partial.pending, 0u);
    EXPECT_EQ(partial.nPackets, 4u * 498u);
}

TEST(CellFreeCombining, AnApWhoseSignalsDoNotComeInIsNotCombined)
{
    for (const std::string type :
         {"ns3::CellFreeMaximumRatio", "ns3::CellFreeLocalMmse", "ns3::CellFreePartialMmse"})
    {
        const UplinkRun all(Combine(type));
        const UplinkRun less([&type](CellFreeIsacHelper& helper) {
            helper.SetCombining(type);
            helper.SetFronthaul("ns3::CellFreeTestOneApSilent");
        });
        EXPECT_GT(all.silent, 0.0) << type;
        EXPECT_EQ(less.silent, 0.0) << type;
        EXPECT_LT(less.rate / less.nStreams, all.rate / all.nStreams) << type;
    }
}

TEST(CellFreeUplinkGrants, DelaysShowInPacketsAndNothingIsLost)
{
    const auto run = [](uint32_t status, uint32_t grant) {
        return UplinkRun(
            [status, grant](CellFreeIsacHelper& helper) {
                helper.SetCpuAttribute("BufferStatusDelay", UintegerValue(status));
                helper.SetCpuAttribute("GrantDelay", UintegerValue(grant));
                helper.SetCombining("ns3::CellFreePartialMmse");
            },
            MilliSeconds(14));
    };
    // Few packets: each waits for a request, a first grant, a report and the rest of the grants.
    std::vector<double> delays;
    for (const auto& [status, grant] :
         std::vector<std::pair<uint32_t, uint32_t>>{{0, 0}, {0, 4}, {4, 0}, {4, 4}, {9, 7}})
    {
        const auto result = run(status, grant);
        EXPECT_EQ(result.pending, 0u) << status << ' ' << grant;
        EXPECT_EQ(result.nPackets, 4u * 15u);
        delays.push_back(result.delay / result.nPackets);
    }
    // A grant 4 slots (2 ms) ahead costs them once; a request and a report cost each at least one
    // delay more.
    EXPECT_NEAR(delays[1] - delays[0], 2e-3, 0.3e-3);
    EXPECT_GT(delays[2] - delays[0], 3e-3);
    EXPECT_GT(delays[3], delays[2] + 3e-3);
    EXPECT_GT(delays[4], delays[3] + 3e-3);
}

TEST(CellFreeUplinkGrants, OverloadWithFailuresIsConserved)
{
    for (const uint32_t delay : {0u, 3u, 8u})
    {
        const UplinkRun run(
            [delay](CellFreeIsacHelper& helper) {
                helper.SetCpuAttribute("BufferStatusDelay", UintegerValue(delay));
                helper.SetCpuAttribute("GrantDelay", UintegerValue(delay));
                helper.SetCombining("ns3::CellFreePartialMmse");
                helper.SetUeAttribute("TxPower", DoubleValue(0.0));
                // Blocks fail where the MCS is too bold.
                helper.SetLinkAdaptation("ns3::CellFreeOuterLoopAdaptation",
                                         "TargetBler",
                                         DoubleValue(0.4));
            },
            MicroSeconds(150));
        EXPECT_GT(run.leastDelivered, 0u) << delay;
        EXPECT_GT(run.pending, 0u) << "overload";
    }
}

TEST(CellFreePowerControl, NearUesSendWithLess)
{
    const UplinkRun full([](CellFreeIsacHelper& /* helper */) {});
    const UplinkRun controlled([](CellFreeIsacHelper& helper) {
        helper.SetUeAttribute("PowerControl", BooleanValue(true));
        helper.SetUeAttribute("NominalPower", DoubleValue(-95.0));
        helper.SetUeAttribute("PathLossCompensation", DoubleValue(0.9));
    });
    for (uint32_t u = 0; u < 4; ++u)
    {
        EXPECT_NEAR(full.lastPower.at(u), std::pow(10.0, -0.7), 1e-12);
        // P0 + 10 log10(2^mu M) + alpha PL in dBm: 51 blocks of 30 kHz subcarriers.
        const double dbm =
            -95.0 + 10 * std::log10(2 * 51.0) - 0.9 * 10 * std::log10(controlled.channelGain[u]);
        EXPECT_NEAR(10 * std::log10(controlled.lastPower.at(u)) + 30.0, std::min(dbm, 23.0), 1e-9);
        EXPECT_LT(controlled.lastPower.at(u), full.lastPower.at(u));
        for (uint32_t w = 0; w < u; ++w)
        {
            EXPECT_EQ(controlled.channelGain[u] > controlled.channelGain[w],
                      controlled.lastPower.at(u) < controlled.lastPower.at(w));
        }
    }
}

TEST(CellFreePowerControl, TheFormulaAndItsLimits)
{
    // -80 dBm + 10 log10(2 * 50) + 0.8 * 100 dB = 20 dBm.
    EXPECT_NEAR(cellfree::GetOpenLoopPower(1.0, -80, 0.8, 1e-10, 50, 30e3), 0.1, 1e-12);
    EXPECT_EQ(cellfree::GetOpenLoopPower(0.05, -80, 0.8, 1e-10, 50, 30e3), 0.05);
    EXPECT_EQ(cellfree::GetOpenLoopPower(0.2, -80, 0.8, 0.0, 50, 30e3), 0.2);
    EXPECT_NEAR(cellfree::GetOpenLoopPower(0.2, -80, 0.0, 0.0, 50, 15e3), 5e-10, 1e-20);
}
