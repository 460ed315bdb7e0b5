// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-weight-control.h"

#include "ns3/abort.h"
#include "ns3/cell-free-enum-accessor.h"
#include "ns3/double.h"
#include "ns3/isac-problem.h"
#include "ns3/log.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeWeightControl");

namespace
{

// The loop: smallest and largest gain, and what multiplies it.
constexpr double MIN_GAIN = 0.1;
constexpr double MAX_GAIN = 1.0;
constexpr double MORE_GAIN = 1.25;
constexpr double LESS_GAIN = 0.5;
/// A track's error remembers many dwells: faster, the loop would overtake it.
constexpr double MAX_TRACK_GAIN = 0.2;
/// Largest bias of y: 4.3 dB of SNR.
constexpr double MAX_BIAS = 1.0;
/// How near y is to its target when Pd has crossed that and was not carried past: 0.8 to 0.95 of
/// 0.9.
constexpr double NEAR = 0.75;
/// Looks at a limit of the weight, in a row, after which the loop begins anew.
constexpr uint32_t LONG_STUCK = 20;
/// Pd that are told apart: y is finite.
constexpr double MIN_PD = 1e-12;

/// @return -ln(-ln Pd). @param pd a probability
double
GetLogOdds(double pd)
{
    return -std::log(-std::log(std::clamp(pd, MIN_PD, 1.0 - MIN_PD)));
}

/// @return h, the derivative of Pd with respect to y, and to ln(1 + SNR). @param pd Pd
double
GetSlope(double pd)
{
    pd = std::clamp(pd, std::exp(-1.0), 1.0 - MIN_PD);
    return -pd * std::log(pd);
}

} // namespace

NS_OBJECT_ENSURE_REGISTERED(CellFreeWeightControl);
NS_OBJECT_ENSURE_REGISTERED(CellFreeFixedWeight);
NS_OBJECT_ENSURE_REGISTERED(CellFreeClosedLoopWeight);

TypeId
CellFreeWeightControl::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeWeightControl").SetParent<Object>().SetGroupName("CellFreeIsac");
    return tid;
}

CellFreeWeightControl::CellFreeWeightControl() = default;

CellFreeWeightControl::~CellFreeWeightControl() = default;

TypeId
CellFreeFixedWeight::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeFixedWeight")
                            .SetParent<CellFreeWeightControl>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeFixedWeight>();
    return tid;
}

double
CellFreeFixedWeight::GetWeight(const CellFreeAim& /* aim */, double weight)
{
    return weight;
}

void
CellFreeFixedWeight::Notify(Time /* end */, const CellFreeScanLook& /* look */)
{
}

