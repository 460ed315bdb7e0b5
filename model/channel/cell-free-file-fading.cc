// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-file-fading.h"

#include "cell-free-antenna-array.h"

#include "ns3/abort.h"
#include "ns3/double.h"
#include "ns3/isac-link-budget.h"
#include "ns3/isac-scattering.h"
#include "ns3/log.h"
#include "ns3/simulator.h"
#include "ns3/string.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeFileFading");

NS_OBJECT_ENSURE_REGISTERED(CellFreeFileFading);

namespace
{

/// Over which the mean power of coefficients is taken, where the file has none (s).
constexpr double AVERAGING_TIME = 0.1;
constexpr double COHERENCE_PHASE = 9.0 / 8.0; //!< 2 pi f_D T of a coherence time T
constexpr double SAME_FREQUENCY = 1e-6;       //!< relative difference that is none
constexpr double HALF_NANOSECOND = 0.5e-9;    //!< as near as two times can be

/// Complex numbers of a row.
Eigen::Map<const Eigen::MatrixXcd>
AsComplex(const double* values, Eigen::Index rows, Eigen::Index columns)
{
    return {reinterpret_cast<const std::complex<double>*>(values), rows, columns};
}

} // namespace

TypeId
CellFreeFileFading::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeFileFading")
            .SetParent<CellFreeFadingModel>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeFileFading>()
            .AddAttribute("File",
                          "HDF5 file of the channels, by the schema in the documentation. Not to "
                          "be set during a run.",
                          StringValue(""),
                          MakeStringAccessor(&CellFreeFileFading::SetFileName,
                                             &CellFreeFileFading::GetFileName),
                          MakeStringChecker())
            .AddAttribute("PositionTolerance",
                          "How far APs and UEs may be from where the file has them (m, 0 to 1e9). "
                          "Acts at the next large-scale update of the channel.",
                          DoubleValue(1.0),
                          MakeDoubleAccessor(&CellFreeFileFading::m_tolerance),
                          MakeDoubleChecker<double>(0.0, 1e9));
    return tid;
}

CellFreeFileFading::CellFreeFileFading() = default;

CellFreeFileFading::~CellFreeFileFading() = default;

void
CellFreeFileFading::DoDispose()
{
    m_links.clear();
    m_file.reset();
    CellFreeFadingModel::DoDispose();
}

void
CellFreeFileFading::SetFileName(std::string file)
{
    NS_ABORT_MSG_IF(!m_links.empty(),
                    "ns3::CellFreeFileFading::File was set during a run: expected it to be set "
                    "before the start");
    m_fileName = file;
    m_file.reset();
}

std::string
CellFreeFileFading::GetFileName() const
{
    return m_fileName;
}

std::string
CellFreeFileFading::FindError()
{
    if (m_file)
    {
        return {};
    }
    if (m_fileName.empty())
    {
        return "CellFreeFileFading::File is empty: expected the name of a channel file";
    }
    try
    {
        m_file = std::make_unique<CellFreeChannelFile>(m_fileName);
    }
    catch (const std::exception& error)
    {
        return error.what();
    }
    return {};
}

CellFreeChannelFile&
CellFreeFileFading::GetFile()
{
    const auto error = FindError();
    NS_ABORT_MSG_IF(!error.empty(), error);
    return *m_file;
}

void
CellFreeFileFading::DoAddLink(uint32_t link)
{
    const auto& file = GetFile();
    const auto& ends = GetEnds(link);
    const auto check = [&file](const char* role, uint64_t index, uint64_t count) {
        NS_ABORT_MSG_IF(index >= count,
                        file.GetPath() << ": has " << count << " " << role
                                       << "s: expected at least " << index + 1);
    };
    check("AP", ends.apIndex, file.GetNAps());
    check("UE", ends.ueIndex, file.GetNUes());
    const auto nAntennas = cellfree::GetNAntennas(ends.array);
    NS_ABORT_MSG_IF(!file.HasPaths() && file.GetNAntennas() != static_cast<uint64_t>(nAntennas),
                    file.GetPath() << ": has " << file.GetNAntennas()
                                   << " antennas of an AP: expected " << nAntennas);
    m_links.resize(std::max<std::size_t>(m_links.size(), link + 1));
    DoRestart(link);
}

void
CellFreeFileFading::DoRemoveLink(uint32_t link)
{
    m_links[link] = Link();
}

void
CellFreeFileFading::DoSetCoherenceTime(uint32_t /* link */, const Time& /* coherenceTime */)
{
}

void
CellFreeFileFading::DoRestart(uint32_t link)
{
    m_links[link] = Link();
}

