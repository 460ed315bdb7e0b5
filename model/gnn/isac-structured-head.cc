// SPDX-License-Identifier: GPL-2.0-only

#include "isac-structured-head.h"

#include "isac-gnn-simd.h"

#include <cmath>

namespace ns3
{

namespace
{

/// Smallest nu_m as a share of the sensing bound: caps the gain along a_m at 1e5.
constexpr double MIN_EXCESS = 1e-5;

/// Log of what an own error gains at the start, relative to the UE's weight.
constexpr double START_OWN = -2.0;

/// Log of the amplitude that sensing streams start with.
constexpr double START_STREAM = -4.0;

/// Share of the largest sensing SNR that the start assumes is reached.
constexpr double START_SENSING = 0.4;

/// Smallest relative weight of a UE.
constexpr double MIN_WEIGHT = 1.0 / (1 << 20);

/// Largest relative weight of a target.
constexpr double MAX_SENSING_WEIGHT = 1e6;

/// Smallest pivot as a share of its diagonal entry: nearly equal channels stay finite.
constexpr double MIN_PIVOT = 1e-14;

/// Numbers that a vector may hold: strides are multiples of it.
constexpr Eigen::Index LANES = 4;

/// The next multiple of LANES.
Eigen::Index
RoundUp(Eigen::Index n)
{
    return (n + LANES - 1) / LANES * LANES;
}

/// A complex vector.
template <int BYTES>
struct Pair
{
    using Vector = IsacVector<double, BYTES>; //!< its parts' type
    typename Vector::Type re;                 //!< real parts
    typename Vector::Type im;                 //!< imaginary parts

    /// Reads the entries of some APs. @param from real parts @param stride to the imaginary parts
    static ISAC_INLINE Pair Load(const double* from, Eigen::Index stride)
    {
        return {Vector::Load(from), Vector::Load(from + stride)};
    }

    /// Writes them.
    ISAC_INLINE void Store(double* to, Eigen::Index stride) const
    {
        Vector::Store(to, re);
        Vector::Store(to + stride, im);
    }

    /// this += a b
    ISAC_INLINE void Add(const Pair& a, const Pair& b)
    {
        re += a.re * b.re;
        im += a.re * b.im;
        re -= a.im * b.im;
        im += a.im * b.re;
    }

