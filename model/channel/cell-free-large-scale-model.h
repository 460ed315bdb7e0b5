// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_LARGE_SCALE_MODEL_H
#define CELL_FREE_LARGE_SCALE_MODEL_H

#include "cell-free-link-ends.h"

#include "ns3/object.h"
#include "ns3/propagation-loss-model.h"

#include <cstdint>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Path loss and shadowing of the links between APs and UEs.
 *
 * The channel asks for every link at every large-scale update, in the same order always. To write
 * your own, derive from this class, implement the pure virtual functions and register a TypeId.
 */
class CellFreeLargeScaleModel : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    ~CellFreeLargeScaleModel() override;

    /**
     * @brief Checks that the model can work at a carrier frequency; aborts in one line if not.
     * @param frequency the channel's carrier frequency (Hz)
     */
    virtual void CheckFrequency(double frequency) const = 0;

    /**
     * @brief Path loss and shadowing of a link with its ends where they are now.
     * @param ends the ends of the link
     * @param frequency carrier frequency (Hz) that CheckFrequency() has passed
     * @return the loss between isotropic antennas (dB); minus infinity at distance 0 is allowed
     */
    virtual double GetLoss(const CellFreeLinkEnds& ends, double frequency) = 0;

    /**
     * @brief Says whether a link is in line of sight with its ends where they are now. Asked after
     * GetLoss(), and only for fading models that care.
     * @param ends the ends of the link
     * @return true in line of sight; as given here, false
     */
    virtual bool IsLineOfSight(const CellFreeLinkEnds& ends);

    /**
     * @brief Draws a link's K factor with its ends where they are now. As given here, aborts.
     * @param ends the ends of the link, in line of sight
     * @return power of the line of sight over that of the other paths, linear, >= 0
     */
    virtual double GetKFactor(const CellFreeLinkEnds& ends);

    /**
     * @brief Fixes all random streams, also those of links to come; draws begin anew.
     * @param first first stream number of the module: see GetCellFreeStream()
     * @return the streams reserved for the module, CELL_FREE_STREAMS
     */
    virtual int64_t AssignStreams(int64_t first) = 0;
};

/**
 * @ingroup cellfree-isac
 * @brief Takes path loss and shadowing from a chain of ns-3's PropagationLossModels, as it is.
 *
 * What the chain draws, and when, is ns-3's: its 3GPP models before 3.47 redraw the shadowing of a
 * static link at their second call, freeze the line-of-sight state unless the condition model has
 * an UpdatePeriod, and give other values in other releases. CellFreeThreeGppLargeScale does not.
 *
 * The line of sight is that of the chain's first 3GPP model, whose condition model may be any of
 * ns-3's: by probabilities, buildings, always or never.
 */
class CellFreePropagationLossChain : public CellFreeLargeScaleModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    void CheckFrequency(double frequency) const override;
    double GetLoss(const CellFreeLinkEnds& ends, double frequency) override;
    bool IsLineOfSight(const CellFreeLinkEnds& ends) override;
    int64_t AssignStreams(int64_t first) override;

  protected:
    void DoDispose() override;

  private:
    Ptr<PropagationLossModel> m_loss; //!< the first model of the chain
    bool m_lineOfSight;               //!< state of all links where no model of the chain has one
};

} // namespace ns3

#endif // CELL_FREE_LARGE_SCALE_MODEL_H
