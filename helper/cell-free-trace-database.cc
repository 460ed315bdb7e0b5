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

/// Names of the columns that say which run a row is of.
constexpr const char* KEY_COLUMNS = "Seed INTEGER, Run INTEGER, Policy TEXT, SensingWeight REAL, "
                                    "SimTag TEXT";

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
    const auto lower = ToLower(name);
    return lower == "seed" || lower == "run" || lower == "policy" || lower == "sensingweight" ||
           lower == "simtag";
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

    /// @return the integer in the only row and column of the result, or 0 without one
    int GetInteger()
    {
        return m_isValid && SQLiteOutput::SpinStep(m_statement) == SQLITE_ROW
                   ? m_database.RetrieveColumn<int>(m_statement, 0)
                   : 0;
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
    return PrepareTable("runs", "Version TEXT, Ns3 TEXT, Command TEXT, ", Key());
}

std::string
CellFreeTraceDatabase::Execute(const std::string& sql, const std::vector<std::string>& values) const
{
    const auto problem = Statement(m_connection->database, sql).Execute(values);
    return problem.empty() ? "" : "database " + m_path + ": cannot be written (" + problem + ")";
}

std::string
CellFreeTraceDatabase::PrepareTable(const std::string& table,
                                    const std::string& columns,
                                    const Key& key) const
{
    const auto error = Execute("CREATE TABLE IF NOT EXISTS " + Quote(table, '"') + " (" + columns +
                               KEY_COLUMNS + ")");
    return error.empty() && !key.isNew ? Execute("DELETE FROM " + Quote(table, '"') + key.where)
                                       : error;
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
    // The lock is taken at the beginning: two transactions that begin by reading could not both
    // go on to write.
    auto error = Execute("BEGIN IMMEDIATE");
    if (!error.empty())
    {
        return error;
    }
    error = AddFiles(folder, simTag, label);
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

std::string
CellFreeTraceDatabase::AddFiles(const std::string& folder,
                                const std::string& simTag,
                                const std::string& label) const
{
    Key key;
    auto error = AddConfiguration(folder + "/configuration" + simTag + ".json", label, key);
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
            error = AddTrace(stem + "Trace", path.string(), key);
        }
    }
    return error;
}

std::string
CellFreeTraceDatabase::AddConfiguration(const std::string& path,
                                        const std::string& label,
                                        Key& key) const
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
        const auto& weight = json.at("sensingWeight");
        const auto seed = std::to_string(json.at("seed").get<uint64_t>());
        const auto run = std::to_string(json.at("run").get<uint64_t>());
        const auto policy = Quote(json.at("policy").get<std::string>());
        const auto sensingWeight =
            weight.is_null() ? "NULL" : nlohmann::json(weight.get<double>()).dump();
        const auto tag = Quote(label.empty() ? json.at("simTag").get<std::string>() : label);
        key.values = seed + ", " + run + ", " + policy + ", " + sensingWeight + ", " + tag;
        key.where = " WHERE Seed = " + seed + " AND Run = " + run + " AND Policy = " + policy +
                    " AND SensingWeight IS " + sensingWeight + " AND SimTag = " + tag;
        key.isNew = Statement(m_connection->database, "SELECT count(*) FROM runs" + key.where)
                        .GetInteger() == 0;
        error = PrepareTable("runs", "", key);
        if (error.empty())
        {
            error = Execute("INSERT INTO runs VALUES (?, ?, ?, " + key.values + ")",
                            {json.at("version").get<std::string>(),
                             json.at("ns3").get<std::string>(),
                             json.at("command").get<std::string>()});
        }
        if (error.empty())
        {
            error = PrepareTable("configuration", "Attribute TEXT, Value TEXT, ", key);
        }
        for (const auto& [name, value] : json.at("attributes").items())
        {
            if (error.empty())
            {
                error = Execute("INSERT INTO configuration VALUES (?, ?, " + key.values + ")",
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
CellFreeTraceDatabase::AddTrace(const std::string& table,
                                const std::string& path,
                                const Key& key) const
{
    CellFreeTraceReader reader(path);
    // A column that is called as one of the key is left out: the key says it of the whole run.
    std::vector<std::size_t> kept;
    std::string columns;
    std::string marks;
    for (std::size_t i = 0; i < reader.GetColumns().size(); ++i)
    {
        const auto& name = reader.GetColumns()[i];
        if (!IsKeyColumn(name))
        {
            kept.push_back(i);
            columns += Quote(name, '"') + " " + GetColumnType(name) + ", ";
            marks += "NULLIF(?, ''), ";
        }
    }
    const auto error =
        reader.GetError().empty() ? PrepareTable(table, columns, key) : reader.GetError();
    if (!error.empty())
    {
        return error;
    }
    // The column's type turns a text that is a number into one.
    Statement insert(m_connection->database,
                     "INSERT INTO " + Quote(table, '"') + " VALUES (" + marks + key.values + ")");
    std::vector<std::string> values(kept.size());
    while (reader.Next())
    {
        for (std::size_t i = 0; i < kept.size(); ++i)
        {
            values[i] = reader.GetRow()[kept[i]];
        }
        const auto problem = insert.Execute(values);
        if (!problem.empty())
        {
            return "database " + m_path + ": table " + table + ": cannot be written (" + problem +
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
