// What OP-TEE adds to the TEE Client API.
#ifndef TEE_CLIENT_API_EXTENSIONS_H
#define TEE_CLIENT_API_EXTENSIONS_H

#include <tee_client_api.h>

#ifdef __cplusplus
extern "C" {
#endif

// Shares the memory behind a descriptor. `sharedMem->flags` says the directions as for TEEC_RegisterSharedMemory; `buffer` becomes NULL and `size` what the
// descriptor has. The descriptor may be closed afterwards. Through /dev/tee* it must be a dma-buf, through a socket a memfd or a file on tmpfs.
TEEC_Result TEEC_RegisterSharedMemoryFileDescriptor(TEEC_Context *context, TEEC_SharedMemory *sharedMem, int fd);

#ifdef __cplusplus
}
#endif

#endif
