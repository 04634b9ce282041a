#include "lifecycle.h"

#include <stdlib.h>

#define NO_PLAIN_SESSION
#include "../plain_session.h"

static uint32_t commands, openSessions, allSessions;

TEE_Result TA_CreateEntryPoint(void) {
    IMSG("created");
    return TEE_SUCCESS;
}
void TA_DestroyEntryPoint(void) { IMSG("destroyed"); }

TEE_Result TA_OpenSessionEntryPoint(uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS], void **sessionContext) {
    if (paramTypes == (uint32_t)TEE_PARAM_TYPES(VALUE_IN, NONE, NONE, NONE)) TRY(params[0].value.a);
    *sessionContext = TEE_Malloc(sizeof(uint32_t), TEE_MALLOC_FILL_ZERO);
    if (!*sessionContext) return TEE_ERROR_OUT_OF_MEMORY;
    openSessions++;
    allSessions++;
    return TEE_SUCCESS;
}

void TA_CloseSessionEntryPoint(void *sessionContext) {
    openSessions--;
    TEE_Free(sessionContext);
}

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    uint32_t *sessionCommands = sessionContext;
    commands++;
    ++*sessionCommands;
    switch (commandID) {
    case LIFECYCLE_COUNT:
        EXPECT_TYPES(VALUE_OUT, VALUE_OUT, NONE, NONE);
        params[0].value.a = commands;
        params[0].value.b = *sessionCommands;
        params[1].value.a = openSessions;
        params[1].value.b = allSessions;
        return TEE_SUCCESS;
    case LIFECYCLE_PANIC: TEE_Panic(0xbad);
    case LIFECYCLE_INSTANCE_DATA:
        EXPECT_TYPES(VALUE_IN, VALUE_OUT, NONE, NONE);
        params[1].value.a = (uint32_t)(uintptr_t)TEE_GetInstanceData();
        TEE_SetInstanceData((void *)(uintptr_t)params[0].value.a);
        return TEE_SUCCESS;
    default: return TEE_ERROR_NOT_SUPPORTED;
    }
}
