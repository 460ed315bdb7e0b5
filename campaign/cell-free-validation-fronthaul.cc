// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-validation.h"

#include "ns3/isac-energy.h"
#include "ns3/isac-fronthaul-load.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace ns3
{

namespace
{

/// An exact row: see CellFreeValidationRow.
CellFreeValidationRow
Row(const std::string& quantity,
    double value,
    const std::string& unit,
    double published,
    const std::string& source)
{
    return {quantity, value, 0.0, unit, published, source};
}

/// Loads of the fronthaul's splits.
std::vector<CellFreeValidationRow>
RunFronthaul()
{
    std::vector<CellFreeValidationRow> rows;
    const std::string cpri = "CPRI specification V7.0, section 4.2.1, line bit rate option ";
    const auto line = [&rows, &cpri](uint32_t n, double published, const std::string& option) {
        rows.push_back(Row("split 8, LTE 20 MHz, 15 bit, " + std::to_string(n) + " antenna(s)",
                           cellfree::GetCpriLineRate(n, 30.72e6, 15) / 1e6,
                           "Mb/s",
                           published,
                           cpri + option));
    };
    line(1, 1228.8, "2");
    line(2, 2457.6, "3");
    line(4, 4915.2, "5");
    line(8, 9830.4, "7");
    // Without the control words, which the report leaves out; five carriers of LTE.
    rows.push_back(Row("split 8, 100 MHz, 16 bit, 32 antenna ports",
                       cellfree::GetTimeDomainBits(32, 5 * 30.72e6, 1.0, 16) * 15.0 / 16.0 / 1e9,
                       "Gb/s",
                       157.3,
                       "3GPP TR 38.801 V14.0.0, annex A, option 8"));
    rows.push_back(Row("sampling rate, 273 resource blocks of 30 kHz",
                       cellfree::GetSamplingRate(12 * 273, 30e3) / 1e6,
                       "MHz",
                       122.88,
                       "3GPP TS 38.104, FFT size 4096 for 100 MHz at 30 kHz"));
    for (const auto& [bits, published] : {std::pair{9U, 27.0}, {12U, 36.0}, {14U, 42.0}})
    {
        // The guide counts the mantissas without the octet of the exponent.
        rows.push_back(
            Row("split 7.2x, mantissas of a resource block, " + std::to_string(bits) + " bit",
                cellfree::GetBlockFloatBits(1, 12, bits) / 8.0 - 1.0,
                "byte",
                published,
                "Intel, O-RAN FPGA IP user guide 683238, table 39"));
    }
    const auto stream = [&rows](uint32_t nBlocks, uint32_t bits, double published) {
        const uint64_t user = cellfree::GetStreamBits(nBlocks, 14, bits, 1500);
        const uint64_t control = cellfree::GetBeamBits(1, 4, 0);
        rows.push_back(Row("split 7.2x, downlink, 4 layers, " + std::to_string(nBlocks) +
                               " resource blocks, " + std::to_string(bits) + " bit",
                           4.0 * (user + control) / 0.5e-3 / 1e9,
                           "Gb/s",
                           published,
                           "NVIDIA Aerial cuBB documentation, multicell capacity, 4T4R, 7 beams "
                           "(with reference signals and all control-plane messages)"));
    };
    stream(270, 9, 7.14);
    stream(270, 14, 11.06);
    stream(132, 9, 3.58);
    stream(132, 14, 5.46);
    rows.push_back(Row("split 7.2x, one layer, 273 resource blocks, 9 bit",
                       cellfree::GetStreamBits(273, 14, 9, 1500) / 0.5e-3 / 1e9,
                       "Gb/s",
                       std::nan(""),
                       "28 bytes a resource block, 60 bytes a message"));
    return rows;
}

/// Power of the published set-up: 36 APs of 4 antennas that serve 16 UEs each, at 1 W radiated and
/// 4 bit/s/Hz.
double
GetPublishedSetUpPower(IsacFunctionalSplit split)
{
    const IsacProcessing p;
    const double nAps = 36.0;
    const double nUes = 16.0;
    const double cooled = 1.0 / 0.9;
    const double perGops = 74.0 / 180.0;
    const double transforms = cellfree::GetTransformGops(p);
    const bool isInCloud = split == ISAC_SPLIT_8;
    const double perAp = cellfree::GetPrecoderGops(p) + (isInCloud ? transforms : 0.0) +
                         nUes * cellfree::GetServingGops(p);
    const double gops = nAps * perAp + nUes * cellfree::GetUeGops(p, 4.0);
    const double nCards =
        cellfree::CountLineCards(nAps, cellfree::GetEnergyFronthaulRate(p, split), 10e9);
    const double nProcessors = std::max(nCards, std::ceil(gops / 180.0));
    const double ap =
        6.8 * p.nAntennas + 4.0 * 1.0 + 7.7 + (isInCloud ? 0.0 : 20.8 + perGops * transforms);
    return 120.0 + nAps * ap + cooled * (20.0 * nCards + 20.8 * nProcessors + perGops * gops);
}

/// Arithmetic of CellFreeEnergyModel.
std::vector<CellFreeValidationRow>
RunEnergy()
{
    const IsacProcessing p;
    const std::string script =
        "lines of Figs7_8_CCP_sumSE_functional_split8.m and ..._7_2.m, executed: Demir, Masoudi, "
        "Bjornson, Cavdar, IEEE JSAC 42(2), 2024 (github.com/ozlemtugfedemir/O-RAN-cell-free)";
    return {
        Row("circuits of an AP of 4 antennas", 6.8 * p.nAntennas, "W", 27.2, script + ", PAP0"),
        Row("filters and transforms of an AP",
            cellfree::GetTransformGops(p),
            "GOPS",
            15.01178,
            script + ", Cfilter + CDFT"),
        Row("channel estimation and precoder of an AP",
            cellfree::GetPrecoderGops(p),
            "GOPS",
            9.118949,
            script + ", CprecodingAP + CotherAP"),
        Row("precoding of a UE at an AP",
            cellfree::GetServingGops(p),
            "GOPS",
            0.5406162,
            script + ", CprecodingUE"),
        Row("coding and higher layers of 16 UEs at 4 bit/s/Hz",
            16.0 * cellfree::GetUeGops(p, 4.0),
            "GOPS",
            103.1686,
            script + ", FLP"),
        Row("fronthaul of an AP, split 8",
            cellfree::GetEnergyFronthaulRate(p, ISAC_SPLIT_8) / 1e9,
            "Gb/s",
            2.94912,
            script + ", Rfronthaul"),
        Row("fronthaul of an AP, split 7.2x",
            cellfree::GetEnergyFronthaulRate(p, ISAC_SPLIT_72X) / 1e9,
            "Gb/s",
            1.613445,
            script + ", Rfronthaul"),
        Row("36 APs serve 16 UEs each, 1 W radiated, split 8",
            GetPublishedSetUpPower(ISAC_SPLIT_8),
            "W",
            2650.585,
            script + ", Powerkapi2"),
        Row("36 APs serve 16 UEs each, 1 W radiated, split 7.2x",
            GetPublishedSetUpPower(ISAC_SPLIT_72X),
            "W",
            3102.699,
            script + ", Powerkapi2"),
    };
}

} // namespace

std::vector<CellFreeValidationCase>
cellfree::GetFronthaulValidationCases()
{
    return {{"fronthaul", "bit rates of functional splits", RunFronthaul},
            {"energy", "power of APs, fronthaul and processing", RunEnergy}};
}

} // namespace ns3
