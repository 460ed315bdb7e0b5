// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_RADAR_MODEL_H
#define CELL_FREE_RADAR_MODEL_H

#include "ns3/object.h"
#include "ns3/random-variable-stream.h"

#include <complex>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief How targets fluctuate from dwell to dwell, and when they are detected.
 *
 * A dwell is one look at a target. Its reflection alpha, E|alpha|^2 = 1, scales the mean echo
 * amplitudes zeta of all AP pairs; it is constant over the dwell. With the attribute Fluctuation =
 * Swerling1 it is redrawn CN(0, 1) for every dwell, so |alpha|^2 is exponential; with Constant,
 * |alpha| = 1. The k-th dwell of a target has the same draws whatever was done to other targets.
 */
class CellFreeRadarModel : public Object
{
  public:
    /// How the cross section of a target changes between dwells.
    enum Fluctuation
    {
        SWERLING_1, //!< exponential, redrawn for every dwell
        CONSTANT,   //!< always the mean
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Adds a target; its first dwell has not begun.
     * @return the index of the target, counted from 0 in the order of the calls
     */
    uint32_t AddTarget();

    /**
     * @brief Begins the next dwell of a target: draws its reflection and its receiver noise.
     * @param target index that AddTarget() returned
     */
    void BeginDwell(uint32_t target);

    /**
     * @brief Cross section of a target in its present dwell over its mean, |alpha|^2.
     *
     * The SNR that this dwell really has is this factor times the mean SNR of equation (7).
     *
     * @param target index that AddTarget() returned
     * @return the factor, linear, >= 0
     */
    double GetFluctuation(uint32_t target) const;

    /**
     * @brief Says whether a target's echo passes the threshold in its present dwell:
     * |sqrt(SNR) alpha + n|^2 > -ln Pfa. Draws nothing, so that asking is free.
     * @param target index that AddTarget() returned
     * @param snr mean SNR after combining, linear, >= 0: see GetCombinedSensingSnr()
     * @return true if the target is detected
     */
    bool IsDetected(uint32_t target, double snr) const;

    /**
     * @brief Probability that a target is detected in a dwell, over its fluctuation and the noise.
     * @param snr mean SNR after combining, linear, >= 0: see GetCombinedSensingSnr()
     * @return Pd
     */
    double GetDetectionProbability(double snr) const;

    /**
     * @brief Gives every target that has been added its own stream, in the order of AddTarget().
     * Targets added later keep the streams that ns-3 chooses.
     * @param stream first stream index
     * @return the number of streams used: one per target
     */
    int64_t AssignStreams(int64_t stream);

  protected:
    void DoDispose() override;

  private:
    /// One target's process.
    struct Target
    {
        Ptr<UniformRandomVariable> uniform;   //!< the target's own stream
        std::complex<double> reflection{0.0}; //!< alpha of the present dwell; zero before the first
        std::complex<double> noise{0.0};      //!< n of the present dwell, unit variance
    };

    double m_pfa;                  //!< probability of false alarm
    Fluctuation m_fluctuation;     //!< how targets fluctuate
    std::vector<Target> m_targets; //!< the targets in the order in which they were added
};

} // namespace ns3

#endif // CELL_FREE_RADAR_MODEL_H
