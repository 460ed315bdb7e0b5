// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-validation.h"

namespace ns3
{

std::vector<CellFreeValidationCase>
cellfree::GetBookValidationCases()
{
    return {};
}

} // namespace ns3
