// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-nodes.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-report-header.h"
#include "ns3/cell-free-report-trace.h"
#include "ns3/cell-free-sensing-report-helper.h"
#include "ns3/cell-free-sensing-reporter.h"
#include "ns3/cell-free-sensing-server.h"
#include "ns3/inet-socket-address.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/simulator.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <limits>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

using namespace ns3;

namespace
{

constexpr uint16_t PORT = 5005;

/// @return a track with a number in each field. @param id its number
CellFreeTrack
MakeTrack(uint32_t id)
{
    CellFreeTrack track;
    track.id = id;
    track.status = static_cast<CellFreeTrack::Status>(id % 3);
    track.time = MilliSeconds(20) + NanoSeconds(id);
    track.born = MilliSeconds(5);
    track.updated = MilliSeconds(18);
    track.nDetections = 70000 + id;
    track.nMisses = 3;
    for (int i = 0; i < 6; ++i)
    {
        track.state(i) = (i - 2.5) * 1234.5678901 / (1 + id);
        track.covariance(i, i) = 1.0 + i + id;
    }
    track.covariance(0, 3) = track.covariance(3, 0) = -0.5;
    return track;
}

/// @return a detection with a number in each field. @param snr its SNR
CellFreeDetection
MakeDetection(double snr)
{
    CellFreeDetection detection;
    detection.time = MilliSeconds(19);
    detection.state << 1, -2, 3, -4, 5, -6e-3;
    detection.covariance.diagonal() << 1, 4, 9, 16, 25, 36;
    detection.covariance(2, 1) = detection.covariance(1, 2) = 3.0;
    detection.snr = snr;
    return detection;
}

/// @return a valid header. @param nTracks tracks @param nDetections detections
CellFreeReportHeader
MakeHeader(uint32_t nTracks, uint32_t nDetections)
{
    CellFreeReportHeader header;
    header.SetSource(7, 11);
    header.SetPart(1, 3);
    header.SetTimes(MilliSeconds(10), MilliSeconds(20), MilliSeconds(21));
    for (uint32_t i = 0; i < nTracks; ++i)
    {
        EXPECT_TRUE(header.AddTrack(MakeTrack(i)));
    }
    for (uint32_t i = 0; i < nDetections; ++i)
    {
        EXPECT_TRUE(header.AddDetection(MakeDetection(10.0 * i)));
    }
    return header;
}

/// @return the bytes of a header. @param header it
std::vector<uint8_t>
GetBytes(const CellFreeReportHeader& header)
{
    auto packet = Create<Packet>();
    packet->AddHeader(header);
    std::vector<uint8_t> bytes(packet->GetSize());
    packet->CopyData(bytes.data(), bytes.size());
    return bytes;
}

/// Checks that two states are the same. @param state it @param covariance of its error
void
ExpectState(const CellFreeState& state,
            const CellFreeStateCovariance& covariance,
            const CellFreeState& expectedState,
            const CellFreeStateCovariance& expectedCovariance)
{
    EXPECT_EQ(state, expectedState);
    for (int i = 0; i < 6; ++i)
    {
        for (int j = 0; j < 6; ++j)
        {
            EXPECT_NEAR(
                covariance(i, j),
                expectedCovariance(i, j),
                std::ldexp(std::sqrt(expectedCovariance(i, i) * expectedCovariance(j, j)), -22));
        }
    }
}

/// A host with a server, and a socket on the same host to send it anything.
class Host
{
  public:
    /// @param isIpv6 what it is reached by
    explicit Host(bool isIpv6 = false)
        : node(CreateObject<Node>())
    {
        InternetStackHelper().Install(node);
        remote = isIpv6 ? Address(Inet6SocketAddress(Ipv6Address::GetLoopback(), PORT))
                        : Address(InetSocketAddress(Ipv4Address::GetLoopback(), PORT));
        const auto servers = CellFreeSensingServerHelper(PORT).Install(NodeContainer(node));
        server = DynamicCast<CellFreeSensingServer>(servers.Get(0));
        server->TraceConnectWithoutContext("Report", MakeCallback(&Host::OnReport, this));
        server->TraceConnectWithoutContext("Malformed", MakeCallback(&Host::OnMalformed, this));
        socket = Socket::CreateSocket(node, UdpSocketFactory::GetTypeId());
        isIpv6 ? socket->Bind6() : socket->Bind();
        socket->Connect(remote);
    }

    ~Host()
    {
        socket = nullptr;
        Simulator::Destroy();
    }

