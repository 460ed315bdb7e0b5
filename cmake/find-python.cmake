# SPDX-License-Identifier: GPL-2.0-only
#
# Looks for Python's library and headers, pybind11 and NumPy, which policy python needs and nothing else. Sets
# CELLFREE_ISAC_PYTHON_FOUND (ON or OFF), CELLFREE_ISAC_PYTHON_LIBRARY, CELLFREE_ISAC_PYTHON_INCLUDE_DIRS and
# CELLFREE_ISAC_PYBIND11 (a folder), and says in one line what was found. -DCELLFREE_ISAC_EMBED_PYTHON=OFF leaves Python out.
#
# The Python is CELLFREE_ISAC_PYTHON, by default the system's: the one that is first on the path is often made without
# the shared library. A virtual environment's is as good.

option(CELLFREE_ISAC_EMBED_PYTHON "cellfree-isac: use Python, where there is one, for policy python" ON)
find_program(CELLFREE_ISAC_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
find_program(CELLFREE_ISAC_PYTHON python3 DOC "cellfree-isac: interpreter whose library runs policy python")

set(CELLFREE_ISAC_PYTHON_FOUND OFF)
if(NOT CELLFREE_ISAC_EMBED_PYTHON)
  message(STATUS "cellfree-isac: Python not wanted, policy python off")
  return()
endif()
set(python_advice "policy python off (Debian: python3-dev pybind11-dev python3-numpy)")
if(NOT CELLFREE_ISAC_PYTHON)
  message(STATUS "cellfree-isac: Python not found, ${python_advice}")
  return()
endif()

execute_process(
  COMMAND
    ${CELLFREE_ISAC_PYTHON} -c
    "import sysconfig as s
v = s.get_config_var
try:
    import pybind11
    pybind = pybind11.get_include()
except ImportError:
    pybind = ''
print(';'.join([s.get_path('include'), v('LIBDIR') or '-', v('LDLIBRARY') or '-', 'pybind:' + pybind]))"
  OUTPUT_VARIABLE python_paths
  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
  RESULT_VARIABLE python_status
)
if(NOT python_status STREQUAL "0")
  message(STATUS "cellfree-isac: ${CELLFREE_ISAC_PYTHON} does not run, ${python_advice}")
  return()
endif()
list(GET python_paths 0 python_include)
list(GET python_paths 1 python_folder)
list(GET python_paths 2 python_library)
list(GET python_paths 3 pybind_include)
string(REPLACE "pybind:" "" pybind_include "${pybind_include}")
find_path(
  CELLFREE_ISAC_PYBIND11 pybind11/embed.h
  HINTS ${pybind_include}
  DOC "cellfree-isac: folder with pybind11's headers"
)
mark_as_advanced(CELLFREE_ISAC_PYBIND11)

if(NOT EXISTS "${python_include}/Python.h" OR NOT EXISTS "${python_folder}/${python_library}")
  message(STATUS "cellfree-isac: no headers or library of ${CELLFREE_ISAC_PYTHON}, ${python_advice}")
elseif(NOT "${python_library}" MATCHES "\\.(so|dylib)")
  message(STATUS "cellfree-isac: ${CELLFREE_ISAC_PYTHON} has no shared library, ${python_advice}")
elseif(NOT CELLFREE_ISAC_PYBIND11)
  message(STATUS "cellfree-isac: pybind11 not found, ${python_advice}")
else()
  set(CELLFREE_ISAC_PYTHON_FOUND ON)
  set(CELLFREE_ISAC_PYTHON_LIBRARY "${python_folder}/${python_library}")
  set(CELLFREE_ISAC_PYTHON_INCLUDE_DIRS "${python_include}")
  message(STATUS "cellfree-isac: Python found, policy python on (${CELLFREE_ISAC_PYTHON})")
endif()
