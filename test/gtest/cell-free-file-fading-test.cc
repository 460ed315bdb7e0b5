// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-nodes.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-antenna-array.h"
#include "ns3/cell-free-array-file.h"
#include "ns3/cell-free-channel-model.h"
#include "ns3/cell-free-file-fading.h"
#include "ns3/cell-free-spatial-fading.h"
#include "ns3/isac-link-budget.h"
#include "ns3/nstime.h"
#include "ns3/pointer.h"
#include "ns3/propagation-loss-model.h"
#include "ns3/string.h"

#include <cmath>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

using namespace ns3;

namespace
{

using Complex = std::complex<double>;

constexpr double FREQUENCY = 3.5e9;
constexpr double WAVELENGTH = ISAC_SPEED_OF_LIGHT / FREQUENCY;
constexpr double BANDWIDTH = 20e6;

/// What is to be in a file.
struct Content
{
    struct Array
    {
        std::vector<uint64_t> shape;
        std::string axes;
        std::string unit;
        bool isComplex;
        std::vector<double> values;
    };

    std::map<std::string, std::string> texts;
    std::map<std::string, double> numbers;
    std::map<std::string, Array> arrays;

    void Add(const std::string& name,
             const std::vector<uint64_t>& shape,
             const std::string& axes,
             const std::string& unit,
             const std::vector<double>& values)
    {
        arrays[name] = {shape, axes, unit, false, values};
    }

    void AddComplex(const std::string& name,
                    const std::vector<uint64_t>& shape,
                    const std::string& axes,
                    const std::vector<Complex>& values)
    {
        arrays[name] = {shape, axes, "1", true, {}};
        for (const auto& value : values)
        {
            arrays[name].values.insert(arrays[name].values.end(), {value.real(), value.imag()});
        }
    }

    void Write(const std::string& path) const
    {
        auto file = cellfree::OpenArrayFile(path, true);
        for (const auto& [name, text] : texts)
        {
            file->SetText(name, text);
        }
        for (const auto& [name, number] : numbers)
        {
            file->SetNumber(name, number);
        }
        for (const auto& [name, array] : arrays)
        {
            CellFreeArrayFile::Entry entry;
            entry.name = name;
            entry.isComplex = array.isComplex;
            entry.shape = array.shape;
            entry.shape[0] = 0;
            file->Create(entry, array.axes, array.unit);
            const std::size_t size = array.values.size() / array.shape[0];
            for (std::size_t row = 0; row < array.shape[0]; ++row)
            {
                const auto first = array.values.begin() + row * size;
                file->Append(name, {first, first + size});
            }
        }
        file->Close();
    }
};

class CellFreeFileFadingTest : public CellFreeSimulationTest
{
  protected:
    void SetUp() override
    {
        CellFreeSimulationTest::SetUp();
        const auto error = cellfree::FindArrayFileError();
        if (!error.empty())
        {
            EXPECT_NE(error.find("libhdf5-dev"), std::string::npos) << error;
            GTEST_SKIP() << error;
        }
        auto folder = (std::filesystem::temp_directory_path() / "channel-file-XXXXXX").string();
        ASSERT_NE(mkdtemp(folder.data()), nullptr);
        m_folder = folder;
        m_path = folder + "/x.h5";
    }

    void TearDown() override
    {
        CellFreeSimulationTest::TearDown();
        if (!m_folder.empty())
        {
            std::filesystem::remove_all(m_folder);
        }
    }

    /// A file of coefficients: 2 times, 2 APs, 1 UE, 2 sub-bands, 2 antennas, all different.
    static Content MakeCoefficients()
    {
        Content content;
        content.texts = {{"format", "cellfree-isac-channel"}, {"kind", "coefficients"}};
        content.numbers = {{"version", 1}, {"frequency", FREQUENCY}, {"bandwidth", BANDWIDTH}};
        content.Add("time", {2}, "time", "s", {0.0, 0.01});
        std::vector<Complex> values;
        for (int i = 0; i < 16; ++i)
        {
            values.emplace_back(1e-5 * (i + 1), -2e-5 * i);
        }
        content.AddComplex("coefficients", {2, 2, 1, 2, 2}, "time,ap,ue,band,antenna", values);
        return content;
    }

