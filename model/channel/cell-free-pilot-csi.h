// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_PILOT_CSI_H
#define CELL_FREE_PILOT_CSI_H

#include "cell-free-csi.h"

#include "ns3/cell-free-streams.h"
#include "ns3/isac-channel-estimation.h"
#include "ns3/nstime.h"
#include "ns3/random-variable-stream.h"
#include "ns3/traced-callback.h"

#include <Eigen/Core>
#include <complex>
#include <map>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Channels estimated from uplink pilots: LMMSE, contaminated where pilots are reused, and
 * older with every slot until the next pilot.
 *
 * In each SoundingPeriod-th slot with pilots every UE sends one of PilotLength orthogonal pilots,
 * and each AP estimates by IsacChannelEstimator what fades of the channels, from their means and
 * covariances at that time. A pilot's symbols and the noise share the band evenly: the SNR gain is
 * p tau_p in every sub-band. A time later the CPU believes the mean of the time of the pilot plus
 * rho times the estimate, rho being the channel's autocorrelation: see
 * cellfree::GetAgedErrorVariance(). `errorVariance` of a problem is what is left of what fades, per
 * antenna; that a line of sight turns its phase as a UE moves, the CPU learns with the next pilot.
 *
 * A UE that has not been heard is not known: its SNR is 0, so that it is not scheduled, and in a
 * problem it has the mean of its channel and all of what fades as error. A UE keeps its pilot until
 * it is removed. UEs of several CPUs contaminate each other only if the CPUs share one object of
 * this class; otherwise those of other CPUs are left out.
 *
 * PhaseError, TimingError and ReciprocityError are what calibration leaves unseen: they turn the
 * channels that the CPU believes away from the truth, in both directions, and `errorVariance` knows
 * nothing of them. Targets have their true gains, and directions with TargetAngleError.
 */
class CellFreePilotCsi : public CellFreeCsi
{
  public:
    /// How UEs get their pilots.
    enum Assignment
    {
        ALGORITHM, //!< cellfree::AssignPilots()
        RANDOM,    //!< each pilot is as likely as the others
        OWN        //!< SetPilot()
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreePilotCsi();
    ~CellFreePilotCsi() override;

    /**
     * @brief Says which pilot a UE is to send, where Assignment is Own. It acts at the next
     * sounding.
     * @param ue index of the UE
     * @param pilot number of the pilot, below PilotLength
     */
    void SetPilot(uint32_t ue, uint32_t pilot);

    void SetChannel(Ptr<CellFreeChannelModel> channel) override;
    void GetProblem(const std::vector<uint32_t>& aps,
                    const std::vector<uint32_t>& ues,
                    const std::vector<uint32_t>& targets,
                    IsacProblem& problem,
                    uint32_t band) override;
    void Sound(const std::vector<uint32_t>& aps, const std::vector<uint32_t>& ues) override;
    uint32_t GetPilotLength() const override;
    int32_t GetPilot(uint32_t ue) const override;
    double GetDownlinkSnr(const std::vector<uint32_t>& aps, uint32_t ue) override;
    double GetUplinkSnr(const std::vector<uint32_t>& aps, uint32_t ue, double txPower) override;
    int64_t AssignStreams(int64_t first) override;

    /**
     * TracedCallback signature of the trace source Estimate.
     * @param ap index of the AP
     * @param ue index of the UE
     * @param expected mean squared error that the estimator expects, over the mean power of what
     * fades, trace C / trace R
     * @param met squared error that the estimate has, over the same
     */
    typedef void (*EstimateTracedCallback)(uint32_t ap, uint32_t ue, double expected, double met);

  protected:
    void DoDispose() override;

  private:
    /// What was heard of a link.
    struct Estimate
    {
        bool isKnown{false};         //!< whether there was a sounding
        Eigen::MatrixXcd mean;       //!< N x B: mean at that time; empty where there is none
        Time time;                   //!< when it was
        Eigen::MatrixXcd fading;     //!< N x B: what fades; empty where the link has no gain
        double power{0.0};           //!< mean over sub-bands of its squared norm
        Eigen::VectorXd errorPower;  //!< B: trace C / N
        Eigen::VectorXd fadingPower; //!< B: trace R / N
    };

    /// An AP.
    struct Ap
    {
        uint64_t nPilotSlots{0};                        //!< slots with pilots so far
        std::vector<Ptr<UniformRandomVariable>> noises; //!< by pilot: receiver noise
        Ptr<UniformRandomVariable> errors;              //!< phase and timing errors
        std::complex<double> error;   //!< CN(0, 1): the present errors, phase and timing
        Eigen::VectorXcd calibration; //!< N: CN(0, 1), errors of the antennas; empty: not drawn yet
    };

    /// How a target's direction is mistaken at an AP.
    struct Pointing
    {
        Ptr<UniformRandomVariable> uniform; //!< draws the errors
        int64_t period{-1};                 //!< period that the errors are of
        std::complex<double> error;         //!< CN(0, 1): azimuth and elevation
    };

    /// Sets PilotLength. @param length the number
    void SetPilotLength(uint32_t length);
    /// Sets Assignment. @param assignment the way
    void SetAssignment(Assignment assignment);
    /// @return Assignment
    Assignment GetAssignment() const;
    /// Sets TargetAnglePeriod. @param period the time
    void SetTargetAnglePeriod(Time period);
    /// @return TargetAnglePeriod
    Time GetTargetAnglePeriod() const;

    /// Forgets all that was drawn and heard.
    void Clear();

