// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-nodes.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-antenna-array.h"
#include "ns3/cell-free-channel-model.h"
#include "ns3/cell-free-rcs-model.h"
#include "ns3/cell-free-streams.h"
#include "ns3/isac-link-budget.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/string.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace ns3;

namespace
{

class CellFreeRcsTest : public CellFreeSimulationTest
{
  protected:
    static Ptr<CellFreeThreeGppRcs> MakeModel(const std::string& rcsClass, bool hasSpread)
    {
        auto model = CreateObject<CellFreeThreeGppRcs>();
        model->SetAttribute("Class", StringValue(rcsClass));
        model->SetAttribute("Spread", BooleanValue(hasSpread));
        EXPECT_EQ(model->AssignStreams(500), CELL_FREE_STREAMS);
        return model;
    }

    /// A target with a model. @return its node
    static Ptr<Node> MakeModelled(Ptr<CellFreeRcsModel> model,
                                  const Vector& position,
                                  const Vector& velocity = Vector())
    {
        auto node = MakeTarget(position, 0.0525, velocity);
        node->GetObject<CellFreeTarget>()->SetAttribute("RcsModel", PointerValue(model));
        return node;
    }

    /// Cross section for one AP (dBsm).
    static double GetDecibels(Ptr<Node> target, const Vector& ap)
    {
        const CellFreeTarget::Ap end{3, ap};
        return cellfree::ToDecibels(target->GetObject<CellFreeTarget>()->GetRcs(end, end));
    }
};

} // namespace

TEST_F(CellFreeRcsTest, TheDefaultIsTheAttributeFromAllSides)
{
    auto node = MakeTarget(Vector(10, 20, 30), 0.125, Vector(1, 2, 3));
    auto target = node->GetObject<CellFreeTarget>();
    EXPECT_EQ(target->GetRcs(), 0.125);
    EXPECT_EQ(target->GetRcs({1, Vector(5, 5, 5)}, {2, Vector(9, -5, 5)}), 0.125);
    EXPECT_FALSE(target->GetRcsModel()->IsPairwise());
    target->SetAttribute("Rcs", DoubleValue(0.5));
    EXPECT_EQ(target->GetRcs({1, Vector(5, 5, 5)}, {1, Vector(5, 5, 5)}), 0.5);
}

TEST_F(CellFreeRcsTest, TheFrontLooksWhereTheTargetMoves)
{
    // Front, left and roof of a vehicle have 15.52 dBsm at 71.75 degrees, 20.75 at 79.70,
    // and 21.26.
    auto model = MakeModel("Vehicle", false);
    const double front = 1.0 / std::tan(71.75 * M_PI / 180);
    const double left = 1.0 / std::tan(79.70 * M_PI / 180);
    auto north = MakeModelled(model, Vector(100, 0, 1), Vector(0, 7, 0));
    EXPECT_NEAR(GetDecibels(north, Vector(100, 50, 1 + 50 * front)), 15.52, 1e-9);
    EXPECT_NEAR(GetDecibels(north, Vector(50, 0, 1 + 50 * left)), 20.75, 1e-9);
    EXPECT_NEAR(GetDecibels(north, Vector(150, 0, 1 + 50 * left)), 20.75, 1e-9);
    EXPECT_NEAR(GetDecibels(north, Vector(100, 0, 31)), 21.26, 1e-9);
    // It stays level when it climbs.
    auto climbing = MakeModelled(model, Vector(100, 0, 1), Vector(0, 7, 7));
    EXPECT_NEAR(GetDecibels(climbing, Vector(100, 50, 1 + 50 * front)), 15.52, 1e-9);
    // While it stands, or moves straight up, the attribute says where it looks.
    for (const auto& velocity : {Vector(), Vector(0, 0, 3)})
    {
        auto standing = MakeModelled(model, Vector(), velocity);
        EXPECT_NEAR(GetDecibels(standing, Vector(50, 0, 50 * front)), 15.52, 1e-9);
        standing->GetObject<CellFreeTarget>()->SetAttribute("Heading", DoubleValue(180.0));
        EXPECT_NEAR(GetDecibels(standing, Vector(-50, 0, 50 * front)), 15.52, 1e-9);
    }
    EXPECT_NEAR(north->GetObject<CellFreeTarget>()->GetRcs(), cellfree::FromDecibels(11.25), 1e-9);
}

TEST_F(CellFreeRcsTest, SpreadOverTargetsHasThePublishedLaw)
{
    // 2.58 standard errors: 99 % each; the seed is fixed.
    constexpr int TARGETS = 20000;
    auto model = MakeModel("UavSmall", true);
    const CellFreeRcsModel::Aspect aspect;
    double sum = 0.0;
    double squares = 0.0;
    for (int i = 0; i < TARGETS; ++i)
    {
        const double x = cellfree::ToDecibels(model->GetRcs(i, 1.0, aspect, aspect));
        sum += x;
        squares += x * x;
    }
    const double mean = sum / TARGETS;
    const double deviation = std::sqrt(squares / TARGETS - mean * mean);
    EXPECT_NEAR(mean, -12.81 - std::log(10.0) / 20 * 3.74 * 3.74, 2.58 * 3.74 / std::sqrt(TARGETS));
    EXPECT_NEAR(deviation, 3.74, 2.58 * 3.74 / std::sqrt(2.0 * TARGETS));
}

