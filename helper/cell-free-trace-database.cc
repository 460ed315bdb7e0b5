// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-trace-database.h"

#include "cell-free-trace-reader.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <unistd.h>
#include <vector>

#ifdef CELLFREE_ISAC_SQLITE
#include "ns3/sqlite-output.h"
#endif

namespace ns3
{

namespace fs = std::filesystem;

#ifdef CELLFREE_ISAC_SQLITE

namespace
{

/// The columns that say which run a row is of, in the table runs.
constexpr const char* KEY_COLUMNS = "Seed, Run, Policy, SensingWeight, SimTag";

/// The columns of the table runs. Its INTEGER PRIMARY KEY is numbered from 1 by SQLite.
constexpr const char* RUNS_COLUMNS =
    "Version TEXT, Ns3 TEXT, Command TEXT, Seed INTEGER, Run INTEGER, Policy TEXT, "
    "SensingWeight REAL, SimTag TEXT, RunId INTEGER PRIMARY KEY";

/// A text as an SQL literal.
std::string
Quote(const std::string& text, char quote = '\'')
{
    std::string quoted(1, quote);
    for (char c : text)
    {
        quoted += c;
        if (c == quote)
        {
            quoted += c;
        }
    }
    return quoted + quote;
}

/// A text in lower case: SQLite does not tell cases of column names apart.
std::string
ToLower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return text;
}

/// True if a trace's column has the name of one of the run's.
bool
IsKeyColumn(const std::string& name)
{
    static const std::set<std::string>
        names{"seed", "run", "policy", "sensingweight", "simtag", "runid", "row"};
    return names.count(ToLower(name)) > 0;
}

/// The type of a trace's column: what has a unit is real, but for counts of bytes and slots.
std::string
GetColumnType(const std::string& name)
{
    const auto underscore = name.rfind('_');
    const auto unit = underscore == std::string::npos ? "" : name.substr(underscore + 1);
    return unit.empty() || unit == "B" || unit == "slots" ? "NUMERIC" : "REAL";
}

/// A prepared statement, finalised at its end.
class Statement
{
  public:
    Statement(const SQLiteOutput& database, const std::string& sql)
        : m_database(database)
    {
        m_isValid = m_database.SpinPrepare(&m_statement, sql);
    }

    ~Statement()
    {
        SQLiteOutput::SpinFinalize(m_statement); // does nothing with null
    }

    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    /**
     * @brief Executes it.
     * @param values what its question marks stand for
     * @return an empty string, or what went wrong
     */
    std::string Execute(const std::vector<std::string>& values)
    {
        if (!m_isValid)
        {
            return "expected a database of traces";
        }
        for (std::size_t i = 0; i < values.size(); ++i)
        {
            m_database.Bind(m_statement, static_cast<int>(i) + 1, values[i]);
        }
        const int code = SQLiteOutput::SpinStep(m_statement);
        SQLiteOutput::SpinReset(m_statement);
        return code == SQLITE_DONE       ? ""
               : code == SQLITE_FULL     ? "no space is left on the disk"
               : code == SQLITE_READONLY ? "it is read-only"
                                         : "SQLite error " + std::to_string(code);
    }

    /// @return true if there is a row of the result, which is then the present one
    bool Next()
    {
        return m_isValid && SQLiteOutput::SpinStep(m_statement) == SQLITE_ROW;
    }

    /// @return true if the statement makes sense to the database
    bool IsValid() const
    {
        return m_isValid;
    }

    /// The integer in a column of the present row. @param column its index @return the integer
    int64_t GetInteger(int column) const
    {
        return sqlite3_column_int64(m_statement, column);
    }

    /// The text in a column of the present row. @param column its index @return the text
    std::string GetText(int column) const
    {
        const auto* text = sqlite3_column_text(m_statement, column);
        return text ? reinterpret_cast<const char*>(text) : "";
    }

    /// @return the integer in the first row and column of the result, or 0 without one
    int64_t GetInteger()
    {
        return Next() ? GetInteger(0) : 0;
    }

  private:
    const SQLiteOutput& m_database;     //!< where it is executed
    sqlite3_stmt* m_statement{nullptr}; //!< the statement
    bool m_isValid{false};              //!< true until something fails
};

} // namespace

class CellFreeTraceDatabase::Connection
{
  public:
    explicit Connection(const std::string& path)
        : database(path)
    {
        // Waiting in SQLite costs no processor time, unlike SQLiteOutput's spinning.
        Statement(database, "PRAGMA busy_timeout = 600000").GetInteger();
    }

    SQLiteOutput database; //!< the open file
};

bool
CellFreeTraceDatabase::IsAvailable()
{
    return true;
}

