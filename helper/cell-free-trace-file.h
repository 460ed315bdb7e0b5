// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_TRACE_FILE_H
#define CELL_FREE_TRACE_FILE_H

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <type_traits>

namespace ns3
{

/// A number that a row may lack: NaN leaves the field empty.
struct CellFreeTraceNumber
{
    double value; //!< the number
};

/**
 * @ingroup cellfree-isac
 * @brief A file stream that formats numbers as std::ostream does with 9 digits, in a fraction of
 * the time: traces write many.
 */
class CellFreeTraceStream : public std::ofstream
{
  public:
    /// Writes a number. @param value the number @return the stream
    CellFreeTraceStream& operator<<(double value)
    {
        char text[32];
#ifdef __cpp_lib_to_chars
        const auto end =
            std::to_chars(text, text + sizeof(text), value, std::chars_format::general, 9).ptr;
        return Put(text, end - text);
#else
        return Put(text, std::snprintf(text, sizeof(text), "%.9g", value));
#endif
    }

    /// Writes an integer, or a truth value as 0 or 1. @param value the value @return the stream
    template <typename T, std::enable_if_t<std::is_integral_v<T>, int> = 0>
    CellFreeTraceStream& operator<<(T value)
    {
        char text[24];
        const auto end = std::to_chars(text, text + sizeof(text), +value).ptr;
        return Put(text, end - text);
    }

    /// Writes a number that the row may lack. @param number the number @return the stream
    CellFreeTraceStream& operator<<(CellFreeTraceNumber number)
    {
        return std::isnan(number.value) ? *this : *this << number.value;
    }

    /// Writes a character. @param value the character @return the stream
    CellFreeTraceStream& operator<<(char value)
    {
        return Put(&value, 1);
    }

    /// Writes a text. @param value the text @return the stream
    CellFreeTraceStream& operator<<(const char* value)
    {
        return Put(value, std::strlen(value));
    }

    /// Writes a text. @param value the text @return the stream
    CellFreeTraceStream& operator<<(const std::string& value)
    {
        return Put(value.data(), value.size());
    }

  private:
    /// Writes characters. @param text the characters @param size their number @return the stream
    CellFreeTraceStream& Put(const char* text, std::streamsize size)
    {
        if (rdbuf()->sputn(text, size) != size)
        {
            setstate(std::ios::badbit);
        }
        return *this;
    }
};

/**
 * @ingroup cellfree-isac
 * @brief One tab-separated trace file: a header row, then rows written to its stream.
 *
 * It is written under its name with ".part" appended and renamed by Close(), so that a file with
 * its final name is complete.
 */
struct CellFreeTraceFile
{
    std::string path;           //!< final name
    CellFreeTraceStream stream; //!< open on the name with ".part" appended

    /**
     * @brief Create the file and write its header row; aborts if that fails.
     * @param finalPath its final name
     * @param header names of the columns, tab-separated
     */
    void Open(const std::string& finalPath, const std::string& header);

    /// Close and rename the file; aborts if a row was not written. Does nothing if it is not open.
    void Close();
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Has a file removed where EndRun() ends the program, as after a failed decision.
 * @param path the file
 */
void NoteUnfinished(const std::string& path);

/**
 * @ingroup cellfree-isac
 * @brief Takes NoteUnfinished() back.
 * @param path the file
 */
void NoteFinished(const std::string& path);

/**
 * @ingroup cellfree-isac
 * @brief A ratio or power in decibels as traces write it: not below -300, so that zero is a number.
 * @param ratio linear, >= 0
 * @return 10 log10(ratio), at least -300 (dB)
 */
double ToTraceDecibels(double ratio);

} // namespace cellfree

} // namespace ns3

#endif // CELL_FREE_TRACE_FILE_H
