// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_ECHO_H
#define ISAC_ECHO_H

#include "isac-detection.h"
#include "isac-problem.h"

#include <Eigen/Core>
#include <complex>
#include <functional>
#include <vector>

namespace ns3
{

/// Draws a number uniform in (0, 1); neither end is ever returned.
using IsacUniform = std::function<double()>;

/// Signals over the resource elements of a dwell, one a row, which is contiguous and thereby a
/// matrix over subcarriers and symbols (IsacEchoGrid::View()).
using IsacSignals =
    Eigen::Matrix<std::complex<double>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/**
 * @ingroup cellfree-isac
 * @brief The resource elements of a dwell: K subcarriers times L_t OFDM symbols, so that the L of
 * equation (7)'s combining is K L_t. Element (k, l) is at index k + K l.
 *
 * Frequencies and times are counted from the middle of the grid, f_k = (k - (K-1)/2) spacing and
 * t_l = (l - (L_t-1)/2) interval: there the Fisher information of delay and Doppler has no cross
 * terms with that of the phase. Only elements that sensing uses are counted, so spacing and
 * interval may be many times those of the numerology.
 */
struct IsacEchoGrid
{
    Eigen::Index nSubcarriers{1}; //!< K >= 1
    Eigen::Index nSymbols{1};     //!< L_t >= 1
    double spacing{30e3};         //!< between subcarriers (Hz), > 0
    double interval{0.5e-3};      //!< between OFDM symbols (s), > 0

    /// @return the number of resource elements K L_t
    Eigen::Index GetSize() const
    {
        return nSubcarriers * nSymbols;
    }

    /// @return the delay that turns phases by one turn over the subcarriers, 1 / (K spacing) (s)
    double GetDelayCell() const
    {
        return 1.0 / (nSubcarriers * spacing);
    }

    /// @return the Doppler shift that turns phases by one turn over the symbols (Hz)
    double GetDopplerCell() const
    {
        return 1.0 / (nSymbols * interval);
    }

    /**
     * @brief Phases of a delay over subcarriers.
     * @param delay tau (s)
     * @param[out] phases K x 1: exp(-j 2 pi f_k tau)
     */
    void GetDelayPhases(double delay, Eigen::Ref<Eigen::VectorXcd> phases) const;

    /**
     * @brief Phases of a Doppler shift over symbols.
     * @param doppler nu (Hz); positive where the path becomes shorter
     * @param[out] phases L_t x 1: exp(+j 2 pi t_l nu)
     */
    void GetDopplerPhases(double doppler, Eigen::Ref<Eigen::VectorXcd> phases) const;

    /// @param row a contiguous row of GetSize() elements @return it as a K x L_t matrix
    Eigen::Map<const Eigen::MatrixXcd> View(const std::complex<double>* row) const
    {
        return {row, nSubcarriers, nSymbols};
    }
};

/// What the streams of a dwell carry; all have unit mean power.
enum IsacWaveform
{
    ISAC_QPSK,     //!< independent QPSK symbols
    ISAC_GAUSSIAN, //!< independent CN(0, 1) symbols
    /// One QPSK sequence for all S streams, stream s turned by exp(j 2 pi s l floor(L_t / S) / L_t)
    /// over symbols, so that streams are orthogonal on every subcarrier where S <= L_t: a Doppler
    /// division of the transmitters. Doppler shifts beyond 1 / (2 S interval) are ambiguous.
    ISAC_ORTHOGONAL,
};

/**
 * @ingroup cellfree-isac
 * @brief A point that reflects, seen from M transmitters with N_t and R receivers with N_r
 * antennas: equation (5), G = alpha_rm a_r a_m^H with E|alpha_rm|^2 = zeta^2_rm, plus a delay and a
 * Doppler shift per pair. A target moves; clutter is at rest (doppler zero).
 */
struct IsacReflector
{
    Eigen::MatrixXcd transmit; //!< N_t x M: steering vectors a_m, ||a_m||^2 = N_t
    Eigen::MatrixXcd receive;  //!< N_r x R: steering vectors a_r, ||a_r||^2 = N_r
    Eigen::MatrixXd gain;      //!< R x M: zeta^2_rm, power gain between elements, >= 0
    Eigen::MatrixXd delay;     //!< R x M: tau_rm (s), shorter than the cyclic prefix
    Eigen::MatrixXd doppler;   //!< R x M: nu_rm (Hz), far below the subcarrier spacing
};

/**
 * @ingroup cellfree-isac
 * @brief One dwell at symbol level: equation (6) with delay and Doppler, on every resource element,
 *
 *   y_r[k, l] = sum_m alpha_rm a_r (a_m^H F_m x[k, l]) exp(-j 2 pi f_k tau_rm)
 *               exp(j 2 pi t_l nu_rm) + n_r[k, l],
 *
 * with the N_t x S beams F_m of transmitter m and the S symbols x of the streams, which all
 * transmitters share as in (1). Delays are within the cyclic prefix, phases do not turn within an
 * OFDM symbol, and no echo moves to another cell during the dwell. Transmitters and receivers are
 * lists of their own, with arrays of their own; an AP that does both is in both.
 *
 * Work space is kept: a dwell of the sizes of the one before allocates nothing.
 */
class IsacEcho
{
  public:
    /**
     * @brief Sets what stays over dwells.
     * @param grid the resource elements
     * @param beams (M N_t) x S: beams of all transmitters (sqrt(W))
     */
    void SetUp(const IsacEchoGrid& grid, const IsacBeams& beams);

