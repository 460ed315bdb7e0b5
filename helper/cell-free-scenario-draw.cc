// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-scenario-draw.h"

#include "ns3/cell-free-ap.h"
#include "ns3/cell-free-channel-model.h"
#include "ns3/cell-free-streams.h"
#include "ns3/cell-free-target.h"
#include "ns3/constant-position-mobility-model.h"
#include "ns3/double.h"
#include "ns3/isotropic-antenna-model.h"
#include "ns3/node-container.h"
#include "ns3/pointer.h"
#include "ns3/random-variable-stream.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"
#include "ns3/uniform-planar-array.h"

#include <numeric>
#include <vector>

namespace ns3
{

namespace
{

/// Makes nodes at random places.
NodeContainer
Place(uint32_t count, double side, double height, UniformRandomVariable& draw)
{
    NodeContainer nodes(count);
    for (uint32_t i = 0; i < count; ++i)
    {
        const double x = draw.GetValue(0.0, side);
        const double y = draw.GetValue(0.0, side);
        auto mobility = CreateObject<ConstantPositionMobilityModel>();
        mobility->SetPosition(Vector(x, y, height));
        nodes.Get(i)->AggregateObject(mobility);
    }
    return nodes;
}

/// @return 0, 1, ..., count - 1
std::vector<uint32_t>
CountUp(uint32_t count)
{
    std::vector<uint32_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

} // namespace

void
cellfree::DrawScenarioProblem(const CellFreeScenario& scenario,
                              uint64_t number,
                              IsacProblem& problem)
{
    const uint64_t run = RngSeedManager::GetRun();
    RngSeedManager::SetRun(number);
    auto draw = CreateObject<UniformRandomVariable>();
    draw->SetStream(CELL_FREE_STREAMS); // the channel has those below
    const auto aps = Place(scenario.nAps, scenario.side, scenario.apHeight, *draw);
    const auto ues = Place(scenario.nUes, scenario.side, scenario.ueHeight, *draw);
    const auto targets = Place(scenario.nTargets, scenario.side, scenario.targetHeight, *draw);

    auto array = CreateObject<UniformPlanarArray>();
    array->SetAttribute("NumColumns", UintegerValue(scenario.nAntennas));
    array->SetAttribute("NumRows", UintegerValue(1));
    array->SetAttribute("AntennaElement", PointerValue(CreateObject<IsotropicAntennaModel>()));
    auto channel = CreateObject<CellFreeChannelModel>();
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
    channel->AssignStreams(0);
    channel->GetTrueProblem(CountUp(scenario.nAps),
                            CountUp(scenario.nUes),
                            CountUp(scenario.nTargets),
                            problem);
    channel->Dispose();
    Simulator::Destroy();
    RngSeedManager::SetRun(run);
}

} // namespace ns3
