// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_RUN_METRICS_H
#define CELL_FREE_RUN_METRICS_H

#include "ns3/cell-free-run-statistics.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ns3
{

/// A metric of a run: its name, its unit, and how many decimals a reader wants.
struct CellFreeMetric
{
    const char* name;      //!< as in comparison.tsv
    const char* unit;      //!< for readers
    const char* column;    //!< name with unit, as in drops.tsv
    int decimals;          //!< in a table
    cellfree::Range range; //!< what it can be
    /// True if it is about parts that many runs lack: left out of tables where no run has it.
    bool isOptional{false};
};

/// What a run gave one UE that has downlink traffic. NaN stands for "no packet".
struct CellFreeUserMetrics
{
    uint32_t ueId{0};       //!< node id
    double throughput{0.0}; //!< received rate of its downlink flows (Mb/s)
    double meanDelay{0.0};  //!< of its packets (ms)
    double p99Delay{0.0};   //!< 99 % of its packets are faster (ms)
    double loss{0.0};       //!< packets lost (%)
    double waiting{0.0};    //!< packets neither received nor lost at the end (%)
};

/// What a run's decisions cost on the machine that ran it.
struct CellFreeCostMetrics
{
    uint64_t n{0};    //!< decisions
    double mean{0.0}; //!< wall time (us); NaN without decisions
    double p50{0.0};  //!< median wall time (us)
    double p99{0.0};  //!< 99th percentile of the wall time (us)
};

/**
 * @ingroup cellfree-isac
 * @brief The metrics of one finished run, from its trace files.
 *
 * Flows that carry acknowledgements of TCP are left out. Throughput is what a flow received from
 * its first packet to the end of the run, IP headers included. Packets sent are received, lost, or
 * waiting at the end, see CellFreeFlow. Delays are those of all packets of all downlink flows.
 * The rate is
 * the mean log2(1 + SINR) that the downlink blocks met. Sensing SNRs are the mean ratio over the
 * dwells of all targets.
 *
 * With a tracker, dwells that looked elsewhere while a target had a track are left out of the three
 * means over dwells. The error is the mean distance of tracks that are not tentative to the targets
 * that GOSPA assigns to them, over tracks and dwells; GOSPA is its mean over dwells. The time to
 * the first track is that from the first dwell of a target to the first such track of it, or to the
 * end of the last dwell if there was none, mean over the targets (a restricted mean: P. Royston, M.
 * Parmar, "Restricted mean survival time", BMC Medical Research Methodology 13:152, 2013), so that
 * who tracks only the easy targets does not look quick. The age of information is the mean over
 * time of the age of the newest report that has arrived, from the first arrival to the end of the
 * last dwell (S. Kaul, R. Yates, M. Gruteser, "Real-time status: how often should one update?",
 * INFOCOM 2012), mean over CPUs.
 */
struct CellFreeRunMetrics
{
    /// The metrics that a seed fixes, in the order of values.
    static const std::vector<CellFreeMetric>& GetMetrics();

    std::vector<double> values;             //!< one per metric; NaN where the run has none
    std::vector<CellFreeUserMetrics> users; //!< in ascending order of node ids
    CellFreeCostMetrics cost;               //!< not reproducible

    /**
     * @brief Read the files of a run.
     * @param folder holds FlowTrace, DelayTrace, UeTrace, SensingTrace and CostTrace, and
     *        TrackTrace and ReportTrace where targets are tracked and reported
     * @return an empty string, or one line that says what is wrong with a file
     */
    std::string Read(const std::string& folder);

  private:
    /// Reads FlowTrace and DelayTrace. @param folder see Read() @return see Read()
    std::string ReadFlows(const std::string& folder);
    /// Reads UeTrace. @param folder see Read() @return see Read()
    std::string ReadBlocks(const std::string& folder);
    /// Reads SensingTrace. @param folder see Read() @return see Read()
    std::string ReadDwells(const std::string& folder);
    /// Reads TrackTrace, if there is one. @param folder see Read() @return see Read()
    std::string ReadTracks(const std::string& folder);
    /// Reads ReportTrace, if there is one. @param folder see Read() @return see Read()
    std::string ReadReports(const std::string& folder);
    /// Reads CostTrace. @param folder see Read() @return see Read()
    std::string ReadCosts(const std::string& folder);
};

} // namespace ns3

#endif // CELL_FREE_RUN_METRICS_H
