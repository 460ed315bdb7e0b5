// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_LINK_ADAPTATION_H
#define CELL_FREE_LINK_ADAPTATION_H

#include "cell-free-error-model.h"
#include "cell-free-ring.h"

#include "ns3/object.h"

#include <Eigen/Core>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Chooses the MCS of a new block from the SINR that the CPU believes.
 *
 * Links are counted from 0: one per UE and direction, as CellFreeCpu numbers them.
 */
class CellFreeLinkAdaptation : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    ~CellFreeLinkAdaptation() override;

    /**
     * @brief Set the error model that says which MCS is safe.
     * @param errorModel the model
     */
    void SetErrorModel(Ptr<const CellFreeErrorModel> errorModel);

    /**
     * @brief Make room for links; those that exist keep their state.
     * @param nLinks number of links, at least as many as before
     */
    virtual void SetNLinks(uint32_t nLinks) = 0;

    /**
     * @brief Choose the MCS of a new block.
     * @param link index of the link
     * @param sinr believed SINR in each sub-band, linear
     * @param nSymbols data symbols of the block
     * @return MCS index, or -1 if the link is too weak for MCS 0
     */
    virtual int SelectMcs(uint32_t link,
                          const Eigen::Ref<const Eigen::VectorXd>& sinr,
                          uint32_t nSymbols) const = 0;

    /**
     * @brief Choose the MCS of a new block that meets one SINR.
     * @param link index of the link
     * @param sinr believed SINR, linear
     * @param nSymbols data symbols of the block
     * @return MCS index, or -1 if the link is too weak for MCS 0
     */
    int SelectMcsFlat(uint32_t link, double sinr, uint32_t nSymbols) const;

    /// Learns that a slot begins; does nothing unless a class cares. @param slot its number
    virtual void BeginSlot(uint64_t slot);

    /**
     * @brief Tell what SINR a link's stream met; does nothing unless a class cares.
     * @param link index of the link
     * @param slot slot in which it was on the air
     * @param sinr SINR in each sub-band, linear
     */
    virtual void ReportSinr(uint32_t link,
                            uint64_t slot,
                            const Eigen::Ref<const Eigen::VectorXd>& sinr);

    /**
     * @brief Tell what became of the first transmission of a block.
     * @param link index of the link
     * @param success true if it was decoded
     */
    virtual void ReportFirstTransmission(uint32_t link, bool success) = 0;

  protected:
    void DoDispose() override;

    Ptr<const CellFreeErrorModel> m_errorModel; //!< block error rates
};

/**
 * @ingroup cellfree-isac
 * @brief Chooses the MCS from the believed SINR, less a margin that an outer loop steers.
 *
 * The outer loop raises a link's margin by OuterLoopStep when a first transmission fails and
 * lowers it by OuterLoopStep * b / (1 - b) when it is decoded, so that the error rate settles at
 * the target b (K. I. Pedersen et al., "Frequency domain scheduling for OFDMA with limited and
 * noisy channel feedback", VTC 2007 Fall).
 */
class CellFreeOuterLoopAdaptation : public CellFreeLinkAdaptation
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeOuterLoopAdaptation();
    ~CellFreeOuterLoopAdaptation() override;

    void SetNLinks(uint32_t nLinks) override;
    int SelectMcs(uint32_t link,
                  const Eigen::Ref<const Eigen::VectorXd>& sinr,
                  uint32_t nSymbols) const override;
    void ReportFirstTransmission(uint32_t link, bool success) override;

    /**
     * @brief Get the margin of a link.
     * @param link index of the link
     * @return margin subtracted from the believed SINR (dB)
     */
    double GetMargin(uint32_t link) const;

  protected:
    /// @return block error rate that a first transmission aims at
    double GetTargetBler() const;

  private:
    /// The margin of a link.
    struct Margin
    {
        double decibels{0.0}; //!< what is subtracted from the believed SINR (dB)
        double factor{1.0};   //!< the same as a factor of the SINR, linear
    };

    double m_targetBler;                //!< target block error rate
    double m_step;                      //!< outer-loop step (dB)
    double m_maxMargin;                 //!< largest margin (dB)
    double m_minMargin;                 //!< smallest margin (dB)
    std::vector<Margin> m_margins;      //!< of each link
    mutable Eigen::VectorXd m_safeSinr; //!< believed SINRs less the margin
};

/**
 * @ingroup cellfree-isac
 * @brief Chooses the MCS from what receivers report of the SINR that they measured, less the margin
 * of the outer loop.
 *
 * A receiver measures the SINR of each of its streams. At the first slot from then on whose number
 * is a multiple of ReportPeriod it reports the latest measurement, as one wideband channel quality
 * indicator (CQI) of TS 38.214 table 5.2.2.1-2 or, with 256QAM, 5.2.2.1-3: the largest one of which
 * a block would fail at most once in ten times (section 5.2.2.1). Every CQI from 2 on has the
 * modulation and code rate of an MCS, and the first one, R = 78/1024, is taken to need as much less
 * SINR than MCS 0 as it carries less. ReportDelay slots later the CPU
 * takes the smallest SINR at which that CQI is reported for the link's. Until a link's first report
 * it goes by the SINR that it believes, as it does, with MCS 0, when the report says out of range:
 * a link that is silent is not measured.
 */
class CellFreeCqiAdaptation : public CellFreeOuterLoopAdaptation
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeCqiAdaptation();
    ~CellFreeCqiAdaptation() override;

    void SetNLinks(uint32_t nLinks) override;
    void BeginSlot(uint64_t slot) override;
    void ReportSinr(uint32_t link,
                    uint64_t slot,
                    const Eigen::Ref<const Eigen::VectorXd>& sinr) override;
    int SelectMcs(uint32_t link,
                  const Eigen::Ref<const Eigen::VectorXd>& sinr,
                  uint32_t nSymbols) const override;

    /**
     * @brief The latest report of a link that has arrived.
     * @param link index of the link
     * @return CQI, 0 for out of range to 15, or -1 before the first
     */
    int GetCqi(uint32_t link) const;

    /**
     * @brief The CQI that a receiver reports.
     * @param errorModel block error rates
     * @param sinr SINR in each sub-band, linear
     * @return CQI, 0 to 15
     */
    static int ComputeCqi(const CellFreeErrorModel& errorModel,
                          const Eigen::Ref<const Eigen::VectorXd>& sinr);

  private:
    /// A report on its way.
    struct Report
    {
        uint64_t sentSlot{0}; //!< slot in which it is sent
        uint64_t slot{0};     //!< slot in which it arrives
        int cqi{0};           //!< what it says
    };

    /// What is known of a link.
    struct Link
    {
        int cqi{-1};                  //!< latest report that has arrived, or -1
        CellFreeRing<Report> reports; //!< on their way, by slot
    };

    uint32_t m_period;         //!< slots between reports
    uint32_t m_delay;          //!< slots from a report to its arrival
    std::vector<Link> m_links; //!< by index
};

} // namespace ns3

#endif // CELL_FREE_LINK_ADAPTATION_H