std::string
CellFreeTraceDatabase::Open(const std::string& path)
{
    m_path = path;
    // SQLiteOutput ends the program where it cannot open a file.
    errno = 0;
    if (fs::is_directory(path) || !std::ofstream(path, std::ios::app))
    {
        return "database " + path + ": cannot be written (" +
               (errno ? strerror(errno) : "a directory") + ")";
    }
    m_connection = std::make_unique<Connection>(path);
    Statement tables(m_connection->database, "SELECT count(*) FROM sqlite_master");
    if (!tables.IsValid())
    {
        return "database " + path + ": cannot be written (expected a database of traces)";
    }
    const auto version = Statement(m_connection->database, "PRAGMA user_version").GetInteger();
    if (version > SCHEMA_VERSION)
    {
        return "database " + path + ": schema version " + std::to_string(version) +
               ": expected at most " + std::to_string(SCHEMA_VERSION) +
               ", it is of a later version of the module";
    }
    // What an earlier version left is brought to the present one when a run is added.
    return tables.GetInteger() > 0 && !FindColumns("runs").empty()
               ? ""
               : InTransaction([this] { return UpdateSchema(); });
}

std::string
CellFreeTraceDatabase::Execute(const std::string& sql, const std::vector<std::string>& values) const
{
    const auto problem = Statement(m_connection->database, sql).Execute(values);
    return problem.empty() ? "" : "database " + m_path + ": cannot be written (" + problem + ")";
}

std::string
CellFreeTraceDatabase::InTransaction(const std::function<std::string()>& work) const
{
    // The lock is taken at the beginning: two transactions that begin by reading could not both
    // go on to write.
    auto error = Execute("BEGIN IMMEDIATE");
    if (!error.empty())
    {
        return error;
    }
    error = work();
    if (error.empty())
    {
        error = Execute("COMMIT");
    }
    if (!error.empty())
    {
        Execute("ROLLBACK");
    }
    return error;
}

CellFreeTraceDatabase::Columns
CellFreeTraceDatabase::FindColumns(const std::string& table) const
{
    Columns columns;
    Statement info(m_connection->database, "PRAGMA table_info(" + Quote(table, '"') + ")");
    while (info.Next())
    {
        if (!IsKeyColumn(info.GetText(1)))
        {
            columns.emplace_back(info.GetText(1), info.GetText(2));
        }
    }
    return columns;
}

std::string
CellFreeTraceDatabase::PrepareTrace(const std::string& trace, const Columns& columns) const
{
    const auto table = Quote(trace + "Rows", '"');
    auto present = FindColumns(trace + "Rows");
    std::string error;
    bool isComplete = !present.empty();
    if (present.empty())
    {
        std::string list;
        for (const auto& [name, type] : columns)
        {
            list += ", " + Quote(name, '"') + " " + type;
        }
        error = Execute("CREATE TABLE " + table + " (RunId INTEGER, Row INTEGER" + list +
                        ", PRIMARY KEY (RunId, Row)) WITHOUT ROWID");
        present = columns;
    }
    for (const auto& column : columns)
    {
        const auto isSame = [&column](const auto& other) {
            return ToLower(other.first) == ToLower(column.first);
        };
        if (error.empty() && std::none_of(present.begin(), present.end(), isSame))
        {
            isComplete = false;
            present.push_back(column);
            error = Execute("ALTER TABLE " + table + " ADD COLUMN " + Quote(column.first, '"') +
                            " " + column.second);
        }
    }
    if (isComplete || !error.empty())
    {
        return error;
    }
    std::string list;
    for (const auto& column : present)
    {
        list += Quote(column.first, '"') + ", ";
    }
    error = Execute("DROP VIEW IF EXISTS " + Quote(trace, '"'));
    return error.empty()
               ? Execute("CREATE VIEW " + Quote(trace, '"') + " AS SELECT " + list + KEY_COLUMNS +
                         ", RunId, Row FROM " + table + " JOIN runs USING (RunId)")
               : error;
}

std::string
CellFreeTraceDatabase::UpdateSchema() const
{
    auto& database = m_connection->database;
    if (Statement(database, "PRAGMA user_version").GetInteger() == SCHEMA_VERSION)
    {
        return {}; // by another process
    }
    const bool isNew = FindColumns("runs").empty();
    std::vector<std::string> traces;
    Statement tables(database,
                     "SELECT name FROM sqlite_master AS t WHERE type = 'table' AND name != 'runs' "
                     "AND EXISTS (SELECT * FROM pragma_table_info(t.name) WHERE name = 'SimTag') "
                     "ORDER BY name");
    while (!isNew && tables.Next())
    {
        traces.push_back(tables.GetText(0));
    }
    std::string error;
    if (!isNew)
    {
        error = Execute("ALTER TABLE runs RENAME TO runsBefore");
    }
    error =
        error.empty() ? Execute(std::string("CREATE TABLE runs (") + RUNS_COLUMNS + ")") : error;
    if (error.empty() && !isNew)
    {
        error = Execute("INSERT INTO runs SELECT *, NULL FROM runsBefore ORDER BY rowid");
        error = error.empty() ? Execute("DROP TABLE runsBefore") : error;
    }
    for (const auto& trace : traces)
    {
        error = error.empty() ? MoveTrace(trace) : error;
    }
    return error.empty() ? Execute("PRAGMA user_version = " + std::to_string(SCHEMA_VERSION))
                         : error;
}

