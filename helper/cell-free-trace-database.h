// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_TRACE_DATABASE_H
#define CELL_FREE_TRACE_DATABASE_H

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief One SQLite file with the trace files of many runs, by ns-3's SQLiteOutput.
 *
 * Each trace file is a view with the same columns, followed by Seed, Run, Policy, SensingWeight,
 * SimTag, RunId and Row; an empty field is NULL. The table runs has the first six, Version, Ns3 and
 * Command, and the view configuration one row per attribute that differs from its default. A run is
 * added in one transaction and takes the place of an earlier one with the same five values, so that
 * many processes can add to one file at once. Rows go from file to file: memory does not grow with
 * them.
 *
 * The rows of a view X lie in a table XRows, in the order of RunId and Row (the number of the row
 * in its trace), without what runs says of them. A column that a trace has gained is added, NULL in
 * earlier rows. A file of an earlier SCHEMA_VERSION is brought to the present one when a run is
 * added; one of a later is refused.
 *
 * Functions that can fail return an empty string, or one line that says what is wrong.
 */
class CellFreeTraceDatabase
{
  public:
    /// SQLite's user_version of a file: 0 of tables with what runs says in every row, 2 as above.
    static constexpr int SCHEMA_VERSION = 2;

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
    /// Names of columns, without those of the run, and their types.
    using Columns = std::vector<std::pair<std::string, std::string>>;

    /**
     * @brief Executes a statement without results.
     * @param sql the statement
     * @param values what its question marks stand for
     * @return see the class
     */
    std::string Execute(const std::string& sql, const std::vector<std::string>& values = {}) const;

    /**
     * @brief Makes the table and the view of a trace, or adds the columns that they lack.
     * @param trace name of the view
     * @param columns what the trace has
     * @return see the class
     */
    std::string PrepareTrace(const std::string& trace, const Columns& columns) const;

    /**
     * @brief Finds the columns of a table, without those of the run.
     * @param table name of the table
     * @return its columns, none if there is no such table
     */
    Columns FindColumns(const std::string& table) const;

    /**
     * @brief Makes the schema in an empty file, or brings an earlier one to the present version.
     * @return see the class
     */
    std::string UpdateSchema() const;

    /**
     * @brief Takes what earlier versions called a table to the view and the table of rows.
     * @param trace its name
     * @return see the class
     */
    std::string MoveTrace(const std::string& trace) const;

    /**
     * @brief Executes within a transaction, which is taken back on an error.
     * @param work what is to be done
     * @return see the class
     */
    std::string InTransaction(const std::function<std::string()>& work) const;

    /**
     * @brief Adds what configuration.json says.
     * @param path the file
     * @param label see AddRun()
     * @param[out] runId RunId of the run, of which no row is left
     * @return see the class
     */
    std::string AddConfiguration(const std::string& path,
                                 const std::string& label,
                                 int64_t& runId) const;

    /**
     * @brief Adds the rows of a trace file.
     * @param trace name of the view
     * @param path the file
     * @param runId RunId of the run
     * @return see the class
     */
    std::string AddTrace(const std::string& trace, const std::string& path, int64_t runId) const;

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
