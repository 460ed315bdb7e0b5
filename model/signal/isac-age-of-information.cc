// SPDX-License-Identifier: GPL-2.0-only

#include "isac-age-of-information.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace ns3
{

namespace
{

constexpr double NAN_VALUE = std::numeric_limits<double>::quiet_NaN();

} // namespace

bool
IsacAgeOfInformation::Receive(double generated, double received)
{
    if (!std::isfinite(generated) || !std::isfinite(received) || generated > received ||
        (m_hasReceived && received < m_last))
    {
        return false;
    }
    m_last = received;
    if (!m_hasReceived)
    {
        m_hasReceived = true;
        m_first = received;
    }
    else if (generated <= m_generated)
    {
        return false;
    }
    else
    {
        m_rises.push_back({m_fallen - m_generated, received - m_generated});
    }
    m_generated = generated;
    m_fallen = received;
    return true;
}

bool
IsacAgeOfInformation::HasAge() const
{
    return m_hasReceived;
}

double
IsacAgeOfInformation::GetAge(double now) const
{
    return m_hasReceived ? now - m_generated : NAN_VALUE;
}

std::vector<IsacAgeOfInformation::Rise>
IsacAgeOfInformation::GetRises(double now) const
{
    auto rises = m_rises;
    if (m_hasReceived)
    {
        rises.push_back({m_fallen - m_generated, now - m_generated});
    }
    return rises;
}

double
IsacAgeOfInformation::GetMean(double now) const
{
    double area = 0.0;
    double time = 0.0;
    for (const auto& rise : GetRises(now))
    {
        area += 0.5 * (rise.from + rise.to) * (rise.to - rise.from);
        time += rise.to - rise.from;
    }
    return time > 0.0 ? area / time : GetAge(now);
}

double
IsacAgeOfInformation::GetQuantile(double share, double now) const
{
    // The age spends equal times at all values of a rise, so the time below a value x grows by as
    // many seconds per second of age as rises hold x.
    std::vector<std::pair<double, int>> corners;
    double time = 0.0;
    for (const auto& rise : GetRises(now))
    {
        corners.emplace_back(rise.from, 1);
        corners.emplace_back(rise.to, -1);
        time += rise.to - rise.from;
    }
    if (time <= 0.0)
    {
        return GetAge(now);
    }
    std::sort(corners.begin(), corners.end());
    double left = share * time;
    int slope = 0;
    double age = corners.front().first;
    for (const auto& [value, step] : corners)
    {
        const double passed = slope * (value - age);
        if (slope > 0 && passed >= left)
        {
            return age + left / slope;
        }
        left -= passed;
        slope += step;
        age = value;
    }
    return age;
}

double
IsacAgeOfInformation::GetViolation(double limit, double now) const
{
    double above = 0.0;
    double time = 0.0;
    for (const auto& rise : GetRises(now))
    {
        above += rise.to - std::clamp(limit, rise.from, rise.to);
        time += rise.to - rise.from;
    }
    if (time <= 0.0)
    {
        return m_hasReceived ? (GetAge(now) > limit ? 1.0 : 0.0) : NAN_VALUE;
    }
    return above / time;
}

std::vector<double>
IsacAgeOfInformation::GetPeaks() const
{
    std::vector<double> peaks;
    peaks.reserve(m_rises.size());
    for (const auto& rise : m_rises)
    {
        peaks.push_back(rise.to);
    }
    return peaks;
}

} // namespace ns3
