// Memory of the guest: frames of RAM (source/frames.c), and the heap of the library OS (source/heap.c).
#ifndef SKERRY_FREESTANDING_MEMORY_H
#define SKERRY_FREESTANDING_MEMORY_H
#include <stddef.h>
#include <stdint.h>

#include "confidential_abi.h"
#include "platform.h"
#include "string.h"

/// Takes over this many bytes of RAM.
void skerry_frames_begin(uint64_t ram);
/// Up to `count` frames, one behind the other, as many as there are in one place; from 512 on aligned to 2 MiB if possible. The first frame's number and how many;
/// 0 when there are none. What is in them is anything.
uint64_t skerry_frames_take(uint64_t count, uint64_t *got);
/// As that, all of them or none.
uint64_t skerry_frames_take_run(uint64_t count);
/// Gives frames back.
void skerry_frames_give(uint64_t first, uint64_t count);
/// Frames that nobody has.
uint64_t skerry_frames_free(void);

/// Accepts the next 2 MiB of RAM; 0 when there are no more (PageStates).
int skerry_accept_step(void);
/// Bytes of RAM, as measured.
uint64_t skerry_ram_size(void);

/// The heap's functions, by the names that Swift's run time calls.
int posix_memalign(void **place, size_t alignment, size_t size);
void free(void *place);
/// Frames the heap has taken.
uint64_t skerry_heap_frames(void);
#endif
