// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_FRONTHAUL_LOAD_H
#define ISAC_FRONTHAUL_LOAD_H

#include <cstdint>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Where the fronthaul cuts the physical layer (3GPP TR 38.801 section 11.1).
 */
enum IsacFunctionalSplit
{
    ISAC_SPLIT_8,    //!< option 8: samples of every antenna in the time domain
    ISAC_SPLIT_72X,  //!< O-RAN's 7.2x: streams in the frequency domain, precoded in the AP
    ISAC_SPLIT_LOCAL //!< user bits; the AP codes, and computes its own beams
};

namespace cellfree
{

/// Subcarriers of a resource block, which share an exponent.
constexpr uint32_t FRONTHAUL_BLOCK = 12;

/**
 * Bytes around the resource blocks of a user-plane message on Ethernet: preamble and start 8, MAC
 * header 14, VLAN tag 4, frame check 4, gap 12; eCPRI common header 4 with PC_ID and SEQ_ID 4
 * (eCPRI specification V2.0); application header 4 and section header 6 with udCompHdr
 * (O-RAN.WG4.CUS, user-plane messages).
 */
constexpr uint32_t FRONTHAUL_MESSAGE_HEADER = 60;
/// Those of them that count towards the size of the Ethernet frame's payload.
constexpr uint32_t FRONTHAUL_PAYLOAD_HEADER = 18;
/**
 * Bytes of a control-plane message of section type 1 without beamforming weights: Ethernet as above
 * 42, eCPRI header 8, application header 8, section 8 with the beamId (O-RAN.WG4.CUS, control-plane
 * messages).
 */
constexpr uint32_t FRONTHAUL_CONTROL_MESSAGE = 66;

/**
 * @ingroup cellfree-isac
 * @brief Sampling rate of an OFDM signal: the subcarrier spacing times the smallest power of two
 * above the number of subcarriers; 30.72 MHz for LTE's 1200 of 15 kHz.
 * @param nSubcarriers number of subcarriers in use, at least 1
 * @param spacing subcarrier spacing (Hz)
 * @return samples per second (Hz)
 */
double GetSamplingRate(uint32_t nSubcarriers, double spacing);

/**
 * @ingroup cellfree-isac
 * @brief Bits of split 8: 2 b bits for each sample of each antenna, and one control word for every
 * 15 words of samples (CPRI specification V7.0, section 4.2).
 * @param nAntennas number of antennas
 * @param samplingRate samples per second (Hz)
 * @param duration duration (s)
 * @param sampleBits b, of the in-phase and of the quadrature part
 * @return the number of bits, rounded up
 */
uint64_t GetTimeDomainBits(uint32_t nAntennas,
                           double samplingRate,
                           double duration,
                           uint32_t sampleBits);

/**
 * @ingroup cellfree-isac
 * @brief Line rate of split 8 over CPRI: GetTimeDomainBits() per second, times 10/8 for the 8B/10B
 * line code (same source).
 * @param nAntennas number of antenna-carriers
 * @param samplingRate samples per second (Hz)
 * @param sampleBits bits of the in-phase and of the quadrature part
 * @return the line rate (bit/s)
 */
double GetCpriLineRate(uint32_t nAntennas, double samplingRate, uint32_t sampleBits);

/**
 * @ingroup cellfree-isac
 * @brief Bits of blocks of complex values in block floating point: for each value two mantissas,
 * for each block an octet with the exponent, udCompParam (O-RAN.WG4.CUS annex A.1). With 12 values
 * of 9 bits, 28 bytes.
 * @param nBlocks number of blocks
 * @param nValues complex values of a block
 * @param mantissaBits bits of a mantissa, sign included
 * @return the number of bits
 */
uint64_t GetBlockFloatBits(uint64_t nBlocks, uint32_t nValues, uint32_t mantissaBits);

/**
 * @ingroup cellfree-isac
 * @brief Bits of one stream in the frequency domain: each OFDM symbol's resource blocks in block
 * floating point, in as many messages as it takes; a message holds whole resource blocks.
 * @param nBlocks resource blocks of a symbol
 * @param nSymbols OFDM symbols
 * @param mantissaBits bits of a mantissa, sign included
 * @param payloadBytes largest payload of an Ethernet frame (bytes), room for one resource block at
 * least
 * @return the number of bits, headers included
 */
uint64_t GetStreamBits(uint32_t nBlocks,
                       uint32_t nSymbols,
                       uint32_t mantissaBits,
                       uint32_t payloadBytes);

/**
 * @ingroup cellfree-isac
 * @brief Bits that schedule one stream and name its beam: a control-plane message, with the weights
 * of every antenna in block floating point for each part of the band that has a beam of its own
 * (O-RAN.WG4.CUS, section extension 11).
 * @param nBands parts of the band with a beam of their own
 * @param nAntennas antennas of the AP
 * @param weightBits bits of a weight's in-phase and of its quadrature part; 0 if the beam has a
 * number that the AP knows (beamId)
 * @return the number of bits
 */
uint64_t GetBeamBits(uint32_t nBands, uint32_t nAntennas, uint32_t weightBits);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_FRONTHAUL_LOAD_H
