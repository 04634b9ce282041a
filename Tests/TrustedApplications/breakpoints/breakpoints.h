// Shows its own code to the TEE.
#ifndef BREAKPOINTS_H
#define BREAKPOINTS_H

#define BREAKPOINTS_UUID \
    { 0x5ec0e001, 0x0062, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x62 } }

/// Calls the function `watched`; memref[0] out: the SHA-256 of the first 8 bytes of it, which the TEE reads.
#define BREAKPOINTS_DIGEST 0
/// Never ends, until `isOver` is not zero.
#define BREAKPOINTS_LOOP 1
/// Multiplies floating-point numbers; value[0] out: 144.
#define BREAKPOINTS_FLOAT 2

#endif
