#ifndef USER_TA_HEADER_DEFINES_H
#define USER_TA_HEADER_DEFINES_H

#define TA_UUID {0x5ec0e001, 0x0020, 0x4a11, {0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x20}}
#define TA_FLAGS 0
#define TA_STACK_SIZE (4 * 1024)
#define TA_DATA_SIZE (16 * 1024)
#define TA_VERSION "1.0"
#define TA_DESCRIPTION "Returns without having returned"

#endif
