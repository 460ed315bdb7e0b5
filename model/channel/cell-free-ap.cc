// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-ap.h"

#include "ns3/abort.h"
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
            .AddAttribute(
                "TxPower",
                "Transmit power limit P_m (dBm, -60 to 90). Acts at once when set during a "
                "run.",
                DoubleValue(23.0),
                MakeDoubleAccessor(&CellFreeAp::SetTxPower, &CellFreeAp::GetTxPower),
                MakeDoubleChecker<double>(-60.0, 90.0))
            .AddAttribute(
                "Array",
                "Antenna array, for transmitting and receiving. Refused once a channel has "
                "the AP.",
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
    return m_txPowerWatts;
}

void
CellFreeAp::SetTxPower(double power)
{
    m_txPower = power;
    m_txPowerWatts = cellfree::FromDecibels(power - 30.0);
}

double
CellFreeAp::GetTxPower() const
{
    return m_txPower;
}

void
CellFreeAp::SetArray(Ptr<PhasedArrayModel> array)
{
    NS_ABORT_MSG_IF(m_isArrayFixed,
                    "CellFreeAp::Array was set during a run, or after the AP was added to a "
                    "channel: expected it before");
    m_array = array;
}

Ptr<PhasedArrayModel>
CellFreeAp::GetArray() const
{
    return m_array;
}

void
CellFreeAp::FixArray()
{
    m_isArrayFixed = true;
}

} // namespace ns3
