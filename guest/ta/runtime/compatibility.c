// Version 1.1 of the API over version 1.3.1: the same functions with lengths of 32 bits, and the types that have such lengths in them.
#include "ta_runtime.h"

/// A length on its way in and back. Lengths of buffers stay below 4 GiB, as they fit into 32 bits before.
struct length {
    size_t value;
    uint32_t *owner;
};
static struct length length_in(uint32_t *owner) {
    require(owner);
    return (struct length){*owner, owner};
}
static TEE_Result length_out(TEE_Result result, const struct length *length) {
    *length->owner = (uint32_t)length->value;
    return result;
}

/// The attributes in today's form. The list is as long as the caller's, which fits into its memory.
static const TEE_Attribute *attributes_in(TEE_Attribute *to, const __GP11_TEE_Attribute *from, uint32_t count) {
    require(from || !count);
    for (uint32_t index = 0; index < count; index++) {
        to[index].attributeID = from[index].attributeID;
        if (from[index].attributeID & TEE_ATTR_FLAG_VALUE) {
            to[index].content.value.a = from[index].content.value.a;
            to[index].content.value.b = from[index].content.value.b;
        } else {
            to[index].content.ref.buffer = from[index].content.ref.buffer;
            to[index].content.ref.length = from[index].content.ref.length;
        }
    }
    return count ? to : NULL;
}
/// More attributes than any function takes are refused before they take up the stack.
static uint32_t checked_count(uint32_t count) {
    require(count <= 64);
    return count;
}
#define ATTRIBUTES(name, from, count) \
    TEE_Attribute name##Room[checked_count(count) + 1]; \
    const TEE_Attribute *name = attributes_in(name##Room, from, count)

static void params_in(TEE_Param to[TEE_NUM_PARAMS], const __GP11_TEE_Param *from, uint32_t types) {
    for (int index = 0; from && index < TEE_NUM_PARAMS; index++) {
        if (TEE_PARAM_TYPE_GET(types, index) >= TEE_PARAM_TYPE_MEMREF_INPUT) {
            to[index].memref.buffer = from[index].memref.buffer;
            to[index].memref.size = from[index].memref.size;
        } else {
            to[index].value.a = from[index].value.a;
            to[index].value.b = from[index].value.b;
        }
    }
}
static void params_out(__GP11_TEE_Param *to, const TEE_Param from[TEE_NUM_PARAMS], uint32_t types) {
    for (int index = 0; to && index < TEE_NUM_PARAMS; index++) {
        uint32_t type = TEE_PARAM_TYPE_GET(types, index);
        if (type >= TEE_PARAM_TYPE_MEMREF_INPUT) {
            to[index].memref.size = (uint32_t)from[index].memref.size;
        } else if (type != TEE_PARAM_TYPE_NONE) {
            to[index].value.a = from[index].value.a;
            to[index].value.b = from[index].value.b;
        }
    }
}

static void info_out(__GP11_TEE_ObjectInfo *to, const TEE_ObjectInfo *from) {
    *to = (__GP11_TEE_ObjectInfo){.objectType = from->objectType,
                                  .objectUsage = from->objectUsage,
                                  .dataSize = (uint32_t)from->dataSize,
                                  .dataPosition = (uint32_t)from->dataPosition,
                                  .handleFlags = from->handleFlags};
    to->objectSize = from->objectSize;
    to->maxObjectSize = from->maxObjectSize;
}

TEE_Result __GP11_TEE_GetPropertyAsString(TEE_PropSetHandle propsetOrEnumerator, const char *name, char *valueBuffer, uint32_t *valueBufferLen) {
    struct length length = length_in(valueBufferLen);
    return length_out(TEE_GetPropertyAsString(propsetOrEnumerator, name, valueBuffer, &length.value), &length);
}

TEE_Result __GP11_TEE_GetPropertyAsBinaryBlock(TEE_PropSetHandle propsetOrEnumerator, const char *name, void *valueBuffer, uint32_t *valueBufferLen) {
    struct length length = length_in(valueBufferLen);
    return length_out(TEE_GetPropertyAsBinaryBlock(propsetOrEnumerator, name, valueBuffer, &length.value), &length);
}

TEE_Result __GP11_TEE_GetPropertyName(TEE_PropSetHandle enumerator, void *nameBuffer, uint32_t *nameBufferLen) {
    struct length length = length_in(nameBufferLen);
    return length_out(TEE_GetPropertyName(enumerator, nameBuffer, &length.value), &length);
}

TEE_Result __GP11_TEE_OpenTASession(const TEE_UUID *destination, uint32_t cancellationRequestTimeout, uint32_t paramTypes, __GP11_TEE_Param params[TEE_NUM_PARAMS],
                                    TEE_TASessionHandle *session, uint32_t *returnOrigin) {
    TEE_Param today[TEE_NUM_PARAMS];
    params_in(today, params, paramTypes);
    TEE_Result result = TEE_OpenTASession(destination, cancellationRequestTimeout, paramTypes, params ? today : NULL, session, returnOrigin);
    params_out(params, today, paramTypes);
    return result;
}

TEE_Result __GP11_TEE_InvokeTACommand(TEE_TASessionHandle session, uint32_t cancellationRequestTimeout, uint32_t commandID, uint32_t paramTypes,
                                      __GP11_TEE_Param params[TEE_NUM_PARAMS], uint32_t *returnOrigin) {
    TEE_Param today[TEE_NUM_PARAMS];
    params_in(today, params, paramTypes);
    TEE_Result result = TEE_InvokeTACommand(session, cancellationRequestTimeout, commandID, paramTypes, params ? today : NULL, returnOrigin);
    params_out(params, today, paramTypes);
    return result;
}

void __GP11_TEE_GetObjectInfo(TEE_ObjectHandle object, __GP11_TEE_ObjectInfo *objectInfo) {
    require(objectInfo);
    TEE_ObjectInfo info;
    TEE_GetObjectInfo(object, &info);
    info_out(objectInfo, &info);
}

TEE_Result __GP11_TEE_GetObjectInfo1(TEE_ObjectHandle object, __GP11_TEE_ObjectInfo *objectInfo) {
    require(objectInfo);
    TEE_ObjectInfo info;
    TEE_Result result = TEE_GetObjectInfo1(object, &info);
    if (result == TEE_SUCCESS) info_out(objectInfo, &info);
    return result;
}

TEE_Result __GP11_TEE_GetObjectBufferAttribute(TEE_ObjectHandle object, uint32_t attributeID, void *buffer, uint32_t *size) {
    struct length length = length_in(size);
    return length_out(TEE_GetObjectBufferAttribute(object, attributeID, buffer, &length.value), &length);
}

TEE_Result __GP11_TEE_PopulateTransientObject(TEE_ObjectHandle object, const __GP11_TEE_Attribute *attrs, uint32_t attrCount) {
    ATTRIBUTES(today, attrs, attrCount);
    return TEE_PopulateTransientObject(object, today, attrCount);
}

void __GP11_TEE_InitRefAttribute(__GP11_TEE_Attribute *attr, uint32_t attributeID, const void *buffer, uint32_t length) {
    require(attr && !(attributeID & TEE_ATTR_FLAG_VALUE));
    attr->attributeID = attributeID;
    attr->content.ref.buffer = (void *)(uintptr_t)buffer;
    attr->content.ref.length = length;
}

void __GP11_TEE_InitValueAttribute(__GP11_TEE_Attribute *attr, uint32_t attributeID, uint32_t a, uint32_t b) {
    require(attr && (attributeID & TEE_ATTR_FLAG_VALUE));
    attr->attributeID = attributeID;
    attr->content.value.a = a;
    attr->content.value.b = b;
}

TEE_Result __GP11_TEE_GenerateKey(TEE_ObjectHandle object, uint32_t keySize, const __GP11_TEE_Attribute *params, uint32_t paramCount) {
    ATTRIBUTES(today, params, paramCount);
    return TEE_GenerateKey(object, keySize, today, paramCount);
}

TEE_Result __GP11_TEE_GetNextPersistentObject(TEE_ObjectEnumHandle objectEnumerator, __GP11_TEE_ObjectInfo *objectInfo, void *objectID, uint32_t *objectIDLen) {
    require(objectIDLen);
    // Only the identifier comes out: its room is not given.
    size_t length = *objectIDLen;
    TEE_ObjectInfo info;
    TEE_Result result = TEE_GetNextPersistentObject(objectEnumerator, objectInfo ? &info : NULL, objectID, &length);
    *objectIDLen = (uint32_t)length;
    if (result == TEE_SUCCESS && objectInfo) info_out(objectInfo, &info);
    return result;
}

TEE_Result __GP11_TEE_ReadObjectData(TEE_ObjectHandle object, void *buffer, uint32_t size, uint32_t *count) {
    struct length length = length_in(count);
    return length_out(TEE_ReadObjectData(object, buffer, size, &length.value), &length);
}

TEE_Result __GP11_TEE_GetOperationInfoMultiple(TEE_OperationHandle operation, TEE_OperationInfoMultiple *operationInfoMultiple, uint32_t *operationSize) {
    struct length length = length_in(operationSize);
    return length_out(TEE_GetOperationInfoMultiple(operation, operationInfoMultiple, &length.value), &length);
}

TEE_Result __GP11_TEE_DigestDoFinal(TEE_OperationHandle operation, const void *chunk, uint32_t chunkLen, void *hash, uint32_t *hashLen) {
    struct length length = length_in(hashLen);
    return length_out(TEE_DigestDoFinal(operation, chunk, chunkLen, hash, &length.value), &length);
}

TEE_Result __GP11_TEE_CipherUpdate(TEE_OperationHandle operation, const void *srcData, uint32_t srcLen, void *destData, uint32_t *destLen) {
    struct length length = length_in(destLen);
    return length_out(TEE_CipherUpdate(operation, srcData, srcLen, destData, &length.value), &length);
}

TEE_Result __GP11_TEE_CipherDoFinal(TEE_OperationHandle operation, const void *srcData, uint32_t srcLen, void *destData, uint32_t *destLen) {
    // A cipher whose last block gives nothing takes no room either.
    if (!destLen) return TEE_CipherDoFinal(operation, srcData, srcLen, destData, NULL);
    struct length length = length_in(destLen);
    return length_out(TEE_CipherDoFinal(operation, srcData, srcLen, destData, &length.value), &length);
}

TEE_Result __GP11_TEE_MACComputeFinal(TEE_OperationHandle operation, const void *message, uint32_t messageLen, void *mac, uint32_t *macLen) {
    struct length length = length_in(macLen);
    return length_out(TEE_MACComputeFinal(operation, message, messageLen, mac, &length.value), &length);
}

TEE_Result __GP11_TEE_AEUpdate(TEE_OperationHandle operation, const void *srcData, uint32_t srcLen, void *destData, uint32_t *destLen) {
    struct length length = length_in(destLen);
    return length_out(TEE_AEUpdate(operation, srcData, srcLen, destData, &length.value), &length);
}

TEE_Result __GP11_TEE_AEEncryptFinal(TEE_OperationHandle operation, const void *srcData, uint32_t srcLen, void *destData, uint32_t *destLen, void *tag, uint32_t *tagLen) {
    struct length length = length_in(destLen), tagLength = length_in(tagLen);
    TEE_Result result = TEE_AEEncryptFinal(operation, srcData, srcLen, destData, &length.value, tag, &tagLength.value);
    length_out(result, &length);
    return length_out(result, &tagLength);
}

TEE_Result __GP11_TEE_AEDecryptFinal(TEE_OperationHandle operation, const void *srcData, uint32_t srcLen, void *destData, uint32_t *destLen, void *tag, uint32_t tagLen) {
    struct length length = length_in(destLen);
    return length_out(TEE_AEDecryptFinal(operation, srcData, srcLen, destData, &length.value, tag, tagLen), &length);
}

TEE_Result __GP11_TEE_AsymmetricEncrypt(TEE_OperationHandle operation, const __GP11_TEE_Attribute *params, uint32_t paramCount, const void *srcData, uint32_t srcLen,
                                        void *destData, uint32_t *destLen) {
    ATTRIBUTES(today, params, paramCount);
    struct length length = length_in(destLen);
    return length_out(TEE_AsymmetricEncrypt(operation, today, paramCount, srcData, srcLen, destData, &length.value), &length);
}

TEE_Result __GP11_TEE_AsymmetricDecrypt(TEE_OperationHandle operation, const __GP11_TEE_Attribute *params, uint32_t paramCount, const void *srcData, uint32_t srcLen,
                                        void *destData, uint32_t *destLen) {
    ATTRIBUTES(today, params, paramCount);
    struct length length = length_in(destLen);
    return length_out(TEE_AsymmetricDecrypt(operation, today, paramCount, srcData, srcLen, destData, &length.value), &length);
}

TEE_Result __GP11_TEE_AsymmetricSignDigest(TEE_OperationHandle operation, const __GP11_TEE_Attribute *params, uint32_t paramCount, const void *digest, uint32_t digestLen,
                                           void *signature, uint32_t *signatureLen) {
    ATTRIBUTES(today, params, paramCount);
    struct length length = length_in(signatureLen);
    return length_out(TEE_AsymmetricSignDigest(operation, today, paramCount, digest, digestLen, signature, &length.value), &length);
}

TEE_Result __GP11_TEE_AsymmetricVerifyDigest(TEE_OperationHandle operation, const __GP11_TEE_Attribute *params, uint32_t paramCount, const void *digest, uint32_t digestLen,
                                             const void *signature, uint32_t signatureLen) {
    ATTRIBUTES(today, params, paramCount);
    return TEE_AsymmetricVerifyDigest(operation, today, paramCount, digest, digestLen, signature, signatureLen);
}

void __GP11_TEE_DeriveKey(TEE_OperationHandle operation, const __GP11_TEE_Attribute *params, uint32_t paramCount, TEE_ObjectHandle derivedKey) {
    ATTRIBUTES(today, params, paramCount);
    TEE_DeriveKey(operation, today, paramCount, derivedKey);
}
