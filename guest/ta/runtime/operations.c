// Operations in general (TEE Internal Core API 1.3.1, 6.2).
#include <string.h>
#include <string_ext.h>

#include "operation.h"

static TEE_Result make_keys(TEE_OperationHandle operation, uint32_t type, uint32_t maxKeySize) {
    if (!type) return TEE_SUCCESS;
    // Two keys share the size (6.2.1).
    size_t count = operation->algorithm->hasTwoKeys ? 2 : 1;
    for (size_t index = 0; index < count; index++) {
        TEE_Result result = TEE_AllocateTransientObject(type, maxKeySize / (uint32_t)count, &operation->keys[index]);
        if (result != TEE_SUCCESS) return result;
    }
    return TEE_SUCCESS;
}

/// Frees an operation that the core knows nothing of, so that its keys are still ours.
static void give_up(TEE_OperationHandle operation) {
    TEE_FreeTransientObject(operation->keys[0]);
    TEE_FreeTransientObject(operation->keys[1]);
    TEE_Free(operation->buffer);
    TEE_Free(operation);
}

static TEE_OperationHandle make(const struct algorithm *algorithm, uint32_t mode, uint32_t maxKeySize, uint32_t usage) {
    TEE_OperationHandle operation = TEE_Malloc(sizeof(*operation), TEE_MALLOC_FILL_ZERO);
    if (!operation) return NULL;
    const bool isDigest = algorithm->operationClass == TEE_OPERATION_DIGEST;
    operation->algorithm = algorithm;
    operation->info = (TEE_OperationInfo){
        .algorithm = algorithm->identifier,
        .operationClass = algorithm->operationClass,
        .mode = mode,
        .digestLength = algorithm->digestLength,
        .maxKeySize = maxKeySize,
        .requiredKeyUsage = usage,
        .handleState = (algorithm->hasTwoKeys ? TEE_HANDLE_FLAG_EXPECT_TWO_KEYS : 0) | (isDigest ? TEE_HANDLE_FLAG_KEY_SET | TEE_HANDLE_FLAG_INITIALIZED : 0),
    };
    operation->bufferSize = isDigest ? algorithm->digestLength : algorithm->gathering == gatherTwoBlocks ? 2 * algorithm->blockSize : algorithm->blockSize;
    if (operation->bufferSize <= 1) {
        operation->bufferSize = 0;
        return operation;
    }
    operation->buffer = TEE_Malloc(operation->bufferSize, TEE_MALLOC_FILL_ZERO);
    if (operation->buffer) return operation;
    TEE_Free(operation);
    return NULL;
}

TEE_Result TEE_AllocateOperation(TEE_OperationHandle *operation, uint32_t algorithm, uint32_t mode, uint32_t maxKeySize) {
    require(operation);
    *operation = TEE_HANDLE_NULL;
    uint32_t usage;
    const struct algorithm *known = algorithm_of(algorithm);
    if (!known || !algorithm_usage(known, mode, &usage) || !algorithm_takes(known, maxKeySize)) return TEE_ERROR_NOT_SUPPORTED;
    TEE_OperationHandle made = make(known, mode, maxKeySize, usage);
    if (!made) return TEE_ERROR_OUT_OF_MEMORY;
    TEE_Result result = make_keys(made, algorithm_key_type(known, mode), maxKeySize);
    if (result == TEE_SUCCESS)
        result = ALLOWED(_utee_cryp_state_alloc(algorithm, mode, number_of(made->keys[0]), number_of(made->keys[1]), &made->core), TEE_ERROR_OUT_OF_MEMORY,
                         TEE_ERROR_NOT_SUPPORTED);
    if (result != TEE_SUCCESS) {
        give_up(made);
        return result;
    }
    if (known->operationClass == TEE_OPERATION_DIGEST) ALLOWED(_utee_hash_init(made->core, NULL, 0));
    *operation = made;
    return TEE_SUCCESS;
}

void TEE_FreeOperation(TEE_OperationHandle operation) {
    if (operation == TEE_HANDLE_NULL) return;
    ALLOWED(_utee_cryp_state_free(operation->core));
    if (operation->buffer) memzero_explicit(operation->buffer, operation->bufferSize);
    TEE_Free(operation->buffer);
    TEE_Free(operation);
}

void TEE_GetOperationInfo(TEE_OperationHandle operation, TEE_OperationInfo *operationInfo) {
    require(operation && operationInfo);
    *operationInfo = operation->info;
    if (operation->algorithm->hasTwoKeys) operationInfo->keySize = operationInfo->requiredKeyUsage = 0;
}

