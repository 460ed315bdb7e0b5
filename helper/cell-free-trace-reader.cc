// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-trace-reader.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace ns3
{

namespace
{

/**
 * @brief Splits a row at its tabs.
 * @param text the row
 * @param[out] fields its fields; their memory is used again
 */
void
Split(const std::string& text, std::vector<std::string>& fields)
{
    std::size_t n = 0;
    for (std::size_t start = 0; start <= text.size(); ++n)
    {
        const auto end = std::min(text.find('\t', start), text.size());
        if (n == fields.size())
        {
            fields.emplace_back();
        }
        fields[n].assign(text, start, end - start);
        start = end + 1;
    }
    fields.resize(n);
}

} // namespace

CellFreeTraceReader::CellFreeTraceReader(const std::string& path)
    : m_path(path),
      m_file(path)
{
    if (!ReadLine())
    {
        m_error = m_error.empty()
                      ? m_path + ": cannot be read, expected a trace file with a header row"
                      : m_error;
        return;
    }
    Split(m_text, m_columns);
}

bool
CellFreeTraceReader::ReadLine()
{
    if (!std::getline(m_file, m_text))
    {
        return false;
    }
    ++m_line;
    if (m_file.eof()) // a number that was cut short is a number
    {
        Fail("no line feed at its end: the file is cut off");
        return false;
    }
    return true;
}

const std::vector<std::string>&
CellFreeTraceReader::GetColumns() const
{
    return m_columns;
}

std::size_t
CellFreeTraceReader::FindColumn(const std::string& name)
{
    const auto column = std::find(m_columns.begin(), m_columns.end(), name);
    if (column == m_columns.end())
    {
        Fail("no column " + name);
        return 0;
    }
    return column - m_columns.begin();
}

bool
CellFreeTraceReader::Next()
{
    if (!m_error.empty() || !ReadLine())
    {
        return false;
    }
    Split(m_text, m_row);
    if (m_row.size() != m_columns.size())
    {
        Fail(std::to_string(m_row.size()) + " fields, expected " +
             std::to_string(m_columns.size()));
        return false;
    }
    return true;
}

const std::vector<std::string>&
CellFreeTraceReader::GetRow() const
{
    return m_row;
}

double
CellFreeTraceReader::GetNumber(std::size_t column)
{
    const auto& text = m_row[column];
    if (text.empty())
    {
        return std::nan("");
    }
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    if (*end != '\0' || !std::isfinite(number))
    {
        Fail(m_columns[column] + " = '" + text + "': expected a finite number");
        return std::nan("");
    }
    return number;
}

const std::string&
CellFreeTraceReader::GetError() const
{
    return m_error;
}

void
CellFreeTraceReader::Fail(const std::string& message)
{
    if (m_error.empty())
    {
        m_error = m_path + ": line " + std::to_string(m_line) + ": " + message;
    }
}

} // namespace ns3
