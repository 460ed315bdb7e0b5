// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_SLOT_PLAN_H
#define CELL_FREE_SLOT_PLAN_H

#include "ns3/isac-problem.h"

#include <Eigen/Core>
#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief What a CPU has decided for one slot and band: a value that travels from the CPU through
 * the fronthaul to the APs and, in the slot of effect, onto the air.
 *
 * APs, UEs and targets are named by their indices in the CellFreeChannelModel. An uplink plan has
 * neither targets nor beams.
 */
struct CellFreeSlotPlan
{
    uint64_t slot{0};              //!< slot of effect
    uint32_t band{0};              //!< sub-band
    bool isUplink{false};          //!< direction
    std::vector<uint32_t> aps;     //!< APs of the CPU, M
    std::vector<uint32_t> ues;     //!< UEs with a stream, U
    std::vector<uint32_t> targets; //!< targets with a stream, T
    /// M x U: which AP serves which UE; empty if every AP serves every UE.
    Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic> serving;
    IsacBeams beams;               //!< M N x (U + T) beams (sqrt(W)), the UEs' streams first
    Eigen::VectorXd believedSinr;  //!< U: what the CPU believes the streams will meet, linear
    std::vector<int> mcs;          //!< U: MCS of a new block, or -1
    std::vector<uint32_t> symbols; //!< U: data symbols of the stream in this slot
    /// U, uplink only: streams with one number share the band, others overlap it.
    std::vector<uint32_t> layers;

    /// @return true if the plan radiates nothing
    bool IsEmpty() const
    {
        return ues.empty() && targets.empty();
    }

    /**
     * @brief Number of APs that serve a UE.
     * @param i position of the UE in the plan
     * @return the number
     */
    uint32_t CountServingAps(std::size_t i) const
    {
        return serving.size() == 0 ? aps.size() : serving.col(i).count();
    }

    /**
     * @brief Takes out the streams of UEs and targets that are no longer there.
     * @tparam HasUe called with a UE, says if it is there
     * @tparam HasTarget called with a target, says if it is there
     * @param hasUe the predicate for UEs
     * @param hasTarget the predicate for targets
     */
    template <typename HasUe, typename HasTarget>
    void KeepOnly(HasUe hasUe, HasTarget hasTarget);
};

template <typename HasUe, typename HasTarget>
void
CellFreeSlotPlan::KeepOnly(HasUe hasUe, HasTarget hasTarget)
{
    std::size_t kept = 0;
    Eigen::Index stream = 0;
    const auto nUes = ues.size();
    for (std::size_t i = 0; i < nUes; ++i)
    {
        if (!hasUe(ues[i]))
        {
            continue;
        }
        ues[kept] = ues[i];
        mcs[kept] = mcs[i];
        symbols[kept] = symbols[i];
        believedSinr(kept) = believedSinr(i);
        if (isUplink)
        {
            layers[kept] = layers[i];
        }
        else
        {
            beams.f.col(stream++) = beams.f.col(i);
        }
        if (serving.size() != 0)
        {
            serving.col(kept) = serving.col(i);
        }
        ++kept;
    }
    ues.resize(kept);
    mcs.resize(kept);
    symbols.resize(kept);
    believedSinr.conservativeResize(kept);
    if (isUplink)
    {
        layers.resize(kept);
    }
    if (serving.size() != 0)
    {
        serving.conservativeResize(Eigen::NoChange, kept);
    }
    kept = 0;
    for (std::size_t i = 0; i < targets.size(); ++i)
    {
        if (hasTarget(targets[i]))
        {
            targets[kept++] = targets[i];
            beams.f.col(stream++) = beams.f.col(nUes + i);
        }
    }
    targets.resize(kept);
    if (!isUplink)
    {
        beams.f.conservativeResize(Eigen::NoChange, stream);
    }
}

/**
 * @ingroup cellfree-isac
 * @brief What the air made of a plan: the one message from truth back to the CPU.
 */
struct CellFreeSlotOutcome
{
    Eigen::VectorXd sinr;       //!< U: SINR that each stream met, impairments included, linear
    Eigen::VectorXd sensingSnr; //!< T: SNR (7) of each target, linear
    Eigen::MatrixXd echoPower;  //!< M x T: sum_s |a_mt^H f_ms|^2 of each AP towards each target (W)
};

} // namespace ns3

#endif // CELL_FREE_SLOT_PLAN_H