TEST_F(CellFreeRcsTest, EveryPairHasADrawOfItsOwn)
{
    auto model = MakeModel("HumanModel1", true);
    auto other = MakeModel("HumanModel1", true);
    const auto get = [](const Ptr<CellFreeThreeGppRcs>& m,
                        uint32_t target,
                        uint32_t a,
                        uint32_t b) {
        return m->GetRcs(target, 1.0, {a, Eigen::Vector3d::UnitX()}, {b, Eigen::Vector3d::UnitX()});
    };
    const double first = get(model, 7, 1, 2);
    EXPECT_EQ(get(model, 7, 2, 1), first);
    EXPECT_EQ(get(model, 7, 1, 2), first);
    EXPECT_NE(get(model, 7, 1, 1), first);
    EXPECT_NE(get(model, 7, 1, 3), first);
    EXPECT_NE(get(model, 8, 1, 2), first);
    // Whatever else was asked before.
    get(other, 3, 0, 0);
    get(other, 7, 1, 1);
    EXPECT_EQ(get(other, 7, 1, 2), first);
    // Streams that are assigned later have the last word.
    auto late = CreateObject<CellFreeThreeGppRcs>();
    late->SetAttribute("Class", StringValue("HumanModel1"));
    get(late, 7, 1, 2);
    late->AssignStreams(500);
    EXPECT_EQ(get(late, 7, 1, 2), first);
    EXPECT_DEATH(get(model, 7, 1, 1024), "1 and 1024: expected less than 1024");
}

TEST_F(CellFreeRcsTest, DropsAreRedrawnByTime)
{
    auto watched = MakeModel("Agv", true);
    auto asked = MakeModel("Agv", true);
    for (const auto& model : {watched, asked})
    {
        model->SetAttribute("RedrawPeriod", TimeValue(MilliSeconds(10)));
    }
    const CellFreeRcsModel::Aspect aspect;
    std::vector<double> values;
    for (int i = 0; i < 7; ++i)
    {
        At(MilliSeconds(1 + 5 * i),
           [&]() { values.push_back(watched->GetRcs(7, 1.0, aspect, aspect)); });
    }
    double last = 0.0;
    At(MilliSeconds(33), [&]() { last = asked->GetRcs(7, 1.0, aspect, aspect); });
    Simulator::Run();
    EXPECT_EQ(values[0], values[1]);
    EXPECT_NE(values[1], values[2]);
    EXPECT_EQ(values[2], values[3]);
    EXPECT_NE(values[4], values[0]);
    EXPECT_EQ(values[6], last);
    EXPECT_DEATH(watched->SetAttribute("RedrawPeriod", TimeValue(MicroSeconds(999))),
                 "RedrawPeriod = .*: expected 0 or at least 1 ms");
}

TEST_F(CellFreeRcsTest, TheChannelSeesSidesAndPairs)
{
    auto channel = CreateObject<CellFreeChannelModel>();
    channel->AssignStreams(0);
    for (const auto& position : {Vector(300, 0, 50), Vector(-200, 100, 50), Vector(0, -250, 50)})
    {
        channel->AddAp(MakeAp(position, MakeArray(4)));
    }
    auto model = CreateObject<CellFreeThreeGppRcs>();
    model->SetAttribute("Class", StringValue("UavLarge"));
    auto node = MakeModelled(model, Vector(0, 0, 60), Vector(5, 3, 0));
    const auto modelled = channel->AddTarget(node);
    const auto plain = channel->AddTarget(MakeTarget(Vector(0, 0, 60), 1.0));
    const Eigen::MatrixXd e = channel->GetEchoAmplitudes();
    auto target = node->GetObject<CellFreeTarget>();
    std::vector<CellFreeTarget::Ap> ends;
    for (uint32_t m = 0; m < 3; ++m)
    {
        ends.push_back({channel->GetApId(m),
                        channel->GetApNode(m)->GetObject<MobilityModel>()->GetPosition()});
    }
    const auto& pairs = channel->GetPairFactors(modelled);
    ASSERT_EQ(pairs.rows(), 3);
    for (uint32_t m = 0; m < 3; ++m)
    {
        EXPECT_EQ(pairs(m, m), 1.0);
        for (uint32_t r = 0; r < 3; ++r)
        {
            // The plain target at the same place has 1 m^2.
            EXPECT_NEAR(e(m, modelled) * e(r, modelled) * pairs(m, r) /
                            (e(m, plain) * e(r, plain)) / target->GetRcs(ends[m], ends[r]),
                        1.0,
                        1e-12);
        }
    }
    EXPECT_EQ(channel->GetPairFactors(plain).size(), 0);
    channel->RemoveTarget(modelled);
    EXPECT_EQ(channel->GetPairFactors(modelled).size(), 0);
}

TEST_F(CellFreeRcsTest, ConstantsKeepTheRadarEquationBitForBit)
{
    auto channel = CreateObject<CellFreeChannelModel>();
    const auto ap = channel->AddAp(MakeAp(Vector(300, 0, 50), MakeArray(4)));
    const auto target = channel->AddTarget(MakeTarget(Vector(0, 0, 60), 0.0525, Vector(9, 0, 0)));
    const double gain = cellfree::GetElementGain(channel->GetApArray(ap), Vector(-300, 0, 10));
    const double distance = Vector(-300, 0, 10).GetLength();
    EXPECT_EQ(channel->GetEchoAmplitudes()(ap, target),
              std::sqrt(cellfree::GetBistaticGain(channel->GetWavelength(),
                                                  0.0525,
                                                  gain,
                                                  distance,
                                                  gain,
                                                  distance)));
}

TEST_F(CellFreeRcsTest, WrongUseIsRefused)
{
    auto target = CreateObject<CellFreeTarget>();
    EXPECT_DEATH(target->GetRcs({1, Vector()}, {1, Vector()}), "is not aggregated to a node");
    EXPECT_DEATH(target->SetAttribute("RcsModel", PointerValue()), "RcsModel");
}