    /// @return the resource elements
    const IsacEchoGrid& GetGrid() const
    {
        return m_grid;
    }

    /**
     * @brief Draws the symbols of all streams.
     * @param waveform what they are
     * @param uniform source of randomness
     */
    void DrawSymbols(IsacWaveform waveform, const IsacUniform& uniform);

    /// @return S x (K L_t): the symbols that were sent, known to the receivers
    const IsacSignals& GetSymbols() const
    {
        return m_symbols;
    }

    /// @param symbols S x (K L_t): the symbols to send
    void SetSymbols(const IsacSignals& symbols);

    /**
     * @brief What each transmitter sends into a direction, sum_s (a_m^H f_ms) x_s[k, l].
     * @param transmit N_t x M: steering vectors towards the direction
     * @param[out] waveforms M x (K L_t), in sqrt(W)
     */
    void GetWaveforms(const Eigen::Ref<const Eigen::MatrixXcd>& transmit,
                      IsacSignals& waveforms) const;

    /**
     * @brief Forgets what was received.
     * @param nReceivers R
     * @param nReceiveAntennas N_r
     */
    void Clear(Eigen::Index nReceivers, Eigen::Index nReceiveAntennas);

    /**
     * @brief Adds the echo of a point to what is received.
     * @param reflector the point
     * @param reflections R x M: alpha_rm / zeta_rm of this dwell, E|.|^2 = 1
     */
    void AddEcho(const IsacReflector& reflector,
                 const Eigen::Ref<const Eigen::MatrixXcd>& reflections);

    /**
     * @brief Adds receiver noise CN(0, noise_r I) on every antenna and resource element.
     * @param noise R: variances (W), see GetNoise() with self-interference
     * @param uniform source of randomness
     */
    void AddNoise(const Eigen::Ref<const Eigen::VectorXd>& noise, const IsacUniform& uniform);

    /**
     * @brief What noise and residual self-interference make together. What is left of a transmitter
     * after its known signal was subtracted is distortion and phase noise, unknown to the receiver
     * and of a power that follows the transmitter's: it is taken for white noise.
     * @param noise R: thermal noise per antenna (W)
     * @param selfInterference R x M: power of the residue per antenna over the power of the
     * transmitter, kappa_rm >= 0, linear
     * @return R: noise_r + sum_m kappa_rm sum_s ||f_ms||^2 (W)
     */
    Eigen::VectorXd GetNoise(const Eigen::Ref<const Eigen::VectorXd>& noise,
                             const Eigen::Ref<const Eigen::MatrixXd>& selfInterference) const;

    /// @return what receiver r received, N_r x (K L_t). @param r receiver
    const IsacSignals& GetReceived(Eigen::Index r) const
    {
        return m_received[r];
    }

    /// @copydoc GetReceived
    IsacSignals& GetReceived(Eigen::Index r)
    {
        return m_received[r];
    }

