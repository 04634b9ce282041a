// The part of the runtime that is made anew for each application, from its user_ta_header_defines.h.
#include <user_ta_header.h>
#include <user_ta_header_defines.h>

#include "ta_runtime.h"

/// What the runtime itself needs on the stack, beside what the application asks for.
#define RUNTIME_STACK_SIZE 2048
/// A smaller heap has no room for the runtime's own blocks.
#define SMALLEST_DATA_SIZE 1024

#ifndef TA_VERSION
#define TA_VERSION "Undefined version"
#endif
#ifndef TA_DESCRIPTION
#define TA_DESCRIPTION "Undefined description"
#endif
#ifndef TA_NO_SHARE_DATA_SIZE
#define TA_NO_SHARE_DATA_SIZE 0
#endif

_Static_assert((TA_DATA_SIZE) >= SMALLEST_DATA_SIZE, "TA_DATA_SIZE is too small");
_Static_assert(sizeof(struct ta_head) == 32, "the loader reads 32 bytes");

/// Names that modules which are loaded beside the application may refer to.
#define EXPORTED __attribute__((visibility("default")))

EXPORTED __attribute__((section(".ta_head"), used)) const struct ta_head ta_head = {
    .uuid = TA_UUID,
    .stack_size = (TA_STACK_SIZE) + RUNTIME_STACK_SIZE,
    .flags = TA_FLAGS,
    .depr_entry = UINT64_MAX,
};

uint8_t ta_heap[TA_DATA_SIZE] __attribute__((aligned(16)));
const size_t ta_heap_size = sizeof(ta_heap);
uint8_t ta_no_share_heap[(TA_NO_SHARE_DATA_SIZE) + 1] __attribute__((aligned(16)));
const size_t ta_no_share_heap_size = TA_NO_SHARE_DATA_SIZE;

EXPORTED int trace_level = TRACE_LEVEL;
EXPORTED const char trace_ext_prefix[] = "TA";
int tahead_get_trace_level(void) { return TRACE_LEVEL; }

#define HAS_FLAG(flag) (&(const bool){((TA_FLAGS) & (flag)) != 0})

const struct user_ta_property ta_props[] = {
    {TA_PROP_STR_SINGLE_INSTANCE, USER_TA_PROP_TYPE_BOOL, HAS_FLAG(TA_FLAG_SINGLE_INSTANCE)},
    {TA_PROP_STR_MULTI_SESSION, USER_TA_PROP_TYPE_BOOL, HAS_FLAG(TA_FLAG_MULTI_SESSION)},
    {TA_PROP_STR_KEEP_ALIVE, USER_TA_PROP_TYPE_BOOL, HAS_FLAG(TA_FLAG_INSTANCE_KEEP_ALIVE)},
    {TA_PROP_STR_KEEP_CRASHED, USER_TA_PROP_TYPE_BOOL, HAS_FLAG(TA_FLAG_INSTANCE_KEEP_CRASHED)},
    {TA_PROP_STR_DATA_SIZE, USER_TA_PROP_TYPE_U32, &(const uint32_t){TA_DATA_SIZE}},
    {TA_PROP_STR_STACK_SIZE, USER_TA_PROP_TYPE_U32, &(const uint32_t){TA_STACK_SIZE}},
    {TA_PROP_STR_VERSION, USER_TA_PROP_TYPE_STRING, TA_VERSION},
    {TA_PROP_STR_DESCRIPTION, USER_TA_PROP_TYPE_STRING, TA_DESCRIPTION},
    {TA_PROP_STR_ENDIAN, USER_TA_PROP_TYPE_U32, &(const uint32_t){0}},
    {TA_PROP_STR_DOES_NOT_CLOSE_HANDLE_ON_CORRUPT_OBJECT, USER_TA_PROP_TYPE_BOOL, HAS_FLAG(TA_FLAG_DONT_CLOSE_HANDLE_ON_CORRUPT_OBJECT)},
#ifdef TA_CURRENT_TA_EXT_PROPERTIES
    TA_CURRENT_TA_EXT_PROPERTIES
#endif
};
const size_t ta_num_props = sizeof(ta_props) / sizeof(ta_props[0]);
