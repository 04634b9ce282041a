// A first-fit allocator with boundary tags over a pool of fixed size.
#include <string.h>

#include "ta_runtime.h"

/// In front of each block. Sizes are multiples of 16 and count this header; bit 0 of `size` says that the block is in use.
struct block {
    size_t previousSize;
    size_t size;
};
struct free_block {
    struct block block;
    struct free_block *next;
    struct free_block **place;
};
_Static_assert(sizeof(struct block) == 16 && sizeof(struct free_block) == 32, "the smallest block is a free one");

enum { inUse = 1, unit = 16, smallest = sizeof(struct free_block) };

struct heap ta_shared_heap, ta_private_heap;

static size_t size_of(const struct block *block) { return block->size & ~(size_t)(unit - 1); }
static struct block *next_of(struct block *block) { return (struct block *)((uint8_t *)block + size_of(block)); }

static void add_free(struct heap *heap, struct block *block) {
    struct free_block *freed = (struct free_block *)block;
    block->size = size_of(block);
    next_of(block)->previousSize = block->size;
    freed->next = heap->freeBlocks;
    freed->place = &heap->freeBlocks;
    if (freed->next) freed->next->place = &freed->next;
    heap->freeBlocks = freed;
}

static void remove_free(struct free_block *block) {
    *block->place = block->next;
    if (block->next) block->next->place = block->place;
}

void heap_start(struct heap *heap, uint8_t *start, size_t size) {
    size &= ~(size_t)(unit - 1);
    *heap = (struct heap){.start = start, .size = size};
    if (size < smallest + sizeof(struct block)) {
        heap->size = 0;
        return;
    }
    struct block *first = (struct block *)start;
    first->previousSize = 0;
    first->size = size - sizeof(struct block);
    // A block in use at the end spares a check at each look forwards.
    next_of(first)->size = inUse | sizeof(struct block);
    add_free(heap, first);
}

static void *fail(struct heap *heap, size_t size) {
    heap->failures++;
    // It is told as 32 bits.
    if (size > UINT32_MAX) size = UINT32_MAX;
    if (size > heap->largestFailure) {
        heap->largestFailure = size;
        heap->allocatedAtLargestFailure = heap->allocated;
    }
    return NULL;
}

/// Bytes to leave free at the start of a block so that what follows is aligned: none, or enough for a block.
static size_t gap_in(const struct free_block *block, size_t alignment) {
    uintptr_t payload = (uintptr_t)block + sizeof(struct block);
    uintptr_t aligned = (payload + alignment - 1) & ~(uintptr_t)(alignment - 1);
    if (aligned == payload) return 0;
    while (aligned - payload < smallest) aligned += alignment;
    return aligned - payload;
}

void *heap_allocate(struct heap *heap, size_t alignment, size_t size) {
    if (size > heap->size || alignment > heap->size) return fail(heap, size);
    if (alignment < unit) alignment = unit;
    size_t needed = (size + sizeof(struct block) + unit - 1) & ~(size_t)(unit - 1);
    if (needed < smallest) needed = smallest;
    for (struct free_block *found = heap->freeBlocks; found; found = found->next) {
        size_t gap = gap_in(found, alignment), available = size_of(&found->block);
        if (available < needed || available - needed < gap) continue;
        remove_free(found);
        struct block *block = &found->block;
        if (gap) {
            block->size = gap;
            struct block *rest = next_of(block);
            rest->previousSize = gap;
            rest->size = available - gap;
            add_free(heap, block);
            block = rest;
            available -= gap;
        }
        if (available - needed >= smallest) {
            block->size = needed;
            struct block *rest = next_of(block);
            rest->previousSize = needed;
            rest->size = available - needed;
            add_free(heap, rest);
        }
        next_of(block)->previousSize = size_of(block);
        block->size |= inUse;
        heap->allocated += size_of(block);
        if (heap->allocated > heap->mostAllocated) heap->mostAllocated = heap->allocated;
        return block + 1;
    }
    return fail(heap, size);
}

/// Whether there is a block in use there, as far as its surroundings tell.
static bool is_block(const struct heap *heap, const void *payload) {
    uintptr_t offset = (uintptr_t)payload - (uintptr_t)heap->start;
    if (offset % unit || offset < sizeof(struct block) || offset >= heap->size - sizeof(struct block)) return false;
    struct block *block = (struct block *)payload - 1;
    if (!(block->size & inUse) || size_of(block) < smallest || size_of(block) > heap->size - offset) return false;
    return next_of(block)->previousSize == size_of(block);
}

void heap_free(struct heap *heap, void *payload) {
    if (!is_block(heap, payload)) {
        EMSG("freed %p, which is not a block", payload);
        TEE_Panic(TEE_ERROR_BAD_PARAMETERS);
    }
    struct block *block = (struct block *)payload - 1;
    heap->allocated -= size_of(block);
    struct block *next = next_of(block);
    if (!(next->size & inUse)) {
        remove_free((struct free_block *)next);
        block->size = size_of(block) + size_of(next);
    }
    if (block->previousSize) {
        struct block *previous = (struct block *)((uint8_t *)block - block->previousSize);
        if (!(previous->size & inUse)) {
            remove_free((struct free_block *)previous);
            previous->size = size_of(previous) + size_of(block);
            block = previous;
        }
    }
    add_free(heap, block);
}

size_t heap_block_size(const void *payload) { return size_of((const struct block *)payload - 1) - sizeof(struct block); }

bool heap_touches(const struct heap *heap, const void *buffer, size_t size) {
    uintptr_t start = (uintptr_t)buffer, heapStart = (uintptr_t)heap->start;
    return size && start < heapStart + heap->size && heapStart < start + size;
}

bool heap_has_allocated(const struct heap *heap, const void *buffer, size_t size) {
    if (heap->size == 0) return false;
    struct block *end = (struct block *)(heap->start + heap->size - sizeof(struct block));
    for (struct block *block = (struct block *)heap->start; block < end; block = next_of(block)) {
        uintptr_t offset = (uintptr_t)buffer - (uintptr_t)(block + 1), payload = size_of(block) - sizeof(struct block);
        if (offset <= payload && size <= payload - offset) return block->size & inUse;
    }
    return false;
}
