// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_RADAR_MODEL_H
#define CELL_FREE_RADAR_MODEL_H

#include "ns3/isac-detection.h"
#include "ns3/object.h"
#include "ns3/random-variable-stream.h"

#include <complex>
#include <map>
#include <tuple>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief The truth of what targets reflect: how they fluctuate from dwell to dwell, and from
 * interval to interval within one.
 *
 * Equation (5) has a reflection alpha, E|alpha|^2 = 1, for each pair of transmitting and receiving
 * AP, which sees the target from its own sides. A receiver that does not resolve the transmitters
 * meets their sum, which has one alpha of the same law. Every look, that is a target and a receiver
 * or a target, a receiver and a transmitter, has its own random stream, so the k-th dwell of a look
 * has the same draws whatever other targets and APs there are. Nothing here decides on detection:
 * see CellFreeDetector.
 */
class CellFreeRadarModel : public Object
{
  public:
    /// What one look meets in one dwell.
    struct Look
    {
        std::complex<double> reflection; //!< alpha
        std::complex<double> noise;      //!< receiver noise after combining, CN(0, 1)
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Draws the next dwell of a look whose transmitters are not resolved.
     * @param targetId node id of the target
     * @param receiverId node id of the receiving AP, or the target's own for one look of all APs
     * @return reflection and noise
     */
    Look Draw(uint32_t targetId, uint32_t receiverId);

    /**
     * @brief Draws the next dwell of a look at one transmitter's echo.
     * @param targetId node id of the target
     * @param receiverId node id of the receiving AP, below 1024
     * @param transmitterId node id of the transmitting AP, below 1024
     * @return reflection and noise
     */
    Look Draw(uint32_t targetId, uint32_t receiverId, uint32_t transmitterId);

    /**
     * @brief Draws the next dwell of a look whose transmitters are not resolved, for a receiver
     * that splits a dwell into intervals. With one of them it is what Draw() gives.
     * @param targetId node id of the target
     * @param receiverId node id of the receiving AP, or the target's own for one look of all APs
     * @param nReference reference cells of the look; 0: none
     * @param k the look's place
     * @param[in,out] echoes what the looks of the target meet, resized for K looks of n intervals
     */
    void DrawIntervals(uint32_t targetId,
                       uint32_t receiverId,
                       uint32_t nReference,
                       Eigen::Index k,
                       IsacEchoes& echoes);

    /**
     * @brief The same of a look at one transmitter's echo.
     * @param targetId node id of the target
     * @param receiverId node id of the receiving AP, below 1024
     * @param transmitterId node id of the transmitting AP, below 1024
     * @param nReference reference cells of the look; 0: none
     * @param k the look's place
     * @param[in,out] echoes what the looks of the target meet, resized for K looks of n intervals
     */
    void DrawIntervals(uint32_t targetId,
                       uint32_t receiverId,
                       uint32_t transmitterId,
                       uint32_t nReference,
                       Eigen::Index k,
                       IsacEchoes& echoes);

    /// @return how targets fluctuate
    IsacFluctuation GetFluctuation() const;

    /**
     * @brief Fixes the random streams of all looks, drawn before or not.
     * @param first first stream number of the module, >= 0
     * @return the number of streams of the module
     */
    int64_t AssignStreams(int64_t first);

  protected:
    void DoDispose() override;

  private:
    /// Purpose of the stream and the node ids that it is numbered by.
    using Key = std::tuple<int64_t, uint32_t, uint32_t>;

    /**
     * @brief Draws reflection and noise.
     * @param key the look
     * @return the next interval of the look, with a reflection of its own
     */
    Look Draw(const Key& key);

    /**
     * @brief Draws reflections, noises and reference cells.
     * @param key the look
     * @param nReference reference cells of the look; 0: none
     * @param k the look's place
     * @param[in,out] echoes what the looks of the target meet
     */
    void DrawIntervals(const Key& key, uint32_t nReference, Eigen::Index k, IsacEchoes& echoes);

    /**
     * @brief The random variable of a look.
     * @param key the look
     * @return the variable, with its stream
     */
    UniformRandomVariable& GetUniform(const Key& key);

    /**
     * @brief Fixes the stream of a look, if streams are assigned.
     * @param key the look
     * @param uniform its random variable
     */
    void AssignStream(const Key& key, UniformRandomVariable& uniform) const;

    int64_t m_firstStream{-1};                         //!< of the module, or -1 for ns-3's choice
    IsacFluctuation m_fluctuation;                     //!< how targets fluctuate
    std::map<Key, Ptr<UniformRandomVariable>> m_looks; //!< streams of the looks drawn so far
};

} // namespace ns3

#endif // CELL_FREE_RADAR_MODEL_H