    /// this += a conj(b)
    ISAC_INLINE void AddConjugate(const Pair& a, const Pair& b)
    {
        re += a.re * b.re;
        im += a.im * b.re;
        re += a.im * b.im;
        im -= a.re * b.im;
    }
};

/**
 * @brief For some APs and COUNT streams s: out_s = sum_j x_j V_js + sum_t x_(U+t) Q_ts.
 * @param x x_0 .. x_(U+T-1) of the first AP, a row of IsacPlanes
 * @param nUes U
 * @param nTargets T, or 0 to leave Q out
 * @param stride stride of the APs
 * @param v V of the first stream: U x real, imaginary x streams
 * @param vStride stride of the streams
 * @param q Q of the first stream and AP, T x streams planes
 * @param nStreams columns of Q
 * @param[out] out the first stream and AP of a row of planes
 */
template <int BYTES, int COUNT>
ISAC_INLINE void
CombineStreams(const double* x,
               Eigen::Index nUes,
               Eigen::Index nTargets,
               Eigen::Index stride,
               const double* v,
               Eigen::Index vStride,
               const double* q,
               Eigen::Index nStreams,
               double* out)
{
    Pair<BYTES> sum[COUNT] = {};
    for (Eigen::Index j = 0; j < nUes; ++j)
    {
        const auto a = Pair<BYTES>::Load(x + 2 * j * stride, stride);
        for (int s = 0; s < COUNT; ++s)
        {
            const double re = v[2 * j * vStride + s];
            const double im = v[(2 * j + 1) * vStride + s];
            sum[s].re += a.re * re;
            sum[s].im += a.re * im;
            sum[s].re -= a.im * im;
            sum[s].im += a.im * re;
        }
    }
    for (Eigen::Index t = 0; t < nTargets; ++t)
    {
        const auto a = Pair<BYTES>::Load(x + 2 * (nUes + t) * stride, stride);
        for (int s = 0; s < COUNT; ++s)
        {
            sum[s].Add(a, Pair<BYTES>::Load(q + (t * nStreams + s) * 2 * stride, stride));
        }
    }
    for (int s = 0; s < COUNT; ++s)
    {
        sum[s].Store(out + 2 * s * stride, stride);
    }
}

/// CombineStreams() for all APs and streams.
template <int BYTES>
ISAC_INLINE void
Combine(const double* x,
        Eigen::Index nUes,
        Eigen::Index nTargets,
        Eigen::Index stride,
        const double* v,
        Eigen::Index vStride,
        const double* q,
        Eigen::Index nStreams,
        double* out)
{
    for (Eigen::Index m = 0; m < stride; m += IsacVector<double, BYTES>::SIZE)
    {
        Eigen::Index s = 0;
        // Four streams at once fill the registers.
        for (; s + 4 <= nStreams; s += 4)
        {
            CombineStreams<BYTES, 4>(x + m,
                                     nUes,
                                     nTargets,
                                     stride,
                                     v + s,
                                     vStride,
                                     q + 2 * s * stride + m,
                                     nStreams,
                                     out + 2 * s * stride + m);
        }
        for (; s < nStreams; ++s)
        {
            CombineStreams<BYTES, 1>(x + m,
                                     nUes,
                                     nTargets,
                                     stride,
                                     v + s,
                                     vStride,
                                     q + 2 * s * stride + m,
                                     nStreams,
                                     out + 2 * s * stride + m);
        }
    }
}

/**
 * @brief Solves A X = B for a Hermitian positive definite A, by Cholesky's decomposition.
 * @param size rows of A and X
 * @param[in,out] a lower triangle of A, row by row; overwritten
 * @param[in,out] x B, then X: size x real, imaginary x columns
 * @param stride number of columns, a multiple of LANES
 */
template <int BYTES>
ISAC_INLINE void
SolveHermitian(Eigen::Index size, std::complex<double>* a, double* x, Eigen::Index stride)
{
    using Vector = IsacVector<double, BYTES>;
    for (Eigen::Index j = 0; j < size; ++j)
    {
        for (Eigen::Index i = j; i < size; ++i)
        {
            double re = a[i * size + j].real();
            double im = a[i * size + j].imag();
            const double smallest = MIN_PIVOT * re; // counts on the diagonal alone
            for (Eigen::Index k = 0; k < j; ++k)
            {
                const auto b = a[i * size + k];
                const auto c = a[j * size + k];
                re -= b.real() * c.real() + b.imag() * c.imag();
                im -= b.imag() * c.real() - b.real() * c.imag();
            }
            // The diagonal holds the inverses of the factor's entries.
            const double inverse = a[j * size + j].real();
            a[i * size + j] =
                i == j ? std::complex<double>(1.0 / std::sqrt(std::max(re, smallest)), 0.0)
                       : std::complex<double>(re * inverse, im * inverse);
        }
    }
    for (Eigen::Index first = 0; first < stride; first += Vector::SIZE)
    {
        const auto at = [x, stride, first](Eigen::Index i) { return x + 2 * i * stride + first; };
        for (Eigen::Index i = 0; i < size; ++i)
        {
            auto sum = Pair<BYTES>::Load(at(i), stride);
            for (Eigen::Index k = 0; k < i; ++k)
            {
                const auto b = Pair<BYTES>::Load(at(k), stride);
                const double re = a[i * size + k].real();
                const double im = a[i * size + k].imag();
                sum.re -= b.re * re;
                sum.im -= b.im * re;
                sum.re += b.im * im;
                sum.im -= b.re * im;
            }
            sum.re *= a[i * size + i].real();
            sum.im *= a[i * size + i].real();
            sum.Store(at(i), stride);
        }
        for (Eigen::Index i = size - 1; i >= 0; --i)
        {
            auto sum = Pair<BYTES>::Load(at(i), stride);
            for (Eigen::Index k = i + 1; k < size; ++k)
            {
                const auto b = Pair<BYTES>::Load(at(k), stride);
                const double re = a[k * size + i].real();
                const double im = a[k * size + i].imag();
                sum.re -= b.re * re;
                sum.im -= b.im * re;
                sum.re -= b.im * im;
                sum.im += b.re * im;
            }
            sum.re *= a[i * size + i].real();
            sum.im *= a[i * size + i].real();
            sum.Store(at(i), stride);
        }
    }
}

} // namespace

struct IsacStructuredHead::GramKernel
{
    template <int BYTES>
    static ISAC_INLINE void Run(IsacStructuredHead& head)
    {
        const auto size = head.m_nUes + head.m_nTargets;
        const auto stride = head.m_stride;
        const auto n = head.m_problem->nAntennas;
        for (Eigen::Index i = 0; i < size; ++i)
        {
            for (Eigen::Index j = 0; j <= i; ++j)
            {
                for (Eigen::Index m = 0; m < stride; m += IsacVector<double, BYTES>::SIZE)
                {
                    Pair<BYTES> sum = {};
                    for (Eigen::Index k = 0; k < n; ++k)
                    {
                        sum.AddConjugate(Pair<BYTES>::Load(head.m_basis.At(k, j) + m, stride),
                                         Pair<BYTES>::Load(head.m_basis.At(k, i) + m, stride));
                    }
                    sum.Store(head.m_gram.At(i, j) + m, stride);
                    if (j < i)
                    {
                        sum.im = -sum.im;
                        sum.Store(head.m_gram.At(j, i) + m, stride);
                    }
                }
            }
        }
    }
};

void
IsacStructuredHead::SetProblem(const IsacProblem& problem)
{
    m_problem = &problem;
    m_nUes = std::max<Eigen::Index>(problem.GetNUes(), 1);
    m_nTargets = problem.GetNTargets();
    m_hasErrors = problem.errorVariance.size() != 0;
    m_hasOwnSystems = m_hasErrors || (problem.serving.size() != 0 && problem.GetNUes() > 0) ||
                      problem.sensing.size() != 0;
    const auto nAps = problem.GetNAps();
    const auto n = problem.nAntennas;
    const auto size = m_nUes + m_nTargets;
    m_stride = RoundUp(nAps);
    m_streamStride = RoundUp(size);
    m_basis.Resize(n, size, m_stride);
    for (Eigen::Index j = 0; j < size; ++j)
    {
        const bool isUe = j < m_nUes;
        const bool isZero = isUe && problem.GetNUes() == 0;
        const auto* column = isZero ? nullptr
                             : isUe ? problem.h.col(j).data()
                                    : problem.a.col(j - m_nUes).data();
        for (Eigen::Index k = 0; k < n; ++k)
        {
            double* to = m_basis.At(k, j);
            for (Eigen::Index m = 0; m < m_stride; ++m)
            {
                const auto x = m < nAps && column ? column[m * n + k] : 0.0;
                to[m] = x.real();
                to[m_stride + m] = x.imag();
            }
        }
    }
    m_serving.Resize(size * m_stride);
    for (Eigen::Index s = 0; s < size; ++s)
    {
        const bool isSensing = s >= m_nUes;
        for (Eigen::Index m = 0; m < m_stride; ++m)
        {
            m_serving[s * m_stride + m] =
                m < nAps && (isSensing               ? problem.Senses(m, s - m_nUes)
                             : problem.GetNUes() > 0 ? problem.Serves(m, s)
                                                     : true);
        }
    }
    if (m_hasErrors)
    {
        m_error.Assign(m_nUes * m_stride, 0.0);
        for (Eigen::Index u = 0; u < m_nUes; ++u)
        {
            std::copy_n(problem.errorVariance.col(u).data(), nAps, &m_error[u * m_stride]);
        }
    }
    SetWeights();
    m_gram.Resize(size, size, m_stride);
    IsacRunKernel<GramKernel>(*this);
}

void
IsacStructuredHead::SetWeights()
{
    const auto& problem = *m_problem;
    const bool hasUes = problem.GetNUes() > 0;
    double unit = hasUes ? problem.weight.mean() : 1.0;
    if (m_nTargets > 0)
    {
        unit = std::max(unit, problem.sensingWeight.maxCoeff() / MAX_SENSING_WEIGHT);
    }
    unit = unit > 0.0 ? unit : 1.0; // all weights are zero
    m_weight.Assign(m_nUes, 1.0);
    for (Eigen::Index u = 0; hasUes && u < m_nUes; ++u)
    {
        m_weight[u] = std::max(problem.weight(u) / unit, MIN_WEIGHT);
    }
    m_sensingWeight.Resize(m_nTargets);
    for (Eigen::Index t = 0; t < m_nTargets; ++t)
    {
        m_sensingWeight[t] = problem.sensingWeight(t) / unit;
    }
}

void
IsacStructuredHead::GetStart(Parameters& parameters) const
{
    const auto nAps = m_problem->GetNAps();
    // An offset keeps the logarithm finite; it is part of what trained networks expect.
    parameters.logExcess.setConstant(nAps, std::log((m_nUes + 1e-3) / nAps));
    parameters.logPower.setZero(nAps);
    parameters.logWeight.resize(m_nUes);
    parameters.logGain.resize(m_nUes);
    for (Eigen::Index u = 0; u < m_nUes; ++u)
    {
        double gain = 0.0;
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            gain += GetServing(u)[m] * m_gram.Get(u, u, m).real();
        }
        parameters.logWeight(u) = std::log(m_weight[u]);
        parameters.logGain(u) = 0.5 * std::log1p(gain * nAps / m_nUes) + parameters.logWeight(u);
    }
    parameters.logError = parameters.logWeight;
    parameters.logOwn = parameters.logWeight.array() + START_OWN;
    parameters.logSensing.resize(m_nTargets, nAps);
    parameters.logStream.setConstant(m_nTargets, nAps, START_STREAM);
    for (Eigen::Index t = 0; t < m_nTargets; ++t)
    {
        const double snr = START_SENSING * m_problem->omega.col(t).sum() * m_problem->nAntennas;
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            const double sensing =
                m_sensingWeight[t] * m_problem->omega(m, t) * m_problem->nAntennas / (1.0 + snr);
            parameters.logSensing(t, m) = std::log(std::max(sensing, 1e-6));
        }
    }
}

