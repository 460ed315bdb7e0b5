// SPDX-License-Identifier: GPL-2.0-only

#include "isac-user-selection.h"

#include <algorithm>

namespace ns3
{

void
IsacUserSelection::Select(const std::vector<IsacProblem>& bands,
                          const std::vector<uint32_t>& order,
                          double alpha,
                          uint32_t maxUes,
                          std::vector<uint32_t>& picks)
{
    picks.clear();
    const auto limit = std::min<Eigen::Index>(maxUes, order.size());
    m_chosen.resize(bands.size());
    for (std::size_t b = 0; b < bands.size(); ++b)
    {
        m_chosen[b].resize(bands[b].h.rows(), limit);
    }
    for (uint32_t i = 0; i < order.size() && Eigen::Index(picks.size()) < limit; ++i)
    {
        const Eigen::Index n = picks.size();
        // The next column is the candidate's; it stays if the candidate is chosen.
        Eigen::ArrayXd correlation = Eigen::ArrayXd::Zero(n);
        for (std::size_t b = 0; b < bands.size(); ++b)
        {
            const auto& problem = bands[b];
            auto own = m_chosen[b].col(n);
            own = problem.h.col(order[i]);
            for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
            {
                if (!problem.Serves(m, order[i]))
                {
                    own.segment(m * problem.nAntennas, problem.nAntennas).setZero();
                }
            }
            own.stableNormalize();
            correlation += (m_chosen[b].leftCols(n).adjoint() * own).array().abs();
        }
        if (n == 0 || correlation.maxCoeff() <= alpha * bands.size())
        {
            picks.push_back(i);
        }
    }
}

} // namespace ns3
