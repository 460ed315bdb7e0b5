// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-plugin-policy.h"

#include "ns3/cell-free-plugin.h"
#include "ns3/log.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/trace-source-accessor.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <list>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreePluginPolicy");

NS_OBJECT_ENSURE_REGISTERED(CellFreePluginPolicy);

namespace
{

/// Power over the limit up to which an AP counts as within it.
constexpr double MAX_LOAD = 1.0 + 1e-9;

/// What a power is said to be that is larger than any number.
constexpr double LARGEST = std::numeric_limits<double>::max();

/// A plugin that was opened, checked and not used.
struct Spare
{
    TypeId type;                              //!< of its policy
    IsacPolicyPlugin::Settings settings;      //!< what it was opened with
    std::unique_ptr<IsacPolicyPlugin> plugin; //!< it
};

/// All of them. Never destroyed: what they are made of may be gone when the program ends.
std::list<Spare>&
GetSpares()
{
    static auto* spares = new std::list<Spare>;
    return *spares;
}

} // namespace

TypeId
CellFreePluginPolicy::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreePluginPolicy")
            .SetParent<CellFreeBeamformingPolicy>()
            .SetGroupName("CellFreeIsac")
            .AddTraceSource("Correction",
                            "The beams of a sub-band broke a power limit or a mask, and were "
                            "corrected.",
                            MakeTraceSourceAccessor(&CellFreePluginPolicy::m_correctionTrace),
                            "ns3::CellFreePluginPolicy::CorrectionTracedCallback");
    return tid;
}

CellFreePluginPolicy::CellFreePluginPolicy() = default;

CellFreePluginPolicy::~CellFreePluginPolicy()
{
    if (m_plugin && !m_isUsed)
    {
        GetSpares().push_back({GetInstanceTypeId(), *m_opened, std::move(m_plugin)});
    }
}

bool
CellFreePluginPolicy::UsesSensingWeight() const
{
    return true;
}

bool
CellFreePluginPolicy::AnswersBands() const
{
    return true;
}

bool
CellFreePluginPolicy::Learns() const
{
    return true;
}

void
CellFreePluginPolicy::Announce(const IsacDecisionContext& context)
{
    m_context = context;
}

std::string
CellFreePluginPolicy::Learn(const IsacDecisionOutcome& outcome)
{
    Open();
    return m_plugin && m_plugin->Learns() ? m_plugin->Learn(outcome) : m_error;
}

std::string
CellFreePluginPolicy::FindError() const
{
    Open();
    return m_error;
}

void
CellFreePluginPolicy::Open() const
{
    auto settings = GetSettings();
    settings.seed = RngSeedManager::GetSeed();
    settings.run = RngSeedManager::GetRun();
    if (m_opened && *m_opened == settings)
    {
        return;
    }
    m_opened = settings;
    m_error.clear();
    m_plugin.reset();
    m_isUsed = false;
    auto& spares = GetSpares();
    const auto spare = std::find_if(spares.begin(), spares.end(), [&](const auto& other) {
        return other.type == GetInstanceTypeId() && other.settings == settings;
    });
    if (spare != spares.end())
    {
        m_plugin = std::move(spare->plugin);
        spares.erase(spare);
        return;
    }
    m_plugin = OpenPlugin(settings, m_error);
}

std::unique_ptr<IsacPolicyPlugin>
CellFreePluginPolicy::OpenLibrary(const Library& library,
                                  const IsacPolicyPlugin::Settings& settings,
                                  std::string& error)
{
    std::string reason = "this build has none";
    auto* open = *library.name ? reinterpret_cast<IsacOpenPolicyPlugin*>(
                                     cellfree::FindPluginSymbol(library.name,
                                                                "OpenIsacPolicyPlugin",
                                                                library.isGlobal,
                                                                reason))
                               : nullptr;
    if (!open)
    {
        error = std::string(library.missing) + ": " + reason;
        return nullptr;
    }
    return std::unique_ptr<IsacPolicyPlugin>(open(settings, error));
}

uint32_t
CellFreePluginPolicy::DoComputeBeams(const IsacProblem& problem,
                                     IsacBeams& beams,
                                     const IsacBeams* /* previous */)
{
    m_single.resize(1);
    m_singleBeams.resize(1);
    m_single[0] = problem;
    std::swap(m_singleBeams[0], beams);
    DoComputeBands(m_single, m_singleBeams);
    std::swap(m_singleBeams[0], beams);
    return 0;
}

uint32_t
CellFreePluginPolicy::DoComputeBands(std::vector<IsacProblem>& problems,
                                     std::vector<IsacBeams>& beams)
{
    m_isUsed = true;
    m_masks.resize(problems.size());
    for (std::size_t b = 0; b < problems.size(); ++b)
    {
        auto& problem = problems[b];
        const auto nAps = problem.GetNAps();
        const auto nUes = problem.GetNUes();
        const auto nTargets = problem.GetNTargets();
        // Nothing is left out, so that nobody has to ask what that means.
        if (problem.errorVariance.size() == 0)
        {
            problem.errorVariance.setZero(nAps, nUes);
        }
        if (problem.serving.size() == 0)
        {
            problem.serving.setConstant(nAps, nUes, true);
        }
        if (problem.sensing.size() == 0)
        {
            problem.sensing.setConstant(nAps, nTargets, true);
        }
        m_masks[b].resize(nAps, nUes + nTargets);
        m_masks[b] << problem.serving, problem.sensing;
    }
    auto error = m_plugin->ComputeBeams(m_context, problems, beams);
    for (std::size_t b = 0; b < beams.size() && error.empty(); ++b)
    {
        error = Correct(b, beams[b]);
    }
    if (!error.empty())
    {
        Fail(error);
    }
    return 0;
}

std::string
CellFreePluginPolicy::Correct(uint32_t band, IsacBeams& beams)
{
    const auto& mask = m_masks[band];
    CellFreeBeamCorrection correction;
    correction.time = m_context.time;
    correction.slot = m_context.slot;
    correction.band = band;
    for (Eigen::Index m = 0; m < mask.rows(); ++m)
    {
        auto block = beams.Ap(m);
        for (Eigen::Index s = 0; s < mask.cols(); ++s)
        {
            if (!block.col(s).allFinite())
            {
                return "beam of AP " + std::to_string(m) + ", stream " + std::to_string(s) +
                       ", sub-band " + std::to_string(band) + ": expected finite numbers";
            }
            if (!mask(m, s))
            {
                correction.maskedPower += std::min(block.col(s).squaredNorm(), LARGEST);
                block.col(s).setZero();
            }
        }
        // Squares of large numbers overflow, as does what divides complex numbers.
        const double peak = block.size() ? std::max(block.real().cwiseAbs().maxCoeff(),
                                                    block.imag().cwiseAbs().maxCoeff())
                                         : 0.0;
        if (peak == 0.0)
        {
            continue;
        }
        const double shape = (block * (1.0 / peak)).norm();
        const double load = std::min(peak * shape * (peak * shape), LARGEST);
        correction.maxLoad = std::max(correction.maxLoad, load);
        if (load > MAX_LOAD)
        {
            ++correction.nAps;
            block *= 1.0 / peak;
            block *= 1.0 / shape;
        }
    }
    correction.maskedPower = std::min(correction.maskedPower, LARGEST);
    if (correction.nAps > 0 || correction.maskedPower > 0.0)
    {
        NS_LOG_LOGIC("slot " << correction.slot << ": " << correction.nAps
                             << " APs above their limit, by " << correction.maxLoad);
        m_correctionTrace(correction);
    }
    return {};
}

} // namespace ns3