    /// Sends a packet. @param time when @param packet it
    void Send(Time time, Ptr<Packet> packet)
    {
        At(time, [this, packet]() { EXPECT_GE(socket->Send(packet), 0); });
    }

    /// Sends a report so that it arrives at a time. @param time that @param sequence its number
    /// @param end end of its dwell, and when it is said to be sent @param part @param nParts parts
    void Send(Time time, uint32_t sequence, Time end, uint16_t part = 0, uint16_t nParts = 1)
    {
        CellFreeReportHeader header;
        header.SetSource(7, sequence);
        header.SetPart(part, nParts);
        header.SetTimes(Time(), end, end);
        header.AddTrack(MakeTrack(100 * sequence + nParts - part));
        auto packet = Create<Packet>();
        packet->AddHeader(header);
        Send(time, packet);
    }

    /// Runs until a time. @param time it
    static void Run(Time time)
    {
        Simulator::Stop(time);
        Simulator::Run();
    }

    Ptr<Node> node;                      //!< the host
    Address remote;                      //!< of the server
    Ptr<CellFreeSensingServer> server;   //!< the server
    Ptr<Socket> socket;                  //!< to the server
    std::vector<CellFreeReport> reports; //!< those that arrived
    std::vector<std::string> malformed;  //!< what was wrong with others

  private:
    /// Takes a report down. @param report it
    void OnReport(const CellFreeReport& report)
    {
        reports.push_back(report);
    }

    /// Takes a packet down. @param packet it @param from sender @param reason what is wrong with it
    void OnMalformed(Ptr<const Packet> packet, const Address& from, const std::string& reason)
    {
        malformed.push_back(reason);
    }
};

} // namespace

TEST(CellFreeReportHeader, RoundTrip)
{
    const auto header = MakeHeader(5, 3);
    EXPECT_EQ(header.GetSerializedSize(), 44U + 5 * 168 + 3 * 144);
    auto packet = Create<Packet>(10); // bytes behind it are no business of a header
    packet->AddHeader(header);
    CellFreeReportHeader copy;
    ASSERT_TRUE(CellFreeReportHeader::Peek(packet, copy));
    CellFreeReportHeader removed;
    EXPECT_EQ(packet->RemoveHeader(removed), header.GetSerializedSize());
    EXPECT_EQ(packet->GetSize(), 10U);
    for (const auto* read : {&copy, &removed})
    {
        EXPECT_TRUE(read->IsValid());
        EXPECT_EQ(read->GetError(), "");
        EXPECT_EQ(read->GetSerializedSize(), header.GetSerializedSize());
        EXPECT_EQ(read->GetCpuId(), 7U);
        EXPECT_EQ(read->GetSequence(), 11U);
        EXPECT_EQ(read->GetPart(), 1U);
        EXPECT_EQ(read->GetNParts(), 3U);
        EXPECT_EQ(read->GetStart(), MilliSeconds(10));
        EXPECT_EQ(read->GetEnd(), MilliSeconds(20));
        EXPECT_EQ(read->GetSent(), MilliSeconds(21));
        ASSERT_EQ(read->GetTracks().size(), 5U);
        for (uint32_t i = 0; i < 5; ++i)
        {
            const auto expected = MakeTrack(i);
            const auto& track = read->GetTracks()[i];
            EXPECT_EQ(track.id, i);
            EXPECT_EQ(track.status, expected.status);
            EXPECT_EQ(track.time, expected.time);
            EXPECT_EQ(track.born, expected.born);
            EXPECT_EQ(track.updated, expected.updated);
            EXPECT_EQ(track.nDetections, expected.nDetections);
            EXPECT_EQ(track.nMisses, expected.nMisses);
            ExpectState(track.state, track.covariance, expected.state, expected.covariance);
        }
        ASSERT_EQ(read->GetDetections().size(), 3U);
        for (uint32_t i = 0; i < 3; ++i)
        {
            const auto expected = MakeDetection(10.0 * i);
            const auto& detection = read->GetDetections()[i];
            EXPECT_EQ(detection.time, expected.time);
            EXPECT_EQ(detection.snr, expected.snr);
            ExpectState(detection.state, detection.covariance, expected.state, expected.covariance);
        }
    }
}

