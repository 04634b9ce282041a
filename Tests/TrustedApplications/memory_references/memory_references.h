// Memory references and the heap.
#ifndef MEMORY_REFERENCES_H
#define MEMORY_REFERENCES_H

#define MEMORY_REFERENCES_UUID \
    { 0x5ec0e001, 0x0011, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x11 } }

#define PLUGIN_UUID \
    { 0x5ec0e001, 0x0030, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x30 } }

/// value[0] in: access flags, offset; memref[1] in; the result of TEE_CheckMemoryAccessRights for what is behind the offset.
#define MEMORY_REFERENCES_CHECK_INPUT 0
/// The same for memref[1] inout.
#define MEMORY_REFERENCES_CHECK_INOUT 1
/// memref[0] inout: each byte becomes its complement; the size stays.
#define MEMORY_REFERENCES_INVERT 2
/// memref[0] out, value[1] out: whether its buffer is null, its size. Sets the size to 100.
#define MEMORY_REFERENCES_LOOK 3
/// memref[0] in; value[1] out: sum of its bytes, size. An empty one with a buffer or without is fine.
#define MEMORY_REFERENCES_SUM 4
/// value[0].a out: number of checks of the heap that failed, 0.
#define MEMORY_REFERENCES_HEAP 5
/// value[0] out: largest block, of 4 KiB steps, that can be allocated, and again after ten thousand allocations and frees in disorder.
#define MEMORY_REFERENCES_STRESS 6
/// value[0] in: flags, kind of memory (0 code, 1 constants, 2 variables, 3 stack, 4 heap block, 5 free heap, 6 null, 7 private heap block).
#define MEMORY_REFERENCES_CHECK_OWN 7
/// value[0].a out: number of checks of mapped memory that failed, 0.
#define MEMORY_REFERENCES_MAP 8
/// memref[0] inout: data for a plug-in of the supplicant; value[1] in: command, subcommand; value[2].a in: 0 for PLUGIN_UUID, 1 for the null UUID; value[3].a out: the length
/// that the plug-in says it left.
#define MEMORY_REFERENCES_PLUGIN 9
/// The same with data of its own, of value[1].a bytes, without memref[0]; the answer's sum in value[3].b.
#define MEMORY_REFERENCES_OWN_PLUGIN 10

#endif
