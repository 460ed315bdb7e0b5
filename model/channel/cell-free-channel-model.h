// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_CHANNEL_MODEL_H
#define CELL_FREE_CHANNEL_MODEL_H

#include "cell-free-fading-model.h"
#include "cell-free-radar-model.h"
#include "cell-free-target.h"

#include "ns3/event-id.h"
#include "ns3/isac-problem.h"
#include "ns3/mobility-model.h"
#include "ns3/node.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/phased-array-model.h"
#include "ns3/propagation-loss-model.h"
#include "ns3/traced-callback.h"

#include <Eigen/Core>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief From positions and arrays to h_mu, a(theta_m) and omega: fills an IsacProblem for any
 * choice of UEs and targets.
 *
 * h_mu = sqrt(G_m beta_mu) g_mu with the element gain G_m of the AP towards the UE, the path gain
 * beta_mu of the attribute PropagationLoss and the coefficients g_mu of the attribute Fading. UEs
 * have one isotropic antenna. Targets follow the bistatic radar equation with free space on both
 * hops; every AP transmits and receives.
 *
 * Large-scale quantities (path loss, directions, distances, cross sections) of all links are
 * recomputed together at fixed times, so that they do not depend on which links are asked for:
 * when a node has been added, and every LargeScaleUpdatePeriod from then on.
 *
 * APs, UEs and targets have indices counted from 0 in the order in which they were added.
 */