    /**
     * @brief Makes a random variable of the stream of a purpose.
     * @param purpose what is drawn
     * @param a node id
     * @param b second node id or number, or 0
     * @return the variable
     */
    Ptr<UniformRandomVariable> MakeUniform(CellFreeStreamPurpose purpose,
                                           uint32_t a,
                                           uint32_t b = 0) const;

    /**
     * @brief Gives pilots to UEs that have none, and takes them from those that were removed.
     * @param aps indices of the APs that listen
     * @param ues indices of the CPU's UEs, ascending
     */
    void GivePilots(const std::vector<uint32_t>& aps, const std::vector<uint32_t>& ues);

    /**
     * @brief Makes room for the estimates of an AP.
     * @param ap index of the AP
     * @return its errors and noises
     */
    Ap& PrepareAp(uint32_t ap);

    /**
     * @brief Estimates, at one AP, the channels of the UEs that send one pilot.
     * @param row position of the AP among those that listen
     * @param pilot number of the pilot
     * @param ues indices of the CPU's UEs, ascending
     */
    void Listen(std::size_t row, uint32_t pilot, const std::vector<uint32_t>& ues);

    /**
     * @brief Traces an estimate.
     * @param row position of the AP among those that listen
     * @param position position of the UE among those that send
     */
    void TraceEstimate(std::size_t row, uint32_t position);

    /**
     * @brief The channel of a link that the CPU believes, errors of calibration included.
     * @param ap index of the AP
     * @param ue index of the UE
     * @param band sub-band
     * @param[out] channel N
     * @return variance of its error per antenna, as |h|^2
     */
    double Believe(uint32_t ap, uint32_t ue, uint32_t band, Eigen::Ref<Eigen::VectorXcd> channel);

    /**
     * @brief Turns a channel away from the truth by the errors of calibration.
     * @param ap index of the AP
     * @param band sub-band
     * @param[in,out] channel N
     */
    void Miscalibrate(uint32_t ap, uint32_t band, Eigen::Ref<Eigen::VectorXcd> channel);

    /**
     * @brief The power of a link that the CPU believes.
     * @param ap index of the AP
     * @param ue index of the UE
     * @return squared norm of the channel, mean over sub-bands; 0 if it is not known
     */
    double GetBelievedPower(uint32_t ap, uint32_t ue);

    /**
     * @brief What was heard of a link.
     * @param ap index of the AP
     * @param ue index of the UE
     * @return the estimate, or null
     */
    const Estimate* FindEstimate(uint32_t ap, uint32_t ue) const;

    /**
     * @brief Correlation between a link's fading now and when it was estimated.
     * @param ap index of the AP
     * @param ue index of the UE
     * @param estimate the estimate
     * @return the correlation, in [-1, 1]
     */
    double GetCorrelation(uint32_t ap, uint32_t ue, const Estimate& estimate) const;

    /**
     * @brief The steering vector that the CPU believes.
     * @param ap index of the AP
     * @param target index of the target
     * @param[out] steering N
     */
    void Point(uint32_t ap, uint32_t target, Eigen::Ref<Eigen::VectorXcd> steering);

    uint32_t m_pilotLength{16};       //!< orthogonal pilots tau_p
    double m_pilotPower;              //!< power that a UE sends pilots with (dBm)
    Assignment m_assignment;          //!< how UEs get pilots
    uint32_t m_soundingPeriod;        //!< slots with pilots from one sounding to the next
    double m_phaseError;              //!< rms (degrees)
    double m_timingError;             //!< rms (ns)
    double m_reciprocityError;        //!< rms, relative
    double m_targetAngleError;        //!< rms (degrees)
    Time m_targetAnglePeriod;         //!< time between two draws of the error of a direction
    int64_t m_firstStream{-1};        //!< first stream of the module; -1: ns-3 chooses
    std::vector<int32_t> m_ownPilots; //!< by UE: what SetPilot() said, or -1
    std::vector<int32_t> m_pilots;    //!< by UE: the pilot, or -1

    std::vector<Ap> m_aps;                                      //!< by AP
    std::vector<std::vector<Estimate>> m_estimates;             //!< by AP, by UE
    std::map<std::pair<uint32_t, uint32_t>, Pointing> m_points; //!< by AP and target

    std::vector<uint32_t> m_listening;             //!< APs of the present sounding
    std::vector<uint32_t> m_senders;               //!< UEs that send
    std::vector<std::vector<uint32_t>> m_groups;   //!< by pilot: positions of the UEs that send it
    std::vector<IsacProblem> m_truth;              //!< by sub-band: what the pilots meet
    std::vector<uint32_t> m_heard;                 //!< those of a group with gain at the AP
    std::vector<Eigen::VectorXcd> m_means;         //!< of their channels
    std::vector<Eigen::MatrixXcd> m_covariances;   //!< of their channels
    std::vector<IsacChannelEstimator::Ue> m_known; //!< the same for the estimator
    IsacChannelEstimator m_estimator;              //!< for correlated antennas
    IsacScalarChannelEstimator m_scalarEstimator;  //!< for uncorrelated ones
    Eigen::MatrixXcd m_noise;                      //!< N x B: of one AP and pilot
    Eigen::VectorXcd m_received;                   //!< N: one observation
    Eigen::VectorXcd m_mean;                       //!< N: work space
    Eigen::MatrixXcd m_covariance;                 //!< N x N: work space
    Eigen::VectorXcd m_channel;                    //!< N: work space
    /// AP, UE, expected and met error.
    TracedCallback<uint32_t, uint32_t, double, double> m_estimateTrace;
};

} // namespace ns3

#endif // CELL_FREE_PILOT_CSI_H
