// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/cell-free-weight-control.h"
#include "ns3/double.h"
#include "ns3/isac-detection.h"
#include "ns3/object-factory.h"
#include "ns3/string.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <string>
#include <vector>

using namespace ns3;

namespace
{

constexpr double PFA = 1e-6;
constexpr double TARGET = 0.9;

double
FromDb(double decibel)
{
    return std::pow(10.0, decibel / 10.0);
}

/// What a weight gives in a dwell.
struct Outcome
{
    double snr{0.0};  //!< after combining
    double rate{0.0}; //!< sum rate (bit/s/Hz)
};

/// A scenario as a function of the weight, the target's link (dB) and what UE beams give it.
using Plant = std::function<Outcome(double weight, double link, double ueBeams)>;

/// SNR proportional to the weight; the cost of it is not told.
Outcome
Linear(double weight, double link, double /* ueBeams */)
{
    return {FromDb(link - 10.0) * weight, 0.0};
}

/// 1 dB of SNR for 4 dB of weight.
Outcome
Shallow(double weight, double link, double /* ueBeams */)
{
    return {FromDb(link - 10.0) * std::pow(weight, 0.25), 0.0};
}

/// 4 dB of SNR for 1 dB of weight around a weight of 1, and all of it beyond.
Outcome
Steep(double weight, double link, double ueBeams)
{
    const double power = std::pow(weight, 4.0);
    return {FromDb(link) * (ueBeams + power / (power + 1.0)), 0.0};
}

/// Nothing below a weight of 0.3, as solvers that switch a stream on.
Outcome
Threshold(double weight, double link, double ueBeams)
{
    return {FromDb(link) * (ueBeams + std::max(weight - 0.3, 0.0) / (weight + 1.0)), 0.0};
}

/**
 * A share r of the power goes to the target and the rest to six UEs of 20 dB: the r that maximises
 * 6 log2(1 + 100 (1 - r)) + beta log2(1 + g (u + r)), what policies do.
 */
Outcome
Share(double weight, double link, double ueBeams)
{
    constexpr double UES = 6.0;
    constexpr double SNR = 100.0;
    const double g = FromDb(link);
    // beta g / (1 + g (u + r)) = UES SNR / (1 + SNR (1 - r)), linear in r.
    const double r = std::clamp((weight * g * (1.0 + SNR) - UES * SNR * (1.0 + g * ueBeams)) /
                                    (g * SNR * (weight + UES)),
                                0.0,
                                1.0);
    return {g * (ueBeams + r), UES * std::log2(1.0 + SNR * (1.0 - r))};
}

/// A flight past a network.
struct Flight
{
    int nLooks{1200};    //!< 60 s of a look every 50 ms
    double link{30.0};   //!< mean of the target's link (dB)
    double drift{0.0};   //!< amplitude of its slow change (dB)
    double cycles{1.5};  //!< of the change in the flight
    double noise{0.0};   //!< standard deviation of changes from dwell to dwell (dB)
    double ueBeams{0.0}; //!< mean of what UE beams give, exponential if there is noise
    int delay{0};        //!< dwells that are decided before one is heard of
    int nPooled{1};      //!< independent looks that share the SNR and are pooled
};

/// What a flight was like.
struct Summary
{
    std::vector<double> pd;     //!< of each look
    std::vector<double> weight; //!< of each look
    double meanPd{0.0};
    double meanWeight{0.0};
    double meanRate{0.0};

