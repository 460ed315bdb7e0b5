// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_TEST_UNIFORM_H
#define ISAC_TEST_UNIFORM_H

#include "ns3/random-variable-stream.h"
#include "ns3/rng-seed-manager.h"

namespace ns3
{

/// A stream of numbers, the same in every run. @param stream its number @return the stream
inline Ptr<UniformRandomVariable>
MakeUniform(int64_t stream)
{
    RngSeedManager::SetSeed(1);
    RngSeedManager::SetRun(1);
    auto uniform = CreateObject<UniformRandomVariable>();
    uniform->SetStream(stream);
    return uniform;
}

} // namespace ns3

#endif // ISAC_TEST_UNIFORM_H
