// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-bler-table.h"

#include "ns3/abort.h"
#include "ns3/cell-free-attribute.h"
#include "ns3/log.h"
#include "ns3/string.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeBlerTable");

NS_OBJECT_ENSURE_REGISTERED(CellFreeBlerTable);

namespace
{

using Json = nlohmann::json;

/// Names of the MCS tables, as the attribute McsTable has them.
constexpr const char* QAM_64 = "64QAM";
/// @copydoc QAM_64
constexpr const char* QAM_256 = "256QAM";

/// @return the name of an MCS table. @param table the table
const char*
GetName(CellFreeMcsTable table)
{
    return table == CELL_FREE_MCS_64QAM ? QAM_64 : QAM_256;
}

} // namespace

/// Every error is a std::invalid_argument with one line of text.
class CellFreeBlerTable::Reader
{
  public:
    /**
     * @brief Reads the whole file.
     * @param root the file as JSON
     * @param[out] table what it holds
     */
    static void Read(const Json& root, Table& table)
    {
        CheckFields(root, "the file", {"mcsTable", "curves"});
        const auto& name = root["mcsTable"];
        if (name != QAM_64 && name != QAM_256)
        {
            Fail("mcsTable", name, "expected \"64QAM\" or \"256QAM\"");
        }
        table.mcsTable = name == QAM_64 ? CELL_FREE_MCS_64QAM : CELL_FREE_MCS_256QAM;
        const int nMcs = cellfree::GetNMcs(table.mcsTable);
        table.curves.resize(nMcs);
        const auto& curves = root["curves"];
        if (!curves.is_array())
        {
            Fail("curves", curves, "expected an array");
        }
        for (std::size_t i = 0; i < curves.size(); ++i)
        {
            ReadCurve(curves[i], "curves[" + std::to_string(i) + "]", table.curves);
        }
        for (int mcs = 0; mcs < nMcs; ++mcs)
        {
            auto& sizes = table.curves[mcs];
            if (sizes.empty())
            {
                throw std::invalid_argument("curves has none of mcs " + std::to_string(mcs) +
                                            ": expected one of every mcs from 0 to " +
                                            std::to_string(nMcs - 1));
            }
            std::sort(sizes.begin(), sizes.end(), [](const auto& a, const auto& b) {
                return a.bits < b.bits;
            });
        }
    }

  private:
    /// Reads one entry of curves. @param[in,out] curves those read before, by MCS
    static void ReadCurve(const Json& entry,
                          const std::string& at,
                          std::vector<std::vector<Curve>>& curves)
    {
        CheckFields(entry, at, {"mcs", "codeBlockBits", "snr_dB", "bler"});
        const auto& mcs = entry["mcs"];
        if (!mcs.is_number_unsigned() || mcs.get<uint64_t>() >= curves.size())
        {
            Fail(at + ".mcs",
                 mcs,
                 "expected an integer from 0 to " + std::to_string(curves.size() - 1));
        }
        auto& sizes = curves[mcs.get<std::size_t>()];
        Curve curve;
        curve.bits = GetNumber(entry["codeBlockBits"], at + ".codeBlockBits");
        if (!(curve.bits > 0.0))
        {
            Fail(at + ".codeBlockBits", entry["codeBlockBits"], "expected a number above 0");
        }
        if (std::any_of(sizes.begin(), sizes.end(), [&](const auto& other) {
                return other.bits == curve.bits;
            }))
        {
            Fail(at + ".codeBlockBits",
                 entry["codeBlockBits"],
                 "expected one curve of this size and mcs " + mcs.dump());
        }
        curve.decibels = ReadNumbers(entry["snr_dB"], at + ".snr_dB");
        curve.log10Bler = ReadNumbers(entry["bler"], at + ".bler");
        const std::size_t nPoints = curve.decibels.size();
        if (nPoints < 2)
        {
            Fail(at + ".snr_dB", entry["snr_dB"], "expected at least 2 numbers");
        }
        if (curve.log10Bler.size() != nPoints)
        {
            throw std::invalid_argument(at + ".bler has " + std::to_string(curve.log10Bler.size()) +
                                        " entries: expected " + std::to_string(nPoints) +
                                        " as snr_dB");
        }
        for (std::size_t i = 0; i < nPoints; ++i)
        {
            const auto index = "[" + std::to_string(i) + "]";
            const auto& bler = entry["bler"][i];
            if (i > 0 && !(curve.decibels[i] > curve.decibels[i - 1]))
            {
                Fail(at + ".snr_dB" + index,
                     entry["snr_dB"][i],
                     "expected more than the " + entry["snr_dB"][i - 1].dump() + " before");
            }
            if (!(curve.log10Bler[i] > 0.0 && curve.log10Bler[i] <= 1.0))
            {
                Fail(at + ".bler" + index, bler, "expected a number above 0, at most 1");
            }
            curve.log10Bler[i] = std::log10(curve.log10Bler[i]);
            if (i > 0 && curve.log10Bler[i] > curve.log10Bler[i - 1])
            {
                Fail(at + ".bler" + index,
                     bler,
                     "expected at most the " + entry["bler"][i - 1].dump() + " before");
            }
        }
        sizes.push_back(std::move(curve));
    }

