// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-scheduler.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeScheduler);

TypeId
CellFreeScheduler::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeScheduler").SetParent<Object>().SetGroupName("CellFreeIsac");
    return tid;
}

CellFreeScheduler::~CellFreeScheduler() = default;

bool
CellFreeScheduler::NeedsChannels() const
{
    return false;
}

void
CellFreeScheduler::SetChannels(const std::vector<IsacProblem>& /* bands */)
{
}

void
CellFreeScheduler::NotifyServed(uint32_t /* ue */, uint32_t /* bytes */, bool /* isDecoded */)
{
}

double
CellFreeScheduler::GetWeight(uint32_t /* ue */) const
{
    return 1.0;
}

int64_t
CellFreeScheduler::AssignStreams(int64_t /* stream */)
{
    return 0;
}

} // namespace ns3
