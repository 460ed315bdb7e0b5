// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-cases.h"
#include "cell-free-test-scenario.h"

#include "ns3/abort.h"
#include "ns3/cell-free-streams.h"
#include "ns3/config.h"
#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>

namespace ns3
{

namespace
{

/**
 * @ingroup cellfree-isac-test
 * @brief The Config paths that the documentation names lead to the trace sources.
 */
class ConfigPathTestCase : public TestCase
{
  public:
    ConfigPathTestCase()
        : TestCase("Config paths of all trace sources")
    {
    }

  private:
    /// Counts calls, whatever the arguments.
    template <typename... Args>
    static void Count(uint32_t* n, Args... /* args */)
    {
        ++*n;
    }

    /// Connects a counter to a path. @tparam Args of the trace source @param path the path
    template <typename... Args>
    void Connect(const std::string& path)
    {
        Config::ConnectWithoutContext(
            path,
            MakeBoundCallback(&ConfigPathTestCase::Count<Args...>, &m_counts[path]));
    }

    void DoRun() override
    {
        CellFreeTestScenario::Options options;
        options.hasInternet = false;
        options.policy = "split";
        options.configure = [](CellFreeIsacHelper& helper) {
            // So that blocks are lost on the air.
            helper.SetMacAttribute("MaxTransmissions", UintegerValue(1));
            helper.SetMacAttribute("MaxQueueBytes", UintegerValue(3000));
        };
        CellFreeTestScenario scenario(options);
        for (const std::string cpu :
             {"/ChannelList/*/$ns3::CellFreeLink/CpuList/*/", "/NodeList/*/$ns3::CellFreeCpu/"})
        {
            Connect<const CellFreeUeSample&>(cpu + "UeSample");
            Connect<const CellFreeDecision&>(cpu + "Decision");
            Connect<const CellFreeDecision&, const IsacProblem&, const CellFreeSlotPlan&>(cpu +
                                                                                          "Beams");
            Connect<const CellFreeDwell&>(cpu + "Sensing/Dwell");
        }
        Connect<uint32_t, uint32_t, double>(
            "/ChannelList/*/$ns3::CellFreeLink/ChannelModel/CouplingLoss");
        const std::string device = "/NodeList/*/DeviceList/*/$ns3::CellFreeNetDevice/";
        Connect<Ptr<const Packet>, CellFreeBearer::DropReason>(device + "Drop");
        for (const auto* name : {"MacTx", "MacRx", "MacTxDrop", "PhyTxDrop", "PromiscSniffer"})
        {
            Connect<Ptr<const Packet>>(device + name);
        }
        for (uint32_t u = 0; u < 3; ++u)
        {
            scenario.AddFrames(scenario.all.Get(0),
                               scenario.GetUeDevice(u),
                               Seconds(0),
                               Seconds(0.2),
                               MicroSeconds(100));
        }
        scenario.Run(Seconds(0.2));
        NS_TEST_ASSERT_MSG_EQ(m_counts.size(), 15, "trace sources");
        for (const auto& [path, count] : m_counts)
        {
            NS_TEST_EXPECT_MSG_GT(count, 0, path);
        }
        const std::string first = "/ChannelList/*/$ns3::CellFreeLink/CpuList/*/";
        const std::string second = "/NodeList/*/$ns3::CellFreeCpu/";
        for (const auto* name : {"UeSample", "Decision", "Beams", "Sensing/Dwell"})
        {
            NS_TEST_EXPECT_MSG_EQ(m_counts[first + name], m_counts[second + name], name);
        }
        NS_TEST_EXPECT_MSG_EQ(m_counts[device + "Drop"],
                              m_counts[device + "MacTxDrop"] + m_counts[device + "PhyTxDrop"],
                              "every drop has its reason");
        NS_TEST_EXPECT_MSG_EQ(m_counts[device + "PromiscSniffer"],
                              m_counts[device + "MacTx"] + m_counts[device + "MacRx"],
                              "frames of both directions are sniffed");
        // Attributes are reached the same way.
        Config::Set("/ChannelList/*/$ns3::CellFreeLink/CpuList/*/SensingWeight", DoubleValue(3.0));
        DoubleValue weight;
        scenario.cpu->GetAttribute("SensingWeight", weight);
        NS_TEST_EXPECT_MSG_EQ(weight.Get(), 3.0, "set by a path");
    }

    std::map<std::string, uint32_t> m_counts; //!< calls by path
};

/**
 * @ingroup cellfree-isac-test
 * @brief Packet captures of both ends hold Ethernet frames with IPv4 inside.
 */
class PcapTestCase : public TestCase
{
  public:
    PcapTestCase()
        : TestCase("EnablePcap writes Ethernet frames of the CPU and of a UE")
    {
    }

