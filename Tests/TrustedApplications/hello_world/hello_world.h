// The smallest application.
#ifndef HELLO_WORLD_H
#define HELLO_WORLD_H

#define HELLO_WORLD_UUID \
    { 0x5ec0e001, 0x0001, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x01 } }

/// value[0] inout: a becomes a + 1.
#define HELLO_WORLD_ADD_ONE 0
/// memref[0] out: "Hello, world" with its final zero.
#define HELLO_WORLD_GREET 1

#endif
