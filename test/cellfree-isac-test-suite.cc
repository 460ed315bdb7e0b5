// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-cases.h"

using namespace ns3;

namespace
{

/**
 * @ingroup cellfree-isac-test
 * @brief All test cases of the system; the classes below it have GoogleTests.
 */
class CellFreeIsacTestSuite : public TestSuite
{
  public:
    CellFreeIsacTestSuite()
        : TestSuite("cellfree-isac", TestSuite::Type::UNIT)
    {
        AddLinkLevelTests(*this);
        AddBearerTests(*this);
        AddNetworkTests(*this);
        AddUplinkTests(*this);
        AddDelayTests(*this);
        AddSensingTests(*this);
        AddGuestTests(*this);
        AddSeveralCpusTests(*this);
        AddReproducibilityTests(*this);
        AddHabitTests(*this);
    }
};

/// The suite registers itself.
CellFreeIsacTestSuite g_cellFreeIsacTestSuite;

} // namespace
