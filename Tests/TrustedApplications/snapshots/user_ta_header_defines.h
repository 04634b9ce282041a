#ifndef USER_TA_HEADER_DEFINES_H
#define USER_TA_HEADER_DEFINES_H

#include "snapshots.h"

#define TA_UUID SNAPSHOTS_UUID
#define TA_FLAGS SNAPSHOTS_FLAGS
#define TA_STACK_SIZE (8 * 1024)
#define TA_DATA_SIZE (64 * 1024)

#endif
