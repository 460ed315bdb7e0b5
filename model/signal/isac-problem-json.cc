// SPDX-License-Identifier: GPL-2.0-only

#include "isac-problem-json.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace ns3
{

namespace
{

using Json = nlohmann::json;

/// Deeper than any field: a parser would take memory for every level.
constexpr int MAX_DEPTH = 8;

/// Every field that a line may have.
constexpr const char* FIELDS[] = {"h",
                                  "a",
                                  "omega",
                                  "power",
                                  "noise",
                                  "sensingNoise",
                                  "weight",
                                  "sensingWeight",
                                  "time",
                                  "ap",
                                  "ue",
                                  "target",
                                  "serving",
                                  "sensing",
                                  "band",
                                  "combiningGain",
                                  "hTrue",
                                  "errorVariance",
                                  "minSinr"};

/// Refuses text that is too long or nested too deeply, before anything is parsed.
std::string
FindExcess(const std::string& text)
{
    if (text.size() > IsacProblemLine::MAX_LENGTH)
    {
        return "the line is longer than " + std::to_string(IsacProblemLine::MAX_LENGTH) + " bytes";
    }
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        const char c = text[i];
        if (quoted)
        {
            i += c == '\\' ? 1 : 0;
            quoted = c != '"';
        }
        else if (c == '[' || c == '{')
        {
            if (++depth > MAX_DEPTH)
            {
                return "not valid JSON: more than " + std::to_string(MAX_DEPTH) +
                       " levels at byte " + std::to_string(i);
            }
        }
        else
        {
            depth -= c == ']' || c == '}' ? 1 : 0;
            quoted = c == '"';
        }
    }
    return {};
}

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
        for (const auto& [name, value] : root.items())
        {
            if (std::none_of(std::begin(FIELDS), std::end(FIELDS), [&name = name](auto field) {
                    return name == field;
                }))
            {
                throw std::invalid_argument("unknown field " + Describe(Json(name)));
            }
        }
    }

    /**
     * @brief Reads the whole line.
     * @param[out] line the line, its problem's values not yet checked
     */
    void Read(IsacProblemLine& line) const
    {
        auto& problem = line.problem;
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
        ReadStacked(GetField("h"), "h", "U, the length of noise", antennas, problem.h);
        ReadStacked(GetField("a"), "a", "T, the length of omega[0]", antennas, problem.a);
        ReadNumbers("omega", "T", problem.omega);
        if (m_root.contains("weight"))
        {
            CheckLength(m_root["weight"], "weight", nUes, "U, the length of noise");
            ReadVector(m_root["weight"], "weight", problem.weight);
        }
        line.hasSensingWeight = m_root.contains("sensingWeight");
        if (line.hasSensingWeight)
        {
            const auto& weight = m_root["sensingWeight"];
            if (weight.is_array())
            {
                CheckLength(weight, "sensingWeight", nTargets, "T, the length of omega[0]");
                ReadVector(weight, "sensingWeight", problem.sensingWeight);
            }
            else
            {
                const double common = GetNumber(weight, "sensingWeight");
                if (!(common >= 0 && common <= IsacProblem::MAX_WEIGHT))
                {
                    throw std::invalid_argument("sensingWeight = " + weight.dump() +
                                                ": expected a number from 0 to 1e12");
                }
                problem.sensingWeight.setConstant(common);
            }
        }
        if (m_root.contains("combiningGain"))
        {
            problem.combiningGain = GetNumber(m_root["combiningGain"], "combiningGain");
        }
        if (m_root.contains("errorVariance"))
        {
            problem.errorVariance.resize(nAps, nUes);
            ReadNumbers("errorVariance", "U", problem.errorVariance);
        }
        ReadMask("serving", "U", nUes, problem.serving);
        ReadMask("sensing", "T", nTargets, problem.sensing);
        line.minSinr = ReadOptional("minSinr");
        line.time = ReadOptional("time");
        const auto band = ReadIds("band", 1);
        line.band = band.empty() ? std::nullopt : std::optional(band.front());
        line.ap = ReadIds("ap", nAps);
        line.ue = ReadIds("ue", nUes);
        line.target = ReadIds("target", nTargets);
        ReadTrueChannels(problem, line.hTrue);
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
    /// Reads a table of numbers, M x columns. @param[in,out] table sized for them
    void ReadNumbers(const char* name, const char* meaning, Eigen::MatrixXd& table) const
    {
        ReadTable(
            GetField(name),
            name,
            meaning,
            table.cols(),
            table.rows(),
            [&](auto m, auto i, const auto& x, const auto& at) { table(m, i) = GetNumber(x, at); });
    }

    /// Reads an optional mask; @param[out] mask empty if the line has none
    void ReadMask(const char* name,
                  const char* meaning,
                  Eigen::Index length,
                  Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic>& mask) const
    {
        if (!m_root.contains(name))
        {
            return;
        }
        const auto nAps = static_cast<Eigen::Index>(GetArray("power").size());
        mask.resize(nAps, length);
        ReadTable(
            m_root[name],
            name,
            meaning,
            length,
            nAps,
            [&](auto m, auto i, const auto& x, const auto& at) { mask(m, i) = GetBoolean(x, at); });
    }

    /// Reads node ids, or one index. @return them, or nothing if the line has no such field
    std::vector<uint32_t> ReadIds(const char* name, Eigen::Index length) const
    {
        if (!m_root.contains(name))
        {
            return {};
        }
        const auto& field = m_root[name];
        const Json list = field.is_array() ? field : Json::array({field});
        CheckLength(list, name, length, "one id each");
        std::vector<uint32_t> ids;
        for (const auto& id : list)
        {
            if (!id.is_number_unsigned() || id.get<uint64_t>() > UINT32_MAX)
            {
                throw std::invalid_argument(std::string(name) + " has " + Describe(id) +
                                            ": expected an integer from 0 to 4294967295");
            }
            ids.push_back(id.get<uint32_t>());
        }
        return ids;
    }

    /// Reads hTrue, one channel or a list of them.
    void ReadTrueChannels(const IsacProblem& problem, std::vector<Eigen::MatrixXcd>& channels) const
    {
        channels.clear();
        if (!m_root.contains("hTrue"))
        {
            return;
        }
        // [m][u][n][re] is a number, and [k][m][u][n] is an array.
        const auto& field = CheckArray(m_root["hTrue"], "hTrue");
        const Json* inner = &field;
        for (int level = 0; level < 4 && inner; ++level)
        {
            inner = inner->is_array() && !inner->empty() ? &inner->front() : nullptr;
        }
        const bool isList = inner && inner->is_array();
        const std::size_t count = isList ? field.size() : 1;
        for (std::size_t k = 0; k < count; ++k)
        {
            channels.emplace_back(problem.h.rows(), problem.h.cols());
            const auto at = isList ? At("hTrue", k) : std::string("hTrue");
            ReadStacked(isList ? field[k] : field,
                        at,
                        "U, the length of noise",
                        problem.nAntennas,
                        channels.back());
        }
    }

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
     * @param field the field
     * @param name its name
     * @param meaning what a row's length is
     * @param length length of a row; if 0, the field may be empty
     * @param nAps number of rows
     * @param visit called with AP, column, value and the value's place in words
     */
    template <typename Visit>
    static void ReadTable(const Json& field,
                          const std::string& name,
                          const char* meaning,
                          Eigen::Index length,
                          Eigen::Index nAps,
                          Visit visit)
    {
        if (length == 0 && CheckArray(field, name).empty())
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

    static void ReadStacked(const Json& field,
                            const std::string& name,
                            const char* meaning,
                            Eigen::Index antennas,
                            Eigen::MatrixXcd& stacked)
    {
        ReadTable(field,
                  name,
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
cellfree::ReadProblemLine(const std::string& text, IsacProblemLine& line)
{
    if (auto error = FindExcess(text); !error.empty())
    {
        return error;
    }
    try
    {
        const auto root = Json::parse(text);
        const ProblemReader reader(root);
        reader.Read(line);
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
    return cellfree::FindProblemError(line.problem);
}

std::string
cellfree::WriteProblemLine(const IsacProblemLine& line)
{
    const auto& problem = line.problem;
    Json json = {{"h", StackedToJson(problem.h, problem.nAntennas)},
                 {"a", StackedToJson(problem.a, problem.nAntennas)},
                 {"omega", TableToJson(problem.omega)},
                 {"power", VectorToJson(problem.power)},
                 {"noise", VectorToJson(problem.noise)},
                 {"sensingNoise", problem.sensingNoise}};
    json["weight"] = VectorToJson(problem.weight);
    json["combiningGain"] = problem.combiningGain;
    if (line.hasSensingWeight)
    {
        json["sensingWeight"] = VectorToJson(problem.sensingWeight);
    }
    if (problem.errorVariance.size() != 0)
    {
        json["errorVariance"] = TableToJson(problem.errorVariance);
    }
    if (problem.serving.size() != 0)
    {
        json["serving"] = TableToJson(problem.serving);
    }
    if (problem.sensing.size() != 0)
    {
        json["sensing"] = TableToJson(problem.sensing);
    }
    if (line.minSinr)
    {
        json["minSinr"] = *line.minSinr;
    }
    if (line.time)
    {
        json["time"] = *line.time;
    }
    if (line.band)
    {
        json["band"] = *line.band;
    }
    for (const auto& [name, ids] :
         {std::pair("ap", &line.ap), std::pair("ue", &line.ue), std::pair("target", &line.target)})
    {
        if (!ids->empty())
        {
            json[name] = *ids;
        }
    }
    if (line.hTrue.size() == 1)
    {
        json["hTrue"] = StackedToJson(line.hTrue.front(), problem.nAntennas);
    }
    else if (!line.hTrue.empty())
    {
        json["hTrue"] = Json::array();
        for (const auto& channel : line.hTrue)
        {
            json["hTrue"].push_back(StackedToJson(channel, problem.nAntennas));
        }
    }
    return json.dump();
}

std::string
cellfree::WriteAnswerLine(const IsacAnswer& answer)
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
    if (answer.trueRate.size() > 0)
    {
        json["trueRate"] = VectorToJson(answer.trueRate);
        json["trueSinr"] = VectorToJson(
            answer.trueRate.unaryExpr([](double x) { return std::expm1(x * std::log(2.0)); }));
    }
    if (answer.expectedRate.size() > 0)
    {
        json["expectedRate"] = VectorToJson(answer.expectedRate);
    }
    return json.dump();
}

std::string
cellfree::WriteErrorLine(const std::string& message)
{
    // The parser may quote bytes that are not UTF-8.
    return Json{{"error", message}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace ns3
