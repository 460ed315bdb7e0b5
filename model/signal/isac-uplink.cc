// SPDX-License-Identifier: GPL-2.0-only

#include "isac-uplink.h"

namespace ns3
{

void
GetMaximumRatioSinr(const Eigen::Ref<const Eigen::MatrixXcd>& h,
                    const Eigen::Ref<const Eigen::VectorXd>& power,
                    double noise,
                    Eigen::VectorXd& sinr)
{
    const Eigen::MatrixXcd gram = h.adjoint() * h;
    sinr.resize(h.cols());
    for (Eigen::Index u = 0; u < h.cols(); ++u)
    {
        const double gain = gram(u, u).real();
        // Divided by ||h_u||^2 beforehand, which keeps gains of 1e-12 far from underflow.
        double interference = noise;
        for (Eigen::Index k = 0; k < h.cols(); ++k)
        {
            interference += k == u || gain == 0.0 ? 0.0 : power(k) * std::norm(gram(u, k)) / gain;
        }
        sinr(u) = power(u) * gain / interference;
    }
}

} // namespace ns3