TEST(CellFreeReportHeader, BytesAreWhereTheLayoutSays)
{
    const auto bytes = GetBytes(MakeHeader(1, 1));
    const auto number = [&bytes](std::size_t at, std::size_t size) {
        uint64_t value = 0;
        for (std::size_t i = 0; i < size; ++i)
        {
            value = 256 * value + bytes.at(at + i);
        }
        return value;
    };
    EXPECT_EQ(number(0, 2), 0xCF15U);
    EXPECT_EQ(number(2, 1), 1U);
    EXPECT_EQ(number(3, 1), 0U);
    EXPECT_EQ(number(4, 4), 7U);
    EXPECT_EQ(number(8, 4), 11U);
    EXPECT_EQ(number(12, 2), 1U);
    EXPECT_EQ(number(14, 2), 3U);
    EXPECT_EQ(number(16, 8), 10000000U);
    EXPECT_EQ(number(24, 8), 20000000U);
    EXPECT_EQ(number(32, 8), 21000000U);
    EXPECT_EQ(number(40, 2), 1U);
    EXPECT_EQ(number(42, 2), 1U);
    // The track.
    EXPECT_EQ(number(44, 4), 0U);
    EXPECT_EQ(number(48, 2), 0U);
    EXPECT_EQ(number(50, 2), 3U);
    EXPECT_EQ(number(52, 4), 70000U);
    EXPECT_EQ(number(56, 8), 20000000U);
    EXPECT_EQ(number(64, 8), 5000000U);
    EXPECT_EQ(number(72, 8), 18000000U);
    EXPECT_EQ(number(80 + 84 + 48, 8), 19000000U);  // the detection's time
    EXPECT_EQ(number(220, 8), 0x3FF0000000000000U); // its x, 1.0
    EXPECT_EQ(number(268, 4), 0x3F800000U);         // the first deviation, 1.0f
    EXPECT_EQ(number(352, 4), 0U);                  // its SNR
    EXPECT_EQ(bytes.size(), 356U);
}

TEST(CellFreeReportHeader, WhatCannotBeWrittenIsRefused)
{
    constexpr double INF = std::numeric_limits<double>::infinity();
    CellFreeReportHeader header;
    for (const double value : {INF, -INF, std::nan("")})
    {
        auto track = MakeTrack(1);
        track.state(4) = value;
        EXPECT_FALSE(header.AddTrack(track));
        track = MakeTrack(1);
        track.covariance(5, 5) = value;
        EXPECT_FALSE(header.AddTrack(track));
        auto detection = MakeDetection(1.0);
        detection.state(0) = value;
        EXPECT_FALSE(header.AddDetection(detection));
        EXPECT_FALSE(header.AddDetection(MakeDetection(value)));
    }
    EXPECT_FALSE(header.AddDetection(MakeDetection(-1.0)));
    auto track = MakeTrack(1);
    track.born = Seconds(-1);
    EXPECT_FALSE(header.AddTrack(track));
    EXPECT_EQ(header.GetSerializedSize(), 44U);

    // As much as a UDP packet holds, and no more.
    uint32_t n = 0;
    while (header.AddTrack(MakeTrack(n)))
    {
        ++n;
    }
    EXPECT_EQ(n, (65507U - 44) / 168);
    EXPECT_LE(header.GetSerializedSize(), 65507U);
    CellFreeReportHeader copy;
    const auto bytes = GetBytes(header);
    EXPECT_EQ(copy.Parse(bytes.data(), bytes.size()), header.GetSerializedSize());
    EXPECT_EQ(copy.GetTracks().size(), n);
    // Misses saturate.
    track = MakeTrack(1);
    track.nMisses = 1000000;
    CellFreeReportHeader small;
    EXPECT_TRUE(small.AddTrack(track));
    const auto smallBytes = GetBytes(small);
    EXPECT_GT(copy.Parse(smallBytes.data(), smallBytes.size()), 0U);
    EXPECT_EQ(copy.GetTracks().at(0).nMisses, 65535U);
}

