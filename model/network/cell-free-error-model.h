// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_ERROR_MODEL_H
#define CELL_FREE_ERROR_MODEL_H

#include "cell-free-mcs.h"

#include "ns3/object.h"

#include <Eigen/Core>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief What a transport block of each MCS carries, and its block error rate by SINR and size.
 *
 * At a given MCS and size the error rate must not rise with the SINR: GetSinr() relies on it.
 */
class CellFreeErrorModel : public Object
{
  public:
    /// How SINRs of several sub-bands become one.
    enum EffectiveSinr
    {
        MEAN_CAPACITY, //!< 2^(mean of log2(1 + SINR)) - 1
        EXPONENTIAL,   //!< EESM with one beta per MCS
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    ~CellFreeErrorModel() override;

    /// @return the MCS table
    CellFreeMcsTable GetMcsTable() const;

    /// @return number of MCS: 28 or 29
    int GetNMcs() const;

    /**
     * @brief Payload of a transport block.
     * @param mcs index in the table
     * @param nSymbols data symbols of the block
     * @return whole bytes
     */
    uint32_t GetBlockBytes(int mcs, uint32_t nSymbols) const;

    /**
     * @brief The fewest symbols whose transport block carries a payload.
     * @param mcs index in the table
     * @param bytes the payload, at least 1
     * @return the number of symbols
     */
    uint64_t GetBlockSymbols(int mcs, uint64_t bytes) const;

    /**
     * @brief How many transmissions of a block the circular buffer of its code fills
     * (TS 38.212 section 5.4.2): the code rate over that of the mother code, 1/3 of base graph 1
     * and 1/5 of base graph 2.
     * @param mcs index in the table
     * @param nSymbols data symbols of the block
     * @return the number, which need not be whole
     */
    double GetFreshTransmissions(int mcs, uint32_t nSymbols) const;

    /**
     * @brief Block error rate of a transport block.
     * @param mcs index in the table
     * @param sinr SINR of the data symbols, linear, >= 0
     * @param nSymbols data symbols of the block
     * @return probability in [0, 1]
     */
    virtual double GetBler(int mcs, double sinr, uint32_t nSymbols) const = 0;

    /**
     * @brief The SINR from which on an MCS meets a target.
     * @param mcs index in the table
     * @param nSymbols data symbols of the block
     * @param targetBler largest acceptable block error rate, in (0, 1)
     * @return SINR, linear, from 1e-9 to 1e9; it meets the target unless none in that range does
     */
    double GetSinr(int mcs, uint32_t nSymbols, double targetBler) const;

    /**
     * @brief The largest MCS whose block error rate meets a target.
     * @param sinr SINR of the data symbols, linear, >= 0
     * @param nSymbols data symbols of the block
     * @param targetBler largest acceptable block error rate, in (0, 1)
     * @return index in the table, or -1 if no MCS meets the target
     */
    int SelectMcs(double sinr, uint32_t nSymbols, double targetBler) const;

    /**
     * @brief The SINR that a block over flat channels would need to fail as often as one that meets
     * these SINRs on equal shares of its symbols.
     *
     * By the attribute EffectiveSinr the SINR of the mean capacity, or the exponential effective
     * SINR -beta ln(mean of exp(-SINR / beta)) (3GPP TR 25.892 annex A.4.3.1) with the beta of each
     * MCS that 5G-LENA publishes (S. Lagen et al., "New Radio Physical Layer Abstraction for
     * System-Level Simulations of 5G Networks", IEEE ICC 2020; model/nr-eesm-t1.cc and
     * model/nr-eesm-t2.cc of its version of January 2026). Either lies between the smallest and
     * the mean.
     *
     * @param mcs index in the table
     * @param sinr SINR of each share, linear, >= 0, at least one; a single one is returned as it is
     * @return effective SINR, linear
     */
    double GetEffectiveSinr(int mcs, const Eigen::Ref<const Eigen::VectorXd>& sinr) const;

    /**
     * @brief The largest MCS whose block error rate meets a target, of a block that meets several
     * SINRs.
     * @param sinr SINR of each share of the symbols, linear, >= 0
     * @param nSymbols data symbols of the block
     * @param targetBler largest acceptable block error rate, in (0, 1)
     * @return index in the table, or -1 if no MCS meets the target
     */
    int SelectMcsOf(const Eigen::Ref<const Eigen::VectorXd>& sinr,
                    uint32_t nSymbols,
                    double targetBler) const;

  protected:
    /**
     * @brief Code blocks of a transport block.
     * @param mcs index in the table
     * @param nSymbols data symbols of the block
     * @return how many they are, and the bits of each
     */
    CellFreeCodeBlocks GetCodeBlocks(int mcs, uint32_t nSymbols) const;

    /**
     * @brief Error rate of a transport block whose code blocks fail independently.
     * @param codeBlockErrorRate error rate of each
     * @param number how many they are
     * @return probability that at least one fails
     */
    static double GetBlerOfBlocks(double codeBlockErrorRate, double number);

