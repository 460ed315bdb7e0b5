// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_MULTI_TARGET_TRACKER_H
#define CELL_FREE_MULTI_TARGET_TRACKER_H

#include "cell-free-tracker.h"

#include "ns3/isac-motion-filter.h"

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Follows any number of targets by gates, association and a filter for each of them: see
 * IsacMotionFilter.
 *
 * A detection that no track explains begins a tentative track; M detections within N looks confirm
 * it. A look at a track that gives it no detection counts as a miss by as much as a detection was
 * believed probable: a dwell without a look says nothing of a track. A look is an aim at the track
 * itself, or a search whose position and covariance cover it. No random number is drawn, and
 * neither the order of detections nor that of looks matters.
 */
class CellFreeMultiTargetTracker : public CellFreeTracker
{
  public:
    /// How detections find their tracks.
    enum Association
    {
        NEAREST, //!< the pairing of largest likelihood (global nearest neighbour)
        JPDA     //!< each track takes all of its gate by their probabilities
    };

    /// How targets are thought to move.
    enum Motion
    {
        CONSTANT_VELOCITY, //!< straight on, with acceleration noise
        COORDINATED_TURN   //!< straight on or in a turn, by an interacting multiple model
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeMultiTargetTracker();
    ~CellFreeMultiTargetTracker() override;

    // Inherited
    void Update(const CellFreeScan& scan) override;
    uint32_t Cue(Time time,
                 const CellFreeState& state,
                 const CellFreeStateCovariance& covariance) override;
    const std::vector<CellFreeTrack>& GetTracks() const override;
    void Predict(Time time, std::vector<CellFreeTrack>& tracks) const override;

  private:
    /// A track and what is known of it beyond what others are told.
    struct Entry
    {
        CellFreeTrack track;         //!< what others are told
        IsacMotionFilter filter;     //!< state; of track.time
        double missed{0.0};          //!< probability of detection of the misses in a row
        double doubted{0.0};         //!< that of all misses while tentative
        double look{0.0};            //!< probability of detection of the present scan's look
        double detected{0.0};        //!< probability that it has a detection of the present scan
        std::vector<double> partner; //!< per detection of the present scan its probability
    };

    /// @return how targets are thought to move
    IsacMotion GetMotion() const;
    /// Extrapolates a track. @param time to when; the past is ignored @param[in,out] entry it
    void Advance(Time time, Entry& entry) const;
    /// Writes a filter's state to its track. @param[in,out] entry the track
    static void Publish(Entry& entry);
    /// Orders detections, refers them to one time, and checks them. @param scan the dwell
    void TakeDetections(const CellFreeScan& scan);
    /// Notes what looks a track had. @param scan the dwell @param[in,out] entry the track
    static void TakeLooks(const CellFreeScan& scan, Entry& entry);
    /**
     * @brief Associates some of the tracks with the detections that are left, and updates them.
     * @param isTentative whether those are the tentative ones
     * @param association how
     * @param density of false alarms and new targets (1 / (m^3 (m/s)^3))
     */
    void Associate(bool isTentative, Association association, double density);
    /// Changes states by what the scan gave. @param time what the detections are true of
    void Judge(Time time);
    /// Begins tracks from detections that are left. @param time what the detections are true of
    void BeginTracks(Time time);
    /// Joins tracks that share detections for too long.
    void Merge();
    /// Adds a track. @param time its time @param estimate its state @return the entry
    Entry& Add(Time time, const IsacStateEstimate& estimate);

    Association m_association;  //!< how detections find their tracks
    double m_gateProbability;   //!< of a target's detection to be within its track's gate
    Motion m_motion;            //!< how targets are thought to move
    double m_acceleration;      //!< rms change of velocity within 1 s (m/s^2)
    double m_turnRate;          //!< rms rate of turns (rad/s)
    Time m_turnDuration;        //!< mean duration of a turn
    Time m_straightDuration;    //!< mean time between turns
    uint32_t m_initiationHits;  //!< M
    uint32_t m_initiationLooks; //!< N
    Time m_tentativeLifetime;   //!< of a tentative track since its last detection
    double m_maxMisses;         //!< probability of detection of the misses that end a track
    double m_maxError;          //!< position error that ends a track (m)
    double m_maxSpeed;          //!< largest speed of a new target (m/s)
    double m_newTargetDensity;  //!< of new targets per dwell (1 / (m^3 (m/s)^3))
    uint32_t m_mergeDwells;     //!< dwells after which duplicates are merged
    uint32_t m_maxTracks;       //!< tracks at once

    double m_gate{0.0};                  //!< squared distance that m_gateProbability is within
    Time m_time;                         //!< end of the last scan
    uint32_t m_nextId{1};                //!< number of the next track
    std::vector<Entry> m_entries;        //!< by ascending number
    std::vector<CellFreeTrack> m_tracks; //!< what others are told

    std::vector<IsacStateEstimate> m_detections; //!< of the present scan, in an order of their own
    std::vector<char> m_isTaken;                 //!< per detection, whether a track has it
    /// Dwells with one detection for two tracks that are close, since they had two or were not.
    std::map<std::pair<uint32_t, uint32_t>, uint32_t> m_shared;
};

} // namespace ns3

#endif // CELL_FREE_MULTI_TARGET_TRACKER_H
