// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_FILE_TRACE_H
#define CELL_FREE_FILE_TRACE_H

#include "cell-free-file-traffic.h"
#include "cell-free-trace-file.h"

#include "ns3/object.h"

#include <ostream>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief What became of the files of CellFreeFileTraffic: FileTrace.tsv and a few lines for people.
 */
class CellFreeFileTrace : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeFileTrace();
    ~CellFreeFileTrace() override;

    /**
     * @brief Create the file; aborts if it cannot be written.
     * @param outputDir directory, which exists
     * @param simTag text between the name of the trace and its ending
     */
    void Open(const std::string& outputDir, const std::string& simTag);

    /**
     * @brief Follow the files of a UE. Call before it starts.
     * @param traffic what sends them
     */
    void Add(Ptr<CellFreeFileTraffic> traffic);

    /**
     * @brief Add the files that are not finished, and complete the trace. Call at the end of the
     * run, before Simulator::Destroy().
     */
    void Close();

    /**
     * @brief Print how many files came and how long they took. Call after Close().
     * @param out where to
     */
    void Print(std::ostream& out) const;

    /// @return the files, the finished ones in the order of their ends, the others after Close()
    const std::vector<CellFreeFile>& GetFiles() const;

  protected:
    void DoDispose() override;

  private:
    /// Takes a file down. @param file the file
    void OnFile(const CellFreeFile& file);

    CellFreeTraceFile m_trace;                       //!< FileTrace
    std::vector<Ptr<CellFreeFileTraffic>> m_traffic; //!< what is followed
    std::vector<CellFreeFile> m_files;               //!< files so far
};

} // namespace ns3

#endif // CELL_FREE_FILE_TRACE_H
