#ifndef USER_TA_HEADER_DEFINES_H
#define USER_TA_HEADER_DEFINES_H

#include "cplusplus.h"

#define TA_UUID CPLUSPLUS_UUID
#define TA_FLAGS 0
#define TA_STACK_SIZE (16 * 1024)
#define TA_DATA_SIZE (128 * 1024)
#define TA_VERSION "1.0"
#define TA_DESCRIPTION "Is written in C++"

#endif
