// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_SCENARIO_DRAW_H
#define CELL_FREE_SCENARIO_DRAW_H

#include "ns3/isac-problem.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Sizes, places, channel and channel knowledge of a scenario that DrawScenarioProblem()
 * draws.
 */
struct CellFreeScenario
{
    /// Small-scale fading, as --fading of cellfree-isac-example names it.
    enum Fading
    {
        RAYLEIGH,  //!< CellFreeRayleighFading; where estimates age, with Clarke's Doppler spectrum
        RICIAN,    //!< CellFreeSpatialFading, links in line of sight with their drawn K factors
        CORRELATED //!< CellFreeSpatialFading without lines of sight
    };

    uint32_t nAps{16};         //!< M >= 1
    uint32_t nUes{8};          //!< U
    uint32_t nTargets{1};      //!< T
    uint32_t nAntennas{8};     //!< N >= 1, a row half a wavelength apart
    double side{1000.0};       //!< side of the square (m), > 0
    double txPower{23.0};      //!< limit of each AP (dBm)
    double apHeight{10.0};     //!< height of the APs (m)
    double ueHeight{1.5};      //!< height of the UEs (m)
    double targetHeight{50.0}; //!< height of the targets (m)
    Fading fading{RAYLEIGH};   //!< small-scale fading between APs and UEs
    uint32_t clusterSize{0};   //!< APs that serve a UE, its strongest; 0: all, and no mask
    uint32_t pilotLength{0};   //!< orthogonal pilots of CellFreePilotCsi; 0: perfect CSI
    double pilotPower{23.0};   //!< power that a UE sends its pilot with (dBm)
    double ueSpeed{0.0};       //!< speed of the UEs, each in a direction of its own (m/s), >= 0
    double csiAge{0.0};        //!< time from the pilots to the problem (s), >= 0
};

/**
 * @ingroup cellfree-isac
 * @brief What of scenarios is fixed when DrawScenario() draws the rest.
 */
struct CellFreeScenarioRange
{
    std::optional<double> side;                     //!< side of the square (m)
    std::optional<bool> hasPilots;                  //!< estimates, or perfect CSI
    std::optional<CellFreeScenario::Fading> fading; //!< small-scale fading
    std::optional<uint32_t> clusterSize; //!< APs that serve a UE, at most all; 0: all, no mask
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Reads a fading as --fading names it.
 * @param name rayleigh, rician or correlated
 * @return the fading, or nothing if it is none of them
 */
std::optional<CellFreeScenario::Fading> FindScenarioFading(const std::string& name);

/**
 * @ingroup cellfree-isac
 * @brief Draws what a range leaves open, for training on scenarios of many kinds.
 *
 * The side is log-uniform in 100 .. 1500 m. Fading is Rayleigh in half of the draws, Rician in a
 * quarter and correlated in a quarter. In 0.3 of the draws with several APs a UE is served by fewer
 * than all, by a log-uniform number. 0.7 of the draws have estimates from pilots: 2 .. U + 4 of
 * them with 5 .. 25 dBm, both uniform; in half of these UEs move with up to 30 m/s, uniform, and
 * the estimate has a uniform age within an update period that is log-uniform in 0.5 .. 10 ms.
 *
 * @param sizes M, U, T and N
 * @param range what is fixed
 * @param seed seed of the draw
 * @return the scenario
 */
CellFreeScenario DrawScenario(const CellFreeScenario& sizes,
                              const CellFreeScenarioRange& range,
                              uint64_t seed);

/**
 * @ingroup cellfree-isac
 * @brief Draws a problem from the channel classes that a simulation uses, for training and studies.
 *
 * APs, UEs and targets are uniform in a square; the channel is a CellFreeChannelModel with its
 * default attributes but for the fading, the CSI is CellFreePilotCsi or perfect, and clusters are
 * those of CellFreeStrongestAps: path loss, shadowing, line of sight, fading, arrays, echo gains,
 * estimates and masks are those of a simulation that CellFreeIsacHelper set up. UEs send their
 * pilots once and move on for csiAge; no packet is sent.
 *
 * With Rayleigh fading the channel is CN(h, e I) given the problem, e being its errorVariance. With
 * correlated fading e is the mean over antennas of an error that is correlated; with a line of
 * sight e leaves out that its phase turns while an estimate ages: see CellFreePilotCsi.
 *
 * Makes nodes and destroys the simulator afterwards: not for use beside a simulation, nor in two
 * threads at a time.
 *
 * @param scenario sizes, places, channel and CSI
 * @param number number of the draw, below 2^51, taken as ns-3's run number while it lasts; equal
 * ones give equal problems with equal RngSeed, and equal places and shadowing also in scenarios
 * that differ in fading, CSI and clusters alone
 * @param[out] problem the problem in watts, as a CPU believes it
 * @param[out] truth the channels that beams really meet, or null
 */
void DrawScenarioProblem(const CellFreeScenario& scenario,
                         uint64_t number,
                         IsacProblem& problem,
                         IsacProblem* truth = nullptr);

/**
 * @ingroup cellfree-isac
 * @brief Draws problems of one size, each from a scenario of its own.
 *
 * Where one has a mask all have, and where one has error variances all have, of ones and zeros:
 * they fit one batch.
 *
 * @param sizes M, U, T and N
 * @param range what of the scenarios is fixed
 * @param seed equal ones give equal problems with equal RngSeed
 * @param[in,out] problems as many as there are become problems, normalised
 */
void DrawScenarioProblems(const CellFreeScenario& sizes,
                          const CellFreeScenarioRange& range,
                          uint64_t seed,
                          std::vector<IsacProblem>& problems);

} // namespace cellfree

} // namespace ns3

#endif // CELL_FREE_SCENARIO_DRAW_H
