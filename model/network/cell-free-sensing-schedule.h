// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_SENSING_SCHEDULE_H
#define CELL_FREE_SENSING_SCHEDULE_H

#include "cell-free-scan.h"

#include "ns3/nstime.h"
#include "ns3/object.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Decides when which targets are illuminated, as a pure function of time: it is asked for
 * the slot in which beams take effect, which may lie in the future.
 *
 * Dwells are numbered from 0, follow each other and do not overlap.
 */
class CellFreeSensingSchedule : public Object
{
  public:
    /// A dwell; it covers the times from start to before end.
    struct Dwell
    {
        int64_t number{-1}; //!< number of the dwell, or -1 for none
        Time start;         //!< start
        Time end;           //!< end
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeSensingSchedule();
    ~CellFreeSensingSchedule() override;

    /**
     * @brief Names the dwell that a time belongs to.
     * @param time a time >= 0
     * @return the dwell; of number -1 between dwells
     */
    virtual Dwell GetDwell(Time time) const = 0;

    /**
     * @brief The shortest dwell, which limits the symbols that can be integrated coherently.
     * @return its duration
     */
    virtual Time GetShortestDwell() const = 0;

    /**
     * @brief Names the targets to illuminate at a time, the same ones throughout a dwell. As given
     * here, all of them in every dwell.
     * @param time a time >= 0
     * @param targets indices of the targets that are there since the start of the time's dwell
     * @param[out] due those to illuminate, in the same order
     */
    virtual void GetDueTargets(Time time,
                               const std::vector<uint32_t>& targets,
                               std::vector<uint32_t>& due) const;

    /**
     * @brief Chooses where to look in a dwell, where a tracker says what is known of targets. Asked
     * once for each dwell, in their order, and possibly before it starts. As given here, one aim a
     * track.
     * @param dwell the dwell
     * @param tracks the tracks as they are expected in the middle of it
     * @param rcs mean cross section to expect (m^2)
     * @param[out] aims where to look: tracks and places to search
     */
    virtual void ChooseAims(const Dwell& dwell,
                            const std::vector<CellFreeTrack>& tracks,
                            double rcs,
                            std::vector<CellFreeAim>& aims);

    /**
     * @brief An aim at a track.
     * @param track the track
     * @param rcs mean cross section to expect (m^2)
     * @return the aim
     */
    static CellFreeAim MakeAim(const CellFreeTrack& track, double rcs);
};

/**
 * @ingroup cellfree-isac
 * @brief A dwell on all targets at equal intervals: dwell k covers k DwellInterval to
 * k DwellInterval + DwellDuration.
 */
class CellFreePeriodicSensing : public CellFreeSensingSchedule
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreePeriodicSensing();
    ~CellFreePeriodicSensing() override;

    // Inherited
    Dwell GetDwell(Time time) const override;
    Time GetShortestDwell() const override;

  protected:
    void DoInitialize() override;

    /// @return the duration of a dwell
    Time GetDuration() const;
    /// @return the time from the start of a dwell to that of the next
    Time GetInterval() const;

  private:
    /// Sets the duration, before initialisation only. @param duration the duration of a dwell
    void SetDuration(Time duration);
    /// Sets the interval, before initialisation only. @param interval from start to start
    void SetInterval(Time interval);

    Time m_duration; //!< duration of a dwell
    Time m_interval; //!< time between the starts of dwells
};

} // namespace ns3

#endif // CELL_FREE_SENSING_SCHEDULE_H
