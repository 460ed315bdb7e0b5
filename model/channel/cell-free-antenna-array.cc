// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-antenna-array.h"

#include "ns3/abort.h"
#include "ns3/angles.h"
#include "ns3/boolean.h"
#include "ns3/isac-link-budget.h"
#include "ns3/isotropic-antenna-model.h"

#include <cmath>
#include <complex>

namespace ns3
{

namespace
{

/// The number of elements as ns-3.41 and later name it.
template <typename Array>
auto
CountElements(const Array& array, int) -> decltype(array.GetNumElems())
{
    return array.GetNumElems();
}

/// The number of elements as ns-3.40 and earlier name it.
template <typename Array>
auto
CountElements(const Array& array, long) -> decltype(array.GetNumberOfElements())
{
    return array.GetNumberOfElements();
}

/// The direction, or the x axis for the zero vector, which has none.
Vector
GetDefinedDirection(const Vector& direction)
{
    return direction.GetLength() > 0.0 ? direction : Vector(1.0, 0.0, 0.0);
}

} // namespace

Eigen::Index
cellfree::GetNAntennas(Ptr<const PhasedArrayModel> array)
{
    BooleanValue isDualPolarised(false);
    // Absent before ns-3.41, where every array has one polarisation.
    if (array->GetAttributeFailSafe("IsDualPolarized", isDualPolarised))
    {
        NS_ABORT_MSG_IF(isDualPolarised.Get(),
                        "antenna array: IsDualPolarized = true: expected one polarisation");
    }
    return static_cast<Eigen::Index>(CountElements(*array, 0));
}

Eigen::Matrix3Xd
cellfree::GetElementPositions(Ptr<const PhasedArrayModel> array)
{
    Eigen::Matrix3Xd positions(3, GetNAntennas(array));
    for (Eigen::Index n = 0; n < positions.cols(); ++n)
    {
        const Vector d = array->GetElementLocation(n);
        positions.col(n) << d.x, d.y, d.z;
    }
    return positions;
}

void
cellfree::GetSteeringVector(Ptr<const PhasedArrayModel> array,
                            const Vector& direction,
                            Eigen::Ref<Eigen::VectorXcd> steering)
{
    // From positions, not through GetSteeringVector(): its vector type differs between releases.
    const Vector k = GetDefinedDirection(direction);
    const double length = k.GetLength();
    for (Eigen::Index n = 0; n < steering.size(); ++n)
    {
        const Vector d = array->GetElementLocation(n);
        const double projection = (k.x * d.x + k.y * d.y + k.z * d.z) / length;
        steering(n) = std::polar(1.0, -2 * M_PI * projection);
    }
}

double
cellfree::GetElementGain(Ptr<const PhasedArrayModel> array, const Vector& direction)
{
    // The gain of an isotropic element without angles, which ns-3 rounds since 3.40.
    auto isotropic = DynamicCast<const IsotropicAntennaModel>(array->GetAntennaElement());
    if (isotropic)
    {
        return cellfree::FromDecibels(
            ConstCast<IsotropicAntennaModel>(isotropic)->GetGainDb(Angles(0, 0)));
    }
    const auto field = array->GetElementFieldPattern(Angles(GetDefinedDirection(direction)));
    return field.first * field.first + field.second * field.second;
}

Eigen::VectorXd
cellfree::GetRadiatedPower(Ptr<const PhasedArrayModel> array,
                           const Vector& direction,
                           const Eigen::Ref<const Eigen::MatrixXcd>& beams)
{
    Eigen::VectorXcd steering(beams.rows());
    cellfree::GetSteeringVector(array, direction, steering);
    return cellfree::GetElementGain(array, direction) * (beams.adjoint() * steering).cwiseAbs2();
}

} // namespace ns3
