// SPDX-License-Identifier: GPL-2.0-only

/**
 * @file
 * The library behind CellFreePythonPolicy: Python in this process, started once and never ended,
 * for NumPy does not survive an end.
 */

#include "ns3/isac-policy-plugin.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <mutex>
#include <pybind11/embed.h>
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

namespace ns3
{

namespace
{

namespace py = pybind11;

/// What a script is run by: its functions, and errors as texts.
constexpr const char* PRELUDE = R"PY(
import os, sys, traceback, types

def load(path):
    """The module of a script; its folder comes first where it imports from."""
    folder = os.path.dirname(os.path.abspath(path))
    if folder not in sys.path:
        sys.path.insert(0, folder)
    name = os.path.splitext(os.path.basename(path))[0]
    module = types.ModuleType(name)
    module.__file__ = path
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec")
    # Classes of the script are found by their module's name when they are pickled.
    sys.modules.setdefault(name, module)
    exec(code, module.__dict__)
    return module

def describe(kind, value, trace):
    """An exception: a line, and where it came from below it."""
    if issubclass(kind, SystemExit):
        return "the script wants to end the program: sys.exit(" + repr(value.code) + ")"
    lines = "".join(traceback.format_exception(kind, value, trace)).rstrip()
    last = traceback.format_exception_only(kind, value)[-1].strip()
    return last + "\n" + lines

pid, leave = os.getpid(), os._exit
def refuse_exit(status):
    """The program is not the script's to end; children of its own are."""
    if os.getpid() != pid:
        leave(status)
    raise SystemExit(status)
os._exit = refuse_exit
)PY";

/// What views of a problem rest on, once a script keeps one.
struct Kept
{
    IsacProblem problem; //!< the problem, its memory where it was
};

/// A script.
class PythonPlugin : public IsacPolicyPlugin
{
  public:
    ~PythonPlugin() override
    {
        if (GetPrelude())
        {
            const py::gil_scoped_acquire lock;
            for (auto* object : {&m_module, &m_beams, &m_outcome, &m_namespace, &m_asArray})
            {
                *object = py::object();
            }
        }
    }

    /**
     * @brief Reads a script and begins it.
     * @param settings which, and what it is told
     * @return an empty string, or what is wrong
     */
    std::string Open(const Settings& settings)
    {
        if (settings.file.empty())
        {
            return "Script is empty: expected the path of a Python script";
        }
        m_name = "script '" + settings.file + "': ";
        std::error_code error;
        if (!std::filesystem::is_regular_file(settings.file, error))
        {
            return "Script = '" + settings.file + "': expected the path of a Python script";
        }
        if (auto failure = Start(); !failure.empty())
        {
            return failure;
        }
        const py::gil_scoped_acquire lock;
        return Try([&]() -> std::string {
            try
            {
                py::module_::import("numpy");
            }
            catch (py::error_already_set&)
            {
                return "policy python needs NumPy for " + std::string(CELLFREE_ISAC_PYTHON) +
                       " (Debian: python3-numpy)";
            }
            m_module = (*GetPrelude())["load"](settings.file);
            for (const auto& [name, function] :
                 {std::pair("beams", &m_beams), std::pair("outcome", &m_outcome)})
            {
                if (py::hasattr(m_module, name))
                {
                    *function = m_module.attr(name);
                    if (!PyCallable_Check(function->ptr()))
                    {
                        return m_name + name + " is no function";
                    }
                }
            }
            if (!m_beams)
            {
                return m_name + "it has no function beams(problem)";
            }
            m_namespace = py::module_::import("types").attr("SimpleNamespace");
            m_asArray = py::module_::import("numpy").attr("asarray");
            if (py::hasattr(m_module, "begin"))
            {
                m_module.attr("begin")(m_namespace(py::arg("seed") = settings.seed,
                                                   py::arg("run") = settings.run,
                                                   py::arg("argument") = settings.argument));
            }
            return {};
        });
    }

    bool Learns() const override
    {
        return static_cast<bool>(m_outcome);
    }

    std::string ComputeBeams(const IsacDecisionContext& context,
                             std::vector<IsacProblem>& problems,
                             std::vector<IsacBeams>& beams) override
    {
        const py::gil_scoped_acquire lock;
        return Try([&]() -> std::string {
            for (std::size_t b = 0; b < problems.size(); ++b)
            {
                if (auto error = ComputeBand(context, b, problems[b], beams[b]); !error.empty())
                {
                    return error;
                }
            }
            return {};
        });
    }

