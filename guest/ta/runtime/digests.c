// Digests and message authentication (TEE Internal Core API 1.3.1, 6.3 and 6.5).
#include <string.h>
#include <string_ext.h>

#include "operation.h"

static void start_again(TEE_OperationHandle operation) {
    ALLOWED(_utee_hash_init(operation->core, NULL, 0));
    operation->state = TEE_OPERATION_STATE_INITIAL;
    operation->extracted = 0;
    operation->info.handleState = (operation->info.handleState | TEE_HANDLE_FLAG_INITIALIZED) & ~(uint32_t)TEE_HANDLE_FLAG_EXTRACTING;
}

void TEE_DigestUpdate(TEE_OperationHandle operation, const void *chunk, size_t chunkSize) {
    require_class(operation, TEE_OPERATION_DIGEST);
    require(operation->state != TEE_OPERATION_STATE_EXTRACTING && (chunk || !chunkSize));
    operation->state = TEE_OPERATION_STATE_ACTIVE;
    ALLOWED(_utee_hash_update(operation->core, chunk, chunkSize));
}

/// Hands out more of a digest that is in the buffer.
static size_t hand_out(TEE_OperationHandle operation, void *hash, size_t size) {
    size_t left = operation->bufferSize - operation->extracted;
    if (size > left) size = left;
    if (size) memcpy(hash, operation->buffer + operation->extracted, size);
    operation->extracted += size;
    return size;
}

TEE_Result TEE_DigestDoFinal(TEE_OperationHandle operation, const void *chunk, size_t chunkLen, void *hash, size_t *hashLen) {
    require_class(operation, TEE_OPERATION_DIGEST);
    require(hashLen && (chunk || !chunkLen) && (hash || !*hashLen));
    const bool isExtracting = operation->state == TEE_OPERATION_STATE_EXTRACTING;
    require(!isExtracting || !chunkLen);
    if (isExtracting && operation->buffer) {
        *hashLen = hand_out(operation, hash, *hashLen);
    } else {
        uint64_t length = *hashLen;
        TEE_Result result = ALLOWED(_utee_hash_final(operation->core, chunk, chunkLen, hash, &length), TEE_ERROR_SHORT_BUFFER);
        *hashLen = length;
        if (result != TEE_SUCCESS) return result;
    }
    start_again(operation);
    return TEE_SUCCESS;
}

TEE_Result TEE_DigestExtract(TEE_OperationHandle operation, void *hash, size_t *hashLen) {
    require_class(operation, TEE_OPERATION_DIGEST);
    require(hashLen && (hash || !*hashLen));
    const bool isFirst = operation->state != TEE_OPERATION_STATE_EXTRACTING;
    operation->state = TEE_OPERATION_STATE_EXTRACTING;
    operation->info.handleState |= TEE_HANDLE_FLAG_EXTRACTING;
    uint64_t length = *hashLen;
    if (!operation->buffer) {
        // An extendable output function goes on where it was.
        ALLOWED(_utee_hash_final(operation->core, NULL, 0, hash, &length));
        *hashLen = length;
        return TEE_SUCCESS;
    }
    if (isFirst) {
        length = operation->bufferSize;
        ALLOWED(_utee_hash_final(operation->core, NULL, 0, operation->buffer, &length));
        if (length != operation->bufferSize) TEE_Panic(TEE_ERROR_BAD_FORMAT);
        operation->extracted = 0;
    }
    *hashLen = hand_out(operation, hash, *hashLen);
    return TEE_SUCCESS;
}

void TEE_MACInit(TEE_OperationHandle operation, const void *IV, size_t IVLen) {
    require_class(operation, TEE_OPERATION_MAC);
    require(has_key(operation));
    if (operation->state != TEE_OPERATION_STATE_INITIAL) TEE_ResetOperation(operation);
    ALLOWED(_utee_hash_init(operation->core, IV, IVLen));
    operation->state = TEE_OPERATION_STATE_ACTIVE;
    operation->info.handleState |= TEE_HANDLE_FLAG_INITIALIZED;
}

static void require_active_mac(TEE_OperationHandle operation) {
    require_class(operation, TEE_OPERATION_MAC);
    require(is_initialized(operation) && operation->state == TEE_OPERATION_STATE_ACTIVE);
}

void TEE_MACUpdate(TEE_OperationHandle operation, const void *chunk, size_t chunkSize) {
    require_active_mac(operation);
    require(chunk || !chunkSize);
    ALLOWED(_utee_hash_update(operation->core, chunk, chunkSize));
}

TEE_Result TEE_MACComputeFinal(TEE_OperationHandle operation, const void *message, size_t messageLen, void *mac, size_t *macLen) {
    require_active_mac(operation);
    require(macLen && (message || !messageLen) && (mac || !*macLen));
    uint64_t length = *macLen;
    TEE_Result result = ALLOWED(_utee_hash_final(operation->core, message, messageLen, mac, &length), TEE_ERROR_SHORT_BUFFER);
    *macLen = length;
    if (result != TEE_SUCCESS) return result;
    operation->info.handleState &= ~(uint32_t)TEE_HANDLE_FLAG_INITIALIZED;
    operation->state = TEE_OPERATION_STATE_INITIAL;
    return TEE_SUCCESS;
}

TEE_Result TEE_MACCompareFinal(TEE_OperationHandle operation, const void *message, size_t messageLen, const void *mac, size_t macLen) {
    require(mac || !macLen);
    uint8_t computed[64];
    size_t length = sizeof(computed);
    ALLOWED(TEE_MACComputeFinal(operation, message, messageLen, computed, &length));
    bool isSame = length == macLen && consttime_memcmp(mac, computed, length) == 0;
    memzero_explicit(computed, sizeof(computed));
    return isSame ? TEE_SUCCESS : TEE_ERROR_MAC_INVALID;
}
