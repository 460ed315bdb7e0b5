// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_ERROR_MODEL_H
#define CELL_FREE_ERROR_MODEL_H

#include "ns3/object.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Block error rate and size of a transport block, by modulation and coding scheme (MCS).
 *
 * MCS are those of 3GPP TS 38.214 table 5.1.3.1-2 (up to 256QAM). The block error rate of a code
 * block of n symbols and k information bits is the normal approximation of Y. Polyanskiy,
 * H. V. Poor, S. Verdu, "Channel Coding Rate in the Finite Blocklength Regime", IEEE Trans. Inf.
 * Theory 56(5), 2010, equation (296) and theorem 54, for n complex AWGN symbols of SINR g:
 * Q((n C(g) - k + log2(n) / 2) / sqrt(n V(g))), C(g) = log2(1 + g), V(g) = (1 - (1 + g)^-2)
 * log2(e)^2, with g reduced by an implementation gap. A transport block above 8424 bits is split
 * into equal code blocks (TS 38.212 section 5.2.2) and fails if one of them fails.
 */
class CellFreeErrorModel : public Object
{
  public:
    /// Number of MCS in the table.
    static constexpr int N_MCS = 28;

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeErrorModel();
    ~CellFreeErrorModel() override;

    /**
     * @brief Spectral efficiency of an MCS.
     * @param mcs index in the table, 0 to 27
     * @return information bits per symbol
     */
    static double GetEfficiency(int mcs);

    /**
     * @brief Size of the transport block that a stream carries in one slot.
     *
     * The quantisation of TS 38.214 section 5.1.3.2 is left out; the 24-bit CRC is subtracted.
     *
     * @param mcs index in the table, 0 to 27
     * @param nSymbols data symbols of the slot
     * @return whole bytes of payload
     */
    static uint32_t GetBlockBytes(int mcs, uint32_t nSymbols);

    /**
     * @brief Block error rate of a transport block.
     * @param mcs index in the table, 0 to 27
     * @param sinr SINR of the data symbols, linear, >= 0
     * @param nSymbols data symbols of the slot
     * @return probability in [0, 1]
     */
    double GetBler(int mcs, double sinr, uint32_t nSymbols) const;

    /**
     * @brief The largest MCS whose block error rate meets a target.
     * @param sinr SINR of the data symbols, linear, >= 0
     * @param nSymbols data symbols of the slot
     * @param targetBler largest acceptable block error rate, in (0, 1)
     * @return index in the table, or -1 if not even MCS 0 meets the target
     */
    int SelectMcs(double sinr, uint32_t nSymbols, double targetBler) const;

  private:
    double m_gap; //!< implementation gap (dB)
};

} // namespace ns3

#endif // CELL_FREE_ERROR_MODEL_H
