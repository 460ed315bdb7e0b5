// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_GNN_TRAINER_H
#define ISAC_GNN_TRAINER_H

#include "isac-gnn-network.h"

#include <cstdint>
#include <memory>
#include <string>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Trains an IsacGnnNetwork without labels: Adam on minus the objective (8a).
 *
 * Every problem's objective is divided by its present value, held constant, so that the gradient
 * is that of relative gains and neither large problems nor large sensing weights dominate. The
 * gradient's norm is clipped; the learning rate rises over the first 100 steps and then follows a
 * cosine to zero. An exponential mean of the weights is kept: it is what validation and shipping
 * use, since it is smoother than the weights under training.
 */
class IsacGnnTrainer
{
  public:
    /// How to train.
    struct Options
    {
        int64_t steps{10000};      //!< length of the schedule, >= 1
        double learningRate{2e-3}; //!< largest learning rate, > 0
        double clip{1.0};          //!< largest gradient norm, > 0
        double meanDecay{0.999};   //!< decay of the mean weights per step, in [0, 1)
    };

    /**
     * @brief Starts at step 0 from the network's weights.
     * @param network the network; must outlive the trainer
     * @param options how to train
     */
    IsacGnnTrainer(IsacGnnNetwork& network, const Options& options);
    ~IsacGnnTrainer();

    /**
     * @brief One step of the schedule. A step whose gradient is not finite changes nothing.
     * @param batch the problems
     * @return the mean of the objectives before the step (bit/s/Hz)
     */
    double Step(const IsacGnnBatch& batch);

    /// @return the number of steps taken
    int64_t GetStep() const;

    /// @return the number of steps that were dropped because a gradient was not finite
    int64_t GetDropped() const;

    /// @return the mean weights
    IsacGnnWeights GetMeanWeights() const;

    /**
     * @brief Writes weights, mean weights, optimiser and step, so that training goes on exactly.
     * @param path the file, replaced only once the new one is complete
     * @return an empty string, or one line that says what failed
     */
    std::string SaveCheckpoint(const std::string& path) const;

    /**
     * @brief Takes up a checkpoint.
     * @param path the file
     * @return an empty string, or one line that says what failed
     */
    std::string LoadCheckpoint(const std::string& path);

  private:
    struct Impl;                  //!< what needs LibTorch
    std::unique_ptr<Impl> m_impl; //!< what needs LibTorch
};

} // namespace ns3

#endif // ISAC_GNN_TRAINER_H
