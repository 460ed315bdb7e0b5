// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-run-statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unsupported/Eigen/SpecialFunctions>

namespace ns3::cellfree
{

namespace
{

/**
 * @brief Fills in the ends of an interval, see GetConfidenceInterval().
 * @param half half the width of Student's interval
 * @param range what the quantity can be
 * @param[in,out] interval its mean, then its ends too
 */
void
SetEnds(double half, const Range& range, ConfidenceInterval& interval)
{
    const double mean = interval.mean;
    const double below = mean - range.low;
    const double above = range.high - mean;
    if (half == 0.0 || below <= 0.0 || above <= 0.0) // equal values, as all are at an end
    {
        interval.low = mean;
        interval.high = mean;
    }
    else if (std::isfinite(above))
    {
        const double width = range.high - range.low;
        const double logit = std::log(below / above);
        const double reach = half * width / (below * above); // (logit m)' = width / (below above)
        interval.low = range.low + width / (1.0 + std::exp(reach - logit));
        interval.high = range.low + width / (1.0 + std::exp(-reach - logit));
    }
    else if (std::isfinite(below))
    {
        interval.low = range.low + below * std::exp(-half / below); // (log m)' = 1 / below
        interval.high = range.low + below * std::exp(half / below);
    }
    else
    {
        interval.low = mean - half;
        interval.high = mean + half;
    }
}

} // namespace

double
GetStudentQuantile(double probability, double degrees)
{
    if (probability < 0.5)
    {
        return -GetStudentQuantile(1.0 - probability, degrees);
    }
    // P(|T| <= t) = I_y(1/2, degrees/2) at y = t^2 / (degrees + t^2), Abramowitz and Stegun 26.7.1.
    const double inside = 2.0 * probability - 1.0;
    double low = 0.0;
    double high = 1.0;
    for (int i = 0; i < 100; ++i)
    {
        const double y = 0.5 * (low + high);
        (Eigen::numext::betainc(0.5, 0.5 * degrees, y) < inside ? low : high) = y;
    }
    return std::sqrt(degrees * low / (1.0 - low));
}

ConfidenceInterval
GetConfidenceInterval(const std::vector<double>& values, const Range& range, double level)
{
    std::vector<double> known;
    std::copy_if(values.begin(), values.end(), std::back_inserter(known), [](double value) {
        return !std::isnan(value);
    });
    ConfidenceInterval interval;
    interval.n = known.size();
    if (known.empty())
    {
        return interval;
    }
    interval.mean = std::accumulate(known.begin(), known.end(), 0.0) / known.size();
    if (known.size() > 1)
    {
        double squares = 0.0;
        for (double value : known)
        {
            squares += (value - interval.mean) * (value - interval.mean);
        }
        const double degrees = known.size() - 1.0;
        const double half = GetStudentQuantile(0.5 + 0.5 * level, degrees) *
                            std::sqrt(squares / degrees / known.size());
        SetEnds(half, range, interval);
    }
    return interval;
}

ConfidenceInterval
GetPairedDifference(const std::vector<double>& values,
                    const std::vector<double>& baseline,
                    const Range& range,
                    double level)
{
    std::vector<double> differences;
    for (std::size_t i = 0; i < std::min(values.size(), baseline.size()); ++i)
    {
        differences.push_back(values[i] - baseline[i]); // NaN where either is missing
    }
    const double width = range.high - range.low; // infinite unless both ends are finite
    return GetConfidenceInterval(differences, {-width, width}, level);
}

double
GetQuantile(std::vector<double> values, double probability)
{
    if (values.empty())
    {
        return std::numeric_limits<double>::quiet_NaN();
    }
    std::sort(values.begin(), values.end());
    const double position = probability * (values.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const auto above = std::min(below + 1, values.size() - 1);
    return values[below] + (position - below) * (values[above] - values[below]);
}

double
GetHistogramQuantile(const std::vector<HistogramBin>& bins, double probability)
{
    double total = 0.0;
    for (const auto& bin : bins)
    {
        total += bin.count;
    }
    const double target = probability * total;
    double below = 0.0;
    for (const auto& bin : bins)
    {
        if (bin.count > 0 && below + bin.count >= target)
        {
            return bin.start + (target - below) / bin.count * (bin.end - bin.start);
        }
        below += bin.count;
    }
    return std::numeric_limits<double>::quiet_NaN();
}

double
GetJainFairness(const std::vector<double>& values)
{
    double sum = 0.0;
    double squares = 0.0;
    for (double value : values)
    {
        sum += value;
        squares += value * value;
    }
    return squares > 0.0 ? sum * sum / (values.size() * squares)
                         : std::numeric_limits<double>::quiet_NaN();
}

} // namespace ns3::cellfree