void
IsacStructuredHead::SetSensing(const Parameters& parameters)
{
    const auto nAps = m_problem->GetNAps();
    const auto nTargets = m_nTargets;
    // APs that fill up a vector: anything finite, their channels are zero.
    m_multiplier.Assign(m_stride, 1.0);
    m_sensingInverse.Resize(nTargets, nTargets, m_stride);
    m_streamPart.Resize(nTargets, nTargets, m_stride);
    if (nTargets > 0)
    {
        m_sensing.resize(nTargets);
        m_cross.resize(nTargets, nTargets);
        m_inverse.resize(nTargets, nTargets);
        m_part.resize(nTargets, nTargets);
    }
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        double mu = std::exp(parameters.logExcess(m));
        if (nTargets > 0)
        {
            // (mu I - A g A^H)^-1 = (I + A K A^H) / mu with K = g^1/2 (mu I - S)^-1 g^1/2 and
            // S = g^1/2 A^H A g^1/2.
            m_sensing = parameters.logSensing.col(m).array().exp();
            const double bound = GetSensingBound(m, m_sensing);
            mu += (1.0 + MIN_EXCESS) * bound;
            for (Eigen::Index t = 0; t < nTargets; ++t)
            {
                for (Eigen::Index j = 0; j < nTargets; ++j)
                {
                    m_cross(t, j) = m_gram.Get(m_nUes + t, m_nUes + j, m);
                }
            }
            if (nTargets == 1)
            {
                const double inverse = m_sensing(0) / m_problem->nAntennas / (mu - bound);
                m_inverse(0, 0) = inverse;
                m_part(0, 0) =
                    (inverse * m_cross(0, 0) + 1.0) * std::exp(parameters.logStream(0, m));
            }
            else
            {
                m_sensing = (m_sensing / static_cast<double>(m_problem->nAntennas)).cwiseSqrt();
                m_inverse = -(m_sensing.asDiagonal() * m_cross * m_sensing.asDiagonal());
                m_inverse.diagonal().array() += mu;
                m_sensingCholesky.compute(m_inverse);
                m_inverse.setIdentity();
                m_sensingCholesky.solveInPlace(m_inverse);
                m_inverse = m_sensing.asDiagonal() * m_inverse * m_sensing.asDiagonal();
                m_part.noalias() = m_inverse * m_cross;
                m_part.diagonal().array() += 1.0;
                m_part *= parameters.logStream.col(m).array().exp().matrix().asDiagonal();
            }
        }
        m_multiplier[m] = mu;
        for (Eigen::Index t = 0; t < nTargets; ++t)
        {
            for (Eigen::Index j = 0; j < nTargets; ++j)
            {
                m_sensingInverse.Set(t, j, m, m_inverse(t, j));
                m_streamPart.Set(t, j, m, m_part(t, j) * GetServing(m_nUes + j)[m]);
            }
        }
    }
    for (Eigen::Index m = nAps; m < m_stride; ++m)
    {
        for (Eigen::Index t = 0; t < nTargets * nTargets; ++t)
        {
            m_sensingInverse.Set(t / nTargets, t % nTargets, m, 0.0);
            m_streamPart.Set(t / nTargets, t % nTargets, m, 0.0);
        }
    }
}

