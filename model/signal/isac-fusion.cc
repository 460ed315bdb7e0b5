// SPDX-License-Identifier: GPL-2.0-only

#include "isac-fusion.h"

#include "isac-assignment.h"

#include <Eigen/Cholesky>
#include <cmath>
#include <limits>

namespace ns3
{

namespace
{

using Matrix6 = Eigen::Matrix<double, 6, 6>;

/// Inverts by Cholesky. @param matrix symmetric, positive definite @return its inverse, symmetric
Matrix6
Invert(const Matrix6& matrix)
{
    // Variances of positions and velocities may differ by many orders of magnitude.
    const Eigen::Matrix<double, 6, 1> scale = matrix.diagonal().array().rsqrt();
    const Matrix6 scaled = scale.asDiagonal() * matrix * scale.asDiagonal();
    const Matrix6 inverse = scaled.llt().solve(Matrix6::Identity());
    return scale.asDiagonal() * (0.5 * (inverse + inverse.transpose())) * scale.asDiagonal();
}

/// ln det of a positive definite matrix. @param matrix it @return the logarithm
double
GetLogDeterminant(const Matrix6& matrix)
{
    const Eigen::Matrix<double, 6, 1> scale = matrix.diagonal().array().rsqrt();
    const Matrix6 scaled = scale.asDiagonal() * matrix * scale.asDiagonal();
    const Eigen::LLT<Matrix6> factor(scaled);
    return 2.0 * (factor.matrixLLT().diagonal().array().log().sum() - scale.array().log().sum());
}

} // namespace

IsacStateEstimate
cellfree::IntersectCovariances(const IsacStateEstimate& first,
                               const IsacStateEstimate& second,
                               IsacFusionCriterion criterion,
                               double* weight)
{
    const Matrix6 one = Invert(first.covariance);
    const Matrix6 two = Invert(second.covariance);
    const auto score = [&](double w) {
        const Matrix6 information = w * one + (1.0 - w) * two;
        return criterion == ISAC_FUSION_TRACE ? Invert(information).trace()
                                              : -GetLogDeterminant(information);
    };
    // Golden section.
    const double ratio = 0.5 * (std::sqrt(5.0) - 1.0);
    double low = 0.0;
    double high = 1.0;
    double left = 1.0 - ratio;
    double right = ratio;
    double leftScore = score(left);
    double rightScore = score(right);
    while (high - low > 1e-8)
    {
        if (leftScore <= rightScore)
        {
            high = right;
            right = left;
            rightScore = leftScore;
            left = high - ratio * (high - low);
            leftScore = score(left);
        }
        else
        {
            low = left;
            left = right;
            leftScore = rightScore;
            right = low + ratio * (high - low);
            rightScore = score(right);
        }
    }
    double best = 0.5 * (low + high);
    const double bestScore = score(best);
    // Where one estimate is better in every respect, nothing is to be gained from the other.
    const double firstScore = score(1.0);
    const double secondScore = score(0.0);
    if (firstScore <= bestScore || secondScore <= bestScore)
    {
        best = firstScore <= secondScore ? 1.0 : 0.0;
    }
    if (weight)
    {
        *weight = best;
    }
    if (best == 1.0 || best == 0.0)
    {
        return best == 1.0 ? first : second;
    }
    IsacStateEstimate fused;
    fused.covariance = Invert(best * one + (1.0 - best) * two);
    fused.mean =
        fused.covariance * (best * (one * first.mean) + (1.0 - best) * (two * second.mean));
    return fused;
}

std::vector<IsacFusedTrack>
cellfree::FuseTracks(const std::vector<IsacStateEstimate>& first,
                     const std::vector<IsacStateEstimate>& second,
                     double gate,
                     IsacFusionCriterion criterion)
{
    Eigen::MatrixXd cost(first.size(), second.size());
    for (std::size_t i = 0; i < first.size(); ++i)
    {
        for (std::size_t j = 0; j < second.size(); ++j)
        {
            const double squared = GetInnovation(first[i], second[j]).squared;
            cost(i, j) = squared <= gate ? squared : std::numeric_limits<double>::infinity();
        }
    }
    // A pair saves both of its tracks from being alone.
    const auto partner = SolveAssignment(cost, gate);
    std::vector<IsacFusedTrack> fused(first.size());
    std::vector<char> isPaired(second.size(), 0);
    for (std::size_t i = 0; i < first.size(); ++i)
    {
        fused[i].first = static_cast<int>(i);
        fused[i].second = partner[i];
        fused[i].estimate = first[i];
        if (partner[i] >= 0)
        {
            isPaired[partner[i]] = 1;
            fused[i].estimate =
                IntersectCovariances(first[i], second[partner[i]], criterion, &fused[i].weight);
        }
    }
    for (std::size_t j = 0; j < second.size(); ++j)
    {
        if (!isPaired[j])
        {
            IsacFusedTrack alone;
            alone.estimate = second[j];
            alone.second = static_cast<int>(j);
            alone.weight = 0.0;
            fused.push_back(alone);
        }
    }
    return fused;
}

} // namespace ns3
