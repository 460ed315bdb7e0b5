// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-gaussian-field.h"

#include <cmath>

namespace ns3
{

namespace
{

constexpr int WAVES = 128;                             //!< L
constexpr double GOLDEN_RATIO = 1.6180339887498948482; //!< its multiples cover a circle evenly

} // namespace

void
CellFreeGaussianField::Draw(UniformRandomVariable& uniform, double correlationDistance)
{
    m_waves.resize(3, WAVES);
    const double turn = uniform.GetValue(0.0, 1.0);
    for (int l = 0; l < WAVES; ++l)
    {
        // One wave per L-quantile of the wave number: one draw of the field is then near its mean.
        const double complement = (WAVES - l - uniform.GetValue(0.0, 1.0)) / WAVES;
        const double number =
            std::sqrt(1.0 / (complement * complement) - 1.0) / correlationDistance;
        const double direction = 2 * M_PI * (turn + l * GOLDEN_RATIO);
        m_waves(0, l) = number * std::cos(direction);
        m_waves(1, l) = number * std::sin(direction);
        m_waves(2, l) = 2 * M_PI * uniform.GetValue(0.0, 1.0);
    }
}

double
CellFreeGaussianField::GetValue(double x, double y) const
{
    double sum = 0.0;
    for (Eigen::Index l = 0; l < m_waves.cols(); ++l)
    {
        sum += std::cos(m_waves(0, l) * x + m_waves(1, l) * y + m_waves(2, l));
    }
    return m_waves.cols() == 0 ? 0.0 : std::sqrt(2.0 / m_waves.cols()) * sum;
}

} // namespace ns3
