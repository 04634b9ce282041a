#include "cancellation.h"

#include "../plain_session.h"

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    (void)sessionContext;
    uint32_t milliseconds = paramTypes == (uint32_t)TEE_PARAM_TYPES(VALUE_IN, NONE, NONE, NONE) ? params[0].value.a : 10000;
    switch (commandID) {
    case CANCELLATION_WAIT_MASKED: TEE_MaskCancellation(); return TEE_Wait(milliseconds);
    case CANCELLATION_WAIT_UNMASKED: TEE_UnmaskCancellation(); return TEE_Wait(milliseconds);
    case CANCELLATION_WATCH_FLAG:
        TEE_UnmaskCancellation();
        while (!TEE_GetCancellationFlag()) continue;
        return TEE_SUCCESS;
    case CANCELLATION_MASKS:
        EXPECT_TYPES(VALUE_OUT, VALUE_OUT, VALUE_OUT, NONE);
        params[0].value.a = TEE_UnmaskCancellation();
        params[0].value.b = TEE_UnmaskCancellation();
        params[1].value.a = TEE_MaskCancellation();
        params[1].value.b = TEE_MaskCancellation();
        params[2].value.a = TEE_GetCancellationFlag();
        return TEE_SUCCESS;
    default: return TEE_ERROR_NOT_SUPPORTED;
    }
}
