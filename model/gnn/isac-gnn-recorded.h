// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_GNN_RECORDED_H
#define ISAC_GNN_RECORDED_H

#include "isac-gnn-batch.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Problems from a file, such as one that a simulation recorded, to train on.
 *
 * The format is that of ReadProblemLine(). Problems of different sizes may be mixed: a batch takes
 * problems of one size, each size as often as it occurs.
 */
class IsacGnnRecordedProblems
{
  public:
    /**
     * @brief Reads a file.
     * @param path the file
     * @return an empty string, or one line that names the file, the line and what was expected
     */
    std::string Load(const std::string& path);

    /**
     * @brief Draws the problems of one batch, with replacement. Call it after Load() succeeded.
     * @param seed equal seeds give equal batches
     * @param count number of problems, >= 1
     * @param sensingWeight beta_s of problems without their own; drawn as in
     * IsacGnnDraw::DrawSensingWeight() if it has no value
     * @param[out] samples the problems, normalised
     */
    void DrawSamples(uint64_t seed,
                     int64_t count,
                     std::optional<double> sensingWeight,
                     IsacGnnSamples& samples) const;

  private:
    /// A problem and its own sensing weight.
    struct Record
    {
        IsacProblem problem;                 //!< normalised
        std::optional<double> sensingWeight; //!< beta_s
    };

    std::vector<std::vector<Record>> m_groups; //!< problems of equal size
    std::vector<double> m_groupShares;         //!< weight of each group in a draw: its size
};

} // namespace ns3

#endif // ISAC_GNN_RECORDED_H
