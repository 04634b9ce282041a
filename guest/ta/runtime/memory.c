// Memory management of the TEE Internal Core API 1.3.1 (4.11), and malloc, over the two heaps.
#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <string_ext.h>
#include <tee_internal_api_extensions.h>

#include "ta_runtime.h"

/// What an allocation of no bytes is: no block, and nothing is mapped there (4.11.5).
static void *const emptyBlock = (void *)1;

static void *instanceData;
static size_t markedAllocation;

static struct heap *heap_of(const void *block) { return heap_touches(&ta_private_heap, block, 1) ? &ta_private_heap : &ta_shared_heap; }

void *malloc(size_t size) { return heap_allocate(&ta_shared_heap, 1, size); }

void *calloc(size_t count, size_t size) {
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) return NULL;
    void *block = malloc(total);
    return block ? memset(block, 0, total) : NULL;
}

void free(void *block) {
    if (block) heap_free(heap_of(block), block);
}

static void *resize(void *block, size_t size, bool zeroes) {
    if (!block) return zeroes ? calloc(1, size) : malloc(size);
    struct heap *heap = heap_of(block);
    size_t old = heap_block_size(block);
    if (size <= old && old - size < 64) {
        // Zeroing past the new size now keeps the promise of zeroes when the block grows again within its slack.
        if (zeroes) memset((uint8_t *)block + size, 0, old - size);
        return block;
    }
    void *moved = heap_allocate(heap, 1, size);
    if (!moved) return NULL;
    size_t kept = size < old ? size : old;
    memcpy(moved, block, kept);
    if (zeroes) memset((uint8_t *)moved + kept, 0, heap_block_size(moved) - kept);
    heap_free(heap, block);
    return moved;
}

void *realloc(void *block, size_t size) { return resize(block, size, false); }

void *aligned_alloc(size_t alignment, size_t size) { return alignment && !(alignment & (alignment - 1)) ? heap_allocate(&ta_shared_heap, alignment, size) : NULL; }
void *memalign(size_t alignment, size_t size) { return aligned_alloc(alignment, size); }
int posix_memalign(void **block, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) || !alignment || alignment & (alignment - 1)) return EINVAL;
    void *found = aligned_alloc(alignment, size);
    if (!found) return ENOMEM;
    *block = found;
    return 0;
}

void free_wipe(void *block) {
    if (block) memzero_explicit(block, heap_block_size(block));
    free(block);
}

void *TEE_Malloc(size_t size, uint32_t hint) {
    bool isFilled = true;
    struct heap *heap = &ta_shared_heap;
    switch (hint) {
    case TEE_MALLOC_FILL_ZERO: break;
    case TEE_MALLOC_NO_FILL:
    case TEE_USER_MEM_HINT_NO_FILL_ZERO: isFilled = false; break;
    case TEE_MALLOC_NO_SHARE: heap = &ta_private_heap; break;
    case TEE_MALLOC_NO_SHARE | TEE_MALLOC_NO_FILL:
        heap = &ta_private_heap;
        isFilled = false;
        break;
    default: EMSG("unknown hint %#x", hint); return NULL;
    }
    if (!size) return emptyBlock;
    void *block = heap_allocate(heap, 1, size);
    // All that the block holds, so that TEE_Realloc finds zeroes behind `size`.
    if (block && isFilled) memset(block, 0, heap_block_size(block));
    return block;
}

void *TEE_Realloc(void *buffer, size_t newSize) {
    if (buffer == emptyBlock) buffer = NULL;
    if (newSize) return resize(buffer, newSize, true);
    free(buffer);
    return emptyBlock;
}

void TEE_Free(void *buffer) {
    if (buffer != emptyBlock) free(buffer);
}

void TEE_SetInstanceData(const void *data) { instanceData = (void *)(uintptr_t)data; }
void *TEE_GetInstanceData(void) { return instanceData; }

void *TEE_MemMove(void *dest, const void *src, size_t size) { return memmove(dest, src, size); }
void TEE_MemFill(void *buffer, uint32_t x, size_t size) { memset(buffer, (int)(x & 0xff), size); }
int32_t TEE_MemCompare(const void *buffer1, const void *buffer2, size_t size) { return consttime_memcmp(buffer1, buffer2, size); }

/// What the running command may do with its own memory references; the core knows the memory, but not what it is for.
static bool params_allow(uint32_t flags, const void *buffer, size_t size) {
    uintptr_t start = (uintptr_t)buffer;
    for (int index = 0; index < TEE_NUM_PARAMS; index++) {
        uint32_t type = TEE_PARAM_TYPE_GET(ta_param_types, index);
        if (type < TEE_PARAM_TYPE_MEMREF_INPUT || type > TEE_PARAM_TYPE_MEMREF_INOUT) continue;
        uintptr_t memory = (uintptr_t)ta_params[index].memref.buffer;
        size_t length = ta_params[index].memref.size;
        if (start >= memory + length || memory >= start + size) continue;
        if ((flags & TEE_MEMORY_ACCESS_WRITE) && type == TEE_PARAM_TYPE_MEMREF_INPUT) return false;
    }
    return true;
}

TEE_Result TEE_CheckMemoryAccessRights(uint32_t accessFlags, void *buffer, size_t size) {
    if (!size) return TEE_SUCCESS;
    if ((uintptr_t)buffer + size < (uintptr_t)buffer) return TEE_ERROR_ACCESS_DENIED;
    if (_utee_check_access_rights(accessFlags, buffer, size) != TEE_SUCCESS) return TEE_ERROR_ACCESS_DENIED;
    uint32_t flags = accessFlags & (TEE_MEMORY_ACCESS_READ | TEE_MEMORY_ACCESS_WRITE | TEE_MEMORY_ACCESS_ANY_OWNER);
    if (!params_allow(flags, buffer, size)) return TEE_ERROR_ACCESS_DENIED;
    if (heap_touches(&ta_shared_heap, buffer, size) && !heap_has_allocated(&ta_shared_heap, buffer, size)) return TEE_ERROR_ACCESS_DENIED;
    if (heap_touches(&ta_private_heap, buffer, size)) {
        if (flags & TEE_MEMORY_ACCESS_ANY_OWNER) return TEE_ERROR_ACCESS_DENIED;
        if (!heap_has_allocated(&ta_private_heap, buffer, size)) return TEE_ERROR_ACCESS_DENIED;
    }
    return TEE_SUCCESS;
}

void tee_user_mem_mark_heap(void) { markedAllocation = ta_shared_heap.allocated; }
size_t tee_user_mem_check_heap(void) { return ta_shared_heap.allocated > markedAllocation ? ta_shared_heap.allocated - markedAllocation : 0; }