TEST(CellFreeReportHeader, EveryFieldIsChecked)
{
    const auto good = GetBytes(MakeHeader(1, 1));
    CellFreeReportHeader header;
    EXPECT_EQ(header.Parse(good.data(), good.size()), good.size());
    const auto expectError =
        [&](std::size_t at, const std::vector<uint8_t>& values, const std::string& error) {
            auto bytes = good;
            std::copy(values.begin(), values.end(), bytes.begin() + at);
            EXPECT_EQ(header.Parse(bytes.data(), bytes.size()), 0U) << at;
            EXPECT_FALSE(header.IsValid());
            EXPECT_NE(header.GetError().find(error), std::string::npos) << header.GetError();
            EXPECT_EQ(header.GetSerializedSize(), 0U);
            EXPECT_TRUE(header.GetTracks().empty() && header.GetDetections().empty());
        };
    expectError(0, {0xCE}, "begin");
    expectError(2, {2}, "version 2: expected 1");
    expectError(3, {1}, "version");
    expectError(12, {0, 3}, "part 3 of 3");
    expectError(12, {0, 0, 0, 0}, "part 0 of 0");
    expectError(16, {0x80}, "times");
    expectError(16, {0, 0, 1}, "times");
    expectError(24, {0, 1}, "times");
    expectError(40, {0, 2}, "expected 524");
    expectError(40, {0xFF, 0xFF}, "bytes");
    expectError(42, {0xFF, 0xFF}, "bytes");
    expectError(48, {3}, "track 0");
    expectError(49, {1}, "track 0");
    expectError(56, {0xFF}, "track 0");
    expectError(80, {0x7F, 0xF0, 0, 0, 0, 0, 0, 0}, "track 0"); // infinity
    expectError(120, {0xFF, 0xF8}, "track 0");                  // NaN
    expectError(128, {0xBF, 0x80, 0, 0}, "track 0");            // a negative deviation
    expectError(132, {0x7F, 0x80, 0, 0}, "track 0");
    expectError(212, {0x80}, "detection");
    expectError(352, {0xBF, 0x80, 0, 0}, "detection"); // negative SNR
    for (std::size_t size = 0; size < good.size(); ++size)
    {
        const std::vector<uint8_t> bytes(good.begin(), good.begin() + size);
        EXPECT_EQ(header.Parse(bytes.data(), bytes.size()), 0U) << size;
    }
    // What was wrong is forgotten with the next header.
    EXPECT_EQ(header.Parse(good.data(), good.size()), good.size());
    EXPECT_EQ(header.GetError(), "");
}

TEST(CellFreeReportHeader, ShortAndForeignPackets)
{
    for (const uint32_t size : {0, 1, 2, 3, 43, 44, 45, 400})
    {
        auto packet = Create<Packet>(size); // zeros
        CellFreeReportHeader header;
        EXPECT_FALSE(CellFreeReportHeader::Peek(packet, header));
        EXPECT_EQ(packet->PeekHeader(header), 0U);
        EXPECT_EQ(packet->RemoveHeader(header), 0U);
        EXPECT_EQ(packet->GetSize(), size);
        EXPECT_FALSE(header.IsValid());
        EXPECT_FALSE(header.GetError().empty());
        std::ostringstream text;
        header.Print(text);
        EXPECT_EQ(text.str(), "not valid: " + header.GetError());
        // To add it to a packet adds nothing.
        packet->AddHeader(header);
        EXPECT_EQ(packet->GetSize(), size);
    }
}

TEST(CellFreeReportHeader, AMillionBuffers)
{
    // CELLFREE_ISAC_BUFFERS in the environment asks for more or fewer.
    const char* wanted = std::getenv("CELLFREE_ISAC_BUFFERS");
    const uint64_t nBuffers = wanted ? std::strtoull(wanted, nullptr, 10) : 1000000;
    std::mt19937_64 generator(1);
    const auto draw = [&generator](uint64_t n) { return generator() % n; };
    std::vector<std::vector<uint8_t>> seeds;
    for (uint32_t nTracks : {0, 1, 3})
    {
        for (uint32_t nDetections : {0, 2})
        {
            seeds.push_back(GetBytes(MakeHeader(nTracks, nDetections)));
        }
    }
    uint64_t nValid = 0;
    CellFreeReportHeader header;
    for (uint64_t n = 0; n < nBuffers; ++n)
    {
        std::vector<uint8_t> bytes;
        if (n % 4 == 0) // anything, half of it with a beginning that leads further
        {
            bytes.resize(draw(300));
            for (auto& byte : bytes)
            {
                byte = static_cast<uint8_t>(generator());
            }
            if (n % 8 == 0)
            {
                std::copy_n(seeds[0].begin(),
                            std::min<std::size_t>(40, bytes.size()),
                            bytes.begin());
            }
        }
        else // a header, changed, cut or lengthened
        {
            bytes = seeds[draw(seeds.size())];
            for (uint64_t i = draw(4); i > 0; --i)
            {
                bytes[draw(bytes.size())] = static_cast<uint8_t>(generator());
            }
            if (n % 4 == 2)
            {
                bytes.resize(draw(bytes.size() + 50));
            }
        }
        // Memory of exactly this size, so that tools see who reads behind it.
        const std::unique_ptr<uint8_t[]> exact(new uint8_t[bytes.size()]);
        std::copy(bytes.begin(), bytes.end(), exact.get());
        uint32_t size = header.Parse(exact.get(), bytes.size());
        if (n % 16 == 1)
        {
            auto packet = Create<Packet>(exact.get(), bytes.size());
            CellFreeReportHeader read;
            ASSERT_EQ(packet->RemoveHeader(read), size);
            ASSERT_EQ(packet->GetSize() + size, bytes.size());
        }
        ASSERT_EQ(size > 0, header.IsValid());
        ASSERT_EQ(size, header.GetSerializedSize());
        ASSERT_LE(size, bytes.size());
        if (size == 0)
        {
            ASSERT_FALSE(header.GetError().empty());
            continue;
        }
        ++nValid;
        ASSERT_LT(header.GetPart(), header.GetNParts());
        ASSERT_LE(header.GetStart(), header.GetEnd());
        ASSERT_LE(header.GetEnd(), header.GetSent());
        for (const auto& track : header.GetTracks())
        {
            ASSERT_LE(track.status, CellFreeTrack::COASTING);
            ASSERT_TRUE(track.state.allFinite() && track.covariance.allFinite());
            ASSERT_GE(track.covariance.diagonal().minCoeff(), 0.0);
        }
        for (const auto& detection : header.GetDetections())
        {
            ASSERT_TRUE(detection.state.allFinite() && detection.covariance.allFinite());
            ASSERT_GE(detection.snr, 0.0);
            ASSERT_TRUE(std::isfinite(detection.snr));
        }
    }
    // Both are tried often.
    EXPECT_GT(nValid, nBuffers / 10);
    EXPECT_LT(nValid, nBuffers - nBuffers / 4);
}

