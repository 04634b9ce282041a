// An application that wants to harm the TEE core, or to keep it busy.
#ifndef HOSTILE_H
#define HOSTILE_H

// The last two digits tell variants apart (-D HOSTILE_VARIANT=...): what the application does when an instance or a session comes or goes.
#ifndef HOSTILE_VARIANT
#define HOSTILE_VARIANT 0x50
#endif
#define HOSTILE_UUID \
    { 0x5ec0e001, 0x0050, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, HOSTILE_VARIANT } }

/// Does nothing; value[0] inout: a becomes a + 1.
#define HOSTILE_LIVE 0
/// value[0] in: seed; value[1] in: number of calls, one in `b` arguments is nonsense. Random calls of the core.
#define HOSTILE_CALLS 1
/// value[0] in: number of a call, kind of bad pointer (0 to 7); value[1] out: its result, whether it takes pointers. All pointers it takes are bad.
#define HOSTILE_BAD_POINTERS 2
/// Never ends.
#define HOSTILE_LOOP 3
/// Never ends: waits for ever, 10 ms at a time.
#define HOSTILE_WAIT 4
/// Recurses for ever, with large steps that could jump over a guard page.
#define HOSTILE_STACK 5
/// value[0] in: kind. Asks for sizes nobody has; value[1].a out: how many of them were granted.
#define HOSTILE_GIANT 6
/// value[0] in: offset. Goes on in 64 KiB of random bytes there.
#define HOSTILE_RANDOM_CODE 7
/// value[0] in: number of an instruction that only a kernel may use, or that disturbs one.
#define HOSTILE_INSTRUCTION 8
/// value[0] in: how many times a function that takes long is to be done. Asks for it in one call of the core.
#define HOSTILE_LONG_CALL 9
/// memref[0] inout: writes beyond its end.
#define HOSTILE_OVERRUN 10
/// Allocates objects, operations, enumerators until there are no more; value[0] out: how many.
#define HOSTILE_HANDLES 11
/// value[0] in: UUID's last byte. Opens sessions with that variant until there are no more; value[1] out: how many, last result.
#define HOSTILE_SESSIONS 12

#endif
