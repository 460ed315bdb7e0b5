// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_GNN_FEATURES_H
#define ISAC_GNN_FEATURES_H

#include "isac-structured-head.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief What the graph network sees: numbers per link, AP, UE and target.
 *
 * All are logarithms, ratios and counts that do not change when a channel is multiplied by a
 * phase, and none is tied to the number of APs, UEs, targets or antennas. The first rows describe
 * the problem (link gains and shares, alignment, crosstalk from the inner products), the last
 * rows the response of the present beams and how far each parameter of the structured head is
 * from the value that stationarity of problem (8) asks for at these beams.
 *
 * Links are stored AP by AP: link (m, u) is column m U + u.
 */
class IsacGnnFeatures
{
  public:
    // How many of the first rows depend on the problem alone.
    static constexpr Eigen::Index UE_LINK_STATIC = 10;    //!< of ueLink
    static constexpr Eigen::Index TARGET_LINK_STATIC = 5; //!< of targetLink
    static constexpr Eigen::Index AP_STATIC = 7;          //!< of ap
    static constexpr Eigen::Index UE_STATIC = 8;          //!< of ue
    static constexpr Eigen::Index TARGET_STATIC = 4;      //!< of target

    /**
     * @brief Computes the rows that depend on the problem alone.
     * @param head the head, which holds the problem
     * @param sensingWeight beta_s, >= 0
     */
    void SetProblem(const IsacStructuredHead& head, double sensingWeight);

    /**
     * @brief Computes the rows that depend on the present beams, and the stationary values.
     * @param head the head after Evaluate()
     * @param parameters what it evaluated
     */
    void SetResponse(const IsacStructuredHead& head,
                     const IsacStructuredHead::Parameters& parameters);

    Eigen::MatrixXf ueLink;     //!< 13 x M U
    Eigen::MatrixXf targetLink; //!< 10 x M T
    Eigen::MatrixXf ap;         //!< 13 x M
    Eigen::MatrixXf ue;         //!< 14 x U
    Eigen::MatrixXf target;     //!< 6 x T

    Eigen::MatrixXf ueShare;     //!< U x M: share of a link in the gain of its UE
    Eigen::MatrixXf apShare;     //!< U x M: share of a link in the gain of its AP
    Eigen::MatrixXf targetShare; //!< T x M: share of a link in the gain of its target

    Eigen::VectorXd logWeight;  //!< U: log c_u at the present beams
    Eigen::VectorXd logGain;    //!< U: log b_u at the present beams
    Eigen::MatrixXd logSensing; //!< T x M: log(N g_mt) at the present beams

  private:
    double m_sensingWeight{0.0};       //!< beta_s
    Eigen::MatrixXd m_gain;            //!< U x M: ||h_mu||^2
    Eigen::MatrixXd m_signalGain;      //!< U x M: the same, tiny where the AP must not serve
    Eigen::MatrixXcd m_totalGram;      //!< U x U: inner products summed over serving APs
    Eigen::VectorXcd m_stationaryGain; //!< U: complex b_u
    Eigen::VectorXd m_sensing;         //!< T: N g_mt of one AP
};

} // namespace ns3

#endif // ISAC_GNN_FEATURES_H
