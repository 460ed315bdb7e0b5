// SPDX-License-Identifier: GPL-2.0-only

#include "isac-problem-json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace ns3
{

namespace
{

using Json = nlohmann::json;

/// Reads the fields of one problem; every error is a std::invalid_argument with one line of text.
class ProblemReader
{
  public:
    /**
     * @brief Constructor.
     * @param root the line as JSON
     */
    explicit ProblemReader(const Json& root)
        : m_root(root)
    {
        if (!root.is_object())
        {
            throw std::invalid_argument("the line is " + Describe(root) + ": expected an object");
        }
    }

    /**
     * @brief Reads the whole problem.
     * @param[out] problem the problem, its values not yet checked
     */
    void Read(IsacProblem& problem) const
    {
        const auto& power = GetArray("power");
        const auto& noise = GetArray("noise");
        const auto nAps = static_cast<Eigen::Index>(power.size());
        const auto nUes = static_cast<Eigen::Index>(noise.size());
        if (nAps == 0)
        {
            throw std::invalid_argument("power is empty: expected one limit per AP");
        }
        const auto nTargets = CountTargets();
        const auto antennas = CountAntennas();
        problem.Resize(nAps, nUes, nTargets, antennas);
        ReadVector(power, "power", problem.power);
        ReadVector(noise, "noise", problem.noise);
        problem.sensingNoise = GetNumber(GetField("sensingNoise"), "sensingNoise");
        ReadStacked("h", "U, the length of noise", antennas, problem.h);
        ReadStacked("a", "T, the length of omega[0]", antennas, problem.a);
        ReadTable("omega", "T", nTargets, nAps, [&](auto m, auto t, const auto& x, const auto& at) {
            problem.omega(m, t) = GetNumber(x, at);
        });
        if (m_root.contains("serving"))
        {
            problem.serving.resize(nAps, nUes);
            ReadTable("serving",
                      "U",
                      nUes,
                      nAps,
                      [&](auto m, auto u, const auto& x, const auto& at) {
                          problem.serving(m, u) = GetBoolean(x, at);
                      });
        }
    }

    /**
     * @brief Reads an optional number that may not be negative.
     * @param name the field's name
     * @return the number, or nothing if the line has no such field
     */
    std::optional<double> ReadOptional(const char* name) const
    {
        if (!m_root.contains(name))
        {
            return {};
        }
        const double value = GetNumber(m_root[name], name);
        if (value < 0)
        {
            throw std::invalid_argument(name + (" = " + m_root[name].dump()) +
                                        ": expected a number >= 0");
        }
        return value;
    }

  private:
    /**
     * @brief Describes a value in an error message.
     * @param value the value
     * @return the value itself if it is short, else its type
     */
    static std::string Describe(const Json& value)
    {
        const auto text = value.dump();
        constexpr std::size_t longest = 40;
        return text.size() <= longest ? text : "a long " + std::string(value.type_name());
    }

    static std::string At(const std::string& name, Eigen::Index index)
    {
        return name + '[' + std::to_string(index) + ']';
    }

    const Json& GetField(const char* name) const
    {
        const auto field = m_root.find(name);
        if (field == m_root.end())
        {
            throw std::invalid_argument(std::string(name) + " is missing");
        }
        return *field;
    }

    static double GetNumber(const Json& value, const std::string& at)
    {
        // The parser has refused NaN, infinities and overflows: a JSON number is finite.
        if (!value.is_number())
        {
            throw std::invalid_argument(at + " is " + Describe(value) + ": expected a number");
        }
        return value.get<double>();
    }

    static bool GetBoolean(const Json& value, const std::string& at)
    {
        if (value.is_boolean())
        {
            return value.get<bool>();
        }
        if (value == 0 || value == 1)
        {
            return value == 1;
        }
        throw std::invalid_argument(at + " is " + Describe(value) + ": expected true or false");
    }

    static const Json& CheckArray(const Json& value, const std::string& at)
    {
        if (!value.is_array())
        {
            throw std::invalid_argument(at + " is " + Describe(value) + ": expected an array");
        }
        return value;
    }

    static const Json& CheckLength(const Json& value,
                                   const std::string& at,
                                   Eigen::Index length,
                                   const char* meaning)
    {
        CheckArray(value, at);
        if (static_cast<Eigen::Index>(value.size()) != length)
        {
            throw std::invalid_argument(at + " has " + std::to_string(value.size()) +
                                        " entries: expected " + std::to_string(length) + " (" +
                                        meaning + ")");
        }
        return value;
    }

    const Json& GetArray(const char* name) const
    {
        return CheckArray(GetField(name), name);
    }

    /// @return T, taken from the first row of omega
    Eigen::Index CountTargets() const
    {
        const auto& omega = GetArray("omega");
        return omega.empty() ? 0 : CheckArray(omega[0], "omega[0]").size();
    }

    /// @return N, taken from the first vector of h, or of a if there are no UEs
    Eigen::Index CountAntennas() const
    {
        for (const char* name : {"h", "a"})
        {
            const auto& field = GetArray(name);
            if (!field.empty() && !CheckArray(field[0], At(name, 0)).empty())
            {
                const auto& vector = CheckArray(field[0][0], At(At(name, 0), 0));
                if (vector.empty())
                {
                    throw std::invalid_argument(At(At(name, 0), 0) +
                                                " is empty: expected at least one antenna");
                }
                return vector.size();
            }
        }
        return 1;
    }

    static void ReadVector(const Json& array, const char* name, Eigen::VectorXd& vector)
    {
        for (Eigen::Index i = 0; i < vector.size(); ++i)
        {
            vector(i) = GetNumber(array[i], At(name, i));
        }
    }

    /**
     * @brief Visits the entries of a field with one row per AP.
     * @param name the field's name
     * @param meaning what a row's length is
     * @param length length of a row; if 0, the field may be empty
     * @param nAps number of rows
     * @param visit called with AP, column, value and the value's place in words
     */
    template <typename Visit>
    void ReadTable(const char* name,
                   const char* meaning,
                   Eigen::Index length,
                   Eigen::Index nAps,
                   Visit visit) const
    {
        const auto& field = GetArray(name);
        if (length == 0 && field.empty())
        {
            return;
        }
        CheckLength(field, name, nAps, "M, the length of power");
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            const auto row = At(name, m);
            CheckLength(field[m], row, length, meaning);
            for (Eigen::Index i = 0; i < length; ++i)
            {
                visit(m, i, field[m][i], At(row, i));
            }
        }
    }

    void ReadStacked(const char* name,
                     const char* meaning,
                     Eigen::Index antennas,
                     Eigen::MatrixXcd& stacked) const
    {
        ReadTable(name,
                  meaning,
                  stacked.cols(),
                  stacked.rows() / antennas,
                  [&](auto m, auto i, const auto& vector, const auto& at) {
                      CheckLength(vector, at, antennas, "N, the antennas of every AP");
                      for (Eigen::Index n = 0; n < antennas; ++n)
                      {
                          const auto& x = vector[n];
                          if (!x.is_array() || x.size() != 2 || !x[0].is_number() ||
                              !x[1].is_number())
                          {
                              throw std::invalid_argument(At(at, n) + " is " + Describe(x) +
                                                          ": expected [re, im]");
                          }
                          stacked(m * antennas + n, i) = {x[0].template get<double>(),
                                                          x[1].template get<double>()};
                      }
                  });
    }

    const Json& m_root; //!< the line as JSON
};

/// A stacked matrix as [m][column][n] of [re, im].
Json
StackedToJson(const Eigen::MatrixXcd& stacked, Eigen::Index antennas)
{
    Json json = Json::array();
    for (Eigen::Index m = 0; m < stacked.rows() / antennas; ++m)
    {
        Json row = Json::array();
        for (Eigen::Index i = 0; i < stacked.cols(); ++i)
        {
            Json vector = Json::array();
            for (Eigen::Index n = 0; n < antennas; ++n)
            {
                const auto x = stacked(m * antennas + n, i);
                vector.push_back(Json::array({x.real(), x.imag()}));
            }
            row.push_back(std::move(vector));
        }
        json.push_back(std::move(row));
    }
    return json;
}

/// A matrix as an array of its rows.
template <typename Matrix>
Json
TableToJson(const Matrix& matrix)
{
    Json json = Json::array();
    for (Eigen::Index i = 0; i < matrix.rows(); ++i)
    {
        Json row = Json::array();
        for (Eigen::Index j = 0; j < matrix.cols(); ++j)
        {
            row.push_back(matrix(i, j));
        }
        json.push_back(std::move(row));
    }
    return json;
}

Json
VectorToJson(const Eigen::VectorXd& vector)
{
    return Json(std::vector<double>(vector.data(), vector.data() + vector.size()));
}

} // namespace

