// Persistent objects and their data streams (TEE Internal Core API 1.3.1, 5.7 to 5.9).
#include "ta_runtime.h"

TEE_Result TEE_OpenPersistentObject(uint32_t storageID, const void *objectID, size_t objectIDLen, uint32_t flags, TEE_ObjectHandle *object) {
    require(object && objectIDLen <= TEE_OBJECT_ID_MAX_LEN && (objectID || !objectIDLen));
    uint32_t number = 0;
    TEE_Result result = ALLOWED(_utee_storage_obj_open(storageID, objectID, objectIDLen, flags, &number), TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_ACCESS_CONFLICT,
                                TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_STORAGE_NOT_AVAILABLE);
    *object = result == TEE_SUCCESS ? (TEE_ObjectHandle)(uintptr_t)number : TEE_HANDLE_NULL;
    return result;
}

TEE_Result TEE_CreatePersistentObject(uint32_t storageID, const void *objectID, size_t objectIDLen, uint32_t flags, TEE_ObjectHandle attributes, const void *initialData,
                                      size_t initialDataLen, TEE_ObjectHandle *object) {
    require(objectIDLen <= TEE_OBJECT_ID_MAX_LEN && (objectID || !objectIDLen) && (initialData || !initialDataLen));
    uint32_t number = 0;
    // Nowhere to put a handle: the object with the attributes becomes the stored one, if it is transient (5.7.2).
    TEE_Result result = ALLOWED(_utee_storage_obj_create(storageID, objectID, objectIDLen, flags, number_of(attributes), initialData, initialDataLen, object ? &number : NULL),
                                TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_ACCESS_CONFLICT, TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_STORAGE_NO_SPACE, TEE_ERROR_CORRUPT_OBJECT,
                                TEE_ERROR_STORAGE_NOT_AVAILABLE);
    if (object) *object = result == TEE_SUCCESS ? (TEE_ObjectHandle)(uintptr_t)number : TEE_HANDLE_NULL;
    return result;
}

TEE_Result TEE_CloseAndDeletePersistentObject1(TEE_ObjectHandle object) {
    if (object == TEE_HANDLE_NULL) return TEE_SUCCESS;
    return ALLOWED(_utee_storage_obj_del(number_of(object)), TEE_ERROR_STORAGE_NOT_AVAILABLE);
}
void TEE_CloseAndDeletePersistentObject(TEE_ObjectHandle object) { (void)TEE_CloseAndDeletePersistentObject1(object); }

TEE_Result TEE_RenamePersistentObject(TEE_ObjectHandle object, const void *newObjectID, size_t newObjectIDLen) {
    require(object != TEE_HANDLE_NULL && newObjectIDLen <= TEE_OBJECT_ID_MAX_LEN && (newObjectID || !newObjectIDLen));
    return ALLOWED(_utee_storage_obj_rename(number_of(object), newObjectID, newObjectIDLen), TEE_ERROR_ACCESS_CONFLICT, TEE_ERROR_CORRUPT_OBJECT,
                   TEE_ERROR_STORAGE_NOT_AVAILABLE);
}

TEE_Result TEE_AllocatePersistentObjectEnumerator(TEE_ObjectEnumHandle *objectEnumerator) {
    require(objectEnumerator);
    uint32_t number = 0;
    TEE_Result result = ALLOWED(_utee_storage_alloc_enum(&number), TEE_ERROR_OUT_OF_MEMORY);
    *objectEnumerator = result == TEE_SUCCESS ? (TEE_ObjectEnumHandle)(uintptr_t)number : TEE_HANDLE_NULL;
    return result;
}

void TEE_FreePersistentObjectEnumerator(TEE_ObjectEnumHandle objectEnumerator) {
    if (objectEnumerator != TEE_HANDLE_NULL) ALLOWED(_utee_storage_free_enum(number_of(objectEnumerator)));
}

void TEE_ResetPersistentObjectEnumerator(TEE_ObjectEnumHandle objectEnumerator) {
    if (objectEnumerator != TEE_HANDLE_NULL) ALLOWED(_utee_storage_reset_enum(number_of(objectEnumerator)));
}

TEE_Result TEE_StartPersistentObjectEnumerator(TEE_ObjectEnumHandle objectEnumerator, uint32_t storageID) {
    return ALLOWED(_utee_storage_start_enum(number_of(objectEnumerator), storageID), TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_STORAGE_NOT_AVAILABLE);
}

