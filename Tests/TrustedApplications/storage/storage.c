#include "storage.h"

#include "../plain_session.h"

enum { allAccess = TEE_DATA_FLAG_ACCESS_READ | TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_ACCESS_WRITE_META };

/// Identifiers must not lie in memory of the client.
struct identifier {
    uint8_t bytes[TEE_OBJECT_ID_MAX_LEN];
    size_t size;
};

static struct identifier identifier_of(const TEE_Param *param) {
    struct identifier identifier = {.size = param->memref.size < TEE_OBJECT_ID_MAX_LEN ? param->memref.size : TEE_OBJECT_ID_MAX_LEN};
    memcpy(identifier.bytes, param->memref.buffer, identifier.size);
    return identifier;
}

static TEE_Result open(const TEE_Param *param, uint32_t flags, TEE_ObjectHandle *object) {
    struct identifier identifier = identifier_of(param);
    return TEE_OpenPersistentObject(TEE_STORAGE_PRIVATE, identifier.bytes, identifier.size, flags, object);
}

static TEE_Result create(const TEE_Param *param, uint32_t flags, TEE_ObjectHandle attributes, const void *data, size_t size) {
    struct identifier identifier = identifier_of(param);
    TEE_ObjectHandle object;
    TRY(TEE_CreatePersistentObject(TEE_STORAGE_PRIVATE, identifier.bytes, identifier.size, allAccess | flags, attributes, data, size, &object));
    TEE_CloseObject(object);
    return TEE_SUCCESS;
}

static TEE_Result rename(const TEE_Param *from, const TEE_Param *to) {
    TEE_ObjectHandle object;
    struct identifier identifier = identifier_of(to);
    TRY(open(from, allAccess, &object));
    TEE_Result result = TEE_RenamePersistentObject(object, identifier.bytes, identifier.size);
    TEE_CloseObject(object);
    return result;
}

static TEE_Result list(TEE_Param *text, TEE_Param *count) {
    TEE_ObjectEnumHandle enumerator;
    TEE_ObjectInfo info;
    uint8_t identifier[TEE_OBJECT_ID_MAX_LEN];
    size_t size, used = 0;
    TRY(TEE_AllocatePersistentObjectEnumerator(&enumerator));
    TEE_Result result = TEE_StartPersistentObjectEnumerator(enumerator, TEE_STORAGE_PRIVATE);
    count->value.a = 0;
    while (result == TEE_SUCCESS && (result = TEE_GetNextPersistentObject(enumerator, &info, identifier, &size)) == TEE_SUCCESS) {
        count->value.a++;
        if (used + size + 1 > text->memref.size) continue;
        ((uint8_t *)text->memref.buffer)[used++] = (uint8_t)size;
        memcpy((uint8_t *)text->memref.buffer + used, identifier, size);
        used += size;
    }
    TEE_FreePersistentObjectEnumerator(enumerator);
    text->memref.size = used;
    return result == TEE_ERROR_ITEM_NOT_FOUND ? TEE_SUCCESS : result;
}

static TEE_Result transfer(uint32_t commandID, TEE_Param params[TEE_NUM_PARAMS]) {
    TEE_ObjectHandle object;
    TEE_ObjectInfo info;
    TRY(open(&params[0], allAccess, &object));
    TEE_Result result = commandID == STORAGE_TRUNCATE ? TEE_TruncateObjectData(object, params[1].value.a)
                        : commandID == STORAGE_SEEK   ? TEE_SeekObjectData(object, params[2].value.a, TEE_DATA_SEEK_SET)
                                                      : TEE_SeekObjectData(object, params[1].value.a, TEE_DATA_SEEK_SET);
    if (result == TEE_SUCCESS && commandID == STORAGE_SEEK) {
        result = TEE_SeekObjectData(object, (int32_t)params[1].value.a, params[1].value.b);
        if (result == TEE_SUCCESS) result = TEE_GetObjectInfo1(object, &info);
        if (result == TEE_SUCCESS) params[3].value.a = (uint32_t)info.dataPosition, params[3].value.b = (uint32_t)info.dataSize;
    }
    if (result == TEE_SUCCESS && commandID == STORAGE_READ) {
        void *copy = TEE_Malloc(params[2].memref.size, 0);
        if (!copy) return TEE_ERROR_OUT_OF_MEMORY;
        result = TEE_ReadObjectData(object, copy, params[2].memref.size, &params[2].memref.size);
        memcpy(params[2].memref.buffer, copy, params[2].memref.size);
        TEE_Free(copy);
    }
    // What a client could change meanwhile is not written.
    if (result == TEE_SUCCESS && commandID == STORAGE_WRITE) {
        void *copy = TEE_Malloc(params[2].memref.size, 0);
        if (!copy) return TEE_ERROR_OUT_OF_MEMORY;
        memcpy(copy, params[2].memref.buffer, params[2].memref.size);
        result = TEE_WriteObjectData(object, copy, params[2].memref.size);
        TEE_Free(copy);
    }
    TEE_CloseObject(object);
    return result;
}

