// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_SCATTERING_PROCESS_H
#define CELL_FREE_SCATTERING_PROCESS_H

#include "ns3/random-variable-stream.h"

#include <Eigen/Core>
#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief What scatterers do to a link over time: N x L random processes, alike and independent,
 * with mean 0 and mean power 1.
 *
 * Their time is counted by the link, so that it may run faster or slower: see CellFreeBlockClock.
 */
class CellFreeScatteringProcess
{
  public:
    virtual ~CellFreeScatteringProcess() = default;

    /**
     * @brief Values of the processes at a time, not earlier than that of the last call.
     * @param block the clock's block
     * @param elapsed the clock's elapsed durations
     * @param nTaps how many of the L columns are wanted, at least 1
     * @param[out] values N x nTaps, the first columns
     */
    virtual void GetValues(int64_t block,
                           double elapsed,
                           Eigen::Index nTaps,
                           Eigen::MatrixXcd& values) = 0;
};

/**
 * @ingroup cellfree-isac
 * @brief A first-order Gauss-Markov process in steps, w' = rho w + sqrt(1 - rho^2) CN(0, 1); with
 * rho = 0 blocks that are independent.
 */
class CellFreeSteppedProcess : public CellFreeScatteringProcess
{
  public:
    /**
     * @brief Makes the processes, before step 0.
     * @param nAntennas N
     * @param nTaps L
     * @param correlation rho, in [0, 1)
     * @param uniform the link's own stream, from which all draws come
     */
    CellFreeSteppedProcess(Eigen::Index nAntennas,
                           Eigen::Index nTaps,
                           double correlation,
                           Ptr<UniformRandomVariable> uniform);

    void GetValues(int64_t block,
                   double elapsed,
                   Eigen::Index nTaps,
                   Eigen::MatrixXcd& values) override;

  private:
    double m_correlation;                 //!< rho
    Ptr<UniformRandomVariable> m_uniform; //!< where draws come from
    int64_t m_block{-1};                  //!< step that the values belong to
    Eigen::MatrixXcd m_values;            //!< N x L
};

/**
 * @ingroup cellfree-isac
 * @brief Waves from all sides of a moving end: sums of S sinusoids with the autocorrelation
 * J0(2 pi f_D tau) of Clarke's model, at any time in closed form.
 *
 * w(x) = sum_s exp(j (x cos(alpha_s) + phi_s)) / sqrt(S) with x = 2 pi f_D tau: the method of
 * M. F. Pop and N. C. Beaulieu, "Limitations of Sum-of-Sinusoids Fading Channel Simulators", IEEE
 * Trans. Commun. 49(4), 2001, with their random phases phi_s, which make it stationary, and random
 * angles: alpha_s = 2 pi (s + u) / S with one u of a link, uniform in [0, 1).
 *
 * Over links the autocorrelation is J0 exactly, at any lag. Over the phases of one link it is
 * J0(x) + 2 sum_k j^{kS} cos(2 pi k u) J_{kS}(x), k = 1, 2, ..., by the Jacobi-Anger expansion: J0
 * as long as x < S / 1.3 or so, where the next Bessel function is still zero. Antennas and taps
 * have independent phases. The values are Gaussian up to an excess kurtosis of -1 / S.
 *
 * Phases are multiples of 2 pi / 256, one byte each: all moments below the 256th are those of
 * uniform phases.
 */
class CellFreeClarkeProcess : public CellFreeScatteringProcess
{
  public:
    /**
     * @brief Draws the angles and phases.
     * @param nAntennas N
     * @param nTaps L
     * @param nSinusoids S, >= 1
     * @param rate x of one duration of the clock (rad), > 0
     * @param uniform the link's own stream, from which all draws come: tap by tap
     */
    CellFreeClarkeProcess(Eigen::Index nAntennas,
                          Eigen::Index nTaps,
                          Eigen::Index nSinusoids,
                          double rate,
                          UniformRandomVariable& uniform);

    void GetValues(int64_t block,
                   double elapsed,
                   Eigen::Index nTaps,
                   Eigen::MatrixXcd& values) override;

  private:
    Eigen::Index m_nAntennas;      //!< N
    double m_rate;                 //!< x of one duration (rad)
    Eigen::VectorXd m_cosines;     //!< S: cos(alpha_s)
    std::vector<uint8_t> m_phases; //!< [l][n][s]: phases in units of 2 pi / 256
    Eigen::VectorXcd m_waves;      //!< S: exp(j x cos(alpha_s)) / sqrt(S), of the last call
};

} // namespace ns3

#endif // CELL_FREE_SCATTERING_PROCESS_H
