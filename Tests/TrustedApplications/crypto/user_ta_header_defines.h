#ifndef USER_TA_HEADER_DEFINES_H
#define USER_TA_HEADER_DEFINES_H

#include "crypto.h"

#define TA_UUID CRYPTO_UUID
#define TA_FLAGS 0
#define TA_STACK_SIZE (8 * 1024)
#define TA_DATA_SIZE (128 * 1024)
#define TA_VERSION "1.0"
#define TA_DESCRIPTION "Encrypts"

#endif
