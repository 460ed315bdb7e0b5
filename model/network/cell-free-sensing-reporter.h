// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_SENSING_REPORTER_H
#define CELL_FREE_SENSING_REPORTER_H

#include "cell-free-report-header.h"
#include "cell-free-scan.h"

#include "ns3/address.h"
#include "ns3/application.h"
#include "ns3/socket.h"
#include "ns3/traced-callback.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Sends what a CPU senses to a CellFreeSensingServer, as UDP packets over the real network.
 *
 * It runs on the CPU's node. There it follows the trace source Scan of the CPU's CellFreeSensing
 * and sends a report after each dwell: its tracks, and if asked for its detections, as
 * CellFreeReportHeader in as many packets as it takes. Reports are numbered from 0; a server tells
 * reporters apart by their nodes, so have one of them on a node for each server. On nodes without a
 * CPU call Report().
 */
class CellFreeSensingReporter : public Application
{
  public:
    /// What was sent since the start.
    struct Counters
    {
        uint64_t reports{0}; //!< reports, also those that the node refused to send
        uint64_t packets{0}; //!< packets that were sent
        uint64_t bytes{0};   //!< their bytes, without UDP and IP headers
        uint64_t failed{0};  //!< packets that the node refused to send: no route, or too long
        uint64_t omitted{0}; //!< tracks and detections that were left out: not finite
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeSensingReporter();
    ~CellFreeSensingReporter() override;

    /**
     * @brief Report a dwell. Nothing happens unless the application runs, and in dwells that
     * attribute Every leaves out.
     * @param scan the dwell, which is over
     * @param tracks the tracks after it
     */
    void Report(const CellFreeScan& scan, const std::vector<CellFreeTrack>& tracks);

    /// @return what was sent
    const Counters& GetCounters() const;

  protected:
    void DoDispose() override;

  private:
    void StartApplication() override;
    void StopApplication() override;

    /// Sets where to send to. @param remote address and port
    void SetRemote(Address remote);
    /// @return where to send to
    Address GetRemote() const;
    /// Sets the code point. @param dscp it
    void SetDscp(uint8_t dscp);
    /// @return the code point
    uint8_t GetDscp() const;

    /// Follows the node's CPU, or no longer. @param isFollowed whether
    void Follow(bool isFollowed);
    /// Opens a socket to the server.
    void Open();
    /// Gives the socket the code point.
    void MarkSocket();

    Address m_remote;                       //!< where to send to
    uint8_t m_dscp{0};                      //!< code point
    uint32_t m_maxPacketBytes{0};           //!< UDP payload of a packet, at most
    bool m_hasTentative{false};             //!< whether unconfirmed tracks are sent
    bool m_hasDetections{false};            //!< whether detections are sent
    uint32_t m_every{1};                    //!< every how many dwells one is reported
    Ptr<Socket> m_socket;                   //!< to the server, while the application runs
    uint64_t m_nScans{0};                   //!< dwells since the start
    Counters m_counters;                    //!< what was sent
    TracedCallback<Ptr<const Packet>> m_tx; //!< a packet is sent
};

} // namespace ns3

#endif // CELL_FREE_SENSING_REPORTER_H
