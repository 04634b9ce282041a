#include "raw_calls.h"

#include "../plain_session.h"

struct raw_call {
    uint64_t number;
    uint64_t arguments[8];
    /// Bit n: argument n counts from the beginning of the client's memory.
    uint64_t inParameter;
};

static _Alignas(16) uint8_t own[RAW_CALLS_OWN_SIZE];
static const uint8_t constant[64] = "cannot be written";

static uint64_t make(uint64_t number, const uint64_t arguments[8]) {
    uint64_t result = number;
    register uint64_t r10 __asm__("r10") = arguments[3], r8 __asm__("r8") = arguments[4], r9 __asm__("r9") = arguments[5];
    register uint64_t r12 __asm__("r12") = arguments[6], r13 __asm__("r13") = arguments[7];
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(arguments[0]), "S"(arguments[1]), "d"(arguments[2]), "r"(r10), "r"(r8), "r"(r9), "r"(r12), "r"(r13)
                     : "rcx", "r11", "memory");
    return result;
}

static void set(TEE_Param *parameter, uint64_t value) {
    parameter->value.a = (uint32_t)value;
    parameter->value.b = (uint32_t)(value >> 32);
}

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    (void)sessionContext;
    struct raw_call call;
    switch (commandID) {
    case RAW_CALLS_CALL:
        EXPECT_TYPES(MEMORY_IN, VALUE_OUT, MEMORY_INOUT, MEMORY_INOUT);
        if (params[0].memref.size != sizeof(call) || params[2].memref.size > sizeof(own)) return TEE_ERROR_BAD_PARAMETERS;
        memcpy(&call, params[0].memref.buffer, sizeof(call));
        memcpy(own, params[2].memref.buffer, params[2].memref.size);
        for (size_t index = 0; index < 8; index++)
            if (call.inParameter >> index & 1) call.arguments[index] += (uintptr_t)params[3].memref.buffer;
        set(&params[1], make(call.number, call.arguments));
        memcpy(params[2].memref.buffer, own, params[2].memref.size);
        return TEE_SUCCESS;
    case RAW_CALLS_ADDRESSES:
        EXPECT_TYPES(VALUE_OUT, VALUE_OUT, NONE, NONE);
        set(&params[0], (uintptr_t)own);
        set(&params[1], (uintptr_t)constant);
        return TEE_SUCCESS;
    default: return TEE_ERROR_NOT_SUPPORTED;
    }
}
