// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_THREE_GPP_H
#define CELL_FREE_THREE_GPP_H

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Large-scale statistics of 3GPP TR 38.901 V17.0.0 (2022-03) as pure functions.
 *
 * They are written out here because ns-3's models do not give them alone, nor the same in every
 * release. Heights outside the range of table 7.4.1-1 (UE: 1.5 to 22.5 m, RMa 1 to 10 m; AP: at
 * least the UE's, RMa 10 to 150 m) are taken at its limit. Distances below 10 m are extrapolated.
 */
class CellFreeThreeGpp
{
  public:
    /// Scenarios of table 7.2-1 to 7.2-3.
    enum Scenario
    {
        UMI,          //!< urban micro, street canyon
        UMA,          //!< urban macro
        RMA,          //!< rural macro
        INDOOR_OPEN,  //!< indoor hotspot, open office
        INDOOR_MIXED, //!< indoor hotspot, mixed office
    };

    /// Where the ends of a link are.
    struct Geometry
    {
        double distance2d; //!< horizontal distance (m), >= 0
        double distance3d; //!< distance (m), >= distance2d
        double apHeight;   //!< h_BS (m)
        double ueHeight;   //!< h_UT (m)
    };

    /**
     * @brief Path loss, table 7.4.1-1, outdoors or, for the indoor scenarios, indoors.
     *
     * The breakpoint of UMa takes the effective environment height h_E = 1 m, which is what note 1
     * of the table says for UEs up to 13 m and likely for higher ones. RMa takes the default
     * building height 5 m and street width 20 m.
     *
     * @param scenario the scenario
     * @param isLos true in line of sight
     * @param geometry where the ends are
     * @param frequency carrier frequency (Hz), in [0.5e9, 100e9], RMa [0.5e9, 30e9]
     * @return the loss (dB); minus infinity at distance3d = 0
     */
    static double GetPathLoss(Scenario scenario,
                              bool isLos,
                              const Geometry& geometry,
                              double frequency);

    /**
     * @brief Probability of line of sight, table 7.4.2-1, for UEs outdoors (indoor scenarios:
     * indoors).
     * @param scenario the scenario
     * @param geometry where the ends are
     * @return the probability, in [0, 1]
     */
    static double GetLosProbability(Scenario scenario, const Geometry& geometry);

    /**
     * @brief Standard deviation of the shadowing, table 7.4.1-1.
     * @param scenario the scenario
     * @param isLos true in line of sight
     * @param geometry where the ends are
     * @param frequency carrier frequency (Hz)
     * @return the standard deviation (dB)
     */
    static double GetShadowingDeviation(Scenario scenario,
                                        bool isLos,
                                        const Geometry& geometry,
                                        double frequency);

    /**
     * @brief Correlation distance of the shadowing in the horizontal plane, table 7.5-6.
     * @param scenario the scenario
     * @param isLos true in line of sight
     * @return the distance at which the correlation is 1/e (m)
     */
    static double GetShadowingDistance(Scenario scenario, bool isLos);

    /**
     * @brief Correlation distance of the line-of-sight state, table 7.6.3.1-2.
     * @param scenario the scenario
     * @return the distance (m)
     */
    static double GetLosDistance(Scenario scenario);

    /**
     * @brief Mean of a link's K factor in line of sight, which is log-normal, table 7.5-6.
     * @param scenario the scenario
     * @return the mean of the decibels (dB)
     */
    static double GetKFactorMean(Scenario scenario);

    /**
     * @brief Standard deviation of a link's K factor in line of sight, table 7.5-6.
     * @param scenario the scenario
     * @return the standard deviation of the decibels (dB)
     */
    static double GetKFactorDeviation(Scenario scenario);

    /**
     * @brief Correlation distance of the K factor in the horizontal plane, table 7.5-6.
     * @param scenario the scenario
     * @return the distance at which the correlation is 1/e (m)
     */
    static double GetKFactorDistance(Scenario scenario);

    /**
     * @brief Highest carrier frequency of a scenario, table 7.4.1-1.
     * @param scenario the scenario
     * @return the frequency (Hz); the lowest is 0.5 GHz for all
     */
    static double GetMaxFrequency(Scenario scenario);
};

} // namespace ns3

#endif // CELL_FREE_THREE_GPP_H
