// Objects in general and transient ones (TEE Internal Core API 1.3.1, 5.5 and 5.6). A handle is the core's number of the object.
#include <string.h>

#include "ta_runtime.h"

void attributes_to_core(struct core_attributes *to, const TEE_Attribute *from, uint32_t count) {
    require(from || !count);
    to->list = to->inPlace;
    if (count > ARRAY_SIZE(to->inPlace)) {
        size_t size;
        if (__builtin_mul_overflow((size_t)count, sizeof(struct utee_attribute), &size)) TEE_Panic(TEE_ERROR_BAD_PARAMETERS);
        to->list = TEE_Malloc(size, TEE_MALLOC_FILL_ZERO);
        if (!to->list) TEE_Panic(TEE_ERROR_OUT_OF_MEMORY);
    }
    for (uint32_t index = 0; index < count; index++) {
        const TEE_Attribute *attribute = &from[index];
        bool isValue = attribute->attributeID & TEE_ATTR_FLAG_VALUE;
        to->list[index] = (struct utee_attribute){
            .a = isValue ? attribute->content.value.a : (uint64_t)(uintptr_t)attribute->content.ref.buffer,
            .b = isValue ? attribute->content.value.b : attribute->content.ref.length,
            .attribute_id = attribute->attributeID,
        };
    }
}

void attributes_free(struct core_attributes *attributes) {
    if (attributes->list != attributes->inPlace) TEE_Free(attributes->list);
}

void object_info_from_core(TEE_ObjectInfo *to, const struct utee_object_info *from) {
    *to = (TEE_ObjectInfo){
        .objectType = from->obj_type,
        .objectSize = from->obj_size,
        .maxObjectSize = from->max_obj_size,
        .objectUsage = from->obj_usage,
        .dataSize = from->data_size,
        .dataPosition = from->data_pos,
        .handleFlags = from->handle_flags,
    };
}

TEE_Result TEE_GetObjectInfo1(TEE_ObjectHandle object, TEE_ObjectInfo *objectInfo) {
    require(objectInfo);
    struct utee_object_info info = {0};
    TEE_Result result = ALLOWED(_utee_cryp_obj_get_info(number_of(object), &info), TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_STORAGE_NOT_AVAILABLE);
    if (result == TEE_SUCCESS) object_info_from_core(objectInfo, &info);
    return result;
}

void TEE_GetObjectInfo(TEE_ObjectHandle object, TEE_ObjectInfo *objectInfo) {
    if (TEE_GetObjectInfo1(object, objectInfo) == TEE_SUCCESS) return;
    memset(objectInfo, 0, sizeof(*objectInfo));
    objectInfo->objectType = TEE_TYPE_CORRUPTED_OBJECT;
}

TEE_Result TEE_RestrictObjectUsage1(TEE_ObjectHandle object, uint32_t objectUsage) {
    return ALLOWED(_utee_cryp_obj_restrict_usage(number_of(object), objectUsage), TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_STORAGE_NOT_AVAILABLE);
}
void TEE_RestrictObjectUsage(TEE_ObjectHandle object, uint32_t objectUsage) { (void)TEE_RestrictObjectUsage1(object, objectUsage); }

TEE_Result TEE_GetObjectBufferAttribute(TEE_ObjectHandle object, uint32_t attributeID, void *buffer, size_t *size) {
    require(size && !(attributeID & TEE_ATTR_FLAG_VALUE));
    uint64_t length = buffer ? *size : 0;
    TEE_Result result = ALLOWED(_utee_cryp_obj_get_attr(number_of(object), attributeID, buffer, &length), TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_SHORT_BUFFER,
                                TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_STORAGE_NOT_AVAILABLE);
    if (result == TEE_SUCCESS || result == TEE_ERROR_SHORT_BUFFER) *size = length;
    return result;
}

TEE_Result TEE_GetObjectValueAttribute(TEE_ObjectHandle object, uint32_t attributeID, uint32_t *a, uint32_t *b) {
    require(attributeID & TEE_ATTR_FLAG_VALUE);
    uint32_t values[2] = {0, 0};
    uint64_t length = sizeof(values);
    TEE_Result result = ALLOWED(_utee_cryp_obj_get_attr(number_of(object), attributeID, values, &length), TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_CORRUPT_OBJECT,
                                TEE_ERROR_STORAGE_NOT_AVAILABLE);
    if (result != TEE_SUCCESS) return result;
    if (length != sizeof(values)) TEE_Panic(TEE_ERROR_BAD_FORMAT);
    if (a) *a = values[0];
    if (b) *b = values[1];
    return result;
}

void TEE_CloseObject(TEE_ObjectHandle object) {
    if (object != TEE_HANDLE_NULL) ALLOWED(_utee_cryp_obj_close(number_of(object)));
}

