// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_TRACE_DATABASE_H
#define CELL_FREE_TRACE_DATABASE_H

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief One SQLite file with the trace files of many runs, by ns-3's SQLiteOutput.
 *
 * Each trace file is a table with the same columns, followed by Seed, Run, Policy, SensingWeight
 * and SimTag; an empty field is NULL. The table runs has these five, Version, Ns3 and Command, and
 * the table configuration one row per attribute that differs from its default. A run is added in
 * one transaction and takes the place of an earlier one with the same five values, so that many
 * processes can add to one file at once. Rows go from file to file: memory does not grow with them.
 *
 * Functions that can fail return an empty string, or one line that says what is wrong.
 */
class CellFreeTraceDatabase
{
  public:
    /// @return false if ns-3 was built without SQLite; Open() then fails
    static bool IsAvailable();

    /**
     * @brief Check, before a simulation that ends in it, that a file can be added to.
     * @param path the file; it may be missing, and is then not created
     * @return see the class
     */
    static std::string FindFileError(const std::string& path);

    CellFreeTraceDatabase();
    ~CellFreeTraceDatabase();

    /**
     * @brief Open a file, which is created if it is missing.
     * @param path the file
     * @return see the class
     */
    std::string Open(const std::string& path);

    /**
     * @brief Add the trace files of a finished run: all *Trace.tsv that configuration.json is with.
     * @param folder where they are
     * @param simTag text in the names of the files
     * @param label what SimTag is to be, where the run's own does not tell it from others
     * @return see the class; nothing of a run that fails is added
     */
    std::string AddRun(const std::string& folder,
                       const std::string& simTag = "",
                       const std::string& label = "");

    /// @return the number of runs in the file
    uint32_t GetNRuns() const;

  private:
    /// The five columns that say which run a row is of, as SQL expressions, and their condition.
    struct Key
    {
        std::string values; //!< separated by commas
        std::string where;  //!< condition that selects the run
        bool isNew{true};   //!< false if the file has had this run before
    };

    /**
     * @brief Executes a statement without results.
     * @param sql the statement
     * @param values what its question marks stand for
     * @return see the class
     */
    std::string Execute(const std::string& sql, const std::vector<std::string>& values = {}) const;

    /**
     * @brief Takes the rows of an earlier run with the same key out of a table, which is created.
     * @param table name of the table
     * @param columns its columns in SQL, without those of the key
     * @param key the run's key
     * @return see the class
     */
    std::string PrepareTable(const std::string& table,
                             const std::string& columns,
                             const Key& key) const;

    /**
     * @brief Adds what configuration.json says.
     * @param path the file
     * @param label see AddRun()
     * @param[out] key the run's key
     * @return see the class
     */
    std::string AddConfiguration(const std::string& path, const std::string& label, Key& key) const;

    /**
     * @brief Adds the rows of a trace file.
     * @param table name of the table
     * @param path the file
     * @param key the run's key
     * @return see the class
     */
    std::string AddTrace(const std::string& table, const std::string& path, const Key& key) const;

    /**
     * @brief Adds all files of a run within a transaction.
     * @param folder see AddRun()
     * @param simTag see AddRun()
     * @param label see AddRun()
     * @return see the class
     */
    std::string AddFiles(const std::string& folder,
                         const std::string& simTag,
                         const std::string& label) const;

    class Connection;                         //!< hides SQLite's header
    std::unique_ptr<Connection> m_connection; //!< the open file
    std::string m_path;                       //!< its name
};

} // namespace ns3

#endif // CELL_FREE_TRACE_DATABASE_H