    /// Largest ratio of weights among the last looks (dB).
    double GetSwing(int looks) const
    {
        const auto [low, high] = std::minmax_element(weight.end() - looks, weight.end());
        return 10.0 * std::log10(*high / *low);
    }
};

/// Pd of a Swerling I target in looks that share an SNR equally.
double
GetPd(double snr, int nPooled)
{
    if (nPooled == 1)
    {
        return cellfree::GetSwerlingDetectionProbability(snr, PFA);
    }
    // The sum of K exponentials of mean 1 + s has a Poisson tail.
    static std::map<int, double> thresholds;
    const auto tail = [nPooled](double x) {
        double term = std::exp(-x);
        double sum = term;
        for (int k = 1; k < nPooled; ++k)
        {
            term *= x / k;
            sum += term;
        }
        return sum;
    };
    auto& threshold = thresholds[nPooled];
    if (threshold == 0.0)
    {
        double low = 1.0;
        double high = 100.0;
        for (int i = 0; i < 60; ++i)
        {
            const double middle = 0.5 * (low + high);
            (tail(middle) > PFA ? low : high) = middle;
        }
        threshold = high;
    }
    return std::min(tail(threshold / (1.0 + snr / nPooled)), 1.0);
}

/// Flies with weights from a control, or with a constant one if that is null.
Summary
Fly(const Plant& plant, const Flight& flight, Ptr<CellFreeWeightControl> control, double weight)
{
    std::mt19937_64 engine(11);
    std::normal_distribution<> normal;
    std::exponential_distribution<> exponential;
    CellFreeScanLook look;
    look.aim.kind = CellFreeAim::TRACK;
    Summary summary;
    std::deque<CellFreeScanLook> onTheirWay;
    for (int k = 0; k < flight.nLooks; ++k)
    {
        const double phase = 2.0 * M_PI * flight.cycles * k / flight.nLooks;
        const double link =
            flight.link + flight.drift * std::sin(phase) + flight.noise * normal(engine);
        const double beams = flight.ueBeams * (flight.noise > 0.0 ? exponential(engine) : 1.0);
        look.weight = control ? control->GetWeight(look.aim, weight) : weight;
        const auto outcome = plant(look.weight, link, beams);
        look.pd = GetPd(outcome.snr, flight.nPooled);
        summary.pd.push_back(look.pd);
        summary.weight.push_back(look.weight);
        summary.meanPd += look.pd / flight.nLooks;
        summary.meanWeight += look.weight / flight.nLooks;
        summary.meanRate += outcome.rate / flight.nLooks;
        onTheirWay.push_back(look);
        if (control && static_cast<int>(onTheirWay.size()) > flight.delay)
        {
            control->Notify(MilliSeconds(50 * (k + 1)), onTheirWay.front());
            onTheirWay.pop_front();
        }
    }
    return summary;
}

/// The flight with the smallest constant weight that has at least a mean Pd.
Summary
FlyConstant(const Plant& plant, const Flight& flight, double meanPd, double& weight)
{
    double low = 1e-4;
    double high = 1e3;
    for (int i = 0; i < 30; ++i)
    {
        const double middle = std::sqrt(low * high);
        (Fly(plant, flight, nullptr, middle).meanPd < meanPd ? low : high) = middle;
    }
    weight = high;
    return Fly(plant, flight, nullptr, high);
}

Ptr<CellFreeWeightControl>
MakeLoop(const std::map<std::string, std::string>& values = {})
{
    auto loop = CreateObject<CellFreeClosedLoopWeight>();
    for (const auto& [name, value] : values)
    {
        loop->SetAttribute(name, StringValue(value));
    }
    return loop;
}

/// Plants by name.
const std::vector<std::pair<std::string, Plant>> PLANTS{
    {"linear", Linear},
    {"shallow", Shallow},
    {"steep", Steep},
    {"threshold", Threshold},
    {"share", Share},
};

} // namespace

TEST(CellFreeWeightControl, FixedWeightIsTheCpus)
{
    auto fixed = CreateObject<CellFreeFixedWeight>();
    CellFreeScanLook look;
    look.pd = 0.1;
    look.weight = 2.0;
    fixed->Notify(Seconds(1), look);
    EXPECT_EQ(fixed->GetWeight(look.aim, 0.7), 0.7);
    EXPECT_EQ(fixed->GetWeight(look.aim, 0.0), 0.0);
}

