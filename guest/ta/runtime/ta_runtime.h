// What the parts of the runtime library share.
#ifndef TA_RUNTIME_H
#define TA_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tee_api_defines_extensions.h>
#include <tee_internal_api.h>
#include <user_ta_header.h>
#include <utee_syscalls.h>
#include <utee_types.h>
#include <util.h>

/// Made in head.c from the application's user_ta_header_defines.h.
extern const struct ta_head ta_head;
extern uint8_t ta_heap[];
extern const size_t ta_heap_size;
extern uint8_t ta_no_share_heap[];
extern const size_t ta_no_share_heap_size;

/// A pool that blocks are taken from.
struct heap {
    uint8_t *start;
    size_t size;
    struct free_block *freeBlocks;
    size_t allocated;
    size_t mostAllocated;
    uint32_t failures;
    size_t largestFailure;
    size_t allocatedAtLargestFailure;
};

/// The pool of malloc, and that of TEE_MALLOC_NO_SHARE.
extern struct heap ta_shared_heap, ta_private_heap;

/// Makes one free block of the pool.
void heap_start(struct heap *heap, uint8_t *start, size_t size);
/// A block aligned to `alignment`, a power of two; null when there is none.
void *heap_allocate(struct heap *heap, size_t alignment, size_t size);
/// Gives a block back; panics on what is not one.
void heap_free(struct heap *heap, void *block);
/// Bytes that may be used from `block` on.
size_t heap_block_size(const void *block);
/// Whether the range lies in the pool, at least with one byte.
bool heap_touches(const struct heap *heap, const void *buffer, size_t size);
/// Whether all of the range lies within one allocated block.
bool heap_has_allocated(const struct heap *heap, const void *buffer, size_t size);

/// Runs the constructors of all modules that have not been, dependencies first.
void modules_construct(void);
/// Runs the destructors of the application's own module and what was registered with atexit.
void modules_destroy(void);
/// Makes the thread-local variables.
void thread_area_start(void);

/// Parameters on their way out of and into the application.
void params_to_core(struct utee_params *to, uint32_t types, const TEE_Param from[TEE_NUM_PARAMS]);
void params_from_core(TEE_Param to[TEE_NUM_PARAMS], uint32_t *types, const struct utee_params *from);

/// Panics unless `result` is one of `allowed`.
TEE_Result result_among(TEE_Result result, const TEE_Result *allowed, size_t count);
/// TEE_SUCCESS or one of the listed results; others are the core's fault or the caller's, and panic.
#define ALLOWED(result, ...) \
    result_among((result), (const TEE_Result[]){TEE_SUCCESS, ##__VA_ARGS__}, sizeof((const TEE_Result[]){TEE_SUCCESS, ##__VA_ARGS__}) / sizeof(TEE_Result))
/// Panics when the caller broke a rule.
static inline void require(bool condition) {
    if (__builtin_expect(!condition, 0)) TEE_Panic(TEE_ERROR_BAD_PARAMETERS);
}

/// Attributes in the core's form.
struct core_attributes {
    struct utee_attribute inPlace[12];
    struct utee_attribute *list;
};
/// Converts; panics when there is no memory.
void attributes_to_core(struct core_attributes *to, const TEE_Attribute *from, uint32_t count);
/// Frees what the conversion took.
void attributes_free(struct core_attributes *attributes);
/// Fills the API's form of what an object is.
void object_info_from_core(TEE_ObjectInfo *to, const struct utee_object_info *from);

static inline unsigned long number_of(const void *handle) { return (unsigned long)(uintptr_t)handle; }

/// Base64 (RFC 4648) of binary properties. Both answer whether it fitted; `*size` is what is needed, without a final zero.
bool base64_decode(const char *text, uint8_t *bytes, size_t *size);
bool base64_encode(const uint8_t *bytes, size_t count, char *text, size_t *size);

/// The part of the system pseudo application that has a function of its own.
TEE_Result system_invoke(uint32_t command, uint32_t types, TEE_Param params[TEE_NUM_PARAMS]);

/// Largest big integer in bits.
#define BIG_INTEGER_BITS 4096

#endif
