// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_COMMAND_LINE_H
#define CELL_FREE_COMMAND_LINE_H

#include "ns3/command-line.h"
#include "ns3/nstime.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief ns-3's CommandLine with one line for every mistake: names, help, general arguments and
 * attributes are ns-3's, values are read here and taken whole or not at all.
 *
 * Refused, with exit status 1 and a line that names option, value and what was expected: unknown
 * options, classes and attributes, stray words, numbers with a rest ("1.5" for an integer, "3x"),
 * numbers that are not finite or outside the range, negative values of unsigned globals
 * ("--RngRun=-1"), and attribute values that their checker refuses. A text is taken as it is, with
 * blanks or empty. A truth value may go without "=": it is then true.
 *
 * @code
 * int64_t nUes = 8;
 * CellFreeCommandLine cmd(__FILE__);
 * cmd.Usage("What the program does.");
 * cmd.AddValue("nUes", "number of UEs", nUes, 0, 10000);
 * cmd.Parse(argc, argv);
 * @endcode
 */
class CellFreeCommandLine
{
  public:
    /// @param file __FILE__ of the program, which is called as the file without its extension
    explicit CellFreeCommandLine(const std::string& file);

    /// @param text what the program does, for its help
    void Usage(const std::string& text);

    /**
     * @brief Add an option without a range.
     * @tparam T a text, an integer, double (any finite number), bool, Time, or what reads itself
     * from a stream
     * @param name name without dashes
     * @param help what it means, with its unit
     * @param[in,out] value its default, then what the user gave
     */
    template <typename T>
    void AddValue(const std::string& name, const std::string& help, T& value);

    /**
     * @brief Add an option with a range, which the help states too.
     * @tparam T see above; it has an order and is written to a stream
     * @param name name without dashes
     * @param help what it means, with its unit
     * @param[in,out] value its default, then what the user gave
     * @param min smallest value
     * @param max largest value
     */
    template <typename T>
    void AddValue(const std::string& name,
                  const std::string& help,
                  T& value,
                  const std::common_type_t<T>& min,
                  const std::common_type_t<T>& max);

    /**
     * @brief Read the command line; ends the program with one line if it is wrong.
     * @param argc number of arguments
     * @param argv the program's name, then its arguments
     */
    void Parse(int argc, char* argv[]);

    /**
     * @brief Read arguments and set what they say.
     * @param arguments without the program's name, and without those that print and exit
     * @return an empty string, or one line that says what is wrong; later arguments are not read
     */
    std::string Read(const std::vector<std::string>& arguments);

    /**
     * @brief Say what is wrong and end the program with status 1.
     * @param message one line
     */
    [[noreturn]] void Refuse(const std::string& message) const;

    /// Refuses if there is something to say. @param message one line, or empty
    void RefuseIf(const std::string& message) const;

    /**
     * @brief What is wrong with a value for an attribute or a global value, by its checker.
     * @param checker the attribute's checker
     * @param text the value
     * @return an empty string, or what was expected
     */
    static std::string FindValueError(Ptr<const AttributeChecker> checker, const std::string& text);

  private:
    /// Sets an option's value. @return an empty string, or what was expected
    typedef std::function<std::string(const std::string& text)> Reader;

    /**
     * @brief The help of an option, in a form that SEM (Simulation Execution Manager for ns-3)
     * reads too: it takes the last "--" of a line for the start of the option's name, what stands
     * in brackets for its default, and None for a default that is not there.
     * @tparam T type of the option
     * @param help what it means
     * @param value its default
     * @return the help without "--", and with "[]" for an empty text
     */
    template <typename T>
    static std::string MakeHelp(std::string help, const T& value);

    /// An option of the program.
    struct Option
    {
        std::string name; //!< without dashes
        Reader read;      //!< takes its value
        bool isFlag;      //!< true if it may go without a value
    };

    /**
     * @brief Reads a value of the type of an option.
     * @tparam T its type
     * @param text the text
     * @param[out] value the value
     * @return an empty string, or what was expected
     */
    template <typename T>
    static std::string ReadValue(const std::string& text, T& value);

