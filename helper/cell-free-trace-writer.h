// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_TRACE_WRITER_H
#define CELL_FREE_TRACE_WRITER_H

#include "cell-free-flow-trace.h"
#include "cell-free-map-writer.h"
#include "cell-free-report-trace.h"
#include "cell-free-trace-file.h"
#include "cell-free-track-writer.h"

#include "ns3/cell-free-energy-model.h"
#include "ns3/cell-free-link.h"
#include "ns3/cell-free-plugin-policy.h"
#include "ns3/cell-free-sensing.h"
#include "ns3/object.h"

#include <map>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Writes the trace sources of one link and its CPUs to tab-separated files with one header
 * row.
 *
 * UeTrace, SensingTrace, DecisionTrace, ClusterTrace, FronthaulTrace and EnergyTrace hold what a
 * seed fixes; CostTrace holds the policy's wall time, which no two runs share. FlowTrace and
 * DelayTrace come from a CellFreeFlowTrace, with FlowMonitor's XML beside them, PositionTrace and
 * BeamTrace from a CellFreeMapWriter, TrackTrace and DetectionTrace from a CellFreeTrackWriter,
 * ReportTrace from a CellFreeReportTrace. CorrectionTrace is there where a CPU has a
 * CellFreePluginPolicy, and tells which of its beams were corrected;
 * configuration.json says what was run. Ratios below -300 dB are written as -300. A file is written
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
     * @brief Open the files and connect to a link and its CPUs; aborts if a file cannot be written.
     * @param outputDir directory, created if missing
     * @param simTag text between the name of a trace and ".tsv"
     * @param link the link
     */
    void Open(const std::string& outputDir, const std::string& simTag, Ptr<CellFreeLink> link);

    /**
     * @brief Say something in configuration.json that only the scenario knows.
     * @param name what it is called
     * @param text what to say
     */
    void Describe(const std::string& name, const std::string& text);

    /// Complete the files: close and rename them. Does nothing if they are not open.
    void Close();

    /// @return the flows' statistics, empty before the simulation starts
    Ptr<CellFreeFlowTrace> GetFlowTrace() const;

    /// @return what arrived of the CPUs' reports, empty before the simulation starts
    Ptr<CellFreeReportTrace> GetReportTrace() const;

    /// @return the directory and name of the UeTrace, for a message to the user
    std::string GetUeTracePath() const;

  protected:
    void DoInitialize() override;
    void DoDispose() override;

  private:
    /// Sets whether flows are followed. @param hasFlows whether
    void SetFlows(bool hasFlows);
    /// @return whether flows are followed
    bool GetFlows() const;

    /// @return directory and name of a file without its ending. @param name its name without tag
    std::string GetPathStem(const std::string& name) const;

    /// Writes a row of the UeTrace. @param sample the row
    void WriteUeSample(const CellFreeUeSample& sample);
    /// Writes a row of the SensingTrace. @param dwell the row
    void WriteDwell(const CellFreeDwell& dwell);
    /// Writes a row of the DecisionTrace and one of the CostTrace. @param decision the row
    void WriteDecision(const CellFreeDecision& decision);
    /// Writes a row of the CorrectionTrace. @param correction the row
    void WriteCorrection(const CellFreeBeamCorrection& correction);
    /// Writes a row of the ClusterTrace. @param change the row
    void WriteClusterChange(const CellFreeClusterChange& change);
    /// Writes a row of the FronthaulTrace. @param load the row
    void WriteLoad(const CellFreeFronthaulLoad& load);
    /// Writes a row of the EnergyTrace. @param sample the row
    void WriteEnergy(const CellFreeEnergySample& sample);

    CellFreeTraceFile m_ue;                               //!< UeTrace
    CellFreeTraceFile m_sensing;                          //!< SensingTrace
    CellFreeTraceFile m_decision;                         //!< DecisionTrace
    CellFreeTraceFile m_cluster;                          //!< ClusterTrace
    CellFreeTraceFile m_correction;                       //!< CorrectionTrace, or closed
    CellFreeTraceFile m_cost;                             //!< CostTrace
    CellFreeTraceFile m_fronthaul;                        //!< FronthaulTrace
    CellFreeTraceFile m_energy;                           //!< EnergyTrace
    CellFreeTraceFile m_flow;                             //!< FlowTrace
    CellFreeTraceFile m_delay;                            //!< DelayTrace
    std::string m_outputDir;                              //!< directory of the files
    std::string m_simTag;                                 //!< text in the names of the files
    std::map<std::string, std::string> m_descriptions;    //!< see Describe()
    std::string m_configuration;                          //!< what is being run, in JSON
    Ptr<CellFreeLink> m_link;                             //!< the link, until it is disposed of
    std::vector<Ptr<CellFreeEnergyModel>> m_energyModels; //!< of its CPUs, those that have one
    bool m_hasFlows{true};                                //!< see the attribute Flows
    Ptr<CellFreeFlowTrace> m_flows;                       //!< what the packets met
    Ptr<CellFreeMapWriter> m_map;                         //!< PositionTrace and BeamTrace
    Ptr<CellFreeReportTrace> m_reports;                   //!< ReportTrace
    Ptr<CellFreeTrackWriter> m_tracks;                    //!< TrackTrace and DetectionTrace
};

} // namespace ns3

#endif // CELL_FREE_TRACE_WRITER_H