    /// A file of paths: K times, 1 AP, 1 UE, 2 paths of which the second is there at the end.
    static Content MakePaths()
    {
        Content content;
        content.texts = {{"format", "cellfree-isac-channel"}, {"kind", "paths"}};
        content.numbers = {{"version", 1}, {"frequency", FREQUENCY}};
        content.Add("time", {2}, "time", "s", {0.0, 0.01});
        const auto add = [&](const char* name, const char* unit, const std::vector<double>& x) {
            content.Add(name, {2, 1, 1, 2}, "time,ap,ue,path", unit, x);
        };
        add("delay", "s", {1e-7, 3e-7, 1e-7, 3e-7});
        add("gain", "1", {1e-8, 0, 1e-8, 4e-9});
        add("phase", "rad", {0.3, 0, 0.5, 1.0});
        add("departureAzimuth", "rad", {0.2, 0, 0.25, -1.0});
        add("departureElevation", "rad", {-0.1, 0, -0.1, 0.2});
        add("doppler", "Hz", {10, 0, 12, -30});
        return content;
    }

    /// What opening the file says. @param content of it
    std::string FindError(const Content& content) const
    {
        content.Write(m_path);
        try
        {
            CellFreeChannelFile file(m_path);
        }
        catch (const std::exception& error)
        {
            return error.what();
        }
        return "";
    }

    /// A channel model with channels from the file.
    Ptr<CellFreeChannelModel> MakeChannel(uint32_t nBands = 1) const
    {
        auto channel = CreateObject<CellFreeChannelModel>();
        channel->SetAttribute("Frequency", DoubleValue(FREQUENCY));
        channel->SetAttribute("Bandwidth", DoubleValue(BANDWIDTH));
        channel->SetAttribute("Subbands", UintegerValue(nBands));
        channel->SetAttribute(
            "Fading",
            PointerValue(
                CreateObjectWithAttributes<CellFreeFileFading>("File", StringValue(m_path))));
        return channel;
    }

    /// Runs the simulation, whose channel models would go on for ever. @param time for how long
    static void RunFor(const Time& time)
    {
        Simulator::Stop(time);
        Simulator::Run();
    }

    /// h of all APs and UE 0. @param channel the model @param band the sub-band
    static Eigen::VectorXcd GetH(const Ptr<CellFreeChannelModel>& channel, uint32_t band = 0)
    {
        IsacProblem problem;
        std::vector<uint32_t> aps;
        for (uint32_t m = 0; m < channel->GetNAps(); ++m)
        {
            aps.push_back(m);
        }
        channel->GetTrueProblem(aps, {0}, {}, problem, band);
        return problem.h.col(0);
    }

    std::string m_folder;
    std::string m_path;
};

} // namespace

TEST_F(CellFreeFileFadingTest, CoefficientsAreThoseOfTheFileConjugated)
{
    auto content = MakeCoefficients();
    content.texts["interpolation"] = "hold";
    content.Write(m_path);
    auto channel = MakeChannel(2);
    channel->AddAp(MakeAp(Vector(0, 0, 10), MakeArray(2)));
    channel->AddAp(MakeAp(Vector(90, 0, 10), MakeArray(2)));
    channel->AddUe(MakeNode(Vector(50, 0, 1.5)));
    // Value i is that of time i / 8, AP i / 4 % 2, sub-band i / 2 % 2 and antenna i % 2.
    const auto expect = [&](int row) {
        for (int band = 0; band < 2; ++band)
        {
            const auto h = GetH(channel, band);
            for (int m = 0; m < 2; ++m)
            {
                for (int n = 0; n < 2; ++n)
                {
                    const int i = 8 * row + 4 * m + 2 * band + n;
                    EXPECT_EQ(h(2 * m + n), Complex(1e-5 * (i + 1), 2e-5 * i)) << i;
                }
            }
        }
    };
    At(MilliSeconds(0), [&]() { expect(0); });
    At(MicroSeconds(9999), [&]() { expect(0); });
    At(MilliSeconds(10), [&]() {
        expect(1);
        const auto low = GetH(channel, 0);
        const auto high = GetH(channel, 1);
        EXPECT_NEAR(channel->GetSquaredNorm(1, 0) * 2 /
                        (low.tail(2).squaredNorm() + high.tail(2).squaredNorm()),
                    1.0,
                    1e-12);
    });
    At(MilliSeconds(15), [&]() { expect(1); });
    RunFor(MilliSeconds(16));
}

