// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_ASSIGNMENT_H
#define ISAC_ASSIGNMENT_H

#include <Eigen/Core>
#include <limits>
#include <vector>

namespace ns3
{

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Pairs rows with columns, each at most once, at the least sum of costs.
 *
 * Shortest augmenting paths (R. Jonker, A. Volgenant, "A shortest augmenting path algorithm for
 * dense and sparse linear assignment problems", Computing 38, 1987), with a column of its own for
 * each row that stays alone. Of equal optima always the same one.
 *
 * @param cost rows x columns, finite, or infinite for a pair that is forbidden; any sign
 * @param alone cost of a row without a column; infinite: as many rows as possible get one
 * @return per row its column, or -1
 */
std::vector<int> SolveAssignment(const Eigen::Ref<const Eigen::MatrixXd>& cost,
                                 double alone = std::numeric_limits<double>::infinity());

/**
 * @ingroup cellfree-isac
 * @brief Probabilities that tracks gave rise to detections, over all joint events in which each
 * track has at most one detection and each detection at most one track (Y. Bar-Shalom, E. Tse;
 * T. Fortmann, Y. Bar-Shalom, M. Scheffe, "Sonar tracking of multiple targets using joint
 * probabilistic data association", IEEE J. Oceanic Eng. 8(3), 1983).
 *
 * An event has the weight of the product of its pairs' ratios. Groups that share no detection are
 * independent. A group in which the smaller of the numbers of tracks and detections is at most 12
 * is summed up exactly, by dynamic programming over subsets; others by belief propagation
 * (J. Williams, R. Lau, "Approximate evaluation of marginal association probabilities with belief
 * propagation", IEEE Trans. Aerosp. Electron. Syst. 50(4), 2014).
 *
 * @param logRatio tracks x detections: ln of the likelihood ratio P_D N(z) / (lambda (1 - P_D)) of
 * a pair to neither; minus infinity outside the gate
 * @return tracks x (detections + 1): probabilities, in the last column of no detection; rows sum
 * to 1
 */
Eigen::MatrixXd GetAssociationProbabilities(const Eigen::Ref<const Eigen::MatrixXd>& logRatio);

/**
 * @ingroup cellfree-isac
 * @brief The same by belief propagation alone: exact where no cycle of tracks and detections is
 * connected by gates.
 * @param logRatio as for GetAssociationProbabilities()
 * @return as of GetAssociationProbabilities()
 */
Eigen::MatrixXd PropagateAssociationBeliefs(const Eigen::Ref<const Eigen::MatrixXd>& logRatio);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_ASSIGNMENT_H
