// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_POLICY_PLUGIN_H
#define ISAC_POLICY_PLUGIN_H

#include "isac-decision-context.h"

#include "ns3/isac-problem.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief What computes the beams of a CellFreePluginPolicy, in a library that is opened on demand.
 *
 * Such a library links none of ns-3's: it sees these structs, and what is inline in their headers.
 */
class IsacPolicyPlugin
{
  public:
    /// What a plugin is opened with.
    struct Settings
    {
        std::string file;              //!< path of what the user brings
        std::string argument;          //!< a text for it
        std::string device;            //!< where to compute
        bool isSinglePrecision{false}; //!< whether it gets numbers of single precision
        uint32_t threads{1};           //!< threads to compute with
        uint64_t seed{0};              //!< seed of the simulation
        uint64_t run{0};               //!< run of the simulation

        /// @return whether two plugins are opened alike. @param other settings of another one
        bool operator==(const Settings& other) const
        {
            return file == other.file && argument == other.argument && device == other.device &&
                   isSinglePrecision == other.isSinglePrecision && threads == other.threads &&
                   seed == other.seed && run == other.run;
        }
    };

    virtual ~IsacPolicyPlugin() = default;

    /**
     * @brief Computes the beams of one decision. The caller enforces power limits and masks.
     * @param context what surrounds the decision
     * @param problems one normalised problem per sub-band, all of one size, with errorVariance and
     * masks filled in; those that the plugin keeps hold of it moves from
     * @param[in,out] beams sized for the problems and zero on entry
     * @return an empty string, or what went wrong: a line, and maybe a traceback below it
     */
    virtual std::string ComputeBeams(const IsacDecisionContext& context,
                                     std::vector<IsacProblem>& problems,
                                     std::vector<IsacBeams>& beams) = 0;

    /// @return whether it wants to know outcomes
    virtual bool Learns() const
    {
        return false;
    }

    /**
     * @brief Learns what beams met.
     * @param outcome it
     * @return an empty string, or what went wrong
     */
    virtual std::string Learn(const IsacDecisionOutcome& outcome)
    {
        (void)outcome;
        return {};
    }
};

/**
 * @ingroup cellfree-isac
 * @brief The one function of a plugin's library, OpenIsacPolicyPlugin().
 * @param settings what to open
 * @param[out] error empty, or what is wrong
 * @return the plugin, or null
 */
using IsacOpenPolicyPlugin = IsacPolicyPlugin*(const IsacPolicyPlugin::Settings& settings,
                                               std::string& error);

} // namespace ns3

#endif // ISAC_POLICY_PLUGIN_H
