// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_DETECTOR_H
#define CELL_FREE_DETECTOR_H

#include "ns3/isac-detection.h"
#include "ns3/object.h"

#include <Eigen/Core>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Decides from the looks of a dwell whether a target is there.
 *
 * A look is what the detector tells apart: y_k = sqrt(s_k) alpha_k + n_k with the mean SNR s_k
 * after combining and the noise n_k ~ CN(0, 1). Design() is told the mean SNRs, as a tracker knows
 * them, and before the look at |y_k|^2, so that the probability of false alarm is Pfa whatever they
 * are.
 *
 * With Intervals n above 1 the L symbols of a dwell are not integrated in one go, but in n parts
 * whose energies are added: |y_k|^2 becomes the sum over i of |sqrt(s_k / n) alpha_ki + n_ki|^2.
 * With ReferenceCells N above 0 the noise is not known but averaged over N cells of every look that
 * have none of the target: the statistic is then over their energy.
 */
class CellFreeDetector : public Object
{
  public:
    /// What the looks of a dwell are.
    enum Looks
    {
        ONE,       //!< all APs together, at the SNR of equation (7) times N_r L
        RECEIVERS, //!< one a receiving AP, which does not resolve the transmitters' echoes
        PAIRS,     //!< one a pair of transmitting and receiving AP
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeDetector();
    ~CellFreeDetector() override;

    /// @return the probability of false alarm of one dwell
    double GetPfa() const;

    /// Begins a dwell: n and N stay what they are now until the next one.
    void BeginDwell();

    /// @return n, the intervals that the dwell is split into
    uint32_t GetIntervals() const;

    /// @return N, the reference cells of every look; 0: none
    uint32_t GetReferenceCells() const;

    /// @return what looks it needs, asked at the start of a dwell
    virtual Looks GetLooks() const = 0;

    /**
     * @brief Prepares for a dwell.
     * @param snr K: mean SNR of every look after combining, linear, >= 0
     * @param fluctuation how the looks' reflections change between dwells
     */
    virtual void Design(const Eigen::VectorXd& snr, IsacFluctuation fluctuation) = 0;

    /// @return the threshold on the statistic
    virtual double GetThreshold() const = 0;

    /**
     * @brief The statistic of a dwell where the noise is known; the target is detected if it
     * exceeds the threshold.
     * @param power K: |y_k|^2
     * @return the statistic
     */
    virtual double GetStatistic(const Eigen::VectorXd& power) const = 0;

    /**
     * @brief The statistic of a dwell; the target is detected if it exceeds the threshold.
     * @param power K: |y_k|^2
     * @param reference K: energy of the reference cells of every look
     * @return the statistic; without reference cells, and in detectors that have none, the one of
     * power alone
     */
    virtual double GetReferencedStatistic(const Eigen::VectorXd& power,
                                          const Eigen::VectorXd& reference) const;

    /// @return Pd over reflections and noise
    virtual double GetDetectionProbability() const = 0;

    /**
     * @brief Probability of detection over the noise alone, with the reflections of one dwell.
     * @param snr K: s_k |alpha_k|^2, linear, >= 0
     * @return the probability
     */
    virtual double GetConditionalProbability(const Eigen::VectorXd& snr) const = 0;

  private:
    double m_pfa;                      //!< probability of false alarm
    uint32_t m_intervals;              //!< n of the next dwell
    uint32_t m_referenceCells;         //!< N of the next dwell
    uint32_t m_dwellIntervals{0};      //!< n of the dwell; 0 before the first
    uint32_t m_dwellReferenceCells{0}; //!< N of the dwell
};

/**
 * @ingroup cellfree-isac
 * @brief Sums the energies of independent looks with weights by their SNR: see IsacPooledTest.
 */
class CellFreePooledDetector : public CellFreeDetector
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreePooledDetector();
    ~CellFreePooledDetector() override;

    // Inherited
    Looks GetLooks() const override;
    void Design(const Eigen::VectorXd& snr, IsacFluctuation fluctuation) override;
    double GetThreshold() const override;
    double GetStatistic(const Eigen::VectorXd& power) const override;
    double GetReferencedStatistic(const Eigen::VectorXd& power,
                                  const Eigen::VectorXd& reference) const override;
    double GetDetectionProbability() const override;
    double GetConditionalProbability(const Eigen::VectorXd& snr) const override;

  private:
    Looks m_looks;         //!< what is told apart
    IsacPooledTest m_test; //!< the test
};

/**
 * @ingroup cellfree-isac
 * @brief Takes equation (7), whose noise is that of all receivers together, for the SNR of one look
 * with one reflection: Pd = Pfa^(1 / (1 + N_r L SNR)) for a Swerling I target, and
 * (1 + (Pfa^(-1/N) - 1) / (1 + N_r L SNR))^-N with N reference cells.
 *
 * It is what a network does that adds its echoes without weights, for comparison with closed forms:
 * an AP that is far from the target only adds noise, so that Pd falls.
 */
class CellFreeSingleLookDetector : public CellFreeDetector
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeSingleLookDetector();
    ~CellFreeSingleLookDetector() override;

    // Inherited
    Looks GetLooks() const override;
    void Design(const Eigen::VectorXd& snr, IsacFluctuation fluctuation) override;
    double GetThreshold() const override;
    double GetStatistic(const Eigen::VectorXd& power) const override;
    double GetReferencedStatistic(const Eigen::VectorXd& power,
                                  const Eigen::VectorXd& reference) const override;
    double GetDetectionProbability() const override;
    double GetConditionalProbability(const Eigen::VectorXd& snr) const override;

  private:
    bool m_isSimple{true};   //!< whether there is one interval of known noise
    IsacPooledTest m_test;   //!< the test, if not
    double m_threshold{0.0}; //!< -ln Pfa, if so
    double m_pd{0.0};        //!< detection probability, if so
};

} // namespace ns3

#endif // CELL_FREE_DETECTOR_H
