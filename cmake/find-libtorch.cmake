# SPDX-License-Identifier: GPL-2.0-only
#
# Looks for LibTorch, which training needs and nothing else. Sets CELLFREE_ISAC_TORCH (ON or OFF) and says in one
# line what was found. -DCELLFREE_ISAC_LIBTORCH=OFF leaves LibTorch out.
#
# Where it looks, first to last: Torch_DIR, CMAKE_PREFIX_PATH, the environment's LIBTORCHPATH (as users of ns3-oran
# set it), the system, the PyTorch of the python3 on the path.

option(CELLFREE_ISAC_LIBTORCH "cellfree-isac: use LibTorch, where there is one, for training" ON)

# Sets VARIABLE to the CMake folder of python3's PyTorch, or to nothing.
function(cellfree_isac_python_torch variable)
  set(${variable} "" PARENT_SCOPE)
  # Finding the package is quick; importing it would take seconds.
  execute_process(
    COMMAND python3 -c
            "import importlib.util as u; print(u.find_spec('torch').submodule_search_locations[0])"
    OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
    RESULT_VARIABLE status
  )
  if(NOT status STREQUAL "0" OR NOT EXISTS "${folder}/share/cmake/Torch")
    return()
  endif()
  if(EXISTS "${folder}/lib/libtorch_cuda.so")
    # A CUDA build of PyTorch stops CMake altogether where the CUDA toolkit is missing.
    find_program(CELLFREE_ISAC_NVCC nvcc PATHS /usr/local/cuda/bin)
    mark_as_advanced(CELLFREE_ISAC_NVCC)
    if(NOT CELLFREE_ISAC_NVCC)
      message(STATUS "cellfree-isac: PyTorch in ${folder} needs the CUDA toolkit (nvcc), passed over")
      return()
    endif()
  endif()
  set(${variable} "${folder}/share/cmake/Torch" PARENT_SCOPE)
endfunction()

set(CELLFREE_ISAC_TORCH OFF)
if(NOT CELLFREE_ISAC_LIBTORCH)
  message(STATUS "cellfree-isac: LibTorch not wanted, training off")
  return()
endif()

set(torch_hints)
if(DEFINED ENV{LIBTORCHPATH})
  set(torch_hints HINTS "$ENV{LIBTORCHPATH}")
endif()
find_package(Torch QUIET ${torch_hints})
if(NOT Torch_FOUND)
  cellfree_isac_python_torch(cellfree_isac_torch_hint)
  if(cellfree_isac_torch_hint)
    find_package(Torch QUIET PATHS ${cellfree_isac_torch_hint} NO_DEFAULT_PATH)
  endif()
endif()

if(NOT Torch_FOUND)
  message(STATUS "cellfree-isac: LibTorch not found, training off (Debian: libtorch-dev libopenblas0-pthread)")
elseif("${TORCH_CXX_FLAGS}" MATCHES "CXX11_ABI=0")
  message(STATUS "cellfree-isac: LibTorch in ${Torch_DIR} has the C++ ABI from before C++11, training off")
else()
  set(CELLFREE_ISAC_TORCH ON)
  message(STATUS "cellfree-isac: LibTorch found, training on (${Torch_DIR})")
endif()
