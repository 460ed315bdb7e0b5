// SPDX-License-Identifier: GPL-2.0-only

#include "isac-error-discount.h"

#include <cmath>

namespace ns3
{

void
cellfree::DiscountErrors(IsacProblem& problem)
{
    for (Eigen::Index u = 0; u < problem.errorVariance.cols(); ++u)
    {
        problem.h.col(u) /= std::sqrt(1.0 + problem.errorVariance.col(u).sum());
    }
    problem.errorVariance.resize(0, 0);
}

} // namespace ns3
