// SPDX-License-Identifier: GPL-2.0-only

#include "isac-conjugate-solver.h"

#include <cmath>

namespace ns3
{

void
cellfree::ComputeConjugateBeams(const IsacProblem& problem,
                                ConjugatePowerSharing sharing,
                                IsacBeams& beams)
{
    beams.Resize(problem);
    for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
    {
        auto block = beams.Ap(m);
        Eigen::Index served = 0;
        for (Eigen::Index u = 0; u < problem.GetNUes(); ++u)
        {
            const auto h = problem.h.col(u).segment(m * problem.nAntennas, problem.nAntennas);
            const double norm = problem.Serves(m, u) ? h.stableNorm() : 0.0;
            if (norm > 0)
            {
                block.col(u) = h / (sharing == CONJUGATE_EQUAL ? norm : 1.0);
                ++served;
            }
        }
        if (served > 0)
        {
            block *= std::sqrt(problem.power(m)) / block.stableNorm();
        }
    }
}

void
cellfree::ComputeConjugateSensingBeams(const IsacProblem& problem, IsacBeams& beams)
{
    beams.Resize(problem);
    for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
    {
        auto block = beams.Ap(m).rightCols(problem.GetNTargets());
        const auto a = problem.a.middleRows(m * problem.nAntennas, problem.nAntennas);
        for (Eigen::Index t = 0; t < problem.GetNTargets(); ++t)
        {
            const double norm = a.col(t).stableNorm();
            if (norm > 0 && problem.Senses(m, t))
            {
                block.col(t) = a.col(t) / norm;
            }
        }
        const double norm = block.stableNorm();
        if (norm > 0)
        {
            block *= std::sqrt(problem.power(m)) / norm;
        }
    }
}

} // namespace ns3
