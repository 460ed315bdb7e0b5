// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-cases.h"
#include "cell-free-test-scenario.h"

#include "ns3/cell-free-error-model.h"
#include "ns3/cell-free-frame.h"
#include "ns3/cell-free-link-adaptation.h"
#include "ns3/double.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <utility>

namespace ns3
{

namespace
{

/**
 * @ingroup cellfree-isac-test
 * @brief Block error rates against the formula written out, and their consequences.
 */
class ErrorModelTestCase : public TestCase
{
  public:
    ErrorModelTestCase()
        : TestCase("Block error rates follow the normal approximation and order the MCS")
    {
    }

  private:
    void DoRun() override
    {
        auto model = CreateObject<CellFreeFiniteLengthErrorModel>();
        model->SetAttribute("McsGaps", StringValue("none"));
        model->SetAttribute("BlockSizes", StringValue("Unquantised"));
        NS_TEST_ASSERT_MSG_EQ_TOL(cellfree::GetMcsEfficiency(CELL_FREE_MCS_256QAM, 0),
                                  0.2344,
                                  5e-5,
                                  "MCS 0");
        NS_TEST_ASSERT_MSG_EQ_TOL(cellfree::GetMcsEfficiency(CELL_FREE_MCS_256QAM, 27),
                                  7.4063,
                                  5e-5,
                                  "MCS 27");
        NS_TEST_ASSERT_MSG_EQ_TOL(cellfree::GetMcsEfficiency(CELL_FREE_MCS_256QAM, 20),
                                  5.3320,
                                  5e-5,
                                  "MCS 20");

        // One code block: n = 1000 symbols of MCS 5 (1.4766 bit) at SINR 2 (3.01 dB).
        const double k = 1000 * 4 * 378 / 1024.0;
        const double v = (1 - 1.0 / 9) / std::pow(std::log(2.0), 2);
        const double x =
            (1000 * std::log2(3.0) - k + 0.5 * std::log2(1000.0)) / std::sqrt(1000 * v);
        NS_TEST_ASSERT_MSG_EQ_TOL(model->GetBler(5, 2.0, 1000),
                                  0.5 * std::erfc(x / std::sqrt(2.0)),
                                  1e-12,
                                  "one code block");
        // Six code blocks of 7344 / 6 symbols: 7344 * 6.5703 bit / 8424 = 5.73.
        const double n6 = 7344 / 6.0;
        const double g = std::pow(10.0, 2.0);
        const double v6 = (1 - 1 / std::pow(1 + g, 2)) / std::pow(std::log(2.0), 2);
        const double x6 = (n6 * std::log2(1 + g) - n6 * 8 * 841 / 1024.0 + 0.5 * std::log2(n6)) /
                          std::sqrt(n6 * v6);
        NS_TEST_ASSERT_MSG_EQ_TOL(model->GetBler(24, g, 7344),
                                  1 - std::pow(1 - 0.5 * std::erfc(x6 / std::sqrt(2.0)), 6),
                                  1e-12,
                                  "six code blocks");

        model->SetAttribute("ImplementationGap", DoubleValue(2.0));
        int previous = -1;
        for (double decibels = -15; decibels <= 40; decibels += 0.25)
        {
            const double sinr = std::pow(10.0, decibels / 10);
            const int mcs = model->SelectMcs(sinr, 7344, 0.1);
            NS_TEST_ASSERT_MSG_GT_OR_EQ(mcs, previous, "more SINR, no smaller MCS");
            if (mcs >= 0)
            {
                NS_TEST_ASSERT_MSG_LT_OR_EQ(model->GetBler(mcs, sinr, 7344), 0.1, "target met");
            }
            if (mcs + 1 < model->GetNMcs())
            {
                NS_TEST_ASSERT_MSG_GT(model->GetBler(mcs + 1, sinr, 7344), 0.1, "not met above");
            }
            previous = mcs;
        }
        NS_TEST_ASSERT_MSG_EQ(previous, 27, "40 dB carry the largest MCS");
        NS_TEST_ASSERT_MSG_EQ(model->GetBler(0, 0.0, 7344), 1.0, "no signal, no block");
    }
};

/**
 * @ingroup cellfree-isac-test
 * @brief The outer loop brings the block error rate to its target when the SINR is overestimated.
 */
class LinkAdaptationTestCase : public TestCase
{
  public:
    LinkAdaptationTestCase()
        : TestCase("The outer loop meets the target error rate with a biased SINR")
    {
    }

