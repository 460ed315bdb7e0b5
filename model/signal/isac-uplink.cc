// SPDX-License-Identifier: GPL-2.0-only

#include "isac-uplink.h"

namespace ns3
{

const Eigen::VectorXd&
IsacUplinkCombining::ComputeSinr(const Eigen::MatrixXcd& h,
                                 const Eigen::VectorXd& txPower,
                                 double noise,
                                 const Eigen::MatrixXd& overlap)
{
    const auto nUes = overlap.rows();
    m_gram.resize(nUes, h.cols());
    m_gram.noalias() = h.leftCols(nUes).adjoint() * h;
    m_sinr.resize(nUes);
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        const double gain = m_gram(u, u).real();
        double interference = noise * gain;
        for (Eigen::Index j = 0; j < h.cols(); ++j)
        {
            interference += j == u ? 0.0 : overlap(u, j) * txPower(j) * std::norm(m_gram(u, j));
        }
        m_sinr(u) = gain > 0.0 ? txPower(u) * gain * gain / interference : 0.0;
    }
    return m_sinr;
}

} // namespace ns3