TEE_Result TEE_GetNextPersistentObject(TEE_ObjectEnumHandle objectEnumerator, TEE_ObjectInfo *objectInfo, void *objectID, size_t *objectIDLen) {
    require(objectID && objectIDLen);
    struct utee_object_info info = {0};
    // An output only: the buffer is one of TEE_OBJECT_ID_MAX_LEN bytes, whatever was in the length.
    uint64_t length = TEE_OBJECT_ID_MAX_LEN;
    TEE_Result result = ALLOWED(_utee_storage_next_enum(number_of(objectEnumerator), &info, objectID, &length), TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_CORRUPT_OBJECT,
                                TEE_ERROR_STORAGE_NOT_AVAILABLE);
    if (result != TEE_SUCCESS) return result;
    if (objectInfo) object_info_from_core(objectInfo, &info);
    *objectIDLen = length;
    return result;
}

TEE_Result TEE_ReadObjectData(TEE_ObjectHandle object, void *buffer, size_t size, size_t *count) {
    require(object != TEE_HANDLE_NULL && count && (buffer || !size));
    uint64_t done = 0;
    TEE_Result result = ALLOWED(_utee_storage_obj_read(number_of(object), buffer, size, &done), TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_STORAGE_NOT_AVAILABLE);
    *count = done;
    return result;
}

TEE_Result TEE_WriteObjectData(TEE_ObjectHandle object, const void *buffer, size_t size) {
    require(object != TEE_HANDLE_NULL && (buffer || !size));
    if (size > TEE_DATA_MAX_POSITION) return TEE_ERROR_OVERFLOW;
    return ALLOWED(_utee_storage_obj_write(number_of(object), buffer, size), TEE_ERROR_STORAGE_NO_SPACE, TEE_ERROR_OVERFLOW, TEE_ERROR_CORRUPT_OBJECT,
                   TEE_ERROR_STORAGE_NOT_AVAILABLE);
}

TEE_Result TEE_TruncateObjectData(TEE_ObjectHandle object, size_t size) {
    require(object != TEE_HANDLE_NULL);
    return ALLOWED(_utee_storage_obj_trunc(number_of(object), size), TEE_ERROR_STORAGE_NO_SPACE, TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_STORAGE_NOT_AVAILABLE);
}

/// Where a seek ends: before the start is the start (5.9.4).
static TEE_Result target_of(TEE_ObjectHandle object, intmax_t offset, TEE_Whence whence, uint32_t *target) {
    TEE_ObjectInfo info;
    TEE_Result result = TEE_GetObjectInfo1(object, &info);
    if (result != TEE_SUCCESS) return result;
    intmax_t base = whence == TEE_DATA_SEEK_SET ? 0 : (intmax_t)(whence == TEE_DATA_SEEK_CUR ? info.dataPosition : info.dataSize);
    intmax_t position;
    if (__builtin_add_overflow(base, offset, &position)) return TEE_ERROR_OVERFLOW;
    if (position < 0) position = 0;
    if (position > (intmax_t)TEE_DATA_MAX_POSITION) return TEE_ERROR_OVERFLOW;
    *target = (uint32_t)position;
    return TEE_SUCCESS;
}

TEE_Result TEE_SeekObjectData(TEE_ObjectHandle object, intmax_t offset, TEE_Whence whence) {
    require(object != TEE_HANDLE_NULL && whence <= TEE_DATA_SEEK_END);
    TEE_Result result;
    if (offset >= INT32_MIN && offset <= 0) {
        result = _utee_storage_obj_seek(number_of(object), (int32_t)offset, whence);
    } else {
        // The call into the core takes 32 bits with a sign: further is more than one step. What is beyond the last position is refused here, for the core calls it a bad
        // parameter.
        uint32_t left = 0;
        result = target_of(object, offset, whence, &left);
        for (uint32_t whenceOfStep = TEE_DATA_SEEK_SET; result == TEE_SUCCESS && (left || whenceOfStep == TEE_DATA_SEEK_SET); whenceOfStep = TEE_DATA_SEEK_CUR) {
            uint32_t step = left > INT32_MAX ? INT32_MAX : left;
            result = _utee_storage_obj_seek(number_of(object), (int32_t)step, whenceOfStep);
            left -= step;
        }
    }
    return ALLOWED(result, TEE_ERROR_OVERFLOW, TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_STORAGE_NOT_AVAILABLE);
}
