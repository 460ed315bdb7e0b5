// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_EXPECTED_LOG_H
#define ISAC_EXPECTED_LOG_H

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief E ln(1 + ||x||^2) and its gradient for a Gaussian vector x ~ CN(mu, C), without sampling.
 *
 * With ln(1 + q) = int_0^inf (1 - e^(-s q)) e^(-s) / s ds (K. Hamdi, "A useful lemma for capacity
 * analysis of fading interference channels", IEEE Trans. Commun. 58(2), 2010) and the moment
 * generating function of a quadratic form of a Gaussian vector,
 *
 *     M(s) = E e^(-s ||x||^2) = e^(-s mu^H (I + s C)^-1 mu) / det(I + s C),
 *
 * the mean is one integral over s. The law's own mean q0 = ||mu||^2 + tr C is taken out of it,
 *
 *     E ln(1 + ||x||^2) = ln(1 + q0) + int_0^inf (e^(-s q0) - M(s)) e^(-s) / s ds,
 *
 * so that the integrand falls as s^2 towards zero, and the trapezoidal rule in ln s, whose error
 * falls as e^(-pi^2 / step), needs few nodes. Where C = 0 the value is ln(1 + q0) to the last bit.
 * The gradient is that of the sum itself. Memory is kept from one call to the next.
 */
class IsacExpectedLog
{
  public:
    /**
     * @brief Evaluates a law.
     * @param mean mu, n x 1
     * @param covariance C, n x n, Hermitian, positive semidefinite
     * @param withGradient false computes GetValue() alone
     */
    void Evaluate(const Eigen::Ref<const Eigen::VectorXcd>& mean,
                  const Eigen::Ref<const Eigen::MatrixXcd>& covariance,
                  bool withGradient);

    /// @return E ln(1 + ||x||^2), in nats
    double GetValue() const
    {
        return m_value;
    }

    /// @return E 1 / (1 + ||x||^2); after Evaluate() with gradient
    double GetInverse() const
    {
        return m_inverse;
    }

    /// @return n: g, with d value = 2 Re g^H d mu; after Evaluate() with gradient
    const Eigen::VectorXcd& GetMeanGradient() const
    {
        return m_meanGradient;
    }

    /// @return n x n: G, Hermitian, with d value = tr(G d C); after Evaluate() with gradient
    const Eigen::MatrixXcd& GetCovarianceGradient() const
    {
        return m_covarianceGradient;
    }

  private:
    Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd> m_eigen; //!< of C
    Eigen::VectorXcd m_rotated;                              //!< n: mu in the eigenvectors of C
    Eigen::ArrayXd m_node;                                   //!< Q: s
    Eigen::ArrayXd m_weight;                                 //!< Q: step e^-s, then step e^-s s M
    Eigen::ArrayXd m_moment;                                 //!< Q: M(s)
    Eigen::ArrayXXd m_factor;                                //!< Q x n: 1 / (1 + s lambda_i)
    Eigen::MatrixXd m_weighted;                              //!< Q x n: the same times weight s
    Eigen::VectorXd m_square;              //!< n: |mu_i|^2, then sum_q weight / (1 + s lambda_i)
    Eigen::MatrixXcd m_inner;              //!< n x n: gradient in the eigenvectors of C
    Eigen::VectorXcd m_meanGradient;       //!< n
    Eigen::MatrixXcd m_covarianceGradient; //!< n x n
    double m_value{0.0};                   //!< E ln(1 + ||x||^2)
    double m_inverse{1.0};                 //!< E 1 / (1 + ||x||^2)
};

} // namespace ns3

#endif // ISAC_EXPECTED_LOG_H
