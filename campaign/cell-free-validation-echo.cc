// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-echo-study.h"
#include "cell-free-validation.h"

#include "ns3/isac-link-budget.h"
#include "ns3/random-variable-stream.h"
#include "ns3/rng-seed-manager.h"

#include <cmath>
#include <sstream>

namespace ns3
{

namespace
{

using Rows = std::vector<CellFreeValidationRow>;

constexpr double PFA = 1e-3;

/// Few resource elements, so that there can be many dwells.
CellFreeEchoStudy
MakeStudy(Eigen::Index nTransmitters, Eigen::Index nReceivers)
{
    CellFreeEchoStudy study;
    study.nTransmitters = nTransmitters;
    study.nReceivers = nReceivers;
    study.nTransmitAntennas = 4;
    study.nReceiveAntennas = 2;
    study.grid = {2, 8, 480e3, 0.1e-3};
    study.waveform = ISAC_ORTHOGONAL;
    // Slow: orthogonal streams stay so only as far as their Doppler shifts are alike.
    study.speed = 0.0;
    study.pfa = PFA;
    study.nClutter = 0;
    study.nEstimates = 0;
    study.isMapped = false;
    study.rocRelativeSnr = 0.0;
    study.nDwells = 100000;
    return study;
}

/// Runs a study on a stream of its own. @param stream its number
CellFreeEchoReport
Measure(const CellFreeEchoStudy& study, int64_t stream)
{
    RngSeedManager::SetSeed(1);
    RngSeedManager::SetRun(1);
    auto uniform = CreateObject<UniformRandomVariable>();
    uniform->SetStream(stream);
    return cellfree::MeasureEchoes(study, [&uniform]() { return uniform->GetValue(); });
}

/// A figure as a row. @param name of it @param figure it @param published by the source
CellFreeValidationRow
ToRow(const std::string& name,
      const CellFreeEchoFigure& figure,
      double published,
      const std::string& source)
{
    return {name, figure.value, figure.halfWidth99 * 1.96 / 2.576, "1", published, source};
}

/// A number of decibels in a name.
std::string
ToText(double decibels)
{
    std::ostringstream text;
    text << decibels << " dB";
    return text.str();
}

/// SNR of raw echoes.
Rows
CompareEchoSnr()
{
    /// A network.
    struct Network
    {
        const char* name;
        Eigen::Index nTransmitters;
        Eigen::Index nReceivers;
        bool isSeparate;
        IsacWaveform waveform;
        IsacFluctuation fluctuation;
    };

    const Network networks[] = {
        {"1 AP, QPSK, Swerling I", 1, 1, false, ISAC_QPSK, ISAC_SWERLING_1},
        {"2 APs, QPSK, Swerling I", 2, 2, false, ISAC_QPSK, ISAC_SWERLING_1},
        {"2 APs, Gaussian symbols, Swerling I", 2, 2, false, ISAC_GAUSSIAN, ISAC_SWERLING_1},
        {"2 APs, QPSK, constant", 2, 2, false, ISAC_QPSK, ISAC_CONSTANT},
        {"2 APs send, 3 others receive, QPSK, Swerling I", 2, 3, true, ISAC_QPSK, ISAC_SWERLING_1},
    };
    Rows rows;
    int64_t stream = 0;
    for (const auto& network : networks)
    {
        auto study = MakeStudy(network.nTransmitters, network.nReceivers);
        study.isSeparate = network.isSeparate;
        study.waveform = network.waveform;
        study.fluctuation = network.fluctuation;
        study.speed = 30.0;
        study.snr = cellfree::FromDecibels(15.0);
        study.relativeSnrs.clear();
        for (const auto& figure : Measure(study, stream++).snr)
        {
            rows.push_back(ToRow(std::string(network.name) + ": " + figure.quantity,
                                 figure,
                                 study.snr,
                                 "Demirhan, Alkhateeb: Learning Beamforming in Cell-Free Massive "
                                 "MIMO ISAC Systems, eq. (7) times N_r L"));
        }
    }
    return rows;
}

/// Q(k, x), the regularised upper incomplete gamma function of an integer k.
double
GetGammaTail(int k, double x)
{
    double term = std::exp(-x);
    double sum = term;
    for (int i = 1; i < k; ++i)
    {
        term *= x / i;
        sum += term;
    }
    return sum;
}

/// The threshold that noise of k looks exceeds with probability PFA.
double
GetThreshold(int k)
{
    double low = 0.0;
    double high = 1000.0;
    while (high - low > 1e-12 * high)
    {
        const double middle = 0.5 * (low + high);
        (GetGammaTail(k, middle) > PFA ? low : high) = middle;
    }
    return low;
}

/// Pd of k looks of equal mean SNR each that add their energies.
double
GetPd(int k, double snr, IsacFluctuation fluctuation)
{
    const double threshold = GetThreshold(k);
    if (fluctuation == ISAC_SWERLING_1)
    {
        return GetGammaTail(k, threshold / (1 + snr));
    }
    if (fluctuation == ISAC_SWERLING_3)
    {
        // The generating function of the sum, ((1 - t) / (1 - a t))^k (1 - a t)^-k with a = 1 +
        // SNR / 2, is that of a binomial mixture of gamma variables of shapes k to 2 k.
        const double a = 1 + snr / 2;
        double weight = std::pow(a, -k);
        double sum = 0.0;
        for (int i = 0; i <= k; ++i)
        {
            sum += weight * GetGammaTail(k + i, threshold / a);
            weight *= (a - 1) * (k - i) / (i + 1);
        }
        return sum;
    }
    // Marcum's Q of order k, as a Poisson mixture.
    double weight = std::exp(-k * snr);
    double sum = 0.0;
    for (int i = 0; i < 1000; ++i)
    {
        sum += weight * GetGammaTail(k + i, threshold);
        weight *= k * snr / (i + 1);
    }
    return sum;
}

/// Detections of one and of several looks.
Rows
ComparePd()
{
    Rows rows;
    int64_t stream = 100;

    /// A target, and where its five SNRs per look are: Pd is neither 0 nor 1 there.
    struct Law
    {
        IsacFluctuation fluctuation;
        const char* name;
        double first;
        double step;
        const char* one;
        const char* several;
    };

    const Law laws[] = {
        {ISAC_SWERLING_1,
         "Swerling I",
         5.0,
         4.0,
         "P. Swerling, 1960, case I: Pfa^(1 / (1 + SNR))",
         "Q(K, x / (1 + SNR)), Q(K, x) = Pfa, Q the regularised upper incomplete gamma function"},
        {ISAC_SWERLING_3,
         "Swerling III",
         5.0,
         3.0,
         "P. Swerling, 1960, case III: exp(-x / a) (1 + (a - 1) x / a^2), a = 1 + SNR / 2, x = -ln "
         "Pfa",
         "sum_i B(i; K, 1 - 1 / a) Q(K + i, x / a), a = 1 + SNR / 2, B binomial, Q as above"},
        {ISAC_CONSTANT,
         "constant",
         4.0,
         2.0,
         "J. Marcum, 1960: Q_1(sqrt(2 SNR), sqrt(-2 ln Pfa))",
         "J. Marcum, 1960: Q_K(sqrt(2 K SNR), sqrt(2 x)), Q(K, x) = Pfa"},
    };
    for (const auto& law : laws)
    {
        for (const Eigen::Index nAps : {1, 2, 3})
        {
            const int k = nAps * nAps;
            auto study = MakeStudy(nAps, nAps);
            study.fluctuation = law.fluctuation;
            study.isEqual = true;
            // Looks that add need less each, and fluctuate less together.
            const double first = std::round(law.first - 5.0 * std::log10(k));
            std::vector<double> decibels;
            for (int i = 0; i < 5; ++i)
            {
                decibels.push_back(first + law.step * i * (k == 1 ? 1.0 : 0.6));
            }
            const double top = cellfree::FromDecibels(decibels.back());
            study.snr = top * nAps;
            study.relativeSnrs.clear();
            for (const double x : decibels)
            {
                study.relativeSnrs.push_back(cellfree::FromDecibels(x) / top);
            }
            const auto report = Measure(study, stream++);
            const std::string name = std::string(law.name) + ", K = " + std::to_string(k);
            const std::string source = k == 1 ? law.one : law.several;
            // The last of each group is that of all pairs.
            rows.push_back(ToRow(name + ": Pfa", report.falseAlarms.back(), PFA, source));
            const std::size_t step = report.detections.size() / decibels.size();
            for (std::size_t i = 0; i < decibels.size(); ++i)
            {
                const double snr = cellfree::FromDecibels(decibels[i]);
                rows.push_back(ToRow(name + ": Pd at " + ToText(decibels[i]) + " a look",
                                     report.detections[i * step + step - 1],
                                     GetPd(k, snr, law.fluctuation),
                                     source));
            }
        }
    }
    return rows;
}

} // namespace

std::vector<CellFreeValidationCase>
cellfree::GetEchoValidationCases()
{
    return {
        {"echo-snr", "SNR of echoes drawn symbol by symbol against equation (7)", CompareEchoSnr},
        {"pd", "detections of such echoes against closed forms", ComparePd},
    };
}

} // namespace ns3
