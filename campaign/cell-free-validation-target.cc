// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-validation.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-ap.h"
#include "ns3/cell-free-channel-model.h"
#include "ns3/cell-free-gaussian.h"
#include "ns3/cell-free-large-scale-model.h"
#include "ns3/cell-free-rcs-model.h"
#include "ns3/cell-free-target.h"
#include "ns3/constant-position-mobility-model.h"
#include "ns3/double.h"
#include "ns3/enum.h"
#include "ns3/isac-link-budget.h"
#include "ns3/isotropic-antenna-model.h"
#include "ns3/node.h"
#include "ns3/pointer.h"
#include "ns3/propagation-loss-model.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"
#include "ns3/uniform-planar-array.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace ns3
{

namespace
{

using Rows = std::vector<CellFreeValidationRow>;

constexpr double FREQUENCY = 6e9;     // Hz
constexpr double SITE_DISTANCE = 500; // m
constexpr double SITE_HEIGHT = 25;    // m
constexpr double UAV_HEIGHT = 200;    // m

/// A class of targets and what the tables say of it.
struct Published
{
    const char* rcsClass; //!< attribute Class
    double mean;          //!< 10 lg sigma_M (dBsm)
    double deviation;     //!< of 10 lg sigma_S (dB)
    const char* table;    //!< where
};

/// A node at a place. @param position where (m)
Ptr<Node>
MakeNode(const Vector& position)
{
    auto node = CreateObject<Node>();
    auto mobility = CreateObject<ConstantPositionMobilityModel>();
    mobility->SetPosition(position);
    node->AggregateObject(mobility);
    return node;
}

/// Cross sections by class: the mean over all sides, and the spread as drawn.
Rows
CompareRcs()
{
    constexpr int RINGS = 180;
    constexpr int TARGETS = 4000;
    const Published all[] = {
        {"UavSmall", -12.81, 3.74, "7.9.2.1-1"},
        {"UavLarge", -5.85, 2.50, "7.9.2.1-2"},
        {"HumanModel1", -1.37, 3.94, "7.9.2.1-1"},
        {"HumanModel2", -1.37, 3.94, "7.9.2.1-3"},
        {"Vehicle", 11.25, 3.41, "7.9.2.1-4"},
        {"VehiclePoints", 11.25, 3.41, "7.9.2.1-5"},
        {"Agv", -4.25, 2.51, "7.9.2.1-6"},
        {"AgvPoints", -4.25, 2.51, "7.9.2.1-7"},
    };
    RngSeedManager::SetSeed(1);
    RngSeedManager::SetRun(1);
    Rows rows;
    for (const auto& published : all)
    {
        auto model = CreateObject<CellFreeThreeGppRcs>();
        model->AssignStreams(0);
        model->SetAttribute("Class", StringValue(published.rcsClass));
        model->SetAttribute("Spread", BooleanValue(false));
        CellFreeRcsModel::Aspect aspect;
        double sum = 0.0;
        double area = 0.0;
        for (int i = 0; i < RINGS; ++i)
        {
            const double theta = (i + 0.5) * M_PI / RINGS;
            for (int j = 0; j < 2 * RINGS; ++j)
            {
                const double phi = (j + 0.5) * M_PI / RINGS;
                aspect.direction = {std::sin(theta) * std::cos(phi),
                                    std::sin(theta) * std::sin(phi),
                                    std::cos(theta)};
                sum += std::sin(theta) * model->GetRcs(0, 1.0, aspect, aspect);
                area += std::sin(theta);
            }
        }
        const std::string name = published.rcsClass;
        const std::string source = std::string("3GPP TR 38.901 V19.4.0 table ") + published.table;
        rows.push_back({name + " cross section, mean over all sides",
                        cellfree::ToDecibels(sum / area),
                        0.0,
                        "dBsm",
                        published.mean,
                        source});
        // One side, one scattering point: several add up to less spread.
        if (name.find("Points") != std::string::npos)
        {
            continue;
        }
        const double side = cellfree::ToDecibels(model->GetRcs(0, 1.0, aspect, aspect));
        model->SetAttribute("Spread", BooleanValue(true));
        double mean = 0.0;
        double squares = 0.0;
        for (int i = 0; i < TARGETS; ++i)
        {
            const double x = cellfree::ToDecibels(model->GetRcs(i, 1.0, aspect, aspect)) - side;
            mean += x / TARGETS;
            squares += x * x / TARGETS;
        }
        const double deviation = std::sqrt(squares - mean * mean);
        rows.push_back({name + " standard deviation of sigma_S",
                        deviation,
                        1.96 * deviation / std::sqrt(2.0 * TARGETS),
                        "dB",
                        published.deviation,
                        source});
        rows.push_back({name + " mean of 10 lg sigma_S",
                        mean,
                        1.96 * deviation / std::sqrt(1.0 * TARGETS),
                        "dB",
                        -std::log(10.0) / 20.0 * published.deviation * published.deviation,
                        "3GPP TR 38.901 V19.4.0 equation (7.9.2-1)"});
    }
    return rows;
}

/**
 * @brief A channel of the calibration, at 6 GHz.
 * @param isUrban whether hops have the line-of-sight path loss of UMa-AV, 3GPP TR 36.777 table B-2
 * for a UAV between 22.5 and 300 m, 28 + 22 lg d_3D + 20 lg f_GHz, in place of free space
 * @return the channel
 */
Ptr<CellFreeChannelModel>
MakeChannel(bool isUrban)
{
    auto channel = CreateObject<CellFreeChannelModel>();
    channel->SetAttribute("Frequency", DoubleValue(FREQUENCY));
    if (isUrban)
    {
        auto loss = CreateObject<LogDistancePropagationLossModel>();
        loss->SetAttribute("Exponent", DoubleValue(2.2));
        loss->SetAttribute("ReferenceDistance", DoubleValue(1.0));
        loss->SetAttribute("ReferenceLoss", DoubleValue(28.0 + 20.0 * std::log10(FREQUENCY / 1e9)));
        auto chain = CreateObject<CellFreePropagationLossChain>();
        chain->SetAttribute("PropagationLoss", PointerValue(loss));
        channel->SetAttribute("HopLoss", PointerValue(chain));
    }
    channel->AssignStreams(0);
    return channel;
}

/// Adds an AP with one isotropic element. @param channel the channel @param position where (m)
void
AddSite(Ptr<CellFreeChannelModel> channel, const Vector& position)
{
    auto array = CreateObject<UniformPlanarArray>();
    array->SetAttribute("AntennaElement", PointerValue(CreateObject<IsotropicAntennaModel>()));
    auto ap = CreateObject<CellFreeAp>();
    ap->SetAttribute("Array", PointerValue(array));
    auto node = MakeNode(position);
    node->AggregateObject(ap);
    channel->AddAp(node);
}

/// Adds a small UAV of constant cross section. @param channel it @param position where (m)
void
AddUav(Ptr<CellFreeChannelModel> channel, const Vector& position)
{
    auto target = CreateObject<CellFreeTarget>();
    target->SetAttribute("Rcs", DoubleValue(cellfree::GetRcsMean(ISAC_RCS_UAV_SMALL)));
    auto node = MakeNode(position);
    node->AggregateObject(target);
    channel->AddTarget(node);
}

/// A number without trailing zeros. @param value the number
std::string
ToText(double value)
{
    std::ostringstream text;
    text << value;
    return text.str();
}

/**
 * @brief Rows of a distribution's percentiles.
 * @param name of the quantity
 * @param samples drawn, several of each of the independent drops; they are sorted
 * @param nDrops number of drops
 * @param published 5th, 25th, 50th, 75th and 95th percentile
 * @param[out] rows the rows
 */
void
AddPercentiles(const std::string& name,
               std::vector<double>& samples,
               int nDrops,
               const double (&published)[5],
               Rows& rows)
{
    constexpr int PERCENTILES[] = {5, 25, 50, 75, 95};
    std::sort(samples.begin(), samples.end());
    const auto getQuantile = [&samples](double q) {
        const double place = std::clamp(q, 0.0, 1.0) * (samples.size() - 1);
        return samples[static_cast<std::size_t>(place + 0.5)];
    };
    for (int i = 0; i < 5; ++i)
    {
        const double q = PERCENTILES[i] / 100.0;
        // As if the pairs of a drop were one.
        const double width = 1.96 * std::sqrt(q * (1 - q) / nDrops);
        rows.push_back({name + ", percentile " + ToText(PERCENTILES[i]),
                        getQuantile(q),
                        (getQuantile(q + width) - getQuantile(q - width)) / 2,
                        "dB",
                        published[i],
                        "3GPP R1-2509126, large-scale calibration UMa-AV, FR1: median over the "
                        "companies; layout of TR 38.901 V19.4.0 table 7.9.6.1-1"});
    }
}

/// Coupling losses of monostatic and bistatic pairs.
Rows
CompareRadarEquation()
{
    constexpr int DROPS = 4000;
    constexpr int PAIRS = 4; // the best ones of a target
    RngSeedManager::SetSeed(1);
    RngSeedManager::SetRun(1);
    Rows rows;
    const double wavelength = ISAC_SPEED_OF_LIGHT / FREQUENCY;
    for (const double distance : {250.0, 500.0})
    {
        const auto getLoss = [distance](bool isUrban) {
            auto channel = MakeChannel(isUrban);
            AddSite(channel, Vector(0, 0, SITE_HEIGHT));
            const double rise = UAV_HEIGHT - SITE_HEIGHT;
            AddUav(channel, Vector(std::sqrt(distance * distance - rise * rise), 0, UAV_HEIGHT));
            return -2 * cellfree::ToDecibels(channel->GetEchoAmplitudes()(0, 0));
        };
        const std::string place = " at " + ToText(distance) + " m, small UAV, 6 GHz";
        const double constant = cellfree::ToDecibels(wavelength * wavelength / (4 * M_PI)) + 12.81;
        rows.push_back(
            {"monostatic coupling loss in free space" + place,
             getLoss(false),
             0.0,
             "dB",
             2 * (20 * std::log10(distance) + 20 * std::log10(4 * M_PI / wavelength)) + constant,
             "3GPP TR 38.901 V19.4.0 table 7.9.6.1-1: PL(d1) + PL(d2) + 10 lg(c^2 / (4 pi f^2)) - "
             "10 lg sigma, with PL of free space"});
        rows.push_back(
            {"monostatic coupling loss in UMa-AV line of sight" + place,
             getLoss(true),
             0.0,
             "dB",
             2 * (28.0 + 22 * std::log10(distance) + 20 * std::log10(FREQUENCY / 1e9)) + constant,
             "the same with PL of 3GPP TR 36.777 V15.0.0 table B-2"});
    }
    auto channel = MakeChannel(true);
    std::vector<Vector> sites;
    for (int i = -2; i <= 2; ++i)
    {
        for (int j = -2; j <= 2; ++j)
        {
            if (std::abs(i + j) <= 2)
            {
                sites.emplace_back(SITE_DISTANCE * (i + 0.5 * j),
                                   SITE_DISTANCE * std::sqrt(0.75) * j,
                                   SITE_HEIGHT);
                AddSite(channel, sites.back());
            }
        }
    }
    auto uniform = CreateObject<UniformRandomVariable>();
    uniform->SetStream(0);
    std::vector<Vector> places;
    while (places.size() < DROPS)
    {
        // The central cell: nearest to the central site.
        const Vector place(uniform->GetValue(-SITE_DISTANCE / 2, SITE_DISTANCE / 2),
                           uniform->GetValue(-SITE_DISTANCE, SITE_DISTANCE),
                           UAV_HEIGHT);
        const auto isNearer = [&place](const Vector& site) {
            return std::hypot(site.x - place.x, site.y - place.y) <
                   std::hypot(place.x, place.y) - 1e-9;
        };
        if (std::none_of(sites.begin(), sites.end(), isNearer))
        {
            places.push_back(place);
            AddUav(channel, place);
        }
    }
    // TR 36.777 table B-3: UMa-AV in line of sight, above 22.5 m.
    const double deviation = 4.64 * std::exp(-0.0066 * UAV_HEIGHT);
    std::vector<double> monostatic;
    std::vector<double> bistatic;
    for (int t = 0; t < DROPS; ++t)
    {
        // Half of a monostatic coupling loss.
        std::vector<double> hops;
        for (std::size_t m = 0; m < sites.size(); ++m)
        {
            const double shadow =
                deviation * std::sqrt(2.0) * cellfree::DrawComplexGaussian(*uniform).real();
            hops.push_back(-cellfree::ToDecibels(channel->GetEchoAmplitudes()(m, t)) + shadow);
        }
        std::vector<double> pairs;
        for (std::size_t m = 0; m < hops.size(); ++m)
        {
            for (std::size_t r = 0; r < m; ++r)
            {
                pairs.push_back(hops[m] + hops[r]);
            }
        }
        std::partial_sort(hops.begin(), hops.begin() + PAIRS, hops.end());
        std::partial_sort(pairs.begin(), pairs.begin() + PAIRS, pairs.end());
        for (int i = 0; i < PAIRS; ++i)
        {
            monostatic.push_back(2 * hops[i]);
            bistatic.push_back(pairs[i]);
        }
    }
    AddPercentiles("monostatic coupling loss of the best 4 of 19 sites, small UAV, 6 GHz",
                   monostatic,
                   DROPS,
                   {164.82, 172.50, 177.57, 180.91, 183.69},
                   rows);
    AddPercentiles("bistatic coupling loss of the best 4 pairs of 19 sites, small UAV, 6 GHz",
                   bistatic,
                   DROPS,
                   {170.23, 172.38, 174.02, 175.67, 177.54},
                   rows);
    return rows;
}

} // namespace

std::vector<CellFreeValidationCase>
cellfree::GetTargetValidationCases()
{
    return {{"rcs", "cross sections of 3GPP sensing targets: means and spreads", CompareRcs},
            {"radar-equation",
             "coupling losses by way of a UAV, against the calibration of 3GPP",
             CompareRadarEquation}};
}

} // namespace ns3
