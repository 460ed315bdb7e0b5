// SPDX-License-Identifier: GPL-2.0-only

#include "isac-gnn-draw.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

namespace
{

constexpr double UE_DEPTH = 8.5;                    //!< UEs below the APs (m)
constexpr double TARGET_HEIGHT = 40.0;              //!< targets above the APs (m)
constexpr double POWER_OVER_NOISE_DB = 23.0 + 94.0; //!< limit of an AP over noise (dB)
constexpr double WAVELENGTH = 299792458.0 / 3.5e9;  //!< at 3.5 GHz (m)

} // namespace

int64_t
IsacGnnDraw::Settings::GetCount(const Shape& shape) const
{
    const auto perProblem = shape.nAps * (shape.nUes + shape.nTargets);
    return nProblems.value_or(std::max<int64_t>(nLinks / std::max<int64_t>(perProblem, 16), 6));
}

IsacGnnDraw::IsacGnnDraw(uint64_t seed)
    : m_engine(seed)
{
}

double
IsacGnnDraw::Uniform(double low, double high)
{
    return std::uniform_real_distribution<>(low, high)(m_engine);
}

int64_t
IsacGnnDraw::Integer(int64_t low, int64_t high)
{
    return std::uniform_int_distribution<int64_t>(low, high)(m_engine);
}

std::complex<double>
IsacGnnDraw::Gaussian()
{
    const double re = m_normal(m_engine);
    return {re * M_SQRT1_2, m_normal(m_engine) * M_SQRT1_2};
}

template <typename Block>
void
IsacGnnDraw::Steer(double cosine, Block block)
{
    for (Eigen::Index i = 0; i < block.size(); ++i)
    {
        block(i) = std::polar(1.0, M_PI * cosine * static_cast<double>(i));
    }
}

IsacGnnDraw::Shape
IsacGnnDraw::DrawShape(const Settings& settings)
{
    constexpr int64_t ANTENNAS[] = {1, 2, 4, 4, 8, 8, 8, 8, 16, 16, 32};
    Shape shape;
    shape.nAps = std::lround(std::exp(Uniform(std::log(1.5), std::log(60.0))));
    shape.nAps = settings.nAps.value_or(shape.nAps);
    shape.nUes = Integer(1, shape.nAps >= 8 ? 12 : 8);
    if (shape.nAps >= 24 && Uniform(0, 1) < 0.15)
    {
        shape.nUes = Integer(10, 16);
    }
    shape.nUes = settings.nUes.value_or(shape.nUes);
    const double which = Uniform(0, 1);
    shape.nTargets = which < 0.78 ? 1 : which < 0.87 ? 2 : which < 0.92 ? 3 : which < 0.95 ? 4 : 0;
    shape.nTargets = settings.nTargets.value_or(shape.nTargets);
    shape.nAntennas = settings.nAntennas.value_or(ANTENNAS[Integer(0, 10)]);
    shape.isScenario = Uniform(0, 1) < 0.75;
    shape.side = settings.side.value_or(shape.side);
    if (settings.family != MIXED)
    {
        shape.isScenario = settings.family == SCENARIO;
        shape.nPilots = settings.nPilots.value_or(0);
        return shape;
    }
    if (Uniform(0, 1) < 0.5)
    {
        shape.snr = std::exp(Uniform(std::log(0.3), std::log(1000.0)));
        shape.side = std::exp(Uniform(std::log(100.0), std::log(1500.0)));
        shape.shadowing = Uniform(0, 12);
        shape.echoGain = Uniform(0, 60);
        shape.isRician = Uniform(0, 1) < 0.5;
    }
    if (Uniform(0, 1) < 0.1 && shape.nUes > 1 && shape.nAps > 1)
    {
        shape.maskDepth = Uniform(5, 40);
    }
    if (Uniform(0, 1) < 0.07 && shape.isScenario && shape.nAps > 1)
    {
        shape.sensingMaskDepth = Uniform(2, 25);
    }
    if (Uniform(0, 1) < 0.02 && (shape.nUes > 1 || shape.nTargets > 1))
    {
        shape.silentUe = Integer(0, shape.nUes - 1);
    }
    if (Uniform(0, 1) < 0.5)
    {
        // UEs of one pilot and one mean gain are the same to any policy that knows the estimates.
        shape.nPilots = Integer(shape.isScenario ? 1 : shape.nUes, shape.nUes + 4);
        if (Uniform(0, 1) < 0.5)
        {
            shape.pilotGain += Uniform(-12, 12);
        }
        if (Uniform(0, 1) < 0.3)
        {
            shape.ageing = std::sqrt(Uniform(0.3, 1.0));
        }
    }
    shape.side = settings.side.value_or(shape.side);
    shape.nPilots = settings.nPilots.value_or(shape.nPilots);
    return shape;
}

