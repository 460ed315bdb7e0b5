// SPDX-License-Identifier: GPL-2.0-only

/**
 * @file
 * @ingroup cellfree-isac
 * Answers beamforming problems from a file with any policy: the bridge to other tools.
 *
 * One problem a line in, one answer a line out; README.md and ns3/isac-problem-json.h describe the
 * format. Any attribute of a policy can be set from the command line, for instance
 * `--ns3::CellFreeJscPolicy::MinSinr=2`.
 */

#include "campaign/cell-free-batch-solver.h"

#include "ns3/cell-free-command-line.h"
#include "ns3/cell-free-policy-catalogue.h"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

using namespace ns3;

namespace
{

/// Where the answers go: standard output, or a file that appears under its name when complete.
class AnswerFile
{
  public:
    /**
     * @brief Opens the output.
     * @param path the file, or "-" for standard output
     * @return an empty string, or one line that says why it cannot be written
     */
    std::string Open(const std::filesystem::path& path)
    {
        if (path == "-")
        {
            return {};
        }
        std::error_code ignored;
        m_path = path;
        // A device or a pipe cannot be replaced by a finished file: it is written to directly.
        const bool replace = !std::filesystem::exists(path, ignored) ||
                             std::filesystem::is_regular_file(path, ignored);
        m_written = replace ? path.string() + ".part" : path.string();
        m_stream.open(m_written, std::ios::binary);
        if (m_stream)
        {
            return {};
        }
        m_path.clear();
        return Describe();
    }

    ~AnswerFile()
    {
        // Still open: the run failed, and nothing half-written stays.
        if (m_stream.is_open() && m_written != m_path)
        {
            m_stream.close();
            std::error_code ignored;
            std::filesystem::remove(m_written, ignored);
        }
    }

    /// @return one line that says what could not be written, and why
    std::string Describe() const
    {
        // Closing a stream may clear errno; a full disk is by far the likeliest reason then.
        const std::string reason = std::string(": ") + std::strerror(errno ? errno : ENOSPC);
        return "--out: cannot write " + (m_written.empty() ? "-" : m_written.string()) + reason;
    }

    /// @return the stream to write to
    std::ostream& GetStream()
    {
        return m_path.empty() ? std::cout : m_stream;
    }

    /**
     * @brief Gives the complete file its name.
     * @return an empty string, or one line that says why it failed
     */
    std::string Finish()
    {
        if (m_path.empty())
        {
            return {};
        }
        std::error_code error;
        m_stream.close();
        if (!m_stream)
        {
            const auto message = Describe();
            if (m_written != m_path)
            {
                std::filesystem::remove(m_written, error);
            }
            return message;
        }
        if (m_written != m_path)
        {
            std::filesystem::rename(m_written, m_path, error);
        }
        return error ? "--out: cannot rename to " + m_path.string() + ": " + error.message() : "";
    }

  private:
    std::filesystem::path m_path;    //!< the file's name; empty for standard output
    std::filesystem::path m_written; //!< the name while it is written
    std::ofstream m_stream;          //!< the open file
};

} // namespace

int
main(int argc, char* argv[])
{
    CellFreeBatchSolver::Options options;
    const double notGiven = std::nan("");
    double minSinr = notGiven;
    double commPowerRatio = notGiven;
    std::string in = "-";
    std::string out = "-";
    std::string outputDir;
    std::string simTag;

    CellFreeCommandLine cmd(__FILE__);
    cmd.Usage(
        "Answers beamforming problems, one JSON object a line, with one policy.\n"
        "A line holds h, a, omega, power, noise and sensingNoise in linear units, and may\n"
        "hold weight, sensingWeight, combiningGain, serving, sensing, errorVariance, minSinr\n"
        "and hTrue; an answer holds the beams and what they reach. A problem that the policy\n"
        "cannot answer is answered with {\"error\": ...}, and the exit status is then 1.");
    cmd.AddValue("in", "File of problems, or - for standard input", in);
    cmd.AddValue("out", "File of answers, or - for standard output", out);
    cmd.AddValue("policy",
                 "Policy: " + GetBeamformingPolicyNames() + ", or a TypeId",
                 options.policy);
    cmd.AddValue("sensingWeight",
                 "Weight beta_t of sensing in the objective, for lines without their own",
                 options.sensingWeight,
                 0.0,
                 IsacProblem::MAX_WEIGHT);
    cmd.AddValue("minSinr",
                 "Least SINR of every UE (linear) under jsc, for lines without their own",
                 minSinr,
                 0.0,
                 1e12);
    cmd.AddValue("commPowerRatio",
                 "Share of every AP's power for communication under ns-rzf and split",
                 commPowerRatio,
                 0.0,
                 1.0);
    cmd.AddValue("jobs", "Number of threads", options.jobs, 1, 1024);
    cmd.AddValue("keepGoing",
                 "Answer a line that is no problem with {\"error\": ...} too, instead of stopping",
                 options.keepGoing);
    cmd.AddValue("ignoreErrors",
                 "Take the channels of a line for the truth, whatever its errorVariance says",
                 options.ignoreErrors);
    cmd.AddValue("outputDir", "Folder of a relative --out, created if missing", outputDir);
    cmd.AddValue("simTag", "Text put before the extension of --out", simTag);
    cmd.Parse(argc, argv);

    if (!std::isnan(minSinr))
    {
        options.minSinr = minSinr;
    }
    if (!std::isnan(commPowerRatio))
    {
        options.commPowerRatio = commPowerRatio;
    }
    CellFreeBatchSolver solver;
    cmd.RefuseIf(solver.Configure(options));

    std::ifstream file;
    if (in != "-")
    {
        std::error_code ignored;
        file.open(in, std::ios::binary);
        if (!file || std::filesystem::is_directory(in, ignored))
        {
            cmd.Refuse("--in: cannot read " + in);
        }
    }
    std::filesystem::path path = out;
    if (out != "-")
    {
        path.replace_filename(path.stem().string() + simTag + path.extension().string());
        path = std::filesystem::path(outputDir) / path;
        if (!outputDir.empty())
        {
            std::error_code error;
            std::filesystem::create_directories(outputDir, error);
            if (error)
            {
                cmd.Refuse("--outputDir: cannot create " + outputDir + ": " + error.message());
            }
        }
    }
    CellFreeBatchSolver::Summary summary;
    std::string error;
    {
        AnswerFile answers;
        error = answers.Open(path);
        if (error.empty())
        {
            error = solver.Run(in == "-" ? std::cin : file, answers.GetStream(), summary);
            if (!answers.GetStream())
            {
                error = answers.Describe();
            }
            else if (!error.empty())
            {
                error = in == "-" ? error : in + ": " + error;
            }
            else
            {
                error = answers.Finish();
            }
        }
    }
    cmd.RefuseIf(error);
    if (summary.infeasible > 0)
    {
        std::cerr << "cellfree-isac-solve: minSinr cannot be met on " << summary.infeasible
                  << " of " << summary.solved
                  << " lines; their answers maximise the smallest SINR instead" << std::endl;
    }
    if (summary.failed > 0)
    {
        std::cerr << "cellfree-isac-solve: " << summary.failed << " of "
                  << summary.solved + summary.failed << " lines could not be solved" << std::endl;
    }
    return summary.failed > 0 ? 1 : 0;
}
