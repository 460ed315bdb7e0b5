// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_RUN_STATISTICS_H
#define CELL_FREE_RUN_STATISTICS_H

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace ns3::cellfree
{

/// A mean over independent repetitions and its confidence interval.
struct ConfidenceInterval
{
    std::size_t n{0};                                      //!< repetitions that have a value
    double mean{std::numeric_limits<double>::quiet_NaN()}; //!< mean; NaN if n = 0
    double low{std::numeric_limits<double>::quiet_NaN()};  //!< lower end; NaN if n < 2
    double high{std::numeric_limits<double>::quiet_NaN()}; //!< upper end; NaN if n < 2
};

/// What a quantity can be: low alone, both ends, or neither are finite.
struct Range
{
    double low{-std::numeric_limits<double>::infinity()}; //!< smallest possible value
    double high{std::numeric_limits<double>::infinity()}; //!< largest possible value
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
 * @brief Mean of independent values and its confidence interval, which stays within the range.
 *
 * Without a range it is Student's, m -+ t s/sqrt(n). For a quantity with a least value it is
 * Student's for log(m - low), with both ends for logit(m) = log((m - low)/(high - m)): the standard
 * error of g(m) is |g'(m)| s/sqrt(n) (delta method; Casella and Berger, "Statistical Inference",
 * 2nd ed., theorem 5.5.24; for proportions R. Newcombe, "Logit confidence intervals and the inverse
 * sinh transformation", The American Statistician 55(3), 2001), and the ends are mapped back. Both
 * cover a skewed quantity better than Student's does. Values that are all equal give an interval
 * of no width, which proves nothing when they are few.
 *
 * @param values one per repetition; NaN where the repetition has none
 * @param range what the quantity can be
 * @param level confidence level in (0, 1)
 * @return the interval
 */
ConfidenceInterval GetConfidenceInterval(const std::vector<double>& values,
                                         const Range& range = {},
                                         double level = 0.95);

/**
 * @ingroup cellfree-isac
 * @brief Interval of the paired difference: what is common to both sides of a repetition cancels.
 * @param values one per repetition; NaN where the repetition has none
 * @param baseline of the same repetitions in the same order
 * @param range what each of them can be: their difference is within -+(high - low)
 * @param level confidence level in (0, 1)
 * @return the interval of values - baseline over the repetitions that have both
 */
ConfidenceInterval GetPairedDifference(const std::vector<double>& values,
                                       const std::vector<double>& baseline,
                                       const Range& range = {},
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

} // namespace ns3::cellfree

#endif // CELL_FREE_RUN_STATISTICS_H
