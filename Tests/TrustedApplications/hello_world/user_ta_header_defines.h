#ifndef USER_TA_HEADER_DEFINES_H
#define USER_TA_HEADER_DEFINES_H

#include "hello_world.h"

#define TA_UUID HELLO_WORLD_UUID
#define TA_FLAGS TA_FLAG_EXEC_DDR
#define TA_STACK_SIZE (2 * 1024)
#define TA_DATA_SIZE (32 * 1024)
#define TA_VERSION "1.0"
#define TA_DESCRIPTION "Says hello and adds one"

#define TA_CURRENT_TA_EXT_PROPERTIES \
    {"test.greeting", USER_TA_PROP_TYPE_STRING, "hello"}, {"test.answer", USER_TA_PROP_TYPE_U32, &(const uint32_t){42}}, \
        {"test.flag", USER_TA_PROP_TYPE_BOOL, &(const bool){true}}, {"test.bytes", USER_TA_PROP_TYPE_BINARY_BLOCK, "AAECAwQ="},

#endif
