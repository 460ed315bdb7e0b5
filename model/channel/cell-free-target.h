// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_TARGET_H
#define CELL_FREE_TARGET_H

#include "cell-free-rcs-model.h"

#include "ns3/object.h"
#include "ns3/vector.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Makes any Node with a MobilityModel a radar target: aggregate this object to it.
 *
 * The target's own frame is level: its roof looks up, and its front looks where it moves
 * horizontally, or along the attribute Heading while it does not.
 */
class CellFreeTarget : public Object
{
  public:
    /// An AP that illuminates or listens.
    struct Ap
    {
        uint32_t id{0};  //!< its node's id
        Vector position; //!< where it is (m)
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeTarget();
    ~CellFreeTarget() override;

    /// @return the radar cross section that is to be expected, over all its sides (m^2), >= 0
    double GetRcs() const;

    /**
     * @brief Radar cross section as a pair of APs sees it now. Aborts if the object is not
     * aggregated to a node with a MobilityModel.
     * @param transmitter the AP that illuminates
     * @param receiver the AP that listens, or the same for the monostatic cross section
     * @return the mean over dwells (m^2), >= 0
     */
    double GetRcs(const Ap& transmitter, const Ap& receiver) const;

    /// @return what the cross section depends on
    Ptr<CellFreeRcsModel> GetRcsModel() const;

    /// @return true if the target reflects but is nobody's business
    bool IsUnintended() const;

  protected:
    void DoDispose() override;

  private:
    /**
     * @brief Sets what the cross section depends on.
     * @param model the model
     */
    void SetRcsModel(Ptr<CellFreeRcsModel> model);

    double m_rcs;                     //!< mean radar cross section (m^2)
    double m_heading;                 //!< azimuth of the front while it stands (degrees)
    Ptr<CellFreeRcsModel> m_rcsModel; //!< what the cross section depends on
    bool m_isUnintended;              //!< whether it is nobody's business
};

} // namespace ns3

#endif // CELL_FREE_TARGET_H
