// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_CSI_H
#define CELL_FREE_CSI_H

#include "cell-free-channel-model.h"

#include "ns3/isac-problem.h"
#include "ns3/object.h"
#include "ns3/ptr.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief What a CPU knows of the channels: fills an IsacProblem with its belief.
 *
 * Indices are those of the CellFreeChannelModel. To write your own, derive from this class,
 * implement the pure virtual functions and register a TypeId. What is believed may depend on the
 * simulation time, but not on who asks or how often.
 */
class CellFreeCsi : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    ~CellFreeCsi() override;

    /**
     * @brief Set the channel that is to be known.
     * @param channel the true channel
     */
    virtual void SetChannel(Ptr<CellFreeChannelModel> channel);

    /**
     * @brief The channels that the CPU believes at the present simulation time, in watts.
     * @param aps indices of the APs, in the order of the problem's blocks of rows
     * @param ues indices of the UEs, in the order of the problem's columns
     * @param targets indices of the targets, in the order of the problem's columns
     * @param[out] problem the problem; memory is reused where sizes are unchanged
     * @param band sub-band
     */
    virtual void GetProblem(const std::vector<uint32_t>& aps,
                            const std::vector<uint32_t>& ues,
                            const std::vector<uint32_t>& targets,
                            IsacProblem& problem,
                            uint32_t band) = 0;

    /**
     * @brief UEs send their pilots now, in a slot that CellFreeFrame::HasPilots(); does nothing
     * unless a CSI cares. It is called at the start of the slot, before anything else is asked.
     * @param aps indices of the APs that listen
     * @param ues indices of the CPU's UEs, ascending
     */
    virtual void Sound(const std::vector<uint32_t>& aps, const std::vector<uint32_t>& ues);

    /// @return the number of orthogonal pilots; 0 where none are needed, as given here
    virtual uint32_t GetPilotLength() const;

    /**
     * @brief The pilot of a UE.
     * @param ue index of the UE
     * @return its number, below GetPilotLength(), or -1 if it has none, as given here
     */
    virtual int32_t GetPilot(uint32_t ue) const;

    /**
     * @brief Believed downlink SNR of a UE that is served alone with the full power of every AP:
     * see CellFreeChannelModel::GetInterferenceFreeSnr().
     * @param aps indices of the APs
     * @param ue index of the UE
     * @return the SNR, linear, >= 0
     */
    virtual double GetDownlinkSnr(const std::vector<uint32_t>& aps, uint32_t ue) = 0;

    /**
     * @brief Believed uplink SNR of a UE that sends alone: see
     * CellFreeChannelModel::GetUplinkSnr().
     * @param aps indices of the receiving APs
     * @param ue index of the UE
     * @param txPower transmit power of the UE (W), >= 0
     * @return the SNR, linear, >= 0
     */
    virtual double GetUplinkSnr(const std::vector<uint32_t>& aps, uint32_t ue, double txPower) = 0;

    /**
     * @brief Fixes all random streams, also those of nodes to come.
     * @param first first stream number of the module: see GetCellFreeStream()
     * @return the streams reserved for the module, CELL_FREE_STREAMS
     */
    virtual int64_t AssignStreams(int64_t first) = 0;

    /// @return the true channel; aborts if none was set
    CellFreeChannelModel& GetChannel() const;

    /// @return whether a channel was set
    bool HasChannel() const;

  protected:
    void DoDispose() override;

  private:
    Ptr<CellFreeChannelModel> m_channel; //!< the true channel
};

/**
 * @ingroup cellfree-isac
 * @brief Perfect knowledge: the belief is the truth.
 */
class CellFreePerfectCsi : public CellFreeCsi
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    void GetProblem(const std::vector<uint32_t>& aps,
                    const std::vector<uint32_t>& ues,
                    const std::vector<uint32_t>& targets,
                    IsacProblem& problem,
                    uint32_t band) override;
    double GetDownlinkSnr(const std::vector<uint32_t>& aps, uint32_t ue) override;
    double GetUplinkSnr(const std::vector<uint32_t>& aps, uint32_t ue, double txPower) override;
    int64_t AssignStreams(int64_t first) override;
};

} // namespace ns3

#endif // CELL_FREE_CSI_H
