// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_PYTHON_POLICY_H
#define CELL_FREE_PYTHON_POLICY_H

#include "cell-free-plugin-policy.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Beams from a function in Python: beams(problem) of a script of the user's own.
 *
 * Python runs inside the program, from the first such policy on. The script is read once; then
 *
 * - begin(run), if there is one, is called once, with run.seed, run.run and run.argument;
 * - beams(problem) is called for each decision and sub-band and returns an array [M, U+T, N] of
 *   numbers, the UEs' streams first. The fields of the normalised problem (cellfree::Normalise())
 * are NumPy views that are not to be written to: h [M, U, N], a [M, T, N], omega [M, T],
 *   errorVariance [M, U], serving [M, U], sensing [M, T], weight [U], sensingWeight [T]; beside
 *   them slot, effect, time, band, ap, ue and target as IsacDecisionContext has them. Views stay
 *   valid for as long as the script keeps them;
 * - outcome(result), if there is one, is called after each downlink slot with what the beams met,
 * the fields of IsacDecisionOutcome.
 *
 * An exception ends the run.
 */
class CellFreePythonPolicy : public CellFreePluginPolicy
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  private:
    IsacPolicyPlugin::Settings GetSettings() const override;
    std::unique_ptr<IsacPolicyPlugin> OpenPlugin(const IsacPolicyPlugin::Settings& settings,
                                                 std::string& error) const override;

    std::string m_script;   //!< attribute Script
    std::string m_argument; //!< attribute Argument
};

} // namespace ns3

#endif // CELL_FREE_PYTHON_POLICY_H
