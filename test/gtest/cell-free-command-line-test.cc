// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/cell-free-command-line.h"
#include "ns3/config.h"
#include "ns3/data-rate.h"
#include "ns3/double.h"
#include "ns3/random-variable-stream.h"
#include "ns3/rng-seed-manager.h"

#include <gtest/gtest.h>

using namespace ns3;

namespace
{

/// A program with one option of each kind.
class CellFreeCommandLineTest : public testing::Test
{
  protected:
    CellFreeCommandLineTest()
        : m_cmd("examples/a-program.cc")
    {
        m_cmd.AddValue("nUes", "number of UEs", m_nUes, 0, 10000);
        m_cmd.AddValue("count", "any number of them", m_count);
        m_cmd.AddValue("weight", "weight", m_weight, 0.0, 1e6);
        m_cmd.AddValue("plots", "whether to plot", m_plots);
        m_cmd.AddValue("simTime", "simulated time", m_simTime, NanoSeconds(1), Seconds(1000));
        m_cmd.AddValue("rate", "a rate", m_rate);
        m_cmd.AddValue("outputDir", "where to", m_outputDir);
    }

    ~CellFreeCommandLineTest() override
    {
        Config::Reset();
        RngSeedManager::SetSeed(1);
        RngSeedManager::SetRun(1);
    }

    /// @return what is wrong with one argument. @param argument it
    std::string Read(const std::string& argument)
    {
        return m_cmd.Read({argument});
    }

