// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_CHANNEL_RECORDER_H
#define CELL_FREE_CHANNEL_RECORDER_H

#include "ns3/cell-free-array-file.h"
#include "ns3/cell-free-link.h"
#include "ns3/event-id.h"
#include "ns3/isac-problem.h"
#include "ns3/nstime.h"
#include "ns3/object.h"

#include <memory>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Writes the channels of a run to a channel file, from which CellFreeFileFading gives the
 * same channels to the last bit.
 *
 * The links between all APs and all UEs are written at every time at which somebody asks for one;
 * gains, and where a CPU's CSI uses them the statistics, at every large-scale update. All APs and
 * UEs have to be there from the beginning.
 *
 * The file is written under its name with ".part" appended and renamed by Close().
 */
class CellFreeChannelRecorder : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeChannelRecorder();
    ~CellFreeChannelRecorder() override;

    /**
     * @brief Tries to write where a recording would be written.
     * @param path the file
     * @return an empty string if it can be written, else one line that says what is wrong
     */
    static std::string FindFileError(const std::string& path);

    /**
     * @brief Opens the file and connects to a link; aborts if the file cannot be written.
     * @param path the file
     * @param link the link, with its APs and UEs
     */
    void Open(const std::string& path, Ptr<CellFreeLink> link);

    /**
     * @brief Completes the file and renames it. Does nothing if it is not open.
     * @return an empty string, or one line that says why there is no file
     */
    std::string Close();

    /// @return how many times the file has
    uint64_t GetNTimes() const;

  protected:
    void DoDispose() override;

  private:
    /// Somebody asks for a channel. @param lag see CellFreeChannelModel
    void OnAsked(Time lag);

    /// A link is updated. @param ap which @param ue which @param loss its loss (dB)
    void OnUpdate(uint32_t ap, uint32_t ue, double loss);

    /// Writes coefficients.
    void WriteChannels();

    /// Writes what changes with the large scale.
    void WriteStatistics();

    /// Runs a function that writes, and forgets the file where it fails. @param write the function
    template <typename Write>
    void Try(Write write);

    /// Makes the arrays.
    void Create();

    /// Writes where nodes are, with the statistics.
    void WritePositions();

    /// Tells the user, once, that a replay would differ. @param what because of what
    void Warn(const std::string& what);

    Ptr<CellFreeChannelModel> m_channel;       //!< whose channels
    std::unique_ptr<CellFreeArrayFile> m_file; //!< null if it is not open
    std::string m_path;                        //!< final name
    std::string m_error;                       //!< why writing failed
    Time m_slot;                               //!< duration of a slot
    bool m_hasStatistics{false};               //!< whether somebody uses them
    bool m_isBusy{false};                      //!< our own questions are no reason to write
    bool m_hasWarned{false};                   //!< whether the user was warned
    uint32_t m_nAps{0};                        //!< APs of the file
    uint32_t m_nUes{0};                        //!< UEs of the file
    uint32_t m_nTargets{0};                    //!< targets of the file
    uint64_t m_nTimes{0};                      //!< times written
    Time m_time;                               //!< of the latest channels
    Time m_statisticsTime;                     //!< of the latest statistics
    EventId m_event;                           //!< writing of statistics
    IsacProblem m_problem;                     //!< the channels of a sub-band
};

} // namespace ns3

#endif // CELL_FREE_CHANNEL_RECORDER_H