    /**
     * @brief The SNR of every pair, after receive combining and coherent integration:
     * s_rm = N_r K L_t zeta^2_rm sum_s |a_m^H f_ms|^2 / noise_r. The sum of s_rm noise_r over that
     * of noise_r is N_r L times equation (7).
     * @param reflector the point
     * @param noise R: variances (W)
     * @return R x M, linear
     */
    Eigen::MatrixXd GetPairSnr(const IsacReflector& reflector,
                               const Eigen::Ref<const Eigen::VectorXd>& noise) const;

  private:
    IsacEchoGrid m_grid;                 //!< resource elements
    IsacBeams m_beams;                   //!< (M N_t) x S
    IsacSignals m_symbols;               //!< S x (K L_t)
    std::vector<IsacSignals> m_received; //!< R of N_r x (K L_t)
    IsacSignals m_waveforms;             //!< M x (K L_t), towards the point that is added
    IsacSignals m_echo;                  //!< 1 x (K L_t), of one receiver
    Eigen::VectorXcd m_delayPhases;      //!< K
    Eigen::VectorXcd m_dopplerPhases;    //!< L_t
};

/// Where an echo was found.
struct IsacEchoPeak
{
    double delay{0.0};              //!< tau (s)
    double doppler{0.0};            //!< nu (Hz)
    std::complex<double> look{0.0}; //!< the look there, see IsacEchoReceiver::GetLook()
};

/**
 * @ingroup cellfree-isac
 * @brief What a receiver makes of a dwell, knowing the symbols: receive beam, matched filter over
 * the resource elements, range-Doppler map, removal of what is at rest, and the peak of the map.
 *
 * All steps are linear in what was received but the last. Work space is kept.
 */
class IsacEchoReceiver
{
  public:
    /// How the known waveform is taken off an element.
    enum Filter
    {
        CORRELATE, //!< times its conjugate: the matched filter, largest SNR
        DIVIDE,    //!< by it: a point echo's map has no noise of the data, but noise is amplified
    };

    /// @param grid the resource elements @param filter how the waveform is taken off
    void SetUp(const IsacEchoGrid& grid, Filter filter = CORRELATE);

    /**
     * @brief Receive beam: b = a_r^H Y_r / ||a_r||, whose noise has the variance of an antenna's.
     * @param received N_r x (K L_t)
     * @param receive N_r: the steering vector
     * @param[out] combined 1 x (K L_t)
     */
    void Combine(const IsacSignals& received,
                 const Eigen::Ref<const Eigen::VectorXcd>& receive,
                 IsacSignals& combined) const;

    /**
     * @brief Takes away what no path that is at rest could not explain: on each subcarrier the
     * projection on the sequences of the S streams over symbols (extensive cancellation; F. Colone
     * and others, IEEE Trans. Aerosp. Electron. Syst. 45(2), 2009, for zero Doppler). Echoes at
     * rest of every transmitter and direction vanish, with them what moves too slowly. With one
     * stream of constant modulus it is the mean over symbols of the waveform-free signal.
     * @param symbols S x (K L_t), S < L_t
     * @param[in,out] signals any number of rows of K L_t elements
     */
    void RemoveStatic(const IsacSignals& symbols, IsacSignals& signals);

    /**
     * @brief Prepares looks at a signal.
     * @param waveform 1 x (K L_t): what the transmitter sent towards the target; for DIVIDE without
     * zeros
     * @param combined 1 x (K L_t): see Combine()
     */
    void Load(const Eigen::Ref<const Eigen::RowVectorXcd>& waveform,
              const Eigen::Ref<const Eigen::RowVectorXcd>& combined);

    /**
     * @brief The look at a delay and a Doppler shift: the sum of the waveform-free signal with the
     * phases taken back, scaled so that noise of variance v on the elements makes it CN(0, v).
     * @param delay tau (s)
     * @param doppler nu (Hz)
     * @return the look; of an echo there alpha sqrt(N_r) ||waveform|| by CORRELATE
     */
    std::complex<double> GetLook(double delay, double doppler);

    /**
     * @brief Looks on a grid of delays and Doppler shifts, as two matrix products.
     * @param delays P delays (s)
     * @param dopplers Q Doppler shifts (Hz)
     * @param[out] map P x Q looks
     */
    void GetMap(const Eigen::Ref<const Eigen::VectorXd>& delays,
                const Eigen::Ref<const Eigen::VectorXd>& dopplers,
                Eigen::MatrixXcd& map);

