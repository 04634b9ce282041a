// Panics, parameters, sessions with other applications, cancellation and time (TEE Internal Core API 1.3.1, 4.8 to 4.10 and 7.2).
#include <string.h>

#include "ta_runtime.h"

void TEE_Panic(TEE_Result panicCode) { _utee_panic(panicCode); }

TEE_Result result_among(TEE_Result result, const TEE_Result *allowed, size_t count) {
    for (size_t index = 0; index < count; index++)
        if (result == allowed[index]) return result;
    TEE_Panic(result);
}

/// 1 for values, 2 for memory references, 0 for none; panics on types that do not exist.
static int kind_of(uint32_t type) {
    switch (type) {
    case TEE_PARAM_TYPE_NONE: return 0;
    case TEE_PARAM_TYPE_VALUE_INPUT:
    case TEE_PARAM_TYPE_VALUE_OUTPUT:
    case TEE_PARAM_TYPE_VALUE_INOUT: return 1;
    case TEE_PARAM_TYPE_MEMREF_INPUT:
    case TEE_PARAM_TYPE_MEMREF_OUTPUT:
    case TEE_PARAM_TYPE_MEMREF_INOUT: return 2;
    default: TEE_Panic(TEE_ERROR_BAD_PARAMETERS);
    }
}

void params_to_core(struct utee_params *to, uint32_t types, const TEE_Param from[TEE_NUM_PARAMS]) {
    memset(to->vals, 0, sizeof(to->vals));
    to->types = types;
    for (int index = 0; index < TEE_NUM_PARAMS; index++) {
        int kind = kind_of(TEE_PARAM_TYPE_GET(types, index));
        if (!kind) continue;
        to->vals[index * 2] = kind == 1 ? from[index].value.a : (uint64_t)(uintptr_t)from[index].memref.buffer;
        to->vals[index * 2 + 1] = kind == 1 ? from[index].value.b : from[index].memref.size;
    }
}

void params_from_core(TEE_Param to[TEE_NUM_PARAMS], uint32_t *types, const struct utee_params *from) {
    *types = (uint32_t)from->types;
    memset(to, 0, sizeof(TEE_Param[TEE_NUM_PARAMS]));
    for (int index = 0; index < TEE_NUM_PARAMS; index++) {
        int kind = kind_of(TEE_PARAM_TYPE_GET(*types, index));
        if (kind == 1) {
            to[index].value.a = (uint32_t)from->vals[index * 2];
            to[index].value.b = (uint32_t)from->vals[index * 2 + 1];
        } else if (kind == 2) {
            to[index].memref.buffer = (void *)(uintptr_t)from->vals[index * 2];
            to[index].memref.size = from->vals[index * 2 + 1];
        }
    }
}

/// Takes over what another application left in output parameters; memory references keep their buffer.
static void take_outputs(TEE_Param to[TEE_NUM_PARAMS], const struct utee_params *from) {
    for (int index = 0; index < TEE_NUM_PARAMS; index++) {
        uint32_t type = TEE_PARAM_TYPE_GET(from->types, index);
        if (!(type & TEE_PARAM_TYPE_VALUE_OUTPUT)) continue;
        if (kind_of(type) == 1) {
            to[index].value.a = (uint32_t)from->vals[index * 2];
            to[index].value.b = (uint32_t)from->vals[index * 2 + 1];
        } else {
            to[index].memref.size = from->vals[index * 2 + 1];
        }
    }
}

/// Memory of the private heap may not be shown to another application (4.11.4).
static void refuse_private(uint32_t types, const TEE_Param params[TEE_NUM_PARAMS]) {
    for (int index = 0; index < TEE_NUM_PARAMS; index++)
        if (kind_of(TEE_PARAM_TYPE_GET(types, index)) == 2) require(!heap_touches(&ta_private_heap, params[index].memref.buffer, params[index].memref.size));
}

TEE_Result TEE_OpenTASession(const TEE_UUID *destination, uint32_t cancellationRequestTimeout, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS],
                             TEE_TASessionHandle *session, uint32_t *returnOrigin) {
    require(destination && session && (params || !paramTypes));
    refuse_private(paramTypes, params);
    struct utee_params core;
    uint32_t number = 0, origin = TEE_ORIGIN_TEE;
    params_to_core(&core, paramTypes, params);
    TEE_Result result = _utee_open_ta_session(destination, cancellationRequestTimeout, &core, &number, &origin);
    if (params) take_outputs(params, &core);
    *session = result == TEE_SUCCESS ? (TEE_TASessionHandle)(uintptr_t)number : TEE_HANDLE_NULL;
    if (returnOrigin) *returnOrigin = origin;
    return result;
}

void TEE_CloseTASession(TEE_TASessionHandle session) {
    if (session != TEE_HANDLE_NULL) ALLOWED(_utee_close_ta_session(number_of(session)));
}

TEE_Result TEE_InvokeTACommand(TEE_TASessionHandle session, uint32_t cancellationRequestTimeout, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS],
                               uint32_t *returnOrigin) {
    require(params || !paramTypes);
    refuse_private(paramTypes, params);
    struct utee_params core;
    uint32_t origin = TEE_ORIGIN_TEE;
    params_to_core(&core, paramTypes, params);
    TEE_Result result = _utee_invoke_ta_command(number_of(session), cancellationRequestTimeout, commandID, &core, &origin);
    if (params) take_outputs(params, &core);
    if (returnOrigin) *returnOrigin = origin;
    return result;
}

bool TEE_GetCancellationFlag(void) {
    uint32_t flag = 0;
    ALLOWED(_utee_get_cancellation_flag(&flag));
    return flag;
}

bool TEE_UnmaskCancellation(void) {
    uint32_t wasMasked = 0;
    ALLOWED(_utee_unmask_cancellation(&wasMasked));
    return wasMasked;
}

bool TEE_MaskCancellation(void) {
    uint32_t wasMasked = 0;
    ALLOWED(_utee_mask_cancellation(&wasMasked));
    return wasMasked;
}

void TEE_GetSystemTime(TEE_Time *time) { ALLOWED(_utee_get_time(UTEE_TIME_CAT_SYSTEM, time)); }
void TEE_GetREETime(TEE_Time *time) { ALLOWED(_utee_get_time(UTEE_TIME_CAT_REE, time)); }
TEE_Result TEE_Wait(uint32_t timeout) { return ALLOWED(_utee_wait(timeout), TEE_ERROR_CANCEL); }

TEE_Result TEE_GetTAPersistentTime(TEE_Time *time) {
    TEE_Result result =
        ALLOWED(_utee_get_time(UTEE_TIME_CAT_TA_PERSISTENT, time), TEE_ERROR_TIME_NOT_SET, TEE_ERROR_TIME_NEEDS_RESET, TEE_ERROR_OVERFLOW, TEE_ERROR_OUT_OF_MEMORY);
    if (result == TEE_ERROR_TIME_NOT_SET || result == TEE_ERROR_OUT_OF_MEMORY) *time = (TEE_Time){0, 0};
    return result;
}

TEE_Result TEE_SetTAPersistentTime(const TEE_Time *time) { return ALLOWED(_utee_set_ta_time(time), TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_STORAGE_NO_SPACE); }

void TEE_GenerateRandom(void *randomBuffer, size_t randomBufferLen) { ALLOWED(_utee_cryp_random_number_generate(randomBuffer, randomBufferLen)); }
