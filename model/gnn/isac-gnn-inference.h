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
     * @param problem a valid, normalised problem of any size
     * @param sensingWeight beta_s, >= 0
     * @param[out] beams ||F_m||^2 <= 1, zero where the serving mask is false
     */
    void ComputeBeams(const IsacProblem& problem, double sensingWeight, IsacBeams& beams);

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
        Eigen::MatrixXf weight; //!< outputs x inputs
        Eigen::VectorXf bias;   //!< outputs; zero without a bias
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
        Linear outputAp;           //!< correction of log nu_m from UE links, state, features
        Linear outputApTarget;     //!< the same from target links
        Linear outputUe;           //!< corrections of log c_u and log b_u
        Linear outputTargetLink;   //!< corrections of log(N g_mt) and log w_mt
    };

    /// States of the links of one kind, and what their ends gather from them.
    struct Links
    {
        Eigen::MatrixXf state; //!< (width + features) x M K: state above features
        Eigen::MatrixXf other; //!< (3 width + node width + features) x K: gathered, state, features
    };

    /// Copies the features of this stage below the states.
    void CopyFeatures();

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
     * @param apGathered (3 or 2) width x M: what the APs gather
     */
    void Gather(Links& links,
                const Eigen::MatrixXf& otherShare,
                const Eigen::MatrixXf* apShare,
                Eigen::Ref<Eigen::MatrixXf> apGathered);

    /**
     * @brief Adds act(weight x + bias) to vertex states inside their input matrix.
     * @param map the linear map
     * @param input the input matrix, with the states at rows 3 width .. 3 width + node width - 1
     */
    void UpdateNodes(const Linear& map, Eigen::MatrixXf& input);

    /// y = weight x, in blocks of columns that fit Eigen's stack buffers.
    static void Multiply(const Eigen::MatrixXf& weight,
                         const Eigen::Ref<const Eigen::MatrixXf>& x,
                         Eigen::Ref<Eigen::MatrixXf> y);

    IsacGnnArchitecture m_architecture; //!< sizes
    std::vector<Stage> m_stages;        //!< weights

    IsacStructuredHead m_head;                   //!< parameters to beams
    IsacStructuredHead::Parameters m_parameters; //!< present parameters
    IsacGnnFeatures m_features;                  //!< present features

    Links m_ueLinks;             //!< AP-UE links
    Links m_targetLinks;         //!< AP-target links
    Eigen::MatrixXf m_ap;        //!< (3 width + node width + features) x M
    Eigen::MatrixXf m_apTarget;  //!< 2 width x M: gathered from target links
    Eigen::MatrixXf m_nodeWork;  //!< products of vertices
    Eigen::MatrixXf m_nodeWork2; //!< products of vertices
    Eigen::MatrixXf m_apPart;    //!< products of APs for links
    Eigen::MatrixXf m_otherPart; //!< products of UEs or targets for links
    Eigen::MatrixXf m_linkWork;  //!< products of a block of links
    Eigen::MatrixXf m_output;    //!< outputs
};

} // namespace ns3

#endif // ISAC_GNN_INFERENCE_H
