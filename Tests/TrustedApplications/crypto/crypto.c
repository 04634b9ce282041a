#include "crypto.h"

#include "../plain_session.h"

/// The parts of the input of a command with a key.
struct input {
    const uint8_t *key, *vector, *data;
    size_t keySize, dataSize;
};

static TEE_Result parse(const TEE_Param *memory, size_t vectorSize, struct input *input) {
    const uint8_t *bytes = memory->memref.buffer;
    size_t size = memory->memref.size;
    if (size < 3) return TEE_ERROR_BAD_PARAMETERS;
    input->keySize = bytes[0];
    input->dataSize = (size_t)bytes[1] << 8 | bytes[2];
    if (size != 3 + input->keySize + vectorSize + input->dataSize) return TEE_ERROR_BAD_PARAMETERS;
    input->key = bytes + 3;
    input->vector = input->key + input->keySize;
    input->data = input->vector + vectorSize;
    return TEE_SUCCESS;
}

static uint32_t key_type_of(uint32_t algorithm) {
    uint32_t main = algorithm & 0xff;
    // SM4 with padding has a number of its own.
    return TEE_TYPE_GENERIC_SECRET | (main == 0x15 ? 0x14 : main);
}

/// An operation with its key, or with the halves of it as two keys.
static TEE_Result prepare(TEE_OperationHandle *operation, uint32_t algorithm, uint32_t mode, const uint8_t *key, size_t size) {
    bool hasTwoKeys = algorithm == TEE_ALG_AES_XTS || algorithm == TEE_ALG_SM4_XTS;
    TEE_ObjectHandle keys[2] = {TEE_HANDLE_NULL, TEE_HANDLE_NULL};
    size_t count = hasTwoKeys ? 2 : 1;
    TRY(TEE_AllocateOperation(operation, algorithm, mode, (uint32_t)size * 8));
    for (size_t index = 0; index < count; index++) {
        TEE_Attribute secret;
        TEE_InitRefAttribute(&secret, TEE_ATTR_SECRET_VALUE, key + index * (size / count), size / count);
        TRY(TEE_AllocateTransientObject(key_type_of(algorithm), (uint32_t)(size / count) * 8, &keys[index]));
        TRY(TEE_PopulateTransientObject(keys[index], &secret, 1));
    }
    TEE_Result result = hasTwoKeys ? TEE_SetOperationKey2(*operation, keys[0], keys[1]) : TEE_SetOperationKey(*operation, keys[0]);
    TEE_FreeTransientObject(keys[0]);
    TEE_FreeTransientObject(keys[1]);
    return result;
}

static TEE_Result digest(uint32_t algorithm, size_t step, const TEE_Param *data, TEE_Param *out, bool extracts) {
    TEE_OperationHandle operation;
    const uint8_t *bytes = data->memref.buffer;
    size_t left = data->memref.size;
    TRY(TEE_AllocateOperation(&operation, algorithm, TEE_MODE_DIGEST, 0));
    for (; step && !extracts && left > step; bytes += step, left -= step) TEE_DigestUpdate(operation, bytes, step);
    TEE_Result result = TEE_SUCCESS;
    if (extracts) {
        size_t done = 0;
        TEE_DigestUpdate(operation, bytes, left);
        for (size_t piece = step; result == TEE_SUCCESS && piece && done < out->memref.size; done += piece) {
            if (piece > out->memref.size - done) piece = out->memref.size - done;
            result = TEE_DigestExtract(operation, (uint8_t *)out->memref.buffer + done, &piece);
        }
        out->memref.size = done;
    } else {
        result = TEE_DigestDoFinal(operation, bytes, left, out->memref.buffer, &out->memref.size);
    }
    TEE_FreeOperation(operation);
    return result;
}

static TEE_Result mac(uint32_t algorithm, size_t step, const TEE_Param *memory, TEE_Param *out) {
    TEE_OperationHandle operation;
    struct input input;
    TRY(parse(memory, 0, &input));
    TRY(prepare(&operation, algorithm, TEE_MODE_MAC, input.key, input.keySize));
    TEE_MACInit(operation, NULL, 0);
    size_t done = 0;
    for (; step && input.dataSize - done > step; done += step) TEE_MACUpdate(operation, input.data + done, step);
    TRY(TEE_MACComputeFinal(operation, input.data + done, input.dataSize - done, out->memref.buffer, &out->memref.size));
    TEE_MACInit(operation, NULL, 0);
    TEE_Result result = TEE_MACCompareFinal(operation, input.data, input.dataSize, out->memref.buffer, out->memref.size);
    TEE_FreeOperation(operation);
    return result;
}

typedef TEE_Result (*update_function)(TEE_OperationHandle, const void *, size_t, void *, size_t *);

