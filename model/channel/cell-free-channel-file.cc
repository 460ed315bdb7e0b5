// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-channel-file.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <stdexcept>

namespace ns3
{

namespace
{

constexpr const char* FORMAT = "cellfree-isac-channel";
constexpr double VERSION = 1;
constexpr uint64_t MAX_ROW_VALUES = uint64_t(1) << 26; //!< doubles of a row: 512 MiB
constexpr uint64_t MAX_ROWS = uint64_t(1) << 28;
constexpr uint64_t BLOCK_BYTES = uint64_t(1) << 24; //!< read at once
constexpr uint64_t BLOCK_ROWS = 1024;               //!< read at once
/// gzip makes no more than this of a byte; twice for float as double.
constexpr uint64_t MAX_EXPANSION = 2100;
constexpr uint64_t SMALL_BYTES = 1 << 20; //!< need no such check
constexpr double HALF_NANOSECOND = 0.5e-9;

constexpr double ANY = std::numeric_limits<double>::max();
/// What amplifies more than this is in decibels, or wrong.
constexpr double MAX_GAIN = 1e3;
constexpr double FULL_TURN = 2 * M_PI + 1e-6;
constexpr double RIGHT_ANGLE = M_PI / 2 + 1e-6;

/// Names of the axes, by the letters that the rules have for them.
const std::map<char, const char*> AXES{{'K', "time"},
                                       {'P', "time"},
                                       {'S', "time"},
                                       {'E', "time"},
                                       {'G', "lag"},
                                       {'M', "ap"},
                                       {'U', "ue"},
                                       {'T', "target"},
                                       {'X', "transmitter"},
                                       {'R', "receiver"},
                                       {'B', "band"},
                                       {'N', "antenna"},
                                       {'O', "antenna"},
                                       {'L', "path"},
                                       {'C', "coordinate"}};

template <typename T>
std::string
ToText(const T& value)
{
    std::ostringstream text;
    text.precision(10);
    text << value;
    return text.str();
}

std::string
ToText(const std::vector<uint64_t>& shape)
{
    std::string text;
    for (const auto size : shape)
    {
        text += (text.empty() ? "" : ",") + std::to_string(size);
    }
    return "[" + text + "]";
}

} // namespace

/// What an array has to be.
struct CellFreeChannelFile::Rule
{
    const char* name; //!< its name
    const char* axes; //!< letters of its axes
    bool isComplex;   //!< whether values are complex
    char kind; //!< what files need it: c of coefficients, p of paths; C, P: may have it; - any may
    const char* unit; //!< unit of its values
    double least;     //!< least value, of a part where complex
    double most;      //!< largest value
};

const std::vector<CellFreeChannelFile::Rule>&
CellFreeChannelFile::GetRules()
{
    static const std::vector<Rule> rules{
        {"time", "K", false, '+', "s", 0, 1e9},
        {"coefficients", "KMUBN", true, 'c', "1", -MAX_GAIN, MAX_GAIN},
        {"squaredNorm", "KMU", false, 'C', "1", 0, ANY},
        {"mean", "KMUBN", true, 'C', "1", -MAX_GAIN, MAX_GAIN},
        {"delay", "KMUL", false, 'p', "s", 0, 1},
        {"gain", "KMUL", false, 'p', "1", 0, MAX_GAIN},
        {"phase", "KMUL", false, 'p', "rad", -1e6, 1e6},
        {"departureAzimuth", "KMUL", false, 'p', "rad", -FULL_TURN, FULL_TURN},
        {"departureElevation", "KMUL", false, 'p', "rad", -RIGHT_ANGLE, RIGHT_ANGLE},
        {"arrivalAzimuth", "KMUL", false, 'P', "rad", -FULL_TURN, FULL_TURN},
        {"arrivalElevation", "KMUL", false, 'P', "rad", -RIGHT_ANGLE, RIGHT_ANGLE},
        {"doppler", "KMUL", false, 'P', "Hz", -1e9, 1e9},
        {"positions/time", "P", false, '-', "s", 0, 1e9},
        {"positions/ap", "PMC", false, '-', "m", -1e9, 1e9},
        {"positions/ue", "PUC", false, '-', "m", -1e9, 1e9},
        {"positions/target", "PTC", false, '-', "m", -1e9, 1e9},
        {"statistics/time", "S", false, '-', "s", 0, 1e9},
        {"statistics/gain", "SMU", false, '-', "1", 0, MAX_GAIN},
        {"statistics/covariance", "SMUBNO", true, 'C', "1", -MAX_GAIN, MAX_GAIN},
        {"statistics/lag", "G", false, '-', "s", 0, 1e9},
        {"statistics/autocorrelation", "SMUG", false, '-', "1", -1 - 1e-9, 1 + 1e-9},
        {"echoes/time", "E", false, '-', "s", 0, 1e9},
        {"echoes/gain", "ETXR", false, '-', "1", 0, MAX_GAIN},
    };
    return rules;
}

CellFreeChannelFile::CellFreeChannelFile(const std::string& path)
    : m_path(path),
      m_file(cellfree::OpenArrayFile(path, false))
{
    ReadAttributes();
    for (const auto& entry : m_file->List())
    {
        const auto& rules = GetRules();
        const bool isKnown = std::any_of(rules.begin(), rules.end(), [&entry](const Rule& rule) {
            const std::string name = rule.name;
            return entry.isGroup ? name.rfind(entry.name + "/", 0) == 0 : name == entry.name;
        });
        if (!isKnown)
        {
            Fail(entry.name,
                 "is " + std::string(entry.isGroup ? "a group" : "an array") +
                     " that version 1 of the schema does not know");
        }
        if (!entry.isGroup)
        {
            m_arrays[entry.name].entry = entry;
        }
    }
    m_sizes['C'] = 3;
    for (const auto& rule : GetRules())
    {
        if (m_arrays.count(rule.name) > 0)
        {
            Check(rule);
        }
        else if (rule.kind == '+' || rule.kind == (m_hasPaths ? 'p' : 'c'))
        {
            Fail(rule.name,
                 std::string("is missing: expected it in a file of ") +
                     (m_hasPaths ? "paths" : "coefficients"));
        }
    }
    for (const char* name : {"positions/ap", "positions/ue", "positions/target"})
    {
        CheckNeeds(name, "positions/time");
    }
    CheckNeeds("mean", "statistics/covariance");
    CheckNeeds("statistics/covariance", "statistics/gain");
    CheckNeeds("statistics/autocorrelation", "statistics/gain");
    CheckNeeds("statistics/autocorrelation", "statistics/lag");
    CheckNeeds("statistics/gain", "statistics/time");
    CheckNeeds("echoes/gain", "echoes/time");
    const auto& times = GetTimes("time");
    if (times.size() == 1)
    {
        m_end = std::numeric_limits<double>::infinity();
    }
    else if (m_end == 0.0)
    {
        m_end = 2 * times.back() - times[times.size() - 2];
    }
}

CellFreeChannelFile::~CellFreeChannelFile() = default;

void
CellFreeChannelFile::Fail(const std::string& name, const std::string& what) const
{
    throw std::runtime_error(m_path + ": " + (name.empty() ? "" : "/" + name + ": ") + what);
}

void
CellFreeChannelFile::CheckNeeds(const char* name, const char* needed) const
{
    if (Has(name) && !Has(needed))
    {
        Fail(needed, "is missing: expected it beside /" + std::string(name));
    }
}

void
CellFreeChannelFile::ReadAttributes()
{
    const auto readText = [this](const char* name,
                                 const std::string& usual,
                                 const std::string& one,
                                 const std::string& other) {
        const auto text = m_file->FindText("", name).value_or(usual);
        if (text != one && text != other)
        {
            Fail("",
                 "attribute " + std::string(name) +
                     (text.empty() ? " is missing" : " = \"" + text.substr(0, 40) + "\"") +
                     ": expected " + one + (one == other ? "" : " or " + other));
        }
        return text;
    };
    const auto readNumber = [this](const char* name, double usual, double least, double most) {
        const double number = m_file->FindNumber("", name).value_or(usual);
        if (!(number >= least && number <= most))
        {
            Fail("",
                 "attribute " + std::string(name) +
                     (std::isnan(number) ? " is missing" : " = " + ToText(number)) + ": expected " +
                     ToText(least) + (least == most ? "" : " to " + ToText(most)));
        }
        return number;
    };
    const double missing = std::numeric_limits<double>::quiet_NaN();
    readText("format", "", FORMAT, FORMAT);
    readNumber("version", missing, VERSION, VERSION);
    m_hasPaths = readText("kind", "", "coefficients", "paths") == "paths";
    m_frequency = readNumber("frequency", missing, 1e6, 1e12);
    if (!m_hasPaths)
    {
        m_bandwidth = readNumber("bandwidth", missing, 1e3, 1e11);
    }
    m_holds = readText("interpolation", "linear", "linear", "hold") == "hold";
    m_movesNodes = readText("mobility", "file", "file", "scenario") == "file";
    m_lacksElementGains =
        readText("elementGains", "excluded", "excluded", "included") == "excluded";
    m_end = readNumber("end", 0.0, 0.0, 1e9);
}

void
CellFreeChannelFile::Check(const Rule& rule)
{
    auto& array = m_arrays[rule.name];
    const auto& entry = array.entry;
    const bool isOther =
        m_hasPaths ? rule.kind == 'C' || rule.kind == 'c' : rule.kind == 'P' || rule.kind == 'p';
    if (isOther)
    {
        Fail(rule.name,
             std::string("is in a file of ") + (m_hasPaths ? "paths" : "coefficients") +
                 ": expected it in one of " + (m_hasPaths ? "coefficients" : "paths"));
    }
    if (entry.isComplex != rule.isComplex)
    {
        Fail(rule.name,
             std::string("expected ") + (rule.isComplex ? "complex" : "real") + " numbers");
    }
    std::string axes;
    std::vector<uint64_t> expected;
    const auto nAxes = std::string(rule.axes).size();
    for (std::size_t i = 0; i < nAxes; ++i)
    {
        char axis = rule.axes[i];
        axes += (i == 0 ? "" : ",") + std::string(AXES.at(axis));
        axis = axis == 'O' ? 'N' : axis == 'X' || axis == 'R' ? 'M' : axis;
        const uint64_t size = i < entry.shape.size() ? entry.shape[i] : 0;
        expected.push_back(m_sizes.emplace(axis, size).first->second);
    }
    const auto given = m_file->FindText(rule.name, "axes").value_or("");
    if (given != axes)
    {
        Fail(rule.name,
             "attribute axes" +
                 (given.empty() ? " is missing" : " = \"" + given.substr(0, 80) + "\"") +
                 ": expected " + axes);
    }
    const auto unit = m_file->FindText(rule.name, "unit").value_or("");
    if (unit != rule.unit)
    {
        Fail(rule.name,
             "attribute unit" +
                 (unit.empty() ? " is missing" : " = \"" + unit.substr(0, 40) + "\"") +
                 ": expected " + rule.unit);
    }
    if (entry.shape != expected)
    {
        Fail(
            rule.name,
            "has the shape " + ToText(entry.shape) + ": expected " +
                (entry.shape.size() == nAxes ? ToText(expected) : std::to_string(nAxes) + " axes") +
                " of " + axes);
    }
    array.rowValues = rule.isComplex ? 2 : 1;
    for (std::size_t i = 0; i < nAxes; ++i)
    {
        if (entry.shape[i] == 0)
        {
            Fail(rule.name,
                 "has no " + std::string(AXES.at(rule.axes[i])) + ": expected at least one");
        }
        if (i > 0)
        {
            // Neither factor is so large that this could overflow.
            if (entry.shape[i] > MAX_ROW_VALUES ||
                (array.rowValues *= entry.shape[i]) > MAX_ROW_VALUES)
            {
                Fail(rule.name,
                     "has the shape " + ToText(entry.shape) + ": expected at most " +
                         std::to_string(MAX_ROW_VALUES) + " numbers a row");
            }
        }
    }
    const auto rows = entry.shape[0];
    if (rows > MAX_ROWS ||
        rows * array.rowValues > SMALL_BYTES + entry.storedBytes * MAX_EXPANSION / sizeof(double))
    {
        Fail(rule.name,
             "has the shape " + ToText(entry.shape) + " but " + std::to_string(entry.storedBytes) +
                 " bytes in the file: expected values to be there");
    }
    // In whole chunks where they are not too large, so that each is unpacked once.
    const auto limit = std::max<uint64_t>(BLOCK_BYTES / (sizeof(double) * array.rowValues), 1);
    const auto chunk = std::max<uint64_t>(entry.chunkRows, 1);
    array.blockRows = std::min(limit, BLOCK_ROWS);
    if (chunk <= limit)
    {
        array.blockRows = std::max<uint64_t>(array.blockRows / chunk, 1) * chunk;
    }
    array.blockRows = std::min(array.blockRows, rows);
    CheckValues(rule, array);
    if (nAxes == 1)
    {
        ReadAxis(rule.name);
    }
}

void
CellFreeChannelFile::CheckValues(const Rule& rule, Array& array)
{
    const auto& shape = array.entry.shape;
    std::vector<double> values;
    for (uint64_t first = 0; first < shape[0]; first += array.blockRows)
    {
        const auto count = std::min(array.blockRows, shape[0] - first);
        values.resize(count * array.rowValues);
        m_file->Read(rule.name, first, count, values.data());
        const auto bad = std::find_if(values.begin(), values.end(), [&rule](double value) {
            return !(value >= rule.least && value <= rule.most);
        });
        if (bad == values.end())
        {
            continue;
        }
        uint64_t place =
            (first * array.rowValues + (bad - values.begin())) / (rule.isComplex ? 2 : 1);
        std::vector<uint64_t> indices(shape.size());
        for (std::size_t i = shape.size(); i-- > 0;)
        {
            indices[i] = place % shape[i];
            place /= shape[i];
        }
        Fail(rule.name + ToText(indices),
             "is " + ToText(*bad) + ": expected " +
                 (!std::isfinite(*bad)
                      ? "a finite number"
                      : (rule.most == ANY ? "at least " + ToText(rule.least)
                                          : ToText(rule.least) + " to " + ToText(rule.most))));
    }
}

void
CellFreeChannelFile::ReadAxis(const std::string& name)
{
    auto& values = m_axes[name];
    values.resize(m_arrays[name].entry.shape[0]);
    m_file->Read(name, 0, values.size(), values.data());
    for (std::size_t i = 1; i < values.size(); ++i)
    {
        if (values[i] <= values[i - 1] + HALF_NANOSECOND)
        {
            Fail(name,
                 "has " + ToText(values[i]) + " after " + ToText(values[i - 1]) +
                     ": expected ascending values");
        }
    }
}

const std::string&
CellFreeChannelFile::GetPath() const
{
    return m_path;
}

bool
CellFreeChannelFile::HasPaths() const
{
    return m_hasPaths;
}

double
CellFreeChannelFile::GetFrequency() const
{
    return m_frequency;
}

double
CellFreeChannelFile::GetBandwidth() const
{
    return m_bandwidth;
}

uint64_t
CellFreeChannelFile::GetNAps() const
{
    return m_sizes.at('M');
}

uint64_t
CellFreeChannelFile::GetNUes() const
{
    return m_sizes.at('U');
}

uint64_t
CellFreeChannelFile::GetNTargets() const
{
    return Has("positions/target") ? m_sizes.at('T') : 0;
}

uint64_t
CellFreeChannelFile::GetNEchoTargets() const
{
    return Has("echoes/gain") ? m_sizes.at('T') : 0;
}

uint64_t
CellFreeChannelFile::GetNBands() const
{
    return m_hasPaths ? 0 : m_sizes.at('B');
}

uint64_t
CellFreeChannelFile::GetNAntennas() const
{
    return m_hasPaths ? 0 : m_sizes.at('N');
}

uint64_t
CellFreeChannelFile::GetNPaths() const
{
    return m_hasPaths ? m_sizes.at('L') : 0;
}

double
CellFreeChannelFile::GetEnd() const
{
    return m_end;
}

bool
CellFreeChannelFile::LacksElementGains() const
{
    return m_hasPaths && m_lacksElementGains;
}

bool
CellFreeChannelFile::MovesNodes() const
{
    return m_movesNodes;
}

bool
CellFreeChannelFile::Has(const std::string& name) const
{
    return m_arrays.count(name) > 0;
}

const std::vector<double>&
CellFreeChannelFile::GetTimes(const std::string& timeName) const
{
    return m_axes.at(timeName);
}

std::vector<double>
CellFreeChannelFile::GetLags() const
{
    return Has("statistics/autocorrelation") ? m_axes.at("statistics/lag") : std::vector<double>();
}

CellFreeChannelFile::Place
CellFreeChannelFile::Find(const std::string& timeName, double seconds) const
{
    const auto& times = m_axes.at(timeName);
    const auto next = std::upper_bound(times.begin(), times.end(), seconds + HALF_NANOSECOND);
    Place place;
    place.before = next == times.begin() ? 0 : next - times.begin() - 1;
    place.after = std::min<uint64_t>(place.before + 1, times.size() - 1);
    place.elapsed = seconds - times[place.before];
    place.left = times[place.after] - seconds;
    const bool isBetween = place.after > place.before && place.elapsed > HALF_NANOSECOND;
    // Nodes move between the times whatever the channel does.
    if (isBetween && (!m_holds || timeName == "positions/time"))
    {
        place.weight = place.elapsed / (times[place.after] - times[place.before]);
    }
    return place;
}

const double*
CellFreeChannelFile::GetRow(const std::string& name, uint64_t row)
{
    auto& array = m_arrays.at(name);
    const auto first = row / array.blockRows * array.blockRows;
    auto& blocks = array.blocks;
    auto found = std::find_if(blocks.begin(), blocks.end(), [first](const Block& block) {
        return block.first == first;
    });
    if (found == blocks.end())
    {
        if (blocks.size() < 2)
        {
            blocks.emplace_front();
        }
        else
        {
            blocks.splice(blocks.begin(), blocks, std::prev(blocks.end()));
        }
        found = blocks.begin();
        const auto count = std::min(array.blockRows, array.entry.shape[0] - first);
        found->values.resize(count * array.rowValues);
        m_file->Read(name, first, count, found->values.data());
        found->first = first;
    }
    else if (found != blocks.begin())
    {
        blocks.splice(blocks.begin(), blocks, found);
    }
    return found->values.data() + (row - first) * array.rowValues;
}

const char*
CellFreeChannelFile::GetFieldName(PathField field)
{
    static const char* const names[PATH_FIELDS] =
        {"delay", "gain", "phase", "departureAzimuth", "departureElevation", "doppler"};
    return names[field];
}

std::array<double, 3>
CellFreeChannelFile::GetPosition(const std::string& role, uint64_t index, double seconds)
{
    const auto name = "positions/" + role;
    const auto place = Find("positions/time", seconds);
    const double* before = GetRow(name, place.before) + 3 * index;
    const double* after = GetRow(name, place.after) + 3 * index;
    std::array<double, 3> position;
    for (int i = 0; i < 3; ++i)
    {
        position[i] = (1 - place.weight) * before[i] + place.weight * after[i];
    }
    return position;
}

} // namespace ns3
