// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_TRACK_WRITER_H
#define CELL_FREE_TRACK_WRITER_H

#include "cell-free-trace-file.h"
#include "cell-free-track-scorer.h"

#include "ns3/object.h"

#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Writes what CPUs with trackers find and follow: TrackTrace and DetectionTrace, two
 * tab-separated files with one header row.
 *
 * DetectionTrace has a row for each detection, false alarms among them. TrackTrace has, after each
 * dwell, a row for each track, and one of number -1 where there is none. In all rows of a dwell
 * stand GOSPA and OSPA of a CellFreeTrackScorer.
 */
class CellFreeTrackWriter : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeTrackWriter();
    ~CellFreeTrackWriter() override;

    /**
     * @brief Open the files and connect to the CPUs of a link; aborts if a file cannot be written.
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
    /**
     * @brief Writes the rows of a dwell.
     * @param score how well the tracks tell of the targets
     * @param scan what the dwell told
     * @param tracks what the tracker made of it
     */
    void Write(const CellFreeTrackScore& score,
               const CellFreeScan& scan,
               const std::vector<CellFreeTrack>& tracks);

    CellFreeTraceFile m_track;         //!< TrackTrace
    CellFreeTraceFile m_detection;     //!< DetectionTrace
    Ptr<CellFreeTrackScorer> m_scorer; //!< compares tracks with the truth
};

} // namespace ns3

#endif // CELL_FREE_TRACK_WRITER_H
