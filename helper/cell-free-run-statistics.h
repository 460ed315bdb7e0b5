// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_RUN_STATISTICS_H
#define CELL_FREE_RUN_STATISTICS_H

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace ns3
{

/// A mean over independent repetitions and its confidence interval.
struct ConfidenceInterval
{
    std::size_t n{0};                                      //!< repetitions that have a value
    double mean{std::numeric_limits<double>::quiet_NaN()}; //!< mean; NaN if n = 0
    double low{std::numeric_limits<double>::quiet_NaN()};  //!< lower end; NaN if n < 2
    double high{std::numeric_limits<double>::quiet_NaN()}; //!< upper end; NaN if n < 2
};

/// A bin of a histogram.
struct HistogramBin
{
    double start{0.0}; //!< lower end
    double end{0.0};   //!< upper end
    uint64_t count{0}; //!< values in it
};

/**
 * @ingroup cellfree-isac
 * @brief Quantile of Student's t distribution, by bisection on the incomplete beta function.
 * @param probability in (0, 1)
 * @param degrees degrees of freedom, > 0
 * @return the t that a variable of this distribution stays below with this probability
 */
double GetStudentQuantile(double probability, double degrees);

/**
 * @ingroup cellfree-isac
 * @brief Mean and Student's t interval of independent values.
 * @param values one per repetition; NaN where the repetition has none
 * @param level confidence level in (0, 1)
 * @return the interval
 */
ConfidenceInterval GetConfidenceInterval(const std::vector<double>& values, double level = 0.95);

/**
 * @ingroup cellfree-isac
 * @brief Interval of the paired difference: what is common to both sides of a repetition cancels.
 * @param values one per repetition; NaN where the repetition has none
 * @param baseline of the same repetitions in the same order
 * @param level confidence level in (0, 1)
 * @return the interval of values - baseline over the repetitions that have both
 */
ConfidenceInterval GetPairedDifference(const std::vector<double>& values,
                                       const std::vector<double>& baseline,
                                       double level = 0.95);

/**
 * @ingroup cellfree-isac
 * @brief Quantile of values, interpolated linearly between order statistics (Hyndman-Fan type 7).
 * @param values at least one finite value to get a number
 * @param probability in [0, 1]
 * @return the quantile, or NaN if there are no values
 */
double GetQuantile(std::vector<double> values, double probability);

/**
 * @ingroup cellfree-isac
 * @brief Quantile of a histogram, interpolated linearly within its bin.
 * @param bins in ascending order
 * @param probability in [0, 1]
 * @return the quantile, or NaN if all bins are empty
 */
double GetHistogramQuantile(const std::vector<HistogramBin>& bins, double probability);

/**
 * @ingroup cellfree-isac
 * @brief Jain's fairness index (sum x)^2 / (n sum x^2): 1 if all have the same, 1/n if one has all.
 * @param values non-negative
 * @return the index, or NaN without values or if all are zero
 */
double GetJainFairness(const std::vector<double>& values);

} // namespace ns3

#endif // CELL_FREE_RUN_STATISTICS_H
