// SPDX-License-Identifier: GPL-2.0-only

#include "isac-problem.h"

#include <algorithm>
#include <cmath>
#include <limits>
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
cellfree::FindProblemError(const IsacProblem& problem)
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
    auto isWeight = [](double x) { return x >= 0 && x <= IsacProblem::MAX_WEIGHT; };
    const char* weight = "a number from 0 to 1e12";
    if (error = FindBadEntry("weight", problem.weight, 1, weight, isWeight); !error.empty())
    {
        return error;
    }
    if (error = FindBadEntry("sensingWeight", problem.sensingWeight, 1, weight, isWeight);
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

namespace
{

/// SNR of a link below which it counts as none, and above which it is weakened.
constexpr double WEAKEST_LINK = 1e-40;
constexpr double STRONGEST_LINK = 1e15;
/// How far ||a_mt||^2 may be from N before it is scaled.
constexpr double STEERING_RANGE = 1e6;

/// ln ||x||, also where ||x||^2 overflows or underflows; x is finite and not zero.
template <typename Vector>
double
GetLogNorm(const Vector& x)
{
    double peak = 0.0;
    for (Eigen::Index i = 0; i < x.size(); ++i)
    {
        peak = std::max({peak, std::abs(x(i).real()), std::abs(x(i).imag())});
    }
    double sum = 0.0;
    for (Eigen::Index i = 0; i < x.size(); ++i)
    {
        sum += std::norm(x(i) / peak);
    }
    return std::log(peak) + 0.5 * std::log(sum);
}

/// x scaled to a norm, wherever both lie.
template <typename Vector>
Eigen::VectorXcd
GetScaled(const Vector& x, double logNorm)
{
    double peak = 0.0;
    for (Eigen::Index i = 0; i < x.size(); ++i)
    {
        peak = std::max({peak, std::abs(x(i).real()), std::abs(x(i).imag())});
    }
    const Eigen::VectorXcd unit = x / peak;
    return unit * (std::exp(logNorm) / unit.norm());
}

/// Brings the links of one UE of a normalised problem into range.
void
LimitUe(const IsacProblem& problem, Eigen::Index u, IsacProblem& normalised)
{
    const auto nAps = problem.GetNAps();
    const auto n = problem.nAntennas;
    Eigen::VectorXd logNorm(nAps);
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        const auto link = problem.h.col(u).segment(m * n, n);
        logNorm(m) = (link.array() == 0.0).all()
                         ? -std::numeric_limits<double>::infinity()
                         : GetLogNorm(link) +
                               0.5 * (std::log(problem.power(m)) - std::log(problem.noise(u)));
    }
    const double shift = std::max(0.0, logNorm.maxCoeff() - 0.5 * std::log(STRONGEST_LINK));
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        auto link = normalised.h.col(u).segment(m * n, n);
        const double scaled = logNorm(m) - shift;
        if (2 * scaled < std::log(WEAKEST_LINK))
        {
            link.setZero();
        }
        else
        {
            link = GetScaled(problem.h.col(u).segment(m * n, n), scaled);
        }
        if (problem.errorVariance.size() != 0 && problem.errorVariance(m, u) > 0)
        {
            // An error may be larger than the link: as large as the strongest one at most.
            normalised.errorVariance(m, u) = std::exp(
                std::min(std::log(problem.errorVariance(m, u)) + std::log(problem.power(m)) -
                             std::log(problem.noise(u)) - 2 * shift,
                         std::log(STRONGEST_LINK)));
        }
    }
}

/// Brings the links of one target of a normalised problem into range.
void
LimitTarget(const IsacProblem& problem, Eigen::Index t, IsacProblem& normalised)
{
    const auto nAps = problem.GetNAps();
    const auto n = problem.nAntennas;
    Eigen::VectorXd logGain(nAps);
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        const auto steering = problem.a.col(t).segment(m * n, n);
        const bool none = problem.omega(m, t) == 0 || (steering.array() == 0.0).all();
        logGain(m) = none ? -std::numeric_limits<double>::infinity()
                          : 2 * GetLogNorm(steering) + std::log(problem.omega(m, t)) +
                                std::log(problem.combiningGain) + std::log(problem.power(m)) -
                                std::log(problem.sensingNoise);
    }
    const double shift = std::max(0.0, logGain.maxCoeff() - std::log(STRONGEST_LINK));
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        auto steering = normalised.a.col(t).segment(m * n, n);
        if (!(steering.array() == 0.0).all())
        {
            steering = GetScaled(problem.a.col(t).segment(m * n, n), 0.5 * std::log(n));
        }
        const double gain = logGain(m) - shift;
        normalised.omega(m, t) = gain < std::log(WEAKEST_LINK) ? 0.0 : std::exp(gain) / n;
    }
}

/// Whether a link may stay as it is.
bool
IsInRange(double gain, bool isZero)
{
    return isZero || (gain >= WEAKEST_LINK && gain <= STRONGEST_LINK);
}

/// Brings every link of a normalised problem into range; does nothing to ordinary ones.
void
LimitRange(const IsacProblem& problem, IsacProblem& normalised)
{
    const auto n = problem.nAntennas;
    for (Eigen::Index u = 0; u < problem.GetNUes(); ++u)
    {
        bool ordinary = true;
        for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
        {
            const auto link = problem.h.col(u).segment(m * n, n);
            ordinary = ordinary && IsInRange(normalised.h.col(u).segment(m * n, n).squaredNorm(),
                                             (link.array() == 0.0).all());
            ordinary = ordinary && (problem.errorVariance.size() == 0 ||
                                    normalised.errorVariance(m, u) <= STRONGEST_LINK);
        }
        if (!ordinary)
        {
            LimitUe(problem, u, normalised);
        }
    }
    for (Eigen::Index t = 0; t < problem.GetNTargets(); ++t)
    {
        bool ordinary = true;
        for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
        {
            const auto steering = problem.a.col(t).segment(m * n, n);
            const bool isZero = (steering.array() == 0.0).all();
            const double share = steering.squaredNorm() / static_cast<double>(n);
            ordinary = ordinary &&
                       (isZero || (share >= 1 / STEERING_RANGE && share <= STEERING_RANGE)) &&
                       IsInRange(normalised.omega(m, t) * share * static_cast<double>(n),
                                 isZero || problem.omega(m, t) == 0);
            ordinary = ordinary && std::isfinite(normalised.omega(m, t));
        }
        if (!ordinary)
        {
            LimitTarget(problem, t, normalised);
        }
    }
}

} // namespace

void
cellfree::Normalise(const IsacProblem& problem, IsacProblem& normalised)
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
    normalised.omega =
        problem.power.asDiagonal() * (problem.omega * problem.combiningGain) / problem.sensingNoise;
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
    LimitRange(problem, normalised);
}

void
cellfree::Denormalise(const IsacProblem& problem, IsacBeams& beams)
{
    for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
    {
        beams.Ap(m) *= std::sqrt(problem.power(m));
    }
}

} // namespace ns3