TEST(CellFreeSensingServer, AgeByHand)
{
    for (const bool isIpv6 : {false, true})
    {
        Host host(isIpv6);
        // The sawtooth of IsacAgeOfInformation.SawtoothByHand in units of 100 ms, from 1 s on.
        const auto at = [](double x) { return Seconds(1) + NanoSeconds(std::llround(1e8 * x)); };
        host.Send(at(0.5), 3, at(0.0));
        host.Send(at(2.0), 5, at(1.0));
        host.Send(at(2.5), 4, at(0.5)); // overtaken
        host.Send(at(3.0), 5, at(1.0)); // a copy
        host.Send(at(3.25), 8, at(3.0));
        Host::Run(at(4.25));
        const auto& statistics = host.server->GetStatistics(7);
        EXPECT_EQ(host.server->GetCpuIds(), (std::vector<uint32_t>{7}));
        EXPECT_EQ(statistics.expected, 6U); // 3 to 8
        EXPECT_EQ(statistics.reports, 4U);
        EXPECT_EQ(statistics.GetLost(), 2U);
        EXPECT_EQ(statistics.reordered, 1U);
        EXPECT_EQ(statistics.duplicates, 1U);
        EXPECT_EQ(statistics.packets, 5U);
        EXPECT_EQ(statistics.bytes, 5 * (44U + 168));
        const double now = at(4.25).GetSeconds();
        EXPECT_NEAR(statistics.age.GetMean(now), 0.465625 / 3.75, 1e-12);
        EXPECT_NEAR(statistics.age.GetAge(now), 0.125, 1e-12);
        ASSERT_EQ(statistics.age.GetPeaks().size(), 2U);
        EXPECT_NEAR(statistics.age.GetPeaks()[0], 0.2, 1e-12);
        EXPECT_NEAR(statistics.age.GetPeaks()[1], 0.225, 1e-12);
        ASSERT_EQ(host.reports.size(), 4U);
        EXPECT_FALSE(host.reports[0].hasAge);
        const uint32_t sequences[]{3, 5, 4, 8};
        const double latencies[]{0.5, 1.0, 2.0, 0.25};
        const double ages[]{0.0, 2.0, 1.5, 2.25};
        for (int i = 0; i < 4; ++i)
        {
            const auto& report = host.reports[i];
            EXPECT_EQ(report.sequence, sequences[i]);
            EXPECT_EQ(report.latency, at(latencies[i]) - Seconds(1));
            EXPECT_EQ(report.age, i > 0 ? at(ages[i]) - Seconds(1) : Time());
            EXPECT_EQ(report.nTracks, 1U);
            EXPECT_EQ(report.nDetections, 0U);
            EXPECT_EQ(report.bytes, 44U + 168);
        }
        ASSERT_EQ(host.server->GetTracks(7).size(), 1U);
        EXPECT_EQ(host.server->GetTracks(7)[0].id, 801U);
        EXPECT_EQ(host.server->GetMalformed(), 0U);
    }
}