TEST_F(CellFreeFileFadingTest, CoefficientsChangeLinearlyUnlessTheyHold)
{
    MakeCoefficients().Write(m_path);
    auto channel = MakeChannel(2);
    channel->AddAp(MakeAp(Vector(0, 0, 10), MakeArray(2)));
    channel->AddUe(MakeNode(Vector(50, 0, 1.5)));
    At(MilliSeconds(2), [&]() {
        // A fifth of the way from the first value to the ninth.
        EXPECT_LT(std::abs(GetH(channel)(0) - Complex(1e-5 * 2.6, 2e-5 * 1.6)), 1e-18);
    });
    At(MilliSeconds(10), [&]() {
        // The mean gain is that of both times, sub-bands and antennas.
        double sum = 0.0;
        for (int i : {0, 1, 2, 3, 8, 9, 10, 11})
        {
            sum += std::norm(Complex(1e-5 * (i + 1), 2e-5 * i)) / 8;
        }
        Eigen::VectorXcd mean;
        Eigen::MatrixXcd covariance;
        EXPECT_NEAR(channel->GetMeanGain(0, 0) / sum, 1.0, 1e-12);
        channel->GetStatistics(0, 0, 1, mean, covariance);
        EXPECT_EQ(mean.norm(), 0.0);
        EXPECT_LT((covariance - sum * Eigen::MatrixXcd::Identity(2, 2)).norm(), 1e-12 * sum);
    });
    RunFor(MilliSeconds(11));
}

TEST_F(CellFreeFileFadingTest, OnePathIsTheFreeSpaceChannelOfAMovingUe)
{
    // Amplitude, phase over the antennas, Doppler shift and phase over the sub-bands of a UE that
    // passes an AP; the file has a path every 10 ms. Between them the phase is that of a constant
    // Doppler shift, which is off by at most v^2 / R (5 ms)^2 / 2 = 43 um, 3 mrad.
    const Vector apPlace(5, -20, 10);
    const Vector start(60, 10, 1.5);
    const Vector velocity(-12, 5, 0);
    const int times = 6;
    const auto array = MakeArray(8, 0.3);
    std::vector<double> at;
    std::map<std::string, std::vector<double>> path;
    std::vector<double> apPlaces;
    std::vector<double> uePlaces;
    const auto getWay = [&](double t) {
        return Eigen::Vector3d(start.x + velocity.x * t - apPlace.x,
                               start.y + velocity.y * t - apPlace.y,
                               start.z - apPlace.z);
    };
    for (int k = 0; k < times; ++k)
    {
        const double t = 0.01 * k;
        const auto way = getWay(t);
        const double r = way.norm();
        at.push_back(t);
        path["delay"].push_back(r / ISAC_SPEED_OF_LIGHT);
        path["gain"].push_back(std::pow(WAVELENGTH / (4 * M_PI * r), 2));
        path["phase"].push_back(-2 * M_PI * r / WAVELENGTH);
        path["departureAzimuth"].push_back(std::atan2(way.y(), way.x()));
        path["departureElevation"].push_back(std::asin(way.z() / r));
        path["doppler"].push_back(-(way.x() * velocity.x + way.y() * velocity.y) / r / WAVELENGTH);
        apPlaces.insert(apPlaces.end(), {apPlace.x, apPlace.y, apPlace.z});
        uePlaces.insert(uePlaces.end(),
                        {start.x + velocity.x * t, start.y + velocity.y * t, start.z});
    }
    Content content = MakePaths();
    content.arrays.clear();
    content.Add("time", {times}, "time", "s", at);
    for (const auto& [name, values] : path)
    {
        const std::string unit = name == "delay"     ? "s"
                                 : name == "gain"    ? "1"
                                 : name == "doppler" ? "Hz"
                                                     : "rad";
        content.Add(name, {times, 1, 1, 1}, "time,ap,ue,path", unit, values);
    }
    content.Add("positions/time", {times}, "time", "s", at);
    content.Add("positions/ap", {times, 1, 3}, "time,ap,coordinate", "m", apPlaces);
    content.Add("positions/ue", {times, 1, 3}, "time,ue,coordinate", "m", uePlaces);
    content.Write(m_path);

    constexpr uint32_t BANDS = 4;
    auto wide = MakeChannel(BANDS);
    auto narrow = MakeChannel();
    // The module's own channel of a line of sight that is 60 dB above the rest.
    auto loss = CreateObject<FriisPropagationLossModel>();
    loss->SetAttribute("Frequency", DoubleValue(FREQUENCY));
    auto chain = CreateObjectWithAttributes<CellFreePropagationLossChain>("PropagationLoss",
                                                                          PointerValue(loss),
                                                                          "LineOfSight",
                                                                          BooleanValue(true));
    auto rician = CreateObjectWithAttributes<CellFreeSpatialFading>("DrawKFactor",
                                                                    BooleanValue(false),
                                                                    "KFactor",
                                                                    DoubleValue(1e6));
    auto own = CreateObject<CellFreeChannelModel>();
    own->SetAttribute("Frequency", DoubleValue(FREQUENCY));
    own->SetAttribute("LargeScale", PointerValue(chain));
    own->SetAttribute("Fading", PointerValue(rician));
    for (const auto& channel : {wide, narrow, own})
    {
        channel->SetAttribute("LargeScaleUpdatePeriod", TimeValue(MilliSeconds(1)));
        channel->AddAp(MakeAp(apPlace, array));
        channel->AddUe(MakeNode(start, velocity));
        channel->AssignStreams(1);
    }
    for (int ms = 0; ms <= 50; ++ms)
    {
        At(MilliSeconds(ms), [&, ms]() {
            const auto way = getWay(1e-3 * ms);
            const double r = way.norm();
            const double amplitude = WAVELENGTH / (4 * M_PI * r);
            const bool isInFile = ms % 10 == 0;
            const double tolerance = isInFile ? 1e-6 : 5e-3;
            Eigen::VectorXcd steering(8);
            cellfree::GetSteeringVector(array, Vector(way.x(), way.y(), way.z()), steering);
            for (uint32_t band = 0; band < BANDS; ++band)
            {
                const double f = FREQUENCY + ((band + 0.5) / BANDS - 0.5) * BANDWIDTH;
                const Eigen::VectorXcd expected =
                    std::polar(amplitude, 2 * M_PI * f * r / ISAC_SPEED_OF_LIGHT) * steering;
                EXPECT_LT((GetH(wide, band) - expected).norm() / expected.norm(), tolerance)
                    << ms << " ms, sub-band " << band;
            }
            const auto h = GetH(own);
            EXPECT_LT((GetH(narrow) - h).norm() / h.norm(), 0.01) << ms;
            EXPECT_NEAR(narrow->GetMeanGain(0, 0) / own->GetMeanGain(0, 0), 1.0, 2e-3) << ms;
        });
    }
    RunFor(MilliSeconds(60));
}

