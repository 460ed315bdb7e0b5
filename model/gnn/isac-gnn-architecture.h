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
 * @brief Sizes and linear maps of a graph network, with either head.
 *
 * The structured head runs in stages. A stage looks at the problem and at the response of the
 * present beams, passes messages over the graph (APs, UEs, targets; AP-UE and AP-target links),
 * and corrects the parameters of IsacStructuredHead, which then gives the next stage its beams to
 * look at.
 *
 * The edge head is the paper's, equations (12)-(14): a link starts from its channel or steering
 * vector, its last state is its beam. It is tied to a number of antennas and, through training, to
 * a sensing weight.
 *
 * This class is the one place that names the linear maps: the LibTorch networks create them from
 * it and the inference checks a weight file against it.
 */
struct IsacGnnArchitecture
{
    /// What the last layer gives.
    enum Head
    {
        STRUCTURED, //!< the scalars of IsacStructuredHead
        EDGE,       //!< the beams themselves
    };

    static constexpr int64_t UE_LINK_FEATURES = 18;     //!< features of an AP-UE link
    static constexpr int64_t TARGET_LINK_FEATURES = 11; //!< features of an AP-target link
    static constexpr int64_t AP_FEATURES = 15;          //!< features of an AP
    static constexpr int64_t UE_FEATURES = 21;          //!< features of a UE
    static constexpr int64_t TARGET_FEATURES = 6;       //!< features of a target

    /// @return format version of the head's weight files that this code reads and writes
    const char* GetFormatVersion() const
    {
        return head == EDGE ? "2" : "3";
    }

    Head head{STRUCTURED};                //!< what the last layer gives
    int64_t linkWidth{32};                //!< hidden numbers per link
    int64_t nodeWidth{64};                //!< hidden numbers per AP, UE and target
    std::vector<int64_t> layers{2, 1, 1}; //!< graph layers in each stage; edge head: one stage
    int64_t nAntennas{0};                 //!< N, edge head only
    double channelScale{0.0};             //!< edge head only: see GetPaperEdge()
    int64_t referenceAps{0};              //!< edge head only: see GetApScale()

    /**
     * @brief The paper's network (section V): 4 hidden layers of 256.
     *
     * Its links start from S(h) of the paper's set-up, in which h ~ CN(0, I), P_m = 1/M and
     * sigma_u^2 = 0.1. A normalised problem has h~ = sqrt(P_m) h / sigma_u instead, so that
     * h = channelScale sqrt(M) h~ with channelScale = sqrt(0.1).
     *
     * @param nAntennas N
     * @return its sizes
     */
    static IsacGnnArchitecture GetPaperEdge(int64_t nAntennas);

    /**
     * @brief Factor on what UEs and targets gather from their APs, edge head only.
     *
     * Equation (13) has a plain sum over the APs (referenceAps = 0). A sum grows with M and takes a
     * network away from what it was trained on, while beams shrink with 1 / sqrt(M). With
     * referenceAps = M_0 it is M_0 times the mean: the same at M = M_0, and steady elsewhere.
     *
     * @param nAps M
     * @return referenceAps / M, or 1 if referenceAps is 0
     */
    double GetApScale(int64_t nAps) const;

    /// @return the number of graph layers of all stages
    int64_t GetNLayers() const;

    /// One linear map y = W^T x + b; "NAME.weight" is inputs x outputs, "NAME.bias" outputs.
    struct LinearMap
    {
        std::string name;    //!< name without ".weight" or ".bias"
        int64_t inputs{0};   //!< length of x
        int64_t outputs{0};  //!< length of y
        bool hasBias{false}; //!< whether there is a bias
    };

    /// @return the name of the head, as in metadata and options
    std::string GetHeadName() const;

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

  private:
    /// @return the linear maps of the structured head
    std::vector<LinearMap> ListStructuredMaps() const;

    /// @return the linear maps of the edge head
    std::vector<LinearMap> ListEdgeMaps() const;
};

/**
 * @brief Compares all sizes.
 * @param a one architecture
 * @param b another
 * @return true if their weights are interchangeable
 */
bool operator==(const IsacGnnArchitecture& a, const IsacGnnArchitecture& b);

} // namespace ns3

#endif // ISAC_GNN_ARCHITECTURE_H
