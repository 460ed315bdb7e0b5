// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_TEST_NODES_H
#define CELL_FREE_TEST_NODES_H

#include "ns3/cell-free-ap.h"
#include "ns3/cell-free-link-ends.h"
#include "ns3/cell-free-target.h"
#include "ns3/constant-velocity-mobility-model.h"
#include "ns3/double.h"
#include "ns3/node.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"
#include "ns3/uniform-planar-array.h"

#include <functional>
#include <gtest/gtest.h>

namespace ns3
{

/// A fixture whose draws are the same in every run, and that leaves no event behind.
class CellFreeSimulationTest : public testing::Test
{
  protected:
    void SetUp() override
    {
        RngSeedManager::SetSeed(1);
        RngSeedManager::SetRun(1);
    }

    void TearDown() override
    {
        Simulator::Destroy();
    }
};

/// Runs something at a simulation time.
inline void
At(const Time& time, const std::function<void()>& what)
{
    Simulator::Schedule(time - Simulator::Now(), what);
}

inline Ptr<Node>
MakeNode(const Vector& position, const Vector& velocity = Vector())
{
    auto node = CreateObject<Node>();
    auto mobility = CreateObject<ConstantVelocityMobilityModel>();
    mobility->SetPosition(position);
    mobility->SetVelocity(velocity);
    node->AggregateObject(mobility);
    return node;
}

inline Ptr<Node>
MakeTarget(const Vector& position, double rcs, const Vector& velocity = Vector())
{
    auto node = MakeNode(position, velocity);
    auto target = CreateObject<CellFreeTarget>();
    target->SetAttribute("Rcs", DoubleValue(rcs));
    node->AggregateObject(target);
    return node;
}

/// A row of isotropic elements half a wavelength apart.
inline Ptr<UniformPlanarArray>
MakeArray(uint32_t nAntennas, double bearing = 0.0)
{
    auto array = CreateObject<UniformPlanarArray>();
    array->SetAttribute("NumRows", UintegerValue(1));
    array->SetAttribute("NumColumns", UintegerValue(nAntennas));
    array->SetAttribute("BearingAngle", DoubleValue(bearing));
    return array;
}

inline Ptr<Node>
MakeAp(const Vector& position, Ptr<PhasedArrayModel> array, double powerDbm = 23.0)
{
    auto node = MakeNode(position);
    auto ap = CreateObject<CellFreeAp>();
    ap->SetArray(array);
    ap->SetAttribute("TxPower", DoubleValue(powerDbm));
    node->AggregateObject(ap);
    return node;
}

/// The ends of a link of their own nodes; the AP has nAntennas.
inline CellFreeLinkEnds
MakeEnds(Ptr<Node> ap, Ptr<Node> ue, uint32_t nAntennas)
{
    return {ap->GetId(),
            ue->GetId(),
            ap->GetObject<MobilityModel>(),
            ue->GetObject<MobilityModel>(),
            MakeArray(nAntennas)};
}

} // namespace ns3

#endif // CELL_FREE_TEST_NODES_H
