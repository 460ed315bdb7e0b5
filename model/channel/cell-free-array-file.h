// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_ARRAY_FILE_H
#define CELL_FREE_ARRAY_FILE_H

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief A file of named arrays in groups: what the module needs of HDF5, so that nothing but the
 * library that cellfree::OpenArrayFile() opens knows HDF5.
 *
 * The first axis of an array counts its rows. Values are double, or pairs of them where an array is
 * complex. Names are those of paths without the first slash: "time", "statistics/gain"; the empty
 * name is the file's own. Functions throw std::runtime_error with what is wrong in one line.
 */
class CellFreeArrayFile
{
  public:
    /// A group or an array.
    struct Entry
    {
        std::string name;            //!< its name
        bool isGroup{false};         //!< whether it is a group
        bool isComplex{false};       //!< whether values are pairs of real and imaginary part
        std::vector<uint64_t> shape; //!< sizes of the axes
        uint64_t chunkRows{0};       //!< rows that are stored together; 0: any
        uint64_t storedBytes{0};     //!< what it takes in the file
    };

    virtual ~CellFreeArrayFile() = default;

    /// @return all that is in the file, groups before their arrays; throws where a link leads to
    /// somewhere else, or an array is none of numbers
    virtual std::vector<Entry> List() = 0;

    /**
     * @brief Finds an attribute that is text.
     * @param name whose
     * @param attribute which
     * @return the text; nothing if there is no such attribute
     */
    virtual std::optional<std::string> FindText(const std::string& name,
                                                const std::string& attribute) = 0;

    /**
     * @brief Finds an attribute that is a number.
     * @param name whose
     * @param attribute which
     * @return the number; nothing if there is no such attribute
     */
    virtual std::optional<double> FindNumber(const std::string& name,
                                             const std::string& attribute) = 0;

    /**
     * @brief Reads rows of an array.
     * @param name the array
     * @param first the first row
     * @param count how many
     * @param[out] values those of the rows, the last axis fastest
     */
    virtual void Read(const std::string& name, uint64_t first, uint64_t count, double* values) = 0;

    /**
     * @brief Makes an array without rows, and its group where there is none.
     * @param entry its name, whether it is complex, and the shape of a row after a leading 0
     * @param axes names of its axes
     * @param unit unit of its values
     */
    virtual void Create(const Entry& entry, const std::string& axes, const std::string& unit) = 0;

    /**
     * @brief Adds a row to an array that Create() made.
     * @param name the array
     * @param row its values
     */
    virtual void Append(const std::string& name, const std::vector<double>& row) = 0;

    /**
     * @brief Sets an attribute of the file.
     * @param attribute which
     * @param text its value
     */
    virtual void SetText(const std::string& attribute, const std::string& text) = 0;

    /**
     * @brief Sets an attribute of the file.
     * @param attribute which
     * @param number its value
     */
    virtual void SetNumber(const std::string& attribute, double number) = 0;

    /// Completes a new file.
    virtual void Close() = 0;
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Opens an HDF5 file, and before the first one the library that can. Throws
 * std::runtime_error with one line if it cannot, or if this build is without HDF5.
 * @param path the file
 * @param isNew whether it is made anew, to be written, or read
 * @return the file
 */
std::unique_ptr<CellFreeArrayFile> OpenArrayFile(const std::string& path, bool isNew);

/// @return why no HDF5 file can be opened here, in one line; empty if they can
std::string FindArrayFileError();

} // namespace cellfree

} // namespace ns3

#endif // CELL_FREE_ARRAY_FILE_H
