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

/// Appends S(x) of every AP's block and column of stacked vectors.
void
AppendStacked(std::vector<float>& out, const Eigen::MatrixXcd& stacked, Eigen::Index n)
{
    for (Eigen::Index m = 0; m < stacked.rows() / n; ++m)
    {
        for (Eigen::Index j = 0; j < stacked.cols(); ++j)
        {
            const auto x = stacked.col(j).segment(m * n, n);
            for (Eigen::Index i = 0; i < n; ++i)
            {
                out.push_back(static_cast<float>(x(i).real()));
            }
            for (Eigen::Index i = 0; i < n; ++i)
            {
                out.push_back(static_cast<float>(x(i).imag()));
            }
        }
    }
}

/// @copydoc AppendTop
void
AppendTop(std::vector<float>& out, const IsacColumns& matrix, Eigen::Index rows)
{
    for (Eigen::Index j = 0; j < matrix.GetCols(); ++j)
    {
        out.insert(out.end(), matrix.Col(j), matrix.Col(j) + rows);
    }
}

} // namespace

void
IsacGnnBatch::Start(const IsacProblem& problem, IsacGnnArchitecture::Head forHead)
{
    head = forHead;
    count = 0;
    nAps = problem.GetNAps();
    nUes = std::max<int64_t>(problem.GetNUes(), 1);
    nTargets = problem.GetNTargets();
    nAntennas = problem.nAntennas;
    isMasked = problem.serving.size() != 0 || problem.sensing.size() != 0;
    hasErrors = problem.errorVariance.size() != 0;
    for (auto* array : {&weight,
                        &sensingWeight,
                        &omega,
                        &mask,
                        &errorVariance,
                        &relativeWeight,
                        &relativeSensing,
                        &logExcess,
                        &logWeight,
                        &logGain,
                        &logPower,
                        &logError,
                        &logOwn,
                        &logSensing,
                        &logStream})
    {
        array->clear();
    }
    for (auto* array : {&channel,
                        &steering,
                        &ueLink,
                        &targetLink,
                        &ap,
                        &ue,
                        &target,
                        &ueShare,
                        &apShare,
                        &targetShare})
    {
        array->clear();
    }
    gram.clear();
}

void
IsacGnnBatch::Add(const IsacProblem& problem)
{
    ++count;
    // A problem without UEs has one with a zero channel, whose rate is zero.
    const bool hasUes = problem.GetNUes() > 0;
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        weight.push_back(hasUes ? problem.weight(u) : 1.0);
    }
    AppendTop(sensingWeight, problem.sensingWeight, nTargets);
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        for (Eigen::Index t = 0; t < nTargets; ++t)
        {
            omega.push_back(problem.omega(m, t));
        }
        for (Eigen::Index s = 0; isMasked && s < nUes + nTargets; ++s)
        {
            mask.push_back(s >= nUes ? problem.Senses(m, s - nUes)
                                     : !hasUes || problem.Serves(m, s));
        }
    }
    if (head == IsacGnnArchitecture::EDGE)
    {
        AddChannels(problem);
    }
    else
    {
        AddFeatures(problem);
    }
}

void
IsacGnnBatch::Set(const std::vector<IsacProblem>& problems, IsacGnnArchitecture::Head forHead)
{
    Start(problems.front(), forHead);
    for (const auto& problem : problems)
    {
        Add(problem);
    }
}

void
IsacGnnBatch::AddChannels(const IsacProblem& problem)
{
    if (problem.GetNUes() > 0)
    {
        AppendStacked(channel, problem.h, nAntennas);
    }
    else
    {
        channel.resize(channel.size() + 2 * nAps * nAntennas);
    }
    AppendStacked(steering, problem.a, nAntennas);
}

void
IsacGnnBatch::AddFeatures(const IsacProblem& problem)
{
    m_head.SetProblem(problem);
    m_head.GetStart(m_parameters);
    m_features.SetProblem(m_head);
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        relativeWeight.push_back(m_head.GetWeight(u));
    }
    for (Eigen::Index t = 0; t < nTargets; ++t)
    {
        relativeSensing.push_back(m_head.GetSensingWeight(t));
    }
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        for (Eigen::Index i = 0; i < nUes + nTargets; ++i)
        {
            for (Eigen::Index j = 0; j < nUes + nTargets; ++j)
            {
                gram.push_back(m_head.GetGram().Get(i, j, m));
            }
        }
    }
    for (Eigen::Index m = 0; hasErrors && m < nAps; ++m)
    {
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            errorVariance.push_back(m_head.HasErrors() ? m_head.GetError(u)[m] : 0.0);
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
    AppendTop(logPower, m_parameters.logPower, nAps);
    AppendTop(logError, m_parameters.logError, nUes);
    AppendTop(logOwn, m_parameters.logOwn, nUes);
    AppendTop(logSensing, m_parameters.logSensing, nTargets);
    AppendTop(logStream, m_parameters.logStream, nTargets);
}

} // namespace ns3
