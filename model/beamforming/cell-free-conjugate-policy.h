// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_CONJUGATE_POLICY_H
#define CELL_FREE_CONJUGATE_POLICY_H

#include "cell-free-beamforming-policy.h"
#include "isac-conjugate-solver.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Conjugate communication: every AP sends matched beams to its UEs and no sensing stream.
 */
class CellFreeConjugatePolicy : public CellFreeBeamformingPolicy
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  private:
    uint32_t DoComputeBeams(const IsacProblem& problem,
                            IsacBeams& beams,
                            const IsacBeams* previous) override;

    ConjugatePowerSharing m_sharing; //!< attribute PowerSharing
};

/**
 * @ingroup cellfree-isac
 * @brief Conjugate sensing: every AP sends matched beams to the targets and nothing to the UEs.
 */
class CellFreeConjugateSensingPolicy : public CellFreeBeamformingPolicy
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  private:
    uint32_t DoComputeBeams(const IsacProblem& problem,
                            IsacBeams& beams,
                            const IsacBeams* previous) override;
};

} // namespace ns3

#endif // CELL_FREE_CONJUGATE_POLICY_H