TEE_Result __GP11_TEE_AllocateTransientObject(TEE_ObjectType objectType, uint32_t maxObjectSize, TEE_ObjectHandle *object) {
    require(object);
    uint32_t number = 0;
    TEE_Result result = ALLOWED(_utee_cryp_obj_alloc(objectType, maxObjectSize, &number), TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_NOT_SUPPORTED);
    *object = result == TEE_SUCCESS ? (TEE_ObjectHandle)(uintptr_t)number : TEE_HANDLE_NULL;
    return result;
}

TEE_Result TEE_AllocateTransientObject(TEE_ObjectType objectType, uint32_t maxObjectSize, TEE_ObjectHandle *object) {
    require(object);
    // Of data alone there are persistent objects only, which version 1.1 did not say (5.6.1).
    if (objectType != TEE_TYPE_DATA) return __GP11_TEE_AllocateTransientObject(objectType, maxObjectSize, object);
    *object = TEE_HANDLE_NULL;
    return TEE_ERROR_NOT_SUPPORTED;
}

static struct utee_object_info info_of_transient(TEE_ObjectHandle object) {
    struct utee_object_info info = {0};
    ALLOWED(_utee_cryp_obj_get_info(number_of(object), &info));
    require(!(info.handle_flags & TEE_HANDLE_FLAG_PERSISTENT));
    return info;
}

void TEE_FreeTransientObject(TEE_ObjectHandle object) {
    if (object == TEE_HANDLE_NULL) return;
    info_of_transient(object);
    ALLOWED(_utee_cryp_obj_close(number_of(object)));
}

void TEE_ResetTransientObject(TEE_ObjectHandle object) {
    if (object == TEE_HANDLE_NULL) return;
    info_of_transient(object);
    ALLOWED(_utee_cryp_obj_reset(number_of(object)));
}

TEE_Result TEE_PopulateTransientObject(TEE_ObjectHandle object, const TEE_Attribute *attrs, uint32_t attrCount) {
    require(!(info_of_transient(object).handle_flags & TEE_HANDLE_FLAG_INITIALIZED));
    struct core_attributes attributes;
    attributes_to_core(&attributes, attrs, attrCount);
    TEE_Result result = ALLOWED(_utee_cryp_obj_populate(number_of(object), attributes.list, attrCount), TEE_ERROR_BAD_PARAMETERS);
    attributes_free(&attributes);
    return result;
}

void TEE_InitRefAttribute(TEE_Attribute *attr, uint32_t attributeID, const void *buffer, size_t length) {
    require(attr && !(attributeID & TEE_ATTR_FLAG_VALUE));
    *attr = (TEE_Attribute){.attributeID = attributeID, .content.ref = {(void *)(uintptr_t)buffer, length}};
}

void TEE_InitValueAttribute(TEE_Attribute *attr, uint32_t attributeID, uint32_t a, uint32_t b) {
    require(attr && (attributeID & TEE_ATTR_FLAG_VALUE));
    *attr = (TEE_Attribute){.attributeID = attributeID, .content.value = {a, b}};
}

TEE_Result TEE_CopyObjectAttributes1(TEE_ObjectHandle destObject, TEE_ObjectHandle srcObject) {
    struct utee_object_info source = {0};
    require(!(info_of_transient(destObject).handle_flags & TEE_HANDLE_FLAG_INITIALIZED));
    TEE_Result result = ALLOWED(_utee_cryp_obj_get_info(number_of(srcObject), &source), TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_STORAGE_NOT_AVAILABLE);
    if (result != TEE_SUCCESS) return result;
    require(source.handle_flags & TEE_HANDLE_FLAG_INITIALIZED);
    return ALLOWED(_utee_cryp_obj_copy(number_of(destObject), number_of(srcObject)), TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_STORAGE_NOT_AVAILABLE);
}

void TEE_CopyObjectAttributes(TEE_ObjectHandle destObject, TEE_ObjectHandle srcObject) { (void)TEE_CopyObjectAttributes1(destObject, srcObject); }

TEE_Result TEE_GenerateKey(TEE_ObjectHandle object, uint32_t keySize, const TEE_Attribute *params, uint32_t paramCount) {
    require(!(info_of_transient(object).handle_flags & TEE_HANDLE_FLAG_INITIALIZED));
    struct core_attributes attributes;
    attributes_to_core(&attributes, params, paramCount);
    TEE_Result result = ALLOWED(_utee_cryp_obj_generate_key(number_of(object), keySize, attributes.list, paramCount), TEE_ERROR_BAD_PARAMETERS);
    attributes_free(&attributes);
    return result;
}
