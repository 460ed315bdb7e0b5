// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_SCAN_H
#define CELL_FREE_SCAN_H

#include "ns3/cell-free-aim.h"
#include "ns3/isac-target-bound.h"
#include "ns3/nstime.h"
#include "ns3/vector.h"

#include <Eigen/Core>
#include <cstdint>
#include <vector>

namespace ns3
{

/// Position (m), then velocity (m/s).
using CellFreeState = IsacTargetState;
/// Covariance of a CellFreeState (m^2, m^2/s, m^2/s^2).
using CellFreeStateCovariance = IsacStateMatrix;

/**
 * @ingroup cellfree-isac
 * @brief What the echoes of a dwell say of one place; whether a target or noise made it, nobody who
 * reads it can tell.
 */
struct CellFreeDetection
{
    Time time;                                  //!< what it is true of
    CellFreeState state{CellFreeState::Zero()}; //!< estimate
    CellFreeStateCovariance covariance =        //!< of its error, as the receiver believes
        CellFreeStateCovariance::Zero();
    double snr{0.0}; //!< combined SNR as it was measured, linear
};

/// One aim of a dwell, and what was to be expected of it.
struct CellFreeScanLook
{
    CellFreeAim aim;        //!< where the network looked
    double pd{0.0};         //!< believed probability to detect a target there
    double weight{0.0};     //!< weight beta_t in the objective at the end of the dwell
    double trackError{0.0}; //!< of a TRACK: believed rms error of its position (m)
};

/**
 * @ingroup cellfree-isac
 * @brief All that a dwell tells a CPU: the only way from echoes to tracks.
 */
struct CellFreeScan
{
    Time start;                                //!< start of the dwell
    Time end;                                  //!< end of the dwell
    std::vector<CellFreeScanLook> looks;       //!< where the network looked
    std::vector<CellFreeDetection> detections; //!< what it found, in no order of meaning
    /// False alarms that are expected (1 / (m^3 (m/s)^3)), the same everywhere.
    double falseAlarmDensity{0.0};
};

/**
 * @ingroup cellfree-isac
 * @brief What a tracker believes of one target.
 */
struct CellFreeTrack
{
    /// How sure the tracker is.
    enum Status
    {
        TENTATIVE, //!< seen too seldom to be believed
        CONFIRMED, //!< believed, and seen lately
        COASTING,  //!< believed, but missed since it was seen, where that was unlikely: it is lost
    };

    uint32_t id{0};                             //!< number, never used again
    Status status{TENTATIVE};                   //!< how sure the tracker is
    Time time;                                  //!< what the state is true of
    CellFreeState state{CellFreeState::Zero()}; //!< estimate
    CellFreeStateCovariance covariance =        //!< of its error
        CellFreeStateCovariance::Zero();
    Time born;               //!< when it was begun
    Time updated;            //!< when it was detected last
    uint32_t nDetections{0}; //!< detections that it has taken
    uint32_t nMisses{0};     //!< looks in a row that gave it none
};

} // namespace ns3

#endif // CELL_FREE_SCAN_H
