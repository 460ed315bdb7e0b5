// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-channel-study.h"

#include "ns3/abort.h"
#include "ns3/constant-velocity-mobility-model.h"
#include "ns3/double.h"
#include "ns3/isac-link-budget.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"
#include "ns3/uniform-planar-array.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <functional>

namespace ns3
{

namespace
{

constexpr double AP_HEIGHT = 10.0;      //!< of a street canyon's AP (m)
constexpr double UE_HEIGHT = 1.5;       //!< of a pedestrian (m)
constexpr uint32_t STARTS = 16;         //!< times at which links are first looked at
constexpr uint32_t BATCHES = 20;        //!< groups of links of one K estimate each
constexpr double START = 10.0;          //!< first of those times (coherence times)
constexpr double SAMPLE_INTERVAL = 3.7; //!< between the times of K estimates (coherence times)
constexpr double HALF_WIDTH = 1.96;     //!< standard errors of a 95 % confidence interval

/// A mean, and its half width.
class Mean
{
  public:
    void Add(double value)
    {
        ++m_n;
        m_sum += value;
        m_squares += value * value;
    }

    CellFreeChannelFigure GetFigure(double abscissa, double theory) const
    {
        const double mean = m_sum / m_n;
        const double variance = (m_squares / m_n - mean * mean) * m_n / (m_n - 1.0);
        return {abscissa, mean, HALF_WIDTH * std::sqrt(std::max(variance, 0.0) / m_n), theory};
    }

  private:
    int m_n{0};            //!< how many
    double m_sum{0.0};     //!< their sum
    double m_squares{0.0}; //!< and that of their squares
};

/// Power moments of one link or of a batch.
struct Moments
{
    double count{0.0};   //!< samples
    double power{0.0};   //!< sum of |g|^2
    double squares{0.0}; //!< sum of |g|^4

    /// @return Greenstein's estimate of K / (K + 1); below 0 where the variance is larger than any
    /// K allows, so that it is right in the mean near K = 0
    double GetLosShare() const
    {
        const double mean = power / count;
        const double excess = 2 - squares / count / (mean * mean);
        return std::copysign(std::sqrt(std::abs(excess)), excess);
    }
};

/// A correlation's part along the phase that theory gives it.
double
GetAlong(std::complex<double> value, std::complex<double> theory)
{
    return std::abs(theory) > 0.0 ? (value * std::conj(theory)).real() / std::abs(theory)
                                  : value.real();
}

/// The links, and what is measured of them.
class Measurement
{
  public:
    explicit Measurement(const CellFreeChannelStudy& study);

    /// Measures. @return what is found
    CellFreeChannelReport Run();

  private:
    /// A moving point. @param position where (m) @param velocity how fast (m/s)
    static Ptr<MobilityModel> MakeMobility(const Vector& position, const Vector& velocity);

    /// What fades of a link now, scaled to unit mean power. @param link it @param band its band
    Eigen::VectorXcd GetFading(uint32_t link, uint32_t band);

    /// First look at some links. @param start number of the time
    void Begin(uint32_t start);

    /// A later look. @param start number of the time @param lag number of the lag
    void Continue(uint32_t start, std::size_t lag);

    /// Adds the powers of all links in line of sight to their moments.
    void Sample();

    /// Estimates K. @param[in,out] report what is found
    void EstimateKFactor(CellFreeChannelReport& report) const;

