// GlobalPlatform TEE Client API 1.0 with its errata: what a program of the normal world calls to use trusted applications. Section numbers are those of
// GPD_SPE_007. The structures have the layout of OP-TEE's libteec.so.2 on 64-bit machines, so that programs built against either header run with either
// library.
#ifndef TEE_CLIENT_API_H
#define TEE_CLIENT_API_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t TEEC_Result;

// 4.4.1 Limits. Shared memory has none here but what the machine and the server have.
#define TEEC_CONFIG_PAYLOAD_REF_COUNT 4
#define TEEC_CONFIG_SHAREDMEM_MAX_SIZE ULONG_MAX

// 4.4.2 Results.
#define TEEC_SUCCESS 0x00000000
#define TEEC_ERROR_STORAGE_NOT_AVAILABLE 0xF0100003
#define TEEC_ERROR_GENERIC 0xFFFF0000
#define TEEC_ERROR_ACCESS_DENIED 0xFFFF0001
#define TEEC_ERROR_CANCEL 0xFFFF0002
#define TEEC_ERROR_ACCESS_CONFLICT 0xFFFF0003
#define TEEC_ERROR_EXCESS_DATA 0xFFFF0004
#define TEEC_ERROR_BAD_FORMAT 0xFFFF0005
#define TEEC_ERROR_BAD_PARAMETERS 0xFFFF0006
#define TEEC_ERROR_BAD_STATE 0xFFFF0007
#define TEEC_ERROR_ITEM_NOT_FOUND 0xFFFF0008
#define TEEC_ERROR_NOT_IMPLEMENTED 0xFFFF0009
#define TEEC_ERROR_NOT_SUPPORTED 0xFFFF000A
#define TEEC_ERROR_NO_DATA 0xFFFF000B
#define TEEC_ERROR_OUT_OF_MEMORY 0xFFFF000C
#define TEEC_ERROR_BUSY 0xFFFF000D
#define TEEC_ERROR_COMMUNICATION 0xFFFF000E
#define TEEC_ERROR_SECURITY 0xFFFF000F
#define TEEC_ERROR_SHORT_BUFFER 0xFFFF0010
#define TEEC_ERROR_EXTERNAL_CANCEL 0xFFFF0011
#define TEEC_ERROR_TARGET_DEAD 0xFFFF3024
#define TEEC_ERROR_STORAGE_NO_SPACE 0xFFFF3041
// Results of the Internal Core API that reach clients.
#define TEE_ERROR_EXTERNAL_CANCEL 0xFFFF0011
#define TEE_ERROR_OVERFLOW 0xFFFF300F
#define TEE_ERROR_TARGET_DEAD 0xFFFF3024
#define TEE_ERROR_STORAGE_NO_SPACE 0xFFFF3041
#define TEE_ERROR_MAC_INVALID 0xFFFF3071
#define TEE_ERROR_SIGNATURE_INVALID 0xFFFF3072
#define TEE_ERROR_TIME_NOT_SET 0xFFFF5000
#define TEE_ERROR_TIME_NEEDS_RESET 0xFFFF5001

// 4.4.3 Where a result comes from.
#define TEEC_ORIGIN_API 0x00000001
#define TEEC_ORIGIN_COMMS 0x00000002
#define TEEC_ORIGIN_TEE 0x00000003
#define TEEC_ORIGIN_TRUSTED_APP 0x00000004

// 4.4.4 Directions of shared memory.
#define TEEC_MEM_INPUT 0x00000001
#define TEEC_MEM_OUTPUT 0x00000002

// 4.4.5 Types of parameters.
#define TEEC_NONE 0x00000000
#define TEEC_VALUE_INPUT 0x00000001
#define TEEC_VALUE_OUTPUT 0x00000002
#define TEEC_VALUE_INOUT 0x00000003
#define TEEC_MEMREF_TEMP_INPUT 0x00000005
#define TEEC_MEMREF_TEMP_OUTPUT 0x00000006
#define TEEC_MEMREF_TEMP_INOUT 0x00000007
#define TEEC_MEMREF_WHOLE 0x0000000C
#define TEEC_MEMREF_PARTIAL_INPUT 0x0000000D
#define TEEC_MEMREF_PARTIAL_OUTPUT 0x0000000E
#define TEEC_MEMREF_PARTIAL_INOUT 0x0000000F

// 4.4.6 Login methods. TEEC_LOGIN_GROUP and TEEC_LOGIN_GROUP_APPLICATION take a pointer to the uint32_t number of the group as connection data.
#define TEEC_LOGIN_PUBLIC 0x00000000
#define TEEC_LOGIN_USER 0x00000001
#define TEEC_LOGIN_GROUP 0x00000002
#define TEEC_LOGIN_APPLICATION 0x00000004
#define TEEC_LOGIN_USER_APPLICATION 0x00000005
#define TEEC_LOGIN_GROUP_APPLICATION 0x00000006

