// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_STREAMS_H
#define CELL_FREE_STREAMS_H

#include "ns3/abort.h"

#include <cstdint>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief What the module draws random numbers for. Each purpose has a block of stream numbers of
 * its own, so that no draw depends on what else is installed. The order is part of what a seed
 * means: add at the end.
 */
enum CellFreeStreamPurpose : int64_t
{
    CELL_FREE_STREAM_FADING,        //!< small-scale fading: AP, UE
    CELL_FREE_STREAM_SHADOWING,     //!< shadowing and K factor around an AP: AP
    CELL_FREE_STREAM_LINE_OF_SIGHT, //!< line-of-sight state around an AP: AP
    CELL_FREE_STREAM_PROPAGATION,   //!< ns-3's propagation loss models, as many as they take
    CELL_FREE_STREAM_CONDITION,     //!< ns-3's channel condition models, as many as they take
    CELL_FREE_STREAM_RADAR,         //!< reflection and receiver noise: target, receiving AP
    CELL_FREE_STREAM_DOWNLINK,      //!< block errors of the downlink: UE
    CELL_FREE_STREAM_UPLINK,        //!< block errors of the uplink: UE
    CELL_FREE_STREAM_SCHEDULER,     //!< schedulers: CPU
    CELL_FREE_STREAM_CSI,           //!< channel estimation: AP, pilot
    CELL_FREE_STREAM_RADAR_PAIR,    //!< reflection and receiver noise: target, pair of APs
    CELL_FREE_STREAM_SCATTERERS,    //!< angles, delays and phases of a link's paths: AP, UE
    CELL_FREE_STREAM_PILOT,         //!< assignment of pilots: UE
    CELL_FREE_STREAM_PHASE,         //!< phase and timing errors: AP
    CELL_FREE_STREAM_RECIPROCITY,   //!< errors of calibration: AP
    CELL_FREE_STREAM_POINTING,      //!< errors of the direction towards a target: AP, target
    CELL_FREE_STREAM_FRONTHAUL,     //!< what the fronthaul draws: AP
    CELL_FREE_STREAM_TRAFFIC,       //!< what a traffic model of the module draws: UE
    CELL_FREE_STREAM_ESTIMATION,    //!< errors of position and velocity estimates: target, CPU
    CELL_FREE_STREAM_FALSE_ALARM,   //!< detections of noise: CPU
    CELL_FREE_STREAM_CROSS_SECTION, //!< what a model of cross sections draws: target, AP
    CELL_FREE_STREAM_HOP,           //!< state of the hop between an AP and a target: AP, 8 x target
    CELL_FREE_STREAM_REFERENCE,     //!< noise of reference cells: target, AP or pair of APs
};

/// Node ids that a stream number has room for.
constexpr int64_t CELL_FREE_STREAM_NODES = int64_t{1} << 20;
/// Streams of one purpose: one per pair of nodes.
constexpr int64_t CELL_FREE_STREAMS_PER_PURPOSE = CELL_FREE_STREAM_NODES * CELL_FREE_STREAM_NODES;
/// Streams of the whole module, with room for purposes to come; what AssignStreams() returns.
constexpr int64_t CELL_FREE_STREAMS = 64 * CELL_FREE_STREAMS_PER_PURPOSE;

/**
 * @ingroup cellfree-isac
 * @brief The stream number of a purpose and one or two nodes.
 * @param first first stream number of the module, >= 0
 * @param purpose what is drawn
 * @param a node id, or 0; aborts above 2^20 - 1
 * @param b second node id, or 0; aborts above 2^20 - 1
 * @return the stream number
 */
inline int64_t
GetCellFreeStream(int64_t first, CellFreeStreamPurpose purpose, uint32_t a = 0, uint32_t b = 0)
{
    NS_ABORT_MSG_IF(a >= CELL_FREE_STREAM_NODES || b >= CELL_FREE_STREAM_NODES,
                    "random streams: node ids " << a << " and " << b << ": expected less than "
                                                << CELL_FREE_STREAM_NODES);
    return first + purpose * CELL_FREE_STREAMS_PER_PURPOSE + a * CELL_FREE_STREAM_NODES + b;
}

} // namespace ns3

#endif // CELL_FREE_STREAMS_H
