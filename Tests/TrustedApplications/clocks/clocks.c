#include "clocks.h"

#include <utee_defines.h>

#include "../plain_session.h"

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    (void)sessionContext;
    TEE_Time time = {0, 0}, before, after;
    TEE_Result result = TEE_SUCCESS;
    switch (commandID) {
    case CLOCKS_SYSTEM:
    case CLOCKS_REE:
    case CLOCKS_PERSISTENT:
        EXPECT_TYPES(VALUE_OUT, NONE, NONE, NONE);
        if (commandID == CLOCKS_SYSTEM) TEE_GetSystemTime(&time);
        if (commandID == CLOCKS_REE) TEE_GetREETime(&time);
        if (commandID == CLOCKS_PERSISTENT) result = TEE_GetTAPersistentTime(&time);
        params[0].value.a = time.seconds;
        params[0].value.b = time.millis;
        return result;
    case CLOCKS_SET_PERSISTENT:
        EXPECT_TYPES(VALUE_IN, NONE, NONE, NONE);
        time = (TEE_Time){params[0].value.a, params[0].value.b};
        return TEE_SetTAPersistentTime(&time);
    case CLOCKS_WAIT:
        EXPECT_TYPES(VALUE_IN, VALUE_OUT, NONE, NONE);
        TEE_GetSystemTime(&before);
        result = TEE_Wait(params[0].value.a);
        TEE_GetSystemTime(&after);
        TEE_TIME_SUB(after, before, time);
        params[1].value.a = time.seconds * 1000 + time.millis;
        return result;
    default: return TEE_ERROR_NOT_SUPPORTED;
    }
}
