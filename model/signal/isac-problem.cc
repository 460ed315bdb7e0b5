// SPDX-License-Identifier: GPL-2.0-only

#include "isac-problem.h"

#include <cmath>
#include <sstream>

namespace ns3
{

void
IsacProblem::Resize(Eigen::Index nAps,
                    Eigen::Index nUes,
                    Eigen::Index nTargets,
                    Eigen::Index antennas)
{
    nAntennas = antennas;
    h.setZero(nAps * antennas, nUes);
    a.setZero(nAps * antennas, nTargets);
    omega.setZero(nAps, nTargets);
    power.setOnes(nAps);
    noise.setOnes(nUes);
    sensingNoise = 1.0;
    combiningGain = 1.0;
    weight.setOnes(nUes);
    sensingWeight.setOnes(nTargets);
    errorVariance.resize(0, 0);
    serving.resize(0, 0);
    sensing.resize(0, 0);
}

void
IsacBeams::Resize(const IsacProblem& problem)
{
    nAntennas = problem.nAntennas;
    f.setZero(problem.GetNAps() * nAntennas, problem.GetNStreams());
}

namespace
{

/// The first entry of an array that breaks a condition, as "name[i][j] = value: expected ...".
template <typename Matrix, typename Condition>
std::string
FindBadEntry(const char* name,
             const Matrix& matrix,
             Eigen::Index rowsPerAp,
             const char* expected,
             Condition isGood)
{
    for (Eigen::Index j = 0; j < matrix.cols(); ++j)
    {
        for (Eigen::Index i = 0; i < matrix.rows(); ++i)
        {
            if (!isGood(matrix(i, j)))
            {
                std::ostringstream message;
                message << name << '[' << i / rowsPerAp << ']';
                if (rowsPerAp > 1 || matrix.cols() > 1)
                {
                    message << '[' << j << ']';
                }
                if (rowsPerAp > 1)
                {
                    message << '[' << i % rowsPerAp << ']';
                }
                message << " = " << matrix(i, j) << ": expected " << expected;
                return message.str();
            }
        }
    }
    return {};
}

/// "name is R x C: expected ROWS x COLS (meaning)", or empty if the size is right.
std::string
FindBadSize(const char* name,
            Eigen::Index rows,
            Eigen::Index cols,
            Eigen::Index expectedRows,
            Eigen::Index expectedCols,
            const char* meaning)
{
    if (rows == expectedRows && cols == expectedCols)
    {
        return {};
    }
    std::ostringstream message;
    message << name << " is " << rows << " x " << cols << ": expected " << expectedRows << " x "
            << expectedCols << " (" << meaning << ')';
    return message.str();
}

} // namespace

std::string
FindProblemError(const IsacProblem& problem)
{
    const auto nAps = problem.GetNAps();
    const auto nUes = problem.GetNUes();
    const auto nTargets = problem.GetNTargets();
    const auto n = problem.nAntennas;
    if (nAps == 0)
    {
        return "power is empty: expected one limit per AP, and at least one AP";
    }
    if (n < 1)
    {
        return "nAntennas = " + std::to_string(n) + ": expected at least 1";
    }
    auto isFinite = [](const std::complex<double>& x) {
        return std::isfinite(x.real()) && std::isfinite(x.imag());
    };
    auto isPositive = [](double x) { return std::isfinite(x) && x > 0; };
    auto isNonNegative = [](double x) { return std::isfinite(x) && x >= 0; };
    // Sizes first, so that a bad index is never read.
    std::string error;
    if (error = FindBadSize("h", problem.h.rows(), nUes, nAps * n, nUes, "M N x U"); !error.empty())
    {
        return error;
    }
    if (error = FindBadSize("a", problem.a.rows(), nTargets, nAps * n, nTargets, "M N x T");
        !error.empty())
    {
        return error;
    }
    if (error = FindBadSize("omega",
                            problem.omega.rows(),
                            problem.omega.cols(),
                            nAps,
                            nTargets,
                            "M x T");
        !error.empty())
    {
        return error;
    }
    if (error = FindBadSize("noise", problem.noise.size(), 1, nUes, 1, "U"); !error.empty())
    {
        return error;
    }
    if (error = FindBadSize("weight", problem.weight.size(), 1, nUes, 1, "U"); !error.empty())
    {
        return error;
    }
    if (error = FindBadSize("sensingWeight", problem.sensingWeight.size(), 1, nTargets, 1, "T");
        !error.empty())
    {
        return error;
    }
    // Those that may be left out.
    auto findBadOptional = [nAps](const char* name, const auto& matrix, auto cols, auto meaning) {
        return matrix.size() == 0
                   ? std::string()
                   : FindBadSize(name, matrix.rows(), matrix.cols(), nAps, cols, meaning);
    };
    if (error = findBadOptional("errorVariance", problem.errorVariance, nUes, "M x U");
        !error.empty())
    {
        return error;
    }
    if (error = findBadOptional("serving", problem.serving, nUes, "M x U"); !error.empty())
    {
        return error;
    }
    if (error = findBadOptional("sensing", problem.sensing, nTargets, "M x T"); !error.empty())
    {
        return error;
    }
    if (error = FindBadEntry("power", problem.power, 1, "a finite number > 0", isPositive);
        !error.empty())
    {
        return error;
    }
    if (error = FindBadEntry("noise", problem.noise, 1, "a finite number > 0", isPositive);
        !error.empty())
    {
        return error;
    }
    if (!isPositive(problem.sensingNoise))
    {
        std::ostringstream message;
        message << "sensingNoise = " << problem.sensingNoise << ": expected a finite number > 0";
        return message.str();
    }
    if (!isPositive(problem.combiningGain))
    {
        std::ostringstream message;
        message << "combiningGain = " << problem.combiningGain << ": expected a finite number > 0";
        return message.str();
    }
    const char* notNegative = "a finite number >= 0";
    if (error = FindBadEntry("weight", problem.weight, 1, notNegative, isNonNegative);
        !error.empty())
    {
        return error;
    }
    if (error = FindBadEntry("sensingWeight", problem.sensingWeight, 1, notNegative, isNonNegative);
        !error.empty())
    {
        return error;
    }
    if (error = FindBadEntry("errorVariance", problem.errorVariance, 1, notNegative, isNonNegative);
        !error.empty())
    {
        return error;
    }
    if (error = FindBadEntry("h", problem.h, n, "finite parts", isFinite); !error.empty())
    {
        return error;
    }
    if (error = FindBadEntry("a", problem.a, n, "finite parts", isFinite); !error.empty())
    {
        return error;
    }
    return FindBadEntry("omega", problem.omega, 1, notNegative, isNonNegative);
}

void
Normalise(const IsacProblem& problem, IsacProblem& normalised)
{
    const auto nAps = problem.GetNAps();
    const auto n = problem.nAntennas;
    normalised.nAntennas = n;
    normalised.h = problem.h * problem.noise.cwiseSqrt().cwiseInverse().asDiagonal();
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        normalised.h.middleRows(m * n, n) *= std::sqrt(problem.power(m));
    }
    normalised.a = problem.a;
    normalised.omega = problem.power.asDiagonal() * (problem.omega * problem.combiningGain) /
                       problem.sensingNoise;
    normalised.power.setOnes(nAps);
    normalised.noise.setOnes(problem.GetNUes());
    normalised.sensingNoise = 1.0;
    normalised.combiningGain = 1.0;
    normalised.weight = problem.weight;
    normalised.sensingWeight = problem.sensingWeight;
    normalised.errorVariance.resize(problem.errorVariance.rows(), problem.errorVariance.cols());
    if (problem.errorVariance.size() != 0)
    {
        normalised.errorVariance.noalias() = problem.power.asDiagonal() * problem.errorVariance *
                                             problem.noise.cwiseInverse().asDiagonal();
    }
    normalised.serving = problem.serving;
    normalised.sensing = problem.sensing;
}

void
Denormalise(const IsacProblem& problem, IsacBeams& beams)
{
    for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
    {
        beams.Ap(m) *= std::sqrt(problem.power(m));
    }
}

} // namespace ns3
