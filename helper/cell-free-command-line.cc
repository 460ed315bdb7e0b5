// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-command-line.h"

#include "ns3/double.h"
#include "ns3/global-value.h"
#include "ns3/integer.h"
#include "ns3/string.h"
#include "ns3/type-id.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <utility>

namespace ns3
{

namespace
{

/// ns-3's arguments that print and exit.
constexpr const char* PRINTING_ARGUMENTS[] = {"PrintHelp",
                                              "help",
                                              "PrintVersion",
                                              "version",
                                              "PrintGroups",
                                              "PrintTypeIds",
                                              "PrintGlobals",
                                              "PrintGroup",
                                              "PrintAttributes"};

/// ns-3's units of time, in seconds.
constexpr std::pair<const char*, double> TIME_UNITS[] = {{"", 1.0},
                                                         {"s", 1.0},
                                                         {"ms", 1e-3},
                                                         {"us", 1e-6},
                                                         {"ns", 1e-9},
                                                         {"ps", 1e-12},
                                                         {"fs", 1e-15},
                                                         {"min", 60.0},
                                                         {"h", 3600.0},
                                                         {"d", 86400.0},
                                                         {"y", 31536000.0}};

/// Times of ns-3's default resolution end at 2^63 ns (s).
constexpr double MAX_TIME = 9.2e9;

/// Seeds of ns-3's MRG32k3a are below its second modulus.
constexpr uint32_t MAX_SEED = 4294944442;

/// An argument: its name without dashes, and what follows "=".
struct Argument
{
    bool isOption{false}; //!< true if it starts with a dash
    std::string name;     //!< empty if it is no option
    bool hasValue{false}; //!< true if there is a "="
    std::string value;    //!< may be empty

