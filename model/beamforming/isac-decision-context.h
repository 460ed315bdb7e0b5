// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_DECISION_CONTEXT_H
#define ISAC_DECISION_CONTEXT_H

#include <Eigen/Core>
#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief What surrounds a decision: its slot, and who the indices of its problems are.
 */
struct IsacDecisionContext
{
    uint64_t slot{0}; //!< slot of the decision
    double time{0.0}; //!< when that slot starts (s)
    /// Slot in which the beams are to take effect; the fronthaul may make it a later one.
    uint64_t effect{0};
    std::vector<uint32_t> ap; //!< M: node ids of the APs
    std::vector<uint32_t> ue; //!< U: node ids of the UEs
    /// T: node ids of the targets; -1 where the CPU is not told which target a stream is for.
    std::vector<int64_t> target;
};

/**
 * @ingroup cellfree-isac
 * @brief What the beams of a decision met in one slot, for policies that learn.
 */
struct IsacDecisionOutcome
{
    /// What a dwell that ended since the last outcome found of one target.
    struct Dwell
    {
        uint32_t target{0};     //!< node id of the target
        double start{0.0};      //!< start of the dwell (s)
        double end{0.0};        //!< its end (s)
        double snr{0.0};        //!< SNR (7), mean over the dwell, per symbol, linear
        double combinedSnr{0};  //!< after combining, linear
        double pd{0.0};         //!< probability of detection
        bool isDetected{false}; //!< whether the target was detected
    };

    uint64_t decision{0};             //!< slot of the decision
    uint64_t slot{0};                 //!< slot in which the beams were on the air
    double time{0.0};                 //!< when that slot starts (s)
    std::vector<uint32_t> ap;         //!< M: node ids of the APs
    std::vector<uint32_t> ue;         //!< U: node ids of the UEs with a stream
    Eigen::MatrixXd sinr;             //!< B x U: SINR that the streams met, linear
    Eigen::VectorXd believedSinr;     //!< U: effective SINR that the CPU believed, linear
    std::vector<int32_t> mcs;         //!< U: MCS, or -1 if nothing was sent
    std::vector<uint32_t> blockBytes; //!< U: size of the block
    std::vector<uint8_t> isDecoded;   //!< U: 1 where the block came through, else 0
    std::vector<uint32_t> target;     //!< node ids of the targets whose echoes count
    Eigen::VectorXd sensingSnr;       //!< of each of them: SNR (7), linear
    Eigen::MatrixXd echoPower;        //!< M x targets: |a_mt^H f_ms|^2 summed over streams (W)
    std::vector<Dwell> dwells;        //!< dwells that ended since the last outcome
};

} // namespace ns3

#endif // ISAC_DECISION_CONTEXT_H
