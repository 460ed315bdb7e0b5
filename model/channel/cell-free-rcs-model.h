// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_RCS_MODEL_H
#define CELL_FREE_RCS_MODEL_H

#include "ns3/isac-rcs.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/random-variable-stream.h"

#include <Eigen/Core>
#include <cstdint>
#include <map>
#include <tuple>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Mean radar cross section of a target, as a pair of APs sees it.
 *
 * It is the mean over what CellFreeRadarModel draws anew for every dwell. The bistatic radar
 * equation of the channel, zeta^2_{t,mt,mr} = e_{mt,t} e_{mr,t}, gives every AP an amplitude with
 * its own monostatic cross section. What a pair of two APs has beside the geometric mean of theirs
 * is a factor of its own, CellFreeChannelModel::GetPairFactors().
 */
class CellFreeRcsModel : public Object
{
  public:
    /// An AP as a target sees it.
    struct Aspect
    {
        uint32_t apId{0}; //!< node id of the AP
        /// Unit vector towards it in the target's frame: the front looks along x, the roof along z.
        Eigen::Vector3d direction{Eigen::Vector3d::UnitX()};
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeRcsModel();
    ~CellFreeRcsModel() override;

    /**
     * @brief Cross section of a target now for a pair of APs.
     * @param targetId node id of the target
     * @param rcs the target's attribute Rcs (m^2), >= 0
     * @param incidence the transmitter
     * @param scattering the receiver, or the transmitter again for the monostatic cross section
     * @return the mean over dwells (m^2), >= 0, the same if the APs are exchanged
     */
    virtual double GetRcs(uint32_t targetId,
                          double rcs,
                          const Aspect& incidence,
                          const Aspect& scattering) = 0;

    /**
     * @brief Mean over all sides of a target, which is what is to be expected of one.
     * @param rcs the target's attribute Rcs (m^2), >= 0
     * @return the monostatic cross section (m^2), >= 0
     */
    virtual double GetMeanRcs(double rcs) const = 0;

    /// @return true if a pair's may differ from the geometric mean of its two APs'
    virtual bool IsPairwise() const = 0;

    /**
     * @brief Fixes all random streams, also those of targets and APs to come.
     * @param first first stream number of the module, >= 0: see GetCellFreeStream()
     * @return the number of streams of the module
     */
    virtual int64_t AssignStreams(int64_t first);
};

/**
 * @ingroup cellfree-isac
 * @brief The same cross section from every side: the target's attribute Rcs.
 */
class CellFreeConstantRcs : public CellFreeRcsModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeConstantRcs();
    ~CellFreeConstantRcs() override;

    // Inherited
    double GetRcs(uint32_t targetId,
                  double rcs,
                  const Aspect& incidence,
                  const Aspect& scattering) override;
    double GetMeanRcs(double rcs) const override;
    bool IsPairwise() const override;
};

/**
 * @ingroup cellfree-isac
 * @brief Cross sections of 3GPP TR 38.901 V19.4.0 section 7.9.2.1, sigma_M sigma_D sigma_S: a
 * deterministic pattern over both directions, see cellfree::GetRcsPattern(), and a log-normal
 * factor, see cellfree::GetRcsSpreadFactor(). The target's attribute Rcs is not read.
 *
 * sigma_S is a small-scale parameter of a path (step 10 of section 7.9.4.1): drawn once per drop
 * for every target, scattering point and pair of APs, independent of all others; an AP pairs with
 * itself too, and the two directions of a pair have one. RedrawPeriod makes new drops. Those of
 * CellFreeRadarModel multiply it: a run that is to have sigma_S alone sets Fluctuation to Constant.
 *
 * The scattering points of a vehicle or AGV with five are at one place here: their powers add up,
 * as the mean over their phases does.
 */
class CellFreeThreeGppRcs : public CellFreeRcsModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeThreeGppRcs();
    ~CellFreeThreeGppRcs() override;

    // Inherited
    double GetRcs(uint32_t targetId,
                  double rcs,
                  const Aspect& incidence,
                  const Aspect& scattering) override;
    double GetMeanRcs(double rcs) const override;
    bool IsPairwise() const override;
    int64_t AssignStreams(int64_t first) override;

  protected:
    void DoDispose() override;

  private:
    /// The factors of one target and pair.
    struct Spread
    {
        Ptr<UniformRandomVariable> uniform; //!< what they are drawn from
        int64_t drop{-1};                   //!< the drop that they were drawn for last
        Eigen::Array<double, 5, 1> gaussians{
            Eigen::Array<double, 5, 1>::Zero()}; //!< of the scattering points
    };

    /// Node ids of a target and of a pair's APs, the smaller one first.
    using Key = std::tuple<uint32_t, uint32_t, uint32_t>;

    /**
     * @brief Sets the time between drops.
     * @param period the time, or 0
     */
    void SetRedrawPeriod(Time period);
    /// @return the time between drops, or 0
    Time GetRedrawPeriod() const;
    /**
     * @brief The factors of the present drop, drawn if they were not.
     * @param key the target and the pair
     * @return the factors
     */
    const Spread& GetSpread(const Key& key);
    /**
     * @brief Fixes the stream of a target and pair, if streams are assigned.
     * @param key the target and the pair
     * @param uniform its random variable
     */
    void AssignStream(const Key& key, UniformRandomVariable& uniform) const;

    IsacRcsClass m_class;            //!< what the target is
    bool m_hasSpread;                //!< whether there is a sigma_S
    Time m_redrawPeriod;             //!< time between drops; 0: one
    int64_t m_firstStream{-1};       //!< of the module, or -1 for ns-3's choice
    std::map<Key, Spread> m_spreads; //!< drawn so far
};

} // namespace ns3

#endif // CELL_FREE_RCS_MODEL_H