void
IsacStructuredHead::SetShares(const Parameters& parameters)
{
    const auto nSystems = m_hasOwnSystems ? m_nUes + m_nTargets : 1;
    m_share.Resize(nSystems * m_stride);
    m_limit.Assign(m_stride, 1.0);
    for (Eigen::Index m = 0; m < m_problem->GetNAps(); ++m)
    {
        m_limit[m] = std::exp(parameters.logPower(m));
    }
    m_regulariser.Resize(m_stride);
    std::copy_n(m_multiplier.Data(), m_stride, m_regulariser.Data());
    for (Eigen::Index u = 0; m_hasErrors && u < m_nUes; ++u)
    {
        const double weight = std::exp(parameters.logError(u));
        for (Eigen::Index m = 0; m < m_stride; ++m)
        {
            m_regulariser[m] += weight * m_error[u * m_stride + m];
        }
    }
    for (Eigen::Index s = 0; s < nSystems; ++s)
    {
        double* share = &m_share[s * m_stride];
        std::copy_n(m_regulariser.Data(), m_stride, share);
        if (m_hasErrors && s < m_nUes)
        {
            const double* error = &m_error[s * m_stride];
            const double weight = std::exp(parameters.logError(s));
            const double own = std::exp(parameters.logOwn(s));
            for (Eigen::Index m = 0; m < m_stride; ++m)
            {
                const double others = std::max(share[m] - weight * error[m], m_multiplier[m]);
                share[m] = others / (1.0 + own * error[m] / others);
            }
        }
        for (Eigen::Index m = 0; m < m_stride; ++m)
        {
            const bool isServed = !m_hasOwnSystems || m_serving[s * m_stride + m] != 0.0;
            share[m] = isServed ? 1.0 / share[m] : 0.0;
        }
    }
}

