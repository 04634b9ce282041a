#ifndef USER_TA_HEADER_DEFINES_H
#define USER_TA_HEADER_DEFINES_H

#include "raw_calls.h"

#define TA_UUID RAW_CALLS_UUID
#define TA_FLAGS TA_FLAG_CACHE_MAINTENANCE
#define TA_STACK_SIZE (8 * 1024)
#define TA_DATA_SIZE (32 * 1024)
#define TA_VERSION "1.0"
#define TA_DESCRIPTION "Calls the TEE with any arguments"

#endif
