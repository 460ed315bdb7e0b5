// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_TEXT_OPTION_H
#define CELL_FREE_TEXT_OPTION_H

#include <istream>
#include <iterator>
#include <string>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief A text for CommandLine::AddValue() that may have blanks or be empty: ns-3 takes a
 * std::string up to its first blank, and refuses an empty one.
 */
class CellFreeTextOption : public std::string
{
  public:
    using std::string::string;
};

/**
 * @brief Takes all that is left of a stream.
 * @param stream the stream
 * @param[out] option gets the text
 * @return the stream
 */
inline std::istream&
operator>>(std::istream& stream, CellFreeTextOption& option)
{
    option.assign(std::istreambuf_iterator<char>(stream), {});
    return stream;
}

} // namespace ns3

#endif // CELL_FREE_TEXT_OPTION_H
