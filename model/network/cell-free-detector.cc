// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-detector.h"

#include "ns3/cell-free-enum-accessor.h"
#include "ns3/double.h"
#include "ns3/log.h"

#include <cmath>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeDetector");

NS_OBJECT_ENSURE_REGISTERED(CellFreeDetector);
NS_OBJECT_ENSURE_REGISTERED(CellFreePooledDetector);
NS_OBJECT_ENSURE_REGISTERED(CellFreeSingleLookDetector);

TypeId
CellFreeDetector::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeDetector")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddAttribute("Pfa",
                          "Probability of false alarm of one dwell, in [1e-30, 0.5].",
                          DoubleValue(1e-6),
                          MakeDoubleAccessor(&CellFreeDetector::m_pfa),
                          MakeDoubleChecker<double>(1e-30, 0.5));
    return tid;
}

CellFreeDetector::CellFreeDetector() = default;

CellFreeDetector::~CellFreeDetector() = default;

double
CellFreeDetector::GetPfa() const
{
    return m_pfa;
}

TypeId
CellFreePooledDetector::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreePooledDetector")
            .SetParent<CellFreeDetector>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreePooledDetector>()
            .AddAttribute("Looks",
                          "What has a reflection of its own: Receivers, M looks of M APs that do "
                          "not tell the transmitters' echoes apart, or Pairs, M^2 looks of APs "
                          "that resolve them in delay. Acts from the next dwell on.",
                          EnumValue(CellFreeDetector::RECEIVERS),
                          MakePortableEnumAccessor<Looks>(0, &CellFreePooledDetector::m_looks),
                          MakeEnumChecker(CellFreeDetector::RECEIVERS,
                                          "Receivers",
                                          CellFreeDetector::PAIRS,
                                          "Pairs"));
    return tid;
}

CellFreePooledDetector::CellFreePooledDetector() = default;

CellFreePooledDetector::~CellFreePooledDetector() = default;

CellFreeDetector::Looks
CellFreePooledDetector::GetLooks() const
{
    return m_looks;
}

void
CellFreePooledDetector::Design(const Eigen::VectorXd& snr, IsacFluctuation fluctuation)
{
    m_test.Design(snr, fluctuation, GetPfa());
}

double
CellFreePooledDetector::GetThreshold() const
{
    return m_test.GetThreshold();
}

double
CellFreePooledDetector::GetStatistic(const Eigen::VectorXd& power) const
{
    return m_test.GetWeights().dot(power);
}

double
CellFreePooledDetector::GetDetectionProbability() const
{
    return m_test.GetDetectionProbability();
}

double
CellFreePooledDetector::GetConditionalProbability(const Eigen::VectorXd& snr) const
{
    return m_test.GetConditionalProbability(snr);
}

TypeId
CellFreeSingleLookDetector::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeSingleLookDetector")
                            .SetParent<CellFreeDetector>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeSingleLookDetector>();
    return tid;
}

CellFreeSingleLookDetector::CellFreeSingleLookDetector() = default;

CellFreeSingleLookDetector::~CellFreeSingleLookDetector() = default;

CellFreeDetector::Looks
CellFreeSingleLookDetector::GetLooks() const
{
    return ONE;
}

void
CellFreeSingleLookDetector::Design(const Eigen::VectorXd& snr, IsacFluctuation fluctuation)
{
    m_threshold = cellfree::GetDetectionThreshold(GetPfa());
    m_pd = fluctuation == ISAC_CONSTANT
               ? cellfree::GetConstantDetectionProbability(snr(0), GetPfa())
               : cellfree::GetSwerlingDetectionProbability(snr(0), GetPfa());
}

double
CellFreeSingleLookDetector::GetThreshold() const
{
    return m_threshold;
}

double
CellFreeSingleLookDetector::GetStatistic(const Eigen::VectorXd& power) const
{
    return power(0);
}

double
CellFreeSingleLookDetector::GetDetectionProbability() const
{
    return m_pd;
}

double
CellFreeSingleLookDetector::GetConditionalProbability(const Eigen::VectorXd& snr) const
{
    return cellfree::GetConstantDetectionProbability(snr(0), std::exp(-m_threshold));
}

} // namespace ns3
