// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-python-tool.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

extern char** environ;

namespace ns3
{

namespace
{

/// Runs a program and waits for it. @return its exit status, or 127 if it did not run or was killed
int
Run(std::vector<std::string> words, bool isSilent)
{
    std::vector<char*> arguments;
    for (auto& word : words)
    {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (isSilent)
    {
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    }
    pid_t pid = 0;
    const int error =
        posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    if (error != 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
    {
        return 127;
    }
    return WEXITSTATUS(status);
}

} // namespace

std::string
RunPythonTool(const std::string& name, const std::vector<std::string>& arguments)
{
    for (const char* python : {"python3", "/usr/bin/python3"})
    {
        if (Run({python, "-c", "import matplotlib"}, true) == 0)
        {
            std::vector<std::string> words{python, CELLFREE_ISAC_TOOLS_DIR "/" + name};
            words.insert(words.end(), arguments.begin(), arguments.end());
            const int status = Run(words, false);
            return status == 0 ? ""
                               : "tools/" + name + " ended with status " + std::to_string(status);
        }
    }
    return "no plots: expected python3 with matplotlib (Debian: python3-matplotlib)";
}

} // namespace ns3