  private:
    void DoRun() override
    {
        auto adaptation = CreateObject<CellFreeOuterLoopAdaptation>();
        const auto model = CreateObject<CellFreeFiniteLengthErrorModel>();
        adaptation->SetErrorModel(model);
        adaptation->SetNLinks(1);
        std::mt19937 generator(1);
        std::uniform_real_distribution<double> uniform;
        std::normal_distribution<double> fading(0.0, 2.0);
        uint32_t nErrors = 0;
        const uint32_t n = 20000;
        for (uint32_t i = 0; i < n; ++i)
        {
            const double trueSinr = std::pow(10.0, (15.0 + fading(generator)) / 10);
            const double believedSinr = trueSinr * 2; // 3 dB too good
            const int mcs = adaptation->SelectMcsFlat(0, believedSinr, 7344);
            const bool success = uniform(generator) >= model->GetBler(mcs, trueSinr, 7344);
            adaptation->ReportFirstTransmission(0, success);
            nErrors += !success;
        }
        // The loop fixes the long-run rate up to (start-up + margin range) / (step n) < 0.01.
        NS_TEST_ASSERT_MSG_EQ_TOL(1.0 * nErrors / n, 0.1, 0.01, "error rate at the target");
        NS_TEST_ASSERT_MSG_GT(adaptation->GetMargin(0), 1.0, "the bias was learned");

        // A link that fails all the time is still tried: it could not recover otherwise.
        for (int i = 0; i < 1000; ++i)
        {
            adaptation->ReportFirstTransmission(0, false);
        }
        NS_TEST_ASSERT_MSG_EQ(adaptation->SelectMcsFlat(0, 1.0, 7344),
                              0,
                              "lowest MCS, not silence");
        NS_TEST_ASSERT_MSG_EQ(adaptation->SelectMcsFlat(0, 1e-6, 7344),
                              -1,
                              "hopeless without margin");
    }
};

/**
 * @ingroup cellfree-isac-test
 * @brief Block sizes and the symbols that they need are each other's inverse.
 */
class BlockSizeTestCase : public TestCase
{
  public:
    BlockSizeTestCase()
        : TestCase("The fewest symbols that carry a payload carry it, and one less does not")
    {
    }

  private:
    void DoRun() override
    {
        const auto model = CreateObject<CellFreeFiniteLengthErrorModel>();
        model->SetAttribute("BlockSizes", StringValue("Unquantised"));
        // 7344 symbols of MCS 0: 7344 * 2 * 120 / 1024 - 24 = 1697.25 bit.
        NS_TEST_ASSERT_MSG_EQ(model->GetBlockBytes(0, 7344), 212, "MCS 0 over the default slot");
        // 7344 * 8 * 948 / 1024 - 24 = 54367.5 bit.
        NS_TEST_ASSERT_MSG_EQ(model->GetBlockBytes(27, 7344), 6795, "MCS 27 over the default slot");
        NS_TEST_ASSERT_MSG_EQ(model->GetBlockBytes(0, 136), 0, "7.9 bits are no byte");
        for (int mcs = 0; mcs < model->GetNMcs(); ++mcs)
        {
            for (const uint32_t bytes : {1U, 2U, 57U, 1000U, 6795U})
            {
                const auto n = model->GetBlockSymbols(mcs, bytes);
                NS_TEST_ASSERT_MSG_GT_OR_EQ(model->GetBlockBytes(mcs, n), bytes, "enough symbols");
                NS_TEST_ASSERT_MSG_LT(model->GetBlockBytes(mcs, n - 1), bytes, "not too many");
            }
        }
    }
};

/**
 * @ingroup cellfree-isac-test
 * @brief Impairments cap the SINR as the closed form says, in the function and in the traces.
 */
class ImpairmentTestCase : public TestCase
{
  public:
    ImpairmentTestCase()
        : TestCase("EVM caps the SINR by the closed form, in the function and in the traces")
    {
    }

  private:
    /// Keeps the largest SINR of each direction. @param sample a stream
    void OnSample(const CellFreeUeSample& sample)
    {
        m_largest[sample.isUplink] = std::max(m_largest[sample.isUplink], sample.sinr);
        m_largestBelieved[sample.isUplink] =
            std::max(m_largestBelieved[sample.isUplink], sample.believedSinr);
    }

