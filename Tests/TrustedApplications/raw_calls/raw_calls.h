// System calls as they are, with whatever arguments the client wants: the runtime library is not asked.
#ifndef RAW_CALLS_H
#define RAW_CALLS_H

#define RAW_CALLS_UUID \
    { 0x5ec0e001, 0x0019, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x19 } }

/// memory[0] in: `struct raw_call`; value[1] out: the low and the high half of what the call returns; memory[2] in and out: becomes the beginning of the
/// application's own memory before the call, and is what has become of it afterwards; memory[3] in and out: memory of the client.
#define RAW_CALLS_CALL 0
/// value[0] out: low and high half of the address of the application's own memory; value[1]: of bytes that cannot be written.
#define RAW_CALLS_ADDRESSES 1

#define RAW_CALLS_OWN_SIZE 16384

#endif