static TEE_Result keep_key(TEE_Param params[TEE_NUM_PARAMS]) {
    TEE_ObjectHandle key, kept;
    TEE_ObjectInfo info;
    uint8_t made[32], found[32];
    size_t madeSize = sizeof(made), foundSize = sizeof(found);
    TRY(TEE_AllocateTransientObject(TEE_TYPE_AES, 256, &key));
    TRY(TEE_GenerateKey(key, 256, NULL, 0));
    TRY(TEE_GetObjectBufferAttribute(key, TEE_ATTR_SECRET_VALUE, made, &madeSize));
    TRY(create(&params[0], TEE_DATA_FLAG_OVERWRITE, key, NULL, 0));
    TEE_FreeTransientObject(key);
    TRY(open(&params[0], TEE_DATA_FLAG_ACCESS_READ, &kept));
    TRY(TEE_GetObjectInfo1(kept, &info));
    TRY(TEE_GetObjectBufferAttribute(kept, TEE_ATTR_SECRET_VALUE, found, &foundSize));
    TEE_CloseObject(kept);
    params[1].value.a = info.objectType;
    params[1].value.b = info.objectSize;
    return foundSize == madeSize && !TEE_MemCompare(made, found, madeSize) ? TEE_SUCCESS : TEE_ERROR_GENERIC;
}

/// Without a place for a handle the transient object itself becomes the persistent one.
static TEE_Result become(TEE_Param params[TEE_NUM_PARAMS]) {
    struct identifier identifier = identifier_of(&params[0]);
    TEE_ObjectHandle key, kept;
    TEE_ObjectInfo info;
    uint8_t made[16], found[16];
    size_t size = sizeof(made);
    TRY(TEE_AllocateTransientObject(TEE_TYPE_AES, 128, &key));
    TRY(TEE_GenerateKey(key, 128, NULL, 0));
    TRY(TEE_GetObjectBufferAttribute(key, TEE_ATTR_SECRET_VALUE, made, &size));
    TRY(TEE_CreatePersistentObject(TEE_STORAGE_PRIVATE, identifier.bytes, identifier.size, allAccess | TEE_DATA_FLAG_OVERWRITE, key, "first", 5, NULL));
    TRY(TEE_SeekObjectData(key, 0, TEE_DATA_SEEK_END));
    TRY(TEE_WriteObjectData(key, ", then", 6));
    TRY(TEE_GetObjectInfo1(key, &info));
    params[1].value.a = info.handleFlags;
    params[1].value.b = info.dataSize;
    TEE_CloseObject(key);
    TRY(open(&params[0], allAccess, &kept));
    size = sizeof(found);
    TRY(TEE_GetObjectBufferAttribute(kept, TEE_ATTR_SECRET_VALUE, found, &size));
    TRY(TEE_GetObjectInfo1(kept, &info));
    TRY(TEE_CloseAndDeletePersistentObject1(kept));
    return info.dataSize == 11 && size == sizeof(made) && !TEE_MemCompare(made, found, size) ? TEE_SUCCESS : TEE_ERROR_GENERIC;
}

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    (void)sessionContext;
    TEE_ObjectHandle object, second;
    switch (commandID) {
    case STORAGE_CREATE:
        EXPECT_TYPES(MEMORY_IN, MEMORY_IN, VALUE_IN, NONE);
        return create(&params[0], params[2].value.a, TEE_HANDLE_NULL, params[1].memref.buffer, params[1].memref.size);
    case STORAGE_READ: EXPECT_TYPES(MEMORY_IN, VALUE_IN, MEMORY_OUT, NONE); return transfer(commandID, params);
    case STORAGE_WRITE: EXPECT_TYPES(MEMORY_IN, VALUE_IN, MEMORY_IN, NONE); return transfer(commandID, params);
    case STORAGE_TRUNCATE: EXPECT_TYPES(MEMORY_IN, VALUE_IN, NONE, NONE); return transfer(commandID, params);
    case STORAGE_SEEK: EXPECT_TYPES(MEMORY_IN, VALUE_IN, VALUE_IN, VALUE_OUT); return transfer(commandID, params);
    case STORAGE_RENAME: EXPECT_TYPES(MEMORY_IN, MEMORY_IN, NONE, NONE); return rename(&params[0], &params[1]);
    case STORAGE_DELETE:
        EXPECT_TYPES(MEMORY_IN, NONE, NONE, NONE);
        TRY(open(&params[0], allAccess, &object));
        return TEE_CloseAndDeletePersistentObject1(object);
    case STORAGE_LIST: EXPECT_TYPES(MEMORY_OUT, VALUE_OUT, NONE, NONE); return list(&params[0], &params[1]);
    case STORAGE_OPEN_TWICE:
        EXPECT_TYPES(MEMORY_IN, VALUE_IN, VALUE_OUT, NONE);
        params[2].value.a = open(&params[0], params[1].value.a, &object);
        params[2].value.b = open(&params[0], params[1].value.b, &second);
        TEE_CloseObject(object);
        TEE_CloseObject(second);
        return TEE_SUCCESS;
    case STORAGE_KEY: EXPECT_TYPES(MEMORY_IN, VALUE_OUT, NONE, NONE); return keep_key(params);
    case STORAGE_BECOME: EXPECT_TYPES(MEMORY_IN, VALUE_OUT, NONE, NONE); return become(params);
    case STORAGE_TRANSIENT_DATA: return TEE_AllocateTransientObject(TEE_TYPE_DATA, 0, &object);
    default: return TEE_ERROR_NOT_SUPPORTED;
    }
}
