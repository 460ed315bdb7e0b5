// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_PROBLEM_RECORDER_H
#define CELL_FREE_PROBLEM_RECORDER_H

#include "ns3/cell-free-link.h"
#include "ns3/isac-problem-json.h"
#include "ns3/object.h"

#include <cstdint>
#include <deque>
#include <fstream>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Writes the problems that a link's policy meets to a file, one a line, in the format of
 * cellfree-isac-solve (isac-problem-json.h).
 *
 * Line i, counted from 0, is decision i times "every" of the link, row 1 + i times "every" of the
 * DecisionTrace. A problem is what the policy was given: the believed channel in watts, weights (of
 * sensing, if the policy takes them) and the combining gain. A line also holds the policy's MinSinr
 * at that moment, where it has this
 * attribute, and the true channel of the slot in which the beams take effect; not where the run
 * ends or a UE leaves before that.
 *
 * The file is written under its name with ".part" appended and renamed when the recorder is
 * disposed of.
 */
class CellFreeProblemRecorder : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeProblemRecorder();
    ~CellFreeProblemRecorder() override;

    /**
     * @brief Tries to write where a recording would be written.
     * @param path the file
     * @return an empty string if it can be written, else one line that says what is wrong
     */
    static std::string FindFileError(const std::string& path);

    /**
     * @brief Open the file and connect to a link; aborts if the file cannot be written.
     * @param path the file
     * @param every every how many decisions one is recorded, at least 1
     * @param link the link, with its policy set
     */
    void Open(const std::string& path, uint64_t every, Ptr<CellFreeLink> link);

    /// Complete the file: close and rename it. Does nothing if it is not open.
    void Close();

    /// @return the number of problems recorded
    uint64_t GetNRecorded() const;

  protected:
    void DoDispose() override;

  private:
    /**
     * @brief Takes a problem down if its turn has come.
     * @param cpu whose decision it is
     * @param decision the decision
     * @param problem the problem
     * @param plan its answer
     */
    void Record(CellFreeCpu* cpu,
                const CellFreeDecision& decision,
                const IsacProblem& problem,
                const CellFreeSlotPlan& plan);

    /// A problem whose beams are on their way.
    struct Pending
    {
        IsacProblemLine line;      //!< what is known of it
        std::vector<uint32_t> aps; //!< APs of the problem
        std::vector<uint32_t> ues; //!< UEs of the problem
        bool isMet{false};         //!< whether the true channel is known
    };

    /// Adds the true channel to a problem whose beams take effect now. @param number its line
    void Meet(uint64_t number);

    Ptr<CellFreeLink> m_link;      //!< the link
    std::string m_path;            //!< final name
    std::ofstream m_stream;        //!< open on the name with ".part" appended
    uint64_t m_every{1};           //!< decisions per recorded one
    uint64_t m_nSeen{0};           //!< decisions so far
    uint64_t m_nRecorded{0};       //!< problems recorded
    std::deque<Pending> m_pending; //!< not written yet, the latest ones in the order of decisions
    IsacProblem m_truth;           //!< the channel that the beams meet
};

} // namespace ns3

#endif // CELL_FREE_PROBLEM_RECORDER_H
