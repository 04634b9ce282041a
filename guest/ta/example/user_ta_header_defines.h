// What the application says of itself; the development kit makes its header of this.
#ifndef USER_TA_HEADER_DEFINES_H
#define USER_TA_HEADER_DEFINES_H

#include "example_ta.h"

#define TA_UUID EXAMPLE_TA_UUID
// One instance for all sessions: two clients do not count against each other.
#define TA_FLAGS (TA_FLAG_SINGLE_INSTANCE | TA_FLAG_MULTI_SESSION)
// Bytes of stack and heap. All of an application's memory is there from its start on.
#define TA_STACK_SIZE (4 * 1024)
#define TA_DATA_SIZE (32 * 1024)
#define TA_VERSION "1.0"
#define TA_DESCRIPTION "Digests, and counts them"

#endif
