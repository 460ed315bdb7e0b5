// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/cell-free-trace-database.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <unistd.h>

namespace
{

using namespace ns3;

/// A folder of its own, in a build with SQLite.
class TraceDatabase : public testing::Test
{
  protected:
    void SetUp() override
    {
        if (!CellFreeTraceDatabase::IsAvailable())
        {
            GTEST_SKIP() << "ns-3 without SQLite";
        }
        m_folder = std::filesystem::temp_directory_path() /
                   ("cell-free-trace-database-" + std::to_string(getpid()));
        std::filesystem::create_directories(m_folder);
    }

    void TearDown() override
    {
        if (!m_folder.empty())
        {
            std::filesystem::remove_all(m_folder);
        }
    }

    std::filesystem::path m_folder; //!< where files are
};

TEST_F(TraceDatabase, SaysBeforeASimulationWhetherAFileCanBeAddedTo)
{
    const auto path = (m_folder / "traces.sqlite").string();
    EXPECT_EQ(CellFreeTraceDatabase::FindFileError(path), "");
    EXPECT_FALSE(std::filesystem::exists(path)) << "a check leaves nothing";
    EXPECT_EQ(CellFreeTraceDatabase().Open(path), "");
    EXPECT_EQ(CellFreeTraceDatabase::FindFileError(path), "");

    const auto nowhere = (m_folder / "none" / "traces.sqlite").string();
    EXPECT_EQ(CellFreeTraceDatabase::FindFileError(nowhere),
              "database " + nowhere + ": expected a folder " + (m_folder / "none").string() +
                  " that exists");
    EXPECT_EQ(CellFreeTraceDatabase::FindFileError(m_folder.string()),
              "database " + m_folder.string() + ": cannot be written (a directory)");

    const auto other = (m_folder / "other").string();
    std::ofstream(other) << "no database, and longer than the header of one would be: "
                         << std::string(200, '.') << '\n';
    EXPECT_EQ(CellFreeTraceDatabase::FindFileError(other),
              "database " + other + ": cannot be written (expected a database of traces)");
    std::ifstream file(other);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    EXPECT_EQ(text.rfind("no database", 0), 0U) << "it is left as it was";
}

} // namespace
