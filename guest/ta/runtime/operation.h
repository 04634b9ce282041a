// An operation, as the files of this folder see it.
#ifndef OPERATION_H
#define OPERATION_H

#include "algorithms.h"
#include "ta_runtime.h"

struct __TEE_OperationHandle {
    const struct algorithm *algorithm;
    TEE_OperationInfo info;
    /// TEE_OPERATION_STATE_*.
    uint32_t state;
    /// The core's number of its part of the operation.
    uint32_t core;
    /// Own objects; the core frees them with its part.
    TEE_ObjectHandle keys[2];
    /// Input that waits for more, or a digest of which not all was extracted; `held` counts the former, `extracted` what was handed out of the latter.
    uint8_t *buffer;
    size_t bufferSize;
    size_t held;
    size_t extracted;
};

static inline bool is_initialized(const struct __TEE_OperationHandle *operation) { return operation->info.handleState & TEE_HANDLE_FLAG_INITIALIZED; }
static inline bool has_key(const struct __TEE_OperationHandle *operation) { return operation->info.handleState & TEE_HANDLE_FLAG_KEY_SET; }

/// Panics unless the operation is one of that class.
static inline void require_class(const struct __TEE_OperationHandle *operation, uint32_t operationClass) {
    require(operation && operation->info.operationClass == operationClass);
}

/// A call of the core that transforms data.
typedef TEE_Result (*core_update)(unsigned long state, const void *source, size_t sourceSize, void *destination, uint64_t *destinationSize);

/// Bytes that come out when `size` more go in.
size_t gathered_output(const struct __TEE_OperationHandle *operation, size_t size);
/// Gives the core what is due of the waiting and the new bytes; answers how many came out. There must be room for them. Failures panic.
size_t gather(TEE_OperationHandle operation, core_update update, const void *source, size_t size, void *destination, size_t destinationSize);

#endif
