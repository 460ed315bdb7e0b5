// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_CONJUGATE_SOLVER_H
#define ISAC_CONJUGATE_SOLVER_H

#include "ns3/isac-problem.h"

namespace ns3
{

/// How conjugate beamforming shares an AP's power among the UEs that it serves.
enum ConjugatePowerSharing
{
    CONJUGATE_EQUAL, //!< f_mu = sqrt(P_m / U_m) h_mu / ||h_mu||, U_m the number of UEs served
    CONJUGATE_NORM   //!< f_mu = sqrt(P_m) h_mu / sqrt(sum_i ||h_mi||^2): power goes by ||h_mu||^2
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Conjugate (maximum-ratio) communication beams at every AP's full power; no sensing.
 *
 * A UE whose channel from an AP is zero takes none of that AP's power.
 *
 * @param problem a valid problem
 * @param sharing how an AP's power is shared among its UEs
 * @param[out] beams the beams, sized here
 */
void ComputeConjugateBeams(const IsacProblem& problem,
                           ConjugatePowerSharing sharing,
                           IsacBeams& beams);

/**
 * @ingroup cellfree-isac
 * @brief Conjugate sensing beams f_mt = sqrt(P_m / T) a_mt / ||a_mt|| at full power; no UE streams.
 *
 * With one target this reaches the upper bound sum_m omega_m P_m N of the sensing SNR (7).
 *
 * @param problem a valid problem
 * @param[out] beams the beams, sized here
 */
void ComputeConjugateSensingBeams(const IsacProblem& problem, IsacBeams& beams);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_CONJUGATE_SOLVER_H
