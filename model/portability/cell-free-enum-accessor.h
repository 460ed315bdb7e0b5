// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_ENUM_ACCESSOR_H
#define CELL_FREE_ENUM_ACCESSOR_H

#include "ns3/enum.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief MakeEnumAccessor() as ns-3 wrote it before 3.41 (no type) and since (with the type).
 *
 * Call it with 0 first: the overload that exists in this ns-3 is chosen.
 *
 * @tparam Enum an unscoped enumeration
 * @param members a pointer to a data member, or to a getter and a setter
 * @return the attribute accessor
 */
template <typename Enum, typename... Members>
auto
MakePortableEnumAccessor(int, Members... members) -> decltype(MakeEnumAccessor<Enum>(members...))
{
    return MakeEnumAccessor<Enum>(members...);
}

/// @copydoc MakePortableEnumAccessor
template <typename Enum, typename... Members>
auto
MakePortableEnumAccessor(long, Members... members) -> decltype(MakeEnumAccessor(members...))
{
    return MakeEnumAccessor(members...);
}

} // namespace ns3

#endif // CELL_FREE_ENUM_ACCESSOR_H