TEE_Result TEE_GetOperationInfoMultiple(TEE_OperationHandle operation, TEE_OperationInfoMultiple *operationInfoMultiple, size_t *operationSize) {
    require(operation && operationInfoMultiple && operationSize && *operationSize >= sizeof(TEE_OperationInfoMultiple));
    const TEE_OperationInfo *info = &operation->info;
    uint32_t keys = info->operationClass == TEE_OPERATION_DIGEST ? 0 : operation->algorithm->hasTwoKeys ? 2 : 1;
    size_t needed = sizeof(TEE_OperationInfoMultiple) + keys * sizeof(TEE_OperationInfoKey);
    if (*operationSize < needed) {
        *operationSize = needed;
        return TEE_ERROR_SHORT_BUFFER;
    }
    *operationInfoMultiple = (TEE_OperationInfoMultiple){
        .algorithm = info->algorithm,
        .operationClass = info->operationClass,
        .mode = info->mode,
        .digestLength = info->digestLength,
        .maxKeySize = info->maxKeySize,
        .handleState = info->handleState,
        .operationState = operation->state,
        .numberOfKeys = keys,
    };
    for (uint32_t index = 0; index < keys; index++) {
        TEE_ObjectInfo key;
        ALLOWED(TEE_GetObjectInfo1(operation->keys[index], &key));
        operationInfoMultiple->keyInformation[index] = (TEE_OperationInfoKey){has_key(operation) ? key.objectSize : 0, info->requiredKeyUsage};
    }
    *operationSize = needed;
    return TEE_SUCCESS;
}

static void reset(TEE_OperationHandle operation) {
    operation->state = TEE_OPERATION_STATE_INITIAL;
    operation->held = operation->extracted = 0;
    operation->info.handleState &= ~(uint32_t)(TEE_HANDLE_FLAG_INITIALIZED | TEE_HANDLE_FLAG_EXTRACTING);
    if (operation->info.operationClass != TEE_OPERATION_DIGEST) return;
    ALLOWED(_utee_hash_init(operation->core, NULL, 0));
    operation->info.handleState |= TEE_HANDLE_FLAG_INITIALIZED;
}

void TEE_ResetOperation(TEE_OperationHandle operation) {
    require(operation && has_key(operation));
    reset(operation);
}

/// Copies keys, or clears them when the first is TEE_HANDLE_NULL. The second error of a pair belongs to the second key.
static TEE_Result set_keys(TEE_OperationHandle operation, const TEE_ObjectHandle keys[2], size_t count) {
    uint32_t size = 0;
    for (size_t index = 0; keys[0] && index < count; index++) {
        TEE_ObjectInfo info;
        TEE_Result result = TEE_GetObjectInfo1(keys[index], &info);
        if (result != TEE_SUCCESS) return index ? result + 1 : result;
        require((info.objectUsage & operation->info.requiredKeyUsage) == operation->info.requiredKeyUsage);
        require(info.objectSize <= operation->info.maxKeySize && (!index || info.objectSize == size));
        size = info.objectSize;
    }
    operation->info.handleState &= ~(uint32_t)TEE_HANDLE_FLAG_KEY_SET;
    for (size_t index = 0; index < count; index++) TEE_ResetTransientObject(operation->keys[index]);
    operation->info.keySize = 0;
    for (size_t index = 0; keys[0] && index < count; index++) {
        TEE_Result result = TEE_CopyObjectAttributes1(operation->keys[index], keys[index]);
        if (result != TEE_SUCCESS) return index ? result + 1 : result;
    }
    if (keys[0]) operation->info.handleState |= TEE_HANDLE_FLAG_KEY_SET;
    operation->info.keySize = size;
    if (operation->state != TEE_OPERATION_STATE_INITIAL) reset(operation);
    return TEE_SUCCESS;
}

TEE_Result TEE_SetOperationKey(TEE_OperationHandle operation, TEE_ObjectHandle key) {
    require(operation && operation->info.operationClass != TEE_OPERATION_DIGEST && !operation->algorithm->hasTwoKeys && !is_initialized(operation));
    return set_keys(operation, (const TEE_ObjectHandle[2]){key, TEE_HANDLE_NULL}, 1);
}

TEE_Result TEE_SetOperationKey2(TEE_OperationHandle operation, TEE_ObjectHandle key1, TEE_ObjectHandle key2) {
    require(operation && operation->algorithm->hasTwoKeys && !is_initialized(operation) && !key1 == !key2);
    if (key1 && key1 == key2) return TEE_ERROR_SECURITY;
    return set_keys(operation, (const TEE_ObjectHandle[2]){key1, key2}, 2);
}