TypeId
CellFreeClosedLoopWeight::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeClosedLoopWeight")
            .SetParent<CellFreeWeightControl>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeClosedLoopWeight>()
            .AddAttribute("Pd",
                          "Set point of the believed probability of detection, in [0.4, 0.999].",
                          DoubleValue(0.9),
                          MakeDoubleAccessor(&CellFreeClosedLoopWeight::m_pd),
                          MakeDoubleChecker<double>(0.4, 0.999))
            .AddAttribute("TrackError",
                          "Set point of the believed rms position error of tracks (m), >= 0; it "
                          "replaces Pd for them. 0: Pd is held.",
                          DoubleValue(0.0),
                          MakeDoubleAccessor(&CellFreeClosedLoopWeight::m_trackError),
                          MakeDoubleChecker<double>(0.0, 1e6))
            .AddAttribute("Hold",
                          "What is held: Mean, the mean of Pd over AveragingLooks with the least "
                          "loss of rate, or EachDwell, Pd in every dwell.",
                          EnumValue(CellFreeClosedLoopWeight::MEAN),
                          MakePortableEnumAccessor<Hold>(0, &CellFreeClosedLoopWeight::m_hold),
                          MakeEnumChecker(CellFreeClosedLoopWeight::MEAN,
                                          "Mean",
                                          CellFreeClosedLoopWeight::EACH_DWELL,
                                          "EachDwell"))
            .AddAttribute("MinWeight",
                          "Least weight, in [1e-9, MaxWeight].",
                          DoubleValue(1e-3),
                          MakeDoubleAccessor(&CellFreeClosedLoopWeight::m_minWeight),
                          MakeDoubleChecker<double>(1e-9, IsacProblem::MAX_WEIGHT))
            .AddAttribute("MaxWeight",
                          "Largest weight, in [MinWeight, 1e12]. For a weight above 13 the network "
                          "that is shipped makes the UEs weigh less instead.",
                          DoubleValue(100.0),
                          MakeDoubleAccessor(&CellFreeClosedLoopWeight::m_maxWeight),
                          MakeDoubleChecker<double>(1e-9, IsacProblem::MAX_WEIGHT))
            .AddAttribute("MaxStep",
                          "Largest change of a weight from look to look (dB), in [0.1, 60].",
                          DoubleValue(3.0),
                          MakeDoubleAccessor(&CellFreeClosedLoopWeight::m_maxStep),
                          MakeDoubleChecker<double>(0.1, 60.0))
            .AddAttribute("AveragingLooks",
                          "Looks over which the mean of Pd is held, at least 10: fewer follow a "
                          "target that comes and goes more closely and cost more rate.",
                          UintegerValue(200),
                          MakeUintegerAccessor(&CellFreeClosedLoopWeight::m_averagingLooks),
                          MakeUintegerChecker<uint32_t>(10))
            .AddAttribute("Memory",
                          "How long a stream without a look is remembered (>= 0).",
                          TimeValue(Seconds(30)),
                          MakeTimeAccessor(&CellFreeClosedLoopWeight::m_memory),
                          MakeTimeChecker(Time(0)));
    return tid;
}

CellFreeClosedLoopWeight::CellFreeClosedLoopWeight() = default;

CellFreeClosedLoopWeight::~CellFreeClosedLoopWeight() = default;

void
CellFreeClosedLoopWeight::CheckLimits() const
{
    NS_ABORT_MSG_IF(m_minWeight > m_maxWeight,
                    "CellFreeClosedLoopWeight::MinWeight = "
                        << m_minWeight << ": expected at most MaxWeight = " << m_maxWeight);
}

double
CellFreeClosedLoopWeight::GetWeight(const CellFreeAim& aim, double weight)
{
    CheckLimits();
    const auto stream = m_streams.find({aim.kind, aim.id});
    // A stream is begun by its first look: until then it follows SensingWeight.
    const double wanted =
        stream != m_streams.end() ? std::exp(stream->second.loop.logWeight) : weight;
    return std::clamp(wanted, m_minWeight, m_maxWeight);
}

void
CellFreeClosedLoopWeight::Notify(Time end, const CellFreeScanLook& look)
{
    NS_ABORT_MSG_IF(!(look.pd >= 0.0 && look.pd <= 1.0 && look.weight >= 0.0 &&
                      std::isfinite(look.weight) && look.trackError >= 0.0),
                    "CellFreeClosedLoopWeight: pd = " << look.pd << ", weight = " << look.weight
                                                      << ", track error = " << look.trackError
                                                      << ": expected 0 to 1, finite and >= 0");
    CheckLimits();
    auto& stream = m_streams[{look.aim.kind, look.aim.id}];
    if (stream.n == 0 || end != stream.end)
    {
        stream.before = stream.loop;
        stream.end = end;
        stream.pd = 0.0;
        stream.error = 0.0;
        stream.n = 0;
    }
    stream.pd += look.pd;
    stream.error += look.trackError;
    ++stream.n;
    stream.loop = stream.before;
    const bool holdsError = m_trackError > 0.0 && look.aim.kind == CellFreeAim::TRACK;
    Step(stream.loop,
         look.weight,
         stream.pd / stream.n,
         holdsError ? stream.error / stream.n : 0.0);
    NS_LOG_LOGIC("kind " << look.aim.kind << " id " << look.aim.id << ": Pd " << look.pd
                         << " with weight " << look.weight << ", next "
                         << std::exp(stream.loop.logWeight));
    Forget(end);
}

