// How the specification has an application ask for a version.
#define TEE_CORE_API_REQUIRED_MAJOR_VERSION 1
#define TEE_CORE_API_REQUIRED_MINOR_VERSION 1

#include "version_1_1.h"

#include <inttypes.h>
#include <stdio.h>
#include <tee_ta_api.h>

#include "../plain_session.h"

/// A length, and what must not be written with it.
struct length {
    uint32_t value;
    uint32_t behind;
};
#define LENGTH(size) \
    { (size), 0x5a5a5a5a }
static TEE_Result intact(const struct length *length) { return length->behind == 0x5a5a5a5a ? TEE_SUCCESS : TEE_ERROR_OVERFLOW; }

static TEE_Result give(TEE_Param *to, const void *bytes, uint32_t size) {
    bool fits = to->memref.size >= size;
    to->memref.size = size;
    if (!fits) return TEE_ERROR_SHORT_BUFFER;
    TEE_MemMove(to->memref.buffer, bytes, size);
    return TEE_SUCCESS;
}

static TEE_Result make_key(uint32_t type, const void *bytes, uint32_t size, TEE_ObjectHandle *key) {
    TEE_Attribute attribute;
    TRY(TEE_AllocateTransientObject(type, size * 8, key));
    TEE_InitRefAttribute(&attribute, TEE_ATTR_SECRET_VALUE, bytes, size);
    return TEE_PopulateTransientObject(*key, &attribute, 1);
}

static TEE_Result one_time_password(TEE_Param params[4]) {
    TEE_ObjectHandle key;
    TEE_OperationHandle operation;
    uint8_t counter[8] = {0}, mac[20];
    struct length length = LENGTH(sizeof(mac));
    for (int index = 0; index < 4; index++) counter[7 - index] = (uint8_t)(params[1].value.a >> (8 * index));
    TRY(make_key(TEE_TYPE_HMAC_SHA1, params[0].memref.buffer, params[0].memref.size, &key));
    TRY(TEE_AllocateOperation(&operation, TEE_ALG_HMAC_SHA1, TEE_MODE_MAC, params[0].memref.size * 8));
    TRY(TEE_SetOperationKey(operation, key));
    TEE_MACInit(operation, NULL, 0);
    TEE_MACUpdate(operation, counter, sizeof(counter));
    TRY(TEE_MACComputeFinal(operation, NULL, 0, mac, &length.value));
    TEE_FreeOperation(operation);
    TEE_FreeTransientObject(key);
    TRY(intact(&length));
    const uint8_t *from = mac + (mac[19] & 0xf);
    params[2].value.a = ((uint32_t)(from[0] & 0x7f) << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3]) % 1000000;
    DMSG("password %" PRIu32 " of %u bytes", params[2].value.a, length.value);
    return TEE_SUCCESS;
}

static TEE_Result store(TEE_Param params[4]) {
    TEE_ObjectHandle object;
    TEE_ObjectEnumHandle enumerator;
    TEE_ObjectInfo info;
    char name[TEE_OBJECT_ID_MAX_LEN], data[64];
    struct length length = LENGTH(0), nameLength = LENGTH(sizeof(name));
    if (params[0].memref.size > sizeof(name)) return TEE_ERROR_BAD_PARAMETERS;
    TEE_MemMove(name, params[0].memref.buffer, params[0].memref.size);
    const uint32_t flags = TEE_DATA_FLAG_ACCESS_READ | TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_ACCESS_WRITE_META | TEE_DATA_FLAG_OVERWRITE;
    TRY(TEE_CreatePersistentObject(TEE_STORAGE_PRIVATE, name, params[0].memref.size, flags, TEE_HANDLE_NULL, NULL, 0, &object));
    TRY(TEE_WriteObjectData(object, params[1].memref.buffer, params[1].memref.size));
    TRY(TEE_SeekObjectData(object, 0, TEE_DATA_SEEK_SET));
    TRY(TEE_ReadObjectData(object, data, sizeof(data), &length.value));
    TRY(TEE_GetObjectInfo1(object, &info));
    if (info.dataPosition != length.value || info.objectType != TEE_TYPE_DATA || info.keySize) return TEE_ERROR_GENERIC;
    params[3].value.a = info.dataSize;
    params[3].value.b = 0;
    TRY(TEE_AllocatePersistentObjectEnumerator(&enumerator));
    TRY(TEE_StartPersistentObjectEnumerator(enumerator, TEE_STORAGE_PRIVATE));
    while (TEE_GetNextPersistentObject(enumerator, &info, name, &nameLength.value) == TEE_SUCCESS) {
        if (nameLength.value != params[0].memref.size || info.dataSize != params[1].memref.size) return TEE_ERROR_GENERIC;
        params[3].value.b++;
    }
    TEE_FreePersistentObjectEnumerator(enumerator);
    TRY(TEE_CloseAndDeletePersistentObject1(object));
    TRY(intact(&length));
    TRY(intact(&nameLength));
    return give(&params[2], data, length.value);
}

