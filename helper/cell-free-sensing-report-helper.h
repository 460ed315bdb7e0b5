// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_SENSING_REPORT_HELPER_H
#define CELL_FREE_SENSING_REPORT_HELPER_H

#include "ns3/address.h"
#include "ns3/application-container.h"
#include "ns3/attribute.h"
#include "ns3/node-container.h"
#include "ns3/object-factory.h"

#include <cstdint>
#include <string>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Installs a CellFreeSensingServer on a host.
 */
class CellFreeSensingServerHelper
{
  public:
    /// @param port UDP port to listen on
    explicit CellFreeSensingServerHelper(uint16_t port);

    /**
     * @brief Set an attribute of CellFreeSensingServer.
     * @param name attribute
     * @param value its value
     */
    void SetAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @brief Install a server on each node.
     * @param nodes nodes with an internet stack
     * @return the servers
     */
    ApplicationContainer Install(const NodeContainer& nodes) const;

  private:
    ObjectFactory m_factory; //!< servers
};

/**
 * @ingroup cellfree-isac
 * @brief Installs CellFreeSensingReporters on CPUs.
 */
class CellFreeSensingReportHelper
{
  public:
    /// @param remote address and port of the server
    explicit CellFreeSensingReportHelper(const Address& remote);

    /**
     * @brief Set an attribute of CellFreeSensingReporter.
     * @param name attribute
     * @param value its value
     */
    void SetAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @brief Install a reporter on each node.
     * @param nodes nodes of CPUs, with an internet stack
     * @return the reporters
     */
    ApplicationContainer Install(const NodeContainer& nodes) const;

  private:
    ObjectFactory m_factory; //!< reporters
};

} // namespace ns3

#endif // CELL_FREE_SENSING_REPORT_HELPER_H