    /// Runs one near UE. @param evm of all transmitters and receivers
    void Measure(double evm)
    {
        CellFreeTestScenario::Options options;
        options.nUes = 1;
        options.hasInternet = false;
        options.configure = [evm](CellFreeIsacHelper& helper) {
            for (const auto* name :
                 {"ApTransmitEvm", "ApReceiveEvm", "UeTransmitEvm", "UeReceiveEvm"})
            {
                helper.SetLinkAttribute(name, DoubleValue(evm));
            }
        };
        CellFreeTestScenario scenario(options);
        m_largest = {};
        m_largestBelieved = {};
        scenario.cpu->TraceConnectWithoutContext("UeSample",
                                                 MakeCallback(&ImpairmentTestCase::OnSample, this));
        const auto device = scenario.GetUeDevice(0);
        const auto step = MicroSeconds(500);
        scenario.AddFrames(scenario.all.Get(0), device, Seconds(0), Seconds(0.1), step);
        scenario.AddFrames(device, scenario.all.Get(0), Seconds(0), Seconds(0.1), step);
        scenario.Run(Seconds(0.1));
    }

    void DoRun() override
    {
        auto link = CreateObject<CellFreeLink>();
        const double e2 = 0.035 * 0.035 + 0.01 * 0.01;
        for (const bool isUplink : {false, true})
        {
            double previous = 0.0;
            for (const double sinr : {0.0, 1e-3, 1.0, 1e2, 1e4, 1e8, 1e20})
            {
                const double met = link->GetImpairedSinr(sinr, isUplink);
                const double expected = sinr > 0 ? 1.0 / (1.0 / sinr + e2) : 0.0;
                NS_TEST_ASSERT_MSG_EQ_TOL(met, expected, 1e-12 * expected, "closed form");
                NS_TEST_ASSERT_MSG_LT_OR_EQ(met, 1.0 / e2, "28.8 dB by default");
                NS_TEST_ASSERT_MSG_GT_OR_EQ(met, previous, "more SINR, not less");
                previous = met;
            }
        }
        // Which attribute acts in which direction, and that more EVM is less SINR.
        for (const auto& [name, isUplink] : {std::pair{"ApTransmitEvm", false},
                                             {"UeReceiveEvm", false},
                                             {"UeTransmitEvm", true},
                                             {"ApReceiveEvm", true}})
        {
            const double same = link->GetImpairedSinr(100.0, !isUplink);
            double previous = INFINITY;
            for (const double evm : {0.0, 0.01, 0.1, 1.0})
            {
                link->SetAttribute(name, DoubleValue(evm));
                const double met = link->GetImpairedSinr(100.0, isUplink);
                NS_TEST_ASSERT_MSG_LT(met, previous, name << " lowers the SINR");
                NS_TEST_ASSERT_MSG_EQ(link->GetImpairedSinr(100.0, !isUplink),
                                      same,
                                      name << " acts in one direction");
                previous = met;
            }
            link->SetAttribute(name, DoubleValue(name[2] == 'T' ? 0.035 : 0.01));
        }
        Simulator::Destroy();

        Measure(0.0);
        const auto perfect = m_largest;
        Measure(0.05);
        for (const bool isUplink : {false, true})
        {
            // 1 / (2 * 0.05^2); rounding may add a unit in the last place.
            NS_TEST_ASSERT_MSG_GT(perfect[isUplink], 2 * 200.0, "the cap matters here");
            NS_TEST_ASSERT_MSG_LT_OR_EQ(m_largest[isUplink], 200.0 * (1 + 1e-12), "met");
            NS_TEST_ASSERT_MSG_LT_OR_EQ(m_largestBelieved[isUplink],
                                        200.0 * (1 + 1e-12),
                                        "believed");
            NS_TEST_ASSERT_MSG_GT(m_largest[isUplink], 100.0, "and the cap is reached nearly");
        }
    }

    std::array<double, 2> m_largest{};         //!< SINR met, by direction
    std::array<double, 2> m_largestBelieved{}; //!< SINR believed, by direction
};

/**
 * @ingroup cellfree-isac-test
 * @brief The frame's grid against TS 38.101-1, and its slots against counting them.
 */
class FrameTestCase : public TestCase
{
  public:
    FrameTestCase()
        : TestCase("Resource blocks of TS 38.101-1; slots counted one by one")
    {
    }

