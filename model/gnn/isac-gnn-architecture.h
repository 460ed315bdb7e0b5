// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_GNN_ARCHITECTURE_H
#define ISAC_GNN_ARCHITECTURE_H

#include "isac-gnn-weights.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Sizes and linear maps of the graph network with the structured head.
 *
 * The network runs in stages. A stage looks at the problem and at the response of the present
 * beams, passes messages over the graph (APs, UEs, targets; AP-UE and AP-target links), and
 * corrects the parameters of IsacStructuredHead, which then gives the next stage its beams to
 * look at. This class is the one place that names the linear maps: the LibTorch network creates
 * them from it and the inference checks a weight file against it.
 */
struct IsacGnnArchitecture
{
    static constexpr int64_t UE_LINK_FEATURES = 13;     //!< features of an AP-UE link
    static constexpr int64_t TARGET_LINK_FEATURES = 10; //!< features of an AP-target link
    static constexpr int64_t AP_FEATURES = 13;          //!< features of an AP
    static constexpr int64_t UE_FEATURES = 14;          //!< features of a UE
    static constexpr int64_t TARGET_FEATURES = 6;       //!< features of a target

    /// Format version of the weight files that this code reads and writes.
    static constexpr const char* FORMAT_VERSION = "1";

    int64_t linkWidth{32};                //!< hidden numbers per link
    int64_t nodeWidth{64};                //!< hidden numbers per AP, UE and target
    std::vector<int64_t> layers{2, 1, 1}; //!< graph layers in each stage

    /// One linear map y = W^T x + b; "NAME.weight" is inputs x outputs, "NAME.bias" outputs.
    struct LinearMap
    {
        std::string name;    //!< name without ".weight" or ".bias"
        int64_t inputs{0};   //!< length of x
        int64_t outputs{0};  //!< length of y
        bool hasBias{false}; //!< whether there is a bias
    };

    /// @return every linear map of the network
    std::vector<LinearMap> ListMaps() const;

    /**
     * @brief Reads the sizes from a weight file's metadata and checks that the file has exactly
     * the arrays that they call for.
     * @param weights the file's content
     * @return an empty string, or one line that names the field and what was expected
     */
    std::string Read(const IsacGnnWeights& weights);

    /**
     * @brief Writes the sizes into metadata.
     * @param[in,out] weights the file's content
     */
    void Write(IsacGnnWeights& weights) const;
};

} // namespace ns3

#endif // ISAC_GNN_ARCHITECTURE_H
