// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-run-configuration.h"

#include "ns3/cell-free-ap.h"
#include "ns3/cell-free-policy-catalogue.h"
#include "ns3/isac-link-budget.h"
#include "ns3/node-list.h"
#include "ns3/pointer.h"
#include "ns3/rng-seed-manager.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

namespace ns3
{

namespace
{

/// The text of an attribute's value in one form, whether it was given as a text or as a number; of
/// an object, its class.
std::string
ToText(const TypeId::AttributeInformation& info, Ptr<const AttributeValue> value)
{
    if (info.checker->GetValueTypeName() == "ns3::PointerValue")
    {
        if (const auto pointer = DynamicCast<const PointerValue>(value))
        {
            const auto object = pointer->GetObject();
            return object ? object->GetInstanceTypeId().GetName() : "";
        }
        return value->SerializeToString(info.checker); // a class, and its attributes in brackets
    }
    const auto valid = info.checker->CreateValidValue(*value);
    return valid ? valid->SerializeToString(info.checker) : value->SerializeToString(info.checker);
}

/// Gathers what differs from its default.
class AttributeCollector
{
  public:
    /**
     * @brief Compares all attributes of an object, and of the objects that they point to.
     * @param object the object; null is skipped
     * @param node id of the node that it belongs to, or -1
     */
    void Visit(Ptr<Object> object, int64_t node)
    {
        if (!object || !m_visited.insert(PeekPointer(object)).second)
        {
            return;
        }
        for (TypeId tid = object->GetInstanceTypeId(); tid != Object::GetTypeId();
             tid = tid.GetParent())
        {
            for (std::size_t i = 0; i < tid.GetAttributeN(); ++i)
            {
                VisitAttribute(object, tid, tid.GetAttribute(i), node);
            }
        }
    }

    /// Adds the defaults that the program changed, where no object had that attribute.
    void AddChangedDefaults()
    {
        for (uint16_t t = 0; t < TypeId::GetRegisteredN(); ++t)
        {
            const auto tid = TypeId::GetRegistered(t);
            for (std::size_t i = 0; i < tid.GetAttributeN(); ++i)
            {
                const auto info = tid.GetAttribute(i);
                const auto value = ToText(info, info.initialValue);
                const auto name = tid.GetAttributeFullName(i);
                if (m_seen.count(name) == 0 && value != ToText(info, info.originalInitialValue))
                {
                    m_values[name][value] = {-1};
                }
            }
        }
    }

    /// @return full names and values
    nlohmann::ordered_json GetJson() const
    {
        nlohmann::ordered_json attributes = nlohmann::ordered_json::object();
        for (const auto& [name, nodesByValue] : m_values)
        {
            const bool isUniform =
                nodesByValue.size() == 1 && m_isDefaultSomewhere.count(name) == 0;
            for (const auto& [value, nodes] : nodesByValue)
            {
                std::string key = name;
                for (std::size_t n = 0; n < nodes.size() && !isUniform && nodes[n] >= 0; ++n)
                {
                    key += (n == 0 ? " of node " : ", ") + std::to_string(nodes[n]);
                }
                attributes[key] = value;
            }
        }
        return attributes;
    }

