// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-policy-catalogue.h"

#include "ns3/object-factory.h"

#include <utility>

namespace ns3
{

namespace
{

/// Short name and TypeId name. Classes are named, not linked: a build may lack some of them.
constexpr std::pair<const char*, const char*> CATALOGUE[] = {
    {"gnn", "ns3::CellFreeGnnPolicy"},
    {"wmmse", "ns3::CellFreeWmmsePolicy"},
    {"joint", "ns3::CellFreeJointPolicy"},
    {"robust", "ns3::CellFreeRobustPolicy"},
    {"rzf", "ns3::CellFreeRzfPolicy"},
    {"cb", "ns3::CellFreeConjugatePolicy"},
    {"cb-sensing", "ns3::CellFreeConjugateSensingPolicy"},
    {"ns-rzf", "ns3::CellFreeNsRzfPolicy"},
    {"split", "ns3::CellFreeSplitPolicy"},
    {"jsc", "ns3::CellFreeJscPolicy"},
    {"torch", "ns3::CellFreeTorchPolicy"},
    {"python", "ns3::CellFreePythonPolicy"},
};

} // namespace

std::string
GetBeamformingPolicyNames()
{
    std::string names;
    for (const auto& entry : CATALOGUE)
    {
        names += (names.empty() ? "" : ", ") + std::string(entry.first);
    }
    return names;
}

std::string
GetBeamformingPolicyName(Ptr<const CellFreeBeamformingPolicy> policy)
{
    const auto typeName = policy->GetInstanceTypeId().GetName();
    for (const auto& [shortName, longName] : CATALOGUE)
    {
        if (typeName == longName)
        {
            return shortName;
        }
    }
    return typeName;
}

Ptr<CellFreeBeamformingPolicy>
CreateBeamformingPolicy(const std::string& name, std::string& error)
{
    error.clear();
    std::string typeName = name;
    for (const auto& [shortName, longName] : CATALOGUE)
    {
        if (name == shortName)
        {
            typeName = longName;
        }
    }
    TypeId tid;
    if (!TypeId::LookupByNameFailSafe(typeName, &tid))
    {
        error = typeName != name ? "policy '" + name + "' (" + typeName + ") is not in this build"
                                 : "unknown policy '" + name + "': expected one of " +
                                       GetBeamformingPolicyNames() +
                                       ", or the TypeId of a CellFreeBeamformingPolicy";
        return nullptr;
    }
    if (!tid.IsChildOf(CellFreeBeamformingPolicy::GetTypeId()) || !tid.HasConstructor())
    {
        error = "policy '" + name +
                "' cannot be used: expected a subclass of ns3::CellFreeBeamformingPolicy with a "
                "default constructor";
        return nullptr;
    }
    ObjectFactory factory;
    factory.SetTypeId(tid);
    return factory.Create<CellFreeBeamformingPolicy>();
}

} // namespace ns3
