// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-ap.h"

#include "ns3/double.h"
#include "ns3/isac-link-budget.h"
#include "ns3/pointer.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeAp);

TypeId
CellFreeAp::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeAp")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeAp>()
            .AddAttribute("TxPower",
                          "Transmit power limit P_m (dBm, -60 to 90).",
                          DoubleValue(23.0),
                          MakeDoubleAccessor(&CellFreeAp::m_txPower),
                          MakeDoubleChecker<double>(-60.0, 90.0))
            .AddAttribute("Array",
                          "Antenna array, for transmitting and receiving.",
                          PointerValue(),
                          MakePointerAccessor(&CellFreeAp::SetArray, &CellFreeAp::GetArray),
                          MakePointerChecker<PhasedArrayModel>());
    return tid;
}

CellFreeAp::CellFreeAp() = default;

CellFreeAp::~CellFreeAp() = default;

void
CellFreeAp::DoDispose()
{
    m_array = nullptr;
    Object::DoDispose();
}

double
CellFreeAp::GetTxPowerWatts() const
{
    return FromDecibels(m_txPower - 30.0);
}

void
CellFreeAp::SetArray(Ptr<PhasedArrayModel> array)
{
    m_array = array;
}

Ptr<PhasedArrayModel>
CellFreeAp::GetArray() const
{
    return m_array;
}

} // namespace ns3
