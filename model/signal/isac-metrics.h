// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_METRICS_H
#define ISAC_METRICS_H

#include "isac-problem.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief The two metrics of a set of beams, equations (3), (4) and (7), with reusable work space.
 *
 * Equation (7) is read as SNR_t = sum_m omega_mt sum_s |a_mt^H f_ms|^2 / sensingNoise: per symbol
 * and before receive combining.
 */
class IsacMetrics
{
  public:
    /**
     * @brief Evaluates beams on a problem.
     * @param problem the channels that the beams really meet
     * @param beams the beams, for as many streams as the problem has
     */
    void Evaluate(const IsacProblem& problem, const IsacBeams& beams);

    /// @return U x 1: SINR_u of equation (4), linear
    const Eigen::VectorXd& GetSinr() const
    {
        return m_sinr;
    }

    /// @return T x 1: SNR_t of equation (7), linear, per symbol and before combining
    const Eigen::VectorXd& GetSensingSnr() const
    {
        return m_sensingSnr;
    }

    /// @return U x 1: R_u = log2(1 + SINR_u) of equation (3) (bit/s/Hz)
    Eigen::VectorXd GetRate() const;

    /// @return sum of R_u over the UEs (bit/s/Hz)
    double GetSumRate() const;

    /**
     * @brief The objective (8a) with weights:
     * sum_u w_u R_u + sum_t beta_t log2(1 + combiningGain SNR_t), with the weights and the
     * combining gain of the problem last evaluated.
     * @return the objective (bit/s/Hz)
     */
    double GetObjective() const;

    /// @return M x T: sum_s |a_mt^H f_ms|^2, what AP m illuminates target t with (W)
    const Eigen::MatrixXd& GetEchoPower() const
    {
        return m_echoPower;
    }

  private:
    /**
     * @brief Computes m_received = H^H F; of a problem with a serving mask, in a time that follows
     * the links that carry something.
     * @param problem the channels
     * @param beams the beams
     */
    void ComputeReceived(const IsacProblem& problem, const IsacBeams& beams);

    Eigen::VectorXd m_sinr;              //!< SINR per UE
    Eigen::VectorXd m_sensingSnr;        //!< sensing SNR per target
    Eigen::MatrixXd m_echoPower;         //!< M x T: sum_s |a_mt^H f_ms|^2
    Eigen::VectorXd m_weight;            //!< w_u of the problem last evaluated
    Eigen::VectorXd m_sensingWeight;     //!< beta_t of the problem last evaluated
    double m_combiningGain{1.0};         //!< combining gain of the problem last evaluated
    Eigen::MatrixXcd m_received;         //!< H^H F, U x S
    Eigen::MatrixXcd m_channel;          //!< channels from one AP, of the UEs that it reaches
    Eigen::MatrixXcd m_sent;             //!< beams of one AP, of the streams that it sends
    Eigen::MatrixXcd m_heard;            //!< product of the two
    std::vector<Eigen::Index> m_ues;     //!< UEs that one AP reaches
    std::vector<Eigen::Index> m_streams; //!< streams that one AP sends
    Eigen::MatrixXcd m_echo;             //!< a_m^H F_m of one AP, T x S
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Transmit power of one AP, the left side of (8b).
 * @param beams the beams
 * @param m AP index
 * @return sum_s ||f_ms||^2 (W)
 */
inline double
GetApPower(const IsacBeams& beams, Eigen::Index m)
{
    return beams.Ap(m).squaredNorm();
}

} // namespace cellfree

} // namespace ns3

#endif // ISAC_METRICS_H
