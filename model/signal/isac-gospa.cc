// SPDX-License-Identifier: GPL-2.0-only

#include "isac-gospa.h"

#include "isac-assignment.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ns3
{

IsacGospa
cellfree::GetGospa(const Eigen::Ref<const Eigen::MatrixXd>& targets,
                   const Eigen::Ref<const Eigen::MatrixXd>& estimates,
                   double cutoff,
                   double order)
{
    // In units of c, so that no power overflows.
    Eigen::MatrixXd gain(estimates.cols(), targets.cols());
    for (Eigen::Index i = 0; i < gain.rows(); ++i)
    {
        for (Eigen::Index j = 0; j < gain.cols(); ++j)
        {
            const double distance = (estimates.col(i) - targets.col(j)).norm() / cutoff;
            // A pair replaces a missed target and a false estimate.
            gain(i, j) = distance < 1.0 ? std::pow(distance, order) - 1.0
                                        : std::numeric_limits<double>::infinity();
        }
    }
    IsacGospa gospa;
    gospa.targetOf = SolveAssignment(gain, 0.0);
    double localisation = 0.0;
    int nPairs = 0;
    for (Eigen::Index i = 0; i < gain.rows(); ++i)
    {
        const int target = gospa.targetOf[i];
        if (target >= 0)
        {
            localisation +=
                std::pow((estimates.col(i) - targets.col(target)).norm() / cutoff, order);
            ++nPairs;
        }
    }
    const double missed = 0.5 * static_cast<double>(targets.cols() - nPairs);
    const double falseTracks = 0.5 * static_cast<double>(estimates.cols() - nPairs);
    gospa.localisation = cutoff * std::pow(localisation, 1.0 / order);
    gospa.missed = cutoff * std::pow(missed, 1.0 / order);
    gospa.falseTracks = cutoff * std::pow(falseTracks, 1.0 / order);
    gospa.total = cutoff * std::pow(localisation + missed + falseTracks, 1.0 / order);
    return gospa;
}

double
cellfree::GetOspa(const Eigen::Ref<const Eigen::MatrixXd>& targets,
                  const Eigen::Ref<const Eigen::MatrixXd>& estimates,
                  double cutoff,
                  double order)
{
    if (targets.cols() > estimates.cols())
    {
        return GetOspa(estimates, targets, cutoff, order);
    }
    const Eigen::Index m = targets.cols();
    const Eigen::Index n = estimates.cols();
    if (n == 0)
    {
        return 0.0;
    }
    Eigen::MatrixXd cost(m, n);
    for (Eigen::Index i = 0; i < m; ++i)
    {
        for (Eigen::Index j = 0; j < n; ++j)
        {
            const double distance = (estimates.col(j) - targets.col(i)).norm() / cutoff;
            cost(i, j) = std::pow(std::min(distance, 1.0), order);
        }
    }
    const auto columns = SolveAssignment(cost);
    double sum = static_cast<double>(n - m);
    for (Eigen::Index i = 0; i < m; ++i)
    {
        sum += cost(i, columns[i]);
    }
    return cutoff * std::pow(sum / static_cast<double>(n), 1.0 / order);
}

} // namespace ns3
