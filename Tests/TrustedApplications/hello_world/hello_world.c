#include "hello_world.h"

#include <string.h>
#include <tee_internal_api.h>
#include <tee_internal_api_extensions.h>

TEE_Result TA_CreateEntryPoint(void) {
    DMSG("has been called");
    return TEE_SUCCESS;
}

void TA_DestroyEntryPoint(void) { DMSG("has been called"); }

TEE_Result TA_OpenSessionEntryPoint(uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS], void **sessionContext) {
    (void)params, (void)sessionContext;
    if (paramTypes) return TEE_ERROR_BAD_PARAMETERS;
    IMSG("Hello World!");
    return TEE_SUCCESS;
}

void TA_CloseSessionEntryPoint(void *sessionContext) {
    (void)sessionContext;
    IMSG("Goodbye!");
}

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    (void)sessionContext;
    static const char greeting[] = "Hello, world";
    switch (commandID) {
    case HELLO_WORLD_ADD_ONE:
        if (paramTypes != TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INOUT, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE)) return TEE_ERROR_BAD_PARAMETERS;
        params[0].value.a++;
        return TEE_SUCCESS;
    case HELLO_WORLD_GREET:
        if (paramTypes != TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_OUTPUT, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE)) return TEE_ERROR_BAD_PARAMETERS;
        bool fits = params[0].memref.size >= sizeof(greeting);
        params[0].memref.size = sizeof(greeting);
        if (!fits) return TEE_ERROR_SHORT_BUFFER;
        memcpy(params[0].memref.buffer, greeting, sizeof(greeting));
        return TEE_SUCCESS;
    default: return TEE_ERROR_NOT_SUPPORTED;
    }
}