void
IsacGnnDraw::DrawProblem(const Shape& shape, IsacProblem& problem)
{
    const auto nAps = shape.nAps;
    const auto nUes = shape.nUes;
    const auto n = shape.nAntennas;
    problem.Resize(nAps, nUes, shape.nTargets, n);
    m_scattered.resize(nAps, nUes);
    m_known.resize(nAps * n, nUes);
    m_place.resize(nAps + nUes + shape.nTargets, 2);
    for (Eigen::Index i = 0; i < m_place.size(); ++i)
    {
        m_place(i) = Uniform(0, shape.side);
    }
    const auto squaredDistance = [this](Eigen::Index i, Eigen::Index j, double height) {
        return (m_place.row(i) - m_place.row(j)).squaredNorm() + height * height;
    };
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            auto h = problem.h.col(u).segment(m * n, n);
            double amplitude = std::sqrt(shape.snr / static_cast<double>(nAps));
            double scattered = 1.0;
            double direct = 0.0;
            if (shape.isScenario)
            {
                const double decibel = -30.5 -
                                       18.35 * std::log10(squaredDistance(m, nAps + u, UE_DEPTH)) +
                                       shape.shadowing * m_normal(m_engine) + POWER_OVER_NOISE_DB;
                amplitude = std::pow(10.0, decibel / 20);
                if (shape.isRician)
                {
                    const double k = std::pow(10.0, Uniform(-0.7, 1.3));
                    scattered = std::sqrt(1 / (1 + k));
                    direct = std::sqrt(k / (1 + k));
                }
            }
            Steer(std::cos(Uniform(0, M_PI)), h);
            const auto phase = std::polar(direct, Uniform(0, 2 * M_PI));
            amplitude = u == shape.silentUe ? 0.0 : amplitude;
            auto known = m_known.col(u).segment(m * n, n);
            known = amplitude * phase * h;
            m_scattered(m, u) = amplitude * amplitude * scattered * scattered;
            for (Eigen::Index i = 0; i < n; ++i)
            {
                h(i) = known(i) + amplitude * scattered * Gaussian();
            }
        }
    }
    for (Eigen::Index t = 0; t < shape.nTargets; ++t)
    {
        double inverseSquares = 0.0;
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            inverseSquares += 1.0 / squaredDistance(m, nAps + nUes + t, TARGET_HEIGHT);
        }
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            auto a = problem.a.col(t).segment(m * n, n);
            if (shape.isScenario)
            {
                // Bistatic radar equation, summed over receivers, over the noise of all of them.
                const double square = squaredDistance(m, nAps + nUes + t, TARGET_HEIGHT);
                Steer((m_place(nAps + nUes + t, 0) - m_place(m, 0)) / std::sqrt(square), a);
                problem.omega(m, t) = WAVELENGTH * WAVELENGTH / std::pow(4 * M_PI, 3) *
                                      std::pow(10.0, (shape.echoGain + POWER_OVER_NOISE_DB) / 10) *
                                      inverseSquares / square / static_cast<double>(nAps);
            }
            else
            {
                Steer(std::cos(Uniform(0, M_PI / 2)), a);
                problem.omega(m, t) = shape.snr / static_cast<double>(nAps);
            }
        }
    }
    if (shape.nPilots > 0)
    {
        Estimate(shape, problem);
    }
    const auto isNear = [](const auto& gain, double depth) {
        return gain.array() >= gain.maxCoeff() * std::pow(10.0, -depth / 10);
    };
    if (shape.maskDepth > 0)
    {
        problem.serving.resize(nAps, nUes);
        Eigen::VectorXd gain(nAps);
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            for (Eigen::Index m = 0; m < nAps; ++m)
            {
                gain(m) = problem.h.col(u).segment(m * n, n).squaredNorm();
            }
            problem.serving.col(u) = isNear(gain, shape.maskDepth);
        }
    }
    if (shape.sensingMaskDepth > 0)
    {
        problem.sensing.resize(nAps, shape.nTargets);
        for (Eigen::Index t = 0; t < shape.nTargets; ++t)
        {
            problem.sensing.col(t) = isNear(problem.omega.col(t), shape.sensingMaskDepth);
        }
    }
}