TEST_F(CellFreeFileFadingTest, PathsFadeInAndOutAndHaveStatistics)
{
    const auto content = MakePaths();
    content.Write(m_path);
    auto channel = MakeChannel(2);
    const auto array = MakeArray(3);
    channel->AddAp(MakeAp(Vector(0, 0, 10), array));
    channel->AddUe(MakeNode(Vector(50, 0, 1.5)));
    const auto get = [&content](const char* name, int k, int l) {
        return content.arrays.at(name).values[2 * k + l];
    };
    const auto steer = [&](int k, int l) {
        const double azimuth = get("departureAzimuth", k, l);
        const double elevation = get("departureElevation", k, l);
        Eigen::VectorXcd a(3);
        cellfree::GetSteeringVector(array,
                                    Vector(std::cos(elevation) * std::cos(azimuth),
                                           std::cos(elevation) * std::sin(azimuth),
                                           std::sin(elevation)),
                                    a);
        return a;
    };
    At(MilliSeconds(4), [&]() {
        for (int band = 0; band < 2; ++band)
        {
            const double f = (band - 0.5) * BANDWIDTH / 2;
            Eigen::VectorXcd expected = Eigen::VectorXcd::Zero(3);
            for (int k = 0; k < 2; ++k)
            {
                const double elapsed = 0.004 - 0.01 * k;
                for (int l = 0; l < 2; ++l)
                {
                    const double nu = get("doppler", k, l);
                    const double tau = get("delay", k, l) - nu * elapsed / FREQUENCY;
                    const double phase = get("phase", k, l) + 2 * M_PI * (nu * elapsed - f * tau);
                    expected += (k == 0 ? 0.6 : 0.4) * std::sqrt(get("gain", k, l)) *
                                std::polar(1.0, -phase) * steer(k, l);
                }
            }
            EXPECT_LT((GetH(channel, band) - expected).norm(), 1e-10 * expected.norm());
        }
        Eigen::VectorXcd mean;
        Eigen::MatrixXcd covariance;
        channel->GetStatistics(0, 0, 0, mean, covariance);
        Eigen::MatrixXcd expected = Eigen::MatrixXcd::Zero(3, 3);
        for (int k = 0; k < 2; ++k)
        {
            for (int l = 0; l < 2; ++l)
            {
                expected +=
                    (k == 0 ? 0.6 : 0.4) * get("gain", k, l) * steer(k, l) * steer(k, l).adjoint();
            }
        }
        EXPECT_EQ(mean.norm(), 0.0);
        EXPECT_LT((covariance - expected).norm(), 1e-12 * expected.norm());
    });
    At(MilliSeconds(10), [&]() {
        const double lag = 0.003;
        const double correlation =
            (1e-8 * std::cos(2 * M_PI * 12 * lag) + 4e-9 * std::cos(2 * M_PI * 30 * lag)) / 1.4e-8;
        EXPECT_NEAR(channel->GetAutocorrelation(0, 0, MilliSeconds(3)), correlation, 1e-12);
        // h of either sub-band by the Fourier transform of the powers; path 2 is 0.2 us later.
        const Complex bands = (1e-8 * std::polar(1.0, -2 * M_PI * 1e7 * 1e-7) +
                               4e-9 * std::polar(1.0, -2 * M_PI * 1e7 * 3e-7)) /
                              1.4e-8;
        EXPECT_LT(std::abs(channel->GetFading()->GetBandCorrelation(0, 0, 1) - bands), 1e-12);
    });
    RunFor(MilliSeconds(11));
}

