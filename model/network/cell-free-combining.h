// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_COMBINING_H
#define CELL_FREE_COMBINING_H

#include "ns3/isac-combining.h"
#include "ns3/object.h"

#include <Eigen/Core>
#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief How a CPU combines what its APs receive in an uplink slot.
 *
 * To write your own, derive from this class, implement Combine() and register a TypeId.
 */
class CellFreeCombining : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    ~CellFreeCombining() override;

    /**
     * @brief Compute the combining vectors of a slot in one sub-band.
     * @param ues indices of the UEs that send, in the order of the columns; not one is named twice
     * @param uplink the channels as the CPU believes them, with who serves whom
     * @param[out] v (M N) x U vectors; zero where an AP does not serve a UE. The CPU decodes UE u
     * from v_u^H y; the length of a vector does not matter
     */
    virtual void Combine(const std::vector<uint32_t>& ues,
                         const IsacUplink& uplink,
                         Eigen::MatrixXcd& v) = 0;
};

/**
 * @ingroup cellfree-isac
 * @brief Maximum ratio: every serving AP's antennas, weighted by the estimated channels.
 */
class CellFreeMaximumRatio : public CellFreeCombining
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeMaximumRatio();
    ~CellFreeMaximumRatio() override;

    void Combine(const std::vector<uint32_t>& ues,
                 const IsacUplink& uplink,
                 Eigen::MatrixXcd& v) override;
};

/**
 * @ingroup cellfree-isac
 * @brief Every AP suppresses the other UEs that it serves by itself (LP-MMSE, (5.39) of the book
 * named at IsacCombining); the CPU adds up, or weighs by large-scale fading decoding.
 *
 * The weights are the nearly optimal ones (5.41). Their means are averages over the slots in which
 * a UE was served, of what the APs know: E{v_mu^H h_mu} from estimates, and the mean power beside
 * it, errors and noise included. What interference has in common at two APs, by shared pilots, is
 * left out of them, so that they need no exchange between APs.
 */
class CellFreeLocalMmse : public CellFreeCombining
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeLocalMmse();
    ~CellFreeLocalMmse() override;

    void Combine(const std::vector<uint32_t>& ues,
                 const IsacUplink& uplink,
                 Eigen::MatrixXcd& v) override;

  private:
    /// What was averaged for a UE.
    struct Average
    {
        uint32_t number{0};      //!< vectors averaged, up to the memory
        Eigen::VectorXcd signal; //!< M: mean of sqrt(p_u) v_mu^H h_mu
        Eigen::VectorXd power;   //!< M: mean power of all that AP m combines for the UE (W)
    };

    /**
     * @brief Takes a slot into the averages of a UE and weighs its vector by them.
     * @param average the averages
     * @param uplink the channels as they are believed
     * @param u position of the UE
     * @param[in,out] v (M N) x U vectors
     */
    void Weigh(Average& average, const IsacUplink& uplink, Eigen::Index u, Eigen::MatrixXcd& v);

    bool m_hasFusion{true};              //!< weigh by large-scale fading decoding
    uint32_t m_memory{0};                //!< vectors that an average remembers
    IsacCombining m_combining;           //!< work space
    IsacFusion m_fusion;                 //!< work space
    IsacFusion::Statistics m_statistics; //!< of the UE at hand
    Eigen::MatrixXd m_errorPower;        //!< M x U
    std::vector<Average> m_averages;     //!< by UE
};

/**
 * @ingroup cellfree-isac
 * @brief The CPU suppresses all UEs that share an AP with the one it decodes, with the antennas of
 * all serving APs together (P-MMSE, (5.16) of the book named at IsacCombining).
 */
class CellFreePartialMmse : public CellFreeCombining
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreePartialMmse();
    ~CellFreePartialMmse() override;

    void Combine(const std::vector<uint32_t>& ues,
                 const IsacUplink& uplink,
                 Eigen::MatrixXcd& v) override;

  private:
    IsacCombining m_combining; //!< work space
};

} // namespace ns3

#endif // CELL_FREE_COMBINING_H
