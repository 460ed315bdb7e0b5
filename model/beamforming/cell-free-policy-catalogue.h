// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_POLICY_CATALOGUE_H
#define CELL_FREE_POLICY_CATALOGUE_H

#include "cell-free-beamforming-policy.h"

#include <string>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Creates a beamforming policy from a short name or from a TypeId's name.
 *
 * Short names are those of GetBeamformingPolicyNames(); any registered subclass of
 * CellFreeBeamformingPolicy with a default constructor is accepted by its full TypeId name, so
 * that a user's own policy needs no entry here.
 *
 * @param name a short name, such as "joint", or a TypeId name, such as "ns3::CellFreeJointPolicy"
 * @param[out] error empty on success, else one line that says what is wrong with the name
 * @return the policy with its default attributes, or null
 */
Ptr<CellFreeBeamformingPolicy> CreateBeamformingPolicy(const std::string& name, std::string& error);

/**
 * @ingroup cellfree-isac
 * @brief Get the short names of all policies, also of those that this build lacks.
 * @return the names, separated by ", "
 */
std::string GetBeamformingPolicyNames();

/**
 * @ingroup cellfree-isac
 * @brief The name that CreateBeamformingPolicy() makes a policy of this class from.
 * @param policy the policy
 * @return its short name, or its TypeId's name if it has none
 */
std::string GetBeamformingPolicyName(Ptr<const CellFreeBeamformingPolicy> policy);

} // namespace ns3

#endif // CELL_FREE_POLICY_CATALOGUE_H
