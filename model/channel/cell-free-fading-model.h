// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_FADING_MODEL_H
#define CELL_FREE_FADING_MODEL_H

#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/random-variable-stream.h"

#include <Eigen/Core>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Small-scale block fading: per link a vector of N coefficients with unit mean power per
 * antenna, constant over a coherence block.
 *
 * Block b covers [b T, (b + 1) T) with T the attribute CoherenceTime. A link's coefficients in
 * block b depend on its random stream and on b alone: not on other links, nor on which links and
 * which blocks are asked for. So two policies meet the same channels with the same seed.
 *
 * To write your own, derive from this class, implement DoNextBlock() and register a TypeId.
 */
class CellFreeFadingModel : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    ~CellFreeFadingModel() override;

    /**
     * @brief Adds a link.
     * @param nAntennas N, the antennas at the AP's end, > 0
     * @return the index of the link, counted from 0 in the order of the calls
     */
    uint32_t AddLink(Eigen::Index nAntennas);

    /**
     * @brief Coefficients of a link in the block of the present simulation time.
     * @param link index that AddLink() returned
     * @return N x 1, unit mean power per antenna; valid until the next call
     */
    const Eigen::VectorXcd& GetCoefficients(uint32_t link);

    /**
     * @brief Gives every link that has been added its own stream, in the order of AddLink().
     * Links added later keep the streams that ns-3 chooses. Processes start anew.
     * @param stream first stream index
     * @return the number of streams used: one per link
     */
    int64_t AssignStreams(int64_t stream);

  protected:
    void DoDispose() override;

  private:
    /// One link's process.
    struct Link
    {
        Ptr<UniformRandomVariable> uniform; //!< the link's own stream
        int64_t block{-1};                  //!< the block that the coefficients belong to
        Eigen::VectorXcd coefficients;      //!< N coefficients; zero before the first block
    };

    /**
     * @brief Takes a link's process from one block to the next. It is called once for every block,
     * from block 0 on.
     * @param link index of the link
     * @param uniform the link's own stream, from which all draws must come
     * @param[in,out] coefficients those of the block before, or zero before block 0; on return
     * those of the block
     */
    virtual void DoNextBlock(uint32_t link,
                             UniformRandomVariable& uniform,
                             Eigen::VectorXcd& coefficients) = 0;

    Time m_coherenceTime;      //!< duration of a block
    std::vector<Link> m_links; //!< the links in the order in which they were added
};

/**
 * @ingroup cellfree-isac
 * @brief Rayleigh block fading: coefficients CN(0, 1), independent over antennas, links and blocks.
 */
class CellFreeRayleighFading : public CellFreeFadingModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  private:
    void DoNextBlock(uint32_t link,
                     UniformRandomVariable& uniform,
                     Eigen::VectorXcd& coefficients) override;
};

} // namespace ns3

#endif // CELL_FREE_FADING_MODEL_H
