// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/cell-free-gaussian-field.h"
#include "ns3/rng-seed-manager.h"

#include <cmath>
#include <gtest/gtest.h>
#include <vector>

using namespace ns3;

namespace
{

class CellFreeGaussianFieldTest : public testing::Test
{
  protected:
    void SetUp() override
    {
        RngSeedManager::SetSeed(1);
        RngSeedManager::SetRun(1);
        m_uniform = CreateObject<UniformRandomVariable>();
        m_uniform->SetStream(7);
    }

    Ptr<UniformRandomVariable> m_uniform;
};

} // namespace

TEST_F(CellFreeGaussianFieldTest, OverDrawsItHasTheMomentsAndTheCorrelationOfItsLaw)
{
    // 4000 fields. Bounds are 4.42 standard errors of Gaussian variables, two-sided 1 - 1e-5.
    constexpr int DRAWS = 4000;
    constexpr double D = 13.0;
    const std::vector<double> distances{0.05, 0.3, 1.0, 2.0, 4.0}; // in D
    double sum = 0.0;
    double square = 0.0;
    double fourth = 0.0;
    std::vector<double> product(distances.size(), 0.0);
    for (int draw = 0; draw < DRAWS; ++draw)
    {
        CellFreeGaussianField field;
        field.Draw(*m_uniform, D);
        const double here = field.GetValue(-200.0, 431.0);
        sum += here;
        square += here * here;
        fourth += std::pow(here, 4);
        for (std::size_t i = 0; i < distances.size(); ++i)
        {
            const double bearing = 1.3 * i;
            product[i] += here * field.GetValue(-200.0 + D * distances[i] * std::cos(bearing),
                                                431.0 + D * distances[i] * std::sin(bearing));
        }
    }
    const double bound = 4.42 / std::sqrt(double(DRAWS));
    EXPECT_NEAR(sum / DRAWS, 0.0, bound);
    EXPECT_NEAR(square / DRAWS, 1.0, bound * std::sqrt(2.0));
    EXPECT_NEAR(fourth / DRAWS, 3.0, bound * std::sqrt(96.0));
    for (std::size_t i = 0; i < distances.size(); ++i)
    {
        const double rho = std::exp(-distances[i]);
        EXPECT_NEAR(product[i] / DRAWS, rho, bound * std::sqrt(1 + rho * rho)) << distances[i];
    }
}

TEST_F(CellFreeGaussianFieldTest, OneDrawIsTypicalOverAWidePlane)
{
    // 10 000 random places over 2000 D: 4.42 standard errors of independent Gaussian values.
    CellFreeGaussianField field;
    field.Draw(*m_uniform, 10.0);
    double sum = 0.0;
    double square = 0.0;
    for (int place = 0; place < 10000; ++place)
    {
        const double x = m_uniform->GetValue(0.0, 20000.0);
        const double value = field.GetValue(x, m_uniform->GetValue(0.0, 20000.0));
        sum += value;
        square += value * value;
    }
    EXPECT_NEAR(sum / 1e4, 0.0, 4.42e-2);
    EXPECT_NEAR(square / 1e4, 1.0, 4.42e-2 * std::sqrt(2.0));
}

TEST_F(CellFreeGaussianFieldTest, ADrawTakesTheSameNumbersAlways)
{
    // A second field from the same stream does not depend on the first one's distance.
    CellFreeGaussianField field;
    EXPECT_EQ(field.GetValue(3, 4), 0.0);
    field.Draw(*m_uniform, 10.0);
    field.Draw(*m_uniform, 50.0);
    const double value = field.GetValue(3, 4);
    EXPECT_NE(value, 0.0);
    m_uniform->SetStream(7);
    field.Draw(*m_uniform, 1.0);
    field.Draw(*m_uniform, 50.0);
    EXPECT_EQ(field.GetValue(3, 4), value);
}