    CellFreeCommandLine m_cmd;
    int64_t m_nUes{8};
    uint32_t m_count{1};
    double m_weight{1.0};
    bool m_plots{false};
    Time m_simTime{Seconds(1)};
    DataRate m_rate{"10Mb/s"};
    std::string m_outputDir{"out"};
};

TEST_F(CellFreeCommandLineTest, TakesWhatIsRight)
{
    EXPECT_EQ(m_cmd.Read({"--nUes=12",
                          "-count=7",
                          "--weight=2.5e1",
                          "--plots",
                          "--simTime=20ms",
                          "--rate=5Mbps",
                          "--outputDir=a folder",
                          "--RngRun=18446744073709551615",
                          "--RngSeed=4294944442",
                          "--ns3::UniformRandomVariable::Max=-3"}),
              "");
    EXPECT_EQ(m_nUes, 12);
    EXPECT_EQ(m_count, 7);
    EXPECT_EQ(m_weight, 25.0);
    EXPECT_TRUE(m_plots);
    EXPECT_EQ(m_simTime, MilliSeconds(20));
    EXPECT_EQ(m_rate.GetBitRate(), 5000000);
    EXPECT_EQ(m_outputDir, "a folder");
    EXPECT_EQ(RngSeedManager::GetRun(), 18446744073709551615ULL);
    EXPECT_EQ(RngSeedManager::GetSeed(), 4294944442);
    EXPECT_EQ(CreateObject<UniformRandomVariable>()->GetMax(), -3.0);
    EXPECT_EQ(m_cmd.Read({"--outputDir=", "--plots=false"}), "");
    EXPECT_EQ(m_outputDir, "");
    EXPECT_FALSE(m_plots);
}

TEST_F(CellFreeCommandLineTest, NamesOptionValueAndRange)
{
    EXPECT_EQ(Read("--nUes=1.5"), "--nUes=1.5: expected an integer, 0 to 10000");
    EXPECT_EQ(Read("--nUes=10001"), "--nUes=10001: expected 0 to 10000");
    EXPECT_EQ(Read("--nUes=-1"), "--nUes=-1: expected 0 to 10000");
    EXPECT_EQ(Read("--nUes=3x"), "--nUes=3x: expected an integer, 0 to 10000");
    EXPECT_EQ(Read("--nUes="), "--nUes=: expected an integer, 0 to 10000");
    EXPECT_EQ(Read("--nUes"), "--nUes: expected --nUes=VALUE");
    EXPECT_EQ(Read("--nUes=99999999999999999999"),
              "--nUes=99999999999999999999: expected an integer, 0 to 10000");
    EXPECT_EQ(Read("--count=-1"), "--count=-1: expected an integer >= 0");
    EXPECT_EQ(Read("--count=4294967296"), "--count=4294967296: expected an integer >= 0");
    EXPECT_EQ(Read("--weight=nan"), "--weight=nan: expected a finite number, 0 to 1e+06");
    EXPECT_EQ(Read("--weight=1e999"), "--weight=1e999: expected a finite number, 0 to 1e+06");
    EXPECT_EQ(Read("--weight=-0.1"), "--weight=-0.1: expected 0 to 1e+06");
    EXPECT_EQ(Read("--plots=maybe"), "--plots=maybe: expected true or false");
    EXPECT_EQ(Read("--simTime=1 s").substr(0, 28), "--simTime=1 s: expected a ti");
    EXPECT_EQ(Read("--simTime=2parsec").substr(0, 32), "--simTime=2parsec: expected a ti");
    EXPECT_EQ(Read("--simTime=1e30s").substr(0, 30), "--simTime=1e30s: expected a ti");
    EXPECT_EQ(Read("--simTime=-1s"), "--simTime=-1s: expected 1e-09 s to 1000 s");
    EXPECT_EQ(Read("--rate=-5Mb/s"), "--rate=-5Mb/s: expected something like 10000000bps");
    EXPECT_EQ(Read("--rate=5 parsec"), "--rate=5 parsec: expected something like 10000000bps");
    EXPECT_EQ(Read("--rate=fast"), "--rate=fast: expected something like 10000000bps");
}

TEST_F(CellFreeCommandLineTest, RefusesStrayAndUnknownArguments)
{
    EXPECT_EQ(Read("word"), "stray argument 'word': expected --NAME=VALUE");
    EXPECT_EQ(Read("two\nlines"), "stray argument 'two?lines': expected --NAME=VALUE");
    EXPECT_EQ(Read("nUes=8"), "stray argument 'nUes=8': expected --NAME=VALUE");
    EXPECT_EQ(Read("--nUEs=8"), "--nUEs=8: unknown option; --PrintHelp lists them");
    EXPECT_EQ(Read("--"), "--: unknown option; --PrintHelp lists them");
    EXPECT_EQ(Read("--ns3::NoSuchClass::Min=1"),
              "--ns3::NoSuchClass::Min=1: class ns3::NoSuchClass is not known");
    EXPECT_EQ(Read("--ns3::UniformRandomVariable::Mini=1"),
              "--ns3::UniformRandomVariable::Mini=1: ns3::UniformRandomVariable has no attribute "
              "Mini; --PrintAttributes=ns3::UniformRandomVariable lists them");
    EXPECT_EQ(Read("--ns3::UniformRandomVariable::Stream=1"),
              "--ns3::UniformRandomVariable::Stream=1: the attribute is called "
              "ns3::RandomVariableStream::Stream");
}

TEST_F(CellFreeCommandLineTest, RefusesWhatCheckersRefuse)
{
    EXPECT_EQ(Read("--RngRun=-1"), "--RngRun=-1: expected an integer >= 0");
    EXPECT_EQ(Read("--RngRun=1.5"), "--RngRun=1.5: expected an integer >= 0");
    EXPECT_EQ(Read("--RngRun"), "--RngRun: expected --RngRun=VALUE");
    for (const std::string seed : {"0", "-1", "4294944443", "x", ""})
    {
        EXPECT_EQ(Read("--RngSeed=" + seed),
                  "--RngSeed=" + seed + ": expected an integer, 1 to 4294944442");
    }
    EXPECT_EQ(Read("--ns3::UniformRandomVariable::Min=x"),
              "--ns3::UniformRandomVariable::Min=x: expected a number");
    EXPECT_EQ(Read("--ns3::RandomVariableStream::Antithetic=2"),
              "--ns3::RandomVariableStream::Antithetic=2: expected true or false");
    EXPECT_EQ(Read("--ns3::CellFreeFlowTrace::DelayBinWidth=0s").substr(0, 62),
              "--ns3::CellFreeFlowTrace::DelayBinWidth=0s: expected a time >=");
    EXPECT_EQ(Read("--ns3::OnOffApplication::OnTime=ns3::NoSuchClass"),
              "--ns3::OnOffApplication::OnTime=ns3::NoSuchClass: expected a class derived from "
              "ns3::RandomVariableStream, 'ns3::NoSuchClass' is not known");
    EXPECT_EQ(Read("--ns3::OnOffApplication::OnTime=ns3::UniformRandomVariable[Min=x]"),
              "--ns3::OnOffApplication::OnTime=ns3::UniformRandomVariable[Min=x]: Min in "
              "brackets: expected a number");
    EXPECT_EQ(Read("--ns3::OnOffApplication::OnTime=ns3::UniformRandomVariable[Min=0|Max=2]"), "");
    EXPECT_EQ(Read("--ns3::OnOffApplication::DataRate=fast"),
              "--ns3::OnOffApplication::DataRate=fast: expected a value of DataRateValue");
    EXPECT_EQ(Read("--ns3::RandomWalk2dMobilityModel::Mode=Neither"),
              "--ns3::RandomWalk2dMobilityModel::Mode=Neither: expected one of Distance|Time");
}

TEST_F(CellFreeCommandLineTest, EndsTheProgramWithOneLine)
{
    const auto parse = [this](std::string argument) {
        std::string name = "a-program";
        char* argv[] = {name.data(), argument.data(), nullptr};
        m_cmd.Parse(2, argv);
    };
    EXPECT_EXIT(parse("--nUes=1.5"),
                testing::ExitedWithCode(1),
                "^a-program: --nUes=1.5: expected an integer, 0 to 10000\n$");
    EXPECT_EXIT(parse("--PrintAttributes=x"),
                testing::ExitedWithCode(1),
                "^a-program: --PrintAttributes=x: expected the name of a class");
    EXPECT_EXIT(parse("--help"), testing::ExitedWithCode(0), "");
}

} // namespace
