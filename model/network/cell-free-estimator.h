// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_ESTIMATOR_H
#define CELL_FREE_ESTIMATOR_H

#include "cell-free-scan.h"

#include "ns3/isac-energy-distribution.h"
#include "ns3/isac-target-bound.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/random-variable-stream.h"
#include "ns3/vector.h"

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ns3
{

/// What an estimator gets of one target in one dwell: M transmitters, R receivers.
struct CellFreeEchoes
{
    Time time; //!< what the estimate is to be true of
    /// Where and with what: rmsBandwidth of a flat spectrum, clockError ignored. Filled once and
    /// changed in place, it costs no allocation.
    IsacSensingGeometry geometry;
    Vector centre; //!< of the box in which the target is searched (m)
    Vector extent; //!< full widths of the box (m), > 0; 0 of what is known
    /// R x M: SNR of every pair after combining, with the reflections of the dwell, linear, >= 0.
    Eigen::MatrixXd snr;
    Eigen::MatrixXd meanSnr; //!< R x M: the same in the mean over reflections
    /// Probability of false alarm of the test that the target has passed; 1 if there was none.
    double pfa{1.0};
    /// False if nobody will see the estimate, for the target was not detected. Then as many numbers
    /// have to be drawn and the bounds be right, and nothing else has to be done.
    bool isNeeded{true};
};

/// What an estimate was expected to be: for traces, never for the network.
struct CellFreeEstimateQuality
{
    double positionErrorBound{0.0}; //!< root of the trace, at the mean SNRs (m)
    double velocityErrorBound{0.0}; //!< root of the trace, at the mean SNRs (m/s)
    double outlierProbability{0.0}; //!< of this dwell
    bool isAmbiguous{false};        //!< true if the estimate is an outlier
};

/**
 * @ingroup cellfree-isac
 * @brief Says where the echoes of a dwell put a target that has been detected.
 *
 * To write your own, derive from this class, implement Estimate() and register a TypeId. All that
 * is drawn must come from the random variable that it is given.
 */
class CellFreeEstimator : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeEstimator();
    ~CellFreeEstimator() override;

    /**
     * @brief Estimates position and velocity.
     * @param truth the target's true state at the time of the echoes
     * @param echoes what was received
     * @param uniform what to draw from
     * @param[out] detection what the network gets, if echoes.isNeeded; allocates nothing
     * @return how good it was to be
     */
    virtual CellFreeEstimateQuality Estimate(const CellFreeState& truth,
                                             const CellFreeEchoes& echoes,
                                             UniformRandomVariable& uniform,
                                             CellFreeDetection& detection) = 0;
};

/**
 * @ingroup cellfree-isac
 * @brief Draws what a maximum-likelihood estimator would say, without echoes.
 *
 * Above the threshold the error is Gaussian with the covariance P = (J + C^-1)^-1 of
 * cellfree::GetTargetCovariance(), with the SNRs that the dwell has met and the prior C: the search
 * box, and VelocityPrior. With the probability of cellfree::GetOutlierProbability() the estimate is
 * anywhere in the box, at any velocity of the prior's variance. In both cases the network believes
 * P at the estimate, for it cannot tell. Where echoes say nothing, the error is that of the prior.
 *
 * The search adds the energies of the n pairs with the largest mean SNRs, n such that their sum
 * over sqrt(n) is largest: more would add noise rather than signal.
 *
 * An estimate takes 13 numbers of the random variable, whatever comes out.
 */
class CellFreeBoundEstimator : public CellFreeEstimator
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeBoundEstimator();
    ~CellFreeBoundEstimator() override;

    // Inherited
    CellFreeEstimateQuality Estimate(const CellFreeState& truth,
                                     const CellFreeEchoes& echoes,
                                     UniformRandomVariable& uniform,
                                     CellFreeDetection& detection) override;

    /**
     * @brief What the echoes tell of a target anywhere, with the attributes of this estimator.
     * @param state the target
     * @param echoes geometry, box; the rest is not read
     * @param snr R x M: SNR of every pair after combining, linear, >= 0
     * @return covariance of the estimate's error
     */
    CellFreeStateCovariance GetBound(const CellFreeState& state,
                                     const CellFreeEchoes& echoes,
                                     const Eigen::MatrixXd& snr);

  private:
    /// Copies the geometry into m_geometry, as the attributes have it. @param echoes the echoes
    void SetGeometry(const CellFreeEchoes& echoes);
    /**
     * @brief Probability of an outlier.
     * @param echoes what was received; m_hops are those of the true state
     * @return the probability
     */
    double GetOutlierProbability(const CellFreeEchoes& echoes);
    /**
     * @brief Threshold on the energy of pairs.
     * @param nPairs how many
     * @param pfa probability that their noise exceeds it, < 1
     * @return the threshold, computed once for each number
     */
    double GetThreshold(std::size_t nPairs, double pfa);

    double m_bandwidthFactor; //!< rms bandwidth over that of a flat spectrum
    double m_velocityPrior;   //!< standard deviation of velocities (m/s)
    double m_clockError;      //!< standard deviation of receivers' clocks (s)
    bool m_usesAngles;        //!< true if arrays resolve angles
    bool m_usesDoppler;       //!< true if Doppler shifts are measured
    bool m_hasOutliers;       //!< true if estimates can be ambiguous

    IsacSensingGeometry m_geometry;       //!< as the attributes have it
    IsacStateMatrix m_prior;              //!< C
    IsacTargetHops m_hops;                //!< of the state that is in question
    double m_thresholdPfa{0.0};           //!< what m_thresholds are for
    std::vector<double> m_thresholds;     //!< by number of pairs; NaN for those not asked for yet
    Eigen::MatrixXd m_pairs;              //!< R x M: share of the pairs that are searched
    std::vector<Eigen::Index> m_order;    //!< pairs by falling mean SNR, without weak ones
    std::vector<IsacEnergyTerm> m_energy; //!< of the noise of the pairs that are searched
};

} // namespace ns3

#endif // CELL_FREE_ESTIMATOR_H