  private:
    void DoRun() override
    {
        auto frame = CreateObject<CellFreeFrame>();
        NS_TEST_ASSERT_MSG_EQ_TOL(frame->GetSubcarrierSpacing(), 30e3, 1e-9, "0.5 ms");
        NS_TEST_ASSERT_MSG_EQ(frame->GetResourceBlocks(20e6), 51, "20 MHz at 30 kHz");
        NS_TEST_ASSERT_MSG_EQ(frame->GetDataSymbols(20e6, 0), 7344, "51 * 12 * 12");
        NS_TEST_ASSERT_MSG_EQ(frame->GetResourceBlocks(5e6), 11, "5 MHz at 30 kHz");
        NS_TEST_ASSERT_MSG_EQ(frame->GetDataSymbols(5e6, 0), 1584, "11 * 12 * 12");
        NS_TEST_ASSERT_MSG_EQ(frame->GetBlockSymbols(0), 144, "one resource block");
        frame->SetAttribute("SlotDuration", TimeValue(MilliSeconds(1)));
        NS_TEST_ASSERT_MSG_EQ(frame->GetResourceBlocks(20e6), 106, "20 MHz at 15 kHz");
        frame->SetAttribute("SlotDuration", TimeValue(MicroSeconds(125)));
        NS_TEST_ASSERT_MSG_EQ(frame->GetResourceBlocks(100e6), 66, "100 MHz at 120 kHz");
        // No numerology: 15 / 0.4 ms = 37.5 kHz, and 0.9 * 20 MHz / (12 * 37.5 kHz) = 40.
        frame->SetAttribute("SlotDuration", TimeValue(MicroSeconds(400)));
        NS_TEST_ASSERT_MSG_EQ_TOL(frame->GetSubcarrierSpacing(), 37.5e3, 1e-9, "0.4 ms");
        NS_TEST_ASSERT_MSG_EQ(frame->GetResourceBlocks(20e6), 40, "90 % of the band");
        frame->SetAttribute("ResourceBlocks", UintegerValue(7));
        frame->SetAttribute("DataSymbols", UintegerValue(10));
        NS_TEST_ASSERT_MSG_EQ(frame->GetDataSymbols(20e6, 0), 840, "as set: 7 * 12 * 10");

        for (const std::string pattern : {"D", "DU", "DDDU", "UDDUUDD"})
        {
            frame->SetAttribute("Pattern", StringValue(pattern));
            const uint64_t period = pattern.size();
            for (uint64_t slot = 0; slot < 3 * period; ++slot)
            {
                NS_TEST_ASSERT_MSG_EQ(frame->IsUplink(slot),
                                      (pattern[slot % period] == 'U'),
                                      pattern << ", slot " << slot);
                if (frame->IsUplink(slot))
                {
                    continue;
                }
                uint64_t later = slot;
                for (uint32_t n = 0; n < 9; ++n)
                {
                    NS_TEST_ASSERT_MSG_EQ(frame->GetDownlinkSlot(slot, n),
                                          later,
                                          pattern << ": " << n << " after " << slot);
                    do
                    {
                        ++later;
                    } while (pattern[later % period] == 'U');
                }
            }
            // All intervals of a length that begin at a slot, by counting.
            for (uint64_t length = 0; length <= 3 * period; ++length)
            {
                uint64_t fewest = length;
                for (uint64_t first = 0; first < period; ++first)
                {
                    uint64_t count = 0;
                    for (uint64_t i = 0; i < length; ++i)
                    {
                        count += pattern[(first + i) % period] == 'D';
                    }
                    fewest = std::min(fewest, count);
                }
                NS_TEST_ASSERT_MSG_EQ(frame->CountDownlinkSlots(length * frame->GetSlotDuration()),
                                      fewest,
                                      pattern << ": " << length << " slots");
            }
        }
    }
};

} // namespace

void
AddLinkLevelTests(CellFreeTestSuite& suite)
{
    suite.AddTestCase(new ErrorModelTestCase);
    suite.AddTestCase(new LinkAdaptationTestCase);
    suite.AddTestCase(new BlockSizeTestCase);
    suite.AddTestCase(new ImpairmentTestCase);
    suite.AddTestCase(new FrameTestCase);
}

} // namespace ns3