    const CellFreeChannelStudy& m_study;   //!< what to measure
    CellFreeFadingModel& m_fading;         //!< of it
    std::vector<uint32_t> m_links;         //!< indices in the fading model
    std::vector<double> m_kFactors;        //!< of the links, linear
    std::vector<Moments> m_moments;        //!< of the links
    std::vector<Eigen::VectorXcd> m_first; //!< of the links: at their first look
    Mean m_power;                          //!< |g|^2 of an antenna
    std::vector<Mean> m_spatial;           //!< over antennas
    std::vector<Mean> m_temporal;          //!< over lags
    std::vector<Mean> m_spectral;          //!< over sub-bands
    std::vector<double> m_spatialTheory;   //!< over antennas: mean over links
    std::vector<double> m_spectralTheory;  //!< over sub-bands: mean over links
    Eigen::VectorXcd m_mean;               //!< of the link that is looked at
    Eigen::MatrixXcd m_covariance;         //!< likewise
};

Ptr<MobilityModel>
Measurement::MakeMobility(const Vector& position, const Vector& velocity)
{
    auto mobility = CreateObject<ConstantVelocityMobilityModel>();
    mobility->SetPosition(position);
    mobility->SetVelocity(velocity);
    return mobility;
}

Measurement::Measurement(const CellFreeChannelStudy& study)
    : m_study(study),
      m_fading(*study.fading),
      m_first(study.nLinks),
      m_spatial(study.nAntennas),
      m_temporal(study.lags.size()),
      m_spectral(study.nBands),
      m_spatialTheory(study.nAntennas),
      m_spectralTheory(study.nBands)
{
    NS_ABORT_MSG_IF(study.nLinks < BATCHES,
                    "nLinks = " << study.nLinks << ": expected at least " << BATCHES);
    // The row of elements lies along y, so broadside is x.
    const double azimuth = study.azimuth * M_PI / 180;
    const Vector towards(std::cos(azimuth), std::sin(azimuth), 0.0);
    const auto array = CreateObject<UniformPlanarArray>();
    array->SetAttribute("NumRows", UintegerValue(1));
    array->SetAttribute("NumColumns", UintegerValue(study.nAntennas));
    m_fading.Update(ISAC_SPEED_OF_LIGHT / study.frequency, study.bandwidth, study.nBands);
    study.largeScale->CheckFrequency(study.frequency);
    for (uint32_t link = 0; link < study.nLinks; ++link)
    {
        CellFreeLinkEnds ends;
        ends.apId = link;
        ends.ueId = study.nLinks + link;
        ends.ap = MakeMobility(Vector(0.0, 0.0, AP_HEIGHT), Vector());
        // Around the AP, so that the distance changes slowly.
        ends.ue =
            MakeMobility(Vector(study.distance * towards.x, study.distance * towards.y, UE_HEIGHT),
                         Vector(-study.speed * towards.y, study.speed * towards.x, 0.0));
        ends.array = array;
        m_links.push_back(m_fading.AddLink(ends));
        m_fading.UpdateLink(m_links.back(), *study.largeScale);
        m_fading.GetStatistics(m_links.back(), 0, m_mean, m_covariance);
        m_kFactors.push_back(m_mean.squaredNorm() / m_covariance.trace().real());
    }
    m_moments.resize(study.nLinks);
}

Eigen::VectorXcd
Measurement::GetFading(uint32_t link, uint32_t band)
{
    m_fading.GetStatistics(m_links[link], band, m_mean, m_covariance);
    const double scale = std::sqrt(m_study.nAntennas / m_covariance.trace().real());
    return scale * (m_fading.GetCoefficients(m_links[link], band) - m_mean);
}

void
Measurement::Begin(uint32_t start)
{
    const double n = m_study.nAntennas;
    for (uint32_t link = start; link < m_study.nLinks; link += STARTS)
    {
        m_power.Add(m_fading.GetSquaredNorm(m_links[link]) / n);
        m_first[link] = GetFading(link, 0);
        const auto& first = m_first[link];
        const Eigen::MatrixXcd covariance = m_covariance * (n / m_covariance.trace().real());
        for (uint32_t other = 0; other < m_study.nAntennas; ++other)
        {
            m_spatial[other].Add(
                GetAlong(first(0) * std::conj(first(other)), covariance(0, other)));
            m_spatialTheory[other] += std::abs(covariance(0, other)) / m_study.nLinks;
        }
        for (uint32_t band = 0; band < m_study.nBands; ++band)
        {
            const auto theory = m_fading.GetBandCorrelation(m_links[link], 0, band);
            // dot() conjugates its left side.
            m_spectral[band].Add(GetAlong(GetFading(link, band).dot(first) / n, theory));
            m_spectralTheory[band] += std::abs(theory) / m_study.nLinks;
        }
    }
}

void
Measurement::Continue(uint32_t start, std::size_t lag)
{
    for (uint32_t link = start; link < m_study.nLinks; link += STARTS)
    {
        m_temporal[lag].Add(m_first[link].dot(GetFading(link, 0)).real() / m_study.nAntennas);
    }
}

void
Measurement::Sample()
{
    for (uint32_t link = 0; link < m_study.nLinks; ++link)
    {
        if (m_kFactors[link] > 0.0)
        {
            const auto& g = m_fading.GetCoefficients(m_links[link]);
            m_moments[link].count += g.size();
            m_moments[link].power += g.squaredNorm();
            m_moments[link].squares += g.cwiseAbs2().squaredNorm();
        }
    }
}

void
Measurement::EstimateKFactor(CellFreeChannelReport& report) const
{
    std::vector<uint32_t> inSight;
    for (uint32_t link = 0; link < m_study.nLinks; ++link)
    {
        if (m_kFactors[link] > 0.0)
        {
            inSight.push_back(link);
        }
    }
    if (inSight.size() < BATCHES || m_study.nTimes == 0)
    {
        return;
    }
    double theory = 0.0;
    bool areEqual = true;
    for (const auto link : inSight)
    {
        theory += m_kFactors[link] / (m_kFactors[link] + 1) / inSight.size();
        areEqual = areEqual && std::abs(m_kFactors[link] / m_kFactors[inSight[0]] - 1) < 1e-9;
    }
    const std::size_t nBatches = areEqual ? BATCHES : inSight.size();
    std::vector<Moments> batches(nBatches);
    for (std::size_t i = 0; i < inSight.size(); ++i)
    {
        const Moments& moments = m_moments[inSight[i]];
        Moments& batch = batches[i % nBatches];
        batch.count += moments.count;
        batch.power += moments.power;
        batch.squares += moments.squares;
    }
    Mean share;
    Mean decibels;
    for (const auto& batch : batches)
    {
        const double value = batch.GetLosShare();
        share.Add(value);
        decibels.Add(cellfree::ToDecibels(std::max(value, 0.0) / (1 - value)));
    }
    report.losPower = {share.GetFigure(0.0, theory)};
    if (areEqual)
    {
        report.kFactor = {decibels.GetFigure(0.0, cellfree::ToDecibels(m_kFactors[inSight[0]]))};
    }
}

CellFreeChannelReport
Measurement::Run()
{
    const double coherence = m_fading.GetLinkCoherenceTime(m_links[0]).GetSeconds();
    const auto at = [coherence](double when, const std::function<void()>& what) {
        Simulator::Schedule(Seconds(when * coherence), what);
    };
    for (uint32_t start = 0; start < STARTS; ++start)
    {
        // Fractions of a coherence time, because blocks begin at whole ones.
        const double first = START + (start + 0.5) / STARTS;
        at(first, [this, start]() { Begin(start); });
        for (std::size_t lag = 0; lag < m_study.lags.size(); ++lag)
        {
            at(first + m_study.lags[lag], [this, start, lag]() { Continue(start, lag); });
        }
    }
    for (uint32_t time = 0; time < m_study.nTimes; ++time)
    {
        at(START + 1 + time * SAMPLE_INTERVAL, [this]() { Sample(); });
    }
    Simulator::Run();

    CellFreeChannelReport report;
    report.coherenceTime = coherence;
    report.losShare =
        double(
            std::count_if(m_kFactors.begin(), m_kFactors.end(), [](double k) { return k > 0; })) /
        m_study.nLinks;
    report.power = m_power.GetFigure(0.0, 1.0);
    EstimateKFactor(report);
    for (uint32_t n = 0; n < m_study.nAntennas; ++n)
    {
        report.spatial.push_back(m_spatial[n].GetFigure(n, m_spatialTheory[n]));
    }
    for (std::size_t lag = 0; lag < m_study.lags.size(); ++lag)
    {
        const double seconds = m_study.lags[lag] * coherence;
        report.temporal.push_back(
            m_temporal[lag].GetFigure(seconds,
                                      m_fading.GetAutocorrelation(m_links[0], Seconds(seconds))));
    }
    for (uint32_t band = 0; band < m_study.nBands; ++band)
    {
        report.spectral.push_back(
            m_spectral[band].GetFigure(band * m_study.bandwidth / m_study.nBands,
                                       m_spectralTheory[band]));
    }
    Simulator::Destroy();
    return report;
}

} // namespace

CellFreeChannelReport
cellfree::MeasureChannel(const CellFreeChannelStudy& study)
{
    return Measurement(study).Run();
}

double
cellfree::GetCoherenceBandwidth(const std::vector<double>& separations,
                                const std::vector<double>& magnitudes,
                                double level)
{
    for (std::size_t i = 1; i < separations.size(); ++i)
    {
        if (magnitudes[i] <= level)
        {
            const double share = (magnitudes[i - 1] - level) / (magnitudes[i - 1] - magnitudes[i]);
            return separations[i - 1] + share * (separations[i] - separations[i - 1]);
        }
    }
    return std::numeric_limits<double>::quiet_NaN();
}

} // namespace ns3
