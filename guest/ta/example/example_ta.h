// What the trusted application and its clients agree on.
#ifndef EXAMPLE_TA_H
#define EXAMPLE_TA_H

// The application's name. Every application has one of its own: `uuidgen` makes them.
#define EXAMPLE_TA_UUID \
    { 0x9f2a7c34, 0x61d8, 0x4be5, { 0x8a, 0x03, 0x5d, 0xe1, 0x77, 0x2c, 0x90, 0x4b } }

/// memref[0] in: any bytes; memref[1] out: their SHA-256 digest, 32 bytes.
#define EXAMPLE_DIGEST 0
/// value[0] out: how many digests there have been since the device was made.
#define EXAMPLE_COUNT 1

#endif
