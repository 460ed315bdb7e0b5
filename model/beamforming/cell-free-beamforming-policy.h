// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_BEAMFORMING_POLICY_H
#define CELL_FREE_BEAMFORMING_POLICY_H

#include "isac-decision-context.h"

#include "ns3/isac-problem.h"
#include "ns3/object.h"

#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief A beamforming policy: a function from a problem to beams, chosen by TypeId.
 *
 * To write your own, derive from this class, implement DoComputeBeams() and register a TypeId.
 */
class CellFreeBeamformingPolicy : public Object
{
  public:
    /// What one decision cost on this machine. Never part of what a simulation computes.
    struct Cost
    {
        uint32_t iterations{0}; //!< iterations of the policy's solver; 0 for a closed form
        double seconds{0.0};    //!< wall time (s)
        std::string error;      //!< empty, or one line that says why there are no beams
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    ~CellFreeBeamformingPolicy() override;

    /**
     * @brief Computes the beams of one decision.
     *
     * The beams depend on the arguments and on the policy's attributes alone. They meet every
     * AP's power limit (8b) and are zero where the problem's masks are false.
     *
     * @param problem the channels that the policy believes, in watts; valid as FindProblemError()
     * defines it
     * @param[out] beams one stream per UE, then one per target, in sqrt(W); all zero on an error
     * @param previous beams of an earlier decision in the same stream order and size, which an
     * iterative policy may start from; null if there are none
     * @return the cost of the decision, and why it failed if it did; the caller decides whether
     * that ends the program
     */
    Cost ComputeBeams(const IsacProblem& problem,
                      IsacBeams& beams,
                      const IsacBeams* previous = nullptr);

    /**
     * @brief Computes the beams of one decision in all sub-bands, without beams to start from.
     * @param problems one problem per sub-band, as ComputeBeams() takes them, all of one size
     * @param[out] beams as many as problems
     * @return the cost of the decision, and why it failed if it did
     */
    Cost ComputeBands(const std::vector<IsacProblem>& problems, std::vector<IsacBeams>& beams);

    /**
     * @brief Says whether the policy wants all sub-bands of a decision at once.
     * @return true if a CPU is to call ComputeBands(); by default false
     */
    virtual bool AnswersBands() const;

    /**
     * @brief Says whether the policy wants to know what surrounds a decision, and what became of
     * it.
     * @return true if a CPU is to call Announce() and Learn(); by default false
     */
    virtual bool Learns() const;

    /**
     * @brief Tells what surrounds the next decision. By default nothing is done.
     * @param context it
     */
    virtual void Announce(const IsacDecisionContext& context);

    /**
     * @brief Tells what beams met, after each downlink slot. By default nothing is done.
     * @param outcome it
     * @return an empty string, or what went wrong, which ends the run
     */
    virtual std::string Learn(const IsacDecisionOutcome& outcome);

    /**
     * @brief Says whether the beams depend on the problem's sensing weights.
     * @return true if a decision takes IsacProblem::sensingWeight into account
     */
    virtual bool UsesSensingWeight() const;

    /**
     * @brief Says what is wrong with the policy's settings, such as a file that cannot be read.
     * Whoever installs a policy asks before anything is written.
     * @return an empty string, or one line
     */
    virtual std::string FindError() const;

    /**
     * @brief Says why the policy cannot answer a problem. ComputeBeams() asks, and gives no beams
     * then.
     * @param problem the problem, in watts or normalised
     * @return an empty string, or one line; by default what FindError() says
     */
    virtual std::string FindMisfit(const IsacProblem& problem) const;

  protected:
    /**
     * @brief Says, within a decision, that it has failed; its beams are dropped then.
     * @param error why, a line
     */
    void Fail(const std::string& error);

  private:
    /**
     * @brief Computes the beams of a normalised problem: unit powers and noises.
     * @param problem the normalised problem
     * @param[in,out] beams sized for the problem and zero on entry; ||F_m||^2 <= 1 on return
     * @param previous normalised beams to start from, or null
     * @return the number of iterations, 0 for a closed form
     */
    virtual uint32_t DoComputeBeams(const IsacProblem& problem,
                                    IsacBeams& beams,
                                    const IsacBeams* previous) = 0;

    /**
     * @brief Computes the beams of normalised problems, one per sub-band; by default one by one.
     * @param problems the normalised problems, which may be moved from
     * @param[in,out] beams as DoComputeBeams() gets them
     * @return the number of iterations, 0 for a closed form
     */
    virtual uint32_t DoComputeBands(std::vector<IsacProblem>& problems,
                                    std::vector<IsacBeams>& beams);

    /**
     * @brief Takes beams back to watts, if the decision has not failed.
     * @param problem the problem in watts
     * @param[in,out] beams its beams; all zero on an error
     * @param[in,out] cost what the decision cost; its error is set
     */
    void Finish(const IsacProblem& problem, IsacBeams& beams, Cost& cost) const;

    IsacProblem m_normalised;         //!< the problem as DoComputeBeams() sees it
    IsacBeams m_previous;             //!< normalised copy of the beams to start from
    std::vector<IsacProblem> m_bands; //!< the problems as DoComputeBands() sees them
    std::string m_failure;            //!< see Fail()
};

} // namespace ns3

#endif // CELL_FREE_BEAMFORMING_POLICY_H