    std::string Learn(const IsacDecisionOutcome& outcome) override
    {
        const py::gil_scoped_acquire lock;
        return Try([&]() -> std::string {
            py::list dwells;
            for (const auto& dwell : outcome.dwells)
            {
                dwells.append(m_namespace(py::arg("target") = dwell.target,
                                          py::arg("start") = dwell.start,
                                          py::arg("end") = dwell.end,
                                          py::arg("snr") = dwell.snr,
                                          py::arg("combinedSnr") = dwell.combinedSnr,
                                          py::arg("pd") = dwell.pd,
                                          py::arg("detected") = dwell.isDetected));
            }
            std::vector<bool> decoded(outcome.isDecoded.begin(), outcome.isDecoded.end());
            m_outcome(
                m_namespace(py::arg("decision") = outcome.decision,
                            py::arg("slot") = outcome.slot,
                            py::arg("time") = outcome.time,
                            py::arg("ap") = outcome.ap,
                            py::arg("ue") = outcome.ue,
                            py::arg("sinr") = Copy(outcome.sinr),
                            py::arg("believedSinr") = Copy(outcome.believedSinr).attr("ravel")(),
                            py::arg("mcs") = m_asArray(outcome.mcs, "int32"),
                            py::arg("blockBytes") = m_asArray(outcome.blockBytes, "uint32"),
                            py::arg("decoded") = m_asArray(decoded, "bool"),
                            py::arg("target") = outcome.target,
                            py::arg("sensingSnr") = Copy(outcome.sensingSnr).attr("ravel")(),
                            py::arg("echoPower") = Copy(outcome.echoPower),
                            py::arg("dwells") = dwells));
            return {};
        });
    }

  private:
    /// The names of PRELUDE, or null before Python has started; never destroyed.
    static py::dict*& GetPrelude()
    {
        static py::dict* prelude = nullptr;
        return prelude;
    }

    /// Starts Python, once. @return an empty string, or what went wrong
    static std::string Start()
    {
        static std::mutex mutex;
        const std::lock_guard lock(mutex);
        if (GetPrelude())
        {
            return {};
        }
        PyConfig config;
        PyConfig_InitPythonConfig(&config);
        // Signals stay the program's, and what is printed comes out though nothing ends Python.
        config.install_signal_handlers = 0;
        config.parse_argv = 0;
        config.buffered_stdio = 0;
        // Not the python3 that is first on the path, whose packages may be another version's.
        auto status = PyConfig_SetBytesString(&config, &config.program_name, CELLFREE_ISAC_PYTHON);
        if (!PyStatus_Exception(status))
        {
            status = Py_InitializeFromConfig(&config);
        }
        PyConfig_Clear(&config);
        if (PyStatus_Exception(status))
        {
            return "Python cannot start: " +
                   std::string(status.err_msg ? status.err_msg : "unknown reason");
        }
        GetPrelude() = new py::dict;
        (*GetPrelude())["__builtins__"] = py::module_::import("builtins");
        py::exec(PRELUDE, *GetPrelude());
        PyEval_SaveThread();
        return {};
    }

    /// Runs something that may raise. @param work it @return what it returns, or what it raised
    template <typename Work>
    std::string Try(Work work) const
    {
        try
        {
            return work();
        }
        catch (py::error_already_set& error)
        {
            try
            {
                auto trace = error.trace() ? error.trace() : py::object(py::none());
                auto value = error.value() ? error.value() : py::object(py::none());
                return m_name + py::cast<std::string>(
                                    (*GetPrelude())["describe"](error.type(), value, trace));
            }
            catch (const std::exception&)
            {
                return m_name + "an exception that cannot be printed";
            }
        }
        catch (const std::exception& error)
        {
            return m_name + error.what();
        }
    }

