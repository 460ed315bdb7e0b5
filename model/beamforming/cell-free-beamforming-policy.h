// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_BEAMFORMING_POLICY_H
#define CELL_FREE_BEAMFORMING_POLICY_H

#include "ns3/isac-problem.h"
#include "ns3/object.h"

#include <string>

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
     * @brief Says whether the beams depend on the problem's sensing weights.
     * @return true if a decision takes IsacProblem::sensingWeight into account
     */
    virtual bool UsesSensingWeight() const;

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

    IsacProblem m_normalised; //!< the problem as DoComputeBeams() sees it
    IsacBeams m_previous;     //!< normalised copy of the beams to start from
};

} // namespace ns3

#endif // CELL_FREE_BEAMFORMING_POLICY_H
