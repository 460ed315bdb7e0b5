// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_TEST_ALLOCATIONS_H
#define ISAC_TEST_ALLOCATIONS_H

#include <cstdint>

namespace ns3
{

/// @return whether allocations are counted: with glibc and without a sanitizer
bool CanCountTestAllocations();

/// @return heap allocations of this thread so far: what Eigen, new and std::vector asked for
int64_t GetNTestAllocations();

} // namespace ns3

#endif // ISAC_TEST_ALLOCATIONS_H
