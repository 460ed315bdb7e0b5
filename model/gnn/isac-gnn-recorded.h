// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_GNN_RECORDED_H
#define ISAC_GNN_RECORDED_H

#include "isac-gnn-draw.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Problems from a file, such as one that a simulation recorded, to train on.
 *
 * The format is that of ReadProblemLine(). Problems of different sizes may be mixed: a batch takes
 * problems of one size, each size as often as it occurs. Problems keep the weights that they were
 * recorded with.
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
     * @param[out] problems the problems, normalised
     */
    void DrawProblems(uint64_t seed, int64_t count, std::vector<IsacProblem>& problems) const;

  private:
    std::vector<std::vector<IsacProblem>> m_groups; //!< normalised problems of equal size
    std::vector<double> m_groupShares;              //!< weight of each group in a draw: its size
};

} // namespace ns3

#endif // ISAC_GNN_RECORDED_H