TEST_F(CellFreeFileFadingTest, StatisticsOfTheFileAreTakenAsTheyAre)
{
    auto content = MakeCoefficients();
    content.Add("statistics/time", {2}, "time", "s", {0.0, 0.005});
    content.Add("statistics/gain", {2, 2, 1}, "time,ap,ue", "1", {1e-8, 0, 3e-8, 4e-8});
    content.Add("statistics/lag", {2}, "lag", "s", {0.001, 0.003});
    content.Add("statistics/autocorrelation",
                {2, 2, 1, 2},
                "time,ap,ue,lag",
                "1",
                {0.9, 0.7, 0, 0, 0.8, -0.4, 0, 0});
    // Of what is received: E g_n g_o^* at [n][o]. Others are zero.
    std::vector<Complex> covariance(2 * 2 * 2 * 4);
    covariance[4 * 1 + 0] = 2e-8;
    covariance[4 * 1 + 1] = Complex(1e-9, 5e-9);
    covariance[4 * 1 + 2] = Complex(1e-9, -5e-9);
    covariance[4 * 1 + 3] = 3e-8;
    content.AddComplex("statistics/covariance",
                       {2, 2, 1, 2, 2, 2},
                       "time,ap,ue,band,antenna,antenna",
                       covariance);
    std::vector<Complex> means(16);
    means[3] = Complex(1e-5, 2e-5);
    content.AddComplex("mean", {2, 2, 1, 2, 2}, "time,ap,ue,band,antenna", means);
    content.texts["interpolation"] = "hold";
    content.Write(m_path);
    auto channel = MakeChannel(2);
    channel->SetAttribute("LargeScaleUpdatePeriod", TimeValue(MilliSeconds(1)));
    channel->AddAp(MakeAp(Vector(0, 0, 10), MakeArray(2)));
    channel->AddAp(MakeAp(Vector(90, 0, 10), MakeArray(2)));
    channel->AddUe(MakeNode(Vector(50, 0, 1.5)));
    At(MilliSeconds(2), [&]() {
        EXPECT_NEAR(channel->GetMeanGain(0, 0), 1e-8, 1e-20);
        // No gain is no link.
        EXPECT_FALSE(channel->HasLink(1, 0));
        EXPECT_EQ(GetH(channel).tail(2).norm(), 0.0);
        Eigen::VectorXcd mean;
        Eigen::MatrixXcd h;
        channel->GetStatistics(0, 0, 1, mean, h);
        EXPECT_EQ(mean(0), Complex(0, 0));
        EXPECT_EQ(mean(1), Complex(1e-5, -2e-5));
        EXPECT_EQ(h(0, 0), Complex(2e-8, 0));
        // E h_0 h_1^* is the conjugate of E g_0 g_1^*.
        EXPECT_EQ(h(0, 1), Complex(1e-9, -5e-9));
        EXPECT_EQ(h(1, 0), Complex(1e-9, 5e-9));
        EXPECT_EQ(h(1, 1), Complex(3e-8, 0));
        EXPECT_EQ(channel->GetAutocorrelation(0, 0, MilliSeconds(1)), 0.9);
        EXPECT_NEAR(channel->GetAutocorrelation(0, 0, MilliSeconds(2)), 0.8, 1e-12);
        EXPECT_EQ(channel->GetAutocorrelation(0, 0, MilliSeconds(9)), 0.7);
    });
    At(MilliSeconds(6), [&]() {
        EXPECT_NEAR(channel->GetMeanGain(0, 0), 3e-8, 1e-20);
        EXPECT_NEAR(channel->GetMeanGain(1, 0), 4e-8, 1e-20);
        EXPECT_EQ(channel->GetAutocorrelation(0, 0, MilliSeconds(3)), -0.4);
    });
    RunFor(MilliSeconds(7));
}

