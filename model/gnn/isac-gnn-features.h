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
 * the problem (link gains and shares, alignment, crosstalk from the inner products, errors of
 * estimates, weights, masks), the last rows the response of the present beams and how far each
 * parameter of the structured head is from the value that stationarity of problem (8) asks for at
 * these beams.
 *
 * Links are stored AP by AP: link (m, u) is column m U + u.
 */
class IsacGnnFeatures
{
  public:
    // How many of the first rows depend on the problem alone.
    static constexpr Eigen::Index UE_LINK_STATIC = 13;    //!< of ueLink
    static constexpr Eigen::Index TARGET_LINK_STATIC = 6; //!< of targetLink
    static constexpr Eigen::Index AP_STATIC = 8;          //!< of ap
    static constexpr Eigen::Index UE_STATIC = 11;         //!< of ue
    static constexpr Eigen::Index TARGET_STATIC = 4;      //!< of target

    /**
     * @brief Computes the rows that depend on the problem alone.
     * @param head the head, which holds the problem
     */
    void SetProblem(const IsacStructuredHead& head);

    /**
     * @brief Computes the rows that depend on the present beams, and the stationary values.
     * @param head the head after Evaluate()
     * @param parameters what it evaluated
     */
    void SetResponse(const IsacStructuredHead& head,
                     const IsacStructuredHead::Parameters& parameters);

    IsacColumns ueLink;     //!< 18 x M U
    IsacColumns targetLink; //!< 11 x M T
    IsacColumns ap;         //!< 15 x M
    IsacColumns ue;         //!< 21 x U
    IsacColumns target;     //!< 6 x T

    IsacColumns ueShare;     //!< U x M: share of a link in the gain of its UE
    IsacColumns apShare;     //!< U x M: share of a link in the gain of its AP
    IsacColumns targetShare; //!< T x M: share of a link in the gain of its target

    IsacBuffer<double> logWeight;  //!< U: log c_u at the present beams
    IsacBuffer<double> logGain;    //!< U: log b_u at the present beams
    IsacBuffer<double> logOwn;     //!< U: log o_u at the present beams; log d_u is log c_u
    IsacBuffer<double> logSensing; //!< M x T: log(N g_mt) at the present beams, link by link

  private:
    struct StaticKernel;   //!< sums over inner products
    struct ResponseKernel; //!< sums over responses

    /// Computes the static rows that tell of errors. @param head the head, which holds the problem
    void SetErrors(const IsacStructuredHead& head);

    /// Computes the rows of what errors do, and adds it to the stationary multipliers.
    /// @param head the head after Evaluate()
    void SetErrorResponse(const IsacStructuredHead& head);

    IsacBuffer<double> m_gain;        //!< U x stride: ||h_mu||^2
    IsacBuffer<double> m_signalGain;  //!< the same, tiny where the AP must not serve
    IsacBuffer<double> m_alignment;   //!< U x stride: |a^H h|^2 / (N ||h||^2), mean over targets
    IsacBuffer<double> m_correlation; //!< U x stride: |h^H h'|^2 / (gains), sum over other UEs
    IsacBuffer<double> m_multiplier;  //!< stride: mu_m that stationarity asks for
    IsacBuffer<float> m_errorLog;     //!< 2 x U x stride: the same of errors
    IsacBuffer<float> m_log;          //!< rows x U x stride: arguments, then logarithms
    IsacBuffer<std::complex<double>> m_totalGram;      //!< U x U: summed over serving APs
    IsacBuffer<std::complex<double>> m_stationaryGain; //!< U: complex b_u
    IsacBuffer<double> m_weight;                       //!< U: c_u at the present beams
    Eigen::VectorXd m_sensing;                         //!< T: N g_mt of one AP
};

} // namespace ns3

#endif // ISAC_GNN_FEATURES_H