static TEE_Result properties(TEE_Param params[4]) {
    TEE_PropSetHandle enumerator;
    char text[128], line[160];
    struct length length = LENGTH(sizeof(text)), valueLength = LENGTH(sizeof(text)), shortLength = LENGTH(3);
    TRY(TEE_AllocatePropertyEnumerator(&enumerator));
    TEE_StartPropertyEnumerator(enumerator, TEE_PROPSET_TEE_IMPLEMENTATION);
    for (;;) {
        length.value = sizeof(text);
        TRY(TEE_GetPropertyName(enumerator, text, &length.value));
        if (!strcmp(text, "gpd.tee.apiversion")) break;
        TRY(TEE_GetNextProperty(enumerator));
    }
    int count = snprintf(line, sizeof(line), "%s=", text);
    TRY(TEE_GetPropertyAsString(enumerator, NULL, line + count, &valueLength.value));
    TEE_FreePropertyEnumerator(enumerator);
    TRY(give(&params[0], line, (uint32_t)count + valueLength.value));
    TRY(intact(&length));
    TRY(intact(&valueLength));
    if (TEE_GetPropertyAsString(TEE_PROPSET_CURRENT_TA, "gpd.ta.version", text, &shortLength.value) != TEE_ERROR_SHORT_BUFFER) return TEE_ERROR_GENERIC;
    TRY(intact(&shortLength));
    length.value = sizeof(text);
    TRY(TEE_GetPropertyAsString(TEE_PROPSET_CURRENT_TA, "gpd.ta.version", text, &length.value));
    if (length.value != shortLength.value) return TEE_ERROR_GENERIC;
    return give(&params[1], text, length.value);
}

