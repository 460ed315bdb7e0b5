// SPDX-License-Identifier: GPL-2.0-only

#include "isac-echo.h"

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <algorithm>
#include <cmath>

namespace ns3
{

namespace
{

/// Phases 2 pi step (i - (n - 1) / 2), by a recurrence that is started anew often enough.
void
FillPhases(double step, Eigen::Ref<Eigen::VectorXcd> phases)
{
    const Eigen::Index n = phases.size();
    const std::complex<double> turn = std::polar(1.0, 2 * M_PI * step);
    for (Eigen::Index i = 0; i < n; ++i)
    {
        const double turns = step * (i - 0.5 * (n - 1));
        phases(i) = i % 16 == 0 ? std::polar(1.0, 2 * M_PI * turns) : phases(i - 1) * turn;
    }
}

/// Adds waveform times phases to an echo; all contiguous.
void
AddPhased(const IsacEchoGrid& grid,
          const std::complex<double>* waveform,
          std::complex<double> amplitude,
          const Eigen::VectorXcd& delayPhases,
          const Eigen::VectorXcd& dopplerPhases,
          std::complex<double>* echo)
{
    const auto sent = grid.View(waveform);
    Eigen::Map<Eigen::MatrixXcd> sum(echo, grid.nSubcarriers, grid.nSymbols);
    for (Eigen::Index l = 0; l < grid.nSymbols; ++l)
    {
        sum.col(l).array() +=
            (amplitude * dopplerPhases(l)) * (sent.col(l).array() * delayPhases.array());
    }
}

} // namespace

void
IsacEchoGrid::GetDelayPhases(double delay, Eigen::Ref<Eigen::VectorXcd> phases) const
{
    FillPhases(-spacing * delay, phases);
}

void
IsacEchoGrid::GetDopplerPhases(double doppler, Eigen::Ref<Eigen::VectorXcd> phases) const
{
    FillPhases(interval * doppler, phases);
}

std::complex<double>
cellfree::DrawGaussian(const IsacUniform& uniform)
{
    const double u = uniform();
    const double v = uniform();
    return std::polar(std::sqrt(-std::log(u)), 2 * M_PI * v);
}

void
cellfree::DrawReflections(IsacFluctuation fluctuation,
                          const IsacUniform& uniform,
                          Eigen::Ref<Eigen::MatrixXcd> reflections)
{
    for (Eigen::Index m = 0; m < reflections.cols(); ++m)
    {
        for (Eigen::Index r = 0; r < reflections.rows(); ++r)
        {
            // One interval: cases II and IV are I and III.
            switch (fluctuation)
            {
            case ISAC_SWERLING_1:
            case ISAC_SWERLING_2:
                reflections(r, m) = cellfree::DrawGaussian(uniform);
                break;
            case ISAC_SWERLING_3:
            case ISAC_SWERLING_4: {
                const double power = std::norm(cellfree::DrawGaussian(uniform)) +
                                     std::norm(cellfree::DrawGaussian(uniform));
                reflections(r, m) = std::polar(std::sqrt(0.5 * power), 2 * M_PI * uniform());
                break;
            }
            case ISAC_CONSTANT:
                reflections(r, m) = std::polar(1.0, 2 * M_PI * uniform());
                break;
            }
        }
    }
}

void
cellfree::AddPairEcho(const IsacEchoGrid& grid,
                      const Eigen::Ref<const Eigen::VectorXcd>& receive,
                      const Eigen::Ref<const Eigen::RowVectorXcd>& waveform,
                      std::complex<double> amplitude,
                      double delay,
                      double doppler,
                      IsacSignals& received)
{
    Eigen::VectorXcd delayPhases(grid.nSubcarriers);
    Eigen::VectorXcd dopplerPhases(grid.nSymbols);
    grid.GetDelayPhases(delay, delayPhases);
    grid.GetDopplerPhases(doppler, dopplerPhases);
    Eigen::RowVectorXcd echo = Eigen::RowVectorXcd::Zero(grid.GetSize());
    AddPhased(grid, waveform.data(), amplitude, delayPhases, dopplerPhases, echo.data());
    received.noalias() += receive * echo;
}

void
IsacEcho::SetUp(const IsacEchoGrid& grid, const IsacBeams& beams)
{
    m_grid = grid;
    m_beams = beams;
    m_symbols.setZero(beams.f.cols(), grid.GetSize());
    m_delayPhases.resize(grid.nSubcarriers);
    m_dopplerPhases.resize(grid.nSymbols);
    m_echo.resize(1, grid.GetSize());
}

void
IsacEcho::DrawSymbols(IsacWaveform waveform, const IsacUniform& uniform)
{
    const auto drawQpsk = [&uniform]() {
        // Two bits of one number.
        const int bits = static_cast<int>(4 * uniform());
        return std::complex<double>(bits & 1 ? M_SQRT1_2 : -M_SQRT1_2,
                                    bits & 2 ? M_SQRT1_2 : -M_SQRT1_2);
    };
    if (waveform != ISAC_ORTHOGONAL)
    {
        for (Eigen::Index i = 0; i < m_symbols.size(); ++i)
        {
            m_symbols.data()[i] =
                waveform == ISAC_QPSK ? drawQpsk() : cellfree::DrawGaussian(uniform);
        }
        return;
    }
    const Eigen::Index nStreams = m_symbols.rows();
    if (nStreams == 0)
    {
        return;
    }
    for (Eigen::Index i = 0; i < m_symbols.cols(); ++i)
    {
        m_symbols(0, i) = drawQpsk();
    }
    const Eigen::Index step = std::max<Eigen::Index>(1, m_grid.nSymbols / nStreams);
    for (Eigen::Index s = 1; s < nStreams; ++s)
    {
        for (Eigen::Index l = 0; l < m_grid.nSymbols; ++l)
        {
            const double turns = static_cast<double>(s * step * l % m_grid.nSymbols) /
                                 static_cast<double>(m_grid.nSymbols);
            m_symbols.row(s).segment(l * m_grid.nSubcarriers, m_grid.nSubcarriers) =
                std::polar(1.0, 2 * M_PI * turns) *
                m_symbols.row(0).segment(l * m_grid.nSubcarriers, m_grid.nSubcarriers);
        }
    }
}

void
IsacEcho::SetSymbols(const IsacSignals& symbols)
{
    m_symbols = symbols;
}

void
IsacEcho::GetWaveforms(const Eigen::Ref<const Eigen::MatrixXcd>& transmit,
                       IsacSignals& waveforms) const
{
    waveforms.setZero(transmit.cols(), m_symbols.cols());
    for (Eigen::Index m = 0; m < transmit.cols(); ++m)
    {
        for (Eigen::Index s = 0; s < m_symbols.rows(); ++s)
        {
            const std::complex<double> amplitude = transmit.col(m).dot(m_beams.Ap(m).col(s));
            if (amplitude != 0.0)
            {
                waveforms.row(m) += amplitude * m_symbols.row(s);
            }
        }
    }
}

void
IsacEcho::Clear(Eigen::Index nReceivers, Eigen::Index nReceiveAntennas)
{
    m_received.resize(nReceivers);
    for (auto& received : m_received)
    {
        received.setZero(nReceiveAntennas, m_grid.GetSize());
    }
}

void
IsacEcho::AddEcho(const IsacReflector& reflector,
                  const Eigen::Ref<const Eigen::MatrixXcd>& reflections)
{
    GetWaveforms(reflector.transmit, m_waveforms);
    for (Eigen::Index r = 0; r < reflector.receive.cols(); ++r)
    {
        m_echo.setZero();
        for (Eigen::Index m = 0; m < reflector.transmit.cols(); ++m)
        {
            m_grid.GetDelayPhases(reflector.delay(r, m), m_delayPhases);
            m_grid.GetDopplerPhases(reflector.doppler(r, m), m_dopplerPhases);
            AddPhased(m_grid,
                      m_waveforms.row(m).data(),
                      std::sqrt(reflector.gain(r, m)) * reflections(r, m),
                      m_delayPhases,
                      m_dopplerPhases,
                      m_echo.data());
        }
        for (Eigen::Index n = 0; n < reflector.receive.rows(); ++n)
        {
            m_received[r].row(n) += reflector.receive(n, r) * m_echo.row(0);
        }
    }
}

void
IsacEcho::AddNoise(const Eigen::Ref<const Eigen::VectorXd>& noise, const IsacUniform& uniform)
{
    for (std::size_t r = 0; r < m_received.size(); ++r)
    {
        const double deviation = std::sqrt(noise(r));
        for (Eigen::Index i = 0; i < m_received[r].size(); ++i)
        {
            m_received[r].data()[i] += deviation * cellfree::DrawGaussian(uniform);
        }
    }
}

Eigen::VectorXd
IsacEcho::GetNoise(const Eigen::Ref<const Eigen::VectorXd>& noise,
                   const Eigen::Ref<const Eigen::MatrixXd>& selfInterference) const
{
    Eigen::VectorXd all = noise;
    for (Eigen::Index m = 0; m < selfInterference.cols(); ++m)
    {
        all += selfInterference.col(m) * m_beams.Ap(m).squaredNorm();
    }
    return all;
}

Eigen::MatrixXd
IsacEcho::GetPairSnr(const IsacReflector& reflector,
                     const Eigen::Ref<const Eigen::VectorXd>& noise) const
{
    Eigen::MatrixXd snr = reflector.gain;
    for (Eigen::Index m = 0; m < snr.cols(); ++m)
    {
        snr.col(m) *= (reflector.transmit.col(m).adjoint() * m_beams.Ap(m)).squaredNorm();
    }
    snr.array().colwise() /= noise.array();
    return snr * static_cast<double>(reflector.receive.rows() * m_grid.GetSize());
}

void
IsacEchoReceiver::SetUp(const IsacEchoGrid& grid, Filter filter)
{
    m_grid = grid;
    m_filter = filter;
    m_free.setZero(grid.nSubcarriers, grid.nSymbols);
    m_delayPhases.resize(grid.nSubcarriers);
    m_dopplerPhases.resize(grid.nSymbols);
    m_series.resize(grid.nSymbols);
}

void
IsacEchoReceiver::Combine(const IsacSignals& received,
                          const Eigen::Ref<const Eigen::VectorXcd>& receive,
                          IsacSignals& combined) const
{
    combined.setZero(1, received.cols());
    const double scale = 1.0 / receive.norm();
    for (Eigen::Index n = 0; n < received.rows(); ++n)
    {
        combined.row(0) += (scale * std::conj(receive(n))) * received.row(n);
    }
}

void
IsacEchoReceiver::RemoveStatic(const IsacSignals& symbols, IsacSignals& signals)
{
    // A stride over symbols for each subcarrier.
    using Series = Eigen::Map<Eigen::VectorXcd, 0, Eigen::InnerStride<>>;
    const Eigen::InnerStride<> stride(m_grid.nSubcarriers);
    m_streams.resize(symbols.rows(), m_grid.nSymbols);
    for (Eigen::Index k = 0; k < m_grid.nSubcarriers; ++k)
    {
        for (Eigen::Index l = 0; l < m_grid.nSymbols; ++l)
        {
            m_streams.col(l) = symbols.col(k + m_grid.nSubcarriers * l);
        }
        m_gram.noalias() = m_streams.conjugate() * m_streams.transpose();
        // Sequences that are alike would make it singular; this changes the projection by 1e-12.
        m_gram.diagonal().array() += 1e-12 * m_gram.trace().real();
        Eigen::LLT<Eigen::Ref<Eigen::MatrixXcd>> factors(m_gram);
        for (Eigen::Index i = 0; i < signals.rows(); ++i)
        {
            Series series(signals.row(i).data() + k, m_grid.nSymbols, stride);
            m_series = series;
            m_coefficients.noalias() = m_streams.conjugate() * m_series;
            factors.solveInPlace(m_coefficients);
            series.noalias() -= m_streams.transpose() * m_coefficients;
        }
    }
}

void
IsacEchoReceiver::Load(const Eigen::Ref<const Eigen::RowVectorXcd>& waveform,
                       const Eigen::Ref<const Eigen::RowVectorXcd>& combined)
{
    const auto sent = m_grid.View(waveform.data());
    const auto signal = m_grid.View(combined.data());
    if (m_filter == CORRELATE)
    {
        m_free.array() = sent.array().conjugate() * signal.array();
        m_scale = 1.0 / sent.norm();
    }
    else
    {
        m_free.array() = signal.array() / sent.array();
        m_scale = 1.0 / std::sqrt(sent.array().abs2().inverse().sum());
    }
}

std::complex<double>
IsacEchoReceiver::GetLook(double delay, double doppler)
{
    m_grid.GetDelayPhases(delay, m_delayPhases);
    m_grid.GetDopplerPhases(doppler, m_dopplerPhases);
    std::complex<double> sum = 0.0;
    for (Eigen::Index l = 0; l < m_grid.nSymbols; ++l)
    {
        sum += std::conj(m_dopplerPhases(l)) * m_delayPhases.dot(m_free.col(l));
    }
    return m_scale * sum;
}

void
IsacEchoReceiver::GetMap(const Eigen::Ref<const Eigen::VectorXd>& delays,
                         const Eigen::Ref<const Eigen::VectorXd>& dopplers,
                         Eigen::MatrixXcd& map)
{
    m_delayMatrix.resize(delays.size(), m_grid.nSubcarriers);
    for (Eigen::Index p = 0; p < delays.size(); ++p)
    {
        m_grid.GetDelayPhases(delays(p), m_delayPhases);
        m_delayMatrix.row(p) = m_scale * m_delayPhases.adjoint();
    }
    m_dopplerMatrix.resize(m_grid.nSymbols, dopplers.size());
    for (Eigen::Index q = 0; q < dopplers.size(); ++q)
    {
        m_grid.GetDopplerPhases(dopplers(q), m_dopplerPhases);
        m_dopplerMatrix.col(q) = m_dopplerPhases.conjugate();
    }
    m_product.noalias() = m_delayMatrix * m_free;
    map.noalias() = m_product * m_dopplerMatrix;
}

IsacEchoPeak
IsacEchoReceiver::FindPeak(double delay, double doppler, double delayExtent, double dopplerExtent)
{
    // Two points a cell: the look is at most 1.8 dB below its top on the nearest one.
    const auto fill = [](double middle, double extent, double cell, Eigen::VectorXd& points) {
        const auto half = static_cast<Eigen::Index>(std::ceil(extent / (0.5 * cell)));
        points.resize(2 * half + 1);
        for (Eigen::Index i = 0; i < points.size(); ++i)
        {
            points(i) = middle + 0.5 * cell * (i - half);
        }
    };
    fill(delay, delayExtent, m_grid.GetDelayCell(), m_delays);
    fill(doppler, dopplerExtent, m_grid.GetDopplerCell(), m_dopplers);
    GetMap(m_delays, m_dopplers, m_map);
    Eigen::Index p = 0;
    Eigen::Index q = 0;
    m_map.cwiseAbs2().maxCoeff(&p, &q);
    IsacEchoPeak peak{m_delays(p), m_dopplers(q), m_map(p, q)};
    Refine(peak);
    return peak;
}

void
IsacEchoReceiver::Refine(IsacEchoPeak& peak)
{
    constexpr int MAX_STEPS = 20;
    const double frequency = 2 * M_PI * m_grid.spacing;
    const double time = 2 * M_PI * m_grid.interval;
    // In units of cells, so that both unknowns are of one size.
    const double delayCell = m_grid.GetDelayCell();
    const double dopplerCell = m_grid.GetDopplerCell();
    for (int step = 0; step < MAX_STEPS; ++step)
    {
        m_grid.GetDelayPhases(peak.delay, m_delayPhases);
        m_grid.GetDopplerPhases(peak.doppler, m_dopplerPhases);
        // Derivatives of the look with respect to delay (x) and Doppler (y).
        std::complex<double> c = 0.0;
        std::complex<double> cx = 0.0;
        std::complex<double> cy = 0.0;
        std::complex<double> cxx = 0.0;
        std::complex<double> cxy = 0.0;
        std::complex<double> cyy = 0.0;
        for (Eigen::Index l = 0; l < m_grid.nSymbols; ++l)
        {
            std::complex<double> sum = 0.0;
            std::complex<double> first = 0.0;
            std::complex<double> second = 0.0;
            for (Eigen::Index k = 0; k < m_grid.nSubcarriers; ++k)
            {
                const auto term = std::conj(m_delayPhases(k)) * m_free(k, l);
                const double w = frequency * delayCell * (k - 0.5 * (m_grid.nSubcarriers - 1));
                sum += term;
                first += w * term;
                second += w * w * term;
            }
            const auto turn = std::conj(m_dopplerPhases(l));
            const double v = time * dopplerCell * (l - 0.5 * (m_grid.nSymbols - 1));
            const std::complex<double> j(0.0, 1.0);
            c += turn * sum;
            cx += j * turn * first;
            cy -= j * v * turn * sum;
            cxx -= turn * second;
            cxy += v * turn * first;
            cyy -= v * v * turn * sum;
        }
        peak.look = m_scale * c;
        const Eigen::Vector2d gradient(std::real(std::conj(c) * cx), std::real(std::conj(c) * cy));
        Eigen::Matrix2d hessian;
        hessian(0, 0) = std::norm(cx) + std::real(std::conj(c) * cxx);
        hessian(1, 1) = std::norm(cy) + std::real(std::conj(c) * cyy);
        hessian(0, 1) = std::real(std::conj(cx) * cy) + std::real(std::conj(c) * cxy);
        hessian(1, 0) = hessian(0, 1);
        // A single subcarrier or symbol says nothing about its unknown.
        if (m_grid.nSubcarriers == 1)
        {
            hessian(0, 0) = -1.0;
        }
        if (m_grid.nSymbols == 1)
        {
            hessian(1, 1) = -1.0;
        }
        const bool isConcave = hessian(0, 0) < 0.0 && hessian.determinant() > 0.0;
        Eigen::Vector2d move = isConcave ? Eigen::Vector2d(-hessian.inverse() * gradient)
                                         : Eigen::Vector2d(0.1 * gradient / gradient.norm());
        move = move.cwiseMax(-0.25).cwiseMin(0.25);
        if (!(move.cwiseAbs().maxCoeff() > 1e-9))
        {
            return;
        }
        peak.delay += delayCell * move(0);
        peak.doppler += dopplerCell * move(1);
    }
    peak.look = GetLook(peak.delay, peak.doppler);
}

double
IsacEchoReceiver::GetStaticShare(const IsacSignals& symbols,
                                 const Eigen::Ref<const Eigen::RowVectorXcd>& waveform,
                                 double delay,
                                 double doppler)
{
    m_grid.GetDelayPhases(delay, m_delayPhases);
    m_grid.GetDopplerPhases(doppler, m_dopplerPhases);
    m_echo.setZero(1, m_grid.GetSize());
    AddPhased(m_grid, waveform.data(), 1.0, m_delayPhases, m_dopplerPhases, m_echo.data());
    const double all = m_echo.squaredNorm();
    RemoveStatic(symbols, m_echo);
    return m_echo.squaredNorm() / all;
}

} // namespace ns3
