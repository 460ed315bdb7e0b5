// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_SCENARIO_DRAW_H
#define CELL_FREE_SCENARIO_DRAW_H

#include "ns3/isac-problem.h"

#include <cstdint>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Sizes and places of a scenario that DrawScenarioProblem() draws.
 */
struct CellFreeScenario
{
    uint32_t nAps{16};         //!< M >= 1
    uint32_t nUes{8};          //!< U
    uint32_t nTargets{1};      //!< T
    uint32_t nAntennas{8};     //!< N >= 1, a row half a wavelength apart
    double side{1000.0};       //!< side of the square (m), > 0
    double txPower{23.0};      //!< limit of each AP (dBm)
    double apHeight{10.0};     //!< height of the APs (m)
    double ueHeight{1.5};      //!< height of the UEs (m)
    double targetHeight{50.0}; //!< height of the targets (m)
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Draws a problem from the channel classes that a simulation uses, for training.
 *
 * APs, UEs and targets are uniform in a square; the channel is a CellFreeChannelModel with its
 * default attributes: path loss, shadowing, line of sight, fading, arrays and echo gains are those
 * of a simulation that CellFreeIsacHelper set up.
 *
 * Makes nodes and destroys the simulator afterwards: not for use beside a simulation, nor in two
 * threads at a time.
 *
 * @param scenario sizes and places
 * @param number number of the draw, below 2^51, taken as ns-3's run number while it lasts; equal
 * ones give equal problems with equal RngSeed
 * @param[out] problem the problem in watts
 */
void DrawScenarioProblem(const CellFreeScenario& scenario, uint64_t number, IsacProblem& problem);

} // namespace cellfree

} // namespace ns3

#endif // CELL_FREE_SCENARIO_DRAW_H
