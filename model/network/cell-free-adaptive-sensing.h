// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_ADAPTIVE_SENSING_H
#define CELL_FREE_ADAPTIVE_SENSING_H

#include "cell-free-sensing-schedule.h"

#include "ns3/box.h"

#include <cstdint>
#include <map>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Dwells by need: tracks are looked at when they are due, lost ones more often and in more
 * places, and what is left of the streams searches a volume.
 *
 * Without search, dwell k covers k DwellInterval to k DwellInterval + DwellDuration, as with
 * CellFreePeriodicSensing. With it, every SearchPeriod begins with a dwell of SearchDuration that
 * searches; after the same pause as between others, ordinary dwells follow at DwellInterval, as
 * many as fit. When dwells are is thus a function of time alone. Whether one looks anywhere is not:
 * one in which nothing is due has no aims, and costs no rate.
 *
 * With a tracker, a dwell has at most MaxAims aims. SearchAims of them are kept for the search in a
 * dwell that searches. The others go, in this order, within each by the time since the last look,
 *
 * 1. to confirmed tracks that are due: TrackPeriod after their last look, or sooner if their
 *    position error, extrapolated with the velocity's to the middle of a next dwell, would exceed
 *    MaxTrackError and what the last look gave is known;
 * 2. to lost tracks (CellFreeTrack::COASTING), in every dwell;
 * 3. to tentative tracks, in every dwell;
 * 4. to further places in the error ellipsoids of lost tracks, up to LostAims for each;
 * 5. in a dwell that searches, to the next places of the sweep.
 *
 * The aims at a lost track are an odd number 2 A + 1: one at its predicted position and two on each
 * of its A longest axes, at +-sqrt((2 A + 1) / 3) standard deviations. Each has the prediction's
 * covariance with a third of the variance on those axes. With equal shares of probability, they
 * have the prediction's mean and covariance. All carry the kind TRACK and the track's number, so
 * several aims of a dwell may be about the same track.
 *
 * The search divides SearchBox into equal cells of at most SearchSpacing along each axis, and looks
 * at their centres with the covariance of a place that is equally likely anywhere in the cell; the
 * id of such an aim is the number of the cell, x fastest, then y, then z. Every cell is looked at
 * at least once in GetSweepTime().
 *
 * Without a tracker, all targets are illuminated in all dwells.
 */
class CellFreeAdaptiveSensing : public CellFreePeriodicSensing
{
  public:
    /// In which order the cells are searched.
    enum Pattern
    {
        OFF,           //!< no search
        BOUSTROPHEDON, //!< row by row, and back and forth
        GOLDEN_RATIO,  //!< in steps of 0.618 of the cells, so that no part waits for long
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeAdaptiveSensing();
    ~CellFreeAdaptiveSensing() override;

    // Inherited
    Dwell GetDwell(Time time) const override;
    Time GetShortestDwell() const override;
    void ChooseAims(const Dwell& dwell,
                    const std::vector<CellFreeTrack>& tracks,
                    double rcs,
                    std::vector<CellFreeAim>& aims) override;

    /**
     * @brief Says whether a dwell searches.
     * @param dwell a dwell
     * @return true if it does
     */
    bool IsSearching(const Dwell& dwell) const;

    /**
     * @brief The longest time from a look at a cell to the next one, from start to start, with a
     * tracker. Once initialised.
     * @return the time, or 0 without search
     */
    Time GetSweepTime() const;

    /**
     * @brief Aims at a track: one at its prediction, or at parts of its error ellipsoid.
     * @param track the track
     * @param rcs mean cross section to expect (m^2)
     * @param nAims number of aims, >= 1; of an even number one is left out
     * @param[out] aims the aims are added to these; the prediction comes first
     */
    static void AddTrackAims(const CellFreeTrack& track,
                             double rcs,
                             uint32_t nAims,
                             std::vector<CellFreeAim>& aims);

  protected:
    void DoInitialize() override;

  private:
    /// The last look at a track.
    struct Look
    {
        uint64_t number{0};      //!< number among all looks, or 0 for none
        Time start;              //!< start of the dwell
        uint32_t nDetections{0}; //!< the track's detections when the dwell was decided
        uint32_t nMisses{0};     //!< the track's misses then
        bool isPresent{false};   //!< used to find those that are gone
    };

    /// A track that is due.
    struct Need
    {
        int rank{0};          //!< 1: confirmed, 2: lost, 3: tentative
        uint64_t last{0};     //!< number of the last look, or 0
        std::size_t track{0}; //!< index of the track
        uint32_t nAims{1};    //!< aims that it gets
    };

    /**
     * @brief Says whether a confirmed track is due.
     * @param dwell the dwell
     * @param track the track as expected in its middle
     * @param look the last look at it
     * @return true if it is due
     */
    bool IsDue(const Dwell& dwell, const CellFreeTrack& track, const Look& look) const;
    /**
     * @brief Finds the tracks that are due, in the order in which they get aims.
     * @param dwell the dwell
     * @param tracks the tracks
     */
    void FindNeeds(const Dwell& dwell, const std::vector<CellFreeTrack>& tracks);
    /// Divides the box into cells and orders them.
    void OrderCells();
    /// The aim at a cell. @param cell number of the cell @param rcs to expect (m^2) @return aim
    CellFreeAim MakeCellAim(uint32_t cell, double rcs) const;

    // Setters of attributes that are fixed once the simulation runs, and their getters.

    /// @param pattern of the search
    void SetPattern(Pattern pattern);
    /// @return pattern of the search
    Pattern GetPattern() const;
    /// @param box that is searched (m)
    void SetBox(const Box& box);
    /// @return box that is searched (m)
    Box GetBox() const;
    /// @param spacing of cells (m)
    void SetSpacing(double spacing);
    /// @return spacing of cells (m)
    double GetSpacing() const;
    /// @param period of dwells that search
    void SetSearchPeriod(Time period);
    /// @return period of dwells that search
    Time GetSearchPeriod() const;
    /// @param duration of a dwell that searches
    void SetSearchDuration(Time duration);
    /// @return duration of a dwell that searches
    Time GetSearchDuration() const;

    Time m_trackPeriod;               //!< between looks at a track
    double m_maxTrackError{0.0};      //!< beyond which a look is due (m), or 0
    uint32_t m_maxAims{0};            //!< of a dwell
    uint32_t m_lostAims{0};           //!< at a lost track
    Pattern m_pattern{OFF};           //!< of the search
    Box m_box;                        //!< that is searched (m)
    double m_spacing{0.0};            //!< of cells (m)
    Time m_searchPeriod;              //!< between dwells that search
    Time m_searchDuration;            //!< of a dwell that searches
    uint32_t m_searchAims{0};         //!< kept for the search
    std::map<uint32_t, Look> m_looks; //!< by number of the track
    uint64_t m_nLooks{0};             //!< looks at tracks so far
    std::vector<Need> m_needs;        //!< tracks that are due
    uint32_t m_nCells[3]{0, 0, 0};    //!< along the axes
    std::vector<uint32_t> m_cells;    //!< in the order of the sweep
    std::size_t m_nextCell{0};        //!< place in the sweep
};

} // namespace ns3

#endif // CELL_FREE_ADAPTIVE_SENSING_H
