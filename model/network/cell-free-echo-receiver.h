// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_ECHO_RECEIVER_H
#define CELL_FREE_ECHO_RECEIVER_H

#include "cell-free-detector.h"
#include "cell-free-estimator.h"
#include "cell-free-scan.h"

#include "ns3/box.h"
#include "ns3/cell-free-channel-model.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/random-variable-stream.h"
#include "ns3/vector.h"

#include <Eigen/Core>
#include <cmath>
#include <cstdint>
#include <map>
#include <vector>

namespace ns3
{

/// What one dwell on one target gave; a row of the SensingTrace.
struct CellFreeDwell
{
    Time start;                //!< start of the dwell
    Time end;                  //!< end of the dwell
    uint32_t targetId{0};      //!< node id of the target
    Vector position;           //!< true position of the target at the end of the dwell (m)
    uint32_t nTransmitters{0}; //!< APs that illuminated the target
    uint32_t nReceivers{0};    //!< receiving APs
    uint32_t nLooks{0};        //!< looks that the detector told apart
    uint32_t nSlots{0};        //!< downlink slots that illuminated the target
    double snr{0.0};           //!< equation (7), mean over the slots: per symbol, before combining
    double combinedSnr{0.0};   //!< after combining N_r antennas and L symbols: N_r L times snr
    double bestSnr{0.0};       //!< largest mean SNR of a look after combining
    double fluctuation{1.0};   //!< cross section in this dwell over its mean, over the looks
    double pd{0.0};            //!< detection probability over reflections and noise
    double conditionalPd{0.0}; //!< detection probability over noise, with the reflections drawn
    bool isDetected{false};    //!< true if the statistic exceeded the threshold
    double positionBound{NAN}; //!< least rms error of a position estimate at the mean SNRs (m)
    double velocityBound{NAN}; //!< the same of a velocity estimate (m/s)
    Vector estimate{NAN, NAN, NAN}; //!< estimated position, if the target was detected (m)
    double sensingWeight{NAN};      //!< weight of its stream, if the stream is for it alone
};

/**
 * @ingroup cellfree-isac
 * @brief What the echoes of a dwell are made of: the only part of a CPU's sensing that meets the
 * truth.
 *
 * A dwell integrates L symbols coherently over the N_r antennas of every receiving AP. With the
 * echo amplitudes e of CellFreeChannelModel::GetEchoAmplitudes() and the power p_m that AP m
 * illuminates the target with, receiver r meets the mean SNR
 * N_r L e_r sum_m e_m p_m / varsigma_r^2, in the mean over the dwell's downlink slots that
 * illuminate the target. The mean of this over the receivers is N_r L times equation (7). The
 * channel's CellFreeRadarModel draws reflections and noise of each look, and a CellFreeDetector
 * decides.
 *
 * Where a target that was detected is, a CellFreeEstimator says, from the SNRs of all pairs of
 * APs: echoes of different transmitters are told apart by their delays.
 *
 * False alarms are as many as the tests of a surveillance volume give: a Poisson number of mean
 * Pfa times its resolution cells, of (c / 2B)^3 in space, and lambda B / 2L in speed where a target
 * may be so fast. They are anywhere in the volume, at any velocity up to MaxSpeed in each
 * component, and as accurate as echoes of their strength.
 */
class CellFreeEchoReceiver : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeEchoReceiver();
    ~CellFreeEchoReceiver() override;

    /**
     * @brief Set the channel and the APs of the CPU.
     * @param channel the channel
     * @param aps indices of the APs in the channel
     */
    void SetChannel(Ptr<CellFreeChannelModel> channel, const std::vector<uint32_t>& aps);

    /**
     * @brief Position of an AP among those of SetChannel(). Aborts if it is none of them.
     * @param ap index of the AP in the channel
     * @return the position
     */
    std::size_t GetPosition(uint32_t ap) const;

    /**
     * @brief Begins a dwell: draws what the looks at targets meet.
     * @param targets indices of the targets in the channel, ascending
     * @param detector decides on the dwell
     * @param receivers indices of the receiving APs in the channel; empty for all of the CPU
     */
    void Begin(const std::vector<uint32_t>& targets,
               Ptr<CellFreeDetector> detector,
               const std::vector<uint32_t>& receivers);

    /**
     * @brief Adds the echo of one downlink slot. Nothing happens if the dwell does not watch the
     * target.
     * @param target index of the target in the channel
     * @param aps indices of the transmitting APs in the channel, each one of SetChannel()'s
     * @param power what each of them illuminates the target with, sum_s |a_mt^H f_ms|^2 (W):
     * IsacMetrics::GetEchoPower()
     * @param snr sensing SNR (7) of the slot's beams on the true channel, linear
     * @param nSymbols symbols of the slot that illuminate targets
     */
    void Add(uint32_t target,
             const std::vector<uint32_t>& aps,
             const Eigen::Ref<const Eigen::VectorXd>& power,
             double snr,
             uint32_t nSymbols);

    /**
     * @brief Ends a dwell: decides on the targets that are still there.
     * @param start start of the dwell
     * @param end end of the dwell
     * @param coherentSymbols L, the most symbols that are integrated coherently
     * @param areSymbolsKnown false if L symbols are taken to be there, whatever Add() was told
     * @param isTold whether the network knows where to search for the targets
     * @param[out] dwells one for each target that is there, by ascending index
     * @param[out] targets their indices in the channel
     */
    void Finish(Time start,
                Time end,
                uint64_t coherentSymbols,
                bool areSymbolsKnown,
                bool isTold,
                std::vector<CellFreeDwell>& dwells,
                std::vector<uint32_t>& targets);

