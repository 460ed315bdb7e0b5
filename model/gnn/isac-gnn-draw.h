// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_GNN_DRAW_H
#define ISAC_GNN_DRAW_H

#include "ns3/isac-problem.h"

#include <complex>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Draws problems to train on, repeatable from a seed.
 *
 * Two families. The paper's set-up (section V): h ~ CN(0, I), zeta^2 = 1, P_m = 1/M, noises 0.1.
 * And a scenario under path loss: APs, UEs and targets uniform in a square, gain
 * -30.5 - 36.7 log10(d / m) dB with log-normal shadowing, 23 dBm per AP, -94 dBm noise, target
 * echoes by the bistatic radar equation at 3.5 GHz, 1 m^2 and 30 dB processing gain.
 * Training batches mix both with variations around them: noise level, area, shadowing, echo gain,
 * Rician fading, masks, several targets or none, UEs without a channel, unequal weights. In half of
 * the batches channels are estimates: LMMSE from uplink pilots, reused where they are fewer than
 * the UEs (E. Bjornson and others, "Foundations of User-Centric Cell-Free Massive MIMO", section
 * 4.2), with gains and line-of-sight parts known, and outdated to some degree.
 */
class IsacGnnDraw
{
  public:
    /**
     * @brief Starts a stream of draws.
     * @param seed seed of the stream
     */
    explicit IsacGnnDraw(uint64_t seed);

    /// What one batch is made of.
    struct Shape
    {
        int64_t nAps{5};              //!< M >= 1
        int64_t nUes{2};              //!< U >= 0
        int64_t nTargets{1};          //!< T >= 0
        int64_t nAntennas{8};         //!< N >= 1
        bool isScenario{false};       //!< path loss, or the paper's set-up
        double snr{10.0};             //!< paper's set-up: 1 / noise
        double side{400.0};           //!< scenario: side of the square (m)
        double shadowing{4.0};        //!< scenario: standard deviation of the shadowing (dB)
        double echoGain{30.0};        //!< scenario: processing gain of 1 m^2 (dB)
        bool isRician{false};         //!< scenario: line-of-sight part, K uniform in -7 .. 13 dB
        double maskDepth{0.0};        //!< mask links this far below a UE's best (dB); 0: no mask
        double sensingMaskDepth{0.0}; //!< the same below a target's best (dB); 0: no mask
        int64_t silentUe{-1};         //!< a UE with a zero channel, or -1
        int64_t nPilots{0};           //!< pilots and their length; 0: the channels themselves
        double pilotGain{-3.0};       //!< power of a UE over the limit of an AP (dB)
        double ageing{1.0};           //!< correlation with the channel that was estimated, 0 .. 1
    };

    /// Which problems training draws.
    enum Family
    {
        MIXED,   //!< both families, with variations around them
        PAPER,   //!< the paper's set-up
        SCENARIO //!< the scenario under path loss
    };

    /// What batches are made of. What is not fixed is drawn, sizes once per batch.
    struct Settings
    {
        Family family{MIXED};                //!< which problems
        std::optional<int64_t> nAps;         //!< M >= 1
        std::optional<int64_t> nUes;         //!< U >= 1
        std::optional<int64_t> nTargets;     //!< T >= 0
        std::optional<int64_t> nAntennas;    //!< N >= 1
        std::optional<double> sensingWeight; //!< beta of all targets, >= 0
        std::optional<int64_t> nPilots;      //!< pilots; 0: channels instead of estimates
        std::optional<double> side;          //!< side of the square of a scenario (m), > 0
        double weightedShare{0.35};          //!< share of problems with unequal weights, 0 .. 1
        std::optional<int64_t> nProblems;    //!< problems in a batch, >= 1
        int64_t nLinks{4000}; //!< links, AP-UE and AP-target, if nProblems is not fixed: at least 6
                              //!< problems, at most a sixteenth of the links

        /// @return the number of problems in a batch. @param shape their shape
        int64_t GetCount(const Shape& shape) const;
    };

    /**
     * @brief Draws the shape of a batch: M 1..60, U 1..16, T 0..4, N 1..32 where not fixed.
     * @param settings what is fixed
     * @return the shape
     */
    Shape DrawShape(const Settings& settings);

    /**
     * @brief Draws one normalised problem, all weights 1.
     * @param shape what to draw
     * @param[out] problem the problem
     */
    void DrawProblem(const Shape& shape, IsacProblem& problem);

    /**
     * @brief Draws the weights of a problem.
     *
     * Equal weights w_u = 1 and one beta for all targets; in a share of the problems, w_u = 2^x, x
     * uniform in -3 .. 3, one in seven of them in -12 .. -3, scaled to mean 1, and in half of these
     * problems a beta of its own for each target.
     *
     * @param settings what is fixed
     * @param[in,out] problem the problem
     */
    void DrawWeights(const Settings& settings, IsacProblem& problem);

    /**
     * @brief Draws the problems of one batch: one shape, each with its own weights.
     * @param settings what is fixed
     * @param[out] problems the problems, normalised
     */
    void DrawProblems(const Settings& settings, std::vector<IsacProblem>& problems);

  private:
    /**
     * @brief Puts estimates in place of channels.
     * @param shape what to draw
     * @param[in,out] problem the problem; receives errorVariance
     */
    void Estimate(const Shape& shape, IsacProblem& problem);

    /// @return beta: 0 with probability 1/4, else log-uniform in 0.1 .. 13
    double DrawSensingWeight();

    /// @return a draw from U[low, high)
    double Uniform(double low, double high);

    /// @return a draw from {low, ..., high}
    int64_t Integer(int64_t low, int64_t high);

    /// @return a draw from CN(0, 1)
    std::complex<double> Gaussian();

    /// Writes a half-wavelength array's response to a direction.
    template <typename Block>
    static void Steer(double cosine, Block block);

    std::mt19937_64 m_engine;            //!< source of randomness
    std::normal_distribution<> m_normal; //!< N(0, 1)
    Eigen::MatrixXd m_place;             //!< places of APs, UEs and targets, 2 columns (m)
    Eigen::MatrixXd m_scattered;         //!< M x U: mean square of an entry's scattered part
    Eigen::MatrixXcd m_known;            //!< (M N) x U: line-of-sight parts
    std::vector<Eigen::Index> m_pilot;   //!< U: pilot of every UE
    Eigen::MatrixXcd m_heard;            //!< N x pilots: what one AP hears
    Eigen::VectorXd m_power;             //!< pilots: mean square of an entry of it
};

} // namespace ns3

#endif // ISAC_GNN_DRAW_H
