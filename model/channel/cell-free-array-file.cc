// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-array-file.h"

#include <dlfcn.h>
#include <stdexcept>

// Names of the library with HDF5 in it: beside this one, and where it was built. None without HDF5.
#ifndef CELLFREE_ISAC_HDF5_NAME
#define CELLFREE_ISAC_HDF5_NAME ""
#define CELLFREE_ISAC_HDF5_PATH ""
#endif

namespace ns3
{

namespace
{

using Opener = CellFreeArrayFile* (*)(const std::string& path, bool isNew);

/// The library's function that opens files, or null and what is wrong.
struct Library
{
    Opener open{nullptr};
    std::string error;
};

Library
LoadLibrary()
{
    const std::string name = CELLFREE_ISAC_HDF5_NAME;
    if (name.empty())
    {
        return {nullptr,
                "channel files need HDF5, which this build is without: install libhdf5-dev "
                "(Debian) and configure ns-3 again"};
    }
    void* library = nullptr;
    Dl_info self;
    if (dladdr(reinterpret_cast<void*>(&LoadLibrary), &self) && self.dli_fname)
    {
        const std::string path = self.dli_fname;
        const auto folder = path.substr(0, path.rfind('/') + 1);
        library = dlopen((folder + name).c_str(), RTLD_NOW | RTLD_LOCAL);
    }
    if (!library)
    {
        library = dlopen(CELLFREE_ISAC_HDF5_PATH, RTLD_NOW | RTLD_LOCAL);
    }
    if (!library)
    {
        return {nullptr, std::string("the library for channel files does not open: ") + dlerror()};
    }
    auto open = reinterpret_cast<Opener>(dlsym(library, "CellFreeOpenHdf5"));
    return {open, open ? "" : name + ": expected a library of this module's"};
}

const Library&
GetLibrary()
{
    static const Library library = LoadLibrary();
    return library;
}

} // namespace

std::unique_ptr<CellFreeArrayFile>
cellfree::OpenArrayFile(const std::string& path, bool isNew)
{
    const auto& library = GetLibrary();
    if (!library.open)
    {
        throw std::runtime_error(library.error);
    }
    return std::unique_ptr<CellFreeArrayFile>(library.open(path, isNew));
}

std::string
cellfree::FindArrayFileError()
{
    return GetLibrary().error;
}

} // namespace ns3