static TEE_Result rsa(TEE_Param params[4]) {
    TEE_ObjectHandle key;
    TEE_OperationHandle operation;
    TEE_ObjectInfo info;
    TEE_Attribute attribute;
    uint8_t cipher[128], plain[128], hash[32] = {7};
    struct length cipherLength = LENGTH(sizeof(cipher)), plainLength = LENGTH(sizeof(plain)), modulus = LENGTH(sizeof(plain)), signature = LENGTH(sizeof(plain));
    TRY(TEE_AllocateTransientObject(TEE_TYPE_RSA_KEYPAIR, 1024, &key));
    TEE_InitRefAttribute(&attribute, TEE_ATTR_RSA_PUBLIC_EXPONENT, "\1\0\1", 3);
    TRY(TEE_GenerateKey(key, 1024, &attribute, 1));
    TRY(TEE_GetObjectInfo1(key, &info));
    if (info.keySize != 1024 || info.maxKeySize != 1024) return TEE_ERROR_GENERIC;
    TRY(TEE_GetObjectBufferAttribute(key, TEE_ATTR_RSA_MODULUS, plain, &modulus.value));
    TRY(TEE_AllocateOperation(&operation, TEE_ALG_RSAES_PKCS1_V1_5, TEE_MODE_ENCRYPT, info.keySize));
    TRY(TEE_SetOperationKey(operation, key));
    TRY(TEE_AsymmetricEncrypt(operation, NULL, 0, params[0].memref.buffer, params[0].memref.size, cipher, &cipherLength.value));
    TEE_FreeOperation(operation);
    TRY(TEE_AllocateOperation(&operation, TEE_ALG_RSAES_PKCS1_V1_5, TEE_MODE_DECRYPT, info.keySize));
    TRY(TEE_SetOperationKey(operation, key));
    TRY(TEE_AsymmetricDecrypt(operation, NULL, 0, cipher, cipherLength.value, plain, &plainLength.value));
    TEE_FreeOperation(operation);
    TRY(give(&params[1], plain, plainLength.value));
    TEE_InitValueAttribute(&attribute, TEE_ATTR_RSA_PSS_SALT_LENGTH, 20, 0);
    TRY(TEE_AllocateOperation(&operation, TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA256, TEE_MODE_SIGN, info.keySize));
    TRY(TEE_SetOperationKey(operation, key));
    TRY(TEE_AsymmetricSignDigest(operation, &attribute, 1, hash, sizeof(hash), cipher, &signature.value));
    TEE_FreeOperation(operation);
    TRY(TEE_AllocateOperation(&operation, TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA256, TEE_MODE_VERIFY, info.keySize));
    TRY(TEE_SetOperationKey(operation, key));
    TRY(TEE_AsymmetricVerifyDigest(operation, &attribute, 1, hash, sizeof(hash), cipher, signature.value));
    hash[0]++;
    if (TEE_AsymmetricVerifyDigest(operation, &attribute, 1, hash, sizeof(hash), cipher, signature.value) != TEE_ERROR_SIGNATURE_INVALID) return TEE_ERROR_GENERIC;
    TEE_FreeOperation(operation);
    TEE_FreeTransientObject(key);
    const struct length *lengths[] = {&cipherLength, &plainLength, &modulus, &signature};
    for (int index = 0; index < 4; index++) TRY(intact(lengths[index]));
    params[2].value.a = modulus.value;
    params[2].value.b = signature.value;
    return TEE_SUCCESS;
}

static TEE_Result call(TEE_Param params[4]) {
    TEE_TASessionHandle session;
    TEE_UUID uuid;
    TEE_Param inner[4];
    uint32_t origin;
    if (params[0].memref.size != sizeof(uuid)) return TEE_ERROR_BAD_PARAMETERS;
    TEE_MemMove(&uuid, params[0].memref.buffer, sizeof(uuid));
    // What is not set is not to be looked at.
    memset(inner, 0xff, sizeof(inner));
    TRY(TEE_OpenTASession(&uuid, TEE_TIMEOUT_INFINITE, 0, inner, &session, &origin));
    inner[0].value.a = params[1].value.a;
    TRY(TEE_InvokeTACommand(session, TEE_TIMEOUT_INFINITE, 0, TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INOUT, 0, 0, 0), inner, &origin));
    params[1].value.a = inner[0].value.a;
    inner[0].memref.buffer = params[2].memref.buffer;
    inner[0].memref.size = params[2].memref.size;
    TRY(TEE_InvokeTACommand(session, TEE_TIMEOUT_INFINITE, 1, TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_OUTPUT, 0, 0, 0), inner, &origin));
    params[2].memref.size = inner[0].memref.size;
    TEE_CloseTASession(session);
    return TEE_SUCCESS;
}