TEST(CellFreeSensingServer, PartsMakeAReport)
{
    Host host;
    const auto at = [](int ms) { return MilliSeconds(100 + ms); };
    host.Send(at(1), 0, at(0), 1, 2);
    host.Send(at(2), 1, at(1), 0, 2); // never gets complete
    host.Send(at(3), 0, at(0), 1, 2); // a copy
    host.Send(at(4), 2, at(3), 2, 3);
    host.Send(at(5), 2, at(3), 0, 3);
    host.Send(at(6), 0, at(0), 0, 2);
    host.Send(at(7), 2, at(3), 1, 3);
    host.Send(at(8), 2, at(3), 1, 3); // a copy of what has arrived
    Host::Run(at(7) + MicroSeconds(1));
    const auto& statistics = host.server->GetStatistics(7);
    EXPECT_EQ(statistics.reports, 2U);
    EXPECT_EQ(statistics.expected, 3U);
    EXPECT_EQ(statistics.GetLost(), 1U);
    EXPECT_EQ(statistics.duplicates, 1U);
    ASSERT_EQ(host.reports.size(), 2U);
    EXPECT_EQ(host.reports[0].sequence, 0U);
    EXPECT_EQ(host.reports[0].latency, MilliSeconds(6));
    EXPECT_EQ(host.reports[0].nTracks, 2U);
    EXPECT_EQ(host.reports[0].bytes, 2U * (44 + 168));
    EXPECT_EQ(host.reports[1].sequence, 2U);
    EXPECT_EQ(host.reports[1].latency, MilliSeconds(4));
    EXPECT_EQ(host.reports[1].age, MilliSeconds(7));
    EXPECT_EQ(host.reports[1].nTracks, 3U);
    // By number, in whatever order they came.
    const auto& tracks = host.server->GetTracks(7);
    ASSERT_EQ(tracks.size(), 3U);
    for (uint32_t i = 0; i < 3; ++i)
    {
        EXPECT_EQ(tracks[i].id, 201 + i);
    }
    Host::Run(MilliSeconds(5));
    EXPECT_EQ(statistics.duplicates, 2U);
    EXPECT_EQ(statistics.packets, 8U);
    EXPECT_EQ(host.server->GetMalformed(), 0U);
}

TEST(CellFreeSensingServer, WhatItKeepsIsBounded)
{
    Host host;
    const auto at = [](int ms) { return MilliSeconds(100 + ms); };
    // More incomplete reports than are waited for: the oldest one is given up.
    const int n = CellFreeSensingServer::MAX_INCOMPLETE + 1;
    for (int i = 0; i < n; ++i)
    {
        host.Send(at(i), i, at(i), 0, 2);
    }
    for (int i = 0; i < n; ++i)
    {
        host.Send(at(n + i), i, at(i), 1, 2);
    }
    // A report so late that nobody knows any more whether it came.
    host.Send(at(2 * n), 5000, at(2 * n));
    host.Send(at(2 * n + 1), n, at(n));
    host.Send(at(2 * n + 2), 5000 - CellFreeSensingServer::MEMORY + 1, at(n));
    Host::Run(Seconds(1));
    const auto& statistics = host.server->GetStatistics(7);
    EXPECT_EQ(statistics.reports, n - 1U + 2U);
    EXPECT_EQ(statistics.expected, 5001U);
    EXPECT_EQ(statistics.duplicates, 1U);
    EXPECT_EQ(statistics.reordered, 1U);
    EXPECT_EQ(host.reports.back().sequence, 5001 - CellFreeSensingServer::MEMORY);
}

