// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-scenario-draw.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-ap.h"
#include "ns3/cell-free-channel-model.h"
#include "ns3/cell-free-clustering.h"
#include "ns3/cell-free-pilot-csi.h"
#include "ns3/cell-free-spatial-fading.h"
#include "ns3/cell-free-streams.h"
#include "ns3/cell-free-target.h"
#include "ns3/constant-velocity-mobility-model.h"
#include "ns3/double.h"
#include "ns3/isotropic-antenna-model.h"
#include "ns3/node-container.h"
#include "ns3/pointer.h"
#include "ns3/random-variable-stream.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"
#include "ns3/uniform-planar-array.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace ns3
{

namespace
{

constexpr int UNUSED_SEED_BITS = 13; //!< of 64, so that numbers of draws are below 2^51

/// Makes nodes at random places.
NodeContainer
Place(uint32_t count, double side, double height, UniformRandomVariable& draw)
{
    NodeContainer nodes(count);
    for (uint32_t i = 0; i < count; ++i)
    {
        const double x = draw.GetValue(0.0, side);
        const double y = draw.GetValue(0.0, side);
        auto mobility = CreateObject<ConstantVelocityMobilityModel>();
        mobility->SetPosition(Vector(x, y, height));
        nodes.Get(i)->AggregateObject(mobility);
    }
    return nodes;
}

/// Makes every node move with a speed (m/s), each in a direction of its own.
void
Move(const NodeContainer& nodes, double speed, UniformRandomVariable& draw)
{
    for (uint32_t i = 0; i < nodes.GetN(); ++i)
    {
        const double angle = draw.GetValue(0.0, 2.0 * M_PI);
        nodes.Get(i)->GetObject<ConstantVelocityMobilityModel>()->SetVelocity(
            Vector(speed * std::cos(angle), speed * std::sin(angle), 0.0));
    }
}

/// @return 0, 1, ..., count - 1
std::vector<uint32_t>
CountUp(uint32_t count)
{
    std::vector<uint32_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

/// The fading of a scenario, or null for the channel's default.
Ptr<CellFreeFadingModel>
MakeFading(const CellFreeScenario& scenario)
{
    const bool isRayleigh = scenario.fading == CellFreeScenario::RAYLEIGH;
    if (isRayleigh && scenario.csiAge == 0.0)
    {
        return nullptr;
    }
    auto fading = CreateObject<CellFreeSpatialFading>();
    if (scenario.fading != CellFreeScenario::RICIAN)
    {
        fading->SetAttribute("DrawKFactor", BooleanValue(false));
        fading->SetAttribute("KFactor", DoubleValue(0.0));
    }
    if (isRayleigh)
    {
        fading->SetAttribute("AngularSpread", DoubleValue(0.0));
    }
    return fading;
}

/// The CSI of a scenario.
Ptr<CellFreeCsi>
MakeCsi(const CellFreeScenario& scenario)
{
    if (scenario.pilotLength == 0)
    {
        return CreateObject<CellFreePerfectCsi>();
    }
    auto csi = CreateObject<CellFreePilotCsi>();
    csi->SetAttribute("PilotLength", UintegerValue(scenario.pilotLength));
    csi->SetAttribute("PilotPower", DoubleValue(scenario.pilotPower));
    return csi;
}

/// Fills a problem's mask.
void
MakeClusters(CellFreeCsi& csi,
             const std::vector<uint32_t>& aps,
             const std::vector<uint32_t>& ues,
             uint32_t size,
             IsacProblem& problem)
{
    auto clustering = CreateObject<CellFreeStrongestAps>();
    clustering->SetAttribute("Size", UintegerValue(size));
    clustering->Update(csi, aps, ues);
    clustering->GetServing(aps, ues, problem.serving);
    clustering->Dispose();
}

} // namespace

std::optional<CellFreeScenario::Fading>
cellfree::FindScenarioFading(const std::string& name)
{
    constexpr std::pair<const char*, CellFreeScenario::Fading> NAMES[] = {
        {"rayleigh", CellFreeScenario::RAYLEIGH},
        {"rician", CellFreeScenario::RICIAN},
        {"correlated", CellFreeScenario::CORRELATED}};
    for (const auto& [known, fading] : NAMES)
    {
        if (name == known)
        {
            return fading;
        }
    }
    return {};
}

CellFreeScenario
cellfree::DrawScenario(const CellFreeScenario& sizes,
                       const CellFreeScenarioRange& range,
                       uint64_t seed)
{
    std::mt19937_64 engine(seed);
    const auto uniform = [&engine](double low, double high) {
        return std::uniform_real_distribution<>(low, high)(engine);
    };
    const auto logUniform = [&uniform](double low, double high) {
        return std::exp(uniform(std::log(low), std::log(high)));
    };
    auto scenario = sizes;
    scenario.side = range.side.value_or(logUniform(100.0, 1500.0));
    const double which = uniform(0.0, 1.0);
    scenario.fading = range.fading.value_or(which < 0.5    ? CellFreeScenario::RAYLEIGH
                                            : which < 0.75 ? CellFreeScenario::RICIAN
                                                           : CellFreeScenario::CORRELATED);
    const bool isClustered = uniform(0.0, 1.0) < 0.3 && sizes.nAps > 1;
    const auto size = static_cast<uint32_t>(logUniform(1.0, sizes.nAps));
    scenario.clusterSize =
        std::min(range.clusterSize.value_or(isClustered ? std::clamp(size, 1U, sizes.nAps - 1) : 0),
                 sizes.nAps);
    if (!range.hasPilots.value_or(uniform(0.0, 1.0) < 0.7))
    {
        scenario.pilotLength = 0;
        return scenario;
    }
    scenario.pilotLength = std::uniform_int_distribution<uint32_t>(2, sizes.nUes + 4)(engine);
    scenario.pilotPower = uniform(5.0, 25.0);
    if (uniform(0.0, 1.0) < 0.5)
    {
        scenario.ueSpeed = uniform(0.0, 30.0);
        scenario.csiAge = uniform(0.0, logUniform(0.5e-3, 10e-3));
    }
    return scenario;
}

void
cellfree::DrawScenarioProblem(const CellFreeScenario& scenario,
                              uint64_t number,
                              IsacProblem& problem,
                              IsacProblem* truth)
{
    const uint64_t run = RngSeedManager::GetRun();
    RngSeedManager::SetRun(number);
    auto draw = CreateObject<UniformRandomVariable>();
    draw->SetStream(CELL_FREE_STREAMS); // the channel and the CSI have those below
    const auto aps = Place(scenario.nAps, scenario.side, scenario.apHeight, *draw);
    const auto ues = Place(scenario.nUes, scenario.side, scenario.ueHeight, *draw);
    const auto targets = Place(scenario.nTargets, scenario.side, scenario.targetHeight, *draw);
    Move(ues, scenario.ueSpeed, *draw);

    auto array = CreateObject<UniformPlanarArray>();
    array->SetAttribute("NumColumns", UintegerValue(scenario.nAntennas));
    array->SetAttribute("NumRows", UintegerValue(1));
    array->SetAttribute("AntennaElement", PointerValue(CreateObject<IsotropicAntennaModel>()));
    auto channel = CreateObject<CellFreeChannelModel>();
    if (const auto fading = MakeFading(scenario))
    {
        channel->SetAttribute("Fading", PointerValue(fading));
    }
    for (uint32_t m = 0; m < scenario.nAps; ++m)
    {
        auto ap = CreateObject<CellFreeAp>();
        ap->SetAttribute("Array", PointerValue(array));
        ap->SetAttribute("TxPower", DoubleValue(scenario.txPower));
        aps.Get(m)->AggregateObject(ap);
        channel->AddAp(aps.Get(m));
    }
    for (uint32_t u = 0; u < scenario.nUes; ++u)
    {
        channel->AddUe(ues.Get(u));
    }
    for (uint32_t t = 0; t < scenario.nTargets; ++t)
    {
        targets.Get(t)->AggregateObject(CreateObject<CellFreeTarget>());
        channel->AddTarget(targets.Get(t));
    }
    const auto csi = MakeCsi(scenario);
    csi->SetChannel(channel);
    channel->AssignStreams(0);
    csi->AssignStreams(0);

    const auto allAps = CountUp(scenario.nAps);
    const auto allUes = CountUp(scenario.nUes);
    const auto allTargets = CountUp(scenario.nTargets);
    csi->Sound(allAps, allUes);
    if (scenario.csiAge > 0.0)
    {
        Simulator::Stop(Seconds(scenario.csiAge));
        Simulator::Run();
    }
    csi->GetProblem(allAps, allUes, allTargets, problem, 0);
    if (truth)
    {
        channel->GetTrueProblem(allAps, allUes, allTargets, *truth);
    }
    if (scenario.clusterSize > 0)
    {
        MakeClusters(*csi, allAps, allUes, scenario.clusterSize, problem);
    }
    csi->Dispose();
    channel->Dispose();
    Simulator::Destroy();
    RngSeedManager::SetRun(run);
}

void
cellfree::DrawScenarioProblems(const CellFreeScenario& sizes,
                               const CellFreeScenarioRange& range,
                               uint64_t seed,
                               std::vector<IsacProblem>& problems)
{
    std::mt19937_64 engine(seed);
    IsacProblem problem;
    bool isMasked = false;
    bool hasErrors = false;
    for (auto& normalised : problems)
    {
        const auto scenario = DrawScenario(sizes, range, engine());
        DrawScenarioProblem(scenario, engine() >> UNUSED_SEED_BITS, problem);
        Normalise(problem, normalised);
        isMasked = isMasked || normalised.serving.size() > 0;
        hasErrors = hasErrors || normalised.errorVariance.size() > 0;
    }
    for (auto& normalised : problems)
    {
        if (isMasked && normalised.serving.size() == 0)
        {
            normalised.serving.setConstant(sizes.nAps, sizes.nUes, true);
        }
        if (hasErrors && normalised.errorVariance.size() == 0)
        {
            normalised.errorVariance.setZero(sizes.nAps, sizes.nUes);
        }
    }
}

} // namespace ns3
