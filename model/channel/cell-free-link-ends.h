// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_LINK_ENDS_H
#define CELL_FREE_LINK_ENDS_H

#include "ns3/mobility-model.h"
#include "ns3/phased-array-model.h"
#include "ns3/ptr.h"

#include <cstdint>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief The two ends of a radio link between an AP and a UE: all that large-scale and fading
 * models know of it.
 */
struct CellFreeLinkEnds
{
    uint32_t apId{0};                  //!< node id of the AP
    uint32_t ueId{0};                  //!< node id of the UE
    Ptr<MobilityModel> ap;             //!< where the AP is
    Ptr<MobilityModel> ue;             //!< where the UE is
    Ptr<const PhasedArrayModel> array; //!< the AP's array; the UE has one isotropic antenna
    uint32_t apIndex{0};               //!< index of the AP in its channel model
    uint32_t ueIndex{0};               //!< index of the UE in its channel model
};

} // namespace ns3

#endif // CELL_FREE_LINK_ENDS_H