    /**
     * @brief The largest look: on a grid of two points a cell over the window, then Newton steps.
     * Its delay and Doppler are the maximum-likelihood estimates of a single echo of unknown
     * amplitude in white noise (for CORRELATE with a waveform of constant modulus).
     * @param delay middle of the window (s)
     * @param doppler middle of the window (Hz)
     * @param delayExtent half its width (s), >= 0
     * @param dopplerExtent half its width (Hz), >= 0
     * @return the peak
     */
    IsacEchoPeak FindPeak(double delay, double doppler, double delayExtent, double dopplerExtent);

    /**
     * @brief What RemoveStatic() leaves of an echo's energy.
     * @param symbols S x (K L_t)
     * @param waveform 1 x (K L_t)
     * @param delay tau (s)
     * @param doppler nu (Hz)
     * @return the share, in [0, 1]: the look's noise variance is that share too, so its SNR is
     * multiplied by it
     */
    double GetStaticShare(const IsacSignals& symbols,
                          const Eigen::Ref<const Eigen::RowVectorXcd>& waveform,
                          double delay,
                          double doppler);

  private:
    /// Climbs to the top of |look|^2. @param[in,out] peak where to start, and the top
    void Refine(IsacEchoPeak& peak);

    IsacEchoGrid m_grid;              //!< resource elements
    Filter m_filter{CORRELATE};       //!< how the waveform is taken off
    Eigen::MatrixXcd m_free;          //!< K x L_t: waveform-free signal
    double m_scale{1.0};              //!< makes the noise of a look that of an element
    Eigen::VectorXcd m_delayPhases;   //!< K
    Eigen::VectorXcd m_dopplerPhases; //!< L_t
    Eigen::MatrixXcd m_delayMatrix;   //!< P x K
    Eigen::MatrixXcd m_dopplerMatrix; //!< L_t x Q
    Eigen::MatrixXcd m_product;       //!< P x L_t
    Eigen::MatrixXcd m_map;           //!< of FindPeak()
    Eigen::VectorXd m_delays;         //!< of FindPeak()
    Eigen::VectorXd m_dopplers;       //!< of FindPeak()
    Eigen::MatrixXcd m_streams;       //!< S x L_t: symbols on one subcarrier
    Eigen::MatrixXcd m_gram;          //!< S x S: their products
    Eigen::VectorXcd m_series;        //!< L_t: signal on one subcarrier
    Eigen::VectorXcd m_coefficients;  //!< S
    IsacSignals m_echo;               //!< 1 x (K L_t), of GetStaticShare()
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Draws CN(0, 1) by the Box-Muller method, from exactly two uniform numbers.
 * @param uniform source of randomness
 * @return the number
 */
std::complex<double> DrawGaussian(const IsacUniform& uniform);

/**
 * @ingroup cellfree-isac
 * @brief Draws the reflections of one dwell, independent over pairs.
 * @param fluctuation their law; constant within the dwell, so that II is I and IV is III
 * @param uniform source of randomness
 * @param[out] reflections any size, E|.|^2 = 1 each
 */
void DrawReflections(IsacFluctuation fluctuation,
                     const IsacUniform& uniform,
                     Eigen::Ref<Eigen::MatrixXcd> reflections);

/**
 * @ingroup cellfree-isac
 * @brief Adds the echo of one pair, without noise: amplitude * a_r * waveform[k, l] with the phases
 * of any delay and Doppler shift, on the grid's cells or between them.
 * @param grid the resource elements
 * @param receive N_r: steering vector of the receiver towards the point, of any direction
 * @param waveform 1 x (K L_t): what the transmitter sends towards the point (sqrt(W))
 * @param amplitude alpha: amplitude gain between elements
 * @param delay tau (s)
 * @param doppler nu (Hz)
 * @param[in,out] received N_r x (K L_t): the echo is added to it
 */
void AddPairEcho(const IsacEchoGrid& grid,
                 const Eigen::Ref<const Eigen::VectorXcd>& receive,
                 const Eigen::Ref<const Eigen::RowVectorXcd>& waveform,
                 std::complex<double> amplitude,
                 double delay,
                 double doppler,
                 IsacSignals& received);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_ECHO_H