struct IsacStructuredHead::SystemKernel
{
    template <int BYTES>
    static ISAC_INLINE void Run(IsacStructuredHead& head, const Parameters& parameters)
    {
        using Vector = IsacVector<double, BYTES>;
        const auto nUes = head.m_nUes;
        const auto nTargets = head.m_nTargets;
        const auto size = nUes + nTargets;
        const auto stride = head.m_stride;
        const auto streams = head.m_streamStride;
        const auto& gram = head.m_gram;
        double* solution = head.m_solution.Data();

        // Right sides: b_u / c_u^1/2, and what the sensing streams leak.
        std::fill_n(solution, 2 * nUes * streams, 0.0);
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            head.m_rootWeight[u] = std::exp(0.5 * parameters.logWeight(u));
            solution[2 * u * streams + u] = std::exp(parameters.logGain(u)) / head.m_rootWeight[u];
            for (Eigen::Index t = 0; t < nTargets; ++t)
            {
                const double* share = &head.m_share[head.GetSystem(nUes + t) * stride];
                Pair<BYTES> leak = {};
                for (Eigen::Index m = 0; m < stride; m += Vector::SIZE)
                {
                    Pair<BYTES> product = {};
                    Pair<BYTES> part = {};
                    for (Eigen::Index k = 0; k < nTargets; ++k)
                    {
                        const auto a = Pair<BYTES>::Load(gram.At(u, nUes + k) + m, stride);
                        product.Add(a,
                                    Pair<BYTES>::Load(head.m_sensingInverse.At(k, t) + m, stride));
                        part.Add(a, Pair<BYTES>::Load(head.m_streamPart.At(k, t) + m, stride));
                    }
                    product.Store(head.m_sensingProduct.At(u, t) + m, stride);
                    const auto weight = Vector::Load(share + m);
                    leak.re += part.re * weight;
                    leak.im += part.im * weight;
                }
                const double factor = -head.m_rootWeight[u];
                solution[2 * u * streams + nUes + t] = factor * Vector::Sum(leak.re);
                solution[(2 * u + 1) * streams + nUes + t] = factor * Vector::Sum(leak.im);
            }
        }

