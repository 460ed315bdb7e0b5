// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-report-header.h"

#include "ns3/isac-packed-covariance.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeReportHeader);

namespace
{

/// Writes numbers in network byte order behind each other.
class Writer
{
  public:
    /// @param bytes where to, and room for all that is written
    explicit Writer(uint8_t* bytes)
        : m_next(bytes)
    {
    }

    /// Writes an integer. @tparam T an unsigned type @param value the integer
    template <typename T>
    void Put(T value)
    {
        for (int shift = 8 * (sizeof(T) - 1); shift >= 0; shift -= 8)
        {
            *m_next++ = static_cast<uint8_t>(value >> shift);
        }
    }

    /// Writes a number of double precision. @param value the number
    void Put(double value)
    {
        uint64_t bits;
        std::memcpy(&bits, &value, sizeof(bits));
        Put(bits);
    }

    /// Writes a number of single precision. @param value the number
    void Put(float value)
    {
        uint32_t bits;
        std::memcpy(&bits, &value, sizeof(bits));
        Put(bits);
    }

    /// Writes a time. @param value the time
    void Put(const Time& value)
    {
        Put(static_cast<uint64_t>(value.GetNanoSeconds()));
    }

    /// Writes a state and its covariance, which fit. @param state it @param covariance of its error
    void Put(const CellFreeState& state, const CellFreeStateCovariance& covariance)
    {
        for (int i = 0; i < state.size(); ++i)
        {
            Put(state(i));
        }
        IsacPackedCovariance packed{};
        cellfree::PackCovariance(covariance, packed);
        for (const float value : packed)
        {
            Put(value);
        }
    }

  private:
    uint8_t* m_next; //!< where the next byte goes
};

/// Reads what a Writer wrote; who reads has made sure that it is there.
class Reader
{
  public:
    /// @param bytes what to read
    explicit Reader(const uint8_t* bytes)
        : m_next(bytes)
    {
    }

    /// @return an integer. @tparam T an unsigned type
    template <typename T>
    T Get()
    {
        uint64_t value = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i)
        {
            value = value << 8 | *m_next++;
        }
        return static_cast<T>(value);
    }

    /// Reads a number. @param[out] value the number @return true if it is finite
    bool Take(double& value)
    {
        const auto bits = Get<uint64_t>();
        std::memcpy(&value, &bits, sizeof(bits));
        return std::isfinite(value);
    }

    /// Reads a number. @param[out] value the number @return true if it is finite
    bool Take(float& value)
    {
        const auto bits = Get<uint32_t>();
        std::memcpy(&value, &bits, sizeof(bits));
        return std::isfinite(value);
    }

    /// Reads a time. @param[out] value the time @return true if it is one that can be told
    bool Take(Time& value)
    {
        const auto nanoSeconds = Get<uint64_t>();
        const bool isPossible = nanoSeconds <= static_cast<uint64_t>(Time::Max().GetNanoSeconds());
        value = isPossible ? NanoSeconds(nanoSeconds) : Time();
        return isPossible;
    }

    /// Reads a state and its covariance. @param[out] state it @param[out] covariance of its error
    /// @return true if they are possible
    bool Take(CellFreeState& state, CellFreeStateCovariance& covariance)
    {
        bool isPossible = true;
        for (int i = 0; i < state.size(); ++i)
        {
            isPossible = Take(state(i)) && isPossible;
        }
        IsacPackedCovariance packed;
        for (float& value : packed)
        {
            isPossible = Take(value) && isPossible;
        }
        return isPossible && cellfree::UnpackCovariance(packed, covariance);
    }

  private:
    const uint8_t* m_next; //!< the next byte
};

/// @return true if a state and its covariance can be written. @param state it @param covariance its
bool
IsPossible(const CellFreeState& state, const CellFreeStateCovariance& covariance)
{
    IsacPackedCovariance packed;
    return state.allFinite() && cellfree::PackCovariance(covariance, packed);
}

} // namespace

TypeId
CellFreeReportHeader::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeReportHeader")
                            .SetParent<Header>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeReportHeader>();
    return tid;
}

CellFreeReportHeader::CellFreeReportHeader() = default;

CellFreeReportHeader::~CellFreeReportHeader() = default;

TypeId
CellFreeReportHeader::GetInstanceTypeId() const
{
    return GetTypeId();
}

void
CellFreeReportHeader::SetSource(uint32_t cpuId, uint32_t sequence)
{
    m_cpuId = cpuId;
    m_sequence = sequence;
}

