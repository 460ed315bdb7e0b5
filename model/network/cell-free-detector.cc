// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-detector.h"

#include "ns3/cell-free-enum-accessor.h"
#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/uinteger.h"

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
                          MakeDoubleChecker<double>(1e-30, 0.5))
            .AddAttribute("Intervals",
                          "Parts of a dwell, from 1 to 1000, that are integrated coherently and "
                          "whose energies are added. Acts from the next dwell on.",
                          UintegerValue(1),
                          MakeUintegerAccessor(&CellFreeDetector::m_intervals),
                          MakeUintegerChecker<uint32_t>(1, 1000))
            .AddAttribute("ReferenceCells",
                          "Range-Doppler cells of every look, from 0 to 1000, that the noise is "
                          "averaged over (CA-CFAR); Pfa stays what it is, Pd falls by the CFAR "
                          "loss. The default, 0, knows the noise. Acts from the next dwell on.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&CellFreeDetector::m_referenceCells),
                          MakeUintegerChecker<uint32_t>(0, 1000));
    return tid;
}

CellFreeDetector::CellFreeDetector() = default;

CellFreeDetector::~CellFreeDetector() = default;

double
CellFreeDetector::GetPfa() const
{
    return m_pfa;
}

void
CellFreeDetector::BeginDwell()
{
    m_dwellIntervals = m_intervals;
    m_dwellReferenceCells = m_referenceCells;
}

uint32_t
CellFreeDetector::GetIntervals() const
{
    return m_dwellIntervals > 0 ? m_dwellIntervals : m_intervals;
}

uint32_t
CellFreeDetector::GetReferenceCells() const
{
    return m_dwellIntervals > 0 ? m_dwellReferenceCells : m_referenceCells;
}

double
CellFreeDetector::GetReferencedStatistic(const Eigen::VectorXd& power, const Eigen::VectorXd&) const
{
    return GetStatistic(power);
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
    m_test.Design(snr, fluctuation, GetPfa(), GetIntervals(), GetReferenceCells());
}

double
CellFreePooledDetector::GetThreshold() const
{
    return m_test.GetThreshold();
}

double
CellFreePooledDetector::GetStatistic(const Eigen::VectorXd& power) const
{
    return m_test.GetStatistic(power);
}

double
CellFreePooledDetector::GetReferencedStatistic(const Eigen::VectorXd& power,
                                               const Eigen::VectorXd& reference) const
{
    return m_test.GetStatistic(power, reference);
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
    m_isSimple = GetIntervals() == 1 && GetReferenceCells() == 0;
    if (!m_isSimple)
    {
        m_test.Design(snr.head(1), fluctuation, GetPfa(), GetIntervals(), GetReferenceCells());
        return;
    }
    m_threshold = cellfree::GetDetectionThreshold(GetPfa());
    switch (fluctuation)
    {
    case ISAC_CONSTANT:
        m_pd = cellfree::GetConstantDetectionProbability(snr(0), GetPfa());
        break;
    case ISAC_SWERLING_1:
    case ISAC_SWERLING_2:
        m_pd = cellfree::GetSwerlingDetectionProbability(snr(0), GetPfa());
        break;
    case ISAC_SWERLING_3:
    case ISAC_SWERLING_4:
        m_pd = cellfree::GetSwerling3DetectionProbability(snr(0), GetPfa());
        break;
    }
}

double
CellFreeSingleLookDetector::GetThreshold() const
{
    return m_isSimple ? m_threshold : m_test.GetThreshold();
}

double
CellFreeSingleLookDetector::GetStatistic(const Eigen::VectorXd& power) const
{
    return m_isSimple ? power(0) : m_test.GetStatistic(power.head(1));
}

double
CellFreeSingleLookDetector::GetReferencedStatistic(const Eigen::VectorXd& power,
                                                   const Eigen::VectorXd& reference) const
{
    return m_isSimple ? power(0) : m_test.GetStatistic(power.head(1), reference.head(1));
}

double
CellFreeSingleLookDetector::GetDetectionProbability() const
{
    return m_isSimple ? m_pd : m_test.GetDetectionProbability();
}

double
CellFreeSingleLookDetector::GetConditionalProbability(const Eigen::VectorXd& snr) const
{
    if (!m_isSimple)
    {
        return m_test.GetConditionalProbability(snr.head(1));
    }
    return cellfree::GetConstantDetectionProbability(snr(0), std::exp(-m_threshold));
}

} // namespace ns3
