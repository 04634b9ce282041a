#ifndef USER_TA_HEADER_DEFINES_H
#define USER_TA_HEADER_DEFINES_H

#include "properties.h"

#define TA_UUID PROPERTIES_UUID
#define TA_FLAGS 0
#define TA_STACK_SIZE (4 * 1024)
#define TA_DATA_SIZE (32 * 1024)
#define TA_VERSION "1.0"
#define TA_DESCRIPTION "Reads properties"

#define TA_CURRENT_TA_EXT_PROPERTIES \
    {"test.greeting", USER_TA_PROP_TYPE_STRING, "hello"}, {"test.answer", USER_TA_PROP_TYPE_U32, &(const uint32_t){42}}, \
        {"test.large", USER_TA_PROP_TYPE_U64, &(const uint64_t){UINT64_C(1) << 40}}, {"test.flag", USER_TA_PROP_TYPE_BOOL, &(const bool){true}}, \
        {"test.bytes", USER_TA_PROP_TYPE_BINARY_BLOCK, "AAECAwQ="}, \
        {"test.uuid", USER_TA_PROP_TYPE_UUID, &(const TEE_UUID){0x01020304, 0x0506, 0x0708, {9, 10, 11, 12, 13, 14, 15, 16}}}, \
        {"test.identity", USER_TA_PROP_TYPE_IDENTITY, &(const TEE_Identity){3, {0x01020304, 0x0506, 0x0708, {9, 10, 11, 12, 13, 14, 15, 16}}}},

#endif
