// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_ECHO_STUDY_H
#define CELL_FREE_ECHO_STUDY_H

#include "ns3/isac-echo.h"

#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Dwells on one target at symbol level, to be measured against closed forms.
 *
 * APs stand on a circle, with rows of antennas half a wavelength apart along it, around a target
 * that moves within. Every transmitter sends a beam of 1 W matched to the target. Echoes are as
 * strong as the bistatic radar equation has them relative to each other; the noise is what makes
 * N_r L times equation (7) the SNR that is asked for.
 */
struct CellFreeEchoStudy
{
    Eigen::Index nTransmitters{3};            //!< M >= 1
    Eigen::Index nReceivers{3};               //!< R >= 1
    Eigen::Index nTransmitAntennas{8};        //!< N_t >= 1
    Eigen::Index nReceiveAntennas{4};         //!< N_r >= 1
    bool isSeparate{false};                   //!< receivers are no transmitters: AP M + r, not AP r
    IsacEchoGrid grid{64, 32, 480e3, 0.5e-3}; //!< resource elements of a dwell
    double frequency{3.5e9};                  //!< carrier (Hz)
    double radius{150.0};                     //!< of the circle (m)
    double speed{30.0};                       //!< of the target (m/s)
    IsacWaveform waveform{ISAC_QPSK};         //!< of the streams
    IsacFluctuation fluctuation{ISAC_SWERLING_1}; //!< of the target: Swerling I, III or constant
    bool isEqual{false};                          //!< all pairs have one SNR
    double snr{100.0}; //!< N_r L times (7), over thermal noise, linear, > 0
    /// Over snr, for Pd: 16 to 0 dB less.
    std::vector<double> relativeSnrs{0.0251189, 0.0630957, 0.158489, 0.398107, 1.0};
    double rocRelativeSnr{0.0630957}; //!< the same for the ROC; 0: none
    double pfa{0.01};                 //!< probability of false alarm, 1e-30 to 0.5
    double selfInterference{0.0};     //!< residue of a receiver's own AP over its noise, linear
    Eigen::Index nClutter{6};         //!< points at rest; 0: no clutter
    /// Gain of each one's strongest pair over the target's, between elements, linear.
    double clutterRatio{100.0};
    int64_t nDwells{3000};   //!< for probabilities, >= 2
    int64_t nEstimates{500}; //!< dwells to estimate from, >= 2; 0: none
    bool isMapped{true};     //!< whether to draw a range-Doppler map
};

/**
 * @ingroup cellfree-isac
 * @brief A figure that was measured, beside what theory says.
 */
struct CellFreeEchoFigure
{
    std::string quantity; //!< what it is
    double value;         //!< as measured
    double halfWidth99;   //!< half width of its 99 % confidence interval
    double theory;        //!< closed form
    std::string unit;     //!< its unit; "1" for a ratio
};

/**
 * @ingroup cellfree-isac
 * @brief A point of a receiver operating characteristic.
 */
struct CellFreeRocPoint
{
    std::string detector;  //!< whose
    double snr;            //!< N_r L times (7), linear
    double pfa;            //!< what the threshold was designed for
    double measuredPfa;    //!< dwells without echo beyond the threshold, over all
    double pfaHalfWidth99; //!< half width of its 99 % interval
    double measuredPd;     //!< dwells with echo beyond the threshold, over all
    double pdHalfWidth99;  //!< half width of its 99 % interval
    double theory;         //!< Pd by the closed form
};

/**
 * @ingroup cellfree-isac
 * @brief Where something is in a map of one pair.
 */
struct CellFreeEchoMark
{
    std::string kind; //!< target or clutter
    double delay;     //!< (s)
    double doppler;   //!< (Hz)
};

/**
 * @ingroup cellfree-isac
 * @brief What a CellFreeEchoStudy finds.
 */
struct CellFreeEchoReport
{
    std::vector<CellFreeEchoFigure> snr;         //!< of raw echoes
    std::vector<CellFreeEchoFigure> falseAlarms; //!< shares of dwells without an echo
    std::vector<CellFreeEchoFigure> detections;  //!< shares of dwells with one, by SNR
    std::vector<CellFreeEchoFigure> estimates;   //!< errors of the strongest pair
    std::vector<CellFreeEchoFigure> clutter;     //!< what clutter leaves
    std::vector<CellFreeRocPoint> roc;           //!< Pd over Pfa at one SNR
    Eigen::VectorXd delays;                      //!< of the map (s)
    Eigen::VectorXd dopplers;                    //!< of the map (Hz)
    Eigen::MatrixXd before;              //!< power over noise of the strongest pair's looks, linear
    Eigen::MatrixXd after;               //!< the same after what is at rest was removed
    std::vector<CellFreeEchoMark> marks; //!< in the map
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Draws dwells and measures them.
 *
 * Echo and noise pass the receiver, which is linear, each by itself, so that the same dwells serve
 * every SNR. Figures of different SNRs are therefore not independent; each one's interval holds.
 *
 * @param study what to measure
 * @param uniform source of randomness
 * @return what was found
 */
CellFreeEchoReport MeasureEchoes(const CellFreeEchoStudy& study, const IsacUniform& uniform);

} // namespace cellfree

} // namespace ns3

#endif // CELL_FREE_ECHO_STUDY_H