void
CellFreeFileFading::DoUpdate()
{
    const auto& file = GetFile();
    const double frequency = ISAC_SPEED_OF_LIGHT / GetWavelength();
    const auto check = [&file](const char* name, double has, double expected) {
        NS_ABORT_MSG_IF(std::abs(has - expected) > SAME_FREQUENCY * expected,
                        file.GetPath() << ": has " << name << " = " << has << ": expected "
                                       << expected << ", the channel model's");
    };
    check("frequency", file.GetFrequency(), frequency);
    if (!file.HasPaths())
    {
        check("bandwidth", file.GetBandwidth(), GetBandwidth());
        NS_ABORT_MSG_IF(file.GetNBands() != GetNBands(),
                        file.GetPath() << ": has " << file.GetNBands() << " sub-bands: expected "
                                       << GetNBands() << ", the channel model's");
    }
    for (auto& link : m_links)
    {
        link.time = TimeStep(-1);
    }
}

void
CellFreeFileFading::UpdateLink(uint32_t link, CellFreeLargeScaleModel& /* largeScale */)
{
    const auto& ends = GetEnds(link);
    auto& file = GetFile();
    const auto check = [this,
                        &file](const char* role, uint32_t index, uint32_t id, const Vector& is) {
        if (!file.Has(std::string("positions/") + role))
        {
            return;
        }
        const auto p = file.GetPosition(role, index, GetNow());
        const Vector expected(p[0], p[1], p[2]);
        NS_ABORT_MSG_IF(CalculateDistance(is, expected) > m_tolerance,
                        file.GetPath() << ": has " << role << " " << index << ", node " << id
                                       << ", at " << expected << " m but it is at " << is
                                       << " m: expected the scenario that the file is of");
    };
    check("ap", ends.apIndex, ends.apId, ends.ap->GetPosition());
    check("ue", ends.ueIndex, ends.ueId, ends.ue->GetPosition());
}

double
CellFreeFileFading::GetNow() const
{
    const double now = Simulator::Now().GetSeconds();
    NS_ABORT_MSG_IF(now > m_file->GetEnd() + HALF_NANOSECOND,
                    m_file->GetPath() << ": ends at " << m_file->GetEnd()
                                      << " s: expected a simulation that does not last longer");
    return now;
}

uint64_t
CellFreeFileFading::GetIndex(const CellFreeLinkEnds& ends) const
{
    return ends.apIndex * m_file->GetNUes() + ends.ueIndex;
}

double
CellFreeFileFading::GetOffset(uint32_t band) const
{
    return ((band + 0.5) / GetNBands() - 0.5) * GetBandwidth();
}

double
CellFreeFileFading::GetNumber(const std::string& name,
                              const std::string& timeName,
                              const CellFreeLinkEnds& ends,
                              double now) const
{
    const auto place = m_file->Find(timeName, now);
    const auto index = GetIndex(ends);
    const double before = m_file->GetRow(name, place.before)[index];
    return place.weight == 0.0 ? before
                               : (1 - place.weight) * before +
                                     place.weight * m_file->GetRow(name, place.after)[index];
}

void
CellFreeFileFading::ReadPaths(const CellFreeLinkEnds& ends, uint64_t row, Paths& paths) const
{
    const auto nPaths = static_cast<Eigen::Index>(m_file->GetNPaths());
    const auto read = [&](CellFreeChannelFile::PathField field) -> Eigen::ArrayXd {
        const auto* name = CellFreeChannelFile::GetFieldName(field);
        if (!m_file->Has(name))
        {
            return Eigen::ArrayXd::Zero(nPaths);
        }
        return Eigen::Map<const Eigen::ArrayXd>(m_file->GetRow(name, row) + GetIndex(ends) * nPaths,
                                                nPaths);
    };
    paths.row = static_cast<int64_t>(row);
    paths.power = read(CellFreeChannelFile::GAIN);
    paths.phase = read(CellFreeChannelFile::PHASE);
    paths.delay = read(CellFreeChannelFile::DELAY);
    paths.doppler = read(CellFreeChannelFile::DOPPLER);
    const auto azimuth = read(CellFreeChannelFile::DEPARTURE_AZIMUTH);
    const auto elevation = read(CellFreeChannelFile::DEPARTURE_ELEVATION);
    paths.steering.resize(cellfree::GetNAntennas(ends.array), nPaths);
    for (Eigen::Index l = 0; l < nPaths; ++l)
    {
        const Vector direction(std::cos(elevation(l)) * std::cos(azimuth(l)),
                               std::cos(elevation(l)) * std::sin(azimuth(l)),
                               std::sin(elevation(l)));
        if (m_file->LacksElementGains())
        {
            paths.power(l) *= cellfree::GetElementGain(ends.array, direction);
        }
        cellfree::GetSteeringVector(ends.array, direction, paths.steering.col(l));
        paths.steering.col(l) *= std::sqrt(paths.power(l));
    }
}

