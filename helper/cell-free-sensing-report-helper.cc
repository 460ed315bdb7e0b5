// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-sensing-report-helper.h"

#include "ns3/cell-free-sensing-reporter.h"
#include "ns3/cell-free-sensing-server.h"
#include "ns3/uinteger.h"

namespace ns3
{

namespace
{

/// Installs an application on each node. @param factory makes them @param nodes nodes
ApplicationContainer
InstallEach(const ObjectFactory& factory, const NodeContainer& nodes)
{
    ApplicationContainer applications;
    for (uint32_t i = 0; i < nodes.GetN(); ++i)
    {
        const auto application = factory.Create<Application>();
        nodes.Get(i)->AddApplication(application);
        applications.Add(application);
    }
    return applications;
}

} // namespace

CellFreeSensingServerHelper::CellFreeSensingServerHelper(uint16_t port)
{
    m_factory.SetTypeId(CellFreeSensingServer::GetTypeId());
    SetAttribute("Port", UintegerValue(port));
}

void
CellFreeSensingServerHelper::SetAttribute(const std::string& name, const AttributeValue& value)
{
    m_factory.Set(name, value);
}

ApplicationContainer
CellFreeSensingServerHelper::Install(const NodeContainer& nodes) const
{
    return InstallEach(m_factory, nodes);
}

CellFreeSensingReportHelper::CellFreeSensingReportHelper(const Address& remote)
{
    m_factory.SetTypeId(CellFreeSensingReporter::GetTypeId());
    SetAttribute("Remote", AddressValue(remote));
}

void
CellFreeSensingReportHelper::SetAttribute(const std::string& name, const AttributeValue& value)
{
    m_factory.Set(name, value);
}

ApplicationContainer
CellFreeSensingReportHelper::Install(const NodeContainer& nodes) const
{
    return InstallEach(m_factory, nodes);
}

} // namespace ns3
