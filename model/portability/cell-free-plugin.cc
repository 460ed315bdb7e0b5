// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-plugin.h"

#include <dlfcn.h>
#include <filesystem>

namespace ns3
{

void*
cellfree::FindPluginSymbol(const std::string& name,
                           const char* symbol,
                           bool isGlobal,
                           std::string& error)
{
    Dl_info self{};
    std::filesystem::path path;
    if (dladdr(reinterpret_cast<void*>(&FindPluginSymbol), &self) && self.dli_fname)
    {
        path = std::filesystem::path(self.dli_fname).parent_path() / name;
    }
    if (std::error_code ignored; !std::filesystem::exists(path, ignored))
    {
        path = std::filesystem::path(CELLFREE_ISAC_LIBRARY_DIR) / name;
    }
    auto* library = dlopen(path.c_str(), RTLD_NOW | (isGlobal ? RTLD_GLOBAL : RTLD_LOCAL));
    auto* found = library ? dlsym(library, symbol) : nullptr;
    if (!found)
    {
        error = dlerror();
    }
    return found;
}

} // namespace ns3
