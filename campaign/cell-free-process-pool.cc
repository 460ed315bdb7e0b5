// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-process-pool.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <map>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace ns3
{

namespace
{

typedef std::chrono::steady_clock Clock;

/// The exit status by which a shell says that a program could not be started.
constexpr int CANNOT_START = 127;

/// Blocks the signals that the pool waits for, and restores the thread's mask at its end.
class BlockedSignals
{
  public:
    BlockedSignals()
    {
        sigemptyset(&m_set);
        for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD})
        {
            sigaddset(&m_set, signal);
        }
        sigprocmask(SIG_BLOCK, &m_set, &m_previous);
    }

    ~BlockedSignals()
    {
        sigprocmask(SIG_SETMASK, &m_previous, nullptr);
    }

    BlockedSignals(const BlockedSignals&) = delete;
    BlockedSignals& operator=(const BlockedSignals&) = delete;

    /// @return the next of the signals, once there is one
    int Wait() const
    {
        int signal = 0;
        sigwait(&m_set, &signal);
        return signal;
    }

    /// @return the mask that the thread had
    const sigset_t& GetPrevious() const
    {
        return m_previous;
    }

  private:
    sigset_t m_set;      //!< the signals
    sigset_t m_previous; //!< mask of the thread before
};

/**
 * @brief Starts a program.
 * @param job the program
 * @param signals what the child must not inherit
 * @return its process id, or -1 with errno set
 */
pid_t
Start(const CellFreeProcessPool::Job& job, const BlockedSignals& signals)
{
    std::vector<char*> arguments;
    for (const auto& argument : job.arguments)
    {
        arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    arguments.push_back(nullptr);
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(job.logPath).parent_path(), error);
    if (error && !job.logPath.empty())
    {
        errno = error.value();
        return -1;
    }
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid != 0)
    {
        return pid;
    }
    // The child, up to exec: only what is safe after a fork.
    setpgid(0, 0);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != parent) // it ended before the line above took effect
    {
        _exit(CANNOT_START);
    }
    sigprocmask(SIG_SETMASK, &signals.GetPrevious(), nullptr);
    if (!job.logPath.empty())
    {
        const int log = open(job.logPath.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
        const int nothing = open("/dev/null", O_RDONLY);
        if (log < 0 || nothing < 0 || dup2(nothing, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
        {
            _exit(CANNOT_START);
        }
    }
    execv(arguments[0], arguments.data());
    _exit(CANNOT_START);
}

/// What a status of waitpid() says, empty for success.
std::string
DescribeStatus(int status)
{
    if (WIFSIGNALED(status))
    {
        return std::string("killed by a signal: ") + strsignal(WTERMSIG(status));
    }
    const int exitStatus = WEXITSTATUS(status);
    if (exitStatus == CANNOT_START)
    {
        return "could not be started";
    }
    return exitStatus == 0 ? "" : "exit status " + std::to_string(exitStatus);
}

} // namespace

int
CellFreeProcessPool::Run(const std::vector<Job>& jobs,
                         std::size_t nParallel,
                         const OutcomeCallback& onEnd)
{
    struct Child
    {
        std::size_t job;
        Clock::time_point start;
    };

    const BlockedSignals signals;
    std::map<pid_t, Child> children;
    std::size_t next = 0;
    int interrupt = 0;
    bool isWanted = true;
    while (isWanted && (next < jobs.size() || !children.empty()))
    {
        while (isWanted && next < jobs.size() && children.size() < nParallel)
        {
            const pid_t pid = Start(jobs[next], signals);
            if (pid < 0)
            {
                isWanted =
                    onEnd({next, std::string("could not be started: ") + strerror(errno), 0});
            }
            else
            {
                setpgid(pid, pid); // the child does it too, whoever comes first
                children[pid] = {next, Clock::now()};
            }
            ++next;
        }
        if (!isWanted || children.empty())
        {
            continue;
        }
        const int signal = signals.Wait();
        if (signal != SIGCHLD)
        {
            interrupt = signal;
            break;
        }
        // One SIGCHLD may stand for several children.
        for (auto child = children.begin(); isWanted && child != children.end();)
        {
            int status = 0;
            if (waitpid(child->first, &status, WNOHANG) == 0)
            {
                ++child;
                continue;
            }
            const std::chrono::duration<double> time = Clock::now() - child->second.start;
            const auto job = child->second.job;
            child = children.erase(child);
            isWanted = onEnd({job, DescribeStatus(status), time.count()});
        }
    }
    for (const auto& [pid, child] : children)
    {
        kill(-pid, SIGKILL);
        waitpid(pid, nullptr, 0);
    }
    return interrupt;
}

} // namespace ns3