    /// Refuses what is no object, or has not exactly these fields.
    static void CheckFields(const Json& value,
                            const std::string& at,
                            std::initializer_list<const char*> fields)
    {
        if (!value.is_object())
        {
            throw std::invalid_argument(at + " is " + Describe(value) + ": expected an object");
        }
        for (const auto& item : value.items())
        {
            if (std::find(fields.begin(), fields.end(), item.key()) == fields.end())
            {
                throw std::invalid_argument(at + " has the unknown field " +
                                            Describe(Json(item.key())));
            }
        }
        for (const char* field : fields)
        {
            if (!value.contains(field))
            {
                throw std::invalid_argument(at + " has no field " + field);
            }
        }
    }

    static double GetNumber(const Json& value, const std::string& at)
    {
        // The parser has refused NaN, infinities and overflows: a JSON number is finite.
        if (!value.is_number())
        {
            Fail(at, value, "expected a number");
        }
        return value.get<double>();
    }

    static std::vector<double> ReadNumbers(const Json& array, const std::string& at)
    {
        if (!array.is_array())
        {
            Fail(at, array, "expected an array of numbers");
        }
        std::vector<double> numbers;
        for (const auto& value : array)
        {
            numbers.push_back(GetNumber(value, at + "[" + std::to_string(numbers.size()) + "]"));
        }
        return numbers;
    }

    /// @return a value if it is short, else its type. @param value the value
    static std::string Describe(const Json& value)
    {
        const auto text = value.dump();
        constexpr std::size_t longest = 40;
        return text.size() <= longest ? text : "a long " + std::string(value.type_name());
    }

    [[noreturn]] static void Fail(const std::string& at,
                                  const Json& value,
                                  const std::string& expectation)
    {
        throw std::invalid_argument(at + " = " + Describe(value) + ": " + expectation);
    }
};

TypeId
CellFreeBlerTable::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeBlerTable")
                            .SetParent<CellFreeErrorModel>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeBlerTable>()
                            .AddAttribute("File",
                                          "Path of the JSON file that holds the curves (its fields "
                                          "are those that the class describes). Not to be set "
                                          "during a run.",
                                          StringValue(""),
                                          MakeStringAccessor(&CellFreeBlerTable::SetFile,
                                                             &CellFreeBlerTable::GetFile),
                                          MakeStringChecker());
    return tid;
}

CellFreeBlerTable::CellFreeBlerTable() = default;

CellFreeBlerTable::~CellFreeBlerTable() = default;

void
CellFreeBlerTable::DoInitialize()
{
    CheckTable();
    CellFreeErrorModel::DoInitialize();
}

void
CellFreeBlerTable::CheckTable() const
{
    NS_ABORT_MSG_IF(m_table.curves.empty(),
                    "CellFreeBlerTable::File is empty: expected the path of a table");
    NS_ABORT_MSG_IF(m_table.mcsTable != GetMcsTable(),
                    "CellFreeBlerTable::File = " << m_file << ": mcsTable = \""
                                                 << GetName(m_table.mcsTable) << "\": expected \""
                                                 << GetName(GetMcsTable())
                                                 << "\", the attribute McsTable");
}

double
CellFreeBlerTable::GetBler(int mcs, double sinr, uint32_t nSymbols) const
{
    CheckTable();
    const auto blocks = GetCodeBlocks(mcs, nSymbols);
    const auto& sizes = m_table.curves[mcs];
    // The first size from the block's on, or the one before if the ratio to that is smaller.
    auto curve =
        std::lower_bound(sizes.begin(), sizes.end(), blocks.bits, [](const Curve& c, double bits) {
            return c.bits < bits;
        });
    if (curve == sizes.end() || (curve != sizes.begin() &&
                                 blocks.bits * blocks.bits <= std::prev(curve)->bits * curve->bits))
    {
        --curve;
    }
    const double decibels = 10.0 * std::log10(sinr);
    if (!(decibels >= curve->decibels.front()))
    {
        return 1.0;
    }
    // The segment that ends at or above the SINR, or the last one.
    const auto end =
        std::upper_bound(curve->decibels.begin() + 1, curve->decibels.end() - 1, decibels);
    const auto i = static_cast<std::size_t>(end - curve->decibels.begin());
    const double slope = (curve->log10Bler[i] - curve->log10Bler[i - 1]) /
                         (curve->decibels[i] - curve->decibels[i - 1]);
    const double log10Bler = curve->log10Bler[i - 1] + slope * (decibels - curve->decibels[i - 1]);
    return GetBlerOfBlocks(std::pow(10.0, log10Bler), blocks.number);
}

std::string
CellFreeBlerTable::Read(const std::string& path, Table& table)
{
    std::ifstream stream(path);
    stream.peek(); // a folder opens as well, and fails here
    if (!stream.is_open() || stream.bad())
    {
        return "cannot be read";
    }
    try
    {
        Reader::Read(Json::parse(stream), table);
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
    return {};
}

std::string
CellFreeBlerTable::FindError(const std::string& path)
{
    Table table;
    return Read(path, table);
}

void
CellFreeBlerTable::SetFile(std::string path)
{
    cellfree::RefuseDuringRun(*this, "File");
    Table table;
    const auto error = path.empty() ? std::string() : Read(path, table);
    NS_ABORT_MSG_IF(!error.empty(), "CellFreeBlerTable::File = " << path << ": " << error);
    m_file = path;
    m_table = std::move(table);
    ForgetThresholds();
    NS_LOG_INFO("block error rates of " << path);
}

std::string
CellFreeBlerTable::GetFile() const
{
    return m_file;
}

} // namespace ns3