    /**
     * @brief What the dwell that Finish() ended found, without telling what made it: targets and
     * false alarms.
     * @param[out] detections what was found
     * @param[out] falseAlarmDensity false alarms that are expected (1 / (m^3 (m/s)^3))
     */
    void GetDetections(std::vector<CellFreeDetection>& detections, double& falseAlarmDensity);

    /// @return the volume that is watched (m)
    Box GetVolume() const;

    /**
     * @brief Fixes all random streams, also those of targets to come.
     * @param first first stream number of the module: see GetCellFreeStream()
     * @param cpuId node id of the CPU
     */
    void AssignStreams(int64_t first, uint32_t cpuId);

  protected:
    void DoDispose() override;

  private:
    /// What a dwell gathers of one target.
    struct Integration
    {
        uint32_t target{0};     //!< index of the target in the channel
        double snrSum{0.0};     //!< sum of equation (7) over slots
        uint32_t nSlots{0};     //!< number of slots
        uint64_t nSymbols{0};   //!< symbols of these slots
        Eigen::VectorXd power;  //!< transmitters: sum over slots of p_m (W)
        Eigen::VectorXd quiet;  //!< receivers: thermal noise over what was met last
        Eigen::VectorXd echo;   //!< looks: sum over slots of SNRs (7) of single looks
        Eigen::VectorXd weight; //!< looks: mean echo gain, for the mean fluctuation
        IsacEchoes echoes;      //!< looks: what they met
    };

    /**
     * @brief Draws the reflections and noises of one target.
     * @param integration what the dwell gathers of the target
     */
    void DrawLooks(Integration& integration);

    /**
     * @brief Decides on one target.
     * @param integration what the dwell gathered of the target
     * @param symbols symbols that are integrated coherently
     * @param[out] dwell what became of it
     */
    void Decide(const Integration& integration, uint64_t symbols, CellFreeDwell& dwell);

    /**
     * @brief Says where one target seems to be.
     * @param integration what the dwell gathered of the target
     * @param symbols symbols that are integrated coherently
     * @param isTold whether the network knows where to search for the target
     * @param[in,out] dwell what became of it
     */
    void Estimate(const Integration& integration,
                  uint64_t symbols,
                  bool isTold,
                  CellFreeDwell& dwell);

    /// Adds false alarms to m_detections. @param symbols symbols that are integrated coherently
    void AddFalseAlarms(uint64_t symbols);

    /// Where the APs are and how they measure at the end of a dwell, into m_echoes.
    void SetGeometry();

    /**
     * @brief The random variable of the estimates of a target.
     * @param targetId node id of the target
     * @return the variable
     */
    UniformRandomVariable& GetEstimationStream(uint32_t targetId);

    /// Sets the estimator. @param estimator the estimator
    void SetEstimator(Ptr<CellFreeEstimator> estimator);
    /// @return the estimator
    Ptr<CellFreeEstimator> GetEstimator() const;
    /// Sets the volume that is watched. @param volume the volume (m)
    void SetVolume(Box volume);
    /// Sets the box around a target that one is told of. @param gate its full widths (m)
    void SetGate(Vector gate);
    /// @return the box around a target that one is told of: its full widths (m)
    Vector GetGate() const;

    Ptr<CellFreeChannelModel> m_channel;     //!< the truth
    std::vector<uint32_t> m_aps;             //!< the CPU's APs
    std::vector<int32_t> m_position;         //!< of an AP of the channel in m_aps, or -1
    Ptr<CellFreeDetector> m_detector;        //!< decides on the running dwell
    CellFreeDetector::Looks m_looks;         //!< of the running dwell
    std::vector<uint32_t> m_targets;         //!< of the running dwell
    std::vector<uint32_t> m_receivers;       //!< of the running dwell
    std::vector<Integration> m_integrations; //!< of the running dwell, as m_targets, and spare ones
    Eigen::VectorXd m_lit;                   //!< transmitters of a slot: their part of an echo
    Eigen::VectorXd m_snr;                   //!< of the looks of a target
    Eigen::VectorXd m_factor;                //!< looks: cross section in the dwell over its mean
    Eigen::VectorXd m_drawn;                 //!< what they met in the dwell

    Ptr<CellFreeEstimator> m_estimator;          //!< says where a target is
    Box m_volume;                                //!< that is watched without being told
    Vector m_gate;                               //!< box around a target that one is told of (m)
    double m_maxSpeed{0.0};                      //!< of false alarms, each component (m/s)
    CellFreeEchoes m_echoes;                     //!< what the estimator is given
    std::vector<CellFreeDetection> m_detections; //!< of the dwell that ended last
    double m_falseAlarmDensity{0.0};             //!< of the same
    Ptr<UniformRandomVariable> m_falseAlarms;    //!< draws false alarms
    int64_t m_firstStream{-1};                   //!< of the module, or -1 for ns-3's choice
    uint32_t m_cpuId{0};                         //!< node id of the CPU
    /// Draw estimates, by node id of the target.
    std::map<uint32_t, Ptr<UniformRandomVariable>> m_estimates;
};

} // namespace ns3

#endif // CELL_FREE_ECHO_RECEIVER_H
