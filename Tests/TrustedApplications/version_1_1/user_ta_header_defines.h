#ifndef USER_TA_HEADER_DEFINES_H
#define USER_TA_HEADER_DEFINES_H

#include "version_1_1.h"

#define TA_UUID VERSION_1_1_UUID
#define TA_FLAGS (TA_FLAG_USER_MODE | TA_FLAG_EXEC_DDR)
#define TA_STACK_SIZE (8 * 1024)
#define TA_DATA_SIZE (32 * 1024)
#define TA_VERSION "1.1 of old"

#define TA_CURRENT_TA_EXT_PROPERTIES \
    {"gp.ta.description", USER_TA_PROP_TYPE_STRING, "An old one"}, { "gp.ta.version", USER_TA_PROP_TYPE_U32, &(const uint32_t){0x0010} }

#endif