TEST(CellFreeWeightControl, SettlesAtTheSmallestWeightThatReachesPd)
{
    // Steady links: the weight of the closed form, whatever the curve, the delay and the beginning;
    // no limit cycle of more than 0.1 dB after 20 s.
    for (const auto& [name, plant] : PLANTS)
    {
        for (const int delay : {0, 1, 3})
        {
            for (const double weight : {0.0, 1.0, 10.0})
            {
                for (const std::string hold : {"Mean", "EachDwell"})
                {
                    SCOPED_TRACE(testing::Message() << name << ", delay " << delay << ", from "
                                                    << weight << ", " << hold);
                    Flight flight;
                    flight.delay = delay;
                    flight.ueBeams = 0.01;
                    const auto summary = Fly(plant, flight, MakeLoop({{"Hold", hold}}), weight);
                    double constant = 0.0;
                    FlyConstant(plant, flight, TARGET, constant);
                    EXPECT_NEAR(summary.pd.back(), TARGET, 0.003);
                    EXPECT_NEAR(summary.meanPd, TARGET, 0.03);
                    EXPECT_NEAR(10.0 * std::log10(summary.weight.back() / constant), 0.0, 0.3);
                    EXPECT_LT(summary.GetSwing(800), 0.1);
                }
            }
        }
    }
}

TEST(CellFreeWeightControl, HoldsTheMeanOverLongFlights)
{
    // 60 s with 8 dB between the near and the far end, at once or several times.
    for (const auto& [name, plant] : PLANTS)
    {
        for (const int delay : {0, 3})
        {
            for (const double noise : {0.0, 1.5})
            {
                for (const double cycles : {-1.5, 5.0})
                {
                    SCOPED_TRACE(testing::Message() << name << ", delay " << delay << ", noise "
                                                    << noise << ", " << cycles << " cycles");
                    Flight flight;
                    flight.link = 32.0;
                    flight.drift = 4.0;
                    flight.delay = delay;
                    flight.noise = noise;
                    flight.cycles = cycles;
                    flight.ueBeams = 0.01;
                    const auto mean = Fly(plant, flight, MakeLoop(), 1.0);
                    EXPECT_NEAR(mean.meanPd, TARGET, 0.03);
                    const auto each = Fly(plant, flight, MakeLoop({{"Hold", "EachDwell"}}), 1.0);
                    EXPECT_NEAR(each.meanPd, TARGET, 0.015);
                    if (noise == 0.0 && name != "shallow")
                    {
                        // In every dwell, once it has been found.
                        EXPECT_GT(*std::min_element(each.pd.begin() + 100, each.pd.end()), 0.87);
                    }
                }
            }
        }
    }
}

TEST(CellFreeWeightControl, MeanCostsNoMoreRateThanTheSmallestConstantWeight)
{
    // One look, or four that are pooled and find the target with 6 dB less.
    for (const auto& [delay, nPooled] : {std::pair{0, 1}, {1, 1}, {3, 1}, {1, 4}})
    {
        for (const double noise : {0.0, 1.5})
        {
            for (const double cycles : {0.5, 1.5, -1.5, 5.0})
            {
                SCOPED_TRACE(testing::Message() << "delay " << delay << ", looks " << nPooled
                                                << ", noise " << noise << ", " << cycles);
                Flight flight;
                flight.nPooled = nPooled;
                flight.link = nPooled == 1 ? 32.0 : 26.0;
                flight.drift = 4.0;
                flight.delay = delay;
                flight.noise = noise;
                flight.cycles = cycles;
                flight.ueBeams = 0.01;
                const auto summary = Fly(Share, flight, MakeLoop(), 1.0);
                double weight = 0.0;
                const auto constant = FlyConstant(Share, flight, summary.meanPd, weight);
                EXPECT_NEAR(summary.meanPd, TARGET, 0.01);
                EXPECT_GT(summary.meanRate, constant.meanRate * (1.0 - 2e-4));
                EXPECT_LT(10.0 * std::log10(summary.meanWeight / weight), 0.2);
                if (std::abs(cycles) > 1.0 && noise == 0.0 && nPooled == 1)
                {
                    // Where the link changes much, it gains, and an equal Pd everywhere loses.
                    EXPECT_GT(summary.meanRate, constant.meanRate);
                    const auto each = Fly(Share, flight, MakeLoop({{"Hold", "EachDwell"}}), 1.0);
                    const auto other = FlyConstant(Share, flight, each.meanPd, weight);
                    EXPECT_LT(each.meanRate, other.meanRate);
                }
            }
        }
    }
}

