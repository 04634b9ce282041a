// Keeps state of every kind between commands, to see whether it comes back. SNAPSHOTS_KIND, defined on the command line: 0 an instance for each session, 1 one
// instance for many.
#ifndef SNAPSHOTS_H
#define SNAPSHOTS_H

#ifndef SNAPSHOTS_KIND
#define SNAPSHOTS_KIND 0
#endif
#define SNAPSHOTS_UUID \
    { 0x5ec0e001, 0x0060 + SNAPSHOTS_KIND, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x60 + SNAPSHOTS_KIND } }
#define SNAPSHOTS_FLAGS (SNAPSHOTS_KIND == 1 ? TA_FLAG_SINGLE_INSTANCE | TA_FLAG_MULTI_SESSION : 0)

/// Parameters of opening a session: none, or value[0].a in: bytes of the large buffer that are written then.

/// value[0] out: commands so far, blocks of the heap that commands have allocated so far; value[1] out: sessions opened so far, bytes of the large buffer that are not zero.
#define SNAPSHOTS_COUNT 0
/// memref[0] in, memref[1] out: the SHA-256 of "open", which the session began with, and the input.
#define SNAPSHOTS_DIGEST 1
/// memref[0] out: the next bytes of the object "kept" ("0123456789", of which two were read when the session was opened); value[1].a in: what is done with the handle then: 0
/// nothing, 1 closed, 2 deleted with the object.
#define SNAPSHOTS_READ 2
/// value[0] out: where a page was mapped (high, low); value[1] out: what its first byte was.
#define SNAPSHOTS_MAP 3
/// value[0].a in: bytes of the large buffer that are written.
#define SNAPSHOTS_TOUCH 4
#define SNAPSHOTS_PANIC 5
/// Populates the key that was allocated when the session was opened, which can be done once; value[0] out: its size in bits.
#define SNAPSHOTS_POPULATE 6
/// memref[0] out: the name of the next object of an enumeration that began when the session was opened.
#define SNAPSHOTS_NEXT 7
/// Never ends.
#define SNAPSHOTS_LOOP 8

#endif
