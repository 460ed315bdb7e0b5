// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-cases.h"

namespace ns3
{

CellFreeTestSuite::CellFreeTestSuite()
    : TestSuite("cellfree-isac", TestSuite::Type::UNIT)
{
    AddLinkLevelTests(*this);
    AddBandTests(*this);
    AddBearerTests(*this);
    AddNetworkTests(*this);
    AddUplinkTests(*this);
    AddDelayTests(*this);
    AddSensingTests(*this);
    AddClosedLoopTests(*this);
    AddGuestTests(*this);
    AddSeveralCpusTests(*this);
    AddReproducibilityTests(*this);
    AddConservationTests(*this);
    AddLoadTests(*this);
    AddReportTests(*this);
    AddTrackingTests(*this);
    AddHabitTests(*this);
}

namespace
{

/// The suite registers itself.
CellFreeTestSuite g_cellFreeIsacTestSuite;

} // namespace

} // namespace ns3