    /**
     * @brief Asks the script for beams of one problem.
     * @param context what surrounds the decision
     * @param band sub-band
     * @param problem the problem
     * @param[out] beams its beams
     * @return an empty string, or what is wrong
     */
    std::string ComputeBand(const IsacDecisionContext& context,
                            std::size_t band,
                            IsacProblem& problem,
                            IsacBeams& beams)
    {
        const auto m = problem.GetNAps();
        const auto u = problem.GetNUes();
        const auto t = problem.GetNTargets();
        const auto n = problem.nAntennas;
        auto* kept = new Kept;
        const py::capsule owner(kept, [](void* pointer) { delete static_cast<Kept*>(pointer); });
        const auto describe = [&]() {
            return m_namespace(
                py::arg("h") = View(problem.h.data(), {m, u, n}, owner),
                py::arg("a") = View(problem.a.data(), {m, t, n}, owner),
                py::arg("omega") = View(problem.omega.data(), {m, t}, owner),
                py::arg("errorVariance") = View(problem.errorVariance.data(), {m, u}, owner),
                py::arg("serving") = View(problem.serving.data(), {m, u}, owner),
                py::arg("sensing") = View(problem.sensing.data(), {m, t}, owner),
                py::arg("weight") = View(problem.weight.data(), {u}, owner),
                py::arg("sensingWeight") = View(problem.sensingWeight.data(), {t}, owner),
                py::arg("slot") = context.slot,
                py::arg("effect") = context.effect,
                py::arg("time") = context.time,
                py::arg("band") = band,
                py::arg("ap") = context.ap,
                py::arg("ue") = context.ue,
                py::arg("target") = context.target);
        };

        // Whatever happens, what views rest on must stay while there are views.
        struct Keeper
        {
            const py::capsule& owner;
            Kept* kept;
            IsacProblem& problem;

            ~Keeper()
            {
                if (owner.ref_count() > 1)
                {
                    kept->problem = std::move(problem);
                    problem = IsacProblem();
                }
            }
        } keeper{owner, kept, problem};

        const py::object result = m_beams(describe());
        if (result.is_none())
        {
            return m_name + "beams() returned None" + Expect(m, u + t, n);
        }
        const py::array array = m_asArray(result);
        const char kind = array.dtype().kind();
        if (kind != 'c' && kind != 'f' && kind != 'i' && kind != 'u')
        {
            return m_name + "beams() returned " +
                   std::string(py::str(py::type::of(result).attr("__name__"))) + " of " +
                   std::string(py::str(array.dtype())) + Expect(m, u + t, n);
        }
        if (array.ndim() != 3 || array.shape(0) != m || array.shape(1) != u + t ||
            array.shape(2) != n)
        {
            return m_name + "beams() returned shape " + std::string(py::str(array.attr("shape"))) +
                   Expect(m, u + t, n);
        }
        const py::array_t<std::complex<double>, py::array::forcecast> numbers(array);
        const auto f = numbers.unchecked<3>();
        for (py::ssize_t i = 0; i < m; ++i)
        {
            for (py::ssize_t s = 0; s < u + t; ++s)
            {
                for (py::ssize_t k = 0; k < n; ++k)
                {
                    beams.f(i * n + k, s) = f(i, s, k);
                }
            }
        }
        return {};
    }

    /// @return ": expected numbers [M, U+T, N] = [m, s, n]"
    static std::string Expect(Eigen::Index m, Eigen::Index s, Eigen::Index n)
    {
        return ": expected numbers [M, U+T, N] = [" + std::to_string(m) + ", " + std::to_string(s) +
               ", " + std::to_string(n) + "]";
    }

    /**
     * @brief A view of a column-major array, where antennas are the inner index of rows.
     * @param data the array
     * @param shape [M, columns, N], [M, columns] or [columns]
     * @param owner what it rests on
     * @return the view, not to be written to
     */
    template <typename T>
    static py::array View(const T* data,
                          const std::vector<py::ssize_t>& shape,
                          const py::object& owner)
    {
        constexpr py::ssize_t size = sizeof(T);
        const auto n = shape.size() == 3 ? shape[2] : 1;
        std::vector<py::ssize_t> strides{size};
        if (shape.size() > 1)
        {
            strides = {n * size, shape[0] * n * size};
        }
        if (shape.size() == 3)
        {
            strides.push_back(size);
        }
        // An array without data would get memory of its own that says nothing of its owner.
        static const T none{};
        py::array_t<T> view(shape, strides, data ? data : &none, owner);
        view.attr("flags").attr("writeable") = false;
        return view;
    }

    /// @return a copy as an array. @param matrix a matrix or a vector
    template <typename Matrix>
    static py::array Copy(const Matrix& matrix)
    {
        py::array_t<double> copy({matrix.rows(), matrix.cols()});
        auto values = copy.template mutable_unchecked<2>();
        for (Eigen::Index i = 0; i < matrix.rows(); ++i)
        {
            for (Eigen::Index j = 0; j < matrix.cols(); ++j)
            {
                values(i, j) = matrix(i, j);
            }
        }
        return copy;
    }

    std::string m_name;     //!< how errors of the script begin
    py::object m_module;    //!< the script
    py::object m_beams;     //!< its function beams()
    py::object m_outcome;   //!< its function outcome(), or nothing
    py::object m_namespace; //!< types.SimpleNamespace
    py::object m_asArray;   //!< numpy.asarray
};

} // namespace

} // namespace ns3

extern "C" __attribute__((visibility("default"))) ns3::IsacPolicyPlugin*
OpenIsacPolicyPlugin(const ns3::IsacPolicyPlugin::Settings& settings, std::string& error)
{
    auto plugin = std::make_unique<ns3::PythonPlugin>();
    error = plugin->Open(settings);
    return error.empty() ? plugin.release() : nullptr;
}
