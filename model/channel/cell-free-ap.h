// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_AP_H
#define CELL_FREE_AP_H

#include "ns3/object.h"
#include "ns3/phased-array-model.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Makes a Node with a MobilityModel an AP, the radio head of the CPU: its arrays and power.
 *
 * Aggregate one with an array of its own to a node before installing the link on it to give this
 * AP another bearing, element or power than the helper's. A power set during a run acts at once;
 * another array is refused once a channel has the AP.
 */
class CellFreeAp : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeAp();
    ~CellFreeAp() override;

    /// @return the transmit power limit P_m (W)
    double GetTxPowerWatts() const;

    /**
     * @brief Set the array. Aborts once a channel has the AP.
     * @param array the array, for transmitting and receiving
     */
    void SetArray(Ptr<PhasedArrayModel> array);

    /// @return the array, for transmitting and receiving; null if none was set
    Ptr<PhasedArrayModel> GetArray() const;

    /**
     * @brief Set an array of its own for echoes. Aborts once a channel has the AP.
     * @param array the array, or null to receive echoes with GetArray()
     */
    void SetEchoArray(Ptr<PhasedArrayModel> array);

    /// @return the array that receives echoes: its own, or GetArray()
    Ptr<PhasedArrayModel> GetEchoArray() const;

    /// @return what is left of the AP's own signal in its receiver when it sends, per antenna and
    /// over the receiver's noise, linear; 0 for nothing
    double GetSelfInterference() const;

    /// Keeps the arrays as they are from now on: a channel has the AP.
    void FixArray();

  protected:
    void DoDispose() override;

  private:
    /// Sets the transmit power limit. @param power the power (dBm)
    void SetTxPower(double power);

    /// @return the transmit power limit (dBm)
    double GetTxPower() const;

    /// @return the array for echoes as it was set, or null
    Ptr<PhasedArrayModel> GetOwnEchoArray() const;

    /// Sets what is left of the own signal. @param ratio the power over the noise (dB)
    void SetSelfInterference(double ratio);

    /// @return what is left of the own signal, over the noise (dB)
    double GetSelfInterferenceDecibels() const;

    double m_txPower;                  //!< transmit power limit (dBm)
    double m_txPowerWatts;             //!< the same (W)
    Ptr<PhasedArrayModel> m_array;     //!< the array
    Ptr<PhasedArrayModel> m_echoArray; //!< the array for echoes; null for m_array
    double m_selfInterference;         //!< what is left of the own signal over the noise (dB)
    double m_selfInterferenceRatio;    //!< the same, linear
    bool m_isArrayFixed{false};        //!< whether a channel has the AP
};

} // namespace ns3

#endif // CELL_FREE_AP_H
