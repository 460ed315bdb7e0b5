// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_CLUSTERING_H
#define CELL_FREE_CLUSTERING_H

#include "ns3/cell-free-csi.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/traced-callback.h"

#include <Eigen/Core>
#include <map>
#include <vector>

namespace ns3
{

/// A change of a cluster; a row of the ClusterTrace.
struct CellFreeClusterChange
{
    /// What changed.
    enum Event
    {
        JOIN,  //!< the AP begins to serve the UE
        LEAVE, //!< the AP no longer serves the UE
        MASTER //!< the AP is the UE's master from now on
    };

    Time time;               //!< when
    uint32_t ueId{0};        //!< node id of the UE
    uint32_t apId{0};        //!< node id of the AP
    Event event{JOIN};       //!< what
    uint32_t nServingAps{0}; //!< APs that serve the UE after all changes of this time
};

/**
 * @ingroup cellfree-isac
 * @brief Chooses which APs serve which UEs.
 */
class CellFreeClustering : public Object
{
  public:
    /// M x U: true where an AP may serve a UE; empty if every AP serves every UE.
    using Mask = Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic>;

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    ~CellFreeClustering() override;

    /**
     * @brief Look at who is there, once in every slot before anything else is asked; does nothing
     * unless a clustering cares. A clustering that renews its clusters decides by the simulation
     * time whether they are due.
     * @param csi what the CPU knows of the channels
     * @param aps the CPU's APs
     * @param ues the CPU's UEs, ascending
     */
    virtual void Update(CellFreeCsi& csi,
                        const std::vector<uint32_t>& aps,
                        const std::vector<uint32_t>& ues);

    /**
     * @brief Say which APs serve the UEs of a slot.
     * @param aps the CPU's APs
     * @param ues the UEs of the slot
     * @param[out] serving the mask; at least one AP per UE
     */
    virtual void GetServing(const std::vector<uint32_t>& aps,
                            const std::vector<uint32_t>& ues,
                            Mask& serving) = 0;

    /**
     * TracedCallback signature of the trace source Change.
     * @param change the change
     */
    typedef void (*ChangeTracedCallback)(const CellFreeClusterChange& change);

  protected:
    TracedCallback<const CellFreeClusterChange&> m_changeTrace; //!< trace source Change
};

/**
 * @ingroup cellfree-isac
 * @brief Every AP serves every UE.
 */
class CellFreeAllServe : public CellFreeClustering
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeAllServe();
    ~CellFreeAllServe() override;

    void GetServing(const std::vector<uint32_t>& aps,
                    const std::vector<uint32_t>& ues,
                    Mask& serving) override;
};

/**
 * @ingroup cellfree-isac
 * @brief Clusters by mean gains, renewed as UEs move.
 *
 * Clusters are formed at the multiples of UpdatePeriod, and whenever UEs come, leave or change
 * their pilot. A serving AP, and a UE's master, count as Hysteresis stronger than they are. To
 * write your own, derive from this class, implement Form() and register a TypeId.
 */
class CellFreePeriodicClustering : public CellFreeClustering
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    ~CellFreePeriodicClustering() override;

    void Update(CellFreeCsi& csi,
                const std::vector<uint32_t>& aps,
                const std::vector<uint32_t>& ues) override;
    void GetServing(const std::vector<uint32_t>& aps,
                    const std::vector<uint32_t>& ues,
                    Mask& serving) override;

  protected:
    void DoDispose() override;

  private:
    /// The clusters of one CPU.
    struct Clusters
    {
        Time next;                         //!< when they are renewed
        std::vector<uint32_t> ues;         //!< the UEs, ascending
        std::vector<int32_t> pilots;       //!< their pilots
        std::vector<Eigen::Index> masters; //!< positions of their master APs
        Mask serving;                      //!< M x U
    };

    /**
     * @brief Checks that clusters can be formed; aborts if not.
     * @param csi what the CPU knows of the channels
     * @param nAps number of the CPU's APs
     */
    virtual void Check(const CellFreeCsi& csi, std::size_t nAps) const = 0;

    /**
     * @brief Forms clusters.
     * @param gain M x U: mean gain of each link, linear, times the hysteresis where the AP serves
     * @param pilots U: pilot of each UE, or -1
     * @param masters U: position of each UE's master AP
     * @param[out] serving M x U: true where an AP serves a UE; the master serves in any case
     */
    virtual void Form(const Eigen::MatrixXd& gain,
                      const std::vector<int32_t>& pilots,
                      const std::vector<Eigen::Index>& masters,
                      Mask& serving) const = 0;

    /**
     * @brief Renews the clusters of a CPU and traces what changed.
     * @param csi what the CPU knows of the channels
     * @param aps the CPU's APs
     * @param ues the CPU's UEs, ascending
     * @param[in,out] clusters the clusters
     */
    void Renew(CellFreeCsi& csi,
               const std::vector<uint32_t>& aps,
               const std::vector<uint32_t>& ues,
               Clusters& clusters);

    /**
     * @brief Traces what changed of a UE's cluster.
     * @param channel names the nodes
     * @param aps the CPU's APs
     * @param before clusters before
     * @param i position of the UE in them, or -1 if it is new
     * @param after clusters after
     * @param j position of the UE in them
     */
    void TraceChanges(const CellFreeChannelModel& channel,
                      const std::vector<uint32_t>& aps,
                      const Clusters& before,
                      Eigen::Index i,
                      const Clusters& after,
                      Eigen::Index j) const;

    Time m_updatePeriod;                                  //!< time between two renewals
    double m_hysteresis;                                  //!< see the attribute (dB)
    std::map<std::vector<uint32_t>, Clusters> m_clusters; //!< by the APs of a CPU
};

/**
 * @ingroup cellfree-isac
 * @brief Dynamic cooperation clusters of the textbook, cellfree::FormPilotClusters(): an AP serves
 * on each pilot the UE with the largest gain there, and every UE of which it is the master. It
 * needs a CSI with pilots.
 */
class CellFreeDynamicCooperation : public CellFreePeriodicClustering
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeDynamicCooperation();
    ~CellFreeDynamicCooperation() override;

  private:
    void Check(const CellFreeCsi& csi, std::size_t nAps) const override;
    void Form(const Eigen::MatrixXd& gain,
              const std::vector<int32_t>& pilots,
              const std::vector<Eigen::Index>& masters,
              Mask& serving) const override;
};

/**
 * @ingroup cellfree-isac
 * @brief Every UE is served by the Size APs with the largest mean gain to it.
 */
class CellFreeStrongestAps : public CellFreePeriodicClustering
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeStrongestAps();
    ~CellFreeStrongestAps() override;

  private:
    /// Sets Size. @param size the number
    void SetSize(uint32_t size);
    /// @return Size
    uint32_t GetSize() const;

    void Check(const CellFreeCsi& csi, std::size_t nAps) const override;
    void Form(const Eigen::MatrixXd& gain,
              const std::vector<int32_t>& pilots,
              const std::vector<Eigen::Index>& masters,
              Mask& serving) const override;

    uint32_t m_size{8}; //!< APs of a cluster
};

} // namespace ns3

#endif // CELL_FREE_CLUSTERING_H
