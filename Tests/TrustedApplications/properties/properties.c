#include "properties.h"

#include "../plain_session.h"

static TEE_PropSetHandle set_of(uint32_t number) {
    return number == 0 ? TEE_PROPSET_CURRENT_TA : number == 1 ? TEE_PROPSET_CURRENT_CLIENT : TEE_PROPSET_TEE_IMPLEMENTATION;
}

static TEE_Result read_typed(TEE_PropSetHandle set, const char *name, uint32_t type, void *value, size_t *size) {
    bool flag;
    TEE_Result result = TEE_ERROR_NOT_SUPPORTED;
    switch (type) {
    case 0:
        result = TEE_GetPropertyAsBool(set, name, &flag);
        if (result == TEE_SUCCESS) *(uint8_t *)value = flag;
        *size = 1;
        break;
    case 1: result = TEE_GetPropertyAsU32(set, name, value), *size = 4; break;
    case 2: result = TEE_GetPropertyAsUUID(set, name, value), *size = 16; break;
    case 3: result = TEE_GetPropertyAsIdentity(set, name, value), *size = 20; break;
    case 5: return TEE_GetPropertyAsBinaryBlock(set, name, value, size);
    case 6: result = TEE_GetPropertyAsU64(set, name, value), *size = 8; break;
    }
    if (result != TEE_SUCCESS) *size = 0;
    return result;
}

/// Walks a set and collects names, or values.
static TEE_Result collect(TEE_PropSetHandle set, bool wantsNames, TEE_Param *text, uint32_t *count) {
    TEE_PropSetHandle enumerator;
    size_t used = 0, size = text->memref.size;
    TRY(TEE_AllocatePropertyEnumerator(&enumerator));
    TEE_StartPropertyEnumerator(enumerator, set);
    TEE_Result result;
    for (*count = 0;; ++*count) {
        size_t left = size - used;
        char *place = (char *)text->memref.buffer + used;
        result = wantsNames ? TEE_GetPropertyName(enumerator, place, &left) : TEE_GetPropertyAsString(enumerator, NULL, place, &left);
        if (result != TEE_SUCCESS) break;
        used += left;
        result = TEE_GetNextProperty(enumerator);
        if (result != TEE_SUCCESS) break;
    }
    if (result == TEE_ERROR_ITEM_NOT_FOUND) result = TEE_SUCCESS;
    if (result == TEE_SUCCESS && used) ++*count;
    TEE_FreePropertyEnumerator(enumerator);
    text->memref.size = used;
    return result;
}

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    (void)sessionContext;
    uint32_t count;
    switch (commandID) {
    case PROPERTIES_STRING:
        EXPECT_TYPES(VALUE_IN, MEMORY_IN, MEMORY_OUT, NONE);
        return TEE_GetPropertyAsString(set_of(params[0].value.a), params[1].memref.buffer, params[2].memref.buffer, &params[2].memref.size);
    case PROPERTIES_TYPED:
        EXPECT_TYPES(VALUE_IN, MEMORY_IN, MEMORY_OUT, NONE);
        return read_typed(set_of(params[0].value.a), params[1].memref.buffer, params[0].value.b, params[2].memref.buffer, &params[2].memref.size);
    case PROPERTIES_NAMES:
        EXPECT_TYPES(VALUE_IN, MEMORY_OUT, VALUE_OUT, NONE);
        return collect(set_of(params[0].value.a), true, &params[1], &params[2].value.a);
    case PROPERTIES_VALUES: EXPECT_TYPES(VALUE_IN, MEMORY_OUT, NONE, NONE); return collect(set_of(params[0].value.a), false, &params[1], &count);
    default: return TEE_ERROR_NOT_SUPPORTED;
    }
}