TEST_F(CellFreeFileFadingTest, EchoesOfTheFileReplaceTheRadarEquation)
{
    auto content = MakeCoefficients();
    content.Add("echoes/time", {1}, "time", "s", {0.0});
    // [transmitter][receiver] of target 0; no AP hears itself.
    content.Add("echoes/gain",
                {1, 1, 2, 2},
                "time,target,transmitter,receiver",
                "1",
                {0, 4e-15, 1e-15, 0});
    content.Write(m_path);
    auto channel = MakeChannel(2);
    channel->AddAp(MakeAp(Vector(0, 0, 10), MakeArray(2)));
    channel->AddAp(MakeAp(Vector(90, 0, 10), MakeArray(2)));
    channel->AddUe(MakeNode(Vector(50, 0, 1.5)));
    channel->AddTarget(MakeTarget(Vector(50, 30, 50), 1.0));
    // One that the file knows nothing of.
    channel->AddTarget(MakeTarget(Vector(50, 30, 50), 1.0));
    IsacProblem problem;
    channel->GetTrueProblem({0, 1}, {0}, {0, 1}, problem);
    EXPECT_NEAR(problem.omega(0, 0), 4e-15, 1e-27);
    EXPECT_NEAR(problem.omega(1, 0), 1e-15, 1e-27);
    EXPECT_GT(problem.omega(0, 1), 0.0);
    channel->GetTrueProblem({0, 1}, {0}, {0}, problem, 0, {0});
    EXPECT_EQ(problem.omega(0, 0), 0.0);
    EXPECT_NEAR(problem.omega(1, 0), 1e-15, 1e-27);
}

