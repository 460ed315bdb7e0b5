// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_REPORT_TRACE_H
#define CELL_FREE_REPORT_TRACE_H

#include "cell-free-trace-file.h"

#include "ns3/cell-free-link.h"
#include "ns3/cell-free-sensing-server.h"
#include "ns3/object.h"

#include <ostream>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief The reports that servers received: ReportTrace.tsv and a line per CPU for people.
 */
class CellFreeReportTrace : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeReportTrace();
    ~CellFreeReportTrace() override;

    /**
     * @brief Create the file; aborts if it cannot be written.
     * @param outputDir directory, which exists
     * @param simTag text between the name of the trace and its ending
     */
    void Open(const std::string& outputDir, const std::string& simTag);

    /**
     * @brief Follow a server; nothing happens if it is followed already.
     * @param server the server
     */
    void Add(Ptr<CellFreeSensingServer> server);

    /**
     * @brief Follow all servers that are installed on nodes.
     * @param link if given, without those on the CPUs of other links
     */
    void AddAll(Ptr<const CellFreeLink> link = nullptr);

    /// Complete the trace. Does nothing if it is not open.
    void Close();

    /**
     * @brief Print what became of each CPU's reports. Call at the end of the run, before
     * Simulator::Destroy().
     * @param out where to
     */
    void Print(std::ostream& out) const;

  protected:
    void DoDispose() override;

  private:
    /// Writes a row. @param report the row
    void Write(const CellFreeReport& report);

    CellFreeTraceFile m_trace;                         //!< ReportTrace
    std::vector<Ptr<CellFreeSensingServer>> m_servers; //!< those that are followed
};

} // namespace ns3

#endif // CELL_FREE_REPORT_TRACE_H
