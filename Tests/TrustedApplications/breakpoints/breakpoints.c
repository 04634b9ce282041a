#include "breakpoints.h"

#include "../plain_session.h"

static volatile uint32_t isOver;

static __noinline uint32_t watched(uint32_t number) { return number * 7 + isOver; }

static __noinline double square(double number) { return number * number; }

static TEE_Result digest(TEE_Param *out) {
    TEE_OperationHandle operation;
    TRY(TEE_AllocateOperation(&operation, TEE_ALG_SHA256, TEE_MODE_DIGEST, 0));
    return TEE_DigestDoFinal(operation, (const void *)(uintptr_t)&watched, 8, out->memref.buffer, &out->memref.size);
}

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    (void)sessionContext;
    switch (commandID) {
    case BREAKPOINTS_DIGEST:
        EXPECT_TYPES(MEMORY_OUT, NONE, NONE, NONE);
        return watched(1) == 7 ? digest(&params[0]) : TEE_ERROR_GENERIC;
    case BREAKPOINTS_LOOP:
        while (!isOver) __asm__ volatile("");
        return TEE_SUCCESS;
    case BREAKPOINTS_FLOAT:
        EXPECT_TYPES(VALUE_OUT, NONE, NONE, NONE);
        params[0].value.a = (uint32_t)square(12 + isOver);
        return TEE_SUCCESS;
    default: return TEE_ERROR_NOT_SUPPORTED;
    }
}
