// SPDX-License-Identifier: GPL-2.0-only

#include "isac-uplink.h"

namespace ns3
{

const Eigen::VectorXd&
IsacUplinkCombining::ComputeSinr(const Eigen::MatrixXcd& h,
                                 const Eigen::VectorXd& txPower,
                                 double noise)
{
    const auto nUes = h.cols();
    m_gram.resize(nUes, nUes);
    m_gram.noalias() = h.adjoint() * h;
    m_sinr.resize(nUes);
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        const double gain = m_gram(u, u).real();
        double interference = noise * gain;
        for (Eigen::Index j = 0; j < nUes; ++j)
        {
            interference += j == u ? 0.0 : txPower(j) * std::norm(m_gram(u, j));
        }
        m_sinr(u) = gain > 0.0 ? txPower(u) * gain * gain / interference : 0.0;
    }
    return m_sinr;
}

} // namespace ns3