std::string
ReadProblemLine(const std::string& text, IsacProblemLine& line)
{
    try
    {
        const auto root = Json::parse(text);
        const ProblemReader reader(root);
        reader.Read(line.problem);
        line.sensingWeight = reader.ReadOptional("sensingWeight");
        line.minSinr = reader.ReadOptional("minSinr");
    }
    catch (const Json::exception& e)
    {
        // nlohmann-json starts its messages with an error code in brackets.
        const std::string what = e.what();
        const auto end = what.find("] ");
        return "not valid JSON: " + (end == std::string::npos ? what : what.substr(end + 2));
    }
    catch (const std::invalid_argument& e)
    {
        return e.what();
    }
    return FindProblemError(line.problem);
}

std::string
WriteProblemLine(const IsacProblemLine& line)
{
    const auto& problem = line.problem;
    Json json = {{"h", StackedToJson(problem.h, problem.nAntennas)},
                 {"a", StackedToJson(problem.a, problem.nAntennas)},
                 {"omega", TableToJson(problem.omega)},
                 {"power", VectorToJson(problem.power)},
                 {"noise", VectorToJson(problem.noise)},
                 {"sensingNoise", problem.sensingNoise}};
    if (problem.serving.size() != 0)
    {
        json["serving"] = TableToJson(problem.serving);
    }
    if (line.sensingWeight)
    {
        json["sensingWeight"] = *line.sensingWeight;
    }
    if (line.minSinr)
    {
        json["minSinr"] = *line.minSinr;
    }
    return json.dump();
}

std::string
WriteAnswerLine(const IsacAnswer& answer)
{
    Json json = {{"f", StackedToJson(answer.beams.f, answer.beams.nAntennas)},
                 {"rate", VectorToJson(answer.metrics.GetRate())},
                 {"sinr", VectorToJson(answer.metrics.GetSinr())},
                 {"sensingSnr", VectorToJson(answer.metrics.GetSensingSnr())},
                 {"objective", answer.objective},
                 {"iterations", answer.iterations},
                 {"seconds", answer.seconds}};
    if (answer.feasible)
    {
        json["feasible"] = *answer.feasible;
    }
    return json.dump();
}

std::string
WriteErrorLine(const std::string& message)
{
    // The parser may quote bytes that are not UTF-8.
    return Json{{"error", message}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace ns3
