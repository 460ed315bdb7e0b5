// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_GOSPA_H
#define ISAC_GOSPA_H

#include <Eigen/Core>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Distance between a set of targets and a set of estimates, in parts.
 *
 * total^p = localisation^p + missed^p + false^p.
 */
struct IsacGospa
{
    double total{0.0};        //!< the metric (m)
    double localisation{0.0}; //!< (sum of d^p over the pairs)^(1/p) (m)
    double missed{0.0};       //!< (c^p / 2 times the targets without estimate)^(1/p) (m)
    double falseTracks{0.0};  //!< (c^p / 2 times the estimates without target)^(1/p) (m)
    /// Per estimate the index of its target, or -1.
    std::vector<int> targetOf;
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief GOSPA with alpha = 2 (A. S. Rahmathullah, A. F. Garcia-Fernandez, L. Svensson,
 * "Generalized optimal sub-pattern assignment metric", Fusion 2017, proposition 1): the least over
 * all pairings of (sum d^p + c^p / 2 (number of targets and estimates without partner))^(1/p).
 * Pairs farther apart than c are none.
 * @param targets dimensions x number of targets (m)
 * @param estimates dimensions x number of estimates (m)
 * @param cutoff c (m), > 0
 * @param order p, >= 1
 * @return the metric and its parts
 */
IsacGospa GetGospa(const Eigen::Ref<const Eigen::MatrixXd>& targets,
                   const Eigen::Ref<const Eigen::MatrixXd>& estimates,
                   double cutoff,
                   double order);

/**
 * @ingroup cellfree-isac
 * @brief OSPA (D. Schuhmacher, B.-T. Vo, B.-N. Vo, "A consistent metric for performance evaluation
 * of multi-object filters", IEEE Trans. Signal Process. 56(8), 2008, eq. (3)): with m <= n points,
 * ((min sum min(d, c)^p + c^p (n - m)) / n)^(1/p).
 * @param targets dimensions x number of targets (m)
 * @param estimates dimensions x number of estimates (m)
 * @param cutoff c (m), > 0
 * @param order p, >= 1
 * @return the metric (m), in [0, c]; 0 for two empty sets
 */
double GetOspa(const Eigen::Ref<const Eigen::MatrixXd>& targets,
               const Eigen::Ref<const Eigen::MatrixXd>& estimates,
               double cutoff,
               double order);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_GOSPA_H
