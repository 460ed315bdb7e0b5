// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_PROBLEM_JSON_H
#define ISAC_PROBLEM_JSON_H

#include "isac-metrics.h"
#include "isac-problem.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief One line of a problem file: a problem and what the line asks of a policy.
 *
 * The format is JSON lines, one object a line, all in linear units:
 * `{"h": [m][u][n] of [re,im], "a": [m][t][n] of [re,im], "omega": [m][t], "power": [m],
 * "noise": [u], "sensingNoise": x}`, and optionally the other fields of IsacProblem (`"weight"`
 * [u],
 * `"sensingWeight"` a number or [t], `"combiningGain"`, `"errorVariance"` [m][u], `"serving"`
 * [m][u] and `"sensing"` [m][t] of booleans) and those of this struct. A field of any other name is
 * an error. Without UEs "h" may be `[]`, without targets "a" and "omega" may be `[]`. With neither,
 * the number of antennas is taken as 1. A line has at most MAX_LENGTH bytes.
 */
struct IsacProblemLine
{
    /// Limit of the length of a line (bytes).
    static constexpr std::size_t MAX_LENGTH = std::size_t{1} << 26;

    IsacProblem problem;         //!< the problem, valid as cellfree::FindProblemError() defines it
    bool hasSensingWeight{true}; //!< "sensingWeight": false leaves every beta_t at 1
    std::optional<double> minSinr; //!< "minSinr": least SINR of every UE (linear), >= 0
    std::optional<double> time;    //!< "time": of the decision (s)
    std::optional<uint32_t> band;  //!< "band": index of the sub-band
    std::vector<uint32_t> ap;      //!< "ap": node ids of the APs in their order, or empty
    std::vector<uint32_t> ue;      //!< "ue": node ids of the UEs in their order, or empty
    std::vector<uint32_t> target;  //!< "target": node ids of the targets in their order, or empty
    /**
     * "hTrue": channels that the beams really meet, each shaped as IsacProblem::h: [m][u][n] of
     * [re,im], or a list of several such channels; empty if the line does not tell.
     */
    std::vector<Eigen::MatrixXcd> hTrue;
};

/**
 * @ingroup cellfree-isac
 * @brief The answer to one problem.
 */
struct IsacAnswer
{
    IsacBeams beams;       //!< the beams (sqrt(W))
    IsacMetrics metrics;   //!< what the beams reach
    double objective{0.0}; //!< objective (8a) at the line's weights (bit/s/Hz)
    /// U: mean over hTrue of the rates (bit/s/Hz); empty if the line has no hTrue
    Eigen::VectorXd trueRate;
    /// U: mean of the rates over the channels that the line's errorVariance leaves possible
    /// (bit/s/Hz); empty if the line has none
    Eigen::VectorXd expectedRate;
    std::optional<bool> feasible; //!< whether the least SINR can be met, where one was asked for
    uint32_t iterations{0};       //!< iterations of the policy's solver; 0 for a closed form
    double seconds{0.0};          //!< wall time of the decision (s)
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Reads one line of a problem file.
 * @param text the line
 * @param[out] line the problem and the line's own settings; memory of equal size is reused
 * @return an empty string on success, else one line naming the field, the index and what was
 * expected
 */
std::string ReadProblemLine(const std::string& text, IsacProblemLine& line);

/**
 * @ingroup cellfree-isac
 * @brief Writes one line of a problem file; ReadProblemLine() gives back the same doubles.
 * @param line the problem and the line's own settings
 * @return the line, without its end
 */
std::string WriteProblemLine(const IsacProblemLine& line);

/**
 * @ingroup cellfree-isac
 * @brief Writes one line of an answer file: `{"f": [m][s][n] of [re,im], "rate": [u], "sinr": [u],
 * "sensingSnr": [t], "objective": x, "iterations": n, "seconds": x}`, `"feasible"` if it has a
 * value, `"trueRate"` [u] with `"trueSinr"` [u], the SINR that has this rate, and `"expectedRate"`
 * [u] if there is one.
 * @param answer the answer
 * @return the line, without its end
 */
std::string WriteAnswerLine(const IsacAnswer& answer);

/**
 * @ingroup cellfree-isac
 * @brief Writes the line that stands for a problem that could not be solved: `{"error": "..."}`.
 * @param message the reason
 * @return the line, without its end
 */
std::string WriteErrorLine(const std::string& message);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_PROBLEM_JSON_H