/// Feeds all steps but the last. The output of one may be more or less than its input.
static TEE_Result feed(TEE_OperationHandle operation, update_function update, size_t step, const uint8_t *data, size_t size, size_t *taken, TEE_Param *out, size_t *written) {
    *taken = *written = 0;
    for (; step && size - *taken > step; *taken += step) {
        size_t space = out->memref.size - *written;
        TRY(update(operation, data + *taken, step, (uint8_t *)out->memref.buffer + *written, &space));
        *written += space;
    }
    return TEE_SUCCESS;
}

static TEE_Result cipher(uint32_t algorithm, uint32_t how, const TEE_Param *memory, TEE_Param *out) {
    TEE_OperationHandle operation;
    struct input input;
    size_t taken, written;
    bool hasVector = ((algorithm >> 8) & 0xf) != 0;
    TRY(parse(memory, 16, &input));
    TRY(prepare(&operation, algorithm, how >> 31 ? TEE_MODE_DECRYPT : TEE_MODE_ENCRYPT, input.key, input.keySize));
    TEE_CipherInit(operation, hasVector ? input.vector : NULL, hasVector ? (algorithm & 0xff) == 0x11 || (algorithm & 0xff) == 0x13 ? 8 : 16 : 0);
    TRY(feed(operation, TEE_CipherUpdate, how & 0x7fffffff, input.data, input.dataSize, &taken, out, &written));
    size_t space = out->memref.size - written;
    TEE_Result result = TEE_CipherDoFinal(operation, input.data + taken, input.dataSize - taken, (uint8_t *)out->memref.buffer + written, &space);
    out->memref.size = written + space;
    TEE_FreeOperation(operation);
    return result;
}

static TEE_Result in_place(uint32_t algorithm, uint32_t how, const TEE_Param *key, TEE_Param *data) {
    static const uint8_t vector[16];
    enum { tail = 32 };
    TEE_OperationHandle operation;
    uint8_t *bytes = data->memref.buffer, last[tail];
    size_t step = how & 0x7fffffff, size = data->memref.size, written, space = size;
    if (size < step + tail) return TEE_ERROR_BAD_PARAMETERS;
    uint8_t *out = TEE_Malloc(size, 0);
    if (!out) return TEE_ERROR_OUT_OF_MEMORY;
    memcpy(last, bytes + size - tail, tail);
    TRY(prepare(&operation, algorithm, how >> 31 ? TEE_MODE_DECRYPT : TEE_MODE_ENCRYPT, key->memref.buffer, key->memref.size));
    TEE_CipherInit(operation, vector, sizeof(vector));
    TRY(TEE_CipherUpdate(operation, bytes, step, out, &space));
    written = space;
    // What is left of the first step comes out too, so that the output is ahead of the input that it is written over.
    space = size - step;
    TRY(TEE_CipherUpdate(operation, bytes + step, size - step - tail, bytes + step, &space));
    memcpy(out + written, bytes + step, space);
    written += space;
    space = size - written;
    TEE_Result result = TEE_CipherDoFinal(operation, last, tail, out + written, &space);
    if (result == TEE_SUCCESS) memcpy(bytes, out, written + space);
    TEE_Free(out);
    TEE_FreeOperation(operation);
    return result;
}

static TEE_Result authenticated(uint32_t algorithm, uint32_t how, const TEE_Param *memory, TEE_Param *out) {
    enum { nonceSize = 12, extraSize = 16, tagSize = 16 };
    TEE_OperationHandle operation;
    struct input input;
    size_t taken, written, tagLength = tagSize;
    bool decrypts = how >> 31;
    TRY(parse(memory, nonceSize + extraSize, &input));
    if (decrypts && input.dataSize < tagSize) return TEE_ERROR_BAD_PARAMETERS;
    size_t size = input.dataSize - (decrypts ? tagSize : 0), space = out->memref.size;
    uint8_t tag[tagSize];
    TRY(prepare(&operation, algorithm, decrypts ? TEE_MODE_DECRYPT : TEE_MODE_ENCRYPT, input.key, input.keySize));
    TRY(TEE_AEInit(operation, input.vector, nonceSize, tagSize * 8, extraSize, size));
    TEE_AEUpdateAAD(operation, input.vector + nonceSize, extraSize);
    TRY(feed(operation, TEE_AEUpdate, how & 0x7fffffff, input.data, size, &taken, out, &written));
    space -= written;
    uint8_t *place = (uint8_t *)out->memref.buffer + written;
    memcpy(tag, input.data + size, decrypts ? tagSize : 0);
    TEE_Result result = decrypts ? TEE_AEDecryptFinal(operation, input.data + taken, size - taken, place, &space, tag, tagSize)
                                 : TEE_AEEncryptFinal(operation, input.data + taken, size - taken, place, &space, tag, &tagLength);
    TEE_FreeOperation(operation);
    written += space;
    if (result == TEE_SUCCESS && !decrypts) {
        if (out->memref.size - written < tagLength) return TEE_ERROR_SHORT_BUFFER;
        memcpy((uint8_t *)out->memref.buffer + written, tag, tagLength);
        written += tagLength;
    }
    out->memref.size = written;
    return result;
}

