// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_SUMMARY_H
#define CELL_FREE_SUMMARY_H

#include "cell-free-flow-trace.h"
#include "cell-free-track-scorer.h"

#include "ns3/cell-free-link.h"
#include "ns3/object.h"

#include <map>
#include <ostream>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief A table for people: what every flow of a UE got, how well every target was seen and
 * tracked, what a decision took, and where CPUs have a CellFreeEnergyModel, what a bit took.
 */
class CellFreeSummary : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeSummary();
    ~CellFreeSummary() override;

    /**
     * @brief Listen to the CPUs of a link. Call before the simulation starts.
     * @param link the link, all CPUs installed
     */
    void Connect(Ptr<CellFreeLink> link);

    /**
     * @brief Print the table.
     * @param out where to
     * @param flows what the packets met, of CellFreeFlowTrace::GetFlows()
     */
    void Print(std::ostream& out, const std::vector<CellFreeFlow>& flows) const;

  private:
    /// Mean of the values added to it.
    struct Mean
    {
        double sum{0.0}; //!< sum of the values
        uint64_t n{0};   //!< number of values

        /// Adds a value. @param value the value
        void Add(double value)
        {
            sum += value;
            ++n;
        }

        /// @return the mean; NaN without values
        double Get() const
        {
            return sum / n;
        }
    };

    /// What is known of one target.
    struct Target
    {
        Mean snr;         //!< SNR (7), per symbol
        Mean combinedSnr; //!< after combining
        Mean pd;          //!< detection probability
        Mean detected;    //!< 1 for a dwell with a detection, else 0
    };

    /// Prints how well targets were tracked, if a CPU has a tracker. @param out where to
    void PrintTracks(std::ostream& out) const;

    /// Prints what the CPUs' energy models say, if there are any. @param out where to
    void PrintEnergy(std::ostream& out) const;

    /// Takes a stream down. @param sample the stream
    void OnUeSample(const CellFreeUeSample& sample);
    /// Takes a dwell down. @param dwell the dwell
    void OnDwell(const CellFreeDwell& dwell);
    /// Takes a decision down. @param decision the decision
    void OnDecision(const CellFreeDecision& decision);

    std::map<uint32_t, Mean> m_rate;      //!< by UE id: log2(1 + SINR) of its downlink streams
    std::map<uint32_t, Target> m_targets; //!< by target id
    Mean m_decisionTime;                  //!< wall time of a decision (s)
    std::vector<Ptr<CellFreeCpu>> m_cpus; //!< the CPUs
    Ptr<CellFreeTrackScorer> m_scorer;    //!< compares tracks with the truth
};

} // namespace ns3

#endif // CELL_FREE_SUMMARY_H
