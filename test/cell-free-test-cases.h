// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_TEST_CASES_H
#define CELL_FREE_TEST_CASES_H

#include "ns3/test.h"

namespace ns3
{

/// @name The test cases of the system by subject: each adds its own to the suite
/// @{
void AddLinkLevelTests(TestSuite& suite);       //!< error model, adaptation, impairments, frame
void AddBearerTests(TestSuite& suite);          //!< bearers and the MAC
void AddNetworkTests(TestSuite& suite);         //!< packets end to end
void AddUplinkTests(TestSuite& suite);          //!< belief and shares of the uplink
void AddDelayTests(TestSuite& suite);           //!< beams that take effect later
void AddSensingTests(TestSuite& suite);         //!< dwells
void AddGuestTests(TestSuite& suite);           //!< UEs and targets that come and go
void AddSeveralCpusTests(TestSuite& suite);     //!< CPUs that share a link
void AddReproducibilityTests(TestSuite& suite); //!< traces, seeds, common random numbers
void AddHabitTests(TestSuite& suite);           //!< Config paths, pcap, streams, logs, defaults
/// @}

} // namespace ns3

#endif // CELL_FREE_TEST_CASES_H
