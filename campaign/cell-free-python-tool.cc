// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-python-tool.h"

#include <spawn.h>
#include <sys/wait.h>

extern char** environ;

namespace ns3::cellfree
{

std::string
RunPythonTool(const std::string& name, const std::vector<std::string>& arguments)
{
    std::vector<std::string> words{"python3", CELLFREE_ISAC_TOOLS_DIR "/" + name};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (auto& word : words)
    {
        pointers.push_back(word.data());
    }
    pointers.push_back(nullptr);
    pid_t pid = 0;
    int status = 0;
    if (posix_spawnp(&pid, pointers[0], nullptr, nullptr, pointers.data(), environ) != 0 ||
        waitpid(pid, &status, 0) != pid)
    {
        return "no plots: expected python3 with matplotlib (Debian: python3-matplotlib)";
    }
    return status == 0 ? "" : "no plots: tools/" + name + " failed";
}

} // namespace ns3::cellfree
