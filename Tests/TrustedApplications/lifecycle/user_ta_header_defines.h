#ifndef USER_TA_HEADER_DEFINES_H
#define USER_TA_HEADER_DEFINES_H

#include "lifecycle.h"

#define TA_UUID LIFECYCLE_UUID
#define TA_FLAGS                                                                                                                                   \
    ((LIFECYCLE_KIND >= 1 ? TA_FLAG_SINGLE_INSTANCE : 0) | (LIFECYCLE_KIND >= 2 ? TA_FLAG_MULTI_SESSION : 0) | \
     (LIFECYCLE_KIND >= 3 ? TA_FLAG_INSTANCE_KEEP_ALIVE : 0))
#define TA_STACK_SIZE (4 * 1024)
#define TA_DATA_SIZE (32 * 1024)

#endif