  private:
    /// What a file holds.
    struct Capture
    {
        uint32_t nArp{0};     //!< ARP frames
        uint32_t nIpv4{0};    //!< IPv4 packets
        uint64_t nBytes{0};   //!< bytes of UDP payload
        double lastTime{0.0}; //!< time of the last frame (s)
    };

    /// Reads a number in this machine's byte order, as ns-3 writes it. @param data from here
    static uint32_t Read32(const char* data)
    {
        uint32_t number = 0;
        std::memcpy(&number, data, sizeof(number));
        return number;
    }

    /// Reads a number in network byte order. @param data from here
    static uint32_t Read16(const std::string& data, std::size_t at)
    {
        return static_cast<uint8_t>(data[at]) << 8 | static_cast<uint8_t>(data[at + 1]);
    }

    /// Reads a file. @param path the file @return what it holds
    Capture Read(const std::string& path)
    {
        Capture capture;
        std::ifstream file(path, std::ios::binary);
        const std::string data{std::istreambuf_iterator<char>(file), {}};
        NS_TEST_EXPECT_MSG_GT(data.size(), 24, path << " has a header");
        NS_TEST_EXPECT_MSG_EQ(Read32(data.data()), 0xa1b2c3d4, "magic number");
        NS_TEST_EXPECT_MSG_EQ(Read32(data.data() + 20), 1, "link type Ethernet");
        for (std::size_t at = 24; at + 16 <= data.size();)
        {
            const double time = Read32(&data[at]) + 1e-6 * Read32(&data[at + 4]);
            const uint32_t size = Read32(&data[at + 8]);
            NS_TEST_EXPECT_MSG_GT_OR_EQ(time, capture.lastTime, "in the order of time");
            capture.lastTime = time;
            NS_TEST_EXPECT_MSG_EQ(Read32(&data[at + 12]), size, "whole frames");
            const std::string frame = data.substr(at + 16, size);
            at += 16 + size;
            const auto type = Read16(frame, 12);
            capture.nArp += type == 0x0806;
            if (type == 0x0800)
            {
                ++capture.nIpv4;
                NS_TEST_EXPECT_MSG_EQ(static_cast<int>(frame[14]), 0x45, "IPv4 header");
                NS_TEST_EXPECT_MSG_EQ(Read16(frame, 16), size - 14, "total length");
                NS_TEST_EXPECT_MSG_EQ(static_cast<int>(frame[23]), 17, "UDP");
                capture.nBytes += Read16(frame, 38) - 8;
            }
        }
        return capture;
    }

    void DoRun() override
    {
        const auto prefix = CreateTempDirFilename("capture");
        uint64_t received = 0;
        uint32_t nodes[2];
        {
            CellFreeTestScenario scenario({});
            scenario.helper.EnablePcap(prefix, scenario.devices.cpu.Get(0));
            scenario.helper.EnablePcap(prefix, scenario.devices.ues.Get(1));
            nodes[0] = scenario.node->GetId();
            nodes[1] = scenario.ues.Get(1)->GetId();
            const auto sink = scenario.AddUdp(1, false, 2e6);
            scenario.Run(Seconds(1.2));
            received = sink->GetTotalRx();
        }
        NS_TEST_ASSERT_MSG_EQ(received, 200000, "0.8 s at 2 Mb/s");
        for (const auto node : nodes)
        {
            // The loopback device is installed after the module's.
            const auto capture = Read(prefix + "-" + std::to_string(node) + "-0.pcap");
            NS_TEST_EXPECT_MSG_EQ(capture.nIpv4, 200, "packets, node " << node);
            NS_TEST_EXPECT_MSG_EQ(capture.nBytes, received, "bytes, node " << node);
            NS_TEST_EXPECT_MSG_GT_OR_EQ(capture.nArp, 2, "a request and a reply");
            NS_TEST_EXPECT_MSG_GT(capture.lastTime, 0.89, "until the end of the traffic");
        }
    }
};

/**
 * @ingroup cellfree-isac-test
 * @brief AssignStreams of devices fixes what the helper's own does.
 */
class AssignStreamsTestCase : public TestCase
{
  public:
    AssignStreamsTestCase()
        : TestCase("AssignStreams of a container of devices")
    {
    }

