// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-channel-recorder.h"

#include "ns3/abort.h"
#include "ns3/double.h"
#include "ns3/node-list.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeChannelRecorder);

namespace
{

constexpr int64_t LAGS = 64; //!< slots over which autocorrelations are written

/// Indices from 0 on of those that are there.
template <typename IsThere>
std::vector<uint32_t>
ListThose(uint32_t count, IsThere isThere)
{
    std::vector<uint32_t> indices;
    for (uint32_t i = 0; i < count; ++i)
    {
        if (isThere(i))
        {
            indices.push_back(i);
        }
    }
    return indices;
}

/// Takes complex numbers to the end of a row, conjugated.
template <typename Values>
void
AddConjugate(const Values& values, std::vector<double>& row)
{
    for (const std::complex<double>& value : values)
    {
        row.push_back(value.real());
        row.push_back(-value.imag());
    }
}

} // namespace

TypeId
CellFreeChannelRecorder::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeChannelRecorder")
                            .SetParent<Object>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeChannelRecorder>();
    return tid;
}

CellFreeChannelRecorder::CellFreeChannelRecorder() = default;

CellFreeChannelRecorder::~CellFreeChannelRecorder() = default;

void
CellFreeChannelRecorder::DoDispose()
{
    const auto error = Close();
    if (!error.empty())
    {
        std::cerr << error << '\n';
    }
    m_channel = nullptr;
    Object::DoDispose();
}

std::string
CellFreeChannelRecorder::FindFileError(const std::string& path)
{
    const auto missing = cellfree::FindArrayFileError();
    if (!missing.empty())
    {
        return missing;
    }
    std::error_code ignored;
    // A folder or device could not be replaced by the finished file.
    const bool isReplaceable =
        !std::filesystem::exists(path, ignored) || std::filesystem::is_regular_file(path, ignored);
    const auto part = path + ".part";
    try
    {
        if (isReplaceable)
        {
            cellfree::OpenArrayFile(part, true)->Close();
            std::remove(part.c_str());
            return {};
        }
    }
    catch (const std::exception&)
    {
        // As below.
    }
    return "\"" + path + "\": expected the name of a file that can be written";
}

void
CellFreeChannelRecorder::Open(const std::string& path, Ptr<CellFreeLink> link)
{
    const auto error = FindFileError(path);
    NS_ABORT_MSG_IF(!error.empty(), error);
    NS_ABORT_MSG_IF(m_file, "CellFreeChannelRecorder::Open was called twice");
    m_channel = link->GetChannelModel();
    m_nAps = m_channel->GetNAps();
    m_nUes = m_channel->GetNUes();
    NS_ABORT_MSG_IF(m_nAps == 0 || m_nUes == 0,
                    "recording of channels: " << m_nAps << " APs and " << m_nUes
                                              << " UEs: expected at least one of each");
    m_slot = link->GetFrame()->GetSlotDuration();
    m_path = path;
    m_nTargets = m_channel->GetNTargets();
    for (std::size_t c = 0; c < link->GetNCpus(); ++c)
    {
        m_hasStatistics = m_hasStatistics || link->GetCpu(c)->GetCsi()->GetPilotLength() > 0;
    }
    m_time = m_statisticsTime = TimeStep(-1);
    m_nTimes = 0;
    m_error.clear();
    Try([this]() {
        m_file = cellfree::OpenArrayFile(m_path + ".part", true);
        Create();
    });
    m_channel->TraceConnectWithoutContext("Asked",
                                          MakeCallback(&CellFreeChannelRecorder::OnAsked, this));
    m_channel->TraceConnectWithoutContext("CouplingLoss",
                                          MakeCallback(&CellFreeChannelRecorder::OnUpdate, this));
    m_event = Simulator::ScheduleNow(&CellFreeChannelRecorder::WriteStatistics, this);
}

template <typename Write>
void
CellFreeChannelRecorder::Try(Write write)
{
    try
    {
        write();
    }
    catch (const std::exception& error)
    {
        m_error = error.what();
        m_file.reset();
        std::remove((m_path + ".part").c_str());
    }
}