void
CellFreeClosedLoopWeight::Step(Loop& loop, double weight, double pd, double trackError) const
{
    const double lowest = std::log(m_minWeight);
    const double highest = std::log(m_maxWeight);
    const double x = std::log(std::clamp(weight, m_minWeight, m_maxWeight));
    const double slope = GetSlope(m_pd);
    const double missing = GetLogOdds(m_pd) - GetLogOdds(pd);
    double error = missing + loop.bias;
    double maxGain = MAX_GAIN;
    if (trackError > 0.0)
    {
        error = 2.0 * std::log(trackError / m_trackError);
        maxGain = MAX_TRACK_GAIN;
    }
    else
    {
        if (loop.isAcquiring && loop.missing * missing < 0.0 && std::abs(missing) < NEAR)
        {
            loop.isAcquiring = false;
            loop.nAsked = 0;
            loop.price = x - std::log(GetSlope(pd) / slope);
        }
        if (m_hold == MEAN && !loop.isAcquiring)
        {
            error = loop.price + std::log(GetSlope(pd) / slope) - x;
        }
    }
    loop.missing = missing;
    const double mended = FindMended(loop, x);
    if (error * mended > 0.0)
    {
        loop.gain *= MORE_GAIN;
    }
    else if (error * mended < 0.0)
    {
        loop.gain *= LESS_GAIN;
    }
    loop.gain = std::clamp(loop.gain, MIN_GAIN, maxGain);
    const double maxStep = m_maxStep * std::log(10.0) / 10.0;
    loop.logWeight =
        std::clamp(x + std::clamp(loop.gain * error, -maxStep, maxStep), lowest, highest);
    loop.asked[loop.nAsked % loop.asked.size()] = {loop.logWeight, error};
    ++loop.nAsked;
    const bool isStuck =
        (loop.logWeight == highest && pd < m_pd) || (loop.logWeight == lowest && pd > m_pd);
    loop.nStuck = isStuck ? loop.nStuck + 1 : 0;
    if (loop.nStuck == LONG_STUCK)
    {
        // What was right before says little of what will be.
        loop.isAcquiring = true;
        loop.nHeld = 0;
        loop.bias = 0.0;
    }
    // What no weight can change is not added up.
    if (trackError > 0.0 || loop.isAcquiring || isStuck)
    {
        return;
    }
    // At first the integral forgets nothing: it is the mean of what was.
    ++loop.nHeld;
    const double integral =
        2.0 / std::min(loop.nHeld + 20U, m_averagingLooks) * (m_pd - pd) / slope;
    loop.bias = std::clamp(loop.bias + integral, -MAX_BIAS, MAX_BIAS);
    loop.price = std::clamp(loop.price + integral, lowest, highest);
}

double
CellFreeClosedLoopWeight::FindMended(const Loop& loop, double x)
{
    constexpr double SAME = 1e-9;
    const auto n = std::min(loop.nAsked, loop.asked.size());
    for (std::size_t i = 1; i <= n; ++i)
    {
        const auto& [asked, error] = loop.asked[(loop.nAsked - i) % loop.asked.size()];
        if (std::abs(asked - x) < SAME)
        {
            return error;
        }
    }
    return 0.0;
}

void
CellFreeClosedLoopWeight::Forget(Time now)
{
    if (now < m_forgotten + m_memory)
    {
        return;
    }
    m_forgotten = now;
    for (auto it = m_streams.begin(); it != m_streams.end();)
    {
        it = it->second.end + m_memory < now ? m_streams.erase(it) : std::next(it);
    }
}

std::size_t
CellFreeClosedLoopWeight::GetNStreams() const
{
    return m_streams.size();
}

} // namespace ns3
