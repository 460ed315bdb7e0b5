// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_PILOTS_H
#define ISAC_PILOTS_H

#include <Eigen/Core>
#include <cstdint>
#include <vector>

namespace ns3
{

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief The master AP of a UE: the one with the largest gain, as in O. T. Demir, E. Bjornson,
 * L. Sanguinetti, "Foundations of User-Centric Cell-Free Massive MIMO", Foundations and Trends in
 * Signal Processing 14(3-4), 2021, Algorithm 4.1.
 * @param gain M gains of the UE's links, linear, >= 0
 * @param present the present master, or -1
 * @param hysteresis how many times stronger than the present master another has to be, >= 1
 * @return the index of the AP; the first of equals
 */
Eigen::Index FindMasterAp(const Eigen::Ref<const Eigen::VectorXd>& gain,
                          Eigen::Index present = -1,
                          double hysteresis = 1.0);

/**
 * @ingroup cellfree-isac
 * @brief Gives pilots to the UEs that have none, in the order of their columns: the first pilot
 * that nobody uses, else the one with the least contamination at the UE's master AP.
 *
 * That is Algorithm 4.1 of O. T. Demir, E. Bjornson, L. Sanguinetti, "Foundations of User-Centric
 * Cell-Free Massive MIMO", 2021: the first UEs get pilots of their own; then UE k takes
 * arg min_t sum_{i < k: t_i = t} gain_{l k's master, i}.
 *
 * @param gain M x U: E||h_mu||^2 / N, linear, in any unit that is the same for all, >= 0
 * @param nPilots number of orthogonal pilots, > 0
 * @param[in,out] pilots U: those of UEs that have one, below nPilots, are kept; -1 is replaced
 */
void AssignPilots(const Eigen::MatrixXd& gain, uint32_t nPilots, std::vector<int32_t>& pilots);

/**
 * @ingroup cellfree-isac
 * @brief Dynamic cooperation clusters: every UE is served by its master AP, and every AP serves on
 * each pilot the UE with the largest gain there (the end of Algorithm 4.1 of "Foundations of
 * User-Centric Cell-Free Massive MIMO").
 *
 * So an AP serves on each pilot at most one UE of which it is not the master. A link without gain
 * serves only if it is a master's.
 *
 * @param gain M x U, linear, >= 0
 * @param pilots U: the pilot of each UE, >= 0; a UE with -1 has its master alone
 * @param masters U: the master AP of each UE
 * @param[out] serving M x U: true where an AP serves a UE
 */
void FormPilotClusters(const Eigen::MatrixXd& gain,
                       const std::vector<int32_t>& pilots,
                       const std::vector<Eigen::Index>& masters,
                       Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic>& serving);

/**
 * @ingroup cellfree-isac
 * @brief Clusters of each UE's strongest APs; the first of equals. A link without gain serves only
 * if it is the strongest.
 * @param gain M x U, linear, >= 0
 * @param size APs of a cluster, from 1 to M
 * @param[out] serving M x U: true where an AP serves a UE
 */
void FormStrongestClusters(const Eigen::MatrixXd& gain,
                           Eigen::Index size,
                           Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic>& serving);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_PILOTS_H
