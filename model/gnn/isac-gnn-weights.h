// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_GNN_WEIGHTS_H
#define ISAC_GNN_WEIGHTS_H

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief One named array of a weight file, in row-major order.
 */
struct IsacGnnTensor
{
    std::vector<int64_t> shape; //!< size along each dimension
    std::vector<float> values;  //!< product of the sizes many numbers, last dimension fastest

    /// @return the product of the sizes
    int64_t GetCount() const;
};

/**
 * @ingroup cellfree-isac
 * @brief The content of a weight file: named arrays and text metadata.
 *
 * The file format is safetensors: eight bytes with the length of a JSON header, the header, then
 * little-endian arrays. It holds no code, so that a file from a stranger is safe to load, and
 * Python's readers open it too.
 */
struct IsacGnnWeights
{
    /// Type of the numbers in a file. In memory they are single precision.
    enum Precision
    {
        F32, //!< single precision
        F16, //!< half precision, rounded to nearest even
    };

    std::map<std::string, IsacGnnTensor> tensors; //!< arrays by name
    std::map<std::string, std::string> metadata;  //!< provenance and settings by name

    /**
     * @brief Reads a file and checks everything that can be checked without knowing the network:
     * the header's bounds, types, shapes and offsets, and that every number is finite.
     * @param path the file
     * @return an empty string, or one line that names the file, the field and what was expected;
     * the content is then unspecified
     */
    std::string Load(const std::string& path);

    /**
     * @brief Writes a file. Equal content gives equal bytes.
     * @param path the file, replaced only once the new one is complete
     * @param precision type of the numbers in the file
     * @return an empty string, or one line that says what failed
     */
    std::string Save(const std::string& path, Precision precision = F32) const;
};

} // namespace ns3

#endif // ISAC_GNN_WEIGHTS_H