        if (!head.m_hasOwnSystems)
        {
            SetSystem<BYTES>(head, 0);
            SolveHermitian<BYTES>(nUes, head.m_system.Data(), solution, streams);
        }
        for (Eigen::Index s = 0; head.m_hasOwnSystems && s < size; ++s)
        {
            SetSystem<BYTES>(head, s);
            double* column = head.m_column.Data();
            for (Eigen::Index i = 0; i < 2 * nUes; ++i)
            {
                std::fill_n(column + i * LANES, LANES, 0.0);
                column[i * LANES] = solution[i * streams + s];
            }
            SolveHermitian<BYTES>(nUes, head.m_system.Data(), column, LANES);
            for (Eigen::Index i = 0; i < 2 * nUes; ++i)
            {
                solution[i * streams + s] = column[i * LANES];
            }
        }
        for (Eigen::Index i = 0; i < 2 * nUes * streams; ++i)
        {
            solution[i] *= head.m_rootWeight[i / (2 * streams)];
        }

        // Q = K A^H H V, and the streams' own part.
        for (Eigen::Index t = 0; t < nTargets; ++t)
        {
            Combine<BYTES>(gram.At(nUes + t, 0),
                           nUes,
                           0,
                           stride,
                           solution,
                           streams,
                           nullptr,
                           size,
                           head.m_response.At(nUes + t, 0));
        }
        for (Eigen::Index t = 0; t < nTargets; ++t)
        {
            for (Eigen::Index s = 0; s < size; ++s)
            {
                for (Eigen::Index m = 0; m < stride; m += Vector::SIZE)
                {
                    Pair<BYTES> sum = {};
                    if (s >= nUes)
                    {
                        sum = Pair<BYTES>::Load(head.m_streamPart.At(t, s - nUes) + m, stride);
                    }
                    for (Eigen::Index k = 0; k < nTargets; ++k)
                    {
                        sum.Add(Pair<BYTES>::Load(head.m_sensingInverse.At(t, k) + m, stride),
                                Pair<BYTES>::Load(head.m_response.At(nUes + k, s) + m, stride));
                    }
                    sum.Store(head.m_targetPart.At(t, s) + m, stride);
                }
            }
        }
    }

    /// Sums the matrix I + C^1/2 G C^1/2 of one system.
    template <int BYTES>
    static ISAC_INLINE void SetSystem(IsacStructuredHead& head, Eigen::Index system)
    {
        using Vector = IsacVector<double, BYTES>;
        const auto nUes = head.m_nUes;
        const auto stride = head.m_stride;
        const double* share = &head.m_share[system * stride];
        for (Eigen::Index i = 0; i < nUes; ++i)
        {
            for (Eigen::Index j = 0; j <= i; ++j)
            {
                Pair<BYTES> sum = {};
                for (Eigen::Index m = 0; m < stride; m += Vector::SIZE)
                {
                    auto entry = Pair<BYTES>::Load(head.m_gram.At(i, j) + m, stride);
                    for (Eigen::Index t = 0; t < head.m_nTargets; ++t)
                    {
                        entry.AddConjugate(
                            Pair<BYTES>::Load(head.m_sensingProduct.At(i, t) + m, stride),
                            Pair<BYTES>::Load(head.m_gram.At(j, nUes + t) + m, stride));
                    }
                    const auto weight = Vector::Load(share + m);
                    sum.re += weight * entry.re;
                    sum.im += weight * entry.im;
                }
                const double scale = head.m_rootWeight[i] * head.m_rootWeight[j];
                head.m_system[i * nUes + j] = {scale * Vector::Sum(sum.re) + (i == j),
                                               scale * Vector::Sum(sum.im)};
            }
        }
    }
};

void
IsacStructuredHead::Solve(const Parameters& parameters)
{
    const auto size = m_nUes + m_nTargets;
    SetSensing(parameters);
    SetShares(parameters);
    m_rootWeight.Resize(m_nUes);
    m_solution.Resize(2 * m_nUes * m_streamStride);
    m_system.Resize(m_nUes * m_nUes);
    m_column.Resize(2 * m_nUes * LANES);
    m_sensingProduct.Resize(m_nUes, m_nTargets, m_stride);
    m_targetPart.Resize(m_nTargets, size, m_stride);
    m_response.Resize(size, size, m_stride);
    IsacRunKernel<SystemKernel>(*this, parameters);
}

