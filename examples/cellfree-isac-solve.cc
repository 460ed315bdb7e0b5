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

#include "ns3/cell-free-policy-catalogue.h"
#include "ns3/command-line.h"

#include <cmath>
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
        const std::string written = m_written.string();
        m_path.clear();
        return "--out: cannot write " + written;
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
            std::filesystem::remove(m_written, error);
            return "--out: cannot write " + m_written.string();
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

/// Prints one line on standard error and returns the exit status of a failure.
int
Fail(const std::string& message)
{
    std::cerr << "cellfree-isac-solve: " << message << std::endl;
    return 1;
}

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

    CommandLine cmd(__FILE__);
    cmd.Usage("Answers beamforming problems, one JSON object a line, with one policy.\n"
              "A line holds h, a, omega, power, noise and sensingNoise in linear units, and may\n"
              "hold serving, sensingWeight and minSinr; an answer holds the beams and what they "
              "reach.");
    cmd.AddValue("in", "File of problems, or - for standard input", in);
    cmd.AddValue("out", "File of answers, or - for standard output", out);
    cmd.AddValue("policy",
                 "Policy: " + GetBeamformingPolicyNames() + ", or a TypeId",
                 options.policy);
    cmd.AddValue("sensingWeight",
                 "Weight beta_s of sensing in the objective, for lines without their own",
                 options.sensingWeight);
    cmd.AddValue("minSinr",
                 "Least SINR of every UE (linear) under jsc, for lines without their own",
                 minSinr);
    cmd.AddValue("commPowerRatio",
                 "Share of every AP's power for communication under ns-rzf and split, 0 to 1",
                 commPowerRatio);
    cmd.AddValue("jobs", "Number of threads", options.jobs);
    cmd.AddValue("keepGoing",
                 "Answer a bad line with {\"error\": ...} and go on, instead of stopping",
                 options.keepGoing);
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
    if (auto error = solver.Configure(options); !error.empty())
    {
        return Fail(error);
    }

    std::ifstream file;
    if (in != "-")
    {
        std::error_code ignored;
        file.open(in, std::ios::binary);
        if (!file || std::filesystem::is_directory(in, ignored))
        {
            return Fail("--in: cannot read " + in);
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
                return Fail("--outputDir: cannot create " + outputDir + ": " + error.message());
            }
        }
    }
    AnswerFile answers;
    if (auto error = answers.Open(path); !error.empty())
    {
        return Fail(error);
    }

    CellFreeBatchSolver::Summary summary;
    auto error = solver.Run(in == "-" ? std::cin : file, answers.GetStream(), summary);
    if (error.empty())
    {
        error = answers.Finish();
    }
    else if (in != "-")
    {
        error = in + ": " + error;
    }
    if (!error.empty())
    {
        return Fail(error);
    }
    if (summary.failed > 0)
    {
        std::cerr << "cellfree-isac-solve: " << summary.failed << " of "
                  << summary.solved + summary.failed << " lines could not be solved" << std::endl;
    }
    if (summary.infeasible > 0)
    {
        std::cerr << "cellfree-isac-solve: minSinr cannot be met on " << summary.infeasible
                  << " of " << summary.solved
                  << " lines; their answers maximise the smallest SINR instead" << std::endl;
    }
    return 0;
}