  private:
    /**
     * @brief Compares one attribute.
     * @param object the object
     * @param tid the class that has the attribute
     * @param info the attribute
     * @param node id of the object's node, or -1
     */
    void VisitAttribute(Ptr<Object> object,
                        TypeId tid,
                        const TypeId::AttributeInformation& info,
                        int64_t node)
    {
        const auto type = info.checker->GetValueTypeName();
        if (!(info.flags & TypeId::ATTR_GET) || !info.accessor->HasGetter() ||
            !(info.flags & (TypeId::ATTR_SET | TypeId::ATTR_CONSTRUCT)) ||
            type == "ns3::CallbackValue")
        {
            return;
        }
        std::string value;
        std::string initial;
        if (type == "ns3::PointerValue")
        {
            PointerValue pointer;
            object->GetAttribute(info.name, pointer);
            const auto part = pointer.Get<Object>();
            Visit(part, node);
            value = part ? part->GetInstanceTypeId().GetName() : "";
            initial = ToText(info, info.originalInitialValue);
            initial = initial.substr(0, initial.find('['));
        }
        else
        {
            const auto current = info.checker->Create();
            object->GetAttribute(info.name, *current);
            value = current->SerializeToString(info.checker);
            initial = ToText(info, info.originalInitialValue);
        }
        const std::string name = tid.GetName() + "::" + info.name;
        m_seen.insert(name);
        if (value == initial)
        {
            m_isDefaultSomewhere.insert(name);
        }
        else
        {
            m_values[name][value].push_back(node);
        }
    }