  private:
    /// @return the channels after a while. @param stream first stream @param byDevices how
    static Eigen::MatrixXcd Draw(int64_t stream, bool byDevices)
    {
        CellFreeTestScenario::Options options;
        options.hasInternet = false;
        CellFreeTestScenario scenario(options);
        if (byDevices)
        {
            const auto used = CellFreeIsacHelper::AssignStreams(scenario.devices.ues, stream);
            NS_ABORT_MSG_IF(used != CELL_FREE_STREAMS, "one link has one block of streams");
        }
        else
        {
            scenario.helper.AssignStreams(stream);
        }
        scenario.Run(Seconds(0.05));
        IsacProblem problem;
        scenario.channel->GetTrueProblem({0, 1, 2, 3}, {0, 1, 2}, {}, problem);
        return problem.h;
    }

    void DoRun() override
    {
        const auto one = Draw(5, false);
        NS_TEST_ASSERT_MSG_EQ((Draw(5, true) == one), true, "the same streams");
        NS_TEST_ASSERT_MSG_EQ((Draw(6, true) == one), false, "other streams");
        NS_TEST_ASSERT_MSG_EQ(CellFreeIsacHelper::AssignStreams(NetDeviceContainer(), 5),
                              0,
                              "no device, no stream");
    }
};

/**
 * @ingroup cellfree-isac-test
 * @brief The policy is made at installation, so that defaults set after the helper count.
 */
class PolicyDefaultsTestCase : public TestCase
{
  public:
    PolicyDefaultsTestCase()
        : TestCase("A policy's defaults and attributes act until Install")
    {
    }

  private:
    /// @return the Scaling of the installed policy. @param configure what happens to the helper
    static std::string Install(const std::function<void(CellFreeIsacHelper&)>& configure)
    {
        CellFreeTestScenario::Options options;
        options.hasInternet = false;
        options.configure = configure;
        CellFreeTestScenario scenario(options);
        const auto policy = scenario.cpu->GetPolicy();
        struct TypeId::AttributeInformation info;
        policy->GetInstanceTypeId().LookupAttributeByName("Scaling", &info);
        const auto value = info.checker->Create();
        policy->GetAttribute("Scaling", *value);
        return value->SerializeToString(info.checker);
    }

    void DoRun() override
    {
        NS_TEST_ASSERT_MSG_EQ(Install({}), "loaded", "the default");
        const auto changed = Install([](CellFreeIsacHelper&) {
            Config::SetDefault("ns3::CellFreeRzfPolicy::Scaling", StringValue("common"));
        });
        Config::SetDefault("ns3::CellFreeRzfPolicy::Scaling", StringValue("loaded"));
        NS_TEST_ASSERT_MSG_EQ(changed, "common", "a default set after the helper was made");
        NS_TEST_ASSERT_MSG_EQ(Install([](CellFreeIsacHelper& helper) {
                                  helper.SetPolicyAttribute("Scaling", StringValue("per-ap"));
                              }),
                              "per-ap",
                              "SetPolicyAttribute");
        NS_TEST_ASSERT_MSG_EQ(Install([](CellFreeIsacHelper& helper) {
                                  helper.SetPolicyAttribute("Scaling", StringValue("per-ap"));
                                  helper.SetPolicy("rzf", "Scaling", StringValue("common"));
                              }),
                              "common",
                              "SetPolicy starts anew");
    }
};

/**
 * @ingroup cellfree-isac-test
 * @brief Every room of the network can be logged.
 */
class LogComponentTestCase : public TestCase
{
  public:
    LogComponentTestCase()
        : TestCase("NS_LOG components of the network's classes")
    {
    }

  private:
    void DoRun() override
    {
#ifdef NS3_LOG_ENABLE
        const auto* components = LogComponent::GetComponentList();
        for (const std::string name : {"CellFreeBearer",
                                       "CellFreeChannelModel",
                                       "CellFreeClustering",
                                       "CellFreeCpu",
                                       "CellFreeDetector",
                                       "CellFreeFadingModel",
                                       "CellFreeFrame",
                                       "CellFreeFronthaul",
                                       "CellFreeLink",
                                       "CellFreeLinkAdaptation",
                                       "CellFreeMac",
                                       "CellFreeNetDevice",
                                       "CellFreeRadarModel",
                                       "CellFreeRankingScheduler",
                                       "CellFreeSensing",
                                       "CellFreeSensingSchedule"})
        {
            NS_TEST_EXPECT_MSG_EQ(components->count(name), 1, name);
        }
#endif
    }
};

} // namespace

void
AddHabitTests(CellFreeTestSuite& suite)
{
    suite.AddTestCase(new ConfigPathTestCase);
    suite.AddTestCase(new PcapTestCase);
    suite.AddTestCase(new AssignStreamsTestCase);
    suite.AddTestCase(new PolicyDefaultsTestCase);
    suite.AddTestCase(new LogComponentTestCase);
}

} // namespace ns3
