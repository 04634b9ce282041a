// A trusted application: it digests what it is given, and keeps the number of digests in trusted storage, where it outlives the application.
#include "example_ta.h"

#include <tee_internal_api.h>

static const char countName[] = "count";

/// Reads the number of digests; zero before the first.
static TEE_Result read_count(uint32_t *count) {
    TEE_ObjectHandle object;
    size_t size = 0;
    *count = 0;
    TEE_Result result = TEE_OpenPersistentObject(TEE_STORAGE_PRIVATE, countName, sizeof(countName), TEE_DATA_FLAG_ACCESS_READ, &object);
    if (result == TEE_ERROR_ITEM_NOT_FOUND) return TEE_SUCCESS;
    if (result != TEE_SUCCESS) return result;
    result = TEE_ReadObjectData(object, count, sizeof(*count), &size);
    TEE_CloseObject(object);
    return result;
}

/// Replaces the stored number by `count`. Whatever happens meanwhile, either number is there afterwards.
static TEE_Result write_count(uint32_t count) {
    TEE_ObjectHandle object;
    TEE_Result result = TEE_CreatePersistentObject(TEE_STORAGE_PRIVATE, countName, sizeof(countName), TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_OVERWRITE, TEE_HANDLE_NULL,
                                                   &count, sizeof(count), &object);
    if (result == TEE_SUCCESS) TEE_CloseObject(object);
    return result;
}

static TEE_Result digest(uint32_t types, TEE_Param params[TEE_NUM_PARAMS]) {
    // The client chose the types: nothing is what it should be before this has been checked.
    if (types != TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_MEMREF_OUTPUT, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE)) return TEE_ERROR_BAD_PARAMETERS;
    TEE_OperationHandle operation;
    TEE_Result result = TEE_AllocateOperation(&operation, TEE_ALG_SHA256, TEE_MODE_DIGEST, 0);
    if (result != TEE_SUCCESS) return result;
    // Answers TEE_ERROR_SHORT_BUFFER and the size it needs when the client's buffer is too small.
    result = TEE_DigestDoFinal(operation, params[0].memref.buffer, params[0].memref.size, params[1].memref.buffer, &params[1].memref.size);
    TEE_FreeOperation(operation);
    if (result != TEE_SUCCESS) return result;

    uint32_t count;
    result = read_count(&count);
    if (result != TEE_SUCCESS) return result;
    DMSG("digest %u, of %zu bytes", count + 1, params[0].memref.size);
    return write_count(count + 1);
}

static TEE_Result tell_count(uint32_t types, TEE_Param params[TEE_NUM_PARAMS]) {
    if (types != TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_OUTPUT, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE)) return TEE_ERROR_BAD_PARAMETERS;
    return read_count(&params[0].value.a);
}

// The five entry points of GlobalPlatform's TEE Internal Core API.

TEE_Result TA_CreateEntryPoint(void) { return TEE_SUCCESS; }

void TA_DestroyEntryPoint(void) {}

TEE_Result TA_OpenSessionEntryPoint(uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS], void **sessionContext) {
    (void)paramTypes, (void)params, (void)sessionContext;
    return TEE_SUCCESS;
}

void TA_CloseSessionEntryPoint(void *sessionContext) { (void)sessionContext; }

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    (void)sessionContext;
    switch (commandID) {
    case EXAMPLE_DIGEST: return digest(paramTypes, params);
    case EXAMPLE_COUNT: return tell_count(paramTypes, params);
    default: return TEE_ERROR_NOT_SUPPORTED;
    }
}
