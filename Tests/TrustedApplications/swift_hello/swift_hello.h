// An application in Embedded Swift. This header is what both its own header (user_ta_header_defines.h) and its clients read.
#ifndef SWIFT_HELLO_H
#define SWIFT_HELLO_H

#define SWIFT_HELLO_UUID \
    { 0x5ec0e001, 0x0013, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x13 } }

/// value[0] inout: a becomes a + 1.
#define SWIFT_HELLO_ADD_ONE 0
/// memref[0] in: text; value[1] out: whether it reads the same from behind, and its length.
#define SWIFT_HELLO_IS_PALINDROME 1

#endif