struct IsacStructuredHead::ResponseKernel
{
    template <int BYTES>
    static ISAC_INLINE void Run(IsacStructuredHead& head)
    {
        using Vector = IsacVector<double, BYTES>;
        const auto nUes = head.m_nUes;
        const auto nTargets = head.m_nTargets;
        const auto size = nUes + nTargets;
        const auto stride = head.m_stride;
        const auto streams = head.m_streamStride;
        const double* solution = head.m_solution.Data();
        double* streamPower = head.m_streamPower.Data();
        std::fill_n(streamPower, size * stride, 0.0);
        for (Eigen::Index i = 0; i < size; ++i)
        {
            Combine<BYTES>(head.m_gram.At(i, 0),
                           nUes,
                           nTargets,
                           stride,
                           solution,
                           streams,
                           head.m_targetPart.At(0, 0),
                           size,
                           head.m_response.At(i, 0));
            // ||f_ms||^2 = share_ms Re([v; q]^H [H A]^H f_ms)
            for (Eigen::Index s = 0; s < size; ++s)
            {
                const double* share = &head.m_share[head.GetSystem(s) * stride];
                double* at = head.m_response.At(i, s);
                for (Eigen::Index m = 0; m < stride; m += Vector::SIZE)
                {
                    auto x = Pair<BYTES>::Load(at + m, stride);
                    const auto weight = Vector::Load(share + m);
                    x.re *= weight;
                    x.im *= weight;
                    x.Store(at + m, stride);
                    auto sum = Vector::Load(streamPower + s * stride + m);
                    if (i < nUes)
                    {
                        sum += weight * (x.re * solution[2 * i * streams + s] +
                                         x.im * solution[(2 * i + 1) * streams + s]);
                    }
                    else
                    {
                        const auto y =
                            Pair<BYTES>::Load(head.m_targetPart.At(i - nUes, s) + m, stride);
                        sum += weight * (x.re * y.re + x.im * y.im);
                    }
                    Vector::Store(streamPower + s * stride + m, sum);
                }
            }
        }
        double* scale = head.m_scale.Data();
        double* power = head.m_power.Data();
        for (Eigen::Index m = 0; m < stride; ++m)
        {
            power[m] = 0.0;
            for (Eigen::Index s = 0; s < size; ++s)
            {
                power[m] += streamPower[s * stride + m];
            }
            power[m] = std::max(power[m], 1e-30);
            scale[m] = std::sqrt(head.m_limit[m] / power[m]);
            for (Eigen::Index s = 0; s < size; ++s)
            {
                streamPower[s * stride + m] *= head.m_limit[m] / power[m];
            }
        }
        for (Eigen::Index i = 0; i < size; ++i)
        {
            for (Eigen::Index s = 0; s < size; ++s)
            {
                double* at = head.m_response.At(i, s);
                Pair<BYTES> sum = {};
                for (Eigen::Index m = 0; m < stride; m += Vector::SIZE)
                {
                    auto x = Pair<BYTES>::Load(at + m, stride);
                    const auto weight = Vector::Load(scale + m);
                    x.re *= weight;
                    x.im *= weight;
                    x.Store(at + m, stride);
                    if (i < nUes)
                    {
                        sum.re += x.re;
                        sum.im += x.im;
                    }
                    else
                    {
                        double* illumination = &head.m_illumination[(i - nUes) * stride + m];
                        auto total = x.re * x.re + x.im * x.im;
                        if (s > 0)
                        {
                            total += Vector::Load(illumination);
                        }
                        Vector::Store(illumination, total);
                    }
                }
                if (i < nUes)
                {
                    head.m_received[i * size + s] = {Vector::Sum(sum.re), Vector::Sum(sum.im)};
                }
            }
        }
    }
};

