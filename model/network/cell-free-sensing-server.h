// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_SENSING_SERVER_H
#define CELL_FREE_SENSING_SERVER_H

#include "cell-free-report-header.h"
#include "cell-free-track-fusion.h"

#include "ns3/address.h"
#include "ns3/application.h"
#include "ns3/isac-age-of-information.h"
#include "ns3/socket.h"
#include "ns3/traced-callback.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace ns3
{

/// A report that arrived; a row of the ReportTrace.
struct CellFreeReport
{
    Time time;               //!< when the last of its packets was received
    uint32_t cpuId{0};       //!< node id of the CPU
    uint32_t sequence{0};    //!< number of the report
    Time end;                //!< end of its dwell
    Time sent;               //!< when it was sent
    Time latency;            //!< time minus sent
    bool hasAge{false};      //!< true if a report of the CPU came before
    Time age;                //!< age of information just before, if there is one
    uint32_t nTracks{0};     //!< tracks that it holds
    uint32_t nDetections{0}; //!< detections that it holds
    uint32_t bytes{0};       //!< its bytes, without UDP and IP headers
};

/**
 * @ingroup cellfree-isac
 * @brief What a CellFreeSensingServer has seen of one CPU.
 *
 * Reports are numbered, so those between the lowest and the highest number that were not received
 * completely are lost, or still on their way: as RFC 3550 counts RTP packets. What is lost behind
 * the last report that arrived, nobody can see.
 */
struct CellFreeReportStatistics
{
    uint64_t reports{0};           //!< reports that arrived, all of their packets
    uint64_t expected{0};          //!< numbers from the lowest one seen to the highest
    uint64_t packets{0};           //!< packets, also those of reports that did not get complete
    uint64_t bytes{0};             //!< their bytes, without UDP and IP headers
    uint64_t reordered{0};         //!< reports that arrived after one of a higher number
    uint64_t duplicates{0};        //!< packets that came twice, or too late to tell
    std::vector<double> latencies; //!< of each report, in the order of their arrival (s)
    IsacAgeOfInformation age;      //!< since the end of the dwell of the freshest report

    /// @return reports that did not arrive, so far
    uint64_t GetLost() const
    {
        return expected - reports;
    }
};

/**
 * @ingroup cellfree-isac
 * @brief Receives the reports of CellFreeSensingReporters by IPv4 and IPv6, measures how late they
 * are, and fuses their tracks.
 *
 * The age of information of a CPU is the time since the end of the dwell that its freshest report
 * tells of. A report counts when all of its packets have arrived. Packets that are no reports are
 * counted and traced, and nothing else.
 */
class CellFreeSensingServer : public Application
{
  public:
    /// TracedCallback signature of the Report trace source.
    typedef void (*ReportTracedCallback)(const CellFreeReport& report);
    /// TracedCallback signature of the Malformed trace source.
    typedef void (*MalformedTracedCallback)(Ptr<const Packet> packet,
                                            const Address& from,
                                            const std::string& reason);

    /// Reports of which packets are missing and that are waited for, at most, per CPU.
    static constexpr std::size_t MAX_INCOMPLETE = 8;
    /// A report whose number is as much below the highest is too late to be told from a copy.
    static constexpr uint32_t MEMORY = 1024;

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeSensingServer();
    ~CellFreeSensingServer() override;

    /// @return node ids of the CPUs that reports came from, ascending
    std::vector<uint32_t> GetCpuIds() const;

    /**
     * @brief What was seen of a CPU.
     * @param cpuId its node id; aborts if no report came from it
     * @return the statistics so far
     */
    const CellFreeReportStatistics& GetStatistics(uint32_t cpuId) const;

    /**
     * @brief The tracks of the freshest report of a CPU, as it held them.
     * @param cpuId its node id; aborts if no report came from it
     * @return the tracks, by ascending number
     */
    const std::vector<CellFreeTrack>& GetTracks(uint32_t cpuId) const;

    /**
     * @brief The detections of the freshest report of a CPU.
     * @param cpuId its node id; aborts if no report came from it
     * @return the detections
     */
    const std::vector<CellFreeDetection>& GetDetections(uint32_t cpuId) const;

    /**
     * @brief The targets as all CPUs together see them now; reports older than attribute MaxAge are
     * left out.
     * @return the targets
     */
    std::vector<CellFreeFusedTrack> GetFusedTracks() const;

    /// @return packets that were no reports
    uint64_t GetMalformed() const;

  protected:
    void DoDispose() override;

  private:
    /// A report of which not all packets have come.
    struct Incomplete
    {
        CellFreeReport report;                     //!< what a trace will say of it
        Time start;                                //!< start of its dwell
        std::vector<bool> hasPart;                 //!< which packets have come
        std::size_t nMissing{0};                   //!< packets that have not
        std::vector<CellFreeTrack> tracks;         //!< tracks so far
        std::vector<CellFreeDetection> detections; //!< detections so far
    };

    /// What is known of a CPU.
    struct Cpu
    {
        CellFreeReportStatistics statistics;       //!< counts
        uint32_t lowest{0};                        //!< lowest number seen
        uint32_t highest{0};                       //!< highest number seen
        uint32_t newest{0};                        //!< highest number of those that arrived
        std::set<uint32_t> arrived;                //!< the last numbers that arrived
        std::map<uint32_t, Incomplete> incomplete; //!< by number
        Time end;                                  //!< end of the dwell of the freshest report
        std::vector<CellFreeTrack> tracks;         //!< of that report
        std::vector<CellFreeDetection> detections; //!< of that report
    };

    void StartApplication() override;
    void StopApplication() override;

    /// Sets where to listen. @param port UDP port
    void SetPort(uint16_t port);
    /// @return UDP port to listen on
    uint16_t GetPort() const;

    /// Takes packets. @param socket where they are
    void Receive(Ptr<Socket> socket);
    /// Takes a packet. @param packet it @param from sender
    void Take(Ptr<const Packet> packet, const Address& from);
    /// Takes a part of a report. @param header it @return why it is none, or an empty string
    std::string Take(const CellFreeReportHeader& header);
    /// A report is complete. @param cpu where it is from @param whole it
    void Finish(Cpu& cpu, Incomplete& whole);
    /// @return what is known of a CPU; aborts if nothing is. @param cpuId its node id
    const Cpu& RequireCpu(uint32_t cpuId) const;

    uint16_t m_port{0};                             //!< where to listen
    Time m_maxAge;                                  //!< of what is fused
    Ptr<CellFreeTrackFusion> m_fusion;              //!< fuses tracks
    Ptr<Socket> m_socket;                           //!< for IPv4, while the application runs
    Ptr<Socket> m_socket6;                          //!< for IPv6, while the application runs
    std::map<uint32_t, Cpu> m_cpus;                 //!< by node id
    uint64_t m_nMalformed{0};                       //!< packets that were no reports
    TracedCallback<const CellFreeReport&> m_report; //!< one arrived
    TracedCallback<Ptr<const Packet>, const Address&> m_rx; //!< packet of one
    TracedCallback<Ptr<const Packet>, const Address&, const std::string&> m_malformed; //!< none
};

} // namespace ns3

#endif // CELL_FREE_SENSING_SERVER_H
