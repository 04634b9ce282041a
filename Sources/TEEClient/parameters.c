// The parameters of an operation, and what becomes of them (TEE Client API 1.0, 4.3.5 to 4.3.10).
#include "teec.h"

static TEEC_Result gather_temporary(uint32_t type, const TEEC_TempMemoryReference *reference, struct teec_parameter *parameter) {
    if (!reference->buffer && reference->size) return TEEC_ERROR_BAD_PARAMETERS;
    parameter->type = type;
    parameter->buffer = reference->buffer;
    parameter->size = reference->size;
    return TEEC_SUCCESS;
}

static TEEC_Result gather_whole(const TEEC_RegisteredMemoryReference *reference, struct teec_parameter *parameter) {
    TEEC_SharedMemory *parent = reference->parent;
    if (!parent || !(parent->flags & (TEEC_MEM_INPUT | TEEC_MEM_OUTPUT))) return TEEC_ERROR_BAD_PARAMETERS;
    parameter->type = 4 | (parent->flags & (TEEC_MEM_INPUT | TEEC_MEM_OUTPUT));
    parameter->parent = parent;
    parameter->size = parent->size;
    return TEEC_SUCCESS;
}

static TEEC_Result gather_partial(uint32_t type, const TEEC_RegisteredMemoryReference *reference, struct teec_parameter *parameter) {
    TEEC_SharedMemory *parent = reference->parent;
    uint32_t directions = type & (TEEC_MEM_INPUT | TEEC_MEM_OUTPUT);
    if (!parent || (parent->flags & directions) != directions) return TEEC_ERROR_BAD_PARAMETERS;
    if (reference->offset > parent->size || reference->size > parent->size - reference->offset) return TEEC_ERROR_BAD_PARAMETERS;
    parameter->type = 4 | directions;
    parameter->parent = parent;
    parameter->offset = reference->offset;
    parameter->size = reference->size;
    return TEEC_SUCCESS;
}

static TEEC_Result gather_one(uint32_t type, const TEEC_Parameter *from, struct teec_parameter *parameter) {
    switch (type) {
        case TEEC_NONE: return TEEC_SUCCESS;
        case TEEC_VALUE_INPUT:
        case TEEC_VALUE_OUTPUT:
        case TEEC_VALUE_INOUT:
            parameter->type = type;
            parameter->a = from->value.a;
            parameter->b = from->value.b;
            return TEEC_SUCCESS;
        case TEEC_MEMREF_TEMP_INPUT:
        case TEEC_MEMREF_TEMP_OUTPUT:
        case TEEC_MEMREF_TEMP_INOUT: return gather_temporary(type, &from->tmpref, parameter);
        case TEEC_MEMREF_WHOLE: return gather_whole(&from->memref, parameter);
        case TEEC_MEMREF_PARTIAL_INPUT:
        case TEEC_MEMREF_PARTIAL_OUTPUT:
        case TEEC_MEMREF_PARTIAL_INOUT: return gather_partial(type, &from->memref, parameter);
        default: return TEEC_ERROR_BAD_PARAMETERS;
    }
}

TEEC_Result teec_gather(const TEEC_Operation *operation, struct teec_parameter parameters[TEEC_CONFIG_PAYLOAD_REF_COUNT]) {
    for (int index = 0; index < TEEC_CONFIG_PAYLOAD_REF_COUNT; index++) {
        struct teec_parameter *parameter = &parameters[index];
        *parameter = (struct teec_parameter){0};
        if (!operation) continue;
        TEEC_Result result = gather_one(TEEC_PARAM_TYPE_GET(operation->paramTypes, index), &operation->params[index], parameter);
        if (result != TEEC_SUCCESS) return result;
        parameter->capacity = parameter->size;
    }
    return TEEC_SUCCESS;
}

void teec_scatter(TEEC_Operation *operation, const struct teec_parameter parameters[TEEC_CONFIG_PAYLOAD_REF_COUNT]) {
    for (int index = 0; operation && index < TEEC_CONFIG_PAYLOAD_REF_COUNT; index++) {
        const struct teec_parameter *parameter = &parameters[index];
        if (!teec_is_output(parameter)) continue;
        TEEC_Parameter *to = &operation->params[index];
        if (teec_is_value(parameter)) {
            to->value.a = parameter->a;
            to->value.b = parameter->b;
        } else if (parameter->parent) {
            to->memref.size = parameter->size;
        } else {
            to->tmpref.size = parameter->size;
        }
    }
}
