#include "boot_information.h"

#include <skerry_boot_information.h>

#include "../plain_session.h"

static uint32_t variable = 1;

static TEE_Result give(TEE_Param *to, const void *bytes, size_t size) {
    bool fits = to->memref.size >= size;
    to->memref.size = size;
    if (!fits) return TEE_ERROR_SHORT_BUFFER;
    memcpy(to->memref.buffer, bytes, size);
    return TEE_SUCCESS;
}

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    (void)sessionContext;
    size_t size;
    const void *tree = skerry_boot_information(&size);
    switch (commandID) {
    case BOOT_INFORMATION_TREE:
        EXPECT_TYPES(MEMORY_OUT, NONE, NONE, NONE);
        return tree ? give(&params[0], tree, size) : TEE_ERROR_ITEM_NOT_FOUND;
    case BOOT_INFORMATION_ADDRESSES: {
        EXPECT_TYPES(MEMORY_OUT, NONE, NONE, NONE);
        uintptr_t threadPointer;
        __asm__("rdfsbase %0" : "=r"(threadPointer));
        const uint64_t addresses[] = {(uintptr_t)&TA_InvokeCommandEntryPoint, (uintptr_t)&variable, (uintptr_t)&size, (uintptr_t)params[0].memref.buffer, threadPointer};
        return give(&params[0], addresses, sizeof(addresses));
    }
    case BOOT_INFORMATION_WRITE:
        EXPECT_TYPES(NONE, NONE, NONE, NONE);
        if (!tree) return TEE_ERROR_ITEM_NOT_FOUND;
        *(volatile uint32_t *)(uintptr_t)tree = 0;
        return TEE_SUCCESS;
    default: return TEE_ERROR_NOT_SUPPORTED;
    }
}
