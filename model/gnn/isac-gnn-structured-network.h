// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_GNN_STRUCTURED_NETWORK_H
#define ISAC_GNN_STRUCTURED_NETWORK_H

// Not installed: includes LibTorch's headers.

#include "isac-gnn-torch.h"

namespace ns3
{

/// The graph network with the structured head.
struct IsacGnnStructuredNetwork : public IsacGnnNetwork::Impl
{
    /// A batch as tensors on the device.
    struct Problems
    {
        int64_t nAps;                                 //!< M
        int64_t nUes;                                 //!< U
        int64_t nTargets;                             //!< T
        int64_t nAntennas;                            //!< N
        torch::Tensor gram;                           //!< B x M x U x U: H^H H
        torch::Tensor cross;                          //!< B x M x U x T: H^H A
        torch::Tensor steer;                          //!< B x M x T x T: A^H A
        torch::Tensor omega;                          //!< B x M x T
        torch::Tensor objectiveWeight, objectiveBeta; //!< B x U and B x T: of the objective
        torch::Tensor weight, beta;                   //!< B x U and B x T: relative, bounded
        torch::Tensor error; //!< B x M x U: variances of errors; may be undefined
        torch::Tensor mask;  //!< B x M x (U+T): 1 where an AP may send a stream; may be undefined
        torch::Tensor ueLink, targetLink, ap, ue, target; //!< features
        torch::Tensor ueShare, apShare, targetShare;      //!< shares
    };

    /// Scalars of IsacStructuredHead.
    struct Parameters
    {
        torch::Tensor logExcess;  //!< B x M
        torch::Tensor logWeight;  //!< B x U
        torch::Tensor logGain;    //!< B x U
        torch::Tensor logPower;   //!< B x M
        torch::Tensor logError;   //!< B x U
        torch::Tensor logOwn;     //!< B x U
        torch::Tensor logSensing; //!< B x M x T
        torch::Tensor logStream;  //!< B x M x T
    };

    /// What the beams of some parameters do.
    struct Response
    {
        torch::Tensor multiplier;        //!< B x M: mu_m
        torch::Tensor power;             //!< B x M: before scaling
        torch::Tensor atUes;             //!< B x M x U x (U+T): H_m^H F_m
        torch::Tensor atTargets;         //!< B x M x T x (U+T): A_m^H F_m
        torch::Tensor received;          //!< B x U x (U+T)
        torch::Tensor streamPower;       //!< B x M x (U+T): after scaling; undefined without errors
        torch::Tensor ownError;          //!< B x U; zero without errors
        torch::Tensor errorInterference; //!< B x U; zero without errors
        torch::Tensor own;               //!< B x U: mean, with errors
        torch::Tensor interference;      //!< B x U: mean, with errors and noise
        torch::Tensor snr;               //!< B x T
        torch::Tensor illumination;      //!< B x M x T
        torch::Tensor objective;         //!< B
    };

    /// Features that depend on the present beams, and the stationary values.
    struct Dynamic
    {
        torch::Tensor ueLink, targetLink, ap, ue, target; //!< features
        torch::Tensor logWeight;                          //!< B x U
        torch::Tensor logGain;                            //!< B x U
        torch::Tensor logOwn;                             //!< B x U
        torch::Tensor logSensing;                         //!< B x M x T
    };

    std::vector<torch::Tensor> Forward(const IsacGnnBatch& batch) const override;
    double GetInitialGain(const std::string& map) const override;

    /// Copies a batch to the device; start receives the parameters of the first beams.
    Problems MakeProblems(const IsacGnnBatch& batch, Parameters& start) const;

    /// Evaluates the structured head.
    Response Evaluate(const Problems& problems, const Parameters& parameters) const;

    /// Bound of the largest eigenvalue of the sensing term; scaled is set for more than one target.
    torch::Tensor GetSensingBound(const Problems& problems,
                                  const torch::Tensor& sensing,
                                  torch::Tensor* scaled) const;

    /// Computes the features that depend on the present beams.
    Dynamic Observe(const Problems& problems,
                    const Parameters& parameters,
                    const Response& response) const;
};

} // namespace ns3

#endif // ISAC_GNN_STRUCTURED_NETWORK_H
