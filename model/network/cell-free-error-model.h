// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_ERROR_MODEL_H
#define CELL_FREE_ERROR_MODEL_H

#include "cell-free-mcs.h"

#include "ns3/object.h"

#include <Eigen/Core>
#include <array>
#include <map>
#include <utility>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Block error rate of a transport block by MCS, SINR and size.
 *
 * At a given SINR and size the error rate must not fall with the MCS, and at a given MCS and size
 * not rise with the SINR: SelectMcs() relies on it.
 */
class CellFreeErrorModel : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    ~CellFreeErrorModel() override;

    /**
     * @brief Block error rate of a transport block.
     * @param mcs index in TS 38.214 table 5.1.3.1-2, 0 to 27
     * @param sinr SINR of the data symbols, linear, >= 0
     * @param nSymbols data symbols of the block
     * @return probability in [0, 1]
     */
    virtual double GetBler(int mcs, double sinr, uint32_t nSymbols) const = 0;

    /**
     * @brief The largest MCS whose block error rate meets a target.
     * @param sinr SINR of the data symbols, linear, >= 0
     * @param nSymbols data symbols of the block
     * @param targetBler largest acceptable block error rate, in (0, 1)
     * @return index in the table, or -1 if not even MCS 0 meets the target
     */
    virtual int SelectMcs(double sinr, uint32_t nSymbols, double targetBler) const;

    /**
     * @brief The SINR that a block over flat channels would need to fail as often as one that meets
     * these SINRs on equal shares of its symbols.
     *
     * As given here, the SINR of the mean capacity, 2^(mean of log2(1 + SINR)) - 1.
     *
     * @param mcs index in the table, 0 to 27
     * @param sinr SINR of each share, linear, >= 0, at least one; a single one is returned as it is
     * @return effective SINR, linear
     */
    virtual double GetEffectiveSinr(int mcs, const Eigen::Ref<const Eigen::VectorXd>& sinr) const;

    /**
     * @brief The largest MCS whose block error rate meets a target, of a block that meets several
     * SINRs.
     * @param sinr SINR of each share of the symbols, linear, >= 0
     * @param nSymbols data symbols of the block
     * @param targetBler largest acceptable block error rate, in (0, 1)
     * @return index in the table, or -1 if not even MCS 0 meets the target
     */
    int SelectMcsOf(const Eigen::Ref<const Eigen::VectorXd>& sinr,
                    uint32_t nSymbols,
                    double targetBler) const;

  protected:
    /**
     * @brief Bisection over MCS: the error rate does not fall with the MCS.
     * @tparam Meets called with an MCS, says if it meets the target
     * @param meets the predicate
     * @return the largest MCS that does, or -1
     */
    template <typename Meets>
    static int BisectMcs(Meets meets);
};

template <typename Meets>
int
CellFreeErrorModel::BisectMcs(Meets meets)
{
    int good = -1;
    int bad = CELL_FREE_N_MCS;
    while (bad - good > 1)
    {
        const int middle = (good + bad) / 2;
        (meets(middle) ? good : bad) = middle;
    }
    return good;
}

/**
 * @ingroup cellfree-isac
 * @brief Block error rates by the normal approximation of finite blocklength.
 *
 * The block error rate of a code block of n symbols and k information bits is the normal
 * approximation of Y. Polyanskiy, H. V. Poor, S. Verdu, "Channel Coding Rate in the Finite
 * Blocklength Regime", IEEE Trans. Inf. Theory 56(5), 2010, equation (296) and theorem 54, for n
 * complex AWGN symbols of SINR g: Q((n C(g) - k + log2(n) / 2) / sqrt(n V(g))), C(g) = log2(1 + g),
 * V(g) = (1 - (1 + g)^-2) log2(e)^2, with g reduced by an implementation gap. A transport block
 * above 8424 bits is split into equal code blocks (TS 38.212 section 5.2.2) and fails if one of
 * them fails.
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

    /// Keeps the SINR that each MCS needs, so that the formula is seldom evaluated.
    int SelectMcs(double sinr, uint32_t nSymbols, double targetBler) const override;

  private:
    /// SINR from which on each MCS meets a target, linear.
    using Thresholds = std::array<double, CELL_FREE_N_MCS>;

    /**
     * @brief Computes where each MCS begins to meet a target, by bisection over the SINR.
     * @param nSymbols data symbols of the block
     * @param targetBler the target
     * @return the thresholds
     */
    Thresholds ComputeThresholds(uint32_t nSymbols, double targetBler) const;

    /// Sets the implementation gap. @param gap the gap (dB)
    void SetGap(double gap);

    /// @return the implementation gap (dB)
    double GetGap() const;

    double m_gap;       //!< implementation gap (dB)
    double m_gapFactor; //!< the same as a factor of the SINR, linear
    /// By number of symbols and target.
    mutable std::map<std::pair<uint32_t, double>, Thresholds> m_thresholds;
};

} // namespace ns3

#endif // CELL_FREE_ERROR_MODEL_H
