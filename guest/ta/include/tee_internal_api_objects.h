// Objects and trusted storage of the TEE Internal Core API 1.3.1 (chapter 5). Included by tee_internal_api.h.
#ifndef TEE_INTERNAL_API_OBJECTS_H
#define TEE_INTERNAL_API_OBJECTS_H

// Any object.

/// What an object is; all zero for a damaged one. Deprecated (5.5.1).
void TEE_GetObjectInfo(TEE_ObjectHandle object, TEE_ObjectInfo *objectInfo);
/// What an object is; TEE_ERROR_CORRUPT_OBJECT, STORAGE_NOT_AVAILABLE (5.5.2).
TEE_Result TEE_GetObjectInfo1(TEE_ObjectHandle object, TEE_ObjectInfo *objectInfo);
/// As TEE_RestrictObjectUsage1; a damaged object is left alone. Deprecated (5.5.3).
void TEE_RestrictObjectUsage(TEE_ObjectHandle object, uint32_t objectUsage);
/// Clears the usage bits that are clear in `objectUsage` (5.5.4).
TEE_Result TEE_RestrictObjectUsage1(TEE_ObjectHandle object, uint32_t objectUsage);
/// Bytes of an attribute; TEE_ERROR_ITEM_NOT_FOUND, SHORT_BUFFER, CORRUPT_OBJECT, STORAGE_NOT_AVAILABLE (5.5.5).
TEE_Result TEE_GetObjectBufferAttribute(TEE_ObjectHandle object, uint32_t attributeID, void *buffer, size_t *size);
/// Values of an attribute, each pointer may be null (5.5.6).
TEE_Result TEE_GetObjectValueAttribute(TEE_ObjectHandle object, uint32_t attributeID, uint32_t *a, uint32_t *b);
/// Closes an object of any kind; TEE_HANDLE_NULL is fine (5.5.7).
void TEE_CloseObject(TEE_ObjectHandle object);

// Transient objects.

/// An empty object for keys of up to `maxObjectSize` bits; TEE_ERROR_OUT_OF_MEMORY, NOT_SUPPORTED (5.6.1).
TEE_Result TEE_AllocateTransientObject(TEE_ObjectType objectType, uint32_t maxObjectSize, TEE_ObjectHandle *object);
/// Frees it and wipes its key; TEE_HANDLE_NULL is fine (5.6.2).
void TEE_FreeTransientObject(TEE_ObjectHandle object);
/// Wipes its key, so that it is empty again (5.6.3).
void TEE_ResetTransientObject(TEE_ObjectHandle object);
/// Fills it; TEE_ERROR_BAD_PARAMETERS when the attributes do not fit together (5.6.4).
TEE_Result TEE_PopulateTransientObject(TEE_ObjectHandle object, const TEE_Attribute *attrs, uint32_t attrCount);
/// Makes an attribute that points at bytes (5.6.5).
void TEE_InitRefAttribute(TEE_Attribute *attr, uint32_t attributeID, const void *buffer, size_t length);
/// Makes an attribute of two values (5.6.6).
void TEE_InitValueAttribute(TEE_Attribute *attr, uint32_t attributeID, uint32_t a, uint32_t b);
/// As TEE_CopyObjectAttributes1; damaged objects are ignored. Deprecated (5.6.7).
void TEE_CopyObjectAttributes(TEE_ObjectHandle destObject, TEE_ObjectHandle srcObject);
/// Fills an empty object from another one (5.6.8).
TEE_Result TEE_CopyObjectAttributes1(TEE_ObjectHandle destObject, TEE_ObjectHandle srcObject);
/// Fills an empty object with a new key of `keySize` bits; TEE_ERROR_BAD_PARAMETERS (5.6.9).
TEE_Result TEE_GenerateKey(TEE_ObjectHandle object, uint32_t keySize, const TEE_Attribute *params, uint32_t paramCount);

// Persistent objects. An identifier is at most TEE_OBJECT_ID_MAX_LEN bytes of the application's own memory.

/// Opens; TEE_ERROR_ITEM_NOT_FOUND, ACCESS_CONFLICT, OUT_OF_MEMORY, CORRUPT_OBJECT, STORAGE_NOT_AVAILABLE (5.7.1).
TEE_Result TEE_OpenPersistentObject(uint32_t storageID, const void *objectID, size_t objectIDLen, uint32_t flags, TEE_ObjectHandle *object);
/// Creates, replacing an older one if TEE_DATA_FLAG_OVERWRITE; `object` may be null since 1.2 (5.7.2).
TEE_Result TEE_CreatePersistentObject(uint32_t storageID, const void *objectID, size_t objectIDLen, uint32_t flags, TEE_ObjectHandle attributes, const void *initialData,
                                      size_t initialDataLen, TEE_ObjectHandle *object);
/// As TEE_CloseAndDeletePersistentObject1 without a result. Deprecated (5.7.3).
void TEE_CloseAndDeletePersistentObject(TEE_ObjectHandle object);
/// Deletes an object opened with TEE_DATA_FLAG_ACCESS_WRITE_META (5.7.4).
TEE_Result TEE_CloseAndDeletePersistentObject1(TEE_ObjectHandle object);
/// Renames an object opened with TEE_DATA_FLAG_ACCESS_WRITE_META; TEE_ERROR_ACCESS_CONFLICT when the name is taken (5.7.5).
TEE_Result TEE_RenamePersistentObject(TEE_ObjectHandle object, const void *newObjectID, size_t newObjectIDLen);
/// A new enumerator, not started (5.8.1).
TEE_Result TEE_AllocatePersistentObjectEnumerator(TEE_ObjectEnumHandle *objectEnumerator);
/// Frees it; TEE_HANDLE_NULL is fine (5.8.2).
void TEE_FreePersistentObjectEnumerator(TEE_ObjectEnumHandle objectEnumerator);
/// Back to its state after allocation; TEE_HANDLE_NULL is fine (5.8.3).
void TEE_ResetPersistentObjectEnumerator(TEE_ObjectEnumHandle objectEnumerator);
/// Puts it before the first object of a storage; TEE_ERROR_ITEM_NOT_FOUND when there is none (5.8.4).
TEE_Result TEE_StartPersistentObjectEnumerator(TEE_ObjectEnumHandle objectEnumerator, uint32_t storageID);
/// The next object, whose identifier goes to a buffer of TEE_OBJECT_ID_MAX_LEN bytes; TEE_ERROR_ITEM_NOT_FOUND at the end (5.8.5).
TEE_Result TEE_GetNextPersistentObject(TEE_ObjectEnumHandle objectEnumerator, TEE_ObjectInfo *objectInfo, void *objectID, size_t *objectIDLen);

// Data streams.

/// Reads from the position on; `*count` is what was there (5.9.1).
TEE_Result TEE_ReadObjectData(TEE_ObjectHandle object, void *buffer, size_t size, size_t *count);
/// Writes at the position; TEE_ERROR_STORAGE_NO_SPACE, OVERFLOW (5.9.2).
TEE_Result TEE_WriteObjectData(TEE_ObjectHandle object, const void *buffer, size_t size);
/// Sets the length; the position stays (5.9.3).
TEE_Result TEE_TruncateObjectData(TEE_ObjectHandle object, size_t size);
/// Moves the position, also past the end; TEE_ERROR_OVERFLOW past TEE_DATA_MAX_POSITION (5.9.4).
TEE_Result TEE_SeekObjectData(TEE_ObjectHandle object, intmax_t offset, TEE_Whence whence);

#endif
