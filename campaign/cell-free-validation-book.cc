// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-book-setup.h"
#include "cell-free-validation.h"

#include "ns3/cell-free-run-statistics.h"

#include <cmath>
#include <functional>
#include <limits>

namespace ns3
{

namespace
{

constexpr int64_t STREAM = 1;           //!< of the first drop; all cases have the same drops
constexpr uint32_t BATCHES = 10;        //!< of drops, for the intervals of quantiles
constexpr uint32_t CENTRAL_BLOCKS = 20; //!< coherence blocks of a drop for P-MMSE
constexpr uint32_t LOCAL_BLOCKS = 200;  //!< coherence blocks of a drop for LP-MMSE

/// Mean SE of maximum ratio in the uplink of the first drop, by the authors' code.
constexpr double UL_CODE_SE = 2.55127;
/// The same of the downlink.
constexpr double DL_CODE_SE = 1.97501;

/// SE of all UEs of a drop.
using SeOfDrop = std::function<Eigen::VectorXd(CellFreeBookSetup&)>;

/// Half width of the 95 % interval of the mean of independent values, by Student's t.
double
GetHalfWidth(const Eigen::ArrayXd& values)
{
    const double n = values.size();
    const double deviation = std::sqrt((values - values.mean()).square().sum() / (n - 1));
    return cellfree::GetStudentQuantile(0.975, n - 1) * deviation / std::sqrt(n);
}

/**
 * @brief Mean, median and 5th percentile over the UEs of many drops.
 * @param nDrops how many, a multiple of BATCHES
 * @param source what the figures are by
 * @param compute SE of a drop
 * @param codeSe mean SE that the authors' own code (github.com/emilbjornson/cell-free-book, version
 * 1.0, in Octave 7.3) has for the covariances, pilots and clusters of the first drop; NaN for none
 * @return the rows
 */
std::vector<CellFreeValidationRow>
RunDrops(uint32_t nDrops,
         const std::string& source,
         const SeOfDrop& compute,
         double codeSe = std::numeric_limits<double>::quiet_NaN())
{
    CellFreeBookSetup setup{CellFreeBookSetup::Options()};
    std::vector<double> all;
    std::vector<std::vector<double>> batches(BATCHES);
    Eigen::ArrayXd means(nDrops);
    for (uint32_t drop = 0; drop < nDrops; ++drop)
    {
        // A stream of its own, so that drops do not depend on what a case draws beside them.
        setup.SetStream(STREAM + drop);
        setup.Drop();
        const Eigen::VectorXd se = compute(setup);
        means(drop) = se.mean();
        all.insert(all.end(), se.begin(), se.end());
        auto& batch = batches[drop % BATCHES];
        batch.insert(batch.end(), se.begin(), se.end());
    }
    const std::string unit = "bit/s/Hz";
    std::vector<CellFreeValidationRow> rows;
    const double none = std::numeric_limits<double>::quiet_NaN();
    rows.push_back({"SE per UE, mean", means.mean(), GetHalfWidth(means), unit, none, source});
    for (const auto& [name, probability] :
         std::vector<std::pair<std::string, double>>{{"SE per UE, median", 0.5},
                                                     {"SE per UE, 5th percentile", 0.05}})
    {
        Eigen::ArrayXd quantiles(BATCHES);
        for (uint32_t batch = 0; batch < BATCHES; ++batch)
        {
            quantiles(batch) = cellfree::GetQuantile(batches[batch], probability);
        }
        rows.push_back({name,
                        cellfree::GetQuantile(all, probability),
                        GetHalfWidth(quantiles),
                        unit,
                        none,
                        source});
    }
    if (!std::isnan(codeSe))
    {
        rows.push_back({"SE per UE, mean of the first drop, in closed form",
                        means(0),
                        0.0,
                        unit,
                        codeSe,
                        source + ", computed by the authors' code on the same covariances, pilots "
                                 "and clusters"});
    }
    return rows;
}

} // namespace

std::vector<CellFreeValidationCase>
cellfree::GetBookValidationCases()
{
    const std::string book = "Demir, Bjornson, Sanguinetti, Foundations of User-Centric Cell-Free "
                             "Massive MIMO, 2021, ";
    return {
        {"book-ul-p-mmse",
         "uplink, P-MMSE combining at the CPU: L = 100, N = 4, K = 40",
         [book]() {
             return RunDrops(
                 60,
                 book + "(5.16) by the bound (5.4); figure 5.4(b), P-MMSE (DCC)",
                 [](CellFreeBookSetup& setup) { return setup.GetPartialMmseSe(CENTRAL_BLOCKS); });
         }},
        {"book-ul-lp-mmse",
         "uplink, LP-MMSE combining at the APs, n-opt LSFD at the CPU",
         [book]() {
             return RunDrops(50,
                             book + "(5.39), (5.41) by the bound (5.25); figure 5.6(b), n-opt "
                                    "LSFD, LP-MMSE (DCC)",
                             [](CellFreeBookSetup& setup) {
                                 return setup.GetUplinkSe(setup.ComputeLocalMmse(LOCAL_BLOCKS));
                             });
         }},
        {"book-ul-mr",
         "uplink, maximum ratio at the APs, n-opt LSFD at the CPU",
         [book]() {
             return RunDrops(
                 50,
                 book + "(5.32) to (5.35), (5.41) by the bound (5.25); figure 5.6(b), "
                        "n-opt LSFD, MR (DCC)",
                 [](CellFreeBookSetup& setup) {
                     return setup.GetUplinkSe(setup.ComputeMaximumRatio());
                 },
                 UL_CODE_SE);
         }},
        {"book-dl-lp-mmse",
         "downlink, LP-MMSE precoding, power allocation (6.36)",
         [book]() {
             return RunDrops(50,
                             book + "(6.33), (6.36) by the bound of Corollary 6.3; figure 6.5(b), "
                                    "LP-MMSE (DCC)",
                             [](CellFreeBookSetup& setup) {
                                 return setup.GetDownlinkSe(setup.ComputeLocalMmse(LOCAL_BLOCKS));
                             });
         }},
        {"book-dl-mr",
         "downlink, maximum ratio precoding, power allocation (6.36)",
         [book]() {
             return RunDrops(
                 50,
                 book + "(6.26) to (6.28), (6.36) by the bound of Corollary 6.3; figure "
                        "6.5(b), MR (DCC)",
                 [](CellFreeBookSetup& setup) {
                     return setup.GetDownlinkSe(setup.ComputeMaximumRatio());
                 },
                 DL_CODE_SE);
         }},
    };
}

} // namespace ns3
