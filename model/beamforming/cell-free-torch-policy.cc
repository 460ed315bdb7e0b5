// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-torch-policy.h"

#include "ns3/boolean.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeTorchPolicy);

TypeId
CellFreeTorchPolicy::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeTorchPolicy")
            .SetParent<CellFreePluginPolicy>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeTorchPolicy>()
            .AddAttribute("ModelFile",
                          "Path of a TorchScript file whose method is forward(h, a, omega, "
                          "sensing_weight, error_variance, serving) -> f, relative to the working "
                          "directory. Open only files that you would run as a program.",
                          StringValue(""),
                          MakeStringAccessor(&CellFreeTorchPolicy::m_modelFile),
                          MakeStringChecker())
            .AddAttribute("Device",
                          "Where the model computes: cpu, cuda, or cuda:0 and so on.",
                          StringValue("cpu"),
                          MakeStringAccessor(&CellFreeTorchPolicy::m_device),
                          MakeStringChecker())
            .AddAttribute("SinglePrecision",
                          "Whether the model gets complex64 and float32 instead of complex128 and "
                          "float64.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&CellFreeTorchPolicy::m_isSingle),
                          MakeBooleanChecker())
            .AddAttribute("Threads",
                          "Threads that LibTorch computes with, of all models in the process.",
                          UintegerValue(1),
                          MakeUintegerAccessor(&CellFreeTorchPolicy::m_threads),
                          MakeUintegerChecker<uint32_t>(1, 1024));
    return tid;
}

std::unique_ptr<IsacPolicyPlugin>
CellFreeTorchPolicy::OpenPlugin(const IsacPolicyPlugin::Settings& settings,
                                std::string& error) const
{
    constexpr Library LIBRARY{
        CELLFREE_ISAC_TORCH_PLUGIN,
        "policy torch needs LibTorch (Debian: libtorch-dev libopenblas0-pthread; then configure "
        "and build again)",
        false};
    return OpenLibrary(LIBRARY, settings, error);
}

IsacPolicyPlugin::Settings
CellFreeTorchPolicy::GetSettings() const
{
    IsacPolicyPlugin::Settings settings;
    settings.file = m_modelFile;
    settings.device = m_device;
    settings.isSinglePrecision = m_isSingle;
    settings.threads = m_threads;
    return settings;
}

} // namespace ns3
