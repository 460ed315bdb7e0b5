// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-python-policy.h"

#include "ns3/string.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreePythonPolicy);

TypeId
CellFreePythonPolicy::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreePythonPolicy")
            .SetParent<CellFreePluginPolicy>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreePythonPolicy>()
            .AddAttribute("Script",
                          "Path of a Python script with a function beams(problem), relative to the "
                          "working directory.",
                          StringValue(""),
                          MakeStringAccessor(&CellFreePythonPolicy::m_script),
                          MakeStringChecker())
            .AddAttribute("Argument",
                          "A text that the script's begin(run) finds in run.argument.",
                          StringValue(""),
                          MakeStringAccessor(&CellFreePythonPolicy::m_argument),
                          MakeStringChecker());
    return tid;
}

std::unique_ptr<IsacPolicyPlugin>
CellFreePythonPolicy::OpenPlugin(const IsacPolicyPlugin::Settings& settings,
                                 std::string& error) const
{
    // NumPy's own libraries expect to find Python's functions in the program.
    constexpr Library LIBRARY{
        CELLFREE_ISAC_PYTHON_PLUGIN,
        "policy python needs Python's development files and pybind11 (Debian: python3-dev "
        "pybind11-dev python3-numpy; then configure and build again)",
        true};
    return OpenLibrary(LIBRARY, settings, error);
}

IsacPolicyPlugin::Settings
CellFreePythonPolicy::GetSettings() const
{
    IsacPolicyPlugin::Settings settings;
    settings.file = m_script;
    settings.argument = m_argument;
    return settings;
}

} // namespace ns3
