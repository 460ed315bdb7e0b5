// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_GNN_BATCH_H
#define ISAC_GNN_BATCH_H

#include "isac-gnn-architecture.h"
#include "isac-gnn-features.h"
#include "isac-structured-head.h"

#include <complex>
#include <cstdint>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Problems of one size, prepared for training: what of them does not depend on weights.
 *
 * Arrays are row-major with the sample as first dimension. Preparing a batch is plain Eigen work,
 * so that threads can do it while the training step runs.
 */
class IsacGnnBatch
{
  public:
    /**
     * @brief Sets the size and removes all samples.
     * @param problem a problem of the size that all samples will have, with a mask or errors if any
     * of them has
     * @param head the head of the network that the batch is for: one takes features, one channels
     */
    void Start(const IsacProblem& problem,
               IsacGnnArchitecture::Head head = IsacGnnArchitecture::STRUCTURED);

    /**
     * @brief Adds a sample.
     * @param problem a normalised problem of the size given to Start(), without a mask, and without
     * errors, if that one had none
     */
    void Add(const IsacProblem& problem);

    /**
     * @brief Makes a batch of samples.
     * @param problems at least one normalised problem, all of one size, with masks and errors only
     * if the first has
     * @param head the head of the network that the batch is for
     */
    void Set(const std::vector<IsacProblem>& problems, IsacGnnArchitecture::Head head);

    /// The head that the batch is for.
    IsacGnnArchitecture::Head head{IsacGnnArchitecture::STRUCTURED};
    int64_t count{0};      //!< number of samples B
    int64_t nAps{0};       //!< M
    int64_t nUes{0};       //!< U, at least 1: a problem without UEs has one with a zero channel
    int64_t nTargets{0};   //!< T
    int64_t nAntennas{0};  //!< N
    bool isMasked{false};  //!< whether any sample may have a mask
    bool hasErrors{false}; //!< whether any sample may be an estimate with errors

    std::vector<double> weight;        //!< B x U: w_u of the objective
    std::vector<double> sensingWeight; //!< B x T: beta_t of the objective
    std::vector<double> omega;         //!< B x M x T: echo gains
    std::vector<double> mask; //!< B x M x (U+T): 1 where an AP may send a stream, else 0; empty
                              //!< without masks

    // For the edge head alone.
    std::vector<float> channel;  //!< B x M x U x 2N: S(h_mu), real parts first
    std::vector<float> steering; //!< B x M x T x 2N: S(a_mt)

    // For the structured head alone.
    std::vector<std::complex<double>> gram; //!< B x M x (U+T) x (U+T): [H A]^H [H A]
    std::vector<float> ueLink;              //!< B x M x U x 13: features of AP-UE links
    std::vector<float> targetLink;          //!< B x M x T x 6: features of AP-target links
    std::vector<float> ap;                  //!< B x M x 8: features of APs
    std::vector<float> ue;                  //!< B x U x 11: features of UEs
    std::vector<float> target;              //!< B x T x 4: features of targets
    std::vector<float> ueShare;             //!< B x M x U: share in the gain of the UE
    std::vector<float> apShare;             //!< B x M x U: share in the gain of the AP
    std::vector<float> targetShare;         //!< B x M x T: share in the gain of the target
    std::vector<double> errorVariance;      //!< B x M x U: e_mu; empty without errors
    std::vector<double> relativeWeight;     //!< B x U: IsacStructuredHead::GetWeight()
    std::vector<double> relativeSensing;    //!< B x T: IsacStructuredHead::GetSensingWeight()
    std::vector<double> logExcess;          //!< B x M: start of the structured head
    std::vector<double> logWeight;          //!< B x U: start of the structured head
    std::vector<double> logGain;            //!< B x U: start of the structured head
    std::vector<double> logPower;           //!< B x M: start of the structured head
    std::vector<double> logError;           //!< B x U: start of the structured head
    std::vector<double> logOwn;             //!< B x U: start of the structured head
    std::vector<double> logSensing;         //!< B x M x T: start of the structured head
    std::vector<double> logStream;          //!< B x M x T: start of the structured head

  private:
    /// Adds what the edge head needs. @param problem the problem
    void AddChannels(const IsacProblem& problem);

    /// Adds what the structured head needs. @param problem the problem
    void AddFeatures(const IsacProblem& problem);

    IsacStructuredHead m_head;                   //!< work space
    IsacStructuredHead::Parameters m_parameters; //!< work space
    IsacGnnFeatures m_features;                  //!< work space
};

} // namespace ns3

#endif // ISAC_GNN_BATCH_H
