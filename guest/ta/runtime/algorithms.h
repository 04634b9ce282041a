// What the operations need to know of each algorithm (TEE Internal Core API 1.3.1, tables 6-1 to 6-6).
#ifndef ALGORITHMS_H
#define ALGORITHMS_H

#include <stdbool.h>
#include <stdint.h>

/// How data is gathered before the core sees it.
enum gathering {
    /// As it comes.
    gatherNothing,
    /// In whole blocks.
    gatherBlocks,
    /// In whole blocks, of which the last two wait for the end, as stealing needs them.
    gatherTwoBlocks,
    /// By the core, which pads, and says itself how much comes out.
    gatherInCore
};

/// An algorithm.
struct algorithm {
    uint32_t identifier;
    /// TEE_OPERATION_*.
    uint8_t operationClass;
    /// Bytes of a block when data is gathered, else 1.
    uint8_t blockSize;
    uint8_t gathering;
    bool hasTwoKeys;
    /// Bytes of the digest or the message authentication code; 0 for any number and for others.
    uint8_t digestLength;
    /// Type of the key when the operation has no private one, and when it has; 0 for digests.
    uint32_t keyType;
    uint32_t privateKeyType;
    /// The one key size in bits that goes with it, or 0.
    uint16_t keySize;
};

/// The algorithm, or null for an unknown one.
const struct algorithm *algorithm_of(uint32_t identifier);
/// TEE_USAGE_* that a key needs for a mode; false when the algorithm has no such mode.
bool algorithm_usage(const struct algorithm *algorithm, uint32_t mode, uint32_t *usage);
/// Type of the key in a mode.
uint32_t algorithm_key_type(const struct algorithm *algorithm, uint32_t mode);
/// Whether a key of that size may be used.
bool algorithm_takes(const struct algorithm *algorithm, uint32_t maxKeySize);

#endif
