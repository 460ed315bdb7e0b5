// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_UPLINK_H
#define ISAC_UPLINK_H

#include <Eigen/Core>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Uplink SINR of maximum-ratio combining over all APs, with reusable work space.
 *
 * UEs transmit at once; the CPU combines all antennas with v_u = h_u, so that
 * SINR_u = p_u ||h_u||^4 / (sum_{j != u} p_j |h_u^H h_j|^2 + sigma^2 ||h_u||^2)
 * (H. Q. Ngo et al., "Cell-Free Massive MIMO Versus Small Cells", IEEE Trans. Wireless Commun.
 * 16(3), 2017, section II-C, for perfect channel knowledge and joint decoding at the CPU).
 */
class IsacUplinkCombining
{
  public:
    /**
     * @brief Computes the SINRs of the first UEs among those that send, where some share symbols
     * with others in part: interference is averaged over the symbols of a UE.
     * @param h (M N) x J stacked channels of all UEs that send
     * @param txPower J transmit powers on the symbols that a UE uses (W), >= 0
     * @param noise noise variance per AP antenna (W), > 0
     * @param overlap U x J, U <= J: share of the symbols of UE u on which UE j sends too, 0 to 1;
     * entry (u, u) is not read
     * @return U SINRs, linear; valid until the next call
     */
    const Eigen::VectorXd& ComputeSinr(const Eigen::MatrixXcd& h,
                                       const Eigen::VectorXd& txPower,
                                       double noise,
                                       const Eigen::MatrixXd& overlap);

  private:
    Eigen::MatrixXcd m_gram; //!< H^H H
    Eigen::VectorXd m_sinr;  //!< result
};

} // namespace ns3

#endif // ISAC_UPLINK_H