TEST(CellFreeWeightControl, NothingIsWoundUpWherePdIsOutOfReach)
{
    for (const std::string hold : {"Mean", "EachDwell"})
    {
        const auto loop = MakeLoop({{"Hold", hold}, {"MinWeight", "0.01"}, {"MaxWeight", "5"}});
        // A minute next to an AP whose UE beams are enough, a minute out of reach, then a link that
        // needs a weight of 0.5.
        Flight near;
        near.link = 50.0;
        near.ueBeams = 1.0;
        const auto lit = Fly(Share, near, loop, 1.0);
        EXPECT_DOUBLE_EQ(lit.weight.back(), 0.01);
        EXPECT_GT(lit.pd.back(), 0.99);
        Flight far;
        far.link = 10.0;
        const auto dark = Fly(Share, far, loop, 1.0);
        EXPECT_DOUBLE_EQ(dark.weight.back(), 5.0);
        EXPECT_LT(dark.pd.back(), 0.6);
        Flight back;
        back.nLooks = 100;
        const auto settled = Fly(Share, back, loop, 1.0);
        EXPECT_NEAR(settled.pd.back(), TARGET, 0.02) << hold;
        EXPECT_NEAR(settled.meanPd, TARGET, 0.03) << hold;
    }
}

TEST(CellFreeWeightControl, StepsAreBounded)
{
    Flight flight;
    flight.noise = 6.0;
    flight.drift = 10.0;
    const auto summary = Fly(Share, flight, MakeLoop({{"MaxStep", "1.5"}}), 1.0);
    for (std::size_t k = 1; k < summary.weight.size(); ++k)
    {
        EXPECT_LE(std::abs(10.0 * std::log10(summary.weight[k] / summary.weight[k - 1])), 1.5001);
        EXPECT_GE(summary.weight[k], 1e-3 * (1.0 - 1e-12));
        EXPECT_LE(summary.weight[k], 100.0 * (1.0 + 1e-12));
    }
}

TEST(CellFreeWeightControl, EachStreamHasALoopOfItsOwn)
{
    const auto loop = MakeLoop();
    const std::vector<double> links{24.0, 30.0, 36.0};
    std::vector<double> weights;
    std::vector<double> alone;
    for (int k = 0; k < 600; ++k)
    {
        weights.clear();
        for (uint32_t t = 0; t < links.size(); ++t)
        {
            CellFreeScanLook look;
            look.aim.kind = t == 0 ? CellFreeAim::TARGET : CellFreeAim::TRACK;
            look.aim.id = t / 2; // 0 of two kinds, then 1
            look.weight = loop->GetWeight(look.aim, 1.0);
            look.pd =
                cellfree::GetSwerlingDetectionProbability(Share(look.weight, links[t], 0.01).snr,
                                                          PFA);
            loop->Notify(MilliSeconds(50 * k), look);
            weights.push_back(look.weight);
        }
    }
    for (const double link : links)
    {
        Flight flight;
        flight.nLooks = 600;
        flight.link = link;
        flight.ueBeams = 0.01;
        alone.push_back(Fly(Share, flight, MakeLoop(), 1.0).weight.back());
    }
    EXPECT_EQ(weights, alone);
    EXPECT_GT(weights[0], 2.0 * weights[1]);
    EXPECT_GT(weights[1], 2.0 * weights[2]);
}

