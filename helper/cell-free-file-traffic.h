// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_FILE_TRAFFIC_H
#define CELL_FREE_FILE_TRAFFIC_H

#include "cell-free-queue-traffic.h"

#include "ns3/nstime.h"
#include "ns3/random-variable-stream.h"
#include "ns3/traced-callback.h"

#include <cstdint>
#include <deque>

namespace ns3
{

/// A file on its way to a UE, or there; a row of the FileTrace.
struct CellFreeFile
{
    uint32_t ueId{0};          //!< node id of the UE
    uint32_t number{0};        //!< number of the file among the UE's, from 0
    uint64_t size{0};          //!< its bytes
    uint64_t receivedBytes{0}; //!< those that came through
    Time arrival;              //!< when it came into the queue
    Time end;                  //!< when its last packet was received, or the present time before
    bool isFinished{false};    //!< true if no packet of it is still to come
    uint32_t nLost{0};         //!< packets that were lost on the way

    /// @return user-perceived throughput (bit/s): received bits over the time since the arrival
    double GetThroughput() const
    {
        return 8.0 * receivedBytes / (end - arrival).GetSeconds();
    }
};

/**
 * @ingroup cellfree-isac
 * @brief FTP model 3: files of one size come for a UE by a Poisson process and wait in its queue.
 *
 * TR 36.889 annex A: FTP model 2 of TR 36.814 annex A.2.1.3.1 with files of 0.5 Mbyte, but those of
 * a UE come by a Poisson process, and the time of a file counts from its arrival in the queue. The
 * user-perceived throughput of a file is its size over that time; of a file that is not finished,
 * what was received over the time so far. Both ends are in one object: it sends from the CPU by
 * CellFreeQueueTraffic and receives on the UE's node.
 */
class CellFreeFileTraffic : public CellFreeQueueTraffic
{
  public:
    /// TracedCallback signature of the File trace source.
    typedef void (*FileTracedCallback)(const CellFreeFile& file);

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeFileTraffic();
    ~CellFreeFileTraffic() override;

    /// @return the files that are not finished, their ends being the present time
    std::deque<CellFreeFile> GetUnfinished() const;

    /**
     * @brief Fixes the random stream of the arrivals; Device must be set.
     * @param first first stream number of the module: see GetCellFreeStream()
     * @return the streams reserved for the module, CELL_FREE_STREAMS
     */
    int64_t AssignStreams(int64_t first);

  protected:
    Ptr<Packet> TakePacket() override;
    void StartApplication() override;
    void StopApplication() override;
    void DoDispose() override;

  private:
    /// A file and its packets.
    struct Transfer
    {
        CellFreeFile file;      //!< what a trace says of it
        uint64_t sentBytes{0};  //!< bytes sent
        uint32_t lastPacket{0}; //!< number of its last packet, once that is sent
    };

    /// Schedules the next arrival.
    void ScheduleArrival();
    /// A file comes.
    void Arrive();
    /// Takes what came through. @param socket the receiver
    void Receive(Ptr<Socket> socket);
    /// Ends the oldest file.
    void Finish();

    uint64_t m_fileSize{0};                          //!< bytes of a file
    double m_arrivalRate{0.0};                       //!< files per second
    Ptr<UniformRandomVariable> m_uniform;            //!< draws the arrivals
    Ptr<Socket> m_sink;                              //!< receives
    EventId m_arrival;                               //!< next file
    std::deque<Transfer> m_transfers;                //!< files that are not finished
    uint32_t m_nFiles{0};                            //!< files that came
    uint32_t m_nextPacket{0};                        //!< number of the next packet to send
    uint32_t m_expected{0};                          //!< number of the next packet to receive
    TracedCallback<const CellFreeFile&> m_fileTrace; //!< a file is finished
};

} // namespace ns3

#endif // CELL_FREE_FILE_TRAFFIC_H