TEST_F(CellFreeFileFadingTest, WhatIsNoChannelFileIsRefusedInALine)
{
    ASSERT_EQ(FindError(MakeCoefficients()), "");
    ASSERT_EQ(FindError(MakePaths()), "");
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    using Change = std::function<void(Content&)>;
    const std::vector<std::pair<Change, std::string>> changes{
        {[](Content& c) { c.texts["format"] = "deepmimo"; },
         "attribute format = \"deepmimo\": expected cellfree-isac-channel"},
        {[](Content& c) { c.texts.erase("format"); }, "attribute format is missing"},
        {[](Content& c) { c.numbers["version"] = 2; }, "attribute version = 2: expected 1"},
        {[](Content& c) { c.numbers.erase("version"); }, "attribute version is missing"},
        {[](Content& c) {
             c.texts["version"] = "1";
             c.numbers.erase("version");
         },
         "attribute version: expected a number"},
        {[](Content& c) {
             c.numbers["kind"] = 1;
             c.texts.erase("kind");
         },
         "attribute kind: expected a text"},
        {[](Content& c) { c.texts["kind"] = "taps"; },
         "attribute kind = \"taps\": expected coefficients or paths"},
        {[nan](Content& c) { c.numbers["frequency"] = nan; }, "attribute frequency"},
        {[](Content& c) { c.numbers["frequency"] = 3.5; },
         "attribute frequency = 3.5: expected 1000000 to 1e+12"},
        {[](Content& c) { c.numbers.erase("bandwidth"); }, "attribute bandwidth is missing"},
        {[](Content& c) { c.texts["interpolation"] = "cubic"; },
         "attribute interpolation = \"cubic\": expected linear or hold"},
        {[](Content& c) { c.texts["mobility"] = "none"; }, "attribute mobility"},
        {[](Content& c) { c.arrays.erase("time"); }, "/time: is missing"},
        {[](Content& c) { c.arrays.erase("coefficients"); },
         "/coefficients: is missing: expected it in a file of coefficients"},
        {[](Content& c) { c.arrays["coefficient"] = c.arrays["coefficients"]; },
         "/coefficient: is an array that version 1 of the schema does not know"},
        {[](Content& c) { c.Add("extra/time", {1}, "time", "s", {0}); },
         "/extra: is a group that version 1 of the schema does not know"},
        {[](Content& c) {
             c.arrays["time"].values = {0.01, 0.01};
         },
         "/time: has 0.01 after 0.01: expected ascending values"},
        {[](Content& c) {
             c.arrays["time"].values = {-1, 0.01};
         },
         "/time[0]: is -1: expected 0 to"},
        {[nan](Content& c) { c.arrays["time"].values[1] = nan; },
         "/time[1]: is nan: expected a finite number"},
        {[nan](Content& c) { c.arrays["coefficients"].values[2 * 13 + 1] = nan; },
         "/coefficients[1,1,0,0,1]: is nan: expected a finite number"},
        {[infinity](Content& c) { c.arrays["coefficients"].values[0] = -infinity; },
         "/coefficients[0,0,0,0,0]: is -inf: expected a finite number"},
        {[](Content& c) { c.arrays["coefficients"].values[4] = -90.0e3; },
         "/coefficients[0,0,0,1,0]: is -90000: expected -1000 to 1000"},
        {[](Content& c) { c.arrays["coefficients"].axes = "time,ue,ap,band,antenna"; },
         "/coefficients: attribute axes = \"time,ue,ap,band,antenna\": expected "
         "time,ap,ue,band,antenna"},
        {[](Content& c) { c.arrays["coefficients"].unit = "dB"; },
         "/coefficients: attribute unit = \"dB\": expected 1"},
        {[](Content& c) {
             c.arrays["coefficients"].shape = {2, 2, 2, 2};
         },
         "/coefficients: has the shape [2,2,2,2]: expected 5 axes of time,ap,ue,band,antenna"},
        {[](Content& c) {
             auto& array = c.arrays["coefficients"];
             array.shape[0] = 1;
             array.values.resize(array.values.size() / 2);
         },
         "/coefficients: has the shape [1,2,1,2,2]: expected [2,2,1,2,2]"},
        {[](Content& c) {
             c.arrays["coefficients"].isComplex = false;
             c.arrays["coefficients"].values.resize(16);
         },
         "/coefficients: expected complex numbers"},
        {[](Content& c) {
             c.Add("squaredNorm", {2, 1, 2}, "time,ap,ue", "1", {1, 1, 1, 1});
         },
         "/squaredNorm: has the shape [2,1,2]: expected [2,2,1]"},
        {[](Content& c) {
             c.Add("positions/ap", {1, 2, 3}, "time,ap,coordinate", "m", std::vector<double>(6));
         },
         "/positions/time: is missing: expected it beside /positions/ap"},
        {[](Content& c) {
             c.Add("positions/time", {1}, "time", "s", {0});
             c.Add("positions/ap", {1, 2, 2}, "time,ap,coordinate", "m", std::vector<double>(4));
         },
         "/positions/ap: has the shape [1,2,2]: expected [1,2,3]"},
        {[](Content& c) {
             c.Add("echoes/time", {1}, "time", "s", {0});
             c.Add("echoes/gain", {1, 1, 2, 1}, "time,target,transmitter,receiver", "1", {1, 1});
         },
         "/echoes/gain: has the shape [1,1,2,1]: expected [1,1,2,2]"},
        {[](Content& c) {
             c.Add("delay", {2, 2, 1, 1}, "time,ap,ue,path", "s", {0, 0, 0, 0});
         },
         "/delay: is in a file of coefficients: expected it in one of paths"},
    };
    for (const auto& [change, expected] : changes)
    {
        auto content = MakeCoefficients();
        change(content);
        const auto error = FindError(content);
        EXPECT_NE(error.find(m_path + ": " + expected), std::string::npos)
            << "expected " << expected << "\ngot      " << error;
        EXPECT_EQ(error.find('\n'), std::string::npos) << error;
    }
    const std::vector<std::pair<Change, std::string>> pathChanges{
        {[](Content& c) { c.arrays.erase("phase"); },
         "/phase: is missing: expected it in a file of paths"},
        {[](Content& c) { c.arrays["gain"].values[3] = -80; },
         "/gain[1,0,0,1]: is -80: expected 0 to 1000"},
        {[](Content& c) { c.arrays["departureElevation"].values[0] = 45; },
         "/departureElevation[0,0,0,0]: is 45: expected -1.57"},
        {[](Content& c) { c.arrays["delay"].values[0] = -1; },
         "/delay[0,0,0,0]: is -1: expected 0 to 1"},
        {[](Content& c) {
             c.arrays["doppler"].shape = {2, 1, 2, 1};
         },
         "/doppler: has the shape [2,1,2,1]: expected [2,1,1,2]"},
        {[](Content& c) { c.texts["elementGains"] = "maybe"; },
         "attribute elementGains = \"maybe\": expected excluded or included"},
    };
    for (const auto& [change, expected] : pathChanges)
    {
        auto content = MakePaths();
        change(content);
        const auto error = FindError(content);
        EXPECT_NE(error.find(m_path + ": " + expected), std::string::npos)
            << "expected " << expected << "\ngot      " << error;
    }
}