    /// Forgets the SINRs that MCS need: for models whose settings change.
    void ForgetThresholds();

  private:
    /// SINR from which on each MCS meets a target, linear.
    using Thresholds = std::array<double, CELL_FREE_MAX_MCS>;

    /**
     * @brief Computes where an MCS begins to meet a target, by bisection over the SINR.
     * @param mcs index in the table
     * @param nSymbols data symbols of the block
     * @param targetBler the target
     * @return the threshold
     */
    double ComputeThreshold(int mcs, uint32_t nSymbols, double targetBler) const;

    /**
     * @brief The thresholds of all MCS, kept so that error rates are seldom evaluated.
     * @param nSymbols data symbols of the block
     * @param targetBler the target
     * @return the thresholds
     */
    const Thresholds& GetThresholds(uint32_t nSymbols, double targetBler) const;

    /**
     * @brief Says whether an SINR meets a target: by its threshold, by the error rate near it.
     * @param mcs index in the table
     * @param sinr SINR, linear
     * @param threshold threshold of the MCS, linear
     * @param nSymbols data symbols of the block
     * @param targetBler the target
     * @return true if it does
     */
    bool MeetsTarget(int mcs,
                     double sinr,
                     double threshold,
                     uint32_t nSymbols,
                     double targetBler) const;

    /// Sets the MCS table. @param table the table
    void SetMcsTable(CellFreeMcsTable table);
    /// Sets how blocks are sized. @param sizes the rule
    void SetBlockSizes(CellFreeBlockSizes sizes);
    /// @return how blocks are sized
    CellFreeBlockSizes GetBlockSizes() const;

    CellFreeMcsTable m_mcsTable{CELL_FREE_MCS_256QAM};             //!< MCS table
    CellFreeBlockSizes m_blockSizes{CELL_FREE_BLOCKS_UNQUANTISED}; //!< how blocks are sized
    EffectiveSinr m_effectiveSinr;                                 //!< how sub-bands become one
    /// By number of symbols and target.
    mutable std::map<std::pair<uint32_t, double>, Thresholds> m_thresholds;
};

/**
 * @ingroup cellfree-isac
 * @brief Block error rates by the normal approximation of finite blocklength.
 *
 * The block error rate of a code block of n symbols and k information bits is the normal
 * approximation of Y. Polyanskiy, H. V. Poor, S. Verdu, "Channel Coding Rate in the Finite
 * Blocklength Regime", IEEE Trans. Inf. Theory 56(5), 2010, equation (296) and theorem 54, for n
 * complex AWGN symbols of SINR g: Q((n C(g) - k + log2(n) / 2) / sqrt(n V(g))), C(g) = log2(1 + g),
 * V(g) = (1 - (1 + g)^-2) log2(e)^2, with g reduced by an implementation gap: ImplementationGap
 * plus the entry of McsGaps for the MCS. A transport block is divided into code blocks
 * (TS 38.212 section 5.2.2) and fails if one of them fails.
 *
 * The published gaps are the SINRs at which code blocks fail once in ten times in public link-level
 * tables, less those of the formula for the same sizes: "sionna" the mean over code blocks of 500
 * to 2000 bits in the tables PDSCH_table1, PDSCH_table2 and PUSCH_table1 of NVIDIA Sionna
 * (sionna/sys/bler_tables, October 2025; AWGN, interpolated in log10 of the error rate; QPSK below
 * R = 0.25 and the last 256QAM MCS, which they lack, as their neighbours), "5g-lena" the mean over
 * code blocks from 1000 bits on in 5G-LENA (model/nr-eesm-t1.cc and nr-eesm-t2.cc, January 2026;
 * S. Lagen et al., ICC 2020). They differ by 2 to 5 dB, so more digits would say nothing.
 */
class CellFreeFiniteLengthErrorModel : public CellFreeErrorModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeFiniteLengthErrorModel();
    ~CellFreeFiniteLengthErrorModel() override;

    double GetBler(int mcs, double sinr, uint32_t nSymbols) const override;

    /**
     * @brief The gap between an MCS and the formula.
     * @param mcs index in the table
     * @return gap (dB)
     */
    double GetGap(int mcs) const;

  protected:
    void DoInitialize() override;

  private:
    /// Sets the gap of every MCS. @param gap the gap (dB)
    void SetImplementationGap(double gap);
    /// @return the gap of every MCS (dB)
    double GetImplementationGap() const;
    /// Sets the gap of each MCS on top. @param gaps a name or numbers, see the attribute
    void SetMcsGaps(std::string gaps);
    /// @return the same
    std::string GetMcsGaps() const;
    /// Aborts if there is not a gap for each MCS.
    void CheckMcsGaps() const;

    double m_gap{0.0};               //!< gap of every MCS (dB)
    std::string m_gapsName{"none"};  //!< gaps on top, as they were set
    std::vector<double> m_givenGaps; //!< the same by MCS (dB), if they were given as numbers
};

} // namespace ns3

#endif // CELL_FREE_ERROR_MODEL_H
