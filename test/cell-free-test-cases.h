// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_TEST_CASES_H
#define CELL_FREE_TEST_CASES_H

#include "ns3/test.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac-test
 * @brief All test cases of the system; the classes below it have GoogleTests.
 */
class CellFreeTestSuite : public TestSuite
{
  public:
    CellFreeTestSuite();

    using TestSuite::AddTestCase;
};

/// @name The test cases of the system by subject: each adds its own to the suite
/// @{
void AddLinkLevelTests(CellFreeTestSuite& suite);   //!< error model, adaptation, impairments, frame
void AddBandTests(CellFreeTestSuite& suite);        //!< sub-bands
void AddBearerTests(CellFreeTestSuite& suite);      //!< bearers and the MAC
void AddNetworkTests(CellFreeTestSuite& suite);     //!< packets end to end
void AddUplinkTests(CellFreeTestSuite& suite);      //!< belief and shares of the uplink
void AddDelayTests(CellFreeTestSuite& suite);       //!< beams that take effect later
void AddSensingTests(CellFreeTestSuite& suite);     //!< dwells
void AddClosedLoopTests(CellFreeTestSuite& suite); //!< sensing weights that hold Pd
void AddGuestTests(CellFreeTestSuite& suite);       //!< UEs and targets that come and go
void AddSeveralCpusTests(CellFreeTestSuite& suite); //!< CPUs that share a link
void AddReproducibilityTests(CellFreeTestSuite& suite); //!< traces, seeds, common random numbers
void AddConservationTests(CellFreeTestSuite& suite);    //!< bytes in random configurations
void AddLoadTests(CellFreeTestSuite& suite);            //!< loads, schedulers, beams that are kept
void AddReportTests(CellFreeTestSuite& suite);          //!< sensing reports under load
void AddTrackingTests(CellFreeTestSuite& suite);        //!< tracks end to end
void AddHabitTests(CellFreeTestSuite& suite); //!< Config paths, pcap, streams, logs, defaults
/// @}

} // namespace ns3

#endif // CELL_FREE_TEST_CASES_H
