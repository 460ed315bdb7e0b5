// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_TARGET_H
#define CELL_FREE_TARGET_H

#include "ns3/object.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Makes any Node with a MobilityModel a radar target: aggregate this object to it.
 */
class CellFreeTarget : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /// @return the mean radar cross section (m^2), >= 0
    double GetRcs() const;

    /// @return true if the target reflects but is nobody's business
    bool IsUnintended() const;

  private:
    double m_rcs;        //!< mean radar cross section (m^2)
    bool m_isUnintended; //!< whether it is nobody's business
};

} // namespace ns3

#endif // CELL_FREE_TARGET_H
