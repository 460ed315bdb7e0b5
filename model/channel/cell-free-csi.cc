// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-csi.h"

#include "ns3/abort.h"
#include "ns3/cell-free-streams.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeCsi);
NS_OBJECT_ENSURE_REGISTERED(CellFreePerfectCsi);

TypeId
CellFreeCsi::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeCsi").SetParent<Object>().SetGroupName("CellFreeIsac");
    return tid;
}

CellFreeCsi::~CellFreeCsi() = default;

void
CellFreeCsi::Sound(const std::vector<uint32_t>& /* aps */, const std::vector<uint32_t>& /* ues */)
{
}

uint32_t
CellFreeCsi::GetPilotLength() const
{
    return 0;
}

int32_t
CellFreeCsi::GetPilot(uint32_t /* ue */) const
{
    return -1;
}

void
CellFreeCsi::SetChannel(Ptr<CellFreeChannelModel> channel)
{
    m_channel = channel;
}

CellFreeChannelModel&
CellFreeCsi::GetChannel() const
{
    NS_ABORT_MSG_IF(!m_channel, "CellFreeCsi: no channel was set: expected SetChannel() before");
    return *m_channel;
}

bool
CellFreeCsi::HasChannel() const
{
    return m_channel != nullptr;
}

void
CellFreeCsi::DoDispose()
{
    m_channel = nullptr;
    Object::DoDispose();
}

TypeId
CellFreePerfectCsi::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreePerfectCsi")
                            .SetParent<CellFreeCsi>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreePerfectCsi>();
    return tid;
}

void
CellFreePerfectCsi::GetProblem(const std::vector<uint32_t>& aps,
                               const std::vector<uint32_t>& ues,
                               const std::vector<uint32_t>& targets,
                               IsacProblem& problem,
                               uint32_t band)
{
    GetChannel().GetTrueProblem(aps, ues, targets, problem, band);
}

double
CellFreePerfectCsi::GetDownlinkSnr(const std::vector<uint32_t>& aps, uint32_t ue)
{
    return GetChannel().GetInterferenceFreeSnr(aps, ue);
}

double
CellFreePerfectCsi::GetUplinkSnr(const std::vector<uint32_t>& aps, uint32_t ue, double txPower)
{
    return GetChannel().GetUplinkSnr(aps, ue, txPower);
}

int64_t
CellFreePerfectCsi::AssignStreams(int64_t /* first */)
{
    return CELL_FREE_STREAMS;
}

} // namespace ns3