TEST_F(CellFreeFileFadingTest, WhatIsNoHdf5IsRefusedInALine)
{
    const auto findError = [](const std::string& path) {
        auto fading = CreateObject<CellFreeFileFading>();
        fading->SetAttribute("File", StringValue(path));
        return fading->FindError();
    };
    EXPECT_EQ(findError(""),
              "CellFreeFileFading::File is empty: expected the name of a channel file");
    EXPECT_EQ(findError(m_folder + "/none"),
              m_folder + "/none: expected an HDF5 file that can be read");
    EXPECT_EQ(findError(m_folder), m_folder + ": expected an HDF5 file that can be read");
    // A file that was cut off, at every 100th byte: an error or, where nothing is lost, none.
    MakePaths().Write(m_path);
    const auto size = std::filesystem::file_size(m_path);
    for (auto rest = size - 1; rest > 100; rest -= 100)
    {
        std::filesystem::resize_file(m_path, rest);
        const auto error = findError(m_path);
        EXPECT_NE(error.find("x.h5: "), std::string::npos) << rest << " bytes of " << size;
        EXPECT_EQ(error.find('\n'), std::string::npos) << error;
    }
}

TEST_F(CellFreeFileFadingTest, AFileForAnotherScenarioIsRefusedInALine)
{
    auto content = MakeCoefficients();
    content.Add("positions/time", {2}, "time", "s", {0, 0.02});
    content.Add("positions/ue", {2, 1, 3}, "time,ue,coordinate", "m", {50, 0, 1.5, 54, 0, 1.5});
    content.Write(m_path);
    const auto ask = [&](uint32_t nBands, uint32_t nAntennas, double frequency, const Vector& ue) {
        auto channel = MakeChannel(nBands);
        channel->SetAttribute("Frequency", DoubleValue(frequency));
        channel->AddAp(MakeAp(Vector(0, 0, 10), MakeArray(nAntennas)));
        channel->AddUe(MakeNode(ue));
        GetH(channel);
        return channel;
    };
    const Vector place(50.9, 0, 1.5);
    ask(2, 2, FREQUENCY, place);
    EXPECT_DEATH(ask(1, 2, FREQUENCY, place), "x.h5: has 2 sub-bands: expected 1");
    EXPECT_DEATH(ask(2, 3, FREQUENCY, place), "x.h5: has 2 antennas of an AP: expected 3");
    EXPECT_DEATH(ask(2, 2, 3.6e9, place), "x.h5: has frequency = 3.5e.09: expected 3.6e.09");
    EXPECT_DEATH(ask(2, 2, FREQUENCY, Vector(52, 0, 1.5)),
                 "x.h5: has ue 0, node [0-9]+, at 50:0:1.5 m but it is at 52:0:1.5 m");
    EXPECT_DEATH(
        {
            auto channel = ask(2, 2, FREQUENCY, place);
            channel->AddUe(MakeNode(Vector(50, 0, 1.5)));
            channel->GetMeanGain(0, 1);
        },
        "x.h5: has 1 UEs: expected at least 2");
    EXPECT_DEATH(
        {
            auto channel = ask(2, 2, FREQUENCY, place);
            At(MicroSeconds(20001), [&]() { GetH(channel); });
            RunFor(MilliSeconds(21));
        },
        "x.h5: ends at 0.02 s");
    auto fading = CreateObject<CellFreeFileFading>();
    fading->SetAttribute("File", StringValue(m_path));
    const auto position = fading->GetFile().GetPosition("ue", 0, 0.005);
    EXPECT_NEAR(position[0], 51.0, 1e-12);
    EXPECT_NEAR(fading->GetFile().GetPosition("ue", 0, 7.0)[0], 54.0, 1e-12);
}
