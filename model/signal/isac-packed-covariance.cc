// SPDX-License-Identifier: GPL-2.0-only

#include "isac-packed-covariance.h"

#include <cmath>
#include <limits>

namespace ns3
{

namespace cellfree
{

bool
PackCovariance(const Eigen::Matrix<double, 6, 6>& covariance, IsacPackedCovariance& packed)
{
    // What rounding leaves of a pivot that is zero, relative to the diagonal.
    constexpr double NOTHING = 1e-14;
    Eigen::Matrix<double, 6, 6> factor = Eigen::Matrix<double, 6, 6>::Zero();
    std::size_t k = 0;
    for (int i = 0; i < 6; ++i)
    {
        for (int j = 0; j <= i; ++j)
        {
            const double rest = covariance(i, j) - factor.row(i).head(j).dot(factor.row(j).head(j));
            if (i == j)
            {
                if (!(covariance(i, i) >= 0.0))
                {
                    return false;
                }
                factor(i, i) = rest > NOTHING * covariance(i, i) ? std::sqrt(rest) : 0.0;
            }
            else
            {
                // Without a pivot nothing is left of its column, either.
                factor(i, j) = factor(j, j) > 0.0 ? rest / factor(j, j) : 0.0;
            }
            if (!(std::abs(rest) <= std::numeric_limits<double>::max()) ||
                std::abs(factor(i, j)) > std::numeric_limits<float>::max())
            {
                return false;
            }
            packed[k++] = static_cast<float>(factor(i, j));
        }
    }
    return true;
}

bool
UnpackCovariance(const IsacPackedCovariance& packed, Eigen::Matrix<double, 6, 6>& covariance)
{
    Eigen::Matrix<double, 6, 6> factor = Eigen::Matrix<double, 6, 6>::Zero();
    std::size_t k = 0;
    for (int i = 0; i < 6; ++i)
    {
        for (int j = 0; j <= i; ++j)
        {
            const double value = packed[k++];
            if (!std::isfinite(value) || (i == j && value < 0.0))
            {
                return false;
            }
            factor(i, j) = value;
        }
    }
    covariance = factor * factor.transpose();
    return true;
}

} // namespace cellfree

} // namespace ns3