TEST(CellFreeWeightControl, AimsAtPartsOfATrackCountAsOneLook)
{
    CellFreeScanLook look;
    look.weight = 1.0;
    const auto parts = MakeLoop();
    const auto whole = MakeLoop();
    for (int k = 0; k < 20; ++k)
    {
        for (const double pd : {0.2, 0.8, 0.5})
        {
            look.pd = pd;
            parts->Notify(MilliSeconds(k), look);
        }
        look.pd = 0.5;
        whole->Notify(MilliSeconds(k), look);
        look.weight = whole->GetWeight(look.aim, 1.0);
        EXPECT_DOUBLE_EQ(parts->GetWeight(look.aim, 1.0), look.weight);
    }
}

TEST(CellFreeWeightControl, HoldsATracksError)
{
    // A filter that remembers ten looks: the error's variance follows 1 / SNR slowly. 3 m at an SNR
    // of 10.
    const auto loop = MakeLoop({{"TrackError", "2"}});
    CellFreeScanLook look;
    look.aim.kind = CellFreeAim::TRACK;
    double variance = 100.0;
    for (int k = 0; k < 1500; ++k)
    {
        look.weight = loop->GetWeight(look.aim, 1.0);
        const double snr = Share(look.weight, 24.0, 0.0).snr;
        variance += 0.1 * (90.0 / std::max(snr, 1.0) - variance);
        look.pd = 1.0; // is of no concern
        look.trackError = std::sqrt(variance);
        loop->Notify(MilliSeconds(50 * k), look);
        if (k > 300)
        {
            EXPECT_NEAR(look.trackError, 2.0, 0.05);
        }
    }
    // What is no track is held at Pd.
    look.aim.kind = CellFreeAim::SEARCH;
    look.weight = 1.0;
    look.pd = 0.99;
    loop->Notify(Seconds(100), look);
    EXPECT_LT(loop->GetWeight(look.aim, 1.0), 1.0);
}

TEST(CellFreeWeightControl, StreamsThatVanishedAreForgotten)
{
    auto loop = CreateObject<CellFreeClosedLoopWeight>();
    loop->SetAttribute("Memory", StringValue("2s"));
    CellFreeScanLook look;
    look.weight = 1.0;
    look.pd = 0.5;
    for (uint32_t k = 0; k < 1000; ++k)
    {
        look.aim.id = k;
        loop->Notify(MilliSeconds(100 * k), look);
        EXPECT_LE(loop->GetNStreams(), 41U); // 2 s of memory, tidied up every 2 s
    }
    // A stream begins at the CPU's weight, within the limits.
    look.aim.id = 0;
    EXPECT_EQ(loop->GetWeight(look.aim, 3.0), 3.0);
    EXPECT_EQ(loop->GetWeight(look.aim, 0.0), 1e-3);
    EXPECT_EQ(loop->GetWeight(look.aim, 1e6), 100.0);
}

TEST(CellFreeWeightControlDeathTest, NonsenseIsRefused)
{
    auto loop = CreateObject<CellFreeClosedLoopWeight>();
    CellFreeScanLook look;
    look.pd = std::nan("");
    EXPECT_DEATH(loop->Notify(Seconds(1), look), "pd = nan");
    look.pd = 0.5;
    look.weight = -1.0;
    EXPECT_DEATH(loop->Notify(Seconds(1), look), "weight = -1");
    loop->SetAttribute("MinWeight", DoubleValue(200.0));
    EXPECT_DEATH(loop->GetWeight(look.aim, 1.0),
                 "MinWeight = 200: expected at most MaxWeight = 100");
    EXPECT_FALSE(loop->SetAttributeFailSafe("Pd", DoubleValue(1.0)));
}
