// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_ATTRIBUTE_H
#define CELL_FREE_ATTRIBUTE_H

#include "ns3/abort.h"
#include "ns3/object.h"

namespace ns3
{

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Refuses to set an attribute once an object has been initialised: for attributes that other
 * objects were built from. Every other attribute of the module acts at once.
 * @param object the object
 * @param attribute name of the attribute
 */
inline void
RefuseDuringRun(const Object& object, const char* attribute)
{
    NS_ABORT_MSG_IF(object.IsInitialized(),
                    object.GetInstanceTypeId().GetName()
                        << "::" << attribute
                        << " was set during a run: expected it to be set before the start");
}

} // namespace cellfree

} // namespace ns3

#endif // CELL_FREE_ATTRIBUTE_H
