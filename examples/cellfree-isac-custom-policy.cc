// SPDX-License-Identifier: GPL-2.0-only

// A policy of your own is one class in your scenario file. Here each UE's strongest AP serves it
// alone with a matched beam: small cells, a baseline. Run it with --policy=rzf to compare.

#include "ns3/applications-module.h"
#include "ns3/cellfree-isac-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/mobility-module.h"

using namespace ns3;

class StrongestApPolicy : public CellFreeBeamformingPolicy
{
  public:
    static TypeId GetTypeId() // registers the name by which the helper finds the class
    {
        static TypeId tid = TypeId("StrongestApPolicy")
                                .SetParent<CellFreeBeamformingPolicy>()
                                .AddConstructor<StrongestApPolicy>();
        return tid;
    }

  private:
    // Powers and noises are 1 here; beams are zero, a column per UE, then one per target.
    uint32_t DoComputeBeams(const IsacProblem& problem, IsacBeams& beams, const IsacBeams*) override
    {
        for (Eigen::Index u = 0; u < problem.GetNUes(); ++u)
        {
            const auto perAp = problem.h.col(u).reshaped(problem.nAntennas, problem.GetNAps());
            Eigen::Index strongest = 0;
            perAp.colwise().squaredNorm().maxCoeff(&strongest);
            beams.Ap(strongest).col(u) = perAp.col(strongest).normalized();
        }
        for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
        {
            beams.Ap(m) /=
                std::max(1.0, std::sqrt(cellfree::GetApPower(beams, m))); // meets the limit
        }
        return 0; // iterations: a closed form
    }
};

NS_OBJECT_ENSURE_REGISTERED(StrongestApPolicy);

int
main(int argc, char* argv[])
{
    std::string policy = "StrongestApPolicy";
    CommandLine cmd(__FILE__);
    cmd.AddValue("policy", "short name or TypeId of the beamforming policy", policy);
    cmd.Parse(argc, argv);

    NodeContainer cpu(1);
    NodeContainer aps(9); // 9 APs and 4 UEs in a square of 240 m
    NodeContainer ues(4);
    const StringValue side("ns3::UniformRandomVariable[Max=240]");
    Config::SetDefault("ns3::RandomRectanglePositionAllocator::X", side);
    Config::SetDefault("ns3::RandomRectanglePositionAllocator::Y", side);
    for (auto [nodes, height] : {std::pair{aps, 10.0}, std::pair{ues, 1.5}})
    {
        Config::SetDefault("ns3::RandomRectanglePositionAllocator::Z", DoubleValue(height));
        MobilityHelper().Install(nodes);
    }

    CellFreeIsacHelper cellFree;
    cellFree.SetPolicy(policy);
    auto devices = cellFree.Install(cpu.Get(0), aps, ues);
    InternetStackHelper().Install(NodeContainer(cpu, ues));
    Ipv4AddressHelper subnet("10.0.0.0", "255.255.255.0");
    subnet.Assign(devices.cpu);
    auto addresses = subnet.Assign(devices.ues);
    for (uint32_t u = 0; u < ues.GetN(); ++u)
    {
        UdpServerHelper(9).Install(ues.Get(u));
        OnOffHelper source("ns3::UdpSocketFactory", InetSocketAddress(addresses.GetAddress(u), 9));
        source.SetConstantRate(DataRate("40Mb/s"), 1000);
        source.Install(cpu.Get(0));
    }
    Simulator::Stop(Seconds(1));
    Simulator::Run();
    for (uint32_t u = 0; u < ues.GetN(); ++u)
    {
        auto server = ues.Get(u)->GetApplication(0)->GetObject<UdpServer>();
        std::cout << policy << ", UE " << u << ": " << server->GetReceived() * 8e-3 << " Mb/s\n";
    }
    Simulator::Destroy();
    return 0;
}