void
CellFreeChannelRecorder::Create()
{
    DoubleValue frequency;
    m_channel->GetAttribute("Frequency", frequency);
    m_file->SetText("format", "cellfree-isac-channel");
    m_file->SetNumber("version", 1);
    m_file->SetText("kind", "coefficients");
    m_file->SetNumber("frequency", frequency.Get());
    m_file->SetNumber("bandwidth", m_channel->GetBandwidth());
    m_file->SetText("interpolation", "hold");
    m_file->SetText("mobility", "scenario");
    const uint64_t m = m_nAps;
    const uint64_t u = m_nUes;
    const uint64_t n = m_channel->GetNAntennas();
    const uint64_t b = m_channel->GetNBands();
    const auto create = [this](const char* name,
                               bool isComplex,
                               const std::vector<uint64_t>& row,
                               const char* axes,
                               const char* unit) {
        CellFreeArrayFile::Entry entry;
        entry.name = name;
        entry.isComplex = isComplex;
        entry.shape = row;
        entry.shape.insert(entry.shape.begin(), 0);
        m_file->Create(entry, axes, unit);
    };
    create("time", false, {}, "time", "s");
    create("coefficients", true, {m, u, b, n}, "time,ap,ue,band,antenna", "1");
    create("squaredNorm", false, {m, u}, "time,ap,ue", "1");
    create("positions/time", false, {}, "time", "s");
    create("positions/ap", false, {m, 3}, "time,ap,coordinate", "m");
    create("positions/ue", false, {u, 3}, "time,ue,coordinate", "m");
    if (m_nTargets > 0)
    {
        create("positions/target", false, {m_nTargets, 3}, "time,target,coordinate", "m");
    }
    create("statistics/time", false, {}, "time", "s");
    create("statistics/gain", false, {m, u}, "time,ap,ue", "1");
    if (m_hasStatistics)
    {
        create("mean", true, {m, u, b, n}, "time,ap,ue,band,antenna", "1");
        create("statistics/covariance",
               true,
               {m, u, b, n, n},
               "time,ap,ue,band,antenna,antenna",
               "1");
        create("statistics/autocorrelation", false, {m, u, LAGS}, "time,ap,ue,lag", "1");
        create("statistics/lag", false, {}, "lag", "s");
        for (int64_t i = 1; i <= LAGS; ++i)
        {
            m_file->Append("statistics/lag", {TimeStep(i * m_slot.GetTimeStep()).GetSeconds()});
        }
    }
}

void
CellFreeChannelRecorder::OnAsked(Time lag)
{
    if (m_isBusy || !m_file)
    {
        return;
    }
    if (lag.GetTimeStep() % m_slot.GetTimeStep() != 0 ||
        lag.GetTimeStep() > LAGS * m_slot.GetTimeStep())
    {
        Warn("correlations over other lags than 1 to " + std::to_string(LAGS) + " slots");
    }
    if (m_time != Simulator::Now())
    {
        NS_ABORT_MSG_IF(m_channel->GetNAps() != m_nAps || m_channel->GetNUes() != m_nUes,
                        "recording of channels: an AP or a UE was added: expected all of them from "
                        "the beginning");
        m_isBusy = true;
        Try([this]() { WriteChannels(); });
        m_isBusy = false;
    }
}

void
CellFreeChannelRecorder::OnUpdate(uint32_t /* ap */, uint32_t /* ue */, double /* loss */)
{
    if (!m_isBusy && m_file && m_event.IsExpired())
    {
        if (m_time == Simulator::Now())
        {
            Warn("a large-scale update after channels at the same time");
        }
        m_event = Simulator::ScheduleNow(&CellFreeChannelRecorder::WriteStatistics, this);
    }
}

void
CellFreeChannelRecorder::Warn(const std::string& what)
{
    if (!m_hasWarned)
    {
        m_hasWarned = true;
        std::cerr << "warning: " << m_path << ": does not replay to the last bit: " << what << '\n';
    }
}

void
CellFreeChannelRecorder::WriteChannels()
{
    m_time = Simulator::Now();
    ++m_nTimes;
    const auto nBands = m_channel->GetNBands();
    const auto n = m_channel->GetNAntennas();
    std::vector<uint32_t> aps(m_nAps);
    std::iota(aps.begin(), aps.end(), 0);
    const auto ues = ListThose(m_nUes, [this](uint32_t ue) { return m_channel->HasUe(ue); });

    std::vector<double> coefficients(std::size_t(2) * m_nAps * m_nUes * nBands * n, 0.0);
    for (uint32_t band = 0; band < nBands; ++band)
    {
        m_channel->GetTrueProblem(aps, ues, {}, m_problem, band);
        for (const auto ap : aps)
        {
            for (std::size_t j = 0; j < ues.size(); ++j)
            {
                const auto h = m_problem.h.col(j).segment(ap * n, n);
                auto first = ((std::size_t(ap) * m_nUes + ues[j]) * nBands + band) * n * 2;
                for (const std::complex<double>& value : h)
                {
                    coefficients[first++] = value.real();
                    coefficients[first++] = -value.imag();
                }
            }
        }
    }
    std::vector<double> norms;
    std::vector<double> means;
    Eigen::VectorXcd mean;
    Eigen::MatrixXcd covariance;
    for (const auto ap : aps)
    {
        for (uint32_t ue = 0; ue < m_nUes; ++ue)
        {
            norms.push_back(m_channel->HasUe(ue) ? m_channel->GetSquaredNorm(ap, ue) : 0.0);
            for (uint32_t band = 0; m_hasStatistics && band < nBands; ++band)
            {
                mean.setZero(n);
                if (m_channel->HasUe(ue))
                {
                    m_channel->GetStatistics(ap, ue, band, mean, covariance);
                }
                AddConjugate(mean, means);
            }
        }
    }
    m_file->Append("time", {m_time.GetSeconds()});
    m_file->Append("coefficients", coefficients);
    m_file->Append("squaredNorm", norms);
    if (m_hasStatistics)
    {
        m_file->Append("mean", means);
    }
}

