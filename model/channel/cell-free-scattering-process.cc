// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-scattering-process.h"

#include "cell-free-gaussian.h"

#include <array>
#include <cmath>
#include <complex>

namespace ns3
{

namespace
{

constexpr std::size_t PHASES = 256; //!< values of a phase
constexpr int PHASES_A_DRAW = 3;    //!< a draw has 32 random bits: three bytes, and some to spare

/// The unit circle at all phases.
const std::array<std::complex<double>, PHASES>&
GetCircle()
{
    static const auto circle = []() {
        std::array<std::complex<double>, PHASES> values;
        for (std::size_t i = 0; i < PHASES; ++i)
        {
            values[i] = std::polar(1.0, 2 * M_PI * i / PHASES);
        }
        return values;
    }();
    return circle;
}

} // namespace

CellFreeSteppedProcess::CellFreeSteppedProcess(Eigen::Index nAntennas,
                                               Eigen::Index nTaps,
                                               double correlation,
                                               Ptr<UniformRandomVariable> uniform)
    : m_correlation(correlation),
      m_uniform(uniform),
      m_values(Eigen::MatrixXcd::Zero(nAntennas, nTaps))
{
}

void
CellFreeSteppedProcess::GetValues(int64_t block,
                                  double /* elapsed */,
                                  Eigen::Index nTaps,
                                  Eigen::MatrixXcd& values)
{
    // Steps that nobody asked for are drawn too: the n-th draw belongs to the same step always.
    for (; m_block < block; ++m_block)
    {
        // The first step has no step before it.
        const double rho = m_block < 0 ? 0.0 : m_correlation;
        const double innovation = std::sqrt(1 - rho * rho);
        for (auto& value : m_values.reshaped())
        {
            value = rho * value + innovation * cellfree::DrawComplexGaussian(*m_uniform);
        }
    }
    values = m_values.leftCols(nTaps);
}

CellFreeClarkeProcess::CellFreeClarkeProcess(Eigen::Index nAntennas,
                                             Eigen::Index nTaps,
                                             Eigen::Index nSinusoids,
                                             double rate,
                                             UniformRandomVariable& uniform)
    : m_nAntennas(nAntennas),
      m_rate(rate),
      m_cosines(nSinusoids),
      m_phases(nTaps * nAntennas * nSinusoids),
      m_waves(nSinusoids)
{
    const double turn = uniform.GetValue(0.0, 1.0);
    for (Eigen::Index s = 0; s < nSinusoids; ++s)
    {
        m_cosines(s) = std::cos(2 * M_PI * (s + turn) / nSinusoids);
    }
    uint32_t bits = 0;
    for (std::size_t i = 0; i < m_phases.size(); ++i)
    {
        bits = i % PHASES_A_DRAW == 0
                   ? static_cast<uint32_t>(uniform.GetValue(0.0, 1.0) * (1 << 24))
                   : bits / PHASES;
        m_phases[i] = bits % PHASES;
    }
}

void
CellFreeClarkeProcess::GetValues(int64_t /* block */,
                                 double elapsed,
                                 Eigen::Index nTaps,
                                 Eigen::MatrixXcd& values)
{
    const auto n = m_cosines.size();
    const double amplitude = 1 / std::sqrt(double(n));
    for (Eigen::Index s = 0; s < n; ++s)
    {
        m_waves(s) = std::polar(amplitude, m_rate * elapsed * m_cosines(s));
    }
    const auto& circle = GetCircle();
    values.resize(m_nAntennas, nTaps);
    const uint8_t* phase = m_phases.data();
    for (auto& value : values.reshaped())
    {
        double real = 0.0;
        double imaginary = 0.0;
        for (Eigen::Index s = 0; s < n; ++s, ++phase)
        {
            // Written out: the product of complex numbers also looks after infinities.
            const auto& wave = m_waves(s);
            const auto& turned = circle[*phase];
            real += wave.real() * turned.real() - wave.imag() * turned.imag();
            imaginary += wave.real() * turned.imag() + wave.imag() * turned.real();
        }
        value = {real, imaginary};
    }
}

} // namespace ns3
