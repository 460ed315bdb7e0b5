// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_GNN_INFERENCE_H
#define ISAC_GNN_INFERENCE_H

#include "isac-gnn-architecture.h"
#include "isac-gnn-features.h"
#include "isac-structured-head.h"

#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Runs a trained graph network on Eigen: problem in, beams out.
 *
 * Computes what the LibTorch network computes, one problem at a time and in one thread. Products
 * with the states of APs, UEs and targets are computed once per vertex, not per link. Memory is
 * kept from one decision to the next.
 */
class IsacGnnInference
{
  public:
    /**
     * @brief Takes the weights of a network.
     * @param weights the content of a weight file
     * @return an empty string, or one line that says what does not fit
     */
    std::string SetWeights(const IsacGnnWeights& weights);

    /**
     * @brief Computes beams.
     * @param problem a valid, normalised problem of any size, with any weights
     * @param[out] beams ||F_m||^2 <= 1, zero where a mask is false
     */
    void ComputeBeams(const IsacProblem& problem, IsacBeams& beams);

    /// @return the network's sizes
    const IsacGnnArchitecture& GetArchitecture() const
    {
        return m_architecture;
    }

    /**
     * @brief Counts the multiply-adds of one decision's linear maps.
     * @param nAps M
     * @param nUes U
     * @param nTargets T
     * @return the number of real multiply-adds
     */
    int64_t GetMultiplyAdds(int64_t nAps, int64_t nUes, int64_t nTargets) const;

  private:
    /// y = weight x + bias.
    struct Linear
    {
        Eigen::Index inputs{0};  //!< length of x
        Eigen::Index outputs{0}; //!< length of y
        Eigen::Index rows{0};    //!< outputs and zeros that fill up the last panel
        /// Panels of ROWS outputs: inputs x ROWS each, the outputs running fastest.
        IsacBuffer<float> weight;
        IsacBuffer<float> bias; //!< rows; zero without a bias
    };

    /// The maps that update links from themselves, their AP and their other end.
    struct LinkMaps
    {
        Linear self;  //!< from the link's state (layers only) and features
        Linear ap;    //!< from the AP
        Linear other; //!< from the UE or target
    };

    /// One graph layer.
    struct Layer
    {
        Linear ap;           //!< from the AP's UE links and its state
        Linear apTarget;     //!< from the AP's target links
        Linear ue;           //!< from the UE's links and its state
        Linear target;       //!< from the target's links and its state
        LinkMaps ueLink;     //!< AP-UE links
        LinkMaps targetLink; //!< AP-target links
    };

    /// One stage: features to corrections.
    struct Stage
    {
        LinkMaps encodeUeLink;     //!< AP-UE links from features
        LinkMaps encodeTargetLink; //!< AP-target links from features
        Linear encodeAp;           //!< APs from features
        Linear encodeUe;           //!< UEs from features
        Linear encodeTarget;       //!< targets from features
        std::vector<Layer> layers; //!< message passing
        Linear outputAp;           //!< correction of log nu_m, and log power, from UE links
        Linear outputApTarget;     //!< the same from target links
        Linear outputUe;           //!< corrections of log c_u, b_u, d_u and o_u
        Linear outputTargetLink;   //!< corrections of log(N g_mt) and log w_mt
    };

    /// States of the links of one kind, and what their ends gather from them.
    struct Links
    {
        IsacColumns state; //!< (width + features) x M K: state above features
        IsacColumns other; //!< (3 width + node width + features) x K: gathered, state, features
    };

    struct MultiplyKernel; //!< y = weight x
    struct LinkKernel;     //!< states of links from their products
    struct NodeKernel;     //!< states of vertices from their products
    struct GatherKernel;   //!< means and largest of links at their ends

    /// Copies the features of this stage below the states.
    void CopyFeatures();

    /**
     * @brief y = weight x + bias for some columns.
     * @param map the linear map
     * @param x the matrix that the inputs are rows of
     * @param firstRow first row of the inputs
     * @param firstCol first column
     * @param nCols number of columns
     * @param[out] y map.rows x nCols
     */
    static void Multiply(const Linear& map,
                         const IsacColumns& x,
                         Eigen::Index firstRow,
                         Eigen::Index firstCol,
                         Eigen::Index nCols,
                         IsacColumns& y);

    /**
     * @brief Adds act(self x + ap part + other part) to the states of links.
     * @param maps the linear maps
     * @param links the links
     * @param isEncoding whether x is the features alone
     */
    void UpdateLinks(const LinkMaps& maps, Links& links, bool isEncoding);

    /**
     * @brief Gathers mean, largest and share-weighted mean of link states at both ends.
     * @param links the links
     * @param otherShare K x M: weights at the other ends
     * @param apShare K x M: weights at the APs, or null if the APs take no weighted mean
     * @param apGathered its first (3 or 2) width rows receive what the M APs gather
     */
    void Gather(Links& links,
                const IsacColumns& otherShare,
                const IsacColumns* apShare,
                IsacColumns& apGathered);

    /**
     * @brief Adds act(weight x + bias), and of a second map, to vertex states.
     * @param map the linear map
     * @param firstRow first row of its inputs
     * @param input its input matrix, with the states at rows 3 width .. 3 width + node width - 1
     * @param second a map of m_apTarget, or null
     */
    void UpdateNodes(const Linear& map,
                     Eigen::Index firstRow,
                     IsacColumns& input,
                     const Linear* second = nullptr);

    IsacGnnArchitecture m_architecture; //!< sizes
    std::vector<Stage> m_stages;        //!< weights

    IsacStructuredHead m_head;                   //!< parameters to beams
    IsacStructuredHead::Parameters m_parameters; //!< present parameters
    IsacGnnFeatures m_features;                  //!< present features

    Links m_ueLinks;         //!< AP-UE links
    Links m_targetLinks;     //!< AP-target links
    IsacColumns m_ap;        //!< (3 width + node width + features) x M
    IsacColumns m_apTarget;  //!< 2 width x M: gathered from target links
    IsacColumns m_nodeWork;  //!< products of vertices
    IsacColumns m_nodeWork2; //!< products of vertices
    IsacColumns m_apPart;    //!< products of APs for links
    IsacColumns m_otherPart; //!< products of UEs or targets for links
    IsacColumns m_linkWork;  //!< products of a block of links
};

} // namespace ns3

#endif // ISAC_GNN_INFERENCE_H
