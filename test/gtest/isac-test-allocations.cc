// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-allocations.h"

#include <cstdlib>

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CAN_COUNT true
#else
#define CAN_COUNT false
#endif

namespace
{
/// Allocations of this thread.
thread_local int64_t g_allocations = 0;
} // namespace

namespace ns3
{

bool
CanCountTestAllocations()
{
    return CAN_COUNT;
}

int64_t
GetNTestAllocations()
{
    return g_allocations;
}

} // namespace ns3

#if CAN_COUNT

// These stand before the C library's.
extern "C"
{
    void* __libc_malloc(size_t size) noexcept;
    void* __libc_calloc(size_t count, size_t size) noexcept;
    void* __libc_realloc(void* memory, size_t size) noexcept;
    void* __libc_memalign(size_t alignment, size_t size) noexcept;

    void* malloc(size_t size) noexcept
    {
        ++g_allocations;
        return __libc_malloc(size);
    }

    void* calloc(size_t count, size_t size) noexcept
    {
        ++g_allocations;
        return __libc_calloc(count, size);
    }

    void* realloc(void* memory, size_t size) noexcept
    {
        ++g_allocations;
        return __libc_realloc(memory, size);
    }

    void* aligned_alloc(size_t alignment, size_t size) noexcept
    {
        ++g_allocations;
        return __libc_memalign(alignment, size);
    }
}

#endif
