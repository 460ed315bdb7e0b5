// SPDX-License-Identifier: GPL-2.0-only

#include "isac-pilots.h"

#include <algorithm>

namespace ns3
{

Eigen::Index
cellfree::FindMasterAp(const Eigen::Ref<const Eigen::VectorXd>& gain,
                       Eigen::Index present,
                       double hysteresis)
{
    Eigen::Index best = 0;
    const double largest = gain.maxCoeff(&best);
    return present >= 0 && !(largest > hysteresis * gain(present)) ? present : best;
}

void
cellfree::AssignPilots(const Eigen::MatrixXd& gain, uint32_t nPilots, std::vector<int32_t>& pilots)
{
    std::vector<uint32_t> users(nPilots, 0);
    for (const int32_t pilot : pilots)
    {
        if (pilot >= 0)
        {
            ++users[pilot];
        }
    }
    std::vector<double> contamination(nPilots);
    for (std::size_t u = 0; u < pilots.size(); ++u)
    {
        if (pilots[u] >= 0)
        {
            continue;
        }
        auto best = std::find(users.begin(), users.end(), 0) - users.begin();
        if (best == nPilots)
        {
            const auto master = FindMasterAp(gain.col(u));
            contamination.assign(nPilots, 0.0);
            for (std::size_t i = 0; i < pilots.size(); ++i)
            {
                if (pilots[i] >= 0)
                {
                    contamination[pilots[i]] += gain(master, i);
                }
            }
            best = std::min_element(contamination.begin(), contamination.end()) -
                   contamination.begin();
        }
        pilots[u] = best;
        ++users[best];
    }
}

void
cellfree::FormPilotClusters(const Eigen::MatrixXd& gain,
                            const std::vector<int32_t>& pilots,
                            const std::vector<Eigen::Index>& masters,
                            Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic>& serving)
{
    serving.setConstant(gain.rows(), gain.cols(), false);
    int32_t nPilots = 0;
    for (Eigen::Index u = 0; u < gain.cols(); ++u)
    {
        serving(masters[u], u) = true;
        nPilots = std::max(nPilots, pilots[u] + 1);
    }
    std::vector<Eigen::Index> strongest(nPilots);
    for (Eigen::Index m = 0; m < gain.rows(); ++m)
    {
        strongest.assign(nPilots, -1);
        for (Eigen::Index u = 0; u < gain.cols(); ++u)
        {
            if (pilots[u] < 0 || !(gain(m, u) > 0.0))
            {
                continue;
            }
            auto& best = strongest[pilots[u]];
            best = best < 0 || gain(m, u) > gain(m, best) ? u : best;
        }
        for (const auto u : strongest)
        {
            if (u >= 0)
            {
                serving(m, u) = true;
            }
        }
    }
}

void
cellfree::FormStrongestClusters(const Eigen::MatrixXd& gain,
                                Eigen::Index size,
                                Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic>& serving)
{
    serving.setConstant(gain.rows(), gain.cols(), false);
    std::vector<Eigen::Index> order(gain.rows());
    for (Eigen::Index u = 0; u < gain.cols(); ++u)
    {
        for (Eigen::Index m = 0; m < gain.rows(); ++m)
        {
            order[m] = m;
        }
        std::partial_sort(order.begin(),
                          order.begin() + size,
                          order.end(),
                          [&gain, u](Eigen::Index a, Eigen::Index b) {
                              return gain(a, u) > gain(b, u) || (gain(a, u) == gain(b, u) && a < b);
                          });
        for (Eigen::Index i = 0; i < size; ++i)
        {
            serving(order[i], u) = i == 0 || gain(order[i], u) > 0.0;
        }
    }
}

} // namespace ns3
