#ifndef USER_TA_HEADER_DEFINES_H
#define USER_TA_HEADER_DEFINES_H

#include "hostile.h"

#ifndef HOSTILE_FLAGS
#define HOSTILE_FLAGS 0
#endif
#define TA_UUID HOSTILE_UUID
#define TA_FLAGS HOSTILE_FLAGS
#define TA_STACK_SIZE (16 * 1024)
#define TA_DATA_SIZE (64 * 1024)
#define TA_VERSION "1.0"
#define TA_DESCRIPTION "Means no good"

#endif
