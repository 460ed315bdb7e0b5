// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_GNN_EDGE_INFERENCE_H
#define ISAC_GNN_EDGE_INFERENCE_H

#include "isac-gnn-architecture.h"

#include "ns3/isac-problem.h"

#include <Eigen/Core>
#include <array>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Runs a trained graph network with the paper's edge head on Eigen, equations (12)-(14).
 *
 * Computes what the LibTorch network computes, one problem at a time and in one thread. The beams
 * are those of the common sensing weight that the network was trained for and of UEs that weigh the
 * same: the weights of a problem are ignored. Memory is kept from one decision to the next.
 */
class IsacGnnEdgeInference
{
  public:
    /**
     * @brief Takes the weights of a network.
     * @param weights the content of a weight file
     * @return an empty string, or one line that says what does not fit
     */
    std::string SetWeights(const IsacGnnWeights& weights);

    /**
     * @brief Says whether the network can answer a problem.
     * @param problem the problem
     * @return an empty string, or one line: the network is tied to its number of antennas
     */
    std::string FindMisfit(const IsacProblem& problem) const;

    /**
     * @brief Computes beams.
     * @param problem a valid, normalised problem without misfit, of any M, U and T
     * @param[out] beams ||F_m||^2 <= 1, zero where a mask is false
     */
    void ComputeBeams(const IsacProblem& problem, IsacBeams& beams);

    /// @return the network's sizes
    const IsacGnnArchitecture& GetArchitecture() const
    {
        return m_architecture;
    }

  private:
    /// y = weight x + bias.
    struct Linear
    {
        Eigen::MatrixXf weight; //!< outputs x inputs
        Eigen::VectorXf bias;   //!< outputs; zero without a bias
    };

    /// The maps of one kind of links and of the vertices at their other ends.
    struct KindMaps
    {
        Linear other;     //!< UE or target from its state and links, (13)
        Linear self;      //!< link from its state, (14)
        Linear fromAp;    //!< link from its AP, (14)
        Linear fromOther; //!< link from its UE or target, (14)
    };

    /// One layer.
    struct Layer
    {
        Linear ap;       //!< AP from its state, UE links and target links, (13)
        KindMaps ue;     //!< AP-UE links
        KindMaps target; //!< AP-target links
    };

    /// Kinds of layers, by the sizes of their inputs and outputs.
    enum Phase
    {
        FIRST,  //!< from e^0
        HIDDEN, //!< from states to states
        LAST,   //!< to beams
        N_PHASES
    };

    /// Work space of one phase, so that no matrix changes its size within a decision.
    struct Work
    {
        Eigen::MatrixXf gathered;  //!< (node width + width + 2N) x K: state above sum of links
        Eigen::MatrixXf next;      //!< width or 2N x M K: new state
        Eigen::MatrixXf apPart;    //!< width or 2N x M: products of APs
        Eigen::MatrixXf otherPart; //!< width or 2N x K: products of the other ends
    };

    /// The links of one kind, the vertices at their other ends, and work space.
    struct Kind
    {
        Eigen::Index count;              //!< K: vertices at the other ends
        Eigen::MatrixXf start;           //!< 2N x M K: e^0, the links of AP m at columns m K ..
        Eigen::MatrixXf link;            //!< (width + 2N) x M K: state above e^0
        Eigen::MatrixXf node;            //!< node width x K: states
        std::array<Work, N_PHASES> work; //!< by phase
    };

    /// @return the phase of a layer. @param l layer
    Phase GetPhase(size_t l) const;

    /**
     * @brief Sets e^0 from stacked vectors.
     * @param stacked (M N) x K
     * @param scale factor
     * @param kind the links
     */
    void Start(const Eigen::MatrixXcd& stacked, double scale, Kind& kind) const;

    /// Updates the vertices at the other ends. @param l layer @param map map @param kind links
    void UpdateOther(size_t l, const Linear& map, Kind& kind);

    /// Updates links. @param l layer @param maps the maps @param kind the links
    void UpdateLinks(size_t l, const KindMaps& maps, Kind& kind);

    /// M x U or M x T: whether a link exists; empty if all do.
    using LinkMask = Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic>;

    /// Sets the columns of masked links to zero. @param mask the mask @param x a column per link
    static void Mask(const LinkMask& mask, Eigen::MatrixXf& x);

    /// y = weight x + bias, in blocks whose packed copies fit Eigen's stack buffers.
    static void Apply(const Linear& map,
                      const Eigen::Ref<const Eigen::MatrixXf>& x,
                      Eigen::MatrixXf& y);

    IsacGnnArchitecture m_architecture;                 //!< sizes
    std::vector<Layer> m_layers;                        //!< weights; the last one gives beams
    Eigen::Index m_nAps{0};                             //!< M of the present problem
    Kind m_ue;                                          //!< AP-UE links
    Kind m_target;                                      //!< AP-target links
    Eigen::MatrixXf m_ap;                               //!< node width x M: states
    std::array<Eigen::MatrixXf, N_PHASES> m_apGathered; //!< (node width + 2 (width + 2N)) x M
};

} // namespace ns3

#endif // ISAC_GNN_EDGE_INFERENCE_H