const CellFreeFileFading::Paths&
CellFreeFileFading::GetPaths(uint32_t link, uint64_t row) const
{
    // Of the two, the earlier one makes room.
    auto& known = m_links[link].paths;
    const auto wanted = static_cast<int64_t>(row);
    const bool isSecond =
        known[1].row == wanted || (known[0].row != wanted && known[1].row < known[0].row);
    auto& paths = known[isSecond ? 1 : 0];
    if (paths.row != wanted)
    {
        ReadPaths(GetEnds(link), row, paths);
    }
    return paths;
}

void
CellFreeFileFading::AddPaths(const Paths& paths, double elapsed, double weight, Link& state) const
{
    const double carrier = m_file->GetFrequency();
    for (uint32_t band = 0; band < GetNBands(); ++band)
    {
        auto& h = state.bands[band];
        for (Eigen::Index l = 0; l < paths.power.size(); ++l)
        {
            if (paths.power(l) > 0.0)
            {
                const double delay = paths.delay(l) - paths.doppler(l) * elapsed / carrier;
                const double cycles = paths.doppler(l) * elapsed - GetOffset(band) * delay;
                const double phase = paths.phase(l) + 2 * M_PI * (cycles - std::floor(cycles));
                h += std::polar(weight, -phase) * paths.steering.col(l);
            }
        }
    }
}

void
CellFreeFileFading::SetFromCoefficients(const CellFreeLinkEnds& ends, double now, Link& state)
{
    const auto place = m_file->Find("time", now);
    const auto n = static_cast<Eigen::Index>(m_file->GetNAntennas());
    const auto nBands = static_cast<Eigen::Index>(GetNBands());
    const auto first = GetIndex(ends) * nBands * n * 2;
    const auto before = AsComplex(m_file->GetRow("coefficients", place.before) + first, n, nBands);
    for (Eigen::Index b = 0; b < nBands; ++b)
    {
        state.bands[b] = before.col(b).conjugate();
    }
    if (place.weight > 0.0)
    {
        const auto after =
            AsComplex(m_file->GetRow("coefficients", place.after) + first, n, nBands);
        for (Eigen::Index b = 0; b < nBands; ++b)
        {
            state.bands[b] =
                (1 - place.weight) * state.bands[b] + place.weight * after.col(b).conjugate();
        }
    }
}

const CellFreeFileFading::Link&
CellFreeFileFading::Advance(uint32_t link)
{
    const auto& ends = GetEnds(link);
    auto& state = m_links[link];
    if (state.time == Simulator::Now())
    {
        return state;
    }
    const double now = GetNow();
    state.time = Simulator::Now();
    state.bands.resize(GetNBands());
    if (m_file->HasPaths())
    {
        for (auto& h : state.bands)
        {
            h.setZero(cellfree::GetNAntennas(ends.array));
        }
        const auto place = m_file->Find("time", now);
        AddPaths(GetPaths(link, place.before), place.elapsed, 1 - place.weight, state);
        if (place.weight > 0.0)
        {
            AddPaths(GetPaths(link, place.after), -place.left, place.weight, state);
        }
    }
    else
    {
        SetFromCoefficients(ends, now, state);
    }
    state.squaredNorm = 0.0;
    for (const auto& h : state.bands)
    {
        state.squaredNorm += h.squaredNorm() / state.bands.size();
    }
    if (m_file->Has("squaredNorm"))
    {
        // A recording has the last bit of what the run saw.
        state.squaredNorm = GetNumber("squaredNorm", "time", ends, now);
    }
    return state;
}

const Eigen::VectorXcd&
CellFreeFileFading::GetCoefficients(uint32_t link, uint32_t band)
{
    const auto& bands = Advance(link).bands;
    NS_ABORT_MSG_IF(band >= bands.size(),
                    "sub-band " << band << ": expected less than " << bands.size());
    return bands[band];
}

double
CellFreeFileFading::GetSquaredNorm(uint32_t link)
{
    return Advance(link).squaredNorm;
}

bool
CellFreeFileFading::HasLargeScale() const
{
    return true;
}

double
CellFreeFileFading::GetGain(const CellFreeLinkEnds& ends)
{
    GetFile();
    const double now = GetNow();
    if (m_file->Has("statistics/gain"))
    {
        return GetNumber("statistics/gain", "statistics/time", ends, now);
    }
    const auto place = m_file->Find("time", now);
    if (m_file->HasPaths())
    {
        Paths paths;
        ReadPaths(ends, place.before, paths);
        const double before = paths.power.sum();
        ReadPaths(ends, place.after, paths);
        return (1 - place.weight) * before + place.weight * paths.power.sum();
    }
    // The mean over the sub-bands, the antennas and the times around now.
    const auto first = m_file->Find("time", now - AVERAGING_TIME / 2);
    const auto last = m_file->Find("time", now + AVERAGING_TIME / 2);
    const auto size = static_cast<Eigen::Index>(GetNBands() * m_file->GetNAntennas());
    double sum = 0.0;
    for (auto row = first.before; row <= last.before; ++row)
    {
        sum += AsComplex(m_file->GetRow("coefficients", row) + GetIndex(ends) * size * 2, size, 1)
                   .squaredNorm();
    }
    return sum / (size * (last.before - first.before + 1));
}

