// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_SLOT_PLAN_H
#define CELL_FREE_SLOT_PLAN_H

#include "ns3/cell-free-aim.h"
#include "ns3/isac-problem.h"

#include <Eigen/Core>
#include <algorithm>
#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief What a CPU has decided for one slot: a value that travels from the CPU through
 * the fronthaul to the APs and, in the slot of effect, onto the air.
 *
 * APs, UEs and targets are named by their indices in the CellFreeChannelModel. An uplink plan has
 * no aims, and its beams are combining vectors. A transport block covers all sub-bands; each has
 * beams of its own.
 */
struct CellFreeSlotPlan
{
    uint64_t slot{0};              //!< slot of effect
    uint64_t decided{0};           //!< slot of the decision that the beams are of, if downlink
    bool isUplink{false};          //!< direction
    std::vector<uint32_t> aps;     //!< APs of the CPU that take part, M
    std::vector<uint32_t> ues;     //!< UEs with a stream, U
    std::vector<CellFreeAim> aims; //!< what the sensing streams are for, T
    /// APs whose echoes count; empty for those of aps.
    std::vector<uint32_t> receivers;
    bool isListening{false}; //!< true if the echoes of all targets count, aimed at or not
    bool hasNewBeams{true};  //!< false if its beams are those of an earlier plan
    /// M x U: which AP serves which UE; empty if every AP serves every UE.
    Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic> serving;
    /// Of each sub-band b, M N x (U + T) beams (sqrt(W)), the UEs' streams first; in the uplink,
    /// M N x U combining vectors, of any length: UE u is decoded from f_u^H y.
    std::vector<IsacBeams> beams;
    Eigen::MatrixXd bandSinr;     //!< B x U: SINR that the CPU believes the streams will meet
    Eigen::VectorXd believedSinr; //!< U: the same, effective over the sub-bands for the MCS, linear
    /// M x T: what the CPU believes that AP m illuminates the place of an aim with, as
    /// CellFreeSlotOutcome::echoPower.
    Eigen::MatrixXd aimPower;
    std::vector<int> mcs;          //!< U: MCS of a new block, or -1
    std::vector<uint32_t> symbols; //!< U: data symbols of the stream in this slot
    /// U, uplink only: streams with one number share the band, others overlap it.
    std::vector<uint32_t> layers;
    Eigen::VectorXd txPower; //!< U, uplink only: power on the symbols of the stream (W)
    uint32_t nSilent{0};     //!< APs that sit the slot out: see Silence()

    /// @return true if the plan radiates nothing
    bool IsEmpty() const
    {
        return ues.empty() && aims.empty();
    }

    /**
     * @brief Says whether the sensing streams are for given aims, wherever those have moved.
     * @param others the aims
     * @return true if they are about the same things in the same order
     */
    bool HasAims(const std::vector<CellFreeAim>& others) const
    {
        return std::equal(aims.begin(),
                          aims.end(),
                          others.begin(),
                          others.end(),
                          [](const auto& a, const auto& b) { return a.IsAboutSame(b); });
    }

    /**
     * @brief Lists the targets that the CPU is told of and aims at.
     * @param[out] told their indices in the channel, in the order of the aims
     */
    void ListToldTargets(std::vector<uint32_t>& told) const
    {
        told.clear();
        for (const auto& aim : aims)
        {
            if (aim.kind == CellFreeAim::TARGET)
            {
                told.push_back(aim.id);
            }
        }
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

    /// Takes out, before there are beams, the APs that serve no UE, unless there are aims, which
    /// all APs illuminate.
    void KeepServingAps()
    {
        if (serving.size() == 0 || !aims.empty())
        {
            return;
        }
        std::size_t kept = 0;
        for (std::size_t m = 0; m < aps.size(); ++m)
        {
            if (serving.row(m).any())
            {
                aps[kept] = aps[m];
                serving.row(kept++) = serving.row(m);
            }
        }
        aps.resize(kept);
        serving.conservativeResize(kept, Eigen::NoChange);
    }

    /**
     * @brief Lets an AP sit the slot out: it serves nobody, and sends nothing.
     * @param m position of the AP in the plan
     */
    void Silence(std::size_t m)
    {
        if (serving.size() == 0)
        {
            serving.setConstant(aps.size(), ues.size(), true);
        }
        serving.row(m).setConstant(false);
        for (auto& band : beams)
        {
            if (!isUplink) // combining follows the mask
            {
                band.Ap(m).setZero();
            }
        }
        ++nSilent;
    }

    /// Takes out the UEs that no AP serves; their packets wait.
    void DropUnserved();

    /**
     * @brief Takes out the streams of UEs and aims that are no longer there.
     * @tparam HasUe called with a UE, says if it is there
     * @tparam HasAim called with an aim, says if it still is one
     * @param hasUe the predicate for UEs
     * @param hasAim the predicate for aims
     */
    template <typename HasUe, typename HasAim>
    void KeepOnly(HasUe hasUe, HasAim hasAim);
};

inline void
CellFreeSlotPlan::DropUnserved()
{
    std::vector<uint32_t> served;
    for (std::size_t i = 0; i < ues.size(); ++i)
    {
        if (CountServingAps(i) > 0)
        {
            served.push_back(ues[i]);
        }
    }
    KeepOnly(
        [&served](uint32_t ue) {
            return std::find(served.begin(), served.end(), ue) != served.end();
        },
        [](const CellFreeAim&) { return true; });
}

template <typename HasUe, typename HasAim>
void
CellFreeSlotPlan::KeepOnly(HasUe hasUe, HasAim hasAim)
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
        bandSinr.col(kept) = bandSinr.col(i);
        if (isUplink)
        {
            layers[kept] = layers[i];
            txPower(kept) = txPower(i);
        }
        for (auto& band : beams)
        {
            band.f.col(stream) = band.f.col(i);
        }
        ++stream;
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
    bandSinr.conservativeResize(Eigen::NoChange, kept);
    if (isUplink)
    {
        layers.resize(kept);
        txPower.conservativeResize(kept);
    }
    if (serving.size() != 0)
    {
        serving.conservativeResize(Eigen::NoChange, kept);
    }
    kept = 0;
    for (std::size_t i = 0; i < aims.size(); ++i)
    {
        if (hasAim(aims[i]))
        {
            aims[kept] = aims[i];
            if (aimPower.cols() == static_cast<Eigen::Index>(aims.size()))
            {
                aimPower.col(kept) = aimPower.col(i);
            }
            ++kept;
            for (auto& band : beams)
            {
                band.f.col(stream) = band.f.col(nUes + i);
            }
            ++stream;
        }
    }
    if (aimPower.cols() == static_cast<Eigen::Index>(aims.size()))
    {
        aimPower.conservativeResize(Eigen::NoChange, kept);
    }
    aims.resize(kept);
    for (auto& band : beams)
    {
        band.f.conservativeResize(Eigen::NoChange, stream);
    }
}

/**
 * @ingroup cellfree-isac
 * @brief What the air made of a plan: the one message from truth back to the CPU.
 */
struct CellFreeSlotOutcome
{
    /// B x U: SINR that each stream met in each sub-band, impairments included, linear.
    Eigen::MatrixXd sinr;
    std::vector<uint32_t> targets; //!< targets whose echoes count: their indices in the channel
    Eigen::VectorXd sensingSnr;    //!< SNR (7) of each of them over all sub-bands, linear
    /// M x targets: sum over sub-bands and streams of |a_mt^H f_ms|^2 of AP m towards target t (W).
    Eigen::MatrixXd echoPower;
};

} // namespace ns3

#endif // CELL_FREE_SLOT_PLAN_H