    /// @param text the argument
    explicit Argument(const std::string& text)
    {
        const auto dashes = text.rfind("--", 0) == 0 ? 2 : text.rfind('-', 0) == 0 ? 1 : 0;
        isOption = dashes > 0;
        const auto equal = text.find('=');
        hasValue = equal != std::string::npos;
        if (isOption)
        {
            name = text.substr(dashes, hasValue ? equal - dashes : equal);
            value = hasValue ? text.substr(equal + 1) : "";
        }
    }
};

/// What a checker says of its range, such as "uint32_t 1:20", for a reader: ", 1 to 20".
std::string
DescribeRange(const std::string& information)
{
    const auto blank = information.find(' ');
    const auto colon = information.find(':', blank);
    if (blank == std::string::npos || colon == std::string::npos)
    {
        return {};
    }
    const auto min = information.substr(blank + 1, colon - blank - 1);
    const auto max = information.substr(colon + 1);
    // The limits of double, int64_t, uint64_t and Time are no limits that a user wants to read.
    const bool hasMin = std::strtod(min.c_str(), nullptr) > -9.2e18;
    const bool hasMax = std::strtod(max.c_str(), nullptr) < 9.2e18;
    return hasMin && hasMax ? ", " + min + " to " + max
           : hasMin         ? " >= " + min
           : hasMax         ? " <= " + max
                            : "";
}

/// What is wrong with a class and its attributes in brackets, as ns-3's ObjectFactory reads them.
std::string
FindFactoryError(const std::string& text, const std::string& base)
{
    const auto bracket = text.find('[');
    const auto name = text.substr(0, bracket);
    TypeId tid;
    if (!TypeId::LookupByNameFailSafe(name, &tid))
    {
        return "expected a class" + (base.empty() ? "" : " derived from " + base) + ", '" + name +
               "' is not known";
    }
    TypeId baseId;
    const bool hasBase = !base.empty() && TypeId::LookupByNameFailSafe(base, &baseId);
    if (!tid.HasConstructor() || (hasBase && tid != baseId && !tid.IsChildOf(baseId)))
    {
        return "expected a class that can be made" + (base.empty() ? "" : ", derived from " + base);
    }
    if (bracket == std::string::npos)
    {
        return {};
    }
    if (text.back() != ']')
    {
        return "expected CLASS[ATTRIBUTE=VALUE|...]";
    }
    std::istringstream attributes(text.substr(bracket + 1, text.size() - bracket - 2));
    for (std::string part; std::getline(attributes, part, '|');)
    {
        const auto equal = part.find('=');
        const auto attribute = part.substr(0, equal);
        TypeId::AttributeInformation information;
        if (equal == std::string::npos || !tid.LookupAttributeByName(attribute, &information))
        {
            return name + " has no attribute '" + attribute + "'";
        }
        const auto error =
            CellFreeCommandLine::FindValueError(information.checker, part.substr(equal + 1));
        if (!error.empty())
        {
            return attribute + " in brackets: " + error;
        }
    }
    return {};
}

/// A global value by its name, or null.
GlobalValue*
FindGlobal(const std::string& name)
{
    for (auto global = GlobalValue::Begin(); global != GlobalValue::End(); ++global)
    {
        if ((*global)->GetName() == name)
        {
            return *global;
        }
    }
    return nullptr;
}

/// What is wrong with "--NAME=VALUE" for an attribute or a global value of ns-3.
std::string
FindAttributeError(const std::string& name, const std::string& value)
{
    if (const auto* global = FindGlobal(name))
    {
        uint64_t seed = 0;
        const auto end = value.data() + value.size();
        if (name == "RngSeed" &&
            (std::from_chars(value.data(), end, seed).ptr != end || seed < 1 || seed > MAX_SEED))
        {
            return "expected an integer, 1 to " + std::to_string(MAX_SEED);
        }
        return CellFreeCommandLine::FindValueError(global->GetChecker(), value);
    }
    const auto colons = name.rfind("::");
    if (colons == std::string::npos)
    {
        return "unknown option; --PrintHelp lists them";
    }
    const auto className = name.substr(0, colons);
    const auto attribute = name.substr(colons + 2);
    TypeId tid;
    if (!TypeId::LookupByNameFailSafe(className, &tid))
    {
        return "class " + className + " is not known";
    }
    for (std::size_t i = 0; i < tid.GetAttributeN(); ++i)
    {
        if (tid.GetAttribute(i).name == attribute)
        {
            return CellFreeCommandLine::FindValueError(tid.GetAttribute(i).checker, value);
        }
    }
    for (auto parent = tid.GetParent(); parent != parent.GetParent(); parent = parent.GetParent())
    {
        for (std::size_t i = 0; i < parent.GetAttributeN(); ++i)
        {
            if (parent.GetAttribute(i).name == attribute)
            {
                return "the attribute is called " + parent.GetAttributeFullName(i);
            }
        }
    }
    return className + " has no attribute " + attribute + "; --PrintAttributes=" + className +
           " lists them";
}

/// A text in one line, whatever a user put into it.
std::string
InOneLine(std::string text)
{
    std::replace_if(
        text.begin(),
        text.end(),
        [](unsigned char c) { return c < ' '; },
        '?');
    return text;
}

} // namespace

CellFreeCommandLine::CellFreeCommandLine(const std::string& file)
    : m_commandLine(file),
      m_name(std::filesystem::path(file).stem().string())
{
}

void
CellFreeCommandLine::Usage(const std::string& text)
{
    m_commandLine.Usage(text);
}

void
CellFreeCommandLine::Refuse(const std::string& message) const
{
    std::cerr << m_name << ": " << message << std::endl;
    std::exit(1);
}

void
CellFreeCommandLine::RefuseIf(const std::string& message) const
{
    if (!message.empty())
    {
        Refuse(message);
    }
}

void
CellFreeCommandLine::Parse(int argc, char* argv[])
{
    const std::vector<std::string> all(argv, argv + argc);
    const std::vector<std::string> arguments(all.begin() + std::min(argc, 1), all.end());
    for (const auto& text : arguments)
    {
        const Argument argument(text);
        const auto known =
            std::find(std::begin(PRINTING_ARGUMENTS), std::end(PRINTING_ARGUMENTS), argument.name);
        if (!argument.isOption || known == std::end(PRINTING_ARGUMENTS))
        {
            continue;
        }
        TypeId tid;
        if (argument.name == "PrintAttributes" &&
            !TypeId::LookupByNameFailSafe(argument.value, &tid))
        {
            Refuse(InOneLine(text) +
                   ": expected the name of a class, such as ns3::" + "CellFreeCpu");
        }
        m_commandLine.Parse({m_name, text}); // prints and exits
    }
    RefuseIf(Read(arguments));
    m_commandLine.Parse({m_name}); // writes ns-3's documentation where its environment asks for it
}

std::string
CellFreeCommandLine::Read(const std::vector<std::string>& arguments)
{
    for (const auto& text : arguments)
    {
        const Argument argument(text);
        if (!argument.isOption)
        {
            return "stray argument '" + InOneLine(text) + "': expected --NAME=VALUE";
        }
        const auto option = std::find_if(m_options.begin(), m_options.end(), [&](const auto& o) {
            return o.name == argument.name;
        });
        const bool isOwn = option != m_options.end();
        std::string error;
        if (!argument.hasValue && (isOwn ? !option->isFlag : FindGlobal(argument.name) != nullptr))
        {
            error = "expected --" + argument.name + "=VALUE";
        }
        else if (isOwn)
        {
            error = option->read(argument.hasValue ? argument.value : "true");
        }
        else
        {
            error = FindAttributeError(argument.name, argument.value);
            if (error.empty())
            {
                m_commandLine.Parse({m_name, text});
            }
        }
        if (!error.empty())
        {
            return InOneLine(text) + ": " + error;
        }
    }
    return {};
}

std::string
CellFreeCommandLine::FindValueError(Ptr<const AttributeChecker> checker, const std::string& text)
{
    auto type = checker->GetValueTypeName(); // some have their namespace, some have not
    type = type.rfind("ns3::", 0) == 0 ? type.substr(5) : type;
    const auto information = checker->GetUnderlyingTypeInformation();
    const auto inRange = [&](const AttributeValue& value, const std::string& kind) {
        return checker->Check(value) ? std::string()
                                     : "expected " + kind + DescribeRange(information);
    };
    if (type == "UintegerValue")
    {
        uint64_t value = 0;
        return ReadValue(text, value).empty() ? inRange(UintegerValue(value), "an integer")
                                              : "expected an integer" + DescribeRange(information);
    }
    if (type == "IntegerValue")
    {
        int64_t value = 0;
        return ReadValue(text, value).empty() ? inRange(IntegerValue(value), "an integer")
                                              : "expected an integer" + DescribeRange(information);
    }
    if (type == "DoubleValue")
    {
        double value = 0.0;
        // An attribute may have infinity for "none": its checker says.
        const bool isInfinite = text == "inf" || text == "+inf" || text == "-inf";
        return isInfinite || ReadNumber(text, value).empty()
                   ? inRange(DoubleValue(isInfinite ? std::strtod(text.c_str(), nullptr) : value),
                             "a number")
                   : "expected a number" + DescribeRange(information);
    }
    if (type == "TimeValue")
    {
        Time value;
        const auto error = ReadTime(text, value);
        return error.empty() ? inRange(TimeValue(value), "a time")
                             : error + DescribeRange(information);
    }
    if (type.rfind("EnumValue", 0) == 0)
    {
        return ("|" + information + "|").find("|" + text + "|") != std::string::npos
                   ? ""
                   : "expected one of " + information;
    }
    if (type == "PointerValue" || type == "ObjectFactoryValue")
    {
        // ns-3 writes it as "ns3::Ptr< CLASS >".
        const auto start = information.find("< ");
        return FindFactoryError(
            text,
            start == std::string::npos
                ? ""
                : information.substr(start + 2, information.rfind(' ') - start - 2));
    }
    if (type == "TypeIdValue")
    {
        TypeId tid;
        return TypeId::LookupByNameFailSafe(text, &tid) ? "" : "expected the name of a class";
    }
    if (type == "BooleanValue")
    {
        return checker->CreateValidValue(StringValue(text)) ? "" : "expected true or false";
    }
    if (type == "StringValue")
    {
        return checker->CreateValidValue(StringValue(text)) ? "" : "expected another text";
    }
    // The others read themselves from a stream up to a blank, and abort if something is left.
    return !text.empty() && text.find(' ') == std::string::npos &&
                   checker->CreateValidValue(StringValue(text))
               ? ""
               : "expected a value of " + type;
}

std::string
CellFreeCommandLine::ReadNumber(const std::string& text, double& value)
{
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    if (text.empty() || std::isspace(static_cast<unsigned char>(text[0])) ||
        end != text.c_str() + text.size() || !std::isfinite(number))
    {
        return "expected a finite number";
    }
    value = number;
    return {};
}

std::string
CellFreeCommandLine::ReadFlag(const std::string& text, bool& value)
{
    // True and False are Python's.
    const bool isTrue = text == "true" || text == "t" || text == "1" || text == "True";
    if (!isTrue && text != "false" && text != "f" && text != "0" && text != "False")
    {
        return "expected true or false";
    }
    value = isTrue;
    return {};
}

std::string
CellFreeCommandLine::ReadTime(const std::string& text, Time& value)
{
    const auto end = std::min(text.find_first_not_of("+-0123456789.eE"), text.size());
    double number = 0.0;
    const auto unit = std::find_if(std::begin(TIME_UNITS),
                                   std::end(TIME_UNITS),
                                   [&](const auto& u) { return text.substr(end) == u.first; });
    if (!ReadNumber(text.substr(0, end), number).empty() || unit == std::end(TIME_UNITS) ||
        std::abs(number * unit->second) > MAX_TIME)
    {
        return "expected a time such as 1.5s or 10ms";
    }
    value = Time(text);
    return {};
}

} // namespace ns3
