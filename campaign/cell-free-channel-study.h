// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_CHANNEL_STUDY_H
#define CELL_FREE_CHANNEL_STUDY_H

#include "ns3/cell-free-fading-model.h"
#include "ns3/cell-free-large-scale-model.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief What is measured: links of one geometry, each of an AP and a UE of its own.
 */
struct CellFreeChannelStudy
{
    Ptr<CellFreeFadingModel> fading;         //!< without links
    Ptr<CellFreeLargeScaleModel> largeScale; //!< whom it asks for the line of sight
    double frequency{3.5e9};                 //!< carrier (Hz)
    double bandwidth{20e6};                  //!< bandwidth (Hz)
    uint32_t nBands{1};                      //!< sub-bands
    uint32_t nAntennas{8};                   //!< N of a row half a wavelength apart
    uint32_t nLinks{1000};                   //!< links, at least 20
    uint32_t nTimes{100};                    //!< times that K factors are estimated from
    double distance{100.0};                  //!< horizontal distance of AP and UE (m)
    double azimuth{30.0};                    //!< of the UE, from the array's broadside (degrees)
    double speed{5.0};                       //!< of the UEs (m/s)
    std::vector<double> lags; //!< of the autocorrelation, in coherence times, ascending
};

/**
 * @ingroup cellfree-isac
 * @brief One figure of a channel beside what theory says of it.
 */
struct CellFreeChannelFigure
{
    double abscissa;    //!< antenna, lag (s) or separation (Hz)
    double value;       //!< mean over links
    double halfWidth95; //!< half width of its 95 % confidence interval; NaN of one link alone
    double theory;      //!< what the fading model says it is
};

/**
 * @ingroup cellfree-isac
 * @brief What a CellFreeChannelStudy finds.
 */
struct CellFreeChannelReport
{
    double coherenceTime{0.0};                   //!< of a link (s)
    double losShare{0.0};                        //!< links in line of sight over all
    CellFreeChannelFigure power{};               //!< mean |g|^2 of an antenna; theory: 1
    std::vector<CellFreeChannelFigure> kFactor;  //!< K (dB); empty unless links in LOS have one K
    std::vector<CellFreeChannelFigure> losPower; //!< K / (K + 1), mean of links in LOS; or empty
    std::vector<CellFreeChannelFigure> spatial;  //!< antennas 0 and n
    std::vector<CellFreeChannelFigure> temporal; //!< over lags, as given
    std::vector<CellFreeChannelFigure> spectral; //!< sub-bands 0 and b
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Draws links and measures them against what CellFreeFadingModel says of its own process.
 *
 * Correlations are of what fades, which is the coefficients without the mean of GetStatistics(),
 * and complex ones are taken along the phase that theory gives them: their mean is the magnitude.
 *
 * K is estimated from the mean and variance of |g|^2 over links, antennas and times 3.7 coherence
 * times apart: with gamma = variance / mean^2, K / (K + 1) = sqrt(1 - gamma) (L. J. Greenstein, D.
 * G. Michelson, V. Erceg, "Moment-Method Estimation of the Ricean K-Factor", IEEE Commun. Lett.
 * 3(6), 1999). Where links have different K each is estimated alone.
 *
 * Uses and destroys the simulator.
 *
 * @param study what to measure
 * @return what is found
 */
CellFreeChannelReport MeasureChannel(const CellFreeChannelStudy& study);

/**
 * @ingroup cellfree-isac
 * @brief Separation at which the magnitude of a frequency correlation first falls to a level, by
 * linear interpolation.
 * @param separations ascending, from 0 (Hz)
 * @param magnitudes of the correlation there
 * @param level the level, below 1
 * @return the separation (Hz); NaN if the correlation stays above
 */
double GetCoherenceBandwidth(const std::vector<double>& separations,
                             const std::vector<double>& magnitudes,
                             double level);

} // namespace cellfree

} // namespace ns3

#endif // CELL_FREE_CHANNEL_STUDY_H