    /// Reads a finite number. @param text the text @param[out] value it @return see ReadValue()
    static std::string ReadNumber(const std::string& text, double& value);
    /// Reads a truth value. @param text the text @param[out] value it @return see ReadValue()
    static std::string ReadFlag(const std::string& text, bool& value);
    /// Reads a time. @param text the text @param[out] value it @return see ReadValue()
    static std::string ReadTime(const std::string& text, Time& value);

    CommandLine m_commandLine;     //!< help, general arguments and attributes
    std::string m_name;            //!< name of the program
    std::vector<Option> m_options; //!< options of the program
};

template <typename T>
std::string
CellFreeCommandLine::ReadValue(const std::string& text, T& value)
{
    if constexpr (std::is_base_of_v<std::string, T>)
    {
        value.assign(text);
        return {};
    }
    else if constexpr (std::is_same_v<T, bool>)
    {
        return ReadFlag(text, value);
    }
    else if constexpr (std::is_integral_v<T>)
    {
        // SEM writes every number as Python's float: 16.0.
        const bool isFloat = text.size() > 2 && text.compare(text.size() - 2, 2, ".0") == 0;
        const auto end = text.data() + text.size() - (isFloat ? 2 : 0);
        const auto [rest, error] = std::from_chars(text.data(), end, value);
        return error == std::errc() && rest == end ? ""
               : std::is_signed_v<T>               ? "expected an integer"
                                                   : "expected an integer >= 0";
    }
    else if constexpr (std::is_floating_point_v<T>)
    {
        double number = value;
        const auto expected = ReadNumber(text, number);
        value = static_cast<T>(number);
        return expected;
    }
    else if constexpr (std::is_same_v<T, Time>)
    {
        return ReadTime(text, value);
    }
    else
    {
        std::istringstream stream(text);
        T read = value;
        // ns-3's rates take "-5Mb/s" for a very high one.
        const bool isRead = !text.empty() && text[0] != '-' && stream >> read &&
                            stream.peek() == std::istringstream::traits_type::eof();
        if (!isRead)
        {
            std::ostringstream example;
            example << value;
            return "expected something like " + example.str();
        }
        value = read;
        return {};
    }
}

template <typename T>
std::string
CellFreeCommandLine::MakeHelp(std::string help, const T& value)
{
    for (auto i = help.find("--"); i != std::string::npos; i = help.find("--", i))
    {
        help.erase(i, 2);
    }
    if constexpr (std::is_base_of_v<std::string, T>)
    {
        help += value.empty() ? " []" : "";
    }
    return help;
}

template <typename T>
void
CellFreeCommandLine::AddValue(const std::string& name, const std::string& help, T& value)
{
    m_commandLine.AddValue(name, MakeHelp(help, value), value);
    m_options.push_back({name,
                         [&value](const std::string& text) { return ReadValue(text, value); },
                         std::is_same_v<T, bool>});
}

template <typename T>
void
CellFreeCommandLine::AddValue(const std::string& name,
                              const std::string& help,
                              T& value,
                              const std::common_type_t<T>& min,
                              const std::common_type_t<T>& max)
{
    std::ostringstream range;
    if constexpr (std::is_same_v<T, Time>)
    {
        range << min.GetSeconds() << " s to " << max.GetSeconds() << " s";
    }
    else
    {
        range << min << " to " << max;
    }
    m_commandLine.AddValue(name, MakeHelp(help + ", " + range.str(), value), value);
    // The default may lie outside, for "left out"; tools that give every option give it too.
    m_options.push_back(
        {name,
         [&value, min, max, range = range.str(), standard = value](const std::string& text) {
             T read = value;
             const auto expected = ReadValue(text, read);
             if (!expected.empty())
             {
                 return expected + ", " + range;
             }
             const bool isInside = (read >= min && read <= max) || read == standard;
             value = isInside ? read : value;
             return isInside ? "" : "expected " + range;
         },
         false});
}

} // namespace ns3

#endif // CELL_FREE_COMMAND_LINE_H