void
IsacStructuredHead::Evaluate(const Parameters& parameters)
{
    Solve(parameters);
    const auto size = m_nUes + m_nTargets;
    m_power.Resize(m_stride);
    m_streamPower.Resize(size * m_stride);
    m_scale.Resize(m_stride);
    m_received.Resize(m_nUes * size);
    m_illumination.Resize(m_nTargets * m_stride);
    IsacRunKernel<ResponseKernel>(*this);
    m_sensingSnr.Resize(m_nTargets);
    for (Eigen::Index t = 0; t < m_nTargets; ++t)
    {
        m_sensingSnr[t] = 0.0;
        for (Eigen::Index m = 0; m < m_problem->GetNAps(); ++m)
        {
            m_sensingSnr[t] += m_problem->omega(m, t) * m_illumination[t * m_stride + m];
        }
    }
    m_own.Resize(m_nUes);
    m_interference.Assign(m_nUes, 1.0);
    m_ownError.Assign(m_nUes, 0.0);
    m_errorInterference.Assign(m_nUes, 0.0);
    for (Eigen::Index u = 0; u < m_nUes; ++u)
    {
        m_own[u] = std::norm(GetReceived(u, u));
        for (Eigen::Index s = 0; s < size; ++s)
        {
            m_interference[u] += s == u ? 0.0 : std::norm(GetReceived(u, s));
            double leak = 0.0;
            for (Eigen::Index m = 0; m_hasErrors && m < m_problem->GetNAps(); ++m)
            {
                leak += GetError(u)[m] * GetStreamPower(s)[m];
            }
            (s == u ? m_ownError : m_errorInterference)[u] += leak;
        }
        m_own[u] += m_ownError[u];
        m_interference[u] += m_errorInterference[u];
    }
}

struct IsacStructuredHead::BeamsKernel
{
    template <int BYTES>
    static ISAC_INLINE void Run(IsacStructuredHead& head)
    {
        using Vector = IsacVector<double, BYTES>;
        const auto size = head.m_nUes + head.m_nTargets;
        const auto stride = head.m_stride;
        double* power = head.m_scale.Data();
        std::fill_n(power, stride, 0.0);
        for (Eigen::Index k = 0; k < head.m_problem->nAntennas; ++k)
        {
            Combine<BYTES>(head.m_basis.At(k, 0),
                           head.m_nUes,
                           head.m_nTargets,
                           stride,
                           head.m_solution.Data(),
                           head.m_streamStride,
                           head.m_targetPart.At(0, 0),
                           size,
                           head.m_beam.At(k, 0));
            for (Eigen::Index s = 0; s < size; ++s)
            {
                double* at = head.m_beam.At(k, s);
                for (Eigen::Index m = 0; m < stride; m += Vector::SIZE)
                {
                    auto x = Pair<BYTES>::Load(at + m, stride);
                    if (head.m_hasOwnSystems)
                    {
                        const auto weight = Vector::Load(&head.m_share[s * stride + m]) *
                                            Vector::Load(&head.m_multiplier[m]);
                        x.re *= weight;
                        x.im *= weight;
                        x.Store(at + m, stride);
                    }
                    const auto sum = Vector::Load(power + m) + x.re * x.re + x.im * x.im;
                    Vector::Store(power + m, sum);
                }
            }
        }
    }
};

void
IsacStructuredHead::WriteBeams(IsacBeams& beams)
{
    const auto& problem = *m_problem;
    const auto n = problem.nAntennas;
    const auto nStreams = problem.GetNStreams();
    m_beam.Resize(n, m_nUes + m_nTargets, m_stride);
    m_scale.Resize(m_stride);
    IsacRunKernel<BeamsKernel>(*this);
    beams.nAntennas = n;
    beams.f.resize(problem.h.rows(), nStreams);
    // Scaled by their own norm, so that the limit holds to rounding.
    for (Eigen::Index m = 0; m < m_stride; ++m)
    {
        m_scale[m] = m_scale[m] > 1e-30 ? std::sqrt(m_limit[m] / m_scale[m]) : 1.0;
    }
    // Without UEs, the first stream is that of the UE with a zero channel.
    const auto first = m_nUes - problem.GetNUes();
    for (Eigen::Index s = 0; s < nStreams; ++s)
    {
        auto* to = beams.f.col(s).data();
        for (Eigen::Index k = 0; k < n; ++k)
        {
            const double* re = m_beam.At(k, first + s);
            const double* im = re + m_stride;
            for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
            {
                to[m * n + k] = {re[m] * m_scale[m], im[m] * m_scale[m]};
            }
        }
    }
}

} // namespace ns3
