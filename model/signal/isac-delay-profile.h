// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_DELAY_PROFILE_H
#define ISAC_DELAY_PROFILE_H

#include <Eigen/Core>
#include <complex>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Tapped delay line models of 3GPP TR 38.901 V17.0.0, section 7.7.2.
 */
enum IsacTdl
{
    ISAC_TDL_A, //!< table 7.7.2-1, without line of sight
    ISAC_TDL_B, //!< table 7.7.2-2, without line of sight
    ISAC_TDL_C, //!< table 7.7.2-3, without line of sight
    ISAC_TDL_D, //!< table 7.7.2-4, in line of sight
    ISAC_TDL_E, //!< table 7.7.2-5, in line of sight
};

/**
 * @ingroup cellfree-isac
 * @brief Where a channel's power arrives: the line of sight at delay 0, and taps that fade.
 */
struct IsacDelayProfile
{
    Eigen::VectorXd delays; //!< L: delays of the taps that fade (s)
    Eigen::VectorXd powers; //!< L: their powers, which sum to one
    double kFactor{0.0};    //!< power of the line of sight over that of the taps, >= 0
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief A tapped delay line scaled to a delay spread, TR 38.901 equation (7.7-1).
 * @param model the model
 * @param delaySpread RMS delay spread of the model with its own K factor (s), >= 0
 * @return the profile; its kFactor is the model's own
 */
IsacDelayProfile GetTdlProfile(IsacTdl model, double delaySpread);

/**
 * @ingroup cellfree-isac
 * @brief RMS delay spread of a profile with its line of sight: the square root of the delays'
 * power-weighted variance.
 * @param profile the profile
 * @return the spread (s)
 */
double GetRmsDelaySpread(const IsacDelayProfile& profile);

/**
 * @ingroup cellfree-isac
 * @brief Correlation of a profile's taps at two frequencies, their powers' Fourier transform
 * sum_l p_l exp(-j 2 pi f tau_l), without the line of sight.
 * @param profile the profile
 * @param separation f (Hz)
 * @return the correlation; 1 at separation 0
 */
std::complex<double> GetFrequencyCorrelation(const IsacDelayProfile& profile, double separation);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_DELAY_PROFILE_H
