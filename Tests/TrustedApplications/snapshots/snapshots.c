#include "snapshots.h"

#include <pta_system.h>

#define NO_PLAIN_SESSION
#include "../plain_session.h"

static uint32_t commands, blocks, sessions;
static void *lastBlock;
static uint8_t large[16 << 20];
static TEE_OperationHandle digest;
static TEE_ObjectHandle kept, key;
static TEE_ObjectEnumHandle objects;

TEE_Result TA_CreateEntryPoint(void) { return TEE_SUCCESS; }
void TA_DestroyEntryPoint(void) {}
void TA_CloseSessionEntryPoint(void *sessionContext) { (void)sessionContext; }

static void touch(size_t size) {
    for (size_t index = 0; index < size && index < sizeof(large); index += 4096) large[index]++;
}

static TEE_Result begin(void) {
    static const char name[] = "kept", content[] = "0123456789";
    const uint32_t flags = TEE_DATA_FLAG_ACCESS_READ | TEE_DATA_FLAG_ACCESS_WRITE_META;
    uint8_t start[2];
    size_t size;
    TRY(TEE_AllocateOperation(&digest, TEE_ALG_SHA256, TEE_MODE_DIGEST, 0));
    TEE_DigestUpdate(digest, "open", 4);
    TRY(TEE_CreatePersistentObject(TEE_STORAGE_PRIVATE, name, sizeof(name) - 1, flags | TEE_DATA_FLAG_OVERWRITE, TEE_HANDLE_NULL, content, sizeof(content) - 1, &kept));
    TRY(TEE_ReadObjectData(kept, start, sizeof(start), &size));
    TRY(TEE_AllocateTransientObject(TEE_TYPE_AES, 256, &key));
    TRY(TEE_AllocatePersistentObjectEnumerator(&objects));
    return TEE_StartPersistentObjectEnumerator(objects, TEE_STORAGE_PRIVATE);
}

TEE_Result TA_OpenSessionEntryPoint(uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS], void **sessionContext) {
    (void)sessionContext;
    if (paramTypes == (uint32_t)TEE_PARAM_TYPES(VALUE_IN, NONE, NONE, NONE)) touch(params[0].value.a);
    return sessions++ ? TEE_SUCCESS : begin();
}

static TEE_Result count(TEE_Param params[TEE_NUM_PARAMS]) {
    params[0].value.a = commands;
    params[0].value.b = blocks;
    params[1].value.a = sessions;
    params[1].value.b = 0;
    for (size_t index = 0; index < sizeof(large); index += 4096) params[1].value.b += large[index] != 0;
    return TEE_SUCCESS;
}

static TEE_Result read(TEE_Param params[TEE_NUM_PARAMS]) {
    uint8_t bytes[16];
    size_t size = sizeof(bytes);
    TRY(TEE_ReadObjectData(kept, bytes, params[0].memref.size < size ? params[0].memref.size : size, &size));
    memcpy(params[0].memref.buffer, bytes, size);
    params[0].memref.size = size;
    if (params[1].value.a == 1) TEE_CloseObject(kept);
    return params[1].value.a == 2 ? TEE_CloseAndDeletePersistentObject1(kept) : TEE_SUCCESS;
}

static TEE_Result map(TEE_Param params[TEE_NUM_PARAMS]) {
    static const TEE_UUID system = PTA_SYSTEM_UUID;
    TEE_TASessionHandle session;
    TEE_Param arguments[TEE_NUM_PARAMS] = {{.value = {4096, 0}}};
    TRY(TEE_OpenTASession(&system, TEE_TIMEOUT_INFINITE, 0, NULL, &session, NULL));
    TRY(TEE_InvokeTACommand(session, TEE_TIMEOUT_INFINITE, PTA_SYSTEM_MAP_ZI, TEE_PARAM_TYPES(VALUE_IN, VALUE_INOUT, VALUE_IN, NONE), arguments, NULL));
    volatile uint8_t *page = (uint8_t *)(uintptr_t)((uint64_t)arguments[1].value.a << 32 | arguments[1].value.b);
    params[0].value.a = arguments[1].value.a;
    params[0].value.b = arguments[1].value.b;
    params[1].value.a = *page;
    *page = 0xaa;
    return TEE_SUCCESS;
}

static TEE_Result populate(TEE_Param params[TEE_NUM_PARAMS]) {
    static const uint8_t secret[32] = {1, 2, 3};
    TEE_Attribute attribute;
    TEE_ObjectInfo info;
    TEE_InitRefAttribute(&attribute, TEE_ATTR_SECRET_VALUE, secret, sizeof(secret));
    TRY(TEE_PopulateTransientObject(key, &attribute, 1));
    TRY(TEE_GetObjectInfo1(key, &info));
    params[0].value.a = (uint32_t)info.objectSize;
    return TEE_SUCCESS;
}

static TEE_Result next(TEE_Param params[TEE_NUM_PARAMS]) {
    TEE_ObjectInfo info;
    uint8_t name[TEE_OBJECT_ID_MAX_LEN];
    size_t size;
    TRY(TEE_GetNextPersistentObject(objects, &info, name, &size));
    if (size > params[0].memref.size) return TEE_ERROR_SHORT_BUFFER;
    memcpy(params[0].memref.buffer, name, size);
    params[0].memref.size = size;
    return TEE_SUCCESS;
}

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    (void)sessionContext;
    commands++;
    void **block = TEE_Malloc(512, TEE_MALLOC_FILL_ZERO);
    if (!block) return TEE_ERROR_OUT_OF_MEMORY;
    *block = lastBlock;
    lastBlock = block;
    blocks++;
    switch (commandID) {
    case SNAPSHOTS_COUNT: EXPECT_TYPES(VALUE_OUT, VALUE_OUT, NONE, NONE); return count(params);
    case SNAPSHOTS_DIGEST:
        EXPECT_TYPES(MEMORY_IN, MEMORY_OUT, NONE, NONE);
        return TEE_DigestDoFinal(digest, params[0].memref.buffer, params[0].memref.size, params[1].memref.buffer, &params[1].memref.size);
    case SNAPSHOTS_READ: EXPECT_TYPES(MEMORY_OUT, VALUE_IN, NONE, NONE); return read(params);
    case SNAPSHOTS_MAP: EXPECT_TYPES(VALUE_OUT, VALUE_OUT, NONE, NONE); return map(params);
    case SNAPSHOTS_TOUCH:
        EXPECT_TYPES(VALUE_IN, NONE, NONE, NONE);
        touch(params[0].value.a);
        return TEE_SUCCESS;
    case SNAPSHOTS_PANIC: TEE_Panic(0xbad);
    case SNAPSHOTS_POPULATE: EXPECT_TYPES(VALUE_OUT, NONE, NONE, NONE); return populate(params);
    case SNAPSHOTS_NEXT: EXPECT_TYPES(MEMORY_OUT, NONE, NONE, NONE); return next(params);
    case SNAPSHOTS_LOOP:
        for (;;) __asm__ volatile("");
    default: return TEE_ERROR_NOT_SUPPORTED;
    }
}
