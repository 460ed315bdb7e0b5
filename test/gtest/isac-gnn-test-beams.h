// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_GNN_TEST_BEAMS_H
#define ISAC_GNN_TEST_BEAMS_H

#include "isac-gnn-test-weights.h"
#include "isac-test-problems.h"

#include "ns3/isac-gnn-inference.h"

namespace ns3
{

/// Beams of a random network on a random problem of a random size, with a mask in every third.
inline Eigen::MatrixXcd
ComputeTestBeams(unsigned trial)
{
    IsacTestProblems draws(trial);
    const auto nAps = draws.Integer(1, 9);
    const auto nUes = draws.Integer(0, 7);
    const auto nTargets = draws.Integer(0, 3);
    IsacProblem problem;
    cellfree::Normalise(draws.PathLoss(nAps, nUes, nTargets, 4), problem);
    if (trial % 3 == 0 && nUes > 0)
    {
        problem.serving.setConstant(nAps, nUes, true);
        problem.serving(0, nUes - 1) = false;
        problem.weight(0) = 5.0;
    }
    IsacGnnInference network;
    network.SetWeights(DrawGnnWeights({}, trial));
    IsacBeams beams;
    network.ComputeBeams(problem, beams);
    return beams.f;
}

} // namespace ns3

#endif // ISAC_GNN_TEST_BEAMS_H
