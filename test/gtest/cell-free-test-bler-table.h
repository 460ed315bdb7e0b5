// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_TEST_BLER_TABLE_H
#define CELL_FREE_TEST_BLER_TABLE_H

#include "ns3/cell-free-bler-table.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <unistd.h>

namespace ns3
{

/// A file that goes when it goes out of scope.
class TestFile
{
  public:
    /// Writes the file. @param text what it holds
    explicit TestFile(const std::string& text)
        : m_path(std::filesystem::temp_directory_path() /
                 ("cellfree-isac-table-" + std::to_string(getpid()) + ".json"))
    {
        std::ofstream(m_path) << text;
    }

    ~TestFile()
    {
        std::filesystem::remove(m_path);
    }

    TestFile(const TestFile&) = delete;
    TestFile& operator=(const TestFile&) = delete;

    /// @return where it is
    std::string GetPath() const
    {
        return m_path.string();
    }

  private:
    std::filesystem::path m_path; //!< where it is
};

/**
 * @brief A table of error rates: for every MCS blocks of 1000 and of 4000 bits, from 1 at as many
 * dB as the MCS over 0.1 one dB later to 0.001 two dB after that, those of 4000 bits 0.5 dB later.
 * @param mcsTable the MCS table
 * @return the table
 */
inline nlohmann::json
MakeTestBlerTable(CellFreeMcsTable mcsTable)
{
    nlohmann::json table;
    table["mcsTable"] = mcsTable == CELL_FREE_MCS_64QAM ? "64QAM" : "256QAM";
    for (int mcs = 0; mcs < cellfree::GetNMcs(mcsTable); ++mcs)
    {
        for (double bits : {4000, 1000})
        {
            const double first = mcs + (bits == 4000 ? 0.5 : 0.0);
            table["curves"].push_back({{"mcs", mcs},
                                       {"codeBlockBits", bits},
                                       {"snr_dB", {first, first + 1.0, first + 3.0}},
                                       {"bler", {1.0, 0.1, 0.001}}});
        }
    }
    return table;
}

} // namespace ns3

#endif // CELL_FREE_TEST_BLER_TABLE_H
