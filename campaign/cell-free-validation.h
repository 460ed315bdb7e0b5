// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_VALIDATION_H
#define CELL_FREE_VALIDATION_H

#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief One figure of a comparison with something published.
 */
struct CellFreeValidationRow
{
    std::string quantity;    //!< what it is, without tabs
    double value{0.0};       //!< what this module computes
    double halfWidth95{0.0}; //!< half width of its 95 % confidence interval; 0 if it is exact
    std::string unit;        //!< its unit; "1" for a ratio
    /// What the source says; NaN if it gives no number.
    double published{std::numeric_limits<double>::quiet_NaN()};
    std::string source; //!< the source: author, title or number, equation, table or figure
};

/**
 * @ingroup cellfree-isac
 * @brief A named group of comparisons.
 */
struct CellFreeValidationCase
{
    std::string name;  //!< name on the command line: lower case, words joined by hyphens
    std::string about; //!< one line
    std::function<std::vector<CellFreeValidationRow>()> run; //!< computes the rows; fixed seeds
};

namespace cellfree
{

/// @return every case of cellfree-isac-validate, in the order of its output
std::vector<CellFreeValidationCase> GetValidationCases();

/// @return path loss, line of sight, fading: see CellFreeChannelModel
std::vector<CellFreeValidationCase> GetChannelValidationCases();

/// @return bounds of position and velocity errors: see CellFreeEstimator
std::vector<CellFreeValidationCase> GetCrlbValidationCases();

/// @return estimates from pilots: see CellFreePilotCsi
std::vector<CellFreeValidationCase> GetCsiValidationCases();

/// @return spectral efficiencies of a textbook's set-up
std::vector<CellFreeValidationCase> GetBookValidationCases();

/// @return block error rates and transport block sizes
std::vector<CellFreeValidationCase> GetLinkValidationCases();

/// @return echoes at symbol level: see IsacEcho
std::vector<CellFreeValidationCase> GetEchoValidationCases();
/// @return cross sections of targets, and the radar equation
std::vector<CellFreeValidationCase> GetTargetValidationCases();

/// @return arithmetic of fronthaul loads and of energy
std::vector<CellFreeValidationCase> GetFronthaulValidationCases();

/// @return distances between sets of targets and tracks
std::vector<CellFreeValidationCase> GetTrackingValidationCases();

} // namespace cellfree

} // namespace ns3

#endif // CELL_FREE_VALIDATION_H
