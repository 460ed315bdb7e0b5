// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/cell-free-policy-catalogue.h"
#include "ns3/cell-free-split-policy.h"

#include <gtest/gtest.h>

using namespace ns3;

namespace
{

/// A policy as a user writes it: known by its TypeId alone.
class CatalogueTestPolicy : public CellFreeBeamformingPolicy
{
  public:
    static TypeId GetTypeId()
    {
        static TypeId tid = TypeId("CatalogueTestPolicy")
                                .SetParent<CellFreeBeamformingPolicy>()
                                .AddConstructor<CatalogueTestPolicy>();
        return tid;
    }

  private:
    uint32_t DoComputeBeams(const IsacProblem&, IsacBeams& beams, const IsacBeams*) override
    {
        beams.f.setZero();
        return 42;
    }
};

NS_OBJECT_ENSURE_REGISTERED(CatalogueTestPolicy);

} // namespace

TEST(CellFreePolicyCatalogue, ShortNameAndTypeIdNameMeanTheSame)
{
    for (const char* name : {"ns-rzf", "ns3::CellFreeNsRzfPolicy"})
    {
        std::string error = "stale";
        const auto policy = CreateBeamformingPolicy(name, error);
        ASSERT_TRUE(policy);
        EXPECT_EQ(error, "");
        EXPECT_NE(DynamicCast<CellFreeNsRzfPolicy>(policy), nullptr);
    }
}

TEST(CellFreePolicyCatalogue, EveryNameWorksOrSaysThatItIsNotInThisBuild)
{
    EXPECT_EQ(GetBeamformingPolicyNames(),
              "gnn, wmmse, joint, robust, rzf, cb, cb-sensing, ns-rzf, split, jsc, torch, python");
    for (std::string name : {"gnn",
                             "wmmse",
                             "joint",
                             "robust",
                             "rzf",
                             "cb",
                             "cb-sensing",
                             "ns-rzf",
                             "split",
                             "jsc",
                             "torch",
                             "python"})
    {
        std::string error;
        if (!CreateBeamformingPolicy(name, error))
        {
            EXPECT_NE(error.find("policy '" + name + "' (ns3::CellFree"), std::string::npos);
            EXPECT_NE(error.find("is not in this build"), std::string::npos);
        }
    }
}

TEST(CellFreePolicyCatalogue, UsersOwnPolicy)
{
    std::string error;
    const auto policy = CreateBeamformingPolicy("CatalogueTestPolicy", error);
    ASSERT_TRUE(policy) << error;
    IsacProblem problem;
    problem.Resize(1, 1, 1, 1);
    IsacBeams beams;
    EXPECT_EQ(policy->ComputeBeams(problem, beams).iterations, 42U);
}

TEST(CellFreePolicyCatalogue, WrongNames)
{
    std::string error;
    EXPECT_FALSE(CreateBeamformingPolicy("zf", error));
    EXPECT_EQ(error,
              "unknown policy 'zf': expected one of " + GetBeamformingPolicyNames() +
                  ", or the TypeId of a CellFreeBeamformingPolicy");
    EXPECT_FALSE(CreateBeamformingPolicy("", error));
    EXPECT_EQ(error.substr(0, 17), "unknown policy ''");
    // Neither an Object of another kind nor the abstract class itself.
    for (const char* name : {"ns3::ConstantRandomVariable", "ns3::CellFreeBeamformingPolicy"})
    {
        EXPECT_FALSE(CreateBeamformingPolicy(name, error));
        EXPECT_NE(error.find("expected a subclass"), std::string::npos);
    }
}
