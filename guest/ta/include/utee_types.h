// What crosses the border between an application and the TEE core, in OP-TEE's names.
#ifndef UTEE_TYPES_H
#define UTEE_TYPES_H

#include <stdint.h>
#include <tee_api_defines.h>

enum utee_time_category { UTEE_TIME_CAT_SYSTEM = 0, UTEE_TIME_CAT_TA_PERSISTENT = 1, UTEE_TIME_CAT_REE = 2 };

/// Why the core enters an application.
enum utee_entry_func {
    UTEE_ENTRY_FUNC_OPEN_SESSION = 0,
    UTEE_ENTRY_FUNC_CLOSE_SESSION = 1,
    UTEE_ENTRY_FUNC_INVOKE_COMMAND = 2,
    UTEE_ENTRY_FUNC_DUMP_MEMSTATS = 3
};

enum utee_cache_operation { TEE_CACHECLEAN = 0, TEE_CACHEFLUSH = 1, TEE_CACHEINVALIDATE = 2 };

/// Four parameters: their types, and for each `a`, `b` or address, size.
struct utee_params {
    uint64_t types;
    uint64_t vals[TEE_NUM_PARAMS * 2];
};

/// An attribute: values, or address and length.
struct utee_attribute {
    uint64_t a;
    uint64_t b;
    uint32_t attribute_id;
};

/// What an object is.
struct utee_object_info {
    uint32_t obj_type;
    uint32_t obj_size;
    uint32_t max_obj_size;
    uint32_t obj_usage;
    uint32_t data_size;
    uint32_t data_pos;
    uint32_t handle_flags;
};

#endif