class CellFreeChannelModel : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    ~CellFreeChannelModel() override;

    /**
     * @brief Adds an AP. Aborts on a node without MobilityModel or added before, on a power that is
     * not positive, and on an array with another number of elements than the first AP's.
     * @param node the AP's node
     * @param array the AP's array, for transmitting and receiving
     * @param power transmit power limit P_m (W), > 0
     * @return the index m of the AP
     */
    uint32_t AddAp(Ptr<Node> node, Ptr<PhasedArrayModel> array, double power);

    /**
     * @brief Adds a UE. Aborts on a node without MobilityModel or added before.
     * @param node the UE's node
     * @return the index u of the UE
     */
    uint32_t AddUe(Ptr<Node> node);

    /**
     * @brief Adds a target. Aborts on a node without MobilityModel or CellFreeTarget, or added
     * before as a target. A UE's node may also be a target.
     * @param node the target's node
     * @return the index t of the target, which is also its index in the radar model
     */
    uint32_t AddTarget(Ptr<Node> node);

    /// @return the number of APs M
    uint32_t GetNAps() const;

    /// @return the number of UEs that have been added
    uint32_t GetNUes() const;

    /// @return the number of targets that have been added
    uint32_t GetNTargets() const;

    /// @return the number of antennas N of every AP; 0 before the first AP is added
    uint32_t GetNAntennas() const;

    /**
     * @brief The channels that the beams really meet at the present simulation time, in watts.
     * @param ues indices of the UEs, in the order of the problem's columns
     * @param targets indices of the targets, in the order of the problem's columns
     * @param[out] problem the problem; memory is reused where sizes are unchanged
     */
    void GetTrueProblem(const std::vector<uint32_t>& ues,
                        const std::vector<uint32_t>& targets,
                        IsacProblem& problem);

    /**
     * @brief The channels that the CPU believes at the present simulation time, in watts. With
     * perfect channel state information they are the true ones.
     * @param ues indices of the UEs, in the order of the problem's columns
     * @param targets indices of the targets, in the order of the problem's columns
     * @param[out] problem the problem; memory is reused where sizes are unchanged
     */
    void GetBelievedProblem(const std::vector<uint32_t>& ues,
                            const std::vector<uint32_t>& targets,
                            IsacProblem& problem);

    /**
     * @brief Downlink SNR that a UE would have alone, with the full power of every AP matched to
     * it and all signals in phase: (sum_m sqrt(P_m) ||h_mu||)^2 / sigma_u^2, the largest that any
     * beams reach.
     * @param ue index of the UE
     * @return the SNR, linear, >= 0
     */
    double GetInterferenceFreeSnr(uint32_t ue);

    /**
     * @brief Uplink SNR of a UE that sends alone, combined over all APs by maximum ratio:
     * p sum_m ||h_mu||^2 / sigma^2.
     * @param ue index of the UE
     * @param txPower transmit power p of the UE (W), >= 0
     * @return the SNR, linear, >= 0
     */
    double GetUplinkSnr(uint32_t ue, double txPower);

    /// @return noise power at a UE's receiver, k T B F (W)
    double GetUeNoise() const;

    /// @return noise power at each receive antenna of an AP, for uplink and echoes, k T B F (W)
    double GetApNoise() const;

    /// @return the carrier's wavelength (m)
    double GetWavelength() const;

    /// @return the bandwidth (Hz)
    double GetBandwidth() const;

    /// @return the small-scale fading model
    Ptr<CellFreeFadingModel> GetFading() const;

    /// @return the radar model: dwells, fluctuation, detection
    Ptr<CellFreeRadarModel> GetRadarModel() const;

    /**
     * @brief Node of an AP.
     * @param ap index of the AP
     * @return the node, which has a MobilityModel
     */
    Ptr<Node> GetApNode(uint32_t ap) const;

    /**
     * @brief Array of an AP.
     * @param ap index of the AP
     * @return the array, for transmitting and receiving
     */
    Ptr<const PhasedArrayModel> GetApArray(uint32_t ap) const;

    /**
     * @brief Node id of a target.
     * @param target index of the target
     * @return the id
     */
    uint32_t GetTargetId(uint32_t target) const;

    /**
     * @brief Position of a target now.
     * @param target index of the target
     * @return the position (m)
     */
    Vector GetTargetPosition(uint32_t target) const;

    /**
     * @brief Assigns streams to the fading model, the radar model, the chain of propagation loss
     * models and the channel condition models of those that have one. Call it after all nodes have
     * been added.
     * @param stream first stream index
     * @return the number of streams used
     */
    int64_t AssignStreams(int64_t stream);

    /**
     * TracedCallback signature of the trace source CouplingLoss.
     * @param ap index of the AP
     * @param ue index of the UE
     * @param loss path loss, shadowing and the AP's element gain, without fading (dB)
     */
    typedef void (*CouplingLossTracedCallback)(uint32_t ap, uint32_t ue, double loss);

  protected:
    void DoDispose() override;

  private:
    /// An AP.
    struct Ap
    {
        Ptr<Node> node;              //!< its node
        Ptr<PhasedArrayModel> array; //!< its array
    };

    /**
     * @brief Aborts on a node that is an AP or a UE already.
     * @param node the node
     * @param role what it is to be, for the message
     */
    void CheckIsNew(const Ptr<Node>& node, const char* role) const;

    /**
     * @brief Sets the fading model and tells it of the links that exist.
     * @param fading the model
     */
    void SetFading(Ptr<CellFreeFadingModel> fading);

    /**
     * @brief Sets the radar model and tells it of the targets that exist.
     * @param radar the model
     */
    void SetRadarModel(Ptr<CellFreeRadarModel> radar);

    /// Makes the large-scale quantities be recomputed at the present simulation time.
    void Invalidate();

    /// Recomputes the large-scale quantities of all links and schedules the next time.
    void UpdateLargeScale();

    /// Checks that the path loss models work at this carrier frequency; aborts if not.
    void CheckPropagationLoss() const;

    /**
     * @brief Path gain of a link, never more than free space at MinDistance has.
     * @param ap index of the AP
     * @param ue index of the UE
     * @return the power gain, linear
     */
    double GetPathGain(uint32_t ap, uint32_t ue) const;

    double m_frequency;                          //!< carrier frequency (Hz)
    double m_bandwidth;                          //!< bandwidth (Hz)
    double m_ueNoiseFigure;                      //!< noise figure of UEs (dB)
    double m_apNoiseFigure;                      //!< noise figure of APs (dB)
    double m_minDistance;                        //!< least distance (m)
    Time m_largeScaleUpdatePeriod;               //!< time between large-scale updates
    Ptr<PropagationLossModel> m_propagationLoss; //!< path loss and shadowing between AP and UE
    Ptr<CellFreeFadingModel> m_fading;           //!< small-scale fading
    Ptr<CellFreeRadarModel> m_radar;             //!< fluctuation and detection of targets

    std::vector<Ap> m_aps;                      //!< the APs
    std::vector<Ptr<Node>> m_ues;               //!< the UEs
    std::vector<Ptr<Node>> m_targets;           //!< the targets
    std::vector<std::vector<uint32_t>> m_links; //!< [m][u]: index of the link in the fading model

    Eigen::Index m_nAntennas{0};   //!< N
    Eigen::VectorXd m_power;       //!< M: power limits (W)
    Eigen::MatrixXd m_amplitude;   //!< M x UEs: sqrt(G_m beta_mu)
    Eigen::MatrixXcd m_steering;   //!< (M N) x targets: a(theta_mt)
    Eigen::MatrixXd m_omega;       //!< M x targets: echo gains
    Eigen::VectorXd m_elementGain; //!< M: element gains towards one target
    Eigen::VectorXd m_distance;    //!< M: distances to one target (m)
    bool m_valid{false};           //!< whether the large-scale quantities are those of all nodes
    TracedCallback<uint32_t, uint32_t, double> m_couplingLossTrace; //!< AP, UE, loss (dB)
    EventId m_updateEvent;                                          //!< next large-scale update
};

} // namespace ns3

#endif // CELL_FREE_CHANNEL_MODEL_H