void TEE_CopyOperation(TEE_OperationHandle dstOperation, TEE_OperationHandle srcOperation) {
    require(dstOperation && srcOperation && dstOperation->algorithm == srcOperation->algorithm && dstOperation->info.mode == srcOperation->info.mode);
    require(dstOperation->info.maxKeySize >= srcOperation->info.keySize);
    if (srcOperation->info.operationClass != TEE_OPERATION_DIGEST) {
        static const TEE_ObjectHandle none[2];
        dstOperation->state = TEE_OPERATION_STATE_INITIAL;
        ALLOWED(set_keys(dstOperation, has_key(srcOperation) ? srcOperation->keys : none, srcOperation->algorithm->hasTwoKeys ? 2 : 1));
    }
    uint32_t maxKeySize = dstOperation->info.maxKeySize;
    dstOperation->info = srcOperation->info;
    dstOperation->info.maxKeySize = maxKeySize;
    dstOperation->state = srcOperation->state;
    dstOperation->held = srcOperation->held;
    dstOperation->extracted = srcOperation->extracted;
    if (srcOperation->buffer) memcpy(dstOperation->buffer, srcOperation->buffer, srcOperation->bufferSize);
    ALLOWED(_utee_cryp_state_copy(dstOperation->core, srcOperation->core));
}

/// Bits of a curve, 0 for none.
static uint32_t bits_of(uint32_t element) {
    switch (element) {
    case TEE_ECC_CURVE_NIST_P192: return 192;
    case TEE_ECC_CURVE_NIST_P224: return 224;
    case TEE_ECC_CURVE_NIST_P384: return 384;
    case TEE_ECC_CURVE_NIST_P521: return 521;
    case TEE_ECC_CURVE_NIST_P256:
    case TEE_ECC_CURVE_25519:
    case TEE_ECC_CURVE_SM2: return 256;
    case TEE_ECC_CURVE_448: return 448;
    default: return 0;
    }
}

/// Whether the element goes with the algorithm (table 6-14).
static bool goes_with(const struct algorithm *algorithm, uint32_t element) {
    const uint32_t type = algorithm->keyType;
    switch (element) {
    case TEE_CRYPTO_ELEMENT_NONE: return type != TEE_TYPE_ECDSA_PUBLIC_KEY && type != TEE_TYPE_ECDH_KEYPAIR && !algorithm->keySize;
    case TEE_ECC_CURVE_25519: return type == TEE_TYPE_ED25519_PUBLIC_KEY || type == TEE_TYPE_X25519_KEYPAIR;
    case TEE_ECC_CURVE_448: return type == TEE_TYPE_ED448_PUBLIC_KEY || type == TEE_TYPE_X448_KEYPAIR;
    case TEE_ECC_CURVE_SM2: return type == TEE_TYPE_SM2_DSA_PUBLIC_KEY || type == TEE_TYPE_SM2_KEP_KEYPAIR || type == TEE_TYPE_SM2_PKE_PUBLIC_KEY;
    default: return bits_of(element) && (type == TEE_TYPE_ECDSA_PUBLIC_KEY || type == TEE_TYPE_ECDH_KEYPAIR);
    }
}

TEE_Result TEE_IsAlgorithmSupported(uint32_t algId, uint32_t element) {
    // No call of the core tells, but an operation that it makes does. Key sizes that some algorithm or other has, for those without curves.
    static const uint32_t sizes[] = {0, 128, 192, 256, 512, 2048, 112, 56, 64, 168};
    static const uint32_t modes[] = {TEE_MODE_ENCRYPT, TEE_MODE_SIGN, TEE_MODE_MAC, TEE_MODE_DIGEST, TEE_MODE_DERIVE};
    const struct algorithm *algorithm = algorithm_of(algId);
    if (!algorithm || !goes_with(algorithm, element)) return TEE_ERROR_NOT_SUPPORTED;
    uint32_t usage, curve = bits_of(element) * (algorithm->hasTwoKeys ? 2 : 1);
    for (size_t mode = 0; mode < ARRAY_SIZE(modes); mode++) {
        if (!algorithm_usage(algorithm, modes[mode], &usage)) continue;
        for (size_t size = 0; size < ARRAY_SIZE(sizes); size++) {
            uint32_t bits = curve ? curve : sizes[size] * (algorithm->hasTwoKeys ? 2 : 1);
            TEE_OperationHandle operation;
            if (algorithm->keyType && !bits) continue;
            TEE_Result result = TEE_AllocateOperation(&operation, algId, modes[mode], bits);
            if (result == TEE_SUCCESS) TEE_FreeOperation(operation);
            if (result != TEE_ERROR_NOT_SUPPORTED) return TEE_SUCCESS;
        }
    }
    return TEE_ERROR_NOT_SUPPORTED;
}
