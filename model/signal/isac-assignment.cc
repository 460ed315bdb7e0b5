// SPDX-License-Identifier: GPL-2.0-only

#include "isac-assignment.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace ns3
{

namespace
{

constexpr double INFINITE = std::numeric_limits<double>::infinity();

/// The largest side of a group that is summed up exactly.
constexpr Eigen::Index MAX_EXACT = 12;

/**
 * Sums up all joint events of a group.
 * @param logRatio items x n, n <= MAX_EXACT
 * @return items x (n + 1): probabilities of an item's partners, and of none
 */
Eigen::MatrixXd
SumEvents(const Eigen::MatrixXd& logRatio)
{
    const Eigen::Index k = logRatio.rows();
    const Eigen::Index n = logRatio.cols();
    const std::size_t nSubsets = std::size_t{1} << n;
    // Each row relative to its largest term, and each step relative to its largest sum.
    Eigen::MatrixXd weight(k, n + 1);
    for (Eigen::Index i = 0; i < k; ++i)
    {
        const double scale = std::max(0.0, logRatio.row(i).maxCoeff());
        weight.row(i).head(n) = (logRatio.row(i).array() - scale).exp();
        weight(i, n) = std::exp(-scale);
    }
    // behind(s, i): of all ways to give items from i on partners outside of subset s.
    Eigen::MatrixXd behind(nSubsets, k + 1);
    behind.col(k).setOnes();
    for (Eigen::Index i = k - 1; i >= 0; --i)
    {
        for (std::size_t s = 0; s < nSubsets; ++s)
        {
            double sum = weight(i, n) * behind(s, i + 1);
            for (Eigen::Index j = 0; j < n; ++j)
            {
                if (!(s >> j & 1))
                {
                    sum += weight(i, j) * behind(s | std::size_t{1} << j, i + 1);
                }
            }
            behind(s, i) = sum;
        }
        behind.col(i) /= behind.col(i).maxCoeff();
    }
    Eigen::MatrixXd probability = Eigen::MatrixXd::Zero(k, n + 1);
    Eigen::VectorXd before = Eigen::VectorXd::Zero(nSubsets);
    before(0) = 1.0;
    Eigen::VectorXd next(nSubsets);
    for (Eigen::Index i = 0; i < k; ++i)
    {
        next.setZero();
        for (std::size_t s = 0; s < nSubsets; ++s)
        {
            if (before(s) == 0.0)
            {
                continue;
            }
            const double none = before(s) * weight(i, n);
            next(s) += none;
            probability(i, n) += none * behind(s, i + 1);
            for (Eigen::Index j = 0; j < n; ++j)
            {
                if (!(s >> j & 1))
                {
                    const std::size_t with = s | std::size_t{1} << j;
                    const double pair = before(s) * weight(i, j);
                    next(with) += pair;
                    probability(i, j) += pair * behind(with, i + 1);
                }
            }
        }
        before = next / next.maxCoeff();
        probability.row(i) /= probability.row(i).sum();
    }
    return probability;
}

} // namespace

std::vector<int>
cellfree::SolveAssignment(const Eigen::Ref<const Eigen::MatrixXd>& cost, double alone)
{
    const Eigen::Index nRows = cost.rows();
    const Eigen::Index nColumns = cost.cols();
    if (std::isinf(alone))
    {
        // More than all pairs together can cost or save.
        double sum = 1.0;
        for (Eigen::Index i = 0; i < nRows; ++i)
        {
            double largest = 0.0;
            for (Eigen::Index j = 0; j < nColumns; ++j)
            {
                largest =
                    std::isinf(cost(i, j)) ? largest : std::max(largest, std::abs(cost(i, j)));
            }
            sum += largest;
        }
        alone = 2.0 * sum;
    }
    // Column nColumns + i is the one in which row i is alone. Index 0 of rows and columns is the
    // root of a path.
    const Eigen::Index nAll = nColumns + nRows;
    const auto getCost = [&](Eigen::Index i, Eigen::Index j) {
        return j < nColumns ? cost(i, j) : j - nColumns == i ? alone : INFINITE;
    };
    std::vector<double> rowPrice(nRows + 1, 0.0);
    std::vector<double> columnPrice(nAll + 1, 0.0);
    std::vector<Eigen::Index> rowOf(nAll + 1, 0);
    std::vector<Eigen::Index> from(nAll + 1, 0);
    std::vector<double> distance(nAll + 1);
    std::vector<char> isReached(nAll + 1);
    for (Eigen::Index start = 1; start <= nRows; ++start)
    {
        rowOf[0] = start;
        std::fill(distance.begin(), distance.end(), INFINITE);
        std::fill(isReached.begin(), isReached.end(), 0);
        Eigen::Index column = 0;
        do
        {
            isReached[column] = 1;
            const Eigen::Index row = rowOf[column];
            double least = INFINITE;
            Eigen::Index next = 0;
            for (Eigen::Index j = 1; j <= nAll; ++j)
            {
                if (isReached[j])
                {
                    continue;
                }
                const double reduced = getCost(row - 1, j - 1) - rowPrice[row] - columnPrice[j];
                if (reduced < distance[j])
                {
                    distance[j] = reduced;
                    from[j] = column;
                }
                if (distance[j] < least)
                {
                    least = distance[j];
                    next = j;
                }
            }
            for (Eigen::Index j = 0; j <= nAll; ++j)
            {
                if (isReached[j])
                {
                    rowPrice[rowOf[j]] += least;
                    columnPrice[j] -= least;
                }
                else
                {
                    distance[j] -= least;
                }
            }
            column = next;
        } while (rowOf[column] != 0);
        while (column != 0)
        {
            rowOf[column] = rowOf[from[column]];
            column = from[column];
        }
    }
    std::vector<int> columnOf(nRows, -1);
    for (Eigen::Index j = 1; j <= nColumns; ++j)
    {
        if (rowOf[j] != 0)
        {
            columnOf[rowOf[j] - 1] = static_cast<int>(j - 1);
        }
    }
    return columnOf;
}

Eigen::MatrixXd
cellfree::GetAssociationProbabilities(const Eigen::Ref<const Eigen::MatrixXd>& logRatio)
{
    const Eigen::Index nTracks = logRatio.rows();
    const Eigen::Index nDetections = logRatio.cols();
    Eigen::MatrixXd all = Eigen::MatrixXd::Zero(nTracks, nDetections + 1);
    std::vector<char> isDone(nTracks, 0);
    for (Eigen::Index first = 0; first < nTracks; ++first)
    {
        if (isDone[first])
        {
            continue;
        }
        // The group of a track: whatever can be reached through gates.
        std::vector<Eigen::Index> tracks{first};
        std::vector<Eigen::Index> detections;
        std::vector<char> isIn(nDetections, 0);
        isDone[first] = 1;
        for (std::size_t k = 0; k < tracks.size(); ++k)
        {
            for (Eigen::Index j = 0; j < nDetections; ++j)
            {
                if (isIn[j] || logRatio(tracks[k], j) == -INFINITE)
                {
                    continue;
                }
                isIn[j] = 1;
                detections.push_back(j);
                for (Eigen::Index i = 0; i < nTracks; ++i)
                {
                    if (!isDone[i] && logRatio(i, j) != -INFINITE)
                    {
                        isDone[i] = 1;
                        tracks.push_back(i);
                    }
                }
            }
        }
        std::sort(tracks.begin(), tracks.end());
        std::sort(detections.begin(), detections.end());
        const auto n = static_cast<Eigen::Index>(detections.size());
        if (n == 0)
        {
            all(first, nDetections) = 1.0;
            continue;
        }
        const auto k = static_cast<Eigen::Index>(tracks.size());
        Eigen::MatrixXd part(k, n);
        for (Eigen::Index i = 0; i < k; ++i)
        {
            for (Eigen::Index j = 0; j < n; ++j)
            {
                part(i, j) = logRatio(tracks[i], detections[j]);
            }
        }
        Eigen::MatrixXd probability(k, n + 1);
        if (std::min(k, n) > MAX_EXACT)
        {
            probability = PropagateAssociationBeliefs(part);
        }
        else if (n <= k)
        {
            probability = SumEvents(part);
        }
        else
        {
            // An event weighs the same, whichever side is asked.
            const Eigen::MatrixXd transposed = SumEvents(part.transpose());
            probability.leftCols(n) = transposed.leftCols(k).transpose();
            probability.col(n) = (1.0 - probability.leftCols(n).rowwise().sum().array()).max(0.0);
        }
        for (Eigen::Index i = 0; i < k; ++i)
        {
            for (Eigen::Index j = 0; j < n; ++j)
            {
                all(tracks[i], detections[j]) = probability(i, j);
            }
            all(tracks[i], nDetections) = probability(i, n);
        }
    }
    return all;
}

Eigen::MatrixXd
cellfree::PropagateAssociationBeliefs(const Eigen::Ref<const Eigen::MatrixXd>& logRatio)
{
    const Eigen::Index nTracks = logRatio.rows();
    const Eigen::Index nDetections = logRatio.cols();
    // Capped so that sums stay finite; beyond it a pair is certain.
    const Eigen::ArrayXXd ratio = logRatio.array().min(200.0).exp();
    Eigen::ArrayXXd back = Eigen::ArrayXXd::Ones(nTracks, nDetections);
    Eigen::ArrayXXd forth(nTracks, nDetections);
    for (int iteration = 0; iteration < 1000; ++iteration)
    {
        for (Eigen::Index i = 0; i < nTracks; ++i)
        {
            for (Eigen::Index j = 0; j < nDetections; ++j)
            {
                double others = 1.0;
                for (Eigen::Index l = 0; l < nDetections; ++l)
                {
                    others += l == j ? 0.0 : ratio(i, l) * back(i, l);
                }
                forth(i, j) = ratio(i, j) / others;
            }
        }
        double change = 0.0;
        for (Eigen::Index j = 0; j < nDetections; ++j)
        {
            for (Eigen::Index i = 0; i < nTracks; ++i)
            {
                double others = 1.0;
                for (Eigen::Index l = 0; l < nTracks; ++l)
                {
                    others += l == i ? 0.0 : forth(l, j);
                }
                change = std::max(change, std::abs(1.0 / others - back(i, j)));
                back(i, j) = 1.0 / others;
            }
        }
        if (change < 1e-12)
        {
            break;
        }
    }
    Eigen::MatrixXd probability(nTracks, nDetections + 1);
    probability.leftCols(nDetections) = (ratio * back).matrix();
    probability.col(nDetections).setOnes();
    for (Eigen::Index i = 0; i < nTracks; ++i)
    {
        probability.row(i) /= probability.row(i).sum();
    }
    return probability;
}

} // namespace ns3