std::string
CellFreeTraceDatabase::MoveTrace(const std::string& trace) const
{
    const auto columns = FindColumns(trace);
    const auto before = Quote(trace + "Before", '"');
    std::string list;
    for (const auto& column : columns)
    {
        list += ", t." + Quote(column.first, '"');
    }
    auto error = Execute("ALTER TABLE " + Quote(trace, '"') + " RENAME TO " + before);
    error = error.empty() ? PrepareTrace(trace, columns) : error;
    // The rows of a run lie one after the other, so this goes from the one end to the other.
    for (const auto& sql : {"INSERT INTO " + Quote(trace + "Rows", '"') +
                                " SELECT r.RunId, row_number() OVER (PARTITION BY r.RunId ORDER BY "
                                "t.rowid)" +
                                list + " FROM " + before +
                                " AS t JOIN runs AS r ON r.Seed = t.Seed AND r.Run = t.Run AND "
                                "r.Policy = t.Policy AND r.SensingWeight IS t.SensingWeight AND "
                                "r.SimTag = t.SimTag",
                            "DROP TABLE " + before})
    {
        error = error.empty() ? Execute(sql) : error;
    }
    return error;
}

uint32_t
CellFreeTraceDatabase::GetNRuns() const
{
    return Statement(m_connection->database, "SELECT count(*) FROM runs").GetInteger();
}

std::string
CellFreeTraceDatabase::AddRun(const std::string& folder,
                              const std::string& simTag,
                              const std::string& label)
{
    return InTransaction([&] {
        const auto error = UpdateSchema();
        return error.empty() ? AddFiles(folder, simTag, label) : error;
    });
}

std::string
CellFreeTraceDatabase::AddFiles(const std::string& folder,
                                const std::string& simTag,
                                const std::string& label) const
{
    int64_t runId = 0;
    auto error = AddConfiguration(folder + "/configuration" + simTag + ".json", label, runId);
    const std::string ending = "Trace" + simTag + ".tsv";
    std::vector<fs::path> paths;
    std::error_code listing;
    for (const auto& entry : fs::directory_iterator(folder, listing))
    {
        const auto name = entry.path().filename().string();
        if (name.size() > ending.size() &&
            name.compare(name.size() - ending.size(), ending.size(), ending) == 0)
        {
            paths.push_back(entry.path());
        }
    }
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths)
    {
        if (error.empty())
        {
            const auto name = path.filename().string();
            const auto stem = name.substr(0, name.size() - ending.size());
            error = AddTrace(stem + "Trace", path.string(), runId);
        }
    }
    return error;
}