void
CellFreeChannelRecorder::WriteStatistics()
{
    if (!m_file || m_statisticsTime == Simulator::Now())
    {
        return;
    }
    m_isBusy = true;
    Try([this]() {
        m_statisticsTime = Simulator::Now();
        const auto nBands = m_channel->GetNBands();
        const auto n = m_channel->GetNAntennas();
        std::vector<double> gains;
        std::vector<double> covariances;
        std::vector<double> correlations;
        Eigen::VectorXcd mean;
        Eigen::MatrixXcd covariance;
        for (uint32_t ap = 0; ap < m_nAps; ++ap)
        {
            for (uint32_t ue = 0; ue < m_nUes; ++ue)
            {
                const bool isThere = m_channel->HasUe(ue);
                gains.push_back(isThere ? m_channel->GetMeanGain(ap, ue) : 0.0);
                for (uint32_t band = 0; m_hasStatistics && band < nBands; ++band)
                {
                    covariance.setZero(n, n);
                    if (isThere)
                    {
                        m_channel->GetStatistics(ap, ue, band, mean, covariance);
                    }
                    // The covariance of h^* by rows is that of h by columns.
                    const auto* values = reinterpret_cast<const double*>(covariance.data());
                    covariances.insert(covariances.end(), values, values + 2 * covariance.size());
                }
                for (int64_t i = 1; m_hasStatistics && i <= LAGS; ++i)
                {
                    const auto lag = TimeStep(i * m_slot.GetTimeStep());
                    correlations.push_back(isThere ? m_channel->GetAutocorrelation(ap, ue, lag)
                                                   : 0.0);
                }
            }
        }
        m_file->Append("statistics/time", {m_statisticsTime.GetSeconds()});
        m_file->Append("statistics/gain", gains);
        if (m_hasStatistics)
        {
            m_file->Append("statistics/covariance", covariances);
            m_file->Append("statistics/autocorrelation", correlations);
        }
        WritePositions();
    });
    m_isBusy = false;
}

void
CellFreeChannelRecorder::WritePositions()
{
    const auto write = [this](const char* name, uint32_t count, auto getId) {
        std::vector<double> row;
        for (uint32_t i = 0; i < count; ++i)
        {
            const auto place =
                NodeList::GetNode(getId(i))->template GetObject<MobilityModel>()->GetPosition();
            row.insert(row.end(), {place.x, place.y, place.z});
        }
        m_file->Append(name, row);
    };
    m_file->Append("positions/time", {m_statisticsTime.GetSeconds()});
    write("positions/ap", m_nAps, [this](uint32_t i) { return m_channel->GetApId(i); });
    write("positions/ue", m_nUes, [this](uint32_t i) { return m_channel->GetUeId(i); });
    if (m_nTargets > 0)
    {
        write("positions/target", m_nTargets, [this](uint32_t i) {
            return m_channel->GetTargetId(i);
        });
    }
}

std::string
CellFreeChannelRecorder::Close()
{
    m_event.Cancel();
    if (m_file && m_nTimes == 0)
    {
        m_file.reset();
        std::remove((m_path + ".part").c_str());
        m_error = m_path + ": no channel was asked for, so that there is nothing to record";
    }
    if (m_file)
    {
        Try([this]() {
            m_file->SetNumber("end", Simulator::Now().GetSeconds());
            m_file->Close();
            m_file.reset();
            std::filesystem::rename(m_path + ".part", m_path);
        });
    }
    return std::exchange(m_error, {});
}

uint64_t
CellFreeChannelRecorder::GetNTimes() const
{
    return m_nTimes;
}

} // namespace ns3
