// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-link.h"

#include "ns3/abort.h"
#include "ns3/cell-free-attribute.h"
#include "ns3/cell-free-streams.h"
#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/object-vector.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeLink");

NS_OBJECT_ENSURE_REGISTERED(CellFreeLink);

TypeId
CellFreeLink::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeLink")
            .SetParent<Channel>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeLink>()
            .AddAttribute(
                "ChannelModel",
                "Channels between APs, UEs and targets. Not to be set during a run.",
                PointerValue(),
                MakePointerAccessor(&CellFreeLink::SetChannelModel, &CellFreeLink::GetChannelModel),
                MakePointerChecker<CellFreeChannelModel>())
            .AddAttribute("Frame",
                          "The TDD frame. Not to be set during a run.",
                          StringValue("ns3::CellFreeFrame"),
                          MakePointerAccessor(&CellFreeLink::SetFrame, &CellFreeLink::GetFrame),
                          MakePointerChecker<CellFreeFrame>())
            .AddAttribute(
                "ErrorModel",
                "Block error rates by MCS and SINR. Not to be set during a run.",
                StringValue("ns3::CellFreeFiniteLengthErrorModel"),
                MakePointerAccessor(&CellFreeLink::SetErrorModel, &CellFreeLink::GetErrorModel),
                MakePointerChecker<CellFreeErrorModel>())
            .AddAttribute("CpuList",
                          "The CPUs that fill the slots.",
                          TypeId::ATTR_GET,
                          ObjectVectorValue(),
                          MakeObjectVectorAccessor(&CellFreeLink::m_cpus),
                          MakeObjectVectorChecker<CellFreeCpu>())
            .AddAttribute("MaxStreams",
                          "UEs of one CPU that share one downlink slot by spatial multiplexing (at "
                          "least 1).",
                          UintegerValue(8),
                          MakeUintegerAccessor(&CellFreeLink::m_maxStreams),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute("MaxUplinkStreams",
                          "UEs of one CPU that send on the same symbols of an uplink slot by "
                          "spatial multiplexing (at least 1).",
                          UintegerValue(2),
                          MakeUintegerAccessor(&CellFreeLink::m_maxUplinkStreams),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute("ApTransmitEvm",
                          "Error vector magnitude of the APs' transmitters (amplitude ratio, 0 to "
                          "1). The default is what TS 38.104 table 6.5.2.2-1 allows for 256QAM.",
                          DoubleValue(0.035),
                          MakeDoubleAccessor(&CellFreeLink::m_apTransmitEvm),
                          MakeDoubleChecker<double>(0.0, 1.0))
            .AddAttribute("ApReceiveEvm",
                          "Error vector magnitude of the APs' receivers (amplitude ratio, 0 to 1).",
                          DoubleValue(0.01),
                          MakeDoubleAccessor(&CellFreeLink::m_apReceiveEvm),
                          MakeDoubleChecker<double>(0.0, 1.0))
            .AddAttribute("UeTransmitEvm",
                          "Error vector magnitude of the UEs' transmitters (amplitude ratio, 0 to "
                          "1). The default is what TS 38.101-1 table 6.4.2.1-1 allows for 256QAM.",
                          DoubleValue(0.035),
                          MakeDoubleAccessor(&CellFreeLink::m_ueTransmitEvm),
                          MakeDoubleChecker<double>(0.0, 1.0))
            .AddAttribute("UeReceiveEvm",
                          "Error vector magnitude of the UEs' receivers (amplitude ratio, 0 to 1).",
                          DoubleValue(0.01),
                          MakeDoubleAccessor(&CellFreeLink::m_ueReceiveEvm),
                          MakeDoubleChecker<double>(0.0, 1.0));
    return tid;
}

CellFreeLink::CellFreeLink() = default;

CellFreeLink::~CellFreeLink() = default;

void
CellFreeLink::DoInitialize()
{
    NS_LOG_FUNCTION(this);
    NS_ABORT_MSG_IF(!m_channel || m_channel->GetNAps() == 0,
                    "CellFreeLink::ChannelModel has no AP: expected at least one");
    NS_ABORT_MSG_IF(GetDataSymbols(m_frame->GetDownlinkSlot(0, 1)) == 0,
                    "CellFreeFrame: no resource block of "
                        << m_frame->GetSubcarrierSpacing() / 1e3 << " kHz fits into "
                        << m_channel->GetBandwidth() / 1e6
                        << " MHz: expected a wider band or a longer slot");
    m_channel->Initialize();
    m_frame->Initialize();
    m_errorModel->Initialize();
    // Slots are counted from the start of the simulation, whenever the link is installed.
    const int64_t slot = m_frame->GetSlotDuration().GetTimeStep();
    m_slot = (Simulator::Now().GetTimeStep() + slot - 1) / slot;
    m_event =
        Simulator::Schedule(GetSlotStart(m_slot) - Simulator::Now(), &CellFreeLink::RunSlot, this);
    Channel::DoInitialize();
}

void
CellFreeLink::DoDispose()
{
    m_event.Cancel();
    m_cpus.clear();
    if (m_channel)
    {
        m_channel->Dispose();
    }
    m_channel = nullptr;
    m_frame = nullptr;
    m_errorModel = nullptr;
    Channel::DoDispose();
}

void
CellFreeLink::AddCpu(Ptr<CellFreeCpu> cpu)
{
    NS_LOG_FUNCTION(this << cpu);
    m_cpus.push_back(cpu);
    cpu->SetLink(this);
    if (m_firstStream >= 0)
    {
        cpu->AssignStreams(m_firstStream);
    }
}

std::size_t
CellFreeLink::GetNCpus() const
{
    return m_cpus.size();
}

Ptr<CellFreeCpu>
CellFreeLink::GetCpu(std::size_t i) const
{
    NS_ABORT_MSG_IF(i >= m_cpus.size(), "CPU " << i << ": expected less than " << m_cpus.size());
    return m_cpus[i];
}

Ptr<CellFreeChannelModel>
CellFreeLink::GetChannelModel() const
{
    return m_channel;
}

void
CellFreeLink::SetChannelModel(Ptr<CellFreeChannelModel> channel)
{
    cellfree::RefuseDuringRun(*this, "ChannelModel");
    NS_ABORT_MSG_IF(!m_cpus.empty(),
                    "CellFreeLink::ChannelModel was set after a CPU was added: expected it before");
    m_channel = channel;
}

Ptr<CellFreeFrame>
CellFreeLink::GetFrame() const
{
    return m_frame;
}

void
CellFreeLink::SetFrame(Ptr<CellFreeFrame> frame)
{
    cellfree::RefuseDuringRun(*this, "Frame");
    NS_ABORT_MSG_IF(!frame, "CellFreeLink::Frame is null: expected a frame");
    m_frame = frame;
}

Ptr<CellFreeErrorModel>
CellFreeLink::GetErrorModel() const
{
    return m_errorModel;
}

void
CellFreeLink::SetErrorModel(Ptr<CellFreeErrorModel> errorModel)
{
    cellfree::RefuseDuringRun(*this, "ErrorModel");
    NS_ABORT_MSG_IF(!errorModel, "CellFreeLink::ErrorModel is null: expected a model");
    m_errorModel = errorModel;
}

uint32_t
CellFreeLink::GetMaxStreams() const
{
    return m_maxStreams;
}

uint32_t
CellFreeLink::GetMaxUplinkStreams() const
{
    return m_maxUplinkStreams;
}

uint32_t
CellFreeLink::GetDataSymbols(uint64_t slot) const
{
    return m_frame->GetDataSymbols(m_channel->GetBandwidth(), slot);
}

Time
CellFreeLink::GetSlotStart(uint64_t slot) const
{
    return TimeStep(slot * m_frame->GetSlotDuration().GetTimeStep());
}

double
CellFreeLink::GetImpairedSinr(double sinr, bool isUplink) const
{
    const double transmit = isUplink ? m_ueTransmitEvm : m_apTransmitEvm;
    const double receive = isUplink ? m_apReceiveEvm : m_ueReceiveEvm;
    return sinr / (1.0 + sinr * (transmit * transmit + receive * receive));
}

int64_t
CellFreeLink::AssignStreams(int64_t stream)
{
    NS_LOG_FUNCTION(this << stream);
    NS_ABORT_MSG_IF(stream < 0, "first stream number " << stream << ": expected at least 0");
    m_firstStream = stream;
    m_channel->AssignStreams(stream);
    for (const auto& cpu : m_cpus)
    {
        cpu->AssignStreams(stream);
    }
    return CELL_FREE_STREAMS;
}

std::size_t
CellFreeLink::GetNDevices() const
{
    std::size_t n = 0;
    for (const auto& cpu : m_cpus)
    {
        n += 1 + cpu->GetMac()->GetUes().size();
    }
    return n;
}

Ptr<NetDevice>
CellFreeLink::GetDevice(std::size_t i) const
{
    for (const auto& cpu : m_cpus)
    {
        const auto& ues = cpu->GetMac()->GetUes();
        if (i == 0)
        {
            return cpu->GetMac()->GetCpuDevice();
        }
        if (i <= ues.size())
        {
            return cpu->GetMac()->GetUeDevice(ues[i - 1]);
        }
        i -= 1 + ues.size();
    }
    return nullptr;
}

void
CellFreeLink::RunSlot()
{
    NS_LOG_LOGIC("slot " << m_slot);
    m_event = Simulator::Schedule(m_frame->GetSlotDuration(), &CellFreeLink::RunSlot, this);
    m_plans.clear();
    for (const auto& cpu : m_cpus)
    {
        cpu->BeginSlot(m_slot);
        m_plans.push_back(cpu->GetPlan(m_slot));
    }
    for (std::size_t i = 0; i < m_cpus.size(); ++i)
    {
        if (!m_plans[i] || m_plans[i]->IsEmpty())
        {
            continue;
        }
        const auto& plan = *m_plans[i];
        const uint32_t nBands = m_channel->GetNBands();
        m_outcome.sinr.resize(nBands, plan.ues.size());
        plan.isListening ? m_channel->ListTargets(m_outcome.targets)
                         : plan.ListToldTargets(m_outcome.targets);
        m_outcome.sensingSnr.setZero(m_outcome.targets.size());
        m_outcome.echoPower.setZero(plan.aps.size(), m_outcome.targets.size());
        for (uint32_t band = 0; band < nBands; ++band)
        {
            plan.isUplink ? MeetUplink(i, band) : MeetDownlink(i, band);
        }
        m_outcome.sensingSnr /= nBands;
        for (auto& sinr : m_outcome.sinr.reshaped())
        {
            sinr = GetImpairedSinr(sinr, plan.isUplink);
        }
        m_cpus[i]->Receive(plan, m_outcome);
    }
    for (const auto& cpu : m_cpus)
    {
        cpu->EndSlot();
    }
    ++m_slot;
}

void
CellFreeLink::MeetDownlink(std::size_t i, uint32_t band)
{
    const auto& plan = *m_plans[i];
    m_channel
        ->GetTrueProblem(plan.aps, plan.ues, m_outcome.targets, m_problem, band, plan.receivers);
    for (std::size_t j = 0; j < m_plans.size(); ++j)
    {
        if (j != i && m_plans[j] && !m_plans[j]->IsEmpty())
        {
            // To these UEs, whatever another CPU's APs send is noise.
            m_channel->GetTrueProblem(m_plans[j]->aps, plan.ues, {}, m_cross, band);
            m_received.noalias() = m_cross.h.adjoint() * m_plans[j]->beams[band].f;
            m_problem.noise += m_received.rowwise().squaredNorm();
        }
    }
    m_problem.serving = plan.serving;
    m_metrics.Evaluate(m_problem, plan.beams[band]);
    m_outcome.sinr.row(band) = m_metrics.GetSinr().transpose();
    m_outcome.sensingSnr += m_metrics.GetSensingSnr();
    m_outcome.echoPower += m_metrics.GetEchoPower();
}

void
CellFreeLink::MeetUplink(std::size_t i, uint32_t band)
{
    const auto& plan = *m_plans[i];
    const Eigen::Index nOwn = plan.ues.size();
    Eigen::Index nAll = nOwn;
    for (std::size_t j = 0; j < m_plans.size(); ++j)
    {
        nAll += j != i && m_plans[j] ? m_plans[j]->ues.size() : 0;
    }
    m_channel->GetTrueProblem(plan.aps, plan.ues, {}, m_problem, band);
    m_uplink.nAntennas = m_problem.nAntennas;
    m_uplink.noise = m_channel->GetApNoise();
    m_uplink.h.resize(m_problem.h.rows(), nAll);
    m_uplink.h.leftCols(nOwn) = m_problem.h;
    m_uplink.power.resize(nAll);
    m_uplink.power.head(nOwn) = plan.txPower;
    const uint32_t nSymbols = GetDataSymbols(plan.slot);
    cellfree::ComputeUplinkOverlap(plan, nSymbols, m_uplink.overlap);
    m_uplink.overlap.conservativeResize(nOwn, nAll);
    Eigen::Index next = nOwn;
    for (std::size_t j = 0; j < m_plans.size(); ++j)
    {
        if (j == i || !m_plans[j] || m_plans[j]->IsEmpty())
        {
            continue;
        }
        const auto& other = *m_plans[j];
        const Eigen::Index nOthers = other.ues.size();
        m_channel->GetTrueProblem(plan.aps, other.ues, {}, m_cross, band);
        m_uplink.h.middleCols(next, nOthers) = m_cross.h;
        m_uplink.power.segment(next, nOthers) = other.txPower;
        for (Eigen::Index k = 0; k < nOthers; ++k)
        {
            // On average over where the other CPU puts it.
            m_uplink.overlap.col(next + k).setConstant(static_cast<double>(other.symbols[k]) /
                                                       nSymbols);
        }
        next += nOthers;
    }
    // Power and noise are those of the whole band: both have the same share in each sub-band.
    m_outcome.sinr.row(band) = m_combining.ComputeSinr(m_uplink, plan.beams[band].f).transpose();
}

void
cellfree::ComputeUplinkOverlap(const CellFreeSlotPlan& plan,
                               uint32_t nSymbols,
                               Eigen::MatrixXd& overlap)
{
    const Eigen::Index n = plan.ues.size();
    overlap.setZero(n, n);
    // Within a layer, allocations follow each other from the lower edge of the band.
    const auto start = [&plan](Eigen::Index i) {
        uint32_t sum = 0;
        for (Eigen::Index k = 0; k < i; ++k)
        {
            sum += plan.layers[k] == plan.layers[i] ? plan.symbols[k] : 0;
        }
        return sum;
    };
    for (Eigen::Index i = 0; i < n; ++i)
    {
        const uint32_t begin = start(i);
        const uint32_t end = std::min(begin + plan.symbols[i], nSymbols);
        for (Eigen::Index j = 0; j < n; ++j)
        {
            if (plan.layers[i] == plan.layers[j] || end <= begin)
            {
                continue;
            }
            const uint32_t otherBegin = start(j);
            const uint32_t otherEnd = otherBegin + plan.symbols[j];
            const uint32_t from = std::max(begin, otherBegin);
            const uint32_t to = std::min(end, otherEnd);
            overlap(i, j) = to > from ? static_cast<double>(to - from) / (end - begin) : 0.0;
        }
    }
}

} // namespace ns3