std::string
CellFreeTraceDatabase::AddConfiguration(const std::string& path,
                                        const std::string& label,
                                        int64_t& runId) const
{
    std::ifstream file(path);
    const auto json = nlohmann::json::parse(file, nullptr, false);
    if (!json.is_object())
    {
        return path + ": cannot be read, expected the configuration of a finished run";
    }
    std::string error;
    try
    {
        auto& database = m_connection->database;
        const auto& weight = json.at("sensingWeight");
        const auto seed = std::to_string(json.at("seed").get<uint64_t>());
        const auto run = std::to_string(json.at("run").get<uint64_t>());
        const auto policy = Quote(json.at("policy").get<std::string>());
        const auto sensingWeight =
            weight.is_null() ? "NULL" : nlohmann::json(weight.get<double>()).dump();
        const auto tag = Quote(label.empty() ? json.at("simTag").get<std::string>() : label);
        const auto where = " WHERE Seed = " + seed + " AND Run = " + run +
                           " AND Policy = " + policy + " AND SensingWeight IS " + sensingWeight +
                           " AND SimTag = " + tag;
        runId = Statement(database, "SELECT RunId FROM runs" + where).GetInteger();
        const auto former = std::to_string(runId);
        std::vector<std::string> traces;
        Statement tables(database,
                         "SELECT name FROM sqlite_master WHERE type = 'table' AND "
                         "substr(name, -4) = 'Rows' ORDER BY name");
        while (runId > 0 && tables.Next())
        {
            traces.push_back(tables.GetText(0));
        }
        for (const auto& trace : traces)
        {
            error = error.empty()
                        ? Execute("DELETE FROM " + Quote(trace, '"') + " WHERE RunId = " + former)
                        : error;
        }
        // A run keeps its number.
        error = error.empty() && runId > 0 ? Execute("DELETE FROM runs WHERE RunId = " + former)
                                           : error;
        if (error.empty())
        {
            error = Execute("INSERT INTO runs VALUES (?, ?, ?, " + seed + ", " + run + ", " +
                                policy + ", " + sensingWeight + ", " + tag + ", " +
                                (runId > 0 ? former : "NULL") + ")",
                            {json.at("version").get<std::string>(),
                             json.at("ns3").get<std::string>(),
                             json.at("command").get<std::string>()});
            runId = Statement(database, "SELECT RunId FROM runs" + where).GetInteger();
        }
        if (error.empty())
        {
            error = PrepareTrace("configuration", {{"Attribute", "TEXT"}, {"Value", "TEXT"}});
        }
        uint64_t row = 0;
        for (const auto& [name, value] : json.at("attributes").items())
        {
            if (error.empty())
            {
                error = Execute("INSERT INTO configurationRows VALUES (" + std::to_string(runId) +
                                    ", " + std::to_string(++row) + ", ?, ?)",
                                {name, value.get<std::string>()});
            }
        }
    }
    catch (const nlohmann::json::exception& exception)
    {
        return path + ": " + exception.what();
    }
    return error;
}

std::string
CellFreeTraceDatabase::AddTrace(const std::string& trace,
                                const std::string& path,
                                int64_t runId) const
{
    CellFreeTraceReader reader(path);
    // A column that is called as one of the run's is left out: runs says it of the whole run.
    std::vector<std::size_t> kept;
    Columns columns;
    std::string names = "RunId, Row";
    std::string marks = std::to_string(runId) + ", ?";
    for (std::size_t i = 0; i < reader.GetColumns().size(); ++i)
    {
        const auto& name = reader.GetColumns()[i];
        if (!IsKeyColumn(name))
        {
            kept.push_back(i);
            columns.emplace_back(name, GetColumnType(name));
            names += ", " + Quote(name, '"');
            marks += ", NULLIF(?, '')";
        }
    }
    const auto error = reader.GetError().empty() ? PrepareTrace(trace, columns) : reader.GetError();
    if (!error.empty())
    {
        return error;
    }
    // The column's type turns a text that is a number into one.
    Statement insert(m_connection->database,
                     "INSERT INTO " + Quote(trace + "Rows", '"') + " (" + names + ") VALUES (" +
                         marks + ")");
    std::vector<std::string> values(kept.size() + 1);
    for (uint64_t row = 1; reader.Next(); ++row)
    {
        values[0] = std::to_string(row);
        for (std::size_t i = 0; i < kept.size(); ++i)
        {
            values[i + 1] = reader.GetRow()[kept[i]];
        }
        const auto problem = insert.Execute(values);
        if (!problem.empty())
        {
            return "database " + m_path + ": table " + trace + ": cannot be written (" + problem +
                   ")";
        }
    }
    return reader.GetError();
}

#else // no SQLite

class CellFreeTraceDatabase::Connection
{
};

bool
CellFreeTraceDatabase::IsAvailable()
{
    return false;
}

std::string
CellFreeTraceDatabase::Open(const std::string& path)
{
    return "database " + path + ": this ns-3 was built without SQLite";
}

std::string
CellFreeTraceDatabase::AddRun(const std::string& /* folder */,
                              const std::string& /* simTag */,
                              const std::string& /* label */)
{
    return "database: this ns-3 was built without SQLite";
}

uint32_t
CellFreeTraceDatabase::GetNRuns() const
{
    return 0;
}

#endif

std::string
CellFreeTraceDatabase::FindFileError(const std::string& path)
{
    std::error_code error;
    if (!IsAvailable() || fs::exists(path, error))
    {
        return CellFreeTraceDatabase().Open(path);
    }
    // Many processes share a file: one that made it and took it away would lose another's rows.
    const auto parent = fs::path(path).parent_path();
    const auto folder = parent.empty() ? std::string(".") : parent.string();
    if (!fs::is_directory(folder, error))
    {
        return "database " + path + ": expected a folder " + folder + " that exists";
    }
    return access(folder.c_str(), W_OK | X_OK) == 0
               ? ""
               : "database " + path + ": cannot be written (" + strerror(errno) + ")";
}

CellFreeTraceDatabase::CellFreeTraceDatabase() = default;

CellFreeTraceDatabase::~CellFreeTraceDatabase() = default;

} // namespace ns3
