#include "panics.h"

#include <assert.h>
#include <stdlib.h>

#include "../plain_session.h"

static volatile uint32_t zero;
static uint8_t instructions[16] = {0xc3};

static __noinline uint32_t recurse(uint32_t depth) {
    volatile uint8_t frame[512];
    frame[depth % sizeof(frame)] = (uint8_t)depth;
    return zero ? depth : recurse(depth + 1) + frame[depth % sizeof(frame)];
}

static __noinline void smash(size_t size) {
    volatile char text[16];
    for (size_t index = 0; index < size; index++) text[index] = 'A';
    zero = text[0] - 'A';
}

static __noinline void free_twice(void) {
    void *volatile block = TEE_Malloc(32, 0);
    TEE_Free(block);
    TEE_Free(block);
}

static uint32_t call_nowhere(uint32_t number) {
    uint64_t result = number;
    register uint64_t r10 __asm__("r10") = 0x10, r8 __asm__("r8") = 0x10, r9 __asm__("r9") = 0x10, r12 __asm__("r12") = 0x10, r13 __asm__("r13") = 0x10;
    __asm__ volatile("syscall" : "+a"(result) : "D"(0x10), "S"(0x10), "d"(0x10), "r"(r10), "r"(r8), "r"(r9), "r"(r12), "r"(r13) : "rcx", "r11", "memory");
    return (uint32_t)result;
}

static void use_uninitialized_cipher(void) {
    TEE_OperationHandle operation;
    uint8_t block[16] = {0};
    size_t size = sizeof(block);
    if (TEE_AllocateOperation(&operation, TEE_ALG_AES_CTR, TEE_MODE_ENCRYPT, 128) == TEE_SUCCESS) TEE_CipherUpdate(operation, block, size, block, &size);
}

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    (void)sessionContext;
    bool hasValue = paramTypes == TEE_PARAM_TYPES(VALUE_IN, NONE, NONE, NONE);
    TEE_ObjectInfo info;
    switch (commandID) {
    case PANICS_PANIC: TEE_Panic(hasValue ? params[0].value.a : 0);
    case PANICS_READ_NULL: return *(volatile uint32_t *)(uintptr_t)zero;
    case PANICS_WRITE_CODE: *(volatile uint8_t *)(uintptr_t)&smash = 0; break;
    case PANICS_RUN_DATA: ((void (*)(void))(uintptr_t)instructions)(); break;
    case PANICS_DIVIDE_BY_ZERO: return 100 / zero;
    case PANICS_OVERFLOW_STACK: return recurse(0);
    case PANICS_FREE_WHAT_IS_NONE: TEE_Free((void *)(uintptr_t)(instructions + zero)); break;
    case PANICS_FREE_TWICE: free_twice(); break;
    case PANICS_ABORT: abort();
    case PANICS_ASSERT: assert(zero == 1); break;
    case PANICS_SMASH_STACK: smash(64 + zero); break;
    case PANICS_LOOP:
        for (;;) zero = 0;
    case PANICS_CALL_NOWHERE: return call_nowhere(hasValue ? params[0].value.a : 0);
    case PANICS_UNINITIALIZED_CIPHER: use_uninitialized_cipher(); break;
    case PANICS_WRONG_HANDLE: TEE_GetObjectInfo1((TEE_ObjectHandle)(uintptr_t)0x1234, &info); break;
    case PANICS_READ_EMPTY_BLOCK: return *(volatile uint8_t *)TEE_Malloc(0, 0);
    case PANICS_WRITE_EMPTY_BLOCK: *(volatile uint8_t *)TEE_Malloc(0, 0) = 0; break;
    case PANICS_INVALID_INSTRUCTION: __asm__ volatile("ud2"); break;
    default: return TEE_ERROR_NOT_SUPPORTED;
    }
    return TEE_SUCCESS;
}