static TEE_Result tell_operation(TEE_Param params[TEE_NUM_PARAMS]) {
    TEE_OperationHandle operation;
    TEE_OperationInfo info;
    TRY(TEE_AllocateOperation(&operation, params[0].value.a, params[0].value.b, params[1].value.a));
    TEE_GetOperationInfo(operation, &info);
    TEE_FreeOperation(operation);
    params[2].value.a = info.operationClass;
    params[2].value.b = info.digestLength;
    params[3].value.a = info.handleState;
    params[3].value.b = info.requiredKeyUsage;
    return TEE_SUCCESS;
}

static TEE_Result generate(TEE_Param params[TEE_NUM_PARAMS]) {
    TEE_ObjectHandle key;
    TEE_ObjectInfo info;
    TRY(TEE_AllocateTransientObject(params[0].value.a, params[0].value.b, &key));
    TEE_Result result = TEE_GenerateKey(key, params[0].value.b, NULL, 0);
    if (result == TEE_SUCCESS) result = TEE_GetObjectInfo1(key, &info);
    if (result == TEE_SUCCESS) {
        params[1].value.a = info.objectSize;
        params[1].value.b = info.objectUsage;
        result = TEE_GetObjectBufferAttribute(key, TEE_ATTR_SECRET_VALUE, params[2].memref.buffer, &params[2].memref.size);
    }
    if (result == TEE_ERROR_ITEM_NOT_FOUND) params[2].memref.size = 0, result = TEE_SUCCESS;
    TEE_FreeTransientObject(key);
    return result;
}

static TEE_Result copy(uint32_t algorithm, const TEE_Param *data, TEE_Param *out) {
    TEE_OperationHandle first, second;
    TRY(TEE_AllocateOperation(&first, algorithm, TEE_MODE_DIGEST, 0));
    TRY(TEE_AllocateOperation(&second, algorithm, TEE_MODE_DIGEST, 0));
    TEE_DigestUpdate(first, data->memref.buffer, data->memref.size);
    TEE_CopyOperation(second, first);
    size_t size = out->memref.size, other = 0;
    TRY(TEE_DigestDoFinal(first, NULL, 0, out->memref.buffer, &size));
    other = out->memref.size - size;
    TRY(TEE_DigestDoFinal(second, data->memref.buffer, data->memref.size, (uint8_t *)out->memref.buffer + size, &other));
    out->memref.size = size + other;
    TEE_FreeOperation(first);
    TEE_FreeOperation(second);
    return TEE_SUCCESS;
}

/// The TEE gives random bytes to memory of the application only, and not to a client's.
static TEE_Result random_bytes(TEE_Param *out) {
    void *bytes = TEE_Malloc(out->memref.size, 0);
    if (!bytes) return TEE_ERROR_OUT_OF_MEMORY;
    TEE_GenerateRandom(bytes, out->memref.size);
    memcpy(out->memref.buffer, bytes, out->memref.size);
    TEE_Free(bytes);
    return TEE_SUCCESS;
}

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    (void)sessionContext;
    uint32_t a = params[0].value.a, b = params[0].value.b;
    switch (commandID) {
    case CRYPTO_RANDOM: EXPECT_TYPES(MEMORY_OUT, NONE, NONE, NONE); return random_bytes(&params[0]);
    case CRYPTO_IS_SUPPORTED: EXPECT_TYPES(VALUE_IN, NONE, NONE, NONE); return TEE_IsAlgorithmSupported(a, b);
    case CRYPTO_OPERATION_INFO: EXPECT_TYPES(VALUE_IN, VALUE_IN, VALUE_OUT, VALUE_OUT); return tell_operation(params);
    case CRYPTO_GENERATE: EXPECT_TYPES(VALUE_IN, VALUE_OUT, MEMORY_OUT, NONE); return generate(params);
    case CRYPTO_IN_PLACE: EXPECT_TYPES(VALUE_IN, MEMORY_IN, MEMORY_INOUT, NONE); return in_place(a, b, &params[1], &params[2]);
    default: break;
    }
    EXPECT_TYPES(VALUE_IN, MEMORY_IN, MEMORY_OUT, NONE);
    switch (commandID) {
    case CRYPTO_DIGEST:
    case CRYPTO_EXTRACT: return digest(a, b, &params[1], &params[2], commandID == CRYPTO_EXTRACT);
    case CRYPTO_MAC: return mac(a, b, &params[1], &params[2]);
    case CRYPTO_CIPHER: return cipher(a, b, &params[1], &params[2]);
    case CRYPTO_AUTHENTICATED: return authenticated(a, b, &params[1], &params[2]);
    case CRYPTO_COPY: return copy(a, &params[1], &params[2]);
    default: return TEE_ERROR_NOT_SUPPORTED;
    }
}
