// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_CHANNEL_MODEL_H
#define CELL_FREE_CHANNEL_MODEL_H

#include "cell-free-aim.h"
#include "cell-free-ap.h"
#include "cell-free-fading-model.h"
#include "cell-free-hop-condition.h"
#include "cell-free-large-scale-model.h"
#include "cell-free-radar-model.h"
#include "cell-free-target.h"

#include "ns3/event-id.h"
#include "ns3/isac-problem.h"
#include "ns3/isac-steering-spread.h"
#include "ns3/mobility-model.h"
#include "ns3/node.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/phased-array-model.h"
#include "ns3/traced-callback.h"

#include <Eigen/Core>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief From positions and arrays to h_mu, a(theta_m) and omega: fills an IsacProblem for any
 * choice of APs, UEs and targets. It is the truth; what a CPU believes is a CellFreeCsi's.
 *
 * h_mu = sqrt(G_m beta_mu) g_mu with the element gain G_m of the AP towards the UE, the path gain
 * beta_mu of the attribute LargeScale and the coefficients g_mu of the attribute Fading; or those
 * coefficients alone, where CellFreeFadingModel::HasLargeScale(). UEs have one isotropic antenna.
 * Targets follow the bistatic radar equation with free space on both hops, or the path gains of the
 * attribute HopLoss; a hop between an AP and a target that the attribute HopCondition finds blocked
 * returns nothing. The APs of a problem transmit and receive unless receivers are named; each
 * receives echoes with CellFreeAp::GetEchoArray(), in the noise of its receiver, the residue of
 * clutter after a moving target indicator, and what is left of its own signal if it sends.
 *
 * Large-scale quantities (path loss, directions, distances, cross sections) of all links are
 * recomputed together at the multiples of LargeScaleUpdatePeriod, and those of a node also when it
 * is added: they do not depend on which links are asked for, nor on what other nodes there are.
 *
 * APs, UEs and targets have indices counted from 0 in the order in which they were added; an index
 * is never used again. Nodes may be added and removed during a run.
 *
 * Links beyond MaxRange or below MinLinkSnr are cut: their channel is zero, no fading is drawn for
 * them, and the trace source CutPower says how much power that leaves out.
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
     * @brief Adds an AP; its CellFreeAp takes no other array from now on. Aborts on a node without
     * MobilityModel or CellFreeAp, added before, without an array or with an array of another
     * number of elements than the first AP's.
     * @param node the AP's node
     * @return the index m of the AP
     */
    uint32_t AddAp(Ptr<Node> node);

    /**
     * @brief Adds a UE. Aborts on a node without MobilityModel, or that is an AP or a UE.
     * @param node the UE's node
     * @return the index u of the UE
     */
    uint32_t AddUe(Ptr<Node> node);

    /**
     * @brief Removes a UE: its links are no longer computed, and asking for one aborts. The node
     * may be added again, as another index.
     * @param ue index of the UE
     */
    void RemoveUe(uint32_t ue);

    /**
     * @brief Adds a target. Aborts on a node without MobilityModel or CellFreeTarget, or that is a
     * target. A UE's node may also be a target.
     * @param node the target's node
     * @return the index t of the target, which is also its index in the radar model
     */
    uint32_t AddTarget(Ptr<Node> node);

    /**
     * @brief Removes a target, as RemoveUe() does a UE.
     * @param target index of the target
     */
    void RemoveTarget(uint32_t target);

    /// @return the number of APs
    uint32_t GetNAps() const;

    /// @return the number of UEs that have been added, removed ones included: one past the last
    /// index
    uint32_t GetNUes() const;

    /// @return the number of targets that have been added, removed ones included: one past the last
    /// index
    uint32_t GetNTargets() const;

    /// @return the number of antennas N of every AP; 0 before the first AP is added
    uint32_t GetNAntennas() const;

    /// @return the number of antennas N_r that every AP receives echoes with; 0 before the first AP
    /// is added
    uint32_t GetEchoAntennas() const;

    /// @return the number B of sub-bands that the bandwidth is divided into
    uint32_t GetNBands() const;

    /**
     * @brief The channels that beams really meet at the present simulation time, in watts. Weights,
     * errors and masks are those of IsacProblem::Resize().
     *
     * A sub-band has its share 1/B of each AP's power and of the noise. With the echo amplitudes e
     * of GetEchoAmplitudes() and r of GetEchoReceiveAmplitudes(), omega_mt = e_mt times the sum of
     * r_mt over the receivers, whose GetEchoNoise() adds up to sensingNoise.
     *
     * @param aps indices of the APs, in the order of the problem's blocks of rows
     * @param ues indices of the UEs, in the order of the problem's columns
     * @param targets indices of the targets, in the order of the problem's columns
     * @param[out] problem the problem; memory is reused where sizes are unchanged
     * @param band sub-band, below GetNBands()
     * @param receivers indices of the APs whose echoes count; empty for those of aps
     */
    void GetTrueProblem(const std::vector<uint32_t>& aps,
                        const std::vector<uint32_t>& ues,
                        const std::vector<uint32_t>& targets,
                        IsacProblem& problem,
                        uint32_t band = 0,
                        const std::vector<uint32_t>& receivers = {});

    /**
     * @brief Gives a problem one target column per aim: steering vectors, omega and sensingNoise as
     * a CPU expects them, that knows its APs and nothing of the truth but the direction of a
     * TARGET. For aims of other kinds both hops are free space and the cross section is the aim's.
     *
     * The columns of UEs stay as they are. Weights of the columns stay where there are as many as
     * before, else they are 1; there is no mask for sensing.
     *
     * @param aps indices of the APs, in the order of the problem's blocks of rows
     * @param receivers indices of the APs whose echoes count; empty for those of aps
     * @param aims the aims, in the order of the problem's columns
     * @param[in,out] problem the problem, with the APs of aps
     * @param band sub-band, below GetNBands()
     * @param widensBeams whether steering vectors towards places that are not known well are those
     * of wider beams: see IsacSteeringSpread
     */
    void FillAims(const std::vector<uint32_t>& aps,
                  const std::vector<uint32_t>& receivers,
                  const std::vector<CellFreeAim>& aims,
                  IsacProblem& problem,
                  uint32_t band = 0,
                  bool widensBeams = false);

    /**
     * @brief What APs contribute to the echo that is expected of an aim: see FillAims().
     * @param aps indices of the APs
     * @param aim the aim, not a TARGET
     * @param isReceiving which of GetEchoReceiveAmplitudes() and GetEchoAmplitudes() it is as
     * @param[out] amplitudes one an AP
     */
    void GetAimAmplitudes(const std::vector<uint32_t>& aps,
                          const CellFreeAim& aim,
                          bool isReceiving,
                          Eigen::Ref<Eigen::VectorXd> amplitudes);

    /**
     * @brief Says whether there is a link, or it is cut by MaxRange or MinLinkSnr.
     * @param ap index of the AP
     * @param ue index of the UE
     * @return false if it is cut
     */
    bool HasLink(uint32_t ap, uint32_t ue);

    /**
     * @brief Mean power gain of a link: element gain, path loss and shadowing, without fading.
     * @param ap index of the AP
     * @param ue index of the UE
     * @return E||h_mu||^2 / N, linear; 0 if it is cut
     */
    double GetMeanGain(uint32_t ap, uint32_t ue);

    /**
     * @brief Mean and covariance of a link's channel vector: see
     * CellFreeFadingModel::GetStatistics().
     * @param ap index of the AP
     * @param ue index of the UE
     * @param band sub-band, below GetNBands()
     * @param[out] mean N
     * @param[out] covariance N x N, as |h|^2
     */
    void GetStatistics(uint32_t ap,
                       uint32_t ue,
                       uint32_t band,
                       Eigen::VectorXcd& mean,
                       Eigen::MatrixXcd& covariance);

    /**
     * @brief Correlation of a link's fading over time: see
     * CellFreeFadingModel::GetAutocorrelation().
     * @param ap index of the AP
     * @param ue index of the UE
     * @param lag the time between, >= 0
     * @return the correlation, in [-1, 1]
     */
    double GetAutocorrelation(uint32_t ap, uint32_t ue, Time lag);

    /**
     * @brief Norm of a link's channel vector at the present simulation time.
     * @param ap index of the AP
     * @param ue index of the UE
     * @return ||h_mu||^2, the mean over the sub-bands
     */
    double GetSquaredNorm(uint32_t ap, uint32_t ue);

    /**
     * @brief Downlink SNR that a UE would have alone, with the full power of every AP matched to
     * it and all signals in phase: (sum_m sqrt(P_m) ||h_mu||)^2 / sigma_u^2, the largest that any
     * beams reach.
     * @param aps indices of the APs m
     * @param ue index of the UE
     * @return the SNR, linear, >= 0
     */
    double GetInterferenceFreeSnr(const std::vector<uint32_t>& aps, uint32_t ue);

    /**
     * @brief Uplink SNR of a UE that sends alone, combined over APs by maximum ratio:
     * p sum_m ||h_mu||^2 / sigma^2.
     * @param aps indices of the receiving APs m
     * @param ue index of the UE
     * @param txPower transmit power p of the UE (W), >= 0
     * @return the SNR, linear, >= 0
     */
    double GetUplinkSnr(const std::vector<uint32_t>& aps, uint32_t ue, double txPower);

    /**
     * @brief What every AP contributes to the echo of every target as a transmitter, e_mt =
     * sqrt(lambda^2 sigma_t / (4 pi)^3) G_mt / R_mt^2 with the element gain G_mt and the distance
     * R_mt, times the power gain of the hop over that of free space, or 0 where it is blocked. By
     * the bistatic radar equation zeta^2_{t,mt,mr} = e_{mt,t} r_{mr,t}, so omega_mt = e_{mt,t}
     * times the sum of r_{mr,t} of GetEchoReceiveAmplitudes() over receivers.
     * @return APs x targets, columns of removed targets are zero; valid until the next call
     */
    const Eigen::MatrixXd& GetEchoAmplitudes();

    /**
     * @brief What GetEchoAmplitudes() leaves out: zeta^2_{t,mt,mr} is e_{mt,t} e_{mr,t} times the
     * cross section of the pair over the geometric mean of the two monostatic ones. Targets whose
     * CellFreeRcsModel is not pairwise have no such factors. Where the fading model has the echoes,
     * they are those of its gains over the product of the two amplitudes.
     * @param target index of the target
     * @return APs x APs, without such a model symmetric with ones on the diagonal; empty if all are
     * 1, and of a removed target; valid until the next call
     */
    const Eigen::MatrixXd& GetPairFactors(uint32_t target);

    /**
     * @brief What every AP contributes to the echo of every target as a receiver: as
     * GetEchoAmplitudes(), with the element gain of the array that receives echoes.
     * @return APs x targets, columns of removed targets are zero; valid until the next call
     */
    const Eigen::MatrixXd& GetEchoReceiveAmplitudes();

    /**
     * @brief Noise power that an echo meets at each receive antenna of an AP.
     * @param ap index of the AP
     * @param isTransmitting whether the AP sends at the same time
     * @return the power (W), at least GetApNoise()
     */
    double GetEchoNoise(uint32_t ap, bool isTransmitting) const;

    /// @return noise power at a UE's receiver, k T B F (W)
    double GetUeNoise() const;

    /// @return noise power at each receive antenna of an AP, for uplink and echoes, k T B F (W)
    double GetApNoise() const;

    /// @return the carrier's wavelength (m)
    double GetWavelength() const;

    /// @return the bandwidth (Hz)
    double GetBandwidth() const;

    /// @return the model of path loss and shadowing
    Ptr<CellFreeLargeScaleModel> GetLargeScale() const;

    /// @return the small-scale fading model
    Ptr<CellFreeFadingModel> GetFading() const;

    /// @return the model that says which hops between APs and targets are blocked; null: none is
    Ptr<ChannelConditionModel> GetHopCondition() const;

    /// @return the path loss of hops between APs and targets; null: free space
    Ptr<CellFreeLargeScaleModel> GetHopLoss() const;

    /// @return the radar model: how targets fluctuate
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
     * @brief Array that an AP receives echoes with.
     * @param ap index of the AP
     * @return the array
     */
    Ptr<const PhasedArrayModel> GetApEchoArray(uint32_t ap) const;

    /**
     * @brief Transmit power limit of an AP now.
     * @param ap index of the AP
     * @return P_m (W)
     */
    double GetApPower(uint32_t ap) const;

    /**
     * @brief Node id of an AP.
     * @param ap index of the AP
     * @return the id
     */
    uint32_t GetApId(uint32_t ap) const;

    /**
     * @brief Node id of a UE.
     * @param ue index of the UE, which may be removed
     * @return the id
     */
    uint32_t GetUeId(uint32_t ue) const;

    /**
     * @brief Node id of a target.
     * @param target index of the target, which may be removed
     * @return the id
     */
    uint32_t GetTargetId(uint32_t target) const;

    /**
     * @brief Says whether a UE is there.
     * @param ue index of the UE
     * @return false if it was removed
     */
    bool HasUe(uint32_t ue) const;

    /**
     * @brief Says whether a target is there.
     * @param target index of the target
     * @return false if it was removed
     */
    bool HasTarget(uint32_t target) const;

    /**
     * @brief Lists the targets that are there.
     * @param[out] targets their indices, ascending
     */
    void ListTargets(std::vector<uint32_t>& targets) const;

    /**
     * @brief Says whether a target is unintended: see CellFreeTarget.
     * @param target index of the target, not removed
     * @return true if it reflects but is nobody's business
     */
    bool IsUnintended(uint32_t target) const;

    /**
     * @brief Position of a target now.
     * @param target index of the target, not removed
     * @return the position (m)
     */
    Vector GetTargetPosition(uint32_t target) const;

    /**
     * @brief Velocity of a target now.
     * @param target index of the target, not removed
     * @return the velocity (m/s)
     */
    Vector GetTargetVelocity(uint32_t target) const;

    /**
     * @brief Fixes all random streams of the large-scale, fading and radar models, also those of
     * nodes and models to come: a draw depends on the nodes and the purpose it is for alone.
     * @param first first stream number of the module: see GetCellFreeStream()
     * @return the streams reserved for the module, CELL_FREE_STREAMS
     */
    int64_t AssignStreams(int64_t first);

    /**
     * TracedCallback signature of the trace source CouplingLoss.
     * @param ap index of the AP
     * @param ue index of the UE
     * @param loss path loss, shadowing and the AP's element gain, without fading (dB)
     */
    typedef void (*CouplingLossTracedCallback)(uint32_t ap, uint32_t ue, double loss);

    /**
     * TracedCallback signature of the trace source CutPower.
     * @param ue index of the UE
     * @param share mean power that the links that are cut would bring to the UE, over that of all
     * links (dB); minus infinity if none is cut
     */
    typedef void (*CutPowerTracedCallback)(uint32_t ue, double share);

    /**
     * TracedCallback signature of the trace source Asked.
     * @param lag over which a correlation is asked for; 0 for what is now
     */
    typedef void (*AskedTracedCallback)(Time lag);

  protected:
    void DoDispose() override;

  private:
    /// An AP.
    struct Ap
    {
        Ptr<Node> node;              //!< its node
        Ptr<CellFreeAp> ap;          //!< its power and array
        Ptr<MobilityModel> mobility; //!< where it is
    };

    /// A UE or a target.
    struct Guest
    {
        uint32_t id;                 //!< its node's id
        Ptr<Node> node;              //!< its node; null if it was removed
        Ptr<MobilityModel> mobility; //!< where it is
    };

    /// Steering vectors towards a place.
    struct AimSteering
    {
        Vector position;            //!< the place (m)
        Eigen::Matrix3d covariance; //!< of its error (m^2)
        bool isWide;                //!< whether beams are widened
        Eigen::VectorXcd steering;  //!< (APs N)
    };

    static constexpr uint32_t NO_LINK = UINT32_MAX; //!< index of a link that is cut

    /**
     * @brief Aborts on a node that is an AP or a UE.
     * @param node the node
     * @param role what it is to be, for the message
     */
    void CheckIsNew(const Ptr<Node>& node, const char* role) const;

    /**
     * @brief The ends of the link between an AP and a UE.
     * @param ap index of the AP
     * @param ue index of the UE
     * @return the ends
     */
    CellFreeLinkEnds GetEnds(uint32_t ap, uint32_t ue) const;

    /**
     * @brief Computes the large-scale quantities of a link, and cuts it or takes it up.
     * @param ap index of the AP
     * @param ue index of the UE
     * @param isFar whether it is beyond MaxRange
     * @param[in,out] cutPower mean power that cut links of the UE would bring (W)
     * @param[in,out] power mean power that all would (W)
     */
    void ComputeLink(uint32_t ap, uint32_t ue, bool isFar, double& cutPower, double& power);

    /**
     * @brief Sets the large-scale model.
     * @param largeScale the model
     */
    void SetLargeScale(Ptr<CellFreeLargeScaleModel> largeScale);

    /**
     * @brief Sets the fading model and tells it of the links that exist.
     * @param fading the model
     */
    void SetFading(Ptr<CellFreeFadingModel> fading);

    /**
     * @brief Sets the model of blocked hops.
     * @param condition the model, or null
     */
    void SetHopCondition(Ptr<ChannelConditionModel> condition);

    /**
     * @brief Sets the path loss of hops.
     * @param loss the model, or null for free space
     */
    void SetHopLoss(Ptr<CellFreeLargeScaleModel> loss);

    /**
     * @brief Aborts on an AP whose arrays have not as many elements as the other APs'.
     * @param ap the AP
     * @param expectation why the number is expected
     */
    void CheckArrays(const Ap& ap, const char* expectation) const;

    /**
     * @brief Sets the radar model and tells it of the targets that exist.
     * @param radar the model
     */
    void SetRadarModel(Ptr<CellFreeRadarModel> radar);

    /**
     * @brief Sets the carrier frequency.
     * @param frequency the frequency (Hz)
     */
    void SetFrequency(double frequency);

    /// @return the carrier frequency (Hz)
    double GetFrequency() const;

    /**
     * @brief Sets the number of sub-bands.
     * @param nBands the number
     */
    void SetNBands(uint32_t nBands);

    /// Makes all large-scale quantities be recomputed at the present simulation time.
    void Invalidate();

    /// Makes those of new nodes be computed at the present simulation time.
    void AwaitNodes();

    /// Recomputes the large-scale quantities of all links and schedules the next time.
    void UpdateLargeScale();

    /// Computes the large-scale quantities of nodes that have none yet.
    void ComputeLargeScale();

    /**
     * @brief Computes the large-scale quantities of a target towards an AP.
     * @param ap index of the AP
     * @param target index of the target
     */
    void ComputeEcho(uint32_t ap, uint32_t target);

    /**
     * @brief Computes the pair factors of a target.
     * @param target index of the target
     */
    void ComputePairs(uint32_t target);

    /**
     * @brief Takes a target's echoes from the fading model, if it has them.
     * @param target index of the target, not removed
     */
    void TakeEchoes(uint32_t target);

    /**
     * @brief What an array of an AP contributes to an echo over a hop of free space.
     * @param array the array
     * @param direction from the AP to what reflects (m)
     * @param rcs its mean cross section (m^2), >= 0
     * @return e of GetEchoAmplitudes()
     */
    double GetEchoAmplitude(Ptr<const PhasedArrayModel> array,
                            const Vector& direction,
                            double rcs) const;

    /**
     * @brief Path gain of the hop between an AP and a target by HopLoss, over that of free space.
     * @param ap index of the AP
     * @param target index of the target
     * @return the ratio of power gains, linear; 1 without HopLoss
     */
    double GetHopGain(uint32_t ap, uint32_t target) const;

    /**
     * @brief What an echo meets beside the receiver's noise.
     * @param ap index of the AP
     * @param isTransmitting whether the AP sends at the same time
     * @return power over that of the receiver's noise, linear, >= 0
     */
    double GetEchoExcess(uint32_t ap, bool isTransmitting) const;

    /**
     * @brief Fills the column of a problem that is about a target as it is, for AddReceivers().
     * @param aps indices of the APs that transmit
     * @param receivers indices of the APs that receive
     * @param column index of the column
     * @param target index of the target, not removed
     * @param[in,out] problem the problem
     */
    void FillTarget(const std::vector<uint32_t>& aps,
                    const std::vector<uint32_t>& receivers,
                    Eigen::Index column,
                    uint32_t target,
                    IsacProblem& problem);

    /**
     * @brief The part of a problem that APs which receive echoes make: omega holds the transmit
     * amplitudes, m_heard those of the receivers.
     * @param aps indices of the APs that transmit
     * @param receivers indices of the APs that receive
     * @param[in,out] problem the problem
     */
    void AddReceivers(const std::vector<uint32_t>& aps,
                      const std::vector<uint32_t>& receivers,
                      IsacProblem& problem) const;

    /**
     * @brief Steering vectors towards an aim.
     * @param aim the aim, not a TARGET
     * @param widensBeams see FillAims()
     * @return (APs N): those of all APs; valid until the next call
     */
    const Eigen::VectorXcd& GetAimSteering(const CellFreeAim& aim, bool widensBeams);

    /**
     * @brief Corrects a target's omega where pairs of APs see cross sections of their own: see
     * GetPairFactors(). m_heard is that of AddReceivers().
     * @param aps indices of the APs that transmit
     * @param receivers indices of the APs that receive
     * @param column index of the column
     * @param target index of the target, not removed
     * @param[in,out] problem the problem
     */
    void AddPairs(const std::vector<uint32_t>& aps,
                  const std::vector<uint32_t>& receivers,
                  Eigen::Index column,
                  uint32_t target,
                  IsacProblem& problem) const;

    /**
     * @brief Path gain of a link, never more than free space at MinDistance has.
     * @param model the model of its loss
     * @param name the attribute that it is
     * @param ends the ends of the link
     * @return the power gain, linear
     */
    double GetPathGain(CellFreeLargeScaleModel& model,
                       const char* name,
                       const CellFreeLinkEnds& ends) const;

    double m_frequency;                        //!< carrier frequency (Hz)
    double m_bandwidth;                        //!< bandwidth (Hz)
    uint32_t m_nBands{1};                      //!< sub-bands
    double m_ueNoiseFigure;                    //!< noise figure of UEs (dB)
    double m_apNoiseFigure;                    //!< noise figure of APs (dB)
    double m_minDistance;                      //!< least distance (m)
    double m_maxRange;                         //!< longest distance of a link (m); 0: none
    double m_minLinkSnr;                       //!< least mean SNR of a link (dB)
    Time m_largeScaleUpdatePeriod;             //!< time between large-scale updates
    Ptr<CellFreeLargeScaleModel> m_largeScale; //!< path loss and shadowing between AP and UE
    Ptr<CellFreeFadingModel> m_fading;         //!< small-scale fading
    Ptr<CellFreeRadarModel> m_radar;           //!< fluctuation of targets
    CellFreeHopCondition m_hopCondition;       //!< which hops are blocked
    Ptr<CellFreeLargeScaleModel> m_hopLoss;    //!< path loss of hops; null: free space
    double m_clutterToNoise;                   //!< clutter over receiver noise (dB)
    double m_clutterImprovement;               //!< improvement factor against clutter (dB)

    std::vector<Ap> m_aps;                      //!< the APs
    std::vector<Guest> m_ues;                   //!< the UEs
    std::vector<Guest> m_targets;               //!< the targets
    std::vector<std::vector<uint32_t>> m_links; //!< [m][u]: indices in the fading model, or NO_LINK
    std::vector<Eigen::MatrixXd> m_pairs;       //!< of every target: see GetPairFactors()

    Eigen::Index m_nAntennas{0};            //!< N
    Eigen::Index m_nEchoAntennas{0};        //!< N_r
    Eigen::MatrixXd m_amplitude;            //!< APs x UEs: sqrt(G_m beta_mu)
    Eigen::MatrixXcd m_steering;            //!< (APs N) x targets: a(theta_mt)
    Eigen::MatrixXd m_echo;                 //!< APs x targets: e_mt
    Eigen::MatrixXd m_echoReceive;          //!< APs x targets: r_mt
    std::vector<AimSteering> m_aimSteering; //!< of the latest aims
    IsacSteeringSpread m_spread;            //!< widens beams
    std::vector<Vector> m_places;           //!< of the APs, at the last large-scale update
    Eigen::MatrixXd m_heard;                //!< receivers x targets of a problem: r_mt
    std::size_t m_nApsComputed{0};          //!< APs that have large-scale quantities
    std::size_t m_nUesComputed{0};          //!< UEs that have
    std::size_t m_nTargetsComputed{0};      //!< targets that have
    int64_t m_firstStream{-1};              //!< first stream of the module; -1: ns-3 chooses
    EventId m_updateEvent;                  //!< next large-scale update
    EventId m_nodesEvent;                   //!< computation for new nodes
    TracedCallback<uint32_t, uint32_t, double> m_couplingLossTrace; //!< AP, UE, loss (dB)
    TracedCallback<uint32_t, double> m_cutPowerTrace;               //!< UE, share (dB)
    TracedCallback<Time> m_askedTrace;                              //!< lag
};

} // namespace ns3

#endif // CELL_FREE_CHANNEL_MODEL_H
