// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_TRACE_READER_H
#define CELL_FREE_TRACE_READER_H

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Reads a tab-separated trace file row by row; columns are found by their names.
 *
 * The first thing that is wrong ends the reading: Next() is then false and GetError() says what.
 */
class CellFreeTraceReader
{
  public:
    /**
     * @brief Open a file and read its header row.
     * @param path the file
     */
    explicit CellFreeTraceReader(const std::string& path);

    /// @return the names of the columns in their order
    const std::vector<std::string>& GetColumns() const;

    /**
     * @brief Find a column; a missing one is an error.
     * @param name its name
     * @return its index, 0 if it is missing
     */
    std::size_t FindColumn(const std::string& name);

    /// @return true if there is another row, which is then the present one
    bool Next();

    /// @return the texts of the present row, one per column
    const std::vector<std::string>& GetRow() const;

    /**
     * @brief A number of the present row.
     * @param column index of the column
     * @return the number; NaN for an empty field, and for one that is no number, an error
     */
    double GetNumber(std::size_t column);

    /// @return an empty string, or one line that names file, line and what is wrong
    const std::string& GetError() const;

  private:
    /// Reads a line, which must end with a line feed. @return false at the end or if it does not
    bool ReadLine();

    /**
     * @brief Keeps the first error.
     * @param message what is wrong
     */
    void Fail(const std::string& message);

    std::string m_path;                 //!< the file
    std::ifstream m_file;               //!< open on it
    uint64_t m_line{0};                 //!< number of the present row, 1 for the header
    std::vector<std::string> m_columns; //!< names of the columns
    std::vector<std::string> m_row;     //!< present row
    std::string m_text;                 //!< its text
    std::string m_error;                //!< first error
};

} // namespace ns3

#endif // CELL_FREE_TRACE_READER_H
