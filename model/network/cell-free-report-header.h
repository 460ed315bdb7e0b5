// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_REPORT_HEADER_H
#define CELL_FREE_REPORT_HEADER_H

#include "cell-free-scan.h"

#include "ns3/header.h"
#include "ns3/nstime.h"
#include "ns3/packet.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief A part of a sensing report: what a CPU says of its tracks and detections after a dwell.
 *
 * Version 1, in network byte order; real numbers are IEEE 754, times nanoseconds from the start of
 * the simulation, states (x, y, z, vx, vy, vz) in m and m/s, covariances as IsacPackedCovariance.
 *
 * | bytes | what                                                                        |
 * |-------|-----------------------------------------------------------------------------|
 * | 2     | 0xCF15                                                                      |
 * | 1     | version, 1                                                                  |
 * | 1     | 0                                                                           |
 * | 4     | node id of the CPU                                                          |
 * | 4     | sequence number of the report, from 0                                       |
 * | 2     | number of this part, from 0                                                 |
 * | 2     | number of parts, at least 1                                                 |
 * | 8     | start of the dwell                                                          |
 * | 8     | end of the dwell                                                            |
 * | 8     | when the report was sent                                                    |
 * | 2     | number of tracks in this part                                               |
 * | 2     | number of detections in this part                                           |
 *
 * then for each track
 *
 * | bytes | what                                                                        |
 * |-------|-----------------------------------------------------------------------------|
 * | 4     | number of the track                                                         |
 * | 1     | CellFreeTrack::Status                                                       |
 * | 1     | 0                                                                           |
 * | 2     | misses in a row, at most 65535                                              |
 * | 4     | detections taken                                                            |
 * | 24    | time of the state, of birth, of the last detection                          |
 * | 48    | state, 6 numbers of double precision                                        |
 * | 84    | covariance, 21 numbers of single precision                                  |
 *
 * and for each detection
 *
 * | bytes | what                                                                        |
 * |-------|-----------------------------------------------------------------------------|
 * | 8     | time of the state                                                           |
 * | 48    | state, 6 numbers of double precision                                        |
 * | 84    | covariance, 21 numbers of single precision                                  |
 * | 4     | measured SNR (linear), single precision                                     |
 *
 * Nothing that arrives is trusted: Deserialize() reads no byte that is not there, and a header is
 * valid only if every number is possible. Where time has a finer resolution than nanoseconds, what
 * is finer is lost.
 */
class CellFreeReportHeader : public Header
{
  public:
    static constexpr uint16_t MAGIC = 0xCF15;        //!< first two bytes
    static constexpr uint8_t VERSION = 1;            //!< version of the layout
    static constexpr uint32_t BASE_BYTES = 44;       //!< bytes without entries
    static constexpr uint32_t TRACK_BYTES = 168;     //!< bytes of a track
    static constexpr uint32_t DETECTION_BYTES = 144; //!< bytes of a detection
    static constexpr uint32_t MAX_BYTES = 65507;     //!< what a UDP packet of IPv4 can hold

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeReportHeader();
    ~CellFreeReportHeader() override;

    /**
     * @brief Set where the report comes from.
     * @param cpuId node id of the CPU
     * @param sequence number of the report
     */
    void SetSource(uint32_t cpuId, uint32_t sequence);

    /**
     * @brief Set which part of the report this is.
     * @param part number of the part, below nParts
     * @param nParts number of parts, >= 1
     */
    void SetPart(uint16_t part, uint16_t nParts);

    /**
     * @brief Set the times, 0 <= start <= end <= sent.
     * @param start start of the dwell
     * @param end end of the dwell
     * @param sent when the report is sent
     */
    void SetTimes(Time start, Time end, Time sent);

    /**
     * @brief Add a track, if there is room.
     * @param track the track
     * @return false, and nothing is added, if the header would be longer than MAX_BYTES or if a
     * number is not finite or a time negative
     */
    bool AddTrack(const CellFreeTrack& track);

    /**
     * @brief Add a detection, if there is room.
     * @param detection the detection
     * @return false, and nothing is added, if the header would be longer than MAX_BYTES or if a
     * number is not finite or a time negative
     */
    bool AddDetection(const CellFreeDetection& detection);

    /// @return node id of the CPU
    uint32_t GetCpuId() const;
    /// @return sequence number of the report
    uint32_t GetSequence() const;
    /// @return number of this part, from 0
    uint16_t GetPart() const;
    /// @return number of parts of the report
    uint16_t GetNParts() const;
    /// @return start of the dwell
    Time GetStart() const;
    /// @return end of the dwell
    Time GetEnd() const;
    /// @return when the report was sent
    Time GetSent() const;
    /// @return tracks, in the order in which they were added
    const std::vector<CellFreeTrack>& GetTracks() const;
    /// @return detections, in the order in which they were added
    const std::vector<CellFreeDetection>& GetDetections() const;

    /// @return true if the last Deserialize() found a header whose every number is possible
    bool IsValid() const;
    /// @return why it is not valid, in a line; empty if it is
    const std::string& GetError() const;

    /**
     * @brief Reads a header from plain memory.
     * @param data the bytes
     * @param size how many there are; more than the header is no error
     * @return bytes of the header, or 0 if it is not valid: see GetError()
     */
    uint32_t Parse(const uint8_t* data, std::size_t size);

    /**
     * @brief Reads the header at the start of a packet, which stays as it is.
     * @param packet any packet, empty ones included
     * @param[out] header the header
     * @return true if it is valid
     */
    static bool Peek(Ptr<const Packet> packet, CellFreeReportHeader& header);

    // Inherited. A header that is not valid has no bytes: Deserialize() returns 0.
    TypeId GetInstanceTypeId() const override;
    uint32_t GetSerializedSize() const override;
    void Serialize(Buffer::Iterator start) const override;
    uint32_t Deserialize(Buffer::Iterator start) override;
    void Print(std::ostream& os) const override;

  private:
    /// Forgets all that was read. @param error why, or empty
    void Reset(const std::string& error);

    uint32_t m_cpuId{0};                         //!< node id of the CPU
    uint32_t m_sequence{0};                      //!< number of the report
    uint16_t m_part{0};                          //!< number of this part
    uint16_t m_nParts{1};                        //!< number of parts
    Time m_start;                                //!< start of the dwell
    Time m_end;                                  //!< end of the dwell
    Time m_sent;                                 //!< when it was sent
    std::vector<CellFreeTrack> m_tracks;         //!< tracks
    std::vector<CellFreeDetection> m_detections; //!< detections
    std::string m_error;                         //!< what was wrong with the bytes
};

} // namespace ns3

#endif // CELL_FREE_REPORT_HEADER_H
