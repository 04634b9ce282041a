// Sessions with other applications, named by the 16 bytes of a TEE_UUID.
#ifndef CALLERS_H
#define CALLERS_H

#define CALLERS_UUID \
    { 0x5ec0e001, 0x0004, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x04 } }

/// memref[0] in: UUID; value[1].a in: command; value[2] inout: what goes there and back as its first parameter. Opens, invokes, closes.
#define CALLERS_VALUE 0
/// memref[0] in: UUID; value[1].a in: command; memref[2] inout: goes there as its first parameter, a memref inout.
#define CALLERS_MEMORY 1
/// As CALLERS_MEMORY, but through a copy on the heap.
#define CALLERS_COPIED_MEMORY 2
/// memref[0] in: UUID; value[1] in: command, milliseconds until it is cancelled; value[2] out: result, origin.
#define CALLERS_WITH_TIMEOUT 3
/// memref[0] in: UUID; value[1] out: result and origin of opening a session.
#define CALLERS_OPEN 4
/// memref[0] in: UUID; value[1] in: command; value[2] out: result, origin, of invoking a command without parameters, and value[3] out: of another one after it.
#define CALLERS_INVOKE_TWICE 5

#endif