    std::set<const Object*> m_visited;          //!< objects that were compared
    std::set<std::string> m_seen;               //!< attributes that some object has
    std::set<std::string> m_isDefaultSomewhere; //!< attributes that some object has at the default
    /// Attribute to value to the nodes that have it.
    std::map<std::string, std::map<std::string, std::vector<int64_t>>> m_values;
};

/// The command line as a shell takes it, without the arguments that only say where to write, or who
/// computes.
std::string
GetCommand()
{
    std::ifstream file("/proc/self/cmdline", std::ios::binary); // absent outside Linux
    std::string command;
    std::string argument;
    while (std::getline(file, argument, '\0'))
    {
        if (argument.rfind("--outputDir", 0) == 0 || argument.rfind("--database", 0) == 0 ||
            argument.rfind("--mpi=", 0) == 0)
        {
            continue;
        }
        if (argument.find_first_of(" \t'\"\\$&|;<>()*?") != std::string::npos)
        {
            std::string quoted = "'";
            for (char c : argument)
            {
                quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
            }
            argument = quoted + "'";
        }
        command += (command.empty() ? "" : " ") + argument;
    }
    return command;
}

/// The nodes of a link; those of other links are described in their own runs' files.
std::set<uint32_t>
GetNodeIds(Ptr<const CellFreeLink> link)
{
    std::set<uint32_t> ids;
    for (std::size_t d = 0; d < link->GetNDevices(); ++d)
    {
        ids.insert(link->GetDevice(d)->GetNode()->GetId());
    }
    const auto channel = link->GetChannelModel();
    for (uint32_t m = 0; m < channel->GetNAps(); ++m)
    {
        ids.insert(channel->GetApId(m));
    }
    for (uint32_t t = 0; t < channel->GetNTargets(); ++t)
    {
        if (channel->HasTarget(t))
        {
            ids.insert(channel->GetTargetId(t));
        }
    }
    return ids;
}

/// One number if all are equal, else the list.
nlohmann::ordered_json
ToNumberOrList(const std::vector<double>& values)
{
    if (std::adjacent_find(values.begin(), values.end(), std::not_equal_to<>()) == values.end() &&
        !values.empty())
    {
        return values.front();
    }
    return values;
}

/// What a reader of a run asks first.
nlohmann::ordered_json
DescribeScenario(Ptr<CellFreeLink> link, const std::map<std::string, std::string>& descriptions)
{
    const auto channel = link->GetChannelModel();
    const auto cpu = link->GetCpu();
    std::vector<double> powers;
    std::vector<double> crossSections;
    for (uint32_t m = 0; m < channel->GetNAps(); ++m)
    {
        powers.push_back(10.0 * std::log10(channel->GetApPower(m)) + 30.0);
    }
    for (uint32_t t = 0; t < channel->GetNTargets(); ++t)
    {
        if (channel->HasTarget(t))
        {
            crossSections.push_back(
                NodeList::GetNode(channel->GetTargetId(t))->GetObject<CellFreeTarget>()->GetRcs());
        }
    }
    nlohmann::ordered_json scenario;
    scenario["nCpus"] = link->GetNCpus();
    scenario["nAps"] = channel->GetNAps();
    scenario["nUes"] = channel->GetNUes();
    scenario["nTargets"] = channel->GetNTargets();
    scenario["nAntennas"] = channel->GetNAntennas();
    scenario["txPower_dBm"] = ToNumberOrList(powers);
    scenario["carrier_Hz"] = ISAC_SPEED_OF_LIGHT / channel->GetWavelength();
    scenario["bandwidth_Hz"] = channel->GetBandwidth();
    scenario["slot_s"] = link->GetFrame()->GetSlotDuration().GetSeconds();
    scenario["pattern"] = link->GetFrame()->GetPattern();
    scenario["dataSymbols"] = link->GetDataSymbols(link->GetFrame()->GetDownlinkSlot(0, 1));
    scenario["csi"] = cpu->GetCsi()->GetInstanceTypeId().GetName();
    scenario["fading"] = channel->GetFading()->GetInstanceTypeId().GetName();
    TimeValue coherenceTime;
    channel->GetFading()->GetAttribute("CoherenceTime", coherenceTime);
    scenario["coherenceTime_s"] = "by speed";
    if (coherenceTime.Get().IsStrictlyPositive())
    {
        scenario["coherenceTime_s"] = coherenceTime.Get().GetSeconds();
    }
    scenario["rcs_m2"] = ToNumberOrList(crossSections);
    scenario["detector"] = cpu->GetSensing()->GetDetector()->GetInstanceTypeId().GetName();
    scenario["nSymbols"] = cpu->GetSensing()->GetCoherentSymbols();
    for (const auto& [name, text] : descriptions)
    {
        scenario[name] = text;
    }
    return scenario;
}

} // namespace

std::string
GetCellFreeIsacVersion()
{
    return CELLFREE_ISAC_VERSION;
}

std::string
cellfree::DescribeRun(Ptr<CellFreeLink> link,
                      const std::string& simTag,
                      const std::map<std::string, std::string>& descriptions)
{
    AttributeCollector attributes;
    attributes.Visit(link, -1);
    for (const auto id : GetNodeIds(link))
    {
        const auto node = NodeList::GetNode(id);
        for (auto part = node->GetAggregateIterator(); part.HasNext();)
        {
            const auto object = ConstCast<Object>(part.Next());
            if (object->GetInstanceTypeId().GetGroupName() == "CellFreeIsac")
            {
                // Those of a lone CPU are the run's, not a node's.
                const bool isOnly = DynamicCast<CellFreeCpu>(object) && link->GetNCpus() == 1;
                attributes.Visit(object, isOnly ? -1 : int64_t{node->GetId()});
            }
            if (const auto ap = DynamicCast<CellFreeAp>(object))
            {
                attributes.Visit(ap->GetArray(), node->GetId());
            }
        }
        for (uint32_t d = 0; d < node->GetNDevices(); ++d)
        {
            if (node->GetDevice(d)->GetInstanceTypeId().GetGroupName() == "CellFreeIsac")
            {
                attributes.Visit(node->GetDevice(d), node->GetId());
            }
        }
    }
    attributes.AddChangedDefaults();

    const auto cpu = link->GetCpu();
    nlohmann::ordered_json json;
    json["seed"] = RngSeedManager::GetSeed();
    json["run"] = RngSeedManager::GetRun();
    json["simTag"] = simTag;
    json["policy"] = GetBeamformingPolicyName(cpu->GetPolicy());
    json["sensingWeight"] = nullptr;
    if (cpu->GetPolicy()->UsesSensingWeight())
    {
        json["sensingWeight"] = cpu->GetSensingWeight();
    }
    json["version"] = GetCellFreeIsacVersion();
    json["ns3"] = CELLFREE_ISAC_NS3_VERSION;
    json["command"] = GetCommand();
    json["scenario"] = DescribeScenario(link, descriptions);
    json["attributes"] = attributes.GetJson();
    return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

} // namespace ns3