void
IsacGnnDraw::Estimate(const Shape& shape, IsacProblem& problem)
{
    const auto n = shape.nAntennas;
    const auto nUes = shape.nUes;
    const double energy = static_cast<double>(shape.nPilots) * std::pow(10.0, shape.pilotGain / 10);
    m_pilot.resize(nUes);
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        m_pilot[u] = u % shape.nPilots;
    }
    problem.errorVariance.resize(shape.nAps, nUes);
    m_heard.resize(n, shape.nPilots);
    m_power.resize(shape.nPilots);
    for (Eigen::Index m = 0; m < shape.nAps; ++m)
    {
        for (auto& entry : m_heard.reshaped())
        {
            entry = Gaussian();
        }
        m_power.setOnes();
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            m_heard.col(m_pilot[u]) += std::sqrt(energy) * (problem.h.col(u).segment(m * n, n) -
                                                            m_known.col(u).segment(m * n, n));
            m_power(m_pilot[u]) += energy * m_scattered(m, u);
        }
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            const double gain = m_scattered(m, u);
            const double weight = std::sqrt(energy) * gain / m_power(m_pilot[u]);
            problem.h.col(u).segment(m * n, n) =
                m_known.col(u).segment(m * n, n) + shape.ageing * weight * m_heard.col(m_pilot[u]);
            problem.errorVariance(m, u) =
                gain * (1.0 - shape.ageing * shape.ageing * std::sqrt(energy) * weight);
        }
    }
}

double
IsacGnnDraw::DrawSensingWeight()
{
    const bool isZero = Uniform(0, 1) < 0.25;
    const double weight = std::exp(Uniform(std::log(0.1), std::log(13.0)));
    return isZero ? 0.0 : weight;
}

void
IsacGnnDraw::DrawWeights(const Settings& settings, IsacProblem& problem)
{
    problem.weight.setOnes(problem.GetNUes());
    problem.sensingWeight.setConstant(problem.GetNTargets(),
                                      settings.sensingWeight.value_or(DrawSensingWeight()));
    if (!(Uniform(0, 1) < settings.weightedShare))
    {
        return;
    }
    for (auto& weight : problem.weight)
    {
        weight = std::exp2(Uniform(0, 7) < 1 ? Uniform(-12, -3) : Uniform(-3, 3));
    }
    if (problem.GetNUes() > 0)
    {
        problem.weight /= problem.weight.mean();
    }
    if (!settings.sensingWeight && Uniform(0, 1) < 0.5)
    {
        for (auto& weight : problem.sensingWeight)
        {
            weight = DrawSensingWeight();
        }
    }
}

void
IsacGnnDraw::DrawProblems(const Settings& settings, std::vector<IsacProblem>& problems)
{
    const auto shape = DrawShape(settings);
    problems.resize(settings.GetCount(shape));
    for (auto& problem : problems)
    {
        DrawProblem(shape, problem);
        DrawWeights(settings, problem);
    }
}

} // namespace ns3
