// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_PLUGIN_POLICY_H
#define CELL_FREE_PLUGIN_POLICY_H

#include "cell-free-beamforming-policy.h"
#include "isac-policy-plugin.h"

#include "ns3/traced-callback.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ns3
{

/// What was wrong with beams that came from outside, in one sub-band of one decision.
struct CellFreeBeamCorrection
{
    double time{0.0};      //!< start of the slot of the decision (s)
    uint64_t slot{0};      //!< slot of the decision
    uint32_t band{0};      //!< sub-band
    uint32_t nAps{0};      //!< APs that were scaled down to their limit
    double maxLoad{0.0};   //!< largest power of an AP over its limit, as the beams came
    double maskedPower{0}; //!< sum over APs of the power over the limit that the masks forbid
};

/**
 * @ingroup cellfree-isac
 * @brief Base of the policies whose beams a user's own file computes, in a library that is opened
 * when such a policy is asked for.
 *
 * What comes back is made to keep the rules: beams that are not finite are an error, streams of APs
 * that must not send them become zero, and an AP above its power limit is scaled down to it. Each
 * decision that had to be corrected fires the trace source Correction.
 *
 * The file is opened when FindError() or the first decision asks for it, and anew when an attribute
 * or the run's seed has changed since; a policy that was checked and never used hands what it
 * opened on to the next one with the same attributes.
 */
class CellFreePluginPolicy : public CellFreeBeamformingPolicy
{
  public:
    /// TracedCallback signature of the Correction trace source.
    typedef void (*CorrectionTracedCallback)(const CellFreeBeamCorrection& correction);

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreePluginPolicy();
    ~CellFreePluginPolicy() override;

    bool UsesSensingWeight() const override;
    bool AnswersBands() const override;
    bool Learns() const override;
    void Announce(const IsacDecisionContext& context) override;
    std::string Learn(const IsacDecisionOutcome& outcome) override;
    std::string FindError() const override;

  protected:
    /// The library of a kind of plugin.
    struct Library
    {
        const char* name;    //!< name of the file, or an empty string if it was not built
        const char* missing; //!< what to say where it is not there
        bool isGlobal;       //!< whether libraries that it opens must see what it links
    };

    /**
     * @brief Opens a plugin of a library beside the module's own.
     * @param library which
     * @param settings what to open
     * @param[out] error empty, or what is wrong
     * @return the plugin, or null
     */
    static std::unique_ptr<IsacPolicyPlugin> OpenLibrary(const Library& library,
                                                         const IsacPolicyPlugin::Settings& settings,
                                                         std::string& error);

  private:
    /// @return what to open, but for seed and run
    virtual IsacPolicyPlugin::Settings GetSettings() const = 0;

    /**
     * @brief Opens what computes the beams.
     * @param settings what to open
     * @param[out] error empty, or what is wrong
     * @return the plugin, or null
     */
    virtual std::unique_ptr<IsacPolicyPlugin> OpenPlugin(const IsacPolicyPlugin::Settings& settings,
                                                         std::string& error) const = 0;

    uint32_t DoComputeBeams(const IsacProblem& problem,
                            IsacBeams& beams,
                            const IsacBeams* previous) override;
    uint32_t DoComputeBands(std::vector<IsacProblem>& problems,
                            std::vector<IsacBeams>& beams) override;

    /// Opens the file, unless it is open as the attributes say.
    void Open() const;

    /**
     * @brief Makes normalised beams keep masks and power limits.
     * @param band sub-band
     * @param[in,out] beams its beams
     * @return an empty string, or why they cannot
     */
    std::string Correct(uint32_t band, IsacBeams& beams);

    mutable std::unique_ptr<IsacPolicyPlugin> m_plugin;         //!< what computes, once it is open
    mutable std::optional<IsacPolicyPlugin::Settings> m_opened; //!< what it was opened with
    mutable std::string m_error;                                //!< why it could not be opened
    mutable bool m_isUsed{false};                               //!< whether it has computed beams
    IsacDecisionContext m_context;                              //!< of the next decision
    std::vector<IsacProblem> m_single;                          //!< see DoComputeBeams()
    std::vector<IsacBeams> m_singleBeams;                       //!< see DoComputeBeams()
    /// Of each problem, which the plugin may move from, M x S: whether an AP may send a stream.
    std::vector<Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic>> m_masks;
    TracedCallback<const CellFreeBeamCorrection&> m_correctionTrace; //!< beams broke the rules
};

} // namespace ns3

#endif // CELL_FREE_PLUGIN_POLICY_H
