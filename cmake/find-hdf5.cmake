# SPDX-License-Identifier: GPL-2.0-only
#
# Looks for HDF5's C library, which channel files need and nothing else. Sets CELLFREE_ISAC_HDF5 (ON or OFF),
# CELLFREE_ISAC_HDF5_INCLUDE and CELLFREE_ISAC_HDF5_LIBRARY, and says in one line what was found.
# -DCELLFREE_ISAC_USE_HDF5=OFF leaves HDF5 out; HDF5_ROOT and CMAKE_PREFIX_PATH say where it is.

option(CELLFREE_ISAC_USE_HDF5 "cellfree-isac: use HDF5, where there is one, for channel files" ON)

set(CELLFREE_ISAC_HDF5 OFF)
if(NOT CELLFREE_ISAC_USE_HDF5)
  message(STATUS "cellfree-isac: HDF5 not wanted, channel files off")
  return()
endif()
# Debian has several builds; the one without MPI is in folders of its own.
find_path(
  CELLFREE_ISAC_HDF5_INCLUDE hdf5.h HINTS "${HDF5_ROOT}" ENV HDF5_ROOT PATH_SUFFIXES include include/hdf5/serial
                                                                                    hdf5/serial
)
find_library(
  CELLFREE_ISAC_HDF5_LIBRARY NAMES hdf5_serial hdf5 HINTS "${HDF5_ROOT}" ENV HDF5_ROOT PATH_SUFFIXES lib
)
mark_as_advanced(CELLFREE_ISAC_HDF5_INCLUDE CELLFREE_ISAC_HDF5_LIBRARY)
if(CELLFREE_ISAC_HDF5_INCLUDE AND CELLFREE_ISAC_HDF5_LIBRARY)
  set(CELLFREE_ISAC_HDF5 ON)
  message(STATUS "cellfree-isac: HDF5 found, channel files on (${CELLFREE_ISAC_HDF5_LIBRARY})")
else()
  message(STATUS "cellfree-isac: HDF5 not found, channel files off (Debian: libhdf5-dev)")
endif()
