// The small C library of the development kit.
#ifndef LIBRARY_H
#define LIBRARY_H

#define LIBRARY_UUID \
    { 0x5ec0e001, 0x0012, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x12 } }

/// memref[0] out: lines of text that snprintf made of fixed values; compare with what another printf makes of them.
#define LIBRARY_PRINTF 0
/// value[0] out: number of checks of string, stdlib and setjmp functions that failed, 0, and number of checks.
#define LIBRARY_FUNCTIONS 1

#endif
