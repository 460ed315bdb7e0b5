// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_TRACE_WRITER_H
#define CELL_FREE_TRACE_WRITER_H

#include "ns3/cell-free-link.h"
#include "ns3/cell-free-sensing.h"
#include "ns3/object.h"

#include <fstream>
#include <string>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Writes the trace sources of one link to tab-separated files with one header row.
 *
 * UeTrace, SensingTrace and DecisionTrace hold what a seed fixes; CostTrace holds the policy's
 * wall time, which no two runs share. Ratios below -300 dB are written as -300. A file is written
 * under its name with ".part" appended and renamed when the writer is disposed of.
 */
class CellFreeTraceWriter : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeTraceWriter();
    ~CellFreeTraceWriter() override;

    /**
     * @brief Creates a directory if it is missing and tries to write in it.
     * @param outputDir the directory
     * @return an empty string if it can be written, else one line that says what is wrong
     */
    static std::string FindDirectoryError(const std::string& outputDir);

    /**
     * @brief Open the files and connect to a link; aborts if a file cannot be written.
     * @param outputDir directory, created if missing
     * @param simTag text between the name of a trace and ".tsv"
     * @param link the link
     */
    void Open(const std::string& outputDir, const std::string& simTag, Ptr<CellFreeLink> link);

    /// Complete the files: close and rename them. Does nothing if they are not open.
    void Close();

    /// @return the directory and name of the UeTrace, for a message to the user
    std::string GetUeTracePath() const;

  protected:
    void DoDispose() override;

  private:
    /// One trace file.
    struct File
    {
        std::string path;     //!< final name
        std::ofstream stream; //!< open on the name with ".part" appended
    };

    /**
     * @brief Opens one file and writes its header row; aborts if that fails.
     * @param file the file
     * @param path its final name
     * @param header names of the columns, tab-separated
     */
    static void OpenFile(File& file, const std::string& path, const std::string& header);

    /**
     * @brief Closes and renames one file; aborts if a row was not written.
     * @param file the file
     */
    static void CloseFile(File& file);

    /// Writes a row of the UeTrace. @param sample the row
    void WriteUeSample(const CellFreeUeSample& sample);
    /// Writes a row of the SensingTrace. @param dwell the row
    void WriteDwell(const CellFreeDwell& dwell);
    /// Writes a row of the DecisionTrace and one of the CostTrace. @param decision the row
    void WriteDecision(const CellFreeDecision& decision);

    std::string m_policy; //!< TypeId name of the link's policy
    File m_ue;            //!< UeTrace
    File m_sensing;       //!< SensingTrace
    File m_decision;      //!< DecisionTrace
    File m_cost;          //!< CostTrace
};

} // namespace ns3

#endif // CELL_FREE_TRACE_WRITER_H