TEST(CellFreeSensingServer, WhatIsNoReportIsCounted)
{
    Host host;
    std::mt19937 generator(1);
    const int n = 200;
    for (int i = 0; i < n; ++i)
    {
        std::vector<uint8_t> bytes(i);
        for (auto& byte : bytes)
        {
            byte = static_cast<uint8_t>(generator());
        }
        host.Send(MilliSeconds(i), Create<Packet>(bytes.data(), bytes.size()));
    }
    auto longer = Create<Packet>(3);
    longer->AddHeader(MakeHeader(1, 0));
    host.Send(MilliSeconds(300), longer);
    auto early = Create<Packet>();
    early->AddHeader(MakeHeader(1, 0));
    host.Send(MilliSeconds(20), early); // before it was sent
    host.Send(MilliSeconds(400), 0, MilliSeconds(350), 0, 2);
    host.Send(MilliSeconds(401), 0, MilliSeconds(351), 1, 2); // another time
    host.Send(MilliSeconds(402), 0, MilliSeconds(350), 1, 3); // another number of parts
    host.Send(MilliSeconds(403), 0, MilliSeconds(350), 1, 2);
    Host::Run(Seconds(1));
    EXPECT_EQ(host.server->GetMalformed(), n + 4U);
    ASSERT_EQ(host.malformed.size(), n + 4U);
    EXPECT_NE(host.malformed[n + 1].find("3 bytes behind it"), std::string::npos);
    EXPECT_EQ(std::count(host.malformed.begin(), host.malformed.end(), "it was sent in the future"),
              1);
    EXPECT_NE(host.malformed.back().find("does not agree"), std::string::npos);
    EXPECT_EQ(host.reports.size(), 1U);
    EXPECT_EQ(host.server->GetStatistics(7).reports, 1U);
    EXPECT_EQ(host.server->GetStatistics(7).packets, 2U);
}

TEST(CellFreeSensingReporter, LongReportsAreSplit)
{
    for (const bool isIpv6 : {false, true})
    {
        Host host(isIpv6);
        CellFreeSensingReportHelper helper(host.remote);
        helper.SetAttribute("MaxPacketBytes", UintegerValue(600));
        helper.SetAttribute("Every", UintegerValue(2));
        helper.SetAttribute("IncludeDetections", BooleanValue(true));
        helper.SetAttribute("IncludeTentative", BooleanValue(true));
        auto applications = helper.Install(NodeContainer(host.node));
        applications.Start(MilliSeconds(10));
        applications.Stop(MilliSeconds(100));
        const auto reporter = DynamicCast<CellFreeSensingReporter>(applications.Get(0));
        std::vector<CellFreeTrack> tracks;
        for (uint32_t i = 0; i < 20; ++i)
        {
            tracks.push_back(MakeTrack(i));
        }
        tracks.push_back(MakeTrack(20));
        tracks.back().state(0) = std::nan("");
        CellFreeScan scan;
        scan.detections.assign(2, MakeDetection(3.0));
        for (const int ms : {5, 20, 40, 60, 150}) // the first too early, the last too late
        {
            At(MilliSeconds(ms), [=]() mutable {
                scan.start = MilliSeconds(ms - 3);
                scan.end = MilliSeconds(ms - 1);
                reporter->Report(scan, tracks);
            });
        }
        Host::Run(Seconds(1));
        // 20 tracks, 3 in a packet of at most 600 bytes: 44 + 3 * 168 = 548; a detection more is
        // too much, but one fits behind the last two tracks, and another behind that.
        const uint32_t bytes = 7 * 44 + 20 * 168 + 2 * 144;
        const auto& counters = reporter->GetCounters();
        EXPECT_EQ(counters.reports, 2U);
        EXPECT_EQ(counters.packets, 2U * 8);
        EXPECT_EQ(counters.bytes, 2U * (bytes + 44));
        EXPECT_EQ(counters.failed, 0U);
        EXPECT_EQ(counters.omitted, 2U);
        const auto id = host.node->GetId();
        ASSERT_EQ(host.server->GetCpuIds(), (std::vector<uint32_t>{id}));
        const auto& statistics = host.server->GetStatistics(id);
        EXPECT_EQ(statistics.reports, 2U);
        EXPECT_EQ(statistics.packets, counters.packets);
        EXPECT_EQ(statistics.bytes, counters.bytes);
        EXPECT_EQ(statistics.GetLost(), 0U);
        ASSERT_EQ(host.reports.size(), 2U);
        EXPECT_EQ(host.reports[1].sequence, 1U);
        EXPECT_EQ(host.reports[1].time, MilliSeconds(60));
        EXPECT_EQ(host.reports[1].end, MilliSeconds(59));
        EXPECT_EQ(host.reports[1].sent, MilliSeconds(60));
        EXPECT_EQ(host.reports[1].age, MilliSeconds(41));
        EXPECT_EQ(host.reports[1].nTracks, 20U);
        EXPECT_EQ(host.reports[1].nDetections, 2U);
        EXPECT_EQ(host.reports[1].bytes, bytes + 44);
        for (uint32_t i = 0; i < 20; ++i)
        {
            EXPECT_EQ(host.server->GetTracks(id)[i].id, i);
        }
        EXPECT_EQ(host.server->GetDetections(id).size(), 2U);
    }
}

