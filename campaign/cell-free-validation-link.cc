// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-validation.h"

#include "ns3/cell-free-error-model.h"
#include "ns3/double.h"
#include "ns3/string.h"

#include <cmath>

namespace ns3
{

namespace
{

/// Transport block sizes of another simulator's tests.
std::vector<CellFreeValidationRow>
RunTbs()
{
    /// A reference transport block.
    struct Example
    {
        uint32_t codedBits; //!< bits after coding
        double codeRate;    //!< R as it was rounded there
        int order;          //!< Q_m
        double bits;        //!< its size
    };

    std::vector<CellFreeValidationRow> rows;
    for (const auto& example : {Example{20004, 0.5, 4, 9992},
                                Example{124800, 0.438, 2, 54296},
                                Example{124800, 0.754, 4, 94248},
                                Example{624, 0.188, 2, 112},
                                Example{249600, 0.754, 4, 188576},
                                Example{187200, 0.754, 6, 139376},
                                Example{1362816, 0.895, 8, 1213032},
                                Example{100000, 0.5, 4, 50184}})
    {
        CellFreeValidationRow row;
        row.quantity = "size of a block of " + std::to_string(example.codedBits) +
                       " coded bits, Q_m = " + std::to_string(example.order);
        row.value = cellfree::ComputeTransportBlockBits(example.codedBits / example.order,
                                                        example.codeRate,
                                                        example.order);
        row.unit = "bit";
        row.published = example.bits;
        row.source = "NVIDIA Sionna, test/unit/nr/tb_refs (October 2025); TS 38.214 5.1.3.2";
        rows.push_back(row);
    }
    return rows;
}

/// The SINR at which code blocks fail once in ten times.
std::vector<CellFreeValidationRow>
RunBler()
{
    /// A point of a published table.
    struct Point
    {
        const char* gaps; //!< which table
        int mcs;          //!< index in TS 38.214 table 5.1.3.1-2
        double bits;      //!< code block
        double decibels;  //!< SINR
    };

    const auto model = CreateObject<CellFreeFiniteLengthErrorModel>();
    model->SetAttribute("ImplementationGap", DoubleValue(0.0));
    // The tables are by information bits: standard sizes would round those of short blocks up.
    model->SetAttribute("BlockSizes", StringValue("Unquantised"));
    std::vector<CellFreeValidationRow> rows;
    for (const auto& point : {Point{"sionna", 3, 1000, 0.05},
                              Point{"sionna", 7, 1000, 6.11},
                              Point{"sionna", 14, 1000, 12.58},
                              Point{"sionna", 19, 1000, 17.47},
                              Point{"sionna", 24, 1000, 22.12},
                              Point{"5g-lena", 3, 8192, 3.44},
                              Point{"5g-lena", 7, 8192, 8.50},
                              Point{"5g-lena", 14, 8192, 14.83},
                              Point{"5g-lena", 19, 8192, 19.65},
                              Point{"5g-lena", 24, 8192, 24.34}})
    {
        model->SetAttribute("McsGaps", StringValue(point.gaps));
        const bool isLena = std::string(point.gaps) == "5g-lena";
        const double efficiency = cellfree::GetMcsEfficiency(CELL_FREE_MCS_256QAM, point.mcs);
        const auto nSymbols = static_cast<uint32_t>(std::lround(point.bits / efficiency));
        CellFreeValidationRow row;
        row.quantity = "SINR of 10 % BLER, MCS " + std::to_string(point.mcs) + ", " +
                       std::to_string(std::lround(point.bits)) + " bit, McsGaps " + point.gaps;
        row.value = 10.0 * std::log10(model->GetSinr(point.mcs, nSymbols, 0.1));
        row.unit = "dB";
        row.published = point.decibels;
        row.source = isLena ? "5G-LENA, model/nr-eesm-t2.cc (January 2026); McsGaps was fitted to "
                              "the same tables"
                            : "NVIDIA Sionna, sionna/sys/bler_tables/PDSCH_table2.json (October "
                              "2025), interpolated; McsGaps was fitted to the same tables";
        rows.push_back(row);
    }
    return rows;
}

/// The exponential effective SINR of two sub-bands; no source gives a number of it.
std::vector<CellFreeValidationRow>
RunEesm()
{
    const auto model = CreateObject<CellFreeFiniteLengthErrorModel>();
    model->SetAttribute("EffectiveSinr", StringValue("Exponential"));
    std::vector<CellFreeValidationRow> rows;
    const Eigen::Vector2d sinr(1.0, 3.0);
    for (int mcs : {0, 10, 27})
    {
        CellFreeValidationRow row;
        row.quantity = "EESM of SINRs 1 and 3, MCS " + std::to_string(mcs);
        row.value = model->GetEffectiveSinr(mcs, sinr);
        row.unit = "1";
        row.source = "TR 25.892 A.4.3.1; beta of 5G-LENA, model/nr-eesm-t2.cc (January 2026)";
        rows.push_back(row);
    }
    return rows;
}

} // namespace

std::vector<CellFreeValidationCase>
cellfree::GetLinkValidationCases()
{
    return {
        {"tbs", "transport block sizes of TS 38.214", RunTbs},
        {"bler",
         "SINR at a block error rate of 10 % against the public link-level tables that McsGaps is "
         "fitted to",
         RunBler},
        {"eesm", "exponential effective SINR over sub-bands", RunEesm},
    };
}

} // namespace ns3
