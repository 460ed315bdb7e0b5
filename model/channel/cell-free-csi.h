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
    void SetChannel(Ptr<CellFreeChannelModel> channel);

    /**
     * @brief The channels that the CPU believes at the present simulation time, in watts.
     * @param aps indices of the APs, in the order of the problem's blocks of rows
     * @param ues indices of the UEs, in the order of the problem's columns
     * @param targets indices of the targets, in the order of the problem's columns
     * @param[out] problem the problem; memory is reused where sizes are unchanged
     */
    virtual void GetProblem(const std::vector<uint32_t>& aps,
                            const std::vector<uint32_t>& ues,
                            const std::vector<uint32_t>& targets,
                            IsacProblem& problem) = 0;

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

  protected:
    void DoDispose() override;

    /// @return the true channel; aborts if none was set
    CellFreeChannelModel& GetChannel() const;

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
                    IsacProblem& problem) override;
    double GetDownlinkSnr(const std::vector<uint32_t>& aps, uint32_t ue) override;
    double GetUplinkSnr(const std::vector<uint32_t>& aps, uint32_t ue, double txPower) override;
    int64_t AssignStreams(int64_t first) override;
};

} // namespace ns3

#endif // CELL_FREE_CSI_H
