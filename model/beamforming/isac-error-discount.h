// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_ERROR_DISCOUNT_H
#define ISAC_ERROR_DISCOUNT_H

#include "ns3/isac-problem.h"

namespace ns3
{

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Takes the error variances of a normalised problem into its channels.
 *
 * What UE u can be promised, knowing no more of its gain than the estimate says, has the SINR
 * |h_u^H f_u|^2 / (sum_{s != u} |h_u^H f_s|^2 + sum_m e_mu ||F_m||^2 + 1) (the worst case of
 * uncorrelated noise, M. Medard, IEEE Trans. Inf. Theory 46(3), 2000). Where every AP sends at its
 * limit, the errors' term does not depend on the beams, and this is equation (4) of the channel
 * h_u / (1 + sum_m e_mu)^1/2: whoever solves problems without errors solves this one too.
 *
 * @param[in,out] problem a normalised problem; afterwards without error variances
 */
void DiscountErrors(IsacProblem& problem);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_ERROR_DISCOUNT_H