TEST(CellFreeSensingReporter, TentativeTracksAreLeftOut)
{
    Host host;
    const auto applications =
        CellFreeSensingReportHelper(host.remote).Install(NodeContainer(host.node));
    const auto reporter = DynamicCast<CellFreeSensingReporter>(applications.Get(0));
    At(MilliSeconds(10), [reporter]() {
        reporter->Report({}, {MakeTrack(0), MakeTrack(1), MakeTrack(2), MakeTrack(3)});
    });
    At(MilliSeconds(20), [reporter]() { reporter->Report({}, {MakeTrack(0)}); });
    Host::Run(MilliSeconds(30));
    ASSERT_EQ(host.reports.size(), 2U);
    EXPECT_EQ(host.reports[0].nTracks, 2U); // a confirmed and a coasting one
    EXPECT_EQ(host.reports[1].nTracks, 0U); // that there is none is news, too
    EXPECT_EQ(host.reports[1].bytes, 44U);
    EXPECT_EQ(reporter->GetCounters().omitted, 0U);
}

TEST(CellFreeSensingReporter, WhereNobodyIsReachedPacketsFail)
{
    Host host;
    CellFreeSensingReportHelper helper(InetSocketAddress("10.9.9.9", PORT));
    auto applications = helper.Install(NodeContainer(host.node));
    const auto reporter = DynamicCast<CellFreeSensingReporter>(applications.Get(0));
    At(MilliSeconds(10), [reporter]() { reporter->Report({}, {MakeTrack(1)}); });
    Host::Run(MilliSeconds(20));
    EXPECT_EQ(reporter->GetCounters().reports, 1U);
    EXPECT_EQ(reporter->GetCounters().packets, 0U);
    EXPECT_EQ(reporter->GetCounters().failed, 1U);
}

TEST(CellFreeReportTrace, FileAndSummary)
{
    const auto directory = std::filesystem::temp_directory_path() /
                           ("cellfree-isac-report-" + std::to_string(getpid()));
    std::filesystem::create_directories(directory);
    std::ostringstream summary;
    {
        Host host;
        auto trace = CreateObject<CellFreeReportTrace>();
        trace->Open(directory.string(), "-tag");
        trace->AddAll();
        trace->AddAll(); // once is enough
        host.Send(Seconds(1), 0, MilliSeconds(990));
        host.Send(MilliSeconds(1100), 2, MilliSeconds(1080));
        host.Send(MilliSeconds(1150), Create<Packet>(5));
        Host::Run(Seconds(1.2));
        trace->Print(summary);
        trace->Dispose();
    }
    std::ifstream file(directory / "ReportTrace-tag.tsv");
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str(),
              "time_s\tcpuId\tsequence\tsent_s\tlatency_s\tage_s\tnTracks\tnDetections\tbytes\n"
              "1\t7\t0\t0.99\t0.01\t\t1\t0\t212\n"
              "1.1\t7\t2\t1.08\t0.02\t0.11\t1\t0\t212\n");
    // The age rises from 10 to 110 ms, then from 20 to 120 ms: 65 ms in the mean, and 95 % of the
    // time it is below 110 ms.
    EXPECT_EQ(
        summary.str(),
        "Reports of CPU 7: 2 of 3 arrived (33.3 % lost) after 15.0 ms (mean), 19.5 ms (95 %); "
        "age of information 65.0 ms (mean), 110.0 ms (95 %)\n"
        "Packets that are no reports: 1\n");
    std::filesystem::remove_all(directory);
}

TEST(CellFreeRefusals, Reports)
{
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    EXPECT_DEATH(
        {
            Host host;
            CellFreeSensingReportHelper(Address()).Install(NodeContainer(host.node));
            Host::Run(MilliSeconds(1));
        },
        "CellFreeSensingReporter::Remote is .*: expected an InetSocketAddress");
    EXPECT_DEATH(
        {
            Host host;
            CellFreeSensingServerHelper(PORT).Install(NodeContainer(host.node));
            Host::Run(MilliSeconds(1));
        },
        "CellFreeSensingServer::Port is 5005: expected a free port of node");
    EXPECT_DEATH(
        {
            CellFreeSensingServerHelper(PORT).Install(NodeContainer(1));
            Host::Run(MilliSeconds(1));
        },
        "CellFreeSensingServer on node 0: expected an internet stack");
    EXPECT_DEATH(
        {
            Host host;
            host.server->GetTracks(4);
        },
        "no report came from node 4: expected one of GetCpuIds");
}
