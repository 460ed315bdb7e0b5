// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_AGE_OF_INFORMATION_H
#define ISAC_AGE_OF_INFORMATION_H

#include <cstddef>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Age of information at a receiver: the time since the freshest thing that it knows was
 * true.
 *
 * At a time t the age is t - g(t), with g(t) the latest time of generation among what was received
 * until then (S. Kaul, R. Yates, M. Gruteser, "Real-time status: How often should one update?",
 * INFOCOM 2012). It grows with slope 1 and falls at receptions; what was overtaken changes nothing.
 * Averages and quantiles are over time, from the first reception on, and exact: no sampling. All
 * times are in seconds.
 */
class IsacAgeOfInformation
{
  public:
    /**
     * @brief Takes a reception down.
     * @param generated when what is received was true, finite
     * @param received the present time, at least that and not before the last reception
     * @return true if it is fresher than all before, else the age stays; also false, without any
     * effect, if the times break their limits
     */
    bool Receive(double generated, double received);

    /// @return true once something was received
    bool HasAge() const;

    /// @return the age at a time, NaN before the first reception. @param now not before the last
    /// one
    double GetAge(double now) const;

    /**
     * @brief The mean age over the time from the first reception on.
     * @param now end of that time, not before the last reception
     * @return the mean (s), NaN before the first reception
     */
    double GetMean(double now) const;

    /**
     * @brief The age that is not exceeded for a share of the time from the first reception on.
     * @param share of the time, in [0, 1]
     * @param now end of that time, not before the last reception
     * @return the age (s), NaN before the first reception
     */
    double GetQuantile(double share, double now) const;

    /**
     * @brief How much of the time since the first reception the age was above a limit.
     * @param limit an age (s)
     * @param now end of that time, not before the last reception
     * @return the share, in [0, 1]; NaN before the first reception
     */
    double GetViolation(double limit, double now) const;

    /// @return peaks: the ages just before fresher things came (s), in their order
    std::vector<double> GetPeaks() const;

  private:
    /// A time during which nothing fresher came: the age grows from one value to the other.
    struct Rise
    {
        double from; //!< age at its start (s)
        double to;   //!< age at its end (s)
    };

    /// @return all rises until a time. @param now that time
    std::vector<Rise> GetRises(double now) const;

    std::vector<Rise> m_rises; //!< those that ended
    double m_generated{0.0};   //!< when the freshest thing was true
    double m_fallen{0.0};      //!< when that was received
    double m_first{0.0};       //!< time of the first reception
    double m_last{0.0};        //!< time of the last reception
    bool m_hasReceived{false}; //!< true once something was received
};

} // namespace ns3

#endif // ISAC_AGE_OF_INFORMATION_H
