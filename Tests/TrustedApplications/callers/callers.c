#include "callers.h"

#include "../plain_session.h"

static TEE_Result open(const TEE_Param *uuid, TEE_TASessionHandle *session, uint32_t *origin) {
    TEE_UUID other;
    if (uuid->memref.size != sizeof(other)) return TEE_ERROR_BAD_PARAMETERS;
    memcpy(&other, uuid->memref.buffer, sizeof(other));
    return TEE_OpenTASession(&other, TEE_TIMEOUT_INFINITE, 0, NULL, session, origin);
}

static TEE_Result forward(const TEE_Param *uuid, uint32_t command, uint32_t type, TEE_Param *passed) {
    TEE_TASessionHandle session;
    TRY(open(uuid, &session, NULL));
    TEE_Param params[TEE_NUM_PARAMS] = {*passed};
    TEE_Result result = TEE_InvokeTACommand(session, TEE_TIMEOUT_INFINITE, command, type, params, NULL);
    *passed = params[0];
    TEE_CloseTASession(session);
    return result;
}

static TEE_Result forward_copy(const TEE_Param *uuid, uint32_t command, TEE_Param *memory) {
    TEE_Param copy = {.memref = {TEE_Malloc(memory->memref.size, 0), memory->memref.size}};
    if (!copy.memref.buffer) return TEE_ERROR_OUT_OF_MEMORY;
    memcpy(copy.memref.buffer, memory->memref.buffer, memory->memref.size);
    void *block = copy.memref.buffer;
    TEE_Result result = forward(uuid, command, MEMORY_INOUT, &copy);
    if (result == TEE_SUCCESS && copy.memref.size <= memory->memref.size) memcpy(memory->memref.buffer, block, copy.memref.size);
    memory->memref.size = copy.memref.size;
    TEE_Free(block);
    return result;
}

static TEE_Result invoke_plainly(const TEE_Param *uuid, uint32_t command, uint32_t timeout, TEE_Param *first, TEE_Param *second) {
    TEE_TASessionHandle session;
    TRY(open(uuid, &session, NULL));
    first->value.a = TEE_InvokeTACommand(session, timeout, command, 0, NULL, &first->value.b);
    if (second) second->value.a = TEE_InvokeTACommand(session, timeout, command, 0, NULL, &second->value.b);
    TEE_CloseTASession(session);
    return TEE_SUCCESS;
}

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    (void)sessionContext;
    TEE_TASessionHandle session;
    switch (commandID) {
    case CALLERS_VALUE: EXPECT_TYPES(MEMORY_IN, VALUE_IN, VALUE_INOUT, NONE); return forward(&params[0], params[1].value.a, VALUE_INOUT, &params[2]);
    case CALLERS_MEMORY: EXPECT_TYPES(MEMORY_IN, VALUE_IN, MEMORY_INOUT, NONE); return forward(&params[0], params[1].value.a, MEMORY_INOUT, &params[2]);
    case CALLERS_COPIED_MEMORY: EXPECT_TYPES(MEMORY_IN, VALUE_IN, MEMORY_INOUT, NONE); return forward_copy(&params[0], params[1].value.a, &params[2]);
    case CALLERS_WITH_TIMEOUT: EXPECT_TYPES(MEMORY_IN, VALUE_IN, VALUE_OUT, NONE); return invoke_plainly(&params[0], params[1].value.a, params[1].value.b, &params[2], NULL);
    case CALLERS_OPEN:
        EXPECT_TYPES(MEMORY_IN, VALUE_OUT, NONE, NONE);
        params[1].value.a = open(&params[0], &session, &params[1].value.b);
        if (params[1].value.a == TEE_SUCCESS) TEE_CloseTASession(session);
        return TEE_SUCCESS;
    case CALLERS_INVOKE_TWICE:
        EXPECT_TYPES(MEMORY_IN, VALUE_IN, VALUE_OUT, VALUE_OUT);
        return invoke_plainly(&params[0], params[1].value.a, TEE_TIMEOUT_INFINITE, &params[2], &params[3]);
    default: return TEE_ERROR_NOT_SUPPORTED;
    }
}
