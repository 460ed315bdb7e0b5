// SPDX-License-Identifier: GPL-2.0-only

#include "isac-gnn-batch.h"

namespace ns3
{

namespace
{

/// Appends the first rows of a column-major matrix, column by column.
template <typename Matrix, typename T>
void
AppendTop(std::vector<T>& out, const Matrix& matrix, Eigen::Index rows)
{
    for (Eigen::Index j = 0; j < matrix.cols(); ++j)
    {
        out.insert(out.end(), matrix.col(j).data(), matrix.col(j).data() + rows);
    }
}

} // namespace

void
IsacGnnBatch::Start(const IsacProblem& problem)
{
    count = 0;
    nAps = problem.GetNAps();
    nUes = std::max<int64_t>(problem.GetNUes(), 1);
    nTargets = problem.GetNTargets();
    nAntennas = problem.nAntennas;
    isMasked = problem.serving.size() != 0 && problem.GetNUes() > 0;
    for (auto* array : {&sensingWeight,
                        &omega,
                        &serving,
                        &logExcess,
                        &logWeight,
                        &logGain,
                        &logSensing,
                        &logStream})
    {
        array->clear();
    }
    for (auto* array : {&ueLink, &targetLink, &ap, &ue, &target, &ueShare, &apShare, &targetShare})
    {
        array->clear();
    }
    gram.clear();
}

void
IsacGnnBatch::Add(const IsacProblem& problem, double weight)
{
    m_head.SetProblem(problem);
    m_head.GetStart(weight, m_parameters);
    m_features.SetProblem(m_head, weight);
    ++count;
    sensingWeight.push_back(weight);
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        const auto block = m_head.Gram(m);
        for (Eigen::Index i = 0; i < block.rows(); ++i)
        {
            for (Eigen::Index j = 0; j < block.cols(); ++j)
            {
                gram.push_back(block(i, j));
            }
        }
        for (Eigen::Index t = 0; t < nTargets; ++t)
        {
            omega.push_back(problem.omega(m, t));
        }
        for (Eigen::Index u = 0; isMasked && u < nUes; ++u)
        {
            serving.push_back(problem.serving(m, u));
        }
    }
    using Features = IsacGnnFeatures;
    AppendTop(ueLink, m_features.ueLink, Features::UE_LINK_STATIC);
    AppendTop(targetLink, m_features.targetLink, Features::TARGET_LINK_STATIC);
    AppendTop(ap, m_features.ap, Features::AP_STATIC);
    AppendTop(ue, m_features.ue, Features::UE_STATIC);
    AppendTop(target, m_features.target, Features::TARGET_STATIC);
    AppendTop(ueShare, m_features.ueShare, nUes);
    AppendTop(apShare, m_features.apShare, nUes);
    AppendTop(targetShare, m_features.targetShare, nTargets);
    AppendTop(logExcess, m_parameters.logExcess, nAps);
    AppendTop(logWeight, m_parameters.logWeight, nUes);
    AppendTop(logGain, m_parameters.logGain, nUes);
    AppendTop(logSensing, m_parameters.logSensing, nTargets);
    AppendTop(logStream, m_parameters.logStream, nTargets);
}

} // namespace ns3
