// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-ap.h"

#include "ns3/abort.h"
#include "ns3/double.h"
#include "ns3/isac-link-budget.h"
#include "ns3/pointer.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeAp);

namespace
{

constexpr double NO_SELF_INTERFERENCE = -300.0; //!< SelfInterference that is nothing (dB)

} // namespace

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
                MakePointerChecker<PhasedArrayModel>())
            .AddAttribute(
                "EchoArray",
                "Antenna array that receives echoes, of as many elements as every other AP's. "
                "Null for Array. Refused once a channel has the AP.",
                PointerValue(),
                MakePointerAccessor(&CellFreeAp::SetEchoArray, &CellFreeAp::GetOwnEchoArray),
                MakePointerChecker<PhasedArrayModel>())
            .AddAttribute(
                "SelfInterference",
                "What cancellation leaves of the AP's own signal at each antenna that receives "
                "echoes while the AP sends, over the receiver's noise (dB), in [-300, 200]; -300 "
                "for nothing. It counts as more noise. Acts at once.",
                DoubleValue(NO_SELF_INTERFERENCE),
                MakeDoubleAccessor(&CellFreeAp::SetSelfInterference,
                                   &CellFreeAp::GetSelfInterferenceDecibels),
                MakeDoubleChecker<double>(NO_SELF_INTERFERENCE, 200.0));
    return tid;
}

CellFreeAp::CellFreeAp() = default;

CellFreeAp::~CellFreeAp() = default;

void
CellFreeAp::DoDispose()
{
    m_array = nullptr;
    m_echoArray = nullptr;
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
CellFreeAp::SetEchoArray(Ptr<PhasedArrayModel> array)
{
    NS_ABORT_MSG_IF(m_isArrayFixed,
                    "CellFreeAp::EchoArray was set during a run, or after the AP was added to a "
                    "channel: expected it before");
    m_echoArray = array;
}

Ptr<PhasedArrayModel>
CellFreeAp::GetEchoArray() const
{
    return m_echoArray ? m_echoArray : m_array;
}

Ptr<PhasedArrayModel>
CellFreeAp::GetOwnEchoArray() const
{
    return m_echoArray;
}

double
CellFreeAp::GetSelfInterference() const
{
    return m_selfInterferenceRatio;
}

void
CellFreeAp::SetSelfInterference(double ratio)
{
    m_selfInterference = ratio;
    m_selfInterferenceRatio = ratio > NO_SELF_INTERFERENCE ? cellfree::FromDecibels(ratio) : 0.0;
}

double
CellFreeAp::GetSelfInterferenceDecibels() const
{
    return m_selfInterference;
}

void
CellFreeAp::FixArray()
{
    m_isArrayFixed = true;
}

} // namespace ns3
