// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_WEIGHT_CONTROL_H
#define CELL_FREE_WEIGHT_CONTROL_H

#include "cell-free-scan.h"

#include "ns3/nstime.h"
#include "ns3/object.h"

#include <array>
#include <cstdint>
#include <map>
#include <utility>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Chooses how much the policy's objective weighs each target, from dwell to dwell.
 */
class CellFreeWeightControl : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeWeightControl();
    ~CellFreeWeightControl() override;

    /**
     * @brief The weight of a stream from now on.
     * @param aim what the stream is for
     * @param weight the attribute SensingWeight of the CPU
     * @return beta_t, >= 0
     */
    virtual double GetWeight(const CellFreeAim& aim, double weight) = 0;

    /**
     * @brief Learns what a dwell was expected to give, with the weight that it had.
     * @param end end of the dwell
     * @param look one of its aims
     */
    virtual void Notify(Time end, const CellFreeScanLook& look) = 0;
};

/**
 * @ingroup cellfree-isac
 * @brief The weight is the CPU's attribute SensingWeight.
 */
class CellFreeFixedWeight : public CellFreeWeightControl
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    // Inherited
    double GetWeight(const CellFreeAim& aim, double weight) override;
    void Notify(Time end, const CellFreeScanLook& look) override;
};

/**
 * @ingroup cellfree-isac
 * @brief Closed loop: holds the believed probability of detection of each stream, or the believed
 * error of each track, at a set point with as little weight as that takes.
 *
 * How Pd answers to the weight is unknown: a policy may give a target nothing below a threshold,
 * everything above another, or more than enough without any weight. The loop therefore uses one
 * property alone, that a larger weight never lowers Pd, and works on x = ln beta. A look tells the
 * weight that it had, so the step starts from there, x <- ln beta_look + g e, whatever has been
 * asked for since: dwells that were decided before this one was heard of delay the loop and do not
 * destabilise it. The gain g halves when the error e has the opposite sign of the one that the
 * look's weight was to mend, and grows by a quarter where it has the same, from 0.1 to 1; a step is
 * at most MaxStep. With y = -ln(-ln Pd), which grows as ln(1 + SNR) for a Swerling I target in one
 * look, there are two errors to choose from:
 *
 * - EachDwell: e = y_target + b - y holds Pd in every dwell. The slow integral b makes the mean of
 *   Pd right where Pd fluctuates.
 * - Mean: holds the mean of Pd over AveragingLooks with the least loss of rate. Of all ways to
 *   choose the weights of many dwells, the largest sum of rates for a given sum of Pd has, with a
 *   multiplier lambda common to all dwells, the derivatives of rate + lambda Pd at zero in each.
 *   A policy zeroes those of rate + beta log2(1 + SNR); with Pd = Pfa^(1 / (1 + SNR)) the two agree
 *   if beta is proportional to lambda h(Pd), h = -Pd ln Pd. So e = ln lambda + ln(h(Pd) /
 * h(target))
 *   - x, where the slow integral of target - Pd moves ln lambda: a far target gets more weight, yet
 *   not all that an equal Pd would take, and a near one less. Below 1/e, h is taken as h(1/e), so
 *   that no target is given up. Until Pd has crossed the target for the first time, the error is
 *   that of EachDwell, and again after 20 looks in a row at a limit of the weight.
 *
 * With TrackError the error of tracks is e = 2 ln(trackError / TrackError), as position errors fall
 * as 1 / sqrt(SNR) at best.
 *
 * Streams are told apart by kind and id of their aims, for aims with the same ones (parts of the
 * ellipse in which a track was lost) by the mean of their Pd in a dwell. A stream begins at the
 * CPU's SensingWeight.
 */
class CellFreeClosedLoopWeight : public CellFreeWeightControl
{
  public:
    /// What is held.
    enum Hold
    {
        MEAN,       //!< mean of Pd over many dwells
        EACH_DWELL, //!< Pd of every dwell
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeClosedLoopWeight();
    ~CellFreeClosedLoopWeight() override;

    // Inherited
    double GetWeight(const CellFreeAim& aim, double weight) override;
    void Notify(Time end, const CellFreeScanLook& look) override;

    /// @return the number of streams that are remembered
    std::size_t GetNStreams() const;

  private:
    /// Kind and id of an aim.
    using Key = std::pair<int, uint32_t>;

    /// The loop of one stream.
    struct Loop
    {
        double logWeight{0.0}; //!< x
        double gain{0.5};      //!< g
        double missing{0.0};   //!< y_target - y of the last look
        /// The last weights that were asked for, x, and the errors e that they were to mend.
        std::array<std::pair<double, double>, 8> asked{};
        std::size_t nAsked{0};  //!< how many weights were asked for
        double bias{0.0};       //!< b
        double price{0.0};      //!< ln lambda
        uint32_t nHeld{0};      //!< looks since Pd crossed the target
        uint32_t nStuck{0};     //!< looks in a row at a limit that keeps Pd from the target
        bool isAcquiring{true}; //!< true until Pd crosses the target
    };

    /// What is known of one stream.
    struct Stream
    {
        Loop loop;         //!< the loop after the last dwell
        Loop before;       //!< the loop before it
        Time end;          //!< of the last dwell
        double pd{0.0};    //!< sum over its looks
        double error{0.0}; //!< sum of track errors over its looks (m)
        uint32_t n{0};     //!< its looks
    };

    /**
     * @brief One step of a loop.
     * @param loop the loop
     * @param weight that the dwell had
     * @param pd that it was expected to have
     * @param trackError of a track, if that is to be held, else 0 (m)
     */
    void Step(Loop& loop, double weight, double pd, double trackError) const;
    /**
     * @brief The error that a weight was to mend.
     * @param loop the loop
     * @param x the weight's logarithm
     * @return e, or 0 if it is not known
     */
    static double FindMended(const Loop& loop, double x);
    /// Aborts if MinWeight is more than MaxWeight.
    void CheckLimits() const;
    /// Forgets streams without a look for longer than Memory. @param now the present time
    void Forget(Time now);

    double m_pd{0.0};                //!< set point
    double m_trackError{0.0};        //!< set point (m), or 0
    Hold m_hold{MEAN};               //!< what is held
    double m_minWeight{0.0};         //!< least weight
    double m_maxWeight{0.0};         //!< largest weight
    double m_maxStep{0.0};           //!< largest step per look (dB)
    uint32_t m_averagingLooks{0};    //!< looks over which the mean is held
    Time m_memory;                   //!< how long a stream is remembered
    Time m_forgotten;                //!< when streams were last forgotten
    std::map<Key, Stream> m_streams; //!< the streams
};

} // namespace ns3

#endif // CELL_FREE_WEIGHT_CONTROL_H