void
CellFreeReportHeader::SetPart(uint16_t part, uint16_t nParts)
{
    m_part = part;
    m_nParts = nParts;
}

void
CellFreeReportHeader::SetTimes(Time start, Time end, Time sent)
{
    m_start = start;
    m_end = end;
    m_sent = sent;
}

bool
CellFreeReportHeader::AddTrack(const CellFreeTrack& track)
{
    if (GetSerializedSize() + TRACK_BYTES > MAX_BYTES ||
        std::min({track.time, track.born, track.updated}).IsStrictlyNegative() ||
        !IsPossible(track.state, track.covariance))
    {
        return false;
    }
    m_tracks.push_back(track);
    return true;
}

bool
CellFreeReportHeader::AddDetection(const CellFreeDetection& detection)
{
    if (GetSerializedSize() + DETECTION_BYTES > MAX_BYTES || detection.time.IsStrictlyNegative() ||
        !(detection.snr >= 0.0 && detection.snr <= std::numeric_limits<float>::max()) ||
        !IsPossible(detection.state, detection.covariance))
    {
        return false;
    }
    m_detections.push_back(detection);
    return true;
}

uint32_t
CellFreeReportHeader::GetCpuId() const
{
    return m_cpuId;
}

uint32_t
CellFreeReportHeader::GetSequence() const
{
    return m_sequence;
}

uint16_t
CellFreeReportHeader::GetPart() const
{
    return m_part;
}

uint16_t
CellFreeReportHeader::GetNParts() const
{
    return m_nParts;
}

Time
CellFreeReportHeader::GetStart() const
{
    return m_start;
}

Time
CellFreeReportHeader::GetEnd() const
{
    return m_end;
}

Time
CellFreeReportHeader::GetSent() const
{
    return m_sent;
}

const std::vector<CellFreeTrack>&
CellFreeReportHeader::GetTracks() const
{
    return m_tracks;
}

const std::vector<CellFreeDetection>&
CellFreeReportHeader::GetDetections() const
{
    return m_detections;
}

bool
CellFreeReportHeader::IsValid() const
{
    return m_error.empty();
}

const std::string&
CellFreeReportHeader::GetError() const
{
    return m_error;
}

void
CellFreeReportHeader::Reset(const std::string& error)
{
    m_cpuId = 0;
    m_sequence = 0;
    m_part = 0;
    m_nParts = 1;
    m_start = m_end = m_sent = Time();
    m_tracks.clear();
    m_detections.clear();
    m_error = error;
}

uint32_t
CellFreeReportHeader::GetSerializedSize() const
{
    return IsValid()
               ? BASE_BYTES + TRACK_BYTES * m_tracks.size() + DETECTION_BYTES * m_detections.size()
               : 0;
}

void
CellFreeReportHeader::Serialize(Buffer::Iterator start) const
{
    std::vector<uint8_t> bytes(GetSerializedSize());
    if (bytes.empty())
    {
        return;
    }
    Writer writer(bytes.data());
    writer.Put(MAGIC);
    writer.Put(VERSION);
    writer.Put(uint8_t{0});
    writer.Put(m_cpuId);
    writer.Put(m_sequence);
    writer.Put(m_part);
    writer.Put(m_nParts);
    writer.Put(m_start);
    writer.Put(m_end);
    writer.Put(m_sent);
    writer.Put(static_cast<uint16_t>(m_tracks.size()));
    writer.Put(static_cast<uint16_t>(m_detections.size()));
    for (const auto& track : m_tracks)
    {
        writer.Put(track.id);
        writer.Put(static_cast<uint8_t>(track.status));
        writer.Put(uint8_t{0});
        writer.Put(static_cast<uint16_t>(std::min<uint32_t>(track.nMisses, 65535)));
        writer.Put(track.nDetections);
        writer.Put(track.time);
        writer.Put(track.born);
        writer.Put(track.updated);
        writer.Put(track.state, track.covariance);
    }
    for (const auto& detection : m_detections)
    {
        writer.Put(detection.time);
        writer.Put(detection.state, detection.covariance);
        writer.Put(static_cast<float>(detection.snr));
    }
    start.Write(bytes.data(), bytes.size());
}

