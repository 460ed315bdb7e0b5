// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_UPLINK_H
#define ISAC_UPLINK_H

#include <Eigen/Core>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Uplink SINR with maximum-ratio combining over all APs:
 * SINR_u = p_u ||h_u||^4 / (sum_{k != u} p_k |h_u^H h_k|^2 + sigma^2 ||h_u||^2).
 *
 * The APs receive y = sum_k h_k sqrt(p_k) x_k + n, by reciprocity with the channels of the
 * downlink, and the CPU forms h_u^H y.
 *
 * @param h (M N) x U: stacked channels, one column per UE that transmits
 * @param power U: transmit powers p_u of the UEs (W), >= 0
 * @param noise sigma^2, noise power at each receive antenna (W), > 0
 * @param[out] sinr U: SINR of every UE, linear; 0 for a UE whose channel is zero
 */
void GetMaximumRatioSinr(const Eigen::Ref<const Eigen::MatrixXcd>& h,
                         const Eigen::Ref<const Eigen::VectorXd>& power,
                         double noise,
                         Eigen::VectorXd& sinr);

} // namespace ns3

#endif // ISAC_UPLINK_H
