// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_CHANNEL_FILE_H
#define CELL_FREE_CHANNEL_FILE_H

#include "cell-free-array-file.h"

#include <array>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief A channel file, version 1: coefficients, or paths, of the links between APs and UEs over
 * time. The documentation has its schema.
 *
 * All of it is checked once, when it is opened; rows are read when they are asked for, a few MiB at
 * a time. Functions throw std::runtime_error with one line that names the file, what is wrong with
 * which array, and what was expected.
 */
class CellFreeChannelFile
{
  public:
    /// What describes a path.
    enum PathField
    {
        DELAY,
        GAIN,
        PHASE,
        DEPARTURE_AZIMUTH,
        DEPARTURE_ELEVATION,
        DOPPLER,
        PATH_FIELDS
    };

    /// The rows about a time: the last one before or at it, the next one, and how near that is.
    struct Place
    {
        uint64_t before{0};  //!< index of the row
        uint64_t after{0};   //!< index of the next row; the same where there is none
        double weight{0.0};  //!< of the next row, in [0, 1)
        double elapsed{0.0}; //!< since the row (s); negative before the first
        double left{0.0};    //!< until the next row (s)
    };

    /**
     * @brief Opens a file and checks all that is in it.
     * @param path the file
     */
    explicit CellFreeChannelFile(const std::string& path);

    ~CellFreeChannelFile();

    /// @return the file's name
    const std::string& GetPath() const;

    /// @return whether it has paths, and no coefficients
    bool HasPaths() const;

    /// @return the carrier frequency (Hz)
    double GetFrequency() const;

    /// @return the bandwidth (Hz) that the sub-bands divide; 0 of paths
    double GetBandwidth() const;

    /// @return the number of APs
    uint64_t GetNAps() const;

    /// @return the number of UEs
    uint64_t GetNUes() const;

    /// @return the number of targets whose positions it has
    uint64_t GetNTargets() const;

    /// @return the number of targets whose echoes it has
    uint64_t GetNEchoTargets() const;

    /// @return the number of sub-bands; 0 of paths
    uint64_t GetNBands() const;

    /// @return the number of antennas of an AP; 0 of paths
    uint64_t GetNAntennas() const;

    /// @return the largest number of paths of a link; 0 of coefficients
    uint64_t GetNPaths() const;

    /// @return until when it lasts (s); infinite if it has one time alone
    double GetEnd() const;

    /// @return whether gains of paths are between isotropic antennas, so that the elements of the
    /// AP's array add theirs
    bool LacksElementGains() const;

    /// @return whether nodes are to be where it says, unlike in a recording, where they are where
    /// the scenario has them
    bool MovesNodes() const;

    /**
     * @brief Says whether it has an array.
     * @param name its name
     * @return whether it has
     */
    bool Has(const std::string& name) const;

    /**
     * @brief Finds the rows about a time.
     * @param timeName the array of the times
     * @param seconds the time (s)
     * @return the rows; weight 0 where values hold until the next row
     */
    Place Find(const std::string& timeName, double seconds) const;

    /**
     * @brief The times of rows.
     * @param timeName the array of the times
     * @return the times (s), ascending
     */
    const std::vector<double>& GetTimes(const std::string& timeName) const;

    /**
     * @brief A row of an array.
     * @param name the array, one that the file has
     * @param row index of the row
     * @return its values, pairs if it is complex; valid until two more calls for the same array
     */
    const double* GetRow(const std::string& name, uint64_t row);

    /**
     * @brief The lags of statistics/autocorrelation.
     * @return the lags (s), ascending; empty if it has none
     */
    std::vector<double> GetLags() const;

    /**
     * @brief Name of an array of paths.
     * @param field what it has
     * @return its name
     */
    static const char* GetFieldName(PathField field);

    /**
     * @brief Where a node is at a time, on straight lines between the file's times.
     * @param role "ap", "ue" or "target", whose positions the file has
     * @param index index of the node
     * @param seconds the time (s)
     * @return x, y, z (m)
     */
    std::array<double, 3> GetPosition(const std::string& role, uint64_t index, double seconds);

  private:
    struct Rule;

    /// Some rows in memory.
    struct Block
    {
        uint64_t first{0};          //!< index of the first row
        std::vector<double> values; //!< the rows
    };

    /// An array, as far as it was read.
    struct Array
    {
        CellFreeArrayFile::Entry entry; //!< what it is
        uint64_t rowValues{0};          //!< doubles of a row
        uint64_t blockRows{0};          //!< rows read at once
        std::list<Block> blocks;        //!< at most two, the latest first
    };

    /// @return what every array has to be, in the order in which it is checked: the first array
    /// with an axis says how long it is
    static const std::vector<Rule>& GetRules();

    /// Throws. @param name the array @param what what is wrong with it
    [[noreturn]] void Fail(const std::string& name, const std::string& what) const;

    /// Reads the attributes of the file.
    void ReadAttributes();

    /// Checks an array's shape, axes and unit, and its values. @param rule what is expected
    void Check(const Rule& rule);

    /// Checks the values of an array. @param rule what is expected @param array the array
    void CheckValues(const Rule& rule, Array& array);

    /// Reads an array of ascending times or lags. @param name the array
    void ReadAxis(const std::string& name);

    /**
     * @brief Checks that arrays come together.
     * @param name an array
     * @param needed one that it is nothing without
     */
    void CheckNeeds(const char* name, const char* needed) const;

    std::string m_path;                                //!< the file's name
    std::unique_ptr<CellFreeArrayFile> m_file;         //!< the file
    bool m_hasPaths{false};                            //!< its kind
    bool m_holds{false};                               //!< values hold until the next row
    bool m_lacksElementGains{true};                    //!< see LacksElementGains()
    bool m_movesNodes{true};                           //!< see MovesNodes()
    double m_frequency{0.0};                           //!< carrier frequency (Hz)
    double m_bandwidth{0.0};                           //!< bandwidth (Hz)
    double m_end{0.0};                                 //!< until when it lasts (s)
    std::map<char, uint64_t> m_sizes;                  //!< of the axes, by their letters
    std::map<std::string, Array> m_arrays;             //!< what is in the file
    std::map<std::string, std::vector<double>> m_axes; //!< times and lags, in memory
};

} // namespace ns3

#endif // CELL_FREE_CHANNEL_FILE_H
