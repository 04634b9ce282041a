// The heap of the library OS. Small blocks come from lists, one for each size, that are filled from runs of frames and never shrink; larger ones are runs of frames
// of their own. Every block has a header of 16 bytes. Without memory there is no way to go on: Swift cannot be told.
#include "memory.h"

enum { header_size = 16, list_count = 16, refill_frames = 8 };
static const uint32_t sizes[list_count] = {32, 48, 64, 80, 96, 128, 160, 192, 256, 320, 384, 512, 768, 1024, 1536, 2048};

struct header {
    uint32_t magic;
    uint32_t list; // or list_count
    uint64_t frames; // first frame << 24 | how many
};
_Static_assert(sizeof(struct header) == header_size, "blocks stay aligned");
enum { in_use = 0x6B636F6C, unused = 0x65657266 };

struct block {
    struct header header;
    struct block *next;
};

static struct block *lists[list_count];
static uint64_t taken;

uint64_t skerry_heap_frames(void) { return taken; }

static _Noreturn void fail(uint32_t reason) { skerry_terminate(SKERRY_TERMINATED_REFUSING, reason); }

static void *frame_address(uint64_t frame) { return (void *)(SKERRY_GUEST_DIRECT + (frame << 12)); }

static uint64_t take(uint64_t frames) {
    uint64_t first = skerry_frames_take_run(frames);
    if (!first) fail(skerry_refusal_memory);
    taken += frames;
    return first;
}

static void refill(uint32_t list) {
    uint8_t *start = frame_address(take(refill_frames)), *end = start + refill_frames * 4096;
    for (uint8_t *place = start; place + sizes[list] <= end; place += sizes[list]) {
        struct block *block = (struct block *)place;
        block->header = (struct header){unused, list, 0};
        block->next = lists[list];
        lists[list] = block;
    }
}

int posix_memalign(void **place, size_t alignment, size_t size) {
    if (size > 1ull << 36) fail(skerry_refusal_memory);
    size_t padded = size + header_size;
    if (alignment <= 16 && padded <= sizes[list_count - 1]) {
        uint32_t list = 0;
        while (sizes[list] < padded) list++;
        if (!lists[list]) refill(list);
        struct block *block = lists[list];
        if (block->header.magic != unused) fail(skerry_refusal_unreachable);
        lists[list] = block->next;
        block->header.magic = in_use;
        *place = (uint8_t *)block + header_size;
        return 0;
    }
    // The header lies right before the block, which begins where its alignment allows.
    size_t offset = alignment <= 16 ? header_size : alignment;
    uint64_t frames = (offset + size + 4095) / 4096, first = take(frames);
    uint8_t *start = (uint8_t *)frame_address(first) + offset;
    *((struct header *)start - 1) = (struct header){in_use, list_count, first << 24 | frames};
    *place = start;
    return 0;
}

/// Where Swift's run time says why it stops.
int putchar(int character) { return character; }

void free(void *place) {
    if (!place) return;
    struct block *block = (struct block *)((uint8_t *)place - header_size);
    // Given back twice, or never handed out.
    if (block->header.magic != in_use || block->header.list > list_count) fail(skerry_refusal_unreachable);
    block->header.magic = unused;
    if (block->header.list < list_count) {
        block->next = lists[block->header.list];
        lists[block->header.list] = block;
        return;
    }
    uint64_t frames = block->header.frames & 0xFFFFFF;
    taken -= frames;
    skerry_frames_give(block->header.frames >> 24, frames);
}
