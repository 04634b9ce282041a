#include "memory_references.h"

#include <stdlib.h>

#include "../plain_session.h"

static uint32_t failures;
#define CHECK(condition)                                \
    do {                                                \
        if (!(condition)) {                             \
            EMSG("failed: %s", #condition);             \
            failures++;                                 \
        }                                               \
    } while (0)

static bool is_filled(const uint8_t *bytes, uint8_t with, size_t size) {
    while (size && *bytes == with) bytes++, size--;
    return !size;
}

static void check_heap(void) {
    uint8_t *block = TEE_Malloc(100, TEE_MALLOC_FILL_ZERO), *other, *empty = TEE_Malloc(0, 0);
    CHECK(block && empty && is_filled(block, 0, 100));
    CHECK((uintptr_t)block % 16 == 0);
    memset(block, 7, 100);
    block = TEE_Realloc(block, 5000);
    CHECK(block && is_filled(block, 7, 100) && is_filled(block + 100, 0, 4900));
    block = TEE_Realloc(block, 50);
    CHECK(block && is_filled(block, 7, 50));
    block = TEE_Realloc(block, 60);
    CHECK(block && is_filled(block, 7, 50) && is_filled(block + 50, 0, 10));
    TEE_Free(block);
    // Nothing is there to be read, and it may grow.
    CHECK(TEE_CheckMemoryAccessRights(TEE_MEMORY_ACCESS_READ, empty, 1) == TEE_ERROR_ACCESS_DENIED);
    CHECK(TEE_Malloc(0, TEE_MALLOC_NO_SHARE) && !TEE_Malloc(0, 0x40));
    empty = TEE_Realloc(empty, 20);
    CHECK(empty && is_filled(empty, 0, 20));
    empty = TEE_Realloc(empty, 0);
    CHECK(empty && TEE_CheckMemoryAccessRights(TEE_MEMORY_ACCESS_READ, empty, 1) == TEE_ERROR_ACCESS_DENIED);
    TEE_Free(empty);
    TEE_Free(NULL);
    CHECK(!TEE_Malloc(SIZE_MAX, 0) && !TEE_Malloc(SIZE_MAX - 8, 0) && !TEE_Malloc(1 << 20, 0));
    CHECK(!calloc(SIZE_MAX / 2, 4));
    CHECK(!TEE_Malloc(8, 0x40));
    block = TEE_Malloc(64, TEE_MALLOC_NO_SHARE);
    other = TEE_Malloc(64, TEE_MALLOC_NO_SHARE | TEE_MALLOC_NO_FILL);
    CHECK(block && other && block != other && is_filled(block, 0, 64));
    CHECK(!TEE_Malloc(16 * 1024, TEE_MALLOC_NO_SHARE));
    block = TEE_Realloc(block, 1000);
    CHECK(block && TEE_CheckMemoryAccessRights(TEE_MEMORY_ACCESS_READ | TEE_MEMORY_ACCESS_ANY_OWNER, block, 1000) == TEE_ERROR_ACCESS_DENIED);
    CHECK(TEE_CheckMemoryAccessRights(TEE_MEMORY_ACCESS_READ, block, 1000) == TEE_SUCCESS);
    TEE_Free(block);
    TEE_Free(other);
    block = aligned_alloc(4096, 100);
    CHECK(block && (uintptr_t)block % 4096 == 0);
    free(block);
}

static uint32_t largest(void) {
    uint32_t size = 1024 * 1024;
    void *block = NULL;
    while (size && !(block = malloc(size))) size -= 4096;
    free(block);
    return size;
}

static void stress(void) {
    enum { count = 64 };
    static uint8_t *blocks[count];
    static size_t sizes[count];
    uint32_t state = 1;
    for (int round = 0; round < 10000; round++) {
        state = state * 1664525 + 1013904223;
        size_t index = state >> 26, size = (state >> 8) % 700;
        if (blocks[index]) {
            CHECK(is_filled(blocks[index], (uint8_t)index, sizes[index]));
            free(blocks[index]);
            blocks[index] = NULL;
        } else if ((blocks[index] = malloc(size))) {
            memset(blocks[index], (int)index, sizes[index] = size);
        }
    }
    for (int index = 0; index < count; index++) free(blocks[index]), blocks[index] = NULL;
}

static void check_mapping(void) {
    uint8_t *memory = tee_map_zi(10000, 0);
    CHECK(memory && is_filled(memory, 0, 10000));
    if (!memory) return;
    memset(memory, 1, 10000);
    CHECK(TEE_CheckMemoryAccessRights(TEE_MEMORY_ACCESS_READ | TEE_MEMORY_ACCESS_WRITE, memory, 10000) == TEE_SUCCESS);
    CHECK(tee_unmap(memory, 10000) == TEE_SUCCESS);
    CHECK(TEE_CheckMemoryAccessRights(TEE_MEMORY_ACCESS_READ, memory, 10000) == TEE_ERROR_ACCESS_DENIED);
}

static TEE_Result check_own(uint32_t flags, uint32_t kind) {
    static const uint8_t constant[8] = {1};
    static uint8_t variable[8];
    uint8_t onStack[8];
    uint8_t *block = TEE_Malloc(8, kind == 7 ? TEE_MALLOC_NO_SHARE : 0);
    const void *places[] = {(const void *)(uintptr_t)&check_own, constant, variable, onStack, block, block + 256, NULL, block};
    TEE_Result result = kind < 8 ? TEE_CheckMemoryAccessRights(flags, (void *)(uintptr_t)places[kind], 8) : TEE_ERROR_BAD_PARAMETERS;
    TEE_Free(block);
    return result;
}

static TEE_Result check_param(const TEE_Param params[TEE_NUM_PARAMS]) {
    uint32_t offset = params[0].value.b;
    if (offset > params[1].memref.size) return TEE_ERROR_BAD_PARAMETERS;
    return TEE_CheckMemoryAccessRights(params[0].value.a, (uint8_t *)params[1].memref.buffer + offset, params[1].memref.size - offset);
}

static TEE_Result call_plugin(TEE_Param params[TEE_NUM_PARAMS]) {
    static const TEE_UUID uuids[] = {PLUGIN_UUID, {0}};
    size_t length = 0;
    TEE_Result result = tee_invoke_supp_plugin(&uuids[params[2].value.a != 0], params[1].value.a, params[1].value.b, params[0].memref.buffer, params[0].memref.size, &length);
    params[3].value.a = (uint32_t)length;
    return result;
}

static TEE_Result call_plugin_with_own(TEE_Param params[TEE_NUM_PARAMS]) {
    static const TEE_UUID uuid = PLUGIN_UUID;
    static uint8_t data[9000];
    size_t length = 0, size = params[1].value.a;
    if (size > sizeof(data)) return TEE_ERROR_BAD_PARAMETERS;
    memset(data, 1, size);
    TEE_Result result = tee_invoke_supp_plugin(&uuid, 1, 0, size ? data : NULL, size, &length);
    params[3].value.a = (uint32_t)length;
    params[3].value.b = 0;
    for (size_t index = 0; index < size; index++) params[3].value.b += data[index];
    return result;
}

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    (void)sessionContext;
    uint8_t *bytes = params[0].memref.buffer;
    size_t size = params[0].memref.size;
    failures = 0;
    switch (commandID) {
    case MEMORY_REFERENCES_PLUGIN: EXPECT_TYPES(MEMORY_INOUT, VALUE_IN, VALUE_IN, VALUE_OUT); return call_plugin(params);
    case MEMORY_REFERENCES_OWN_PLUGIN: EXPECT_TYPES(NONE, VALUE_IN, NONE, VALUE_OUT); return call_plugin_with_own(params);
    case MEMORY_REFERENCES_CHECK_INPUT: EXPECT_TYPES(VALUE_IN, MEMORY_IN, NONE, NONE); return check_param(params);
    case MEMORY_REFERENCES_CHECK_INOUT: EXPECT_TYPES(VALUE_IN, MEMORY_INOUT, NONE, NONE); return check_param(params);
    case MEMORY_REFERENCES_INVERT:
        EXPECT_TYPES(MEMORY_INOUT, NONE, NONE, NONE);
        for (size_t index = 0; index < size; index++) bytes[index] = (uint8_t)~bytes[index];
        return TEE_SUCCESS;
    case MEMORY_REFERENCES_LOOK:
        EXPECT_TYPES(MEMORY_OUT, VALUE_OUT, NONE, NONE);
        params[1].value.a = !bytes;
        params[1].value.b = (uint32_t)size;
        params[0].memref.size = 100;
        return TEE_SUCCESS;
    case MEMORY_REFERENCES_SUM:
        EXPECT_TYPES(MEMORY_IN, VALUE_OUT, NONE, NONE);
        params[1].value.a = 0;
        params[1].value.b = (uint32_t)size;
        for (size_t index = 0; index < size; index++) params[1].value.a += bytes[index];
        return TEE_SUCCESS;
    case MEMORY_REFERENCES_CHECK_OWN: EXPECT_TYPES(VALUE_IN, NONE, NONE, NONE); return check_own(params[0].value.a, params[0].value.b);
    default: break;
    }
    EXPECT_TYPES(VALUE_OUT, NONE, NONE, NONE);
    if (commandID == MEMORY_REFERENCES_HEAP) check_heap();
    if (commandID == MEMORY_REFERENCES_MAP) check_mapping();
    params[0].value.a = params[0].value.b = failures;
    if (commandID == MEMORY_REFERENCES_STRESS) {
        params[0].value.a = largest();
        stress();
        params[0].value.b = failures ? 0 : largest();
    }
    return commandID >= MEMORY_REFERENCES_HEAP && commandID <= MEMORY_REFERENCES_MAP ? TEE_SUCCESS : TEE_ERROR_NOT_SUPPORTED;
}
