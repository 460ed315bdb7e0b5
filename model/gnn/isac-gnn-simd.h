// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_GNN_SIMD_H
#define ISAC_GNN_SIMD_H

// Not installed: what the inference's inner loops share.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

// Every function that takes or returns a vector is inlined: no ABI is involved.
#pragma GCC diagnostic ignored "-Wpsabi"

#define ISAC_INLINE inline __attribute__((always_inline))

namespace ns3
{

/**
 * Vectors of BYTES bytes. A kernel is a struct with a static ISAC_INLINE template Run<BYTES>();
 * IsacRunKernel() compiles it twice, for the processor that the compiler was told and for one with
 * AVX2 and FMA, and picks at run time.
 */
template <typename T, int BYTES>
struct IsacVector
{
    static constexpr int SIZE = BYTES / sizeof(T);      //!< numbers in a vector
    typedef T Type __attribute__((vector_size(BYTES))); //!< the vector
    typedef T Unaligned __attribute__((vector_size(BYTES), aligned(alignof(T)), may_alias));

    /// Reads a vector.
    static ISAC_INLINE Type Load(const T* from)
    {
        return *reinterpret_cast<const Unaligned*>(from);
    }

    /// Writes a vector.
    static ISAC_INLINE void Store(T* to, const Type& x)
    {
        *reinterpret_cast<Unaligned*>(to) = x;
    }

    /// The sum of a vector's numbers.
    static ISAC_INLINE T Sum(const Type& x)
    {
        T sum = 0;
        for (int i = 0; i < SIZE; ++i)
        {
            sum += x[i];
        }
        return sum;
    }
};

#if defined(__x86_64__) && !defined(ISAC_GNN_NARROW)
/// Runs a kernel on vectors of 32 bytes, on a processor that has them.
template <typename Kernel, typename... Args>
__attribute__((target("avx2,fma"))) void
IsacRunWide(Args&... args)
{
    Kernel::template Run<32>(args...);
}
#endif

/// Runs a kernel on the widest vectors that the processor offers.
template <typename Kernel, typename... Args>
void
IsacRunKernel(Args&&... args)
{
#if defined(__x86_64__) && !defined(ISAC_GNN_NARROW)
    static const bool isWide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (isWide)
    {
        IsacRunWide<Kernel>(args...);
        return;
    }
#endif
    Kernel::template Run<16>(args...);
}

/// Natural logarithm of a normal number above 0, to 1e-7 of max(1, |log|); loops over it vectorise.
ISAC_INLINE float
IsacFastLog(float x)
{
    // x = 2^e (1 + f) with 1 + f in sqrt(1/2) .. sqrt(2); the polynomial is that of Cephes' logf.
    int32_t bits;
    std::memcpy(&bits, &x, sizeof(bits));
    const int32_t e = (bits - 0x3f3504f3) >> 23;
    bits -= e * (1 << 23);
    std::memcpy(&x, &bits, sizeof(x));
    const float f = x - 1.0F;
    float y = 7.0376836292e-2F;
    y = y * f - 1.1514610310e-1F;
    y = y * f + 1.1676998740e-1F;
    y = y * f - 1.2420140846e-1F;
    y = y * f + 1.4249322787e-1F;
    y = y * f - 1.6668057665e-1F;
    y = y * f + 2.0000714765e-1F;
    y = y * f - 2.4999993993e-1F;
    y = y * f + 3.3333331174e-1F;
    return y * f * f * f - 0.5F * f * f + f + 0.693147181F * static_cast<float>(e);
}

/// Inverse hyperbolic sine, to 1e-7 of max(1, |result|); loops over it vectorise.
ISAC_INLINE float
IsacFastAsinh(float x)
{
    // Beyond the bound the square would overflow; the result hardly changes there.
    const float size = std::min(std::abs(x), 1e18F);
    return std::copysign(IsacFastLog(size + std::sqrt(size * size + 1.0F)), x);
}

} // namespace ns3

#endif // ISAC_GNN_SIMD_H
