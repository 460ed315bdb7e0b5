// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_ENERGY_H
#define ISAC_ENERGY_H

#include "isac-fronthaul-load.h"

#include <cstdint>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief What the processing of a cell-free network depends on.
 *
 * The source of all of this file is O. T. Demir, M. Masoudi, E. Bjornson, C. Cavdar, "Cell-Free
 * Massive MIMO in O-RAN: Energy-Aware Joint Orchestration of Cloud, Fronthaul, and Radio
 * Resources", IEEE JSAC 42(2), 2024 (arXiv 2301.06166), in the form of the authors' scripts
 * (github.com/ozlemtugfedemir/O-RAN-cell-free, Figs7_8_CCP_sumSE_functional_split8.m and
 * ..._7_2.m), whose names are given. Defaults are theirs.
 */
struct IsacProcessing
{
    uint32_t nAntennas{4};          //!< N of an AP
    double samplingRate{30.72e6};   //!< fs (Hz)
    double fftSize{2048};           //!< NDFT
    double nSubcarriers{1200};      //!< Nused
    double symbolDuration{71.4e-6}; //!< Ts (s)
    double quantisationBits{12};    //!< Nbits
    double coherenceBlock{192};     //!< tau_c (symbols)
    double pilotLength{8};          //!< tau_p
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Filters and Fourier transforms of one AP, Cfilter + CDFT: 40 N fs + 8 N NDFT log2(NDFT) /
 * Ts. With split 7.2x the AP does them itself.
 * @param p what it depends on
 * @return giga operations per second
 */
double GetTransformGops(const IsacProcessing& p);

/**
 * @ingroup cellfree-isac
 * @brief Channel estimation and local MMSE precoding of one AP and its other functions,
 * CprecodingAP + CotherAP.
 * @param p what it depends on
 * @return giga operations per second
 */
double GetPrecoderGops(const IsacProcessing& p);

/**
 * @ingroup cellfree-isac
 * @brief Precoding of one UE at one AP that serves it, CprecodingUE (XLP).
 * @param p what it depends on
 * @return giga operations per second
 */
double GetServingGops(const IsacProcessing& p);

/**
 * @ingroup cellfree-isac
 * @brief Coding, mapping and higher layers of one UE, FLP.
 * @param p what it depends on
 * @param spectralEfficiency of the UE (bit/s/Hz), >= 0
 * @return giga operations per second
 */
double GetUeGops(const IsacProcessing& p, double spectralEfficiency);

/**
 * @ingroup cellfree-isac
 * @brief Bit rate between an AP and the cloud, Rfronthaul: 2 fs Nbits N with split 8, 2 Nbits Nused
 * N / Ts with split 7.2x.
 * @param p what it depends on
 * @param split one of these two
 * @return the rate (bit/s)
 */
double GetEnergyFronthaulRate(const IsacProcessing& p, IsacFunctionalSplit split);

/**
 * @ingroup cellfree-isac
 * @brief Line cards that APs need, each with one wavelength: ceil(APs / floor(Rmax / Rfronthaul)),
 * or where one wavelength does not do for an AP, as many as it takes for each.
 * @param nAps number of APs, may be a mean
 * @param fronthaulRate Rfronthaul (bit/s)
 * @param wavelengthRate Rmax (bit/s)
 * @return the number
 */
double CountLineCards(double nAps, double fronthaulRate, double wavelengthRate);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_ENERGY_H