static TEE_Result ciphers(TEE_Param params[4]) {
    TEE_ObjectHandle key;
    TEE_OperationHandle operation;
    uint8_t first[64], second[64], tag[16], iv[16] = {1};
    struct length length = LENGTH(sizeof(first)), last = LENGTH(0), tagLength = LENGTH(sizeof(tag)), hashLength = LENGTH(params[2].memref.size);
    uint32_t size = params[0].memref.size;
    if (size > sizeof(first)) return TEE_ERROR_BAD_PARAMETERS;
    TRY(make_key(TEE_TYPE_AES, "0123456789abcdef", 16, &key));
    TRY(TEE_AllocateOperation(&operation, TEE_ALG_AES_CTR, TEE_MODE_ENCRYPT, 128));
    TRY(TEE_SetOperationKey(operation, key));
    TEE_CipherInit(operation, iv, sizeof(iv));
    TRY(TEE_CipherUpdate(operation, params[0].memref.buffer, size, first, &length.value));
    last.value = sizeof(first) - length.value;
    TRY(TEE_CipherDoFinal(operation, NULL, 0, first + length.value, &last.value));
    if (length.value + last.value != size) return TEE_ERROR_GENERIC;
    TEE_CipherInit(operation, iv, sizeof(iv));
    length.value = sizeof(second);
    TRY(TEE_CipherDoFinal(operation, first, size, second, &length.value));
    TEE_FreeOperation(operation);
    for (int decrypts = 0; decrypts < 2; decrypts++) {
        TRY(TEE_AllocateOperation(&operation, TEE_ALG_AES_GCM, decrypts ? TEE_MODE_DECRYPT : TEE_MODE_ENCRYPT, 128));
        TRY(TEE_SetOperationKey(operation, key));
        TRY(TEE_AEInit(operation, iv, 12, 128, 0, 0));
        length.value = sizeof(first);
        TRY(TEE_AEUpdate(operation, decrypts ? first : second, size, decrypts ? second : first, &length.value));
        last.value = sizeof(first) - length.value;
        uint8_t *rest = (decrypts ? second : first) + length.value;
        if (decrypts)
            TRY(TEE_AEDecryptFinal(operation, NULL, 0, rest, &last.value, tag, tagLength.value));
        else
            TRY(TEE_AEEncryptFinal(operation, NULL, 0, rest, &last.value, tag, &tagLength.value));
        if (length.value + last.value != size || tagLength.value != sizeof(tag)) return TEE_ERROR_GENERIC;
        TEE_FreeOperation(operation);
    }
    TEE_FreeTransientObject(key);
    TRY(give(&params[1], second, size));
    TRY(TEE_AllocateOperation(&operation, TEE_ALG_SHA256, TEE_MODE_DIGEST, 0));
    TRY(TEE_DigestDoFinal(operation, second, size, params[2].memref.buffer, &hashLength.value));
    TEE_FreeOperation(operation);
    params[2].memref.size = hashLength.value;
    const struct length *lengths[] = {&length, &last, &tagLength, &hashLength};
    for (int index = 0; index < 4; index++) TRY(intact(lengths[index]));
    return TEE_SUCCESS;
}

static TEE_Result big_integer(TEE_Param params[4]) {
    TEE_BigInt number[TEE_BigIntSizeInU32(128)];
    uint8_t bytes[16];
    struct length length = LENGTH(sizeof(bytes));
    TEE_BigIntInit(number, TEE_BigIntSizeInU32(128));
    TRY(TEE_BigIntSetBit(number, 100, true));
    TRY(TEE_BigIntConvertToOctetString(bytes, &length.value, number));
    TRY(intact(&length));
    return give(&params[0], bytes, length.value);
}

TEE_Result TA_InvokeCommandEntryPoint(void __maybe_unused *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[4]) {
    switch (commandID) {
    case VERSION_1_1_ONE_TIME_PASSWORD: EXPECT_TYPES(MEMORY_IN, VALUE_IN, VALUE_OUT, NONE); return one_time_password(params);
    case VERSION_1_1_STORE: EXPECT_TYPES(MEMORY_IN, MEMORY_IN, MEMORY_OUT, VALUE_OUT); return store(params);
    case VERSION_1_1_PROPERTIES: EXPECT_TYPES(MEMORY_OUT, MEMORY_OUT, NONE, NONE); return properties(params);
    case VERSION_1_1_RSA: EXPECT_TYPES(MEMORY_IN, MEMORY_OUT, VALUE_OUT, NONE); return rsa(params);
    case VERSION_1_1_CALL: EXPECT_TYPES(MEMORY_IN, VALUE_INOUT, MEMORY_OUT, NONE); return call(params);
    case VERSION_1_1_CIPHERS: EXPECT_TYPES(MEMORY_IN, MEMORY_OUT, MEMORY_OUT, NONE); return ciphers(params);
    case VERSION_1_1_BIG_INTEGER: EXPECT_TYPES(MEMORY_OUT, NONE, NONE, NONE); return big_integer(params);
    default: return TEE_ERROR_NOT_SUPPORTED;
    }
}
