// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_THREE_GPP_LARGE_SCALE_H
#define CELL_FREE_THREE_GPP_LARGE_SCALE_H

#include "cell-free-gaussian-field.h"
#include "cell-free-large-scale-model.h"
#include "cell-free-three-gpp.h"

#include "ns3/random-variable-stream.h"

#include <map>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Path loss, line-of-sight state and shadowing of 3GPP TR 38.901 V17.0.0, spatially
 * consistent, the same in every ns-3 release.
 *
 * Every AP has three random fields over the UE's horizontal place relative to it (section 7.6.3):
 * a link is in line of sight where the first, taken to a uniform variable, is below the
 * probability of table 7.4.2-1 at that place, and its shadowing is the second in line of sight and
 * the third without, times the standard deviation of table 7.4.1-1. Correlation is exp(-d / D) with
 * the distances of tables 7.6.3.1-2 and 7.5-6. So a UE that moves changes state and shadowing, a
 * static one keeps both to the bit, two UEs at one place share them, and no link depends on what
 * other links there are. In line of sight a third field is the K factor, log-normal with the mean,
 * deviation and correlation distance of table 7.5-6, independent of the shadowing.
 */
class CellFreeThreeGppLargeScale : public CellFreeLargeScaleModel
{
  public:
    /// Which links are in line of sight.
    enum LineOfSight
    {
        DRAWN,  //!< by the probabilities of table 7.4.2-1
        ALWAYS, //!< all
        NEVER,  //!< none
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    void CheckFrequency(double frequency) const override;
    double GetLoss(const CellFreeLinkEnds& ends, double frequency) override;
    bool IsLineOfSight(const CellFreeLinkEnds& ends) override;
    double GetKFactor(const CellFreeLinkEnds& ends) override;
    int64_t AssignStreams(int64_t first) override;

  protected:
    void DoDispose() override;

  private:
    /// The random fields around one AP.
    struct Site
    {
        CellFreeGaussianField los;           //!< line-of-sight state
        CellFreeGaussianField losShadowing;  //!< shadowing in line of sight
        CellFreeGaussianField nlosShadowing; //!< shadowing without
        CellFreeGaussianField kFactor;       //!< K factor in line of sight
    };

    /**
     * @brief Finds an AP's fields; draws them at the first call.
     * @param apId node id of the AP
     * @return the fields
     */
    const Site& GetSite(uint32_t apId);

    /**
     * @brief Sets the scenario; fields are drawn anew with its correlation distances.
     * @param scenario the scenario
     */
    void SetScenario(CellFreeThreeGpp::Scenario scenario);

    /// @return the scenario
    CellFreeThreeGpp::Scenario GetScenario() const;

    CellFreeThreeGpp::Scenario m_scenario; //!< the scenario
    LineOfSight m_lineOfSight;             //!< which links are in line of sight
    bool m_shadowing;                      //!< whether there is shadowing
    int64_t m_firstStream{-1};             //!< first stream of the module; -1: ns-3 chooses
    std::map<uint32_t, Site> m_sites;      //!< the fields of every AP by node id
};

} // namespace ns3

#endif // CELL_FREE_THREE_GPP_LARGE_SCALE_H
