// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-validation.h"

namespace ns3
{

std::vector<CellFreeValidationCase>
cellfree::GetValidationCases()
{
    std::vector<CellFreeValidationCase> all;
    for (const auto& cases : {GetChannelValidationCases(),
                              GetCsiValidationCases(),
                              GetBookValidationCases(),
                              GetLinkValidationCases(),
                              GetFronthaulValidationCases(),
                              GetEchoValidationCases(),
                              GetTargetValidationCases(),
                              GetTrackingValidationCases(),
                              GetCrlbValidationCases()})
    {
        all.insert(all.end(), cases.begin(), cases.end());
    }
    return all;
}

} // namespace ns3