// 4.5.11 The types of four parameters as one number, and the other way round.
#define TEEC_PARAM_TYPES(p0, p1, p2, p3) ((p0) | ((p1) << 4) | ((p2) << 8) | ((p3) << 12))
#define TEEC_PARAM_TYPE_GET(p, i) (((p) >> ((i) * 4)) & 0xF)

// 4.3.2 A connection to a TEE.
typedef struct {
    struct {
        int fd;
        bool reg_mem;
        bool memref_null;
    } imp;
} TEEC_Context;

// 4.3.3 The name of a trusted application (RFC 4122).
typedef struct {
    uint32_t timeLow;
    uint16_t timeMid;
    uint16_t timeHiAndVersion;
    uint8_t clockSeqAndNode[8];
} TEEC_UUID;

// 4.3.4 A session with a trusted application.
typedef struct {
    struct {
        TEEC_Context *ctx;
        uint32_t session_id;
    } imp;
} TEEC_Session;

// 4.3.5 Memory that stays shared until it is released.
typedef struct {
    void *buffer;
    size_t size;     // bytes
    uint32_t flags;  // TEEC_MEM_*
    struct {
        int id;
        size_t alloced_size;
        void *shadow_buffer;
        int registered_fd;
        uint32_t flags;
    } imp;
} TEEC_SharedMemory;

// 4.3.6 Memory that is shared for one operation.
typedef struct {
    void *buffer;
    size_t size;
} TEEC_TempMemoryReference;

// 4.3.7 Shared memory, or part of it.
typedef struct {
    TEEC_SharedMemory *parent;
    size_t size;
    size_t offset;
} TEEC_RegisteredMemoryReference;

// 4.3.8 Two numbers.
typedef struct {
    uint32_t a;
    uint32_t b;
} TEEC_Value;

// 4.3.9 One of the above.
typedef union {
    TEEC_TempMemoryReference tmpref;
    TEEC_RegisteredMemoryReference memref;
    TEEC_Value value;
} TEEC_Parameter;

// 4.3.10 The parameters of an opening or a command. `started` is 0 before an operation that another thread may cancel.
typedef struct {
    uint32_t started;
    uint32_t paramTypes;
    TEEC_Parameter params[TEEC_CONFIG_PAYLOAD_REF_COUNT];
    struct {
        TEEC_Session *session;
    } imp;
} TEEC_Operation;

// 4.5.1 Connects to a TEE: with "unix:/path" to a server of `skerry tee serve`; with NULL to the server that the environment's SKERRY_TEE_SOCKET names (a
// path), or without that variable to the first of /dev/tee0 to /dev/tee9 that is a GlobalPlatform TEE; "optee-tz" likewise, but the device must be OP-TEE's.
// TEEC_ERROR_ITEM_NOT_FOUND when there is none, TEEC_ERROR_BUSY when the server takes no more connections.
TEEC_Result TEEC_InitializeContext(const char *name, TEEC_Context *context);

// 4.5.2 Ends the connection and with it what is left of its sessions.
void TEEC_FinalizeContext(TEEC_Context *context);

// 4.5.3 Shares memory of the program: `buffer`, `size` and `flags` say which.
TEEC_Result TEEC_RegisterSharedMemory(TEEC_Context *context, TEEC_SharedMemory *sharedMem);

// 4.5.4 Makes memory of `size` bytes to share, which is never NULL.
TEEC_Result TEEC_AllocateSharedMemory(TEEC_Context *context, TEEC_SharedMemory *sharedMem);

// 4.5.5 Ends the sharing; allocated memory is gone, then `buffer` is NULL and `size` 0.
void TEEC_ReleaseSharedMemory(TEEC_SharedMemory *sharedMemory);

// 4.5.6 Opens a session with the application `destination`.
TEEC_Result TEEC_OpenSession(TEEC_Context *context, TEEC_Session *session, const TEEC_UUID *destination, uint32_t connectionMethod,
                             const void *connectionData, TEEC_Operation *operation, uint32_t *returnOrigin);

// 4.5.7 Closes a session, in which no command runs any more.
void TEEC_CloseSession(TEEC_Session *session);

// 4.5.8 Has the application carry out a command.
TEEC_Result TEEC_InvokeCommand(TEEC_Session *session, uint32_t commandID, TEEC_Operation *operation, uint32_t *returnOrigin);

// 4.5.9 Asks for the end of an operation that another thread waits for or is about to start.
void TEEC_RequestCancellation(TEEC_Operation *operation);

#ifdef __cplusplus
}
#endif

#endif
