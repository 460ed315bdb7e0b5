// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_ESTIMATE_STUDY_H
#define CELL_FREE_ESTIMATE_STUDY_H

#include "ns3/cell-free-scenario-draw.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief What policies reach where channels are estimates: the same draws for all of them.
 */
struct CellFreeEstimateStudy
{
    std::vector<CellFreeScenario> points; //!< with Rayleigh fading and pilots
    uint32_t draws{300};                  //!< problems at every point, at least 2
    uint64_t firstNumber{0};              //!< of the draws: see cellfree::DrawScenarioProblem()
    double sensingWeight{0.0};            //!< of all targets
    uint32_t jobs{1};                     //!< threads, at least 1
};

/**
 * @ingroup cellfree-isac
 * @brief What a method reaches at a point of a CellFreeEstimateStudy.
 */
struct CellFreeEstimateFigure
{
    std::string method;           //!< see cellfree::MeasureEstimates()
    double sumRate{0.0};          //!< mean over draws (bit/s/Hz)
    double sumRateHalfWidth{0.0}; //!< half width of its 95 % confidence interval
    double share{0.0};            //!< sumRate over that of robust
    double shareHalfWidth{0.0};   //!< the same of it: draws are paired, so it is narrower
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Measures the mean true sum rate of policies on the channels of a simulation.
 *
 * Methods: perfect (joint on the true channels), believing (joint, IgnoreErrors), promised (robust,
 * Objective = promised), robust, gnn, gnn-believing (IgnoreErrors), rzf. All but the first see
 * estimates and their error variances, and are scored by IsacExpectedRate: with Rayleigh fading,
 * the mean over the true channels is exact, and only that over draws is sampled. Attributes that
 * have other defaults act, as that of a gnn's WeightFile.
 *
 * Point by point the same numbers of draws are used, so that points which differ in pilots alone
 * have the same places and channels. Uses and destroys the simulator.
 *
 * @param study what to measure
 * @param onPoint called after every point with its index and the figures in the order above
 * @return an empty string, or one line that says what is wrong
 */
std::string MeasureEstimates(
    const CellFreeEstimateStudy& study,
    const std::function<void(std::size_t point, const std::vector<CellFreeEstimateFigure>&)>&
        onPoint);

} // namespace cellfree

} // namespace ns3

#endif // CELL_FREE_ESTIMATE_STUDY_H