void
CellFreeFileFading::GetStatistics(uint32_t link,
                                  uint32_t band,
                                  Eigen::VectorXcd& mean,
                                  Eigen::MatrixXcd& covariance)
{
    const auto& ends = GetEnds(link);
    const auto n = cellfree::GetNAntennas(ends.array);
    const double now = GetNow();
    mean.setZero(n);
    if (m_file->Has("statistics/covariance"))
    {
        // The covariance of h^* by rows is that of h by columns.
        const auto slow = m_file->Find("statistics/time", now).before;
        const auto index = GetIndex(ends) * GetNBands() + band;
        covariance =
            AsComplex(m_file->GetRow("statistics/covariance", slow) + index * n * n * 2, n, n);
        if (m_file->Has("mean"))
        {
            const auto fast = m_file->Find("time", now).before;
            mean = AsComplex(m_file->GetRow("mean", fast) + index * n * 2, n, 1).conjugate();
        }
        return;
    }
    if (!m_file->HasPaths())
    {
        covariance = GetGain(ends) * Eigen::MatrixXcd::Identity(n, n);
        return;
    }
    const auto place = m_file->Find("time", now);
    const auto& before = GetPaths(link, place.before).steering;
    covariance = (1 - place.weight) * before * before.adjoint();
    if (place.weight > 0.0)
    {
        const auto& after = GetPaths(link, place.after).steering;
        covariance += place.weight * after * after.adjoint();
    }
}

double
CellFreeFileFading::GetAutocorrelation(uint32_t link, Time lag) const
{
    const auto& ends = GetEnds(link);
    const double seconds = lag.GetSeconds();
    const auto lags = m_file->GetLags();
    if (!lags.empty())
    {
        const auto row = m_file->Find("statistics/time", GetNow()).before;
        const double* values =
            m_file->GetRow("statistics/autocorrelation", row) + GetIndex(ends) * lags.size();
        const auto next =
            std::lower_bound(lags.begin(), lags.end(), seconds - HALF_NANOSECOND) - lags.begin();
        const auto last = static_cast<std::ptrdiff_t>(lags.size()) - 1;
        if (next > last)
        {
            return values[last];
        }
        if (next == 0 || lags[next] <= seconds + HALF_NANOSECOND)
        {
            return values[next];
        }
        const double weight = (seconds - lags[next - 1]) / (lags[next] - lags[next - 1]);
        return (1 - weight) * values[next - 1] + weight * values[next];
    }
    if (m_file->HasPaths())
    {
        const auto& paths = GetPaths(link, m_file->Find("time", GetNow()).before);
        const double power = paths.power.sum();
        return power > 0.0
                   ? (paths.power * (2 * M_PI * seconds * paths.doppler).cos()).sum() / power
                   : 1.0;
    }
    const double coherenceTime = GetLinkCoherenceTime(link).GetSeconds();
    return coherenceTime > 0.0
               ? cellfree::GetClarkeCorrelation(COHERENCE_PHASE * seconds / coherenceTime)
               : 1.0;
}

std::complex<double>
CellFreeFileFading::GetBandCorrelation(uint32_t link, uint32_t band, uint32_t other) const
{
    GetEnds(link);
    if (!m_file->HasPaths())
    {
        return 1.0;
    }
    const auto& paths = GetPaths(link, m_file->Find("time", GetNow()).before);
    const double angle = 2 * M_PI * (GetOffset(band) - GetOffset(other));
    std::complex<double> sum = 0.0;
    for (Eigen::Index l = 0; l < paths.power.size(); ++l)
    {
        sum += std::polar(paths.power(l), angle * paths.delay(l));
    }
    const double power = paths.power.sum();
    return power > 0.0 ? sum / power : 1.0;
}

bool
CellFreeFileFading::GetEchoGains(uint32_t target, Eigen::MatrixXd& gains)
{
    const auto& file = GetFile();
    if (!file.Has("echoes/gain") || target >= file.GetNEchoTargets())
    {
        return false;
    }
    const auto m = static_cast<Eigen::Index>(file.GetNAps());
    const auto place = file.Find("echoes/time", GetNow());
    using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const auto read = [&](uint64_t row) {
        return Eigen::Map<const RowMajor>(m_file->GetRow("echoes/gain", row) + target * m * m,
                                          m,
                                          m);
    };
    gains = (1 - place.weight) * read(place.before) + place.weight * read(place.after);
    return true;
}

} // namespace ns3
