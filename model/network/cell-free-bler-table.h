// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_BLER_TABLE_H
#define CELL_FREE_BLER_TABLE_H

#include "cell-free-error-model.h"

#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Block error rates from a file: curves over the SINR by MCS and code block size, as a
 * link-level simulation makes them.
 *
 * The file is one JSON object with exactly these fields:
 * @code
 * {"mcsTable": "256QAM",
 *  "curves": [{"mcs": 5, "codeBlockBits": 1024, "snr_dB": [1.0, 2.0], "bler": [0.9, 0.001]}, ...]}
 * @endcode
 * mcsTable is the value that the attribute McsTable must have, 64QAM or 256QAM. Every MCS of that
 * table needs a curve, and may have curves of several code block sizes (bits with CRCs, above 0).
 * snr_dB rises, bler does not, has as many numbers, at least two, and each is above 0 and at most
 * 1: a simulation that saw no error knows no rate.
 *
 * Between its points a curve is linear in log10(bler) over dB; below the first one it is 1; above
 * the last one it goes on with the slope of the last segment. A code block has the curve of the
 * nearest size, by ratio, the smaller one of two as near. A transport block is divided into code
 * blocks (TS 38.212 section 5.2.2 where BlockSizes is Standard) and fails if one of them fails.
 *
 * tools/convert-bler-table.py makes such a file of the published tables of NVIDIA Sionna.
 */
class CellFreeBlerTable : public CellFreeErrorModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeBlerTable();
    ~CellFreeBlerTable() override;

    double GetBler(int mcs, double sinr, uint32_t nSymbols) const override;

    /**
     * @brief Looks whether a file can be the attribute File.
     * @param path the file
     * @return what is wrong with it, in one line, or an empty text
     */
    static std::string FindError(const std::string& path);

  protected:
    void DoInitialize() override;

  private:
    /// The error rate of code blocks of one size.
    struct Curve
    {
        double bits{0.0};              //!< bits of a code block
        std::vector<double> decibels;  //!< SINR (dB), rising, at least two
        std::vector<double> log10Bler; //!< log10 of the error rate, <= 0, not rising
    };

    /// What a file holds.
    struct Table
    {
        CellFreeMcsTable mcsTable{CELL_FREE_MCS_256QAM}; //!< which MCS
        std::vector<std::vector<Curve>> curves;          //!< by MCS, by rising size
    };

    /// Reads the fields of a file.
    class Reader;

    /**
     * @brief Reads a file.
     * @param path the file
     * @param[out] table what it holds; not to be used after an error
     * @return what is wrong with the file, in one line, or an empty text
     */
    static std::string Read(const std::string& path, Table& table);

    /// Reads the file, or aborts. @param path the file, or an empty text for none
    void SetFile(std::string path);
    /// @return the file
    std::string GetFile() const;
    /// Aborts unless there is a table of the MCS that are used.
    void CheckTable() const;

    std::string m_file; //!< where the table is from
    Table m_table;      //!< the table, without curves until a file is set
};

} // namespace ns3

#endif // CELL_FREE_BLER_TABLE_H
