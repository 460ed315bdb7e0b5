// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_MAP_WRITER_H
#define CELL_FREE_MAP_WRITER_H

#include "cell-free-trace-file.h"

#include "ns3/cell-free-link.h"
#include "ns3/event-id.h"
#include "ns3/object.h"
#include "ns3/vector.h"

#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Writes what a map of a run needs: where the nodes are, and where the beams point.
 *
 * PositionTrace has every node at fixed intervals, APs and the CPU once. BeamTrace has the
 * horizontal radiation pattern of every AP for one decision of each interval: the first that serves
 * a UE and a target, of the kinds that the link has.
 */
class CellFreeMapWriter : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeMapWriter();
    ~CellFreeMapWriter() override;

    /**
     * @brief Open the files and connect to a link; aborts if a file cannot be written.
     * @param outputDir directory, which exists
     * @param simTag text between the name of a trace and ".tsv"
     * @param link the link
     */
    void Open(const std::string& outputDir, const std::string& simTag, Ptr<CellFreeLink> link);

    /// Complete the files: close and rename them. Does nothing if they are not open.
    void Close();

  protected:
    void DoDispose() override;

  private:
    /// Writes the nodes that are written once, and begins to sample the others.
    void Start();
    /// Writes the position of the UEs and targets.
    void SamplePositions();

    /**
     * @brief Writes a row of the PositionTrace.
     * @param kind AP, UE, target or CPU
     * @param nodeId the node's id
     * @param position its position now (m)
     */
    void WritePosition(const char* kind, uint32_t nodeId, const Vector& position);

    /**
     * @brief Writes the beams of a decision if they are the first of an interval.
     * @param cpu number of the CPU on the link
     * @param decision the decision
     * @param problem the problem that it saw
     * @param plan what was decided
     */
    void WriteBeams(std::size_t cpu,
                    const CellFreeDecision& decision,
                    const IsacProblem& problem,
                    const CellFreeSlotPlan& plan);

    Time m_positionInterval;       //!< between two samples of the positions
    Time m_beamInterval;           //!< in which one decision is written; zero for none
    uint32_t m_angleStep;          //!< between two directions (degrees)
    Ptr<CellFreeLink> m_link;      //!< the link, or null if no files are open
    std::vector<Time> m_nextBeams; //!< by CPU: earliest time of the next decision to write
    EventId m_event;               //!< next sample of the positions
    CellFreeTraceFile m_position;  //!< PositionTrace
    CellFreeTraceFile m_beam;      //!< BeamTrace
};

} // namespace ns3

#endif // CELL_FREE_MAP_WRITER_H
