// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-validation.h"

#include "ns3/isac-gospa.h"

#include <Eigen/Core>
#include <cmath>

namespace ns3
{

namespace
{

/// Small sets of targets and estimates whose distances can be written down.
std::vector<CellFreeValidationRow>
RunGospa()
{
    /// Two sets on a line.
    struct Example
    {
        const char* about;             //!< what it shows
        std::vector<double> targets;   //!< their x (m)
        std::vector<double> estimates; //!< their x (m)
        double order;                  //!< p
        double gospa;                  //!< by hand, at c = 20 m
        double ospa;                   //!< by hand, at c = 20 m
    };

    const double c = 20.0;
    const std::vector<Example> examples{
        {"both sets empty", {}, {}, 2.0, 0.0, 0.0},
        {"one estimate 3 m off", {0.0}, {3.0}, 2.0, 3.0, 3.0},
        {"one target missed", {0.0}, {}, 2.0, c / std::sqrt(2.0), c},
        {"one false estimate", {}, {0.0}, 2.0, c / std::sqrt(2.0), c},
        {"one estimate 100 m off: missed and false", {0.0}, {100.0}, 2.0, c, c},
        {"3 and 4 m off", {0.0, 50.0}, {3.0, 54.0}, 2.0, 5.0, 5.0 / std::sqrt(2.0)},
        {"3 m off, one missed, p = 1", {0.0, 50.0}, {3.0}, 1.0, 3.0 + c / 2.0, (3.0 + c) / 2.0},
        {"3 m off, one missed",
         {0.0, 50.0},
         {3.0},
         2.0,
         std::sqrt(9.0 + c * c / 2.0),
         std::sqrt((9.0 + c * c) / 2.0)},
        {"3 m off, two false",
         {0.0},
         {3.0, 100.0, 200.0},
         2.0,
         std::sqrt(9.0 + c * c),
         std::sqrt((9.0 + 2.0 * c * c) / 3.0)},
        {"two targets, the best pairing is not the nearest one's",
         {0.0, 10.0},
         {9.0, 19.0},
         2.0,
         std::sqrt(162.0),
         9.0},
    };
    std::vector<CellFreeValidationRow> rows;
    for (const auto& example : examples)
    {
        const auto place = [](const std::vector<double>& xs) {
            Eigen::MatrixXd points = Eigen::MatrixXd::Zero(3, xs.size());
            for (std::size_t i = 0; i < xs.size(); ++i)
            {
                points(0, static_cast<Eigen::Index>(i)) = xs[i];
            }
            return points;
        };
        const auto targets = place(example.targets);
        const auto estimates = place(example.estimates);
        CellFreeValidationRow row;
        row.quantity = std::string("GOSPA, c = 20 m: ") + example.about;
        row.value = cellfree::GetGospa(targets, estimates, c, example.order).total;
        row.unit = "m";
        row.published = example.gospa;
        row.source = "by hand; A. Rahmathullah et al., Fusion 2017, proposition 1, alpha = 2";
        rows.push_back(row);
        row.quantity = std::string("OSPA, c = 20 m: ") + example.about;
        row.value = cellfree::GetOspa(targets, estimates, c, example.order);
        row.published = example.ospa;
        row.source = "by hand; D. Schuhmacher et al., IEEE Trans. Signal Process. 56(8), eq. (3)";
        rows.push_back(row);
    }
    return rows;
}

} // namespace

std::vector<CellFreeValidationCase>
cellfree::GetTrackingValidationCases()
{
    return {
        {"gospa", "GOSPA and OSPA of small sets against their values by hand", RunGospa},
    };
}

} // namespace ns3
