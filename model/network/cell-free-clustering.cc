// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-clustering.h"

#include "ns3/log.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeClustering");

NS_OBJECT_ENSURE_REGISTERED(CellFreeClustering);
NS_OBJECT_ENSURE_REGISTERED(CellFreeAllServe);

TypeId
CellFreeClustering::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeClustering").SetParent<Object>().SetGroupName("CellFreeIsac");
    return tid;
}

CellFreeClustering::~CellFreeClustering() = default;

void
CellFreeClustering::Update(CellFreeCsi& /* csi */,
                           const std::vector<uint32_t>& /* aps */,
                           const std::vector<uint32_t>& /* ues */)
{
}

TypeId
CellFreeAllServe::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeAllServe")
                            .SetParent<CellFreeClustering>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeAllServe>();
    return tid;
}

CellFreeAllServe::CellFreeAllServe() = default;

CellFreeAllServe::~CellFreeAllServe() = default;

void
CellFreeAllServe::GetServing(const std::vector<uint32_t>& /* aps */,
                             const std::vector<uint32_t>& /* ues */,
                             Mask& serving)
{
    NS_LOG_FUNCTION(this);
    serving.resize(0, 0);
}

} // namespace ns3
