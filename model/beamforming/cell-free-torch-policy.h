// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_TORCH_POLICY_H
#define CELL_FREE_TORCH_POLICY_H

#include "cell-free-plugin-policy.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Beams from a TorchScript file: a model of the user's own, trained and saved elsewhere.
 *
 * Its method is forward(h, a, omega, sensing_weight, error_variance, serving) -> f, on the
 * normalised problem (cellfree::Normalise()), B sub-bands at once, all APs of one size:
 *
 * | tensor         | shape         | type                                              |
 * |----------------|---------------|---------------------------------------------------|
 * | h              | [B, M, U, N]  | complex128, or complex64 with SinglePrecision     |
 * | a              | [B, M, T, N]  | the same                                          |
 * | omega          | [B, M, T]     | float64, or float32                               |
 * | sensing_weight | [B, T]        | the same                                          |
 * | error_variance | [B, M, U]     | the same; 0 where the CSI is perfect              |
 * | serving        | [B, M, U]     | bool: whether an AP may serve a UE                |
 * | f, returned    | [B, M, U+T, N]| complex, any precision: UEs' streams, then targets'|
 *
 * with ||f_m||^2 <= 1 for every AP. LibTorch is loaded when the first such policy is opened.
 */
class CellFreeTorchPolicy : public CellFreePluginPolicy
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  private:
    IsacPolicyPlugin::Settings GetSettings() const override;
    std::unique_ptr<IsacPolicyPlugin> OpenPlugin(const IsacPolicyPlugin::Settings& settings,
                                                 std::string& error) const override;

    std::string m_modelFile; //!< attribute ModelFile
    std::string m_device;    //!< attribute Device
    bool m_isSingle{false};  //!< attribute SinglePrecision
    uint32_t m_threads{1};   //!< attribute Threads
};

} // namespace ns3

#endif // CELL_FREE_TORCH_POLICY_H
