// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-array-file.h"

#include "ns3/cell-free-plugin.h"

#include <stdexcept>

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
    const std::string name = CELLFREE_ISAC_HDF5_PLUGIN; // empty in a build without HDF5
    if (name.empty())
    {
        return {nullptr,
                "channel files need HDF5, which this build is without: install libhdf5-dev "
                "(Debian) and configure ns-3 again"};
    }
    std::string error;
    auto* open = cellfree::FindPluginSymbol(name, "OpenIsacArrayFile", false, error);
    return {reinterpret_cast<Opener>(open),
            open ? "" : "the library for channel files does not open: " + error};
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
