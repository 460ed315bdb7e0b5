// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-validation.h"

#include "ns3/cell-free-gaussian.h"
#include "ns3/isac-channel-estimation.h"
#include "ns3/isac-pilots.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace ns3
{

namespace
{

/// Where the estimator and the algorithm come from.
const std::string BOOK = "Demir, Bjornson, Sanguinetti: Foundations of User-Centric Cell-Free "
                         "Massive MIMO, 2021, ";

/// A uniform random variable of a fixed stream. @param stream its number
Ptr<UniformRandomVariable>
MakeUniform(int64_t stream)
{
    auto uniform = CreateObject<UniformRandomVariable>();
    uniform->SetStream(stream);
    return uniform;
}

/// A row of the mean of samples with the half width of its 95 % confidence interval.
CellFreeValidationRow
MakeMeanRow(const std::string& quantity, const Eigen::ArrayXd& samples, const std::string& unit)
{
    CellFreeValidationRow row;
    row.quantity = quantity;
    row.value = samples.mean();
    row.halfWidth95 = 1.96 * std::sqrt((samples - row.value).square().sum() /
                                       (samples.size() - 1.0) / samples.size());
    row.unit = unit;
    return row;
}

/// Monte Carlo error of the LMMSE estimate against its closed form in the eigenvalues of R.
std::vector<CellFreeValidationRow>
RunNmse()
{
    constexpr Eigen::Index N = 4;
    constexpr int DRAWS = 100000;
    constexpr double SNR = 10.0;         // p tau_p beta / sigma^2
    constexpr double INTERFERENCE = 0.3; // of the UE on the same pilot, over the first one's gain
    auto uniform = MakeUniform(1);
    std::vector<CellFreeValidationRow> rows;
    for (const double correlation : {0.0, 0.9})
    {
        Eigen::MatrixXcd covariance(N, N);
        for (Eigen::Index i = 0; i < N; ++i)
        {
            for (Eigen::Index j = 0; j < N; ++j)
            {
                covariance(i, j) = i == j ? 1.0 : std::pow(correlation, std::abs(i - j));
            }
        }
        const Eigen::MatrixXcd other = INTERFERENCE * covariance;
        const Eigen::MatrixXcd root = covariance.llt().matrixL();
        const Eigen::VectorXd eigenvalues =
            Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd>(covariance).eigenvalues();
        for (const bool isShared : {false, true})
        {
            std::vector<IsacChannelEstimator::Ue> ues{{SNR, nullptr, &covariance}};
            if (isShared)
            {
                ues.push_back({SNR, nullptr, &other});
            }
            IsacChannelEstimator estimator;
            estimator.Compute(ues, 1.0);
            Eigen::ArrayXd errors(DRAWS);
            const auto draw = [&]() {
                Eigen::VectorXcd white(N);
                for (auto& x : white)
                {
                    x = cellfree::DrawComplexGaussian(*uniform);
                }
                return white;
            };
            Eigen::VectorXcd estimate(N);
            for (auto& error : errors)
            {
                const Eigen::VectorXcd channel = root * draw();
                Eigen::VectorXcd received = std::sqrt(SNR) * channel + draw();
                if (isShared)
                {
                    received += std::sqrt(SNR * INTERFERENCE) * (root * draw());
                }
                estimator.Estimate(0, received, estimate);
                error = (channel - estimate).squaredNorm() / N;
            }
            auto row = MakeMeanRow(
                std::string(isShared ? "shared pilot" : "own pilot") +
                    (correlation > 0.0 ? ", exponential correlation 0.9" : ", uncorrelated"),
                errors,
                "1");
            // R and the other UE's covariance have the same eigenvectors.
            const double load = 1.0 + (isShared ? INTERFERENCE : 0.0);
            row.published = 0.0;
            for (const double lambda : eigenvalues)
            {
                row.published += lambda * (1.0 - SNR * lambda / (load * SNR * lambda + 1.0)) / N;
            }
            row.source = BOOK + "trace of (4.9) over trace R, by the eigenvalues of R";
            rows.push_back(row);
        }
    }
    return rows;
}

/// Contamination at the master AP, in the textbook's area.
std::vector<CellFreeValidationRow>
RunPilotAssignment()
{
    constexpr int SETUPS = 100;
    constexpr Eigen::Index APS = 100;
    constexpr Eigen::Index UES = 40;
    constexpr uint32_t PILOTS = 10;
    constexpr double SIDE = 1000.0;
    auto uniform = MakeUniform(2);
    Eigen::ArrayXXd ratios(SETUPS, 3);
    for (int setup = 0; setup < SETUPS; ++setup)
    {
        Eigen::Array2Xd places(2, APS + UES);
        for (auto& x : places.reshaped())
        {
            x = uniform->GetValue(0.0, SIDE);
        }
        Eigen::MatrixXd gain(APS, UES);
        for (Eigen::Index u = 0; u < UES; ++u)
        {
            for (Eigen::Index m = 0; m < APS; ++m)
            {
                // The square is wrapped around; APs are 10 m above the UEs.
                const Eigen::Array2d offset = (places.col(APS + u) - places.col(m)).abs();
                const Eigen::Array2d shortest = offset.min(SIDE - offset);
                const double distance = std::hypot(std::hypot(shortest(0), shortest(1)), 10.0);
                const double shadowing =
                    4.0 * std::sqrt(2.0) * cellfree::DrawComplexGaussian(*uniform).real();
                gain(m, u) =
                    std::pow(10.0, (-30.5 - 36.7 * std::log10(distance) + shadowing) / 10.0);
            }
        }
        std::vector<std::vector<int32_t>> assignments(2, std::vector<int32_t>(UES, -1));
        cellfree::AssignPilots(gain, PILOTS, assignments[0]);
        for (auto& pilot : assignments[1])
        {
            pilot = uniform->GetInteger(0, PILOTS - 1);
        }
        for (int i = 0; i < 2; ++i)
        {
            double sum = 0.0;
            for (Eigen::Index u = 0; u < UES; ++u)
            {
                const auto master = cellfree::FindMasterAp(gain.col(u));
                double contamination = 0.0;
                for (Eigen::Index j = 0; j < UES; ++j)
                {
                    const bool isShared = j != u && assignments[i][j] == assignments[i][u];
                    contamination += isShared ? gain(master, j) : 0.0;
                }
                // 1 / (1 + x) of what is received is the UE's own: the rest is error.
                sum += contamination / (contamination + gain(master, u));
            }
            ratios(setup, i) = sum / UES;
        }
        ratios(setup, 2) = ratios(setup, 1) - ratios(setup, 0);
    }
    std::vector<CellFreeValidationRow> rows;
    const std::string what = "NMSE at the master by contamination alone, ";
    rows.push_back(MakeMeanRow(what + "Algorithm 4.1", ratios.col(0), "1"));
    rows.push_back(MakeMeanRow(what + "random pilots", ratios.col(1), "1"));
    rows.push_back(MakeMeanRow(what + "random less Algorithm 4.1", ratios.col(2), "1"));
    for (auto& row : rows)
    {
        row.source = BOOK + "set-up of section 5.3 with independent shadowing";
    }
    return rows;
}

} // namespace

std::vector<CellFreeValidationCase>
cellfree::GetCsiValidationCases()
{
    return {
        {"nmse", "error of LMMSE estimates, Monte Carlo against closed form", RunNmse},
        {"pilot-assignment", "contamination by Algorithm 4.1 and by chance", RunPilotAssignment},
    };
}

} // namespace ns3
