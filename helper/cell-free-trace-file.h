// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_TRACE_FILE_H
#define CELL_FREE_TRACE_FILE_H

#include <fstream>
#include <string>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief One tab-separated trace file: a header row, then rows written to its stream.
 *
 * It is written under its name with ".part" appended and renamed by Close(), so that a file with
 * its final name is complete.
 */
struct CellFreeTraceFile
{
    std::string path;     //!< final name
    std::ofstream stream; //!< open on the name with ".part" appended

    /**
     * @brief Create the file and write its header row; aborts if that fails.
     * @param finalPath its final name
     * @param header names of the columns, tab-separated
     */
    void Open(const std::string& finalPath, const std::string& header);

    /// Close and rename the file; aborts if a row was not written. Does nothing if it is not open.
    void Close();
};

/**
 * @ingroup cellfree-isac
 * @brief A ratio or power in decibels as traces write it: not below -300, so that zero is a number.
 * @param ratio linear, >= 0
 * @return 10 log10(ratio), at least -300 (dB)
 */
double ToTraceDecibels(double ratio);

} // namespace ns3

#endif // CELL_FREE_TRACE_FILE_H
