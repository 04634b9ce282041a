// Entry points of applications that have nothing to do when instances and sessions come and go, and short names of parameter types.
#ifndef PLAIN_SESSION_H
#define PLAIN_SESSION_H

#include <string.h>
#include <tee_internal_api.h>
#include <tee_internal_api_extensions.h>

#ifndef NO_PLAIN_SESSION
#ifdef __cplusplus
extern "C" {
#endif
TEE_Result TA_CreateEntryPoint(void) { return TEE_SUCCESS; }
void TA_DestroyEntryPoint(void) {}
TEE_Result TA_OpenSessionEntryPoint(uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS], void **sessionContext) {
    (void)paramTypes, (void)params, (void)sessionContext;
    return TEE_SUCCESS;
}
void TA_CloseSessionEntryPoint(void *sessionContext) { (void)sessionContext; }
#ifdef __cplusplus
}
#endif
#endif

enum {
    NONE = TEE_PARAM_TYPE_NONE,
    VALUE_IN = TEE_PARAM_TYPE_VALUE_INPUT,
    VALUE_OUT = TEE_PARAM_TYPE_VALUE_OUTPUT,
    VALUE_INOUT = TEE_PARAM_TYPE_VALUE_INOUT,
    MEMORY_IN = TEE_PARAM_TYPE_MEMREF_INPUT,
    MEMORY_OUT = TEE_PARAM_TYPE_MEMREF_OUTPUT,
    MEMORY_INOUT = TEE_PARAM_TYPE_MEMREF_INOUT
};

/// Leaves a command unless its parameters are of these types.
#define EXPECT_TYPES(first, second, third, fourth) \
    if (paramTypes != (uint32_t)TEE_PARAM_TYPES(first, second, third, fourth)) return TEE_ERROR_BAD_PARAMETERS
/// Leaves a command with a result that is not TEE_SUCCESS.
#define TRY(call)                                                \
    do {                                                         \
        TEE_Result __result = (call);                            \
        if (__result != TEE_SUCCESS) return __result;            \
    } while (0)

#endif