uint32_t
CellFreeReportHeader::Deserialize(Buffer::Iterator start)
{
    std::vector<uint8_t> bytes(std::min<uint32_t>(start.GetRemainingSize(), MAX_BYTES));
    if (!bytes.empty())
    {
        start.Read(bytes.data(), bytes.size());
    }
    return Parse(bytes.data(), bytes.size());
}

uint32_t
CellFreeReportHeader::Parse(const uint8_t* data, std::size_t size)
{
    const auto refuse = [this](const std::string& error) {
        Reset(error);
        return 0U;
    };
    Reset("");
    if (size < BASE_BYTES)
    {
        return refuse("it has " + std::to_string(size) + " bytes: expected at least " +
                      std::to_string(BASE_BYTES));
    }
    Reader reader(data);
    if (reader.Get<uint16_t>() != MAGIC)
    {
        return refuse("it does not begin as a report does");
    }
    const uint32_t version = reader.Get<uint8_t>();
    if (version != VERSION || reader.Get<uint8_t>() != 0)
    {
        return refuse("it is of version " + std::to_string(version) + ": expected " +
                      std::to_string(VERSION) + " and a 0 behind it");
    }
    m_cpuId = reader.Get<uint32_t>();
    m_sequence = reader.Get<uint32_t>();
    m_part = reader.Get<uint16_t>();
    m_nParts = reader.Get<uint16_t>();
    if (m_part >= m_nParts)
    {
        return refuse("part " + std::to_string(m_part) + " of " + std::to_string(m_nParts) +
                      ": expected parts from 0 on, and at least one");
    }
    bool isPossible = reader.Take(m_start);
    isPossible = reader.Take(m_end) && isPossible;
    isPossible = reader.Take(m_sent) && isPossible;
    if (!isPossible || m_start > m_end || m_end > m_sent)
    {
        return refuse("its times are impossible: expected start <= end <= sent");
    }
    const std::size_t nTracks = reader.Get<uint16_t>();
    const std::size_t nDetections = reader.Get<uint16_t>();
    const std::size_t bytes = BASE_BYTES + TRACK_BYTES * nTracks + DETECTION_BYTES * nDetections;
    if (bytes > size || bytes > MAX_BYTES)
    {
        return refuse("it has " + std::to_string(size) + " bytes: expected " +
                      std::to_string(bytes) + " for its tracks and detections");
    }
    m_tracks.resize(nTracks);
    for (auto& track : m_tracks)
    {
        track.id = reader.Get<uint32_t>();
        const uint32_t status = reader.Get<uint8_t>();
        const bool isZero = reader.Get<uint8_t>() == 0;
        track.nMisses = reader.Get<uint16_t>();
        track.nDetections = reader.Get<uint32_t>();
        isPossible = reader.Take(track.time) && isZero && status <= CellFreeTrack::COASTING;
        isPossible = reader.Take(track.born) && isPossible;
        isPossible = reader.Take(track.updated) && isPossible;
        isPossible = reader.Take(track.state, track.covariance) && isPossible;
        if (!isPossible)
        {
            return refuse("a number of track " + std::to_string(track.id) + " is impossible");
        }
        track.status = static_cast<CellFreeTrack::Status>(status);
    }
    m_detections.resize(nDetections);
    for (auto& detection : m_detections)
    {
        isPossible = reader.Take(detection.time);
        isPossible = reader.Take(detection.state, detection.covariance) && isPossible;
        float snr = 0.0F;
        isPossible = reader.Take(snr) && isPossible;
        if (!isPossible || snr < 0.0F)
        {
            return refuse("a number of a detection is impossible");
        }
        detection.snr = snr;
    }
    return bytes;
}

bool
CellFreeReportHeader::Peek(Ptr<const Packet> packet, CellFreeReportHeader& header)
{
    std::vector<uint8_t> bytes(std::min<uint32_t>(packet->GetSize(), MAX_BYTES));
    packet->CopyData(bytes.data(), bytes.size());
    return header.Parse(bytes.data(), bytes.size()) > 0;
}

void
CellFreeReportHeader::Print(std::ostream& os) const
{
    if (!IsValid())
    {
        os << "not valid: " << m_error;
        return;
    }
    os << "CPU " << m_cpuId << " sequence " << m_sequence << " part " << m_part + 1 << "/"
       << m_nParts << " dwell " << m_start.As(Time::S) << " to " << m_end.As(Time::S) << " sent "
       << m_sent.As(Time::S) << " tracks " << m_tracks.size() << " detections "
       << m_detections.size();
}

} // namespace ns3
