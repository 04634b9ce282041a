// Ciphers and authenticated encryption (TEE Internal Core API 1.3.1, 6.4 and 6.6). A short output buffer is told before any input is taken.
#include "operation.h"

static void finish(TEE_OperationHandle operation) {
    operation->info.handleState &= ~(uint32_t)TEE_HANDLE_FLAG_INITIALIZED;
    operation->state = TEE_OPERATION_STATE_INITIAL;
    operation->held = 0;
}

/// All that will have come out at the end, when these are the last bytes.
static size_t last_output(TEE_OperationHandle operation, size_t size) {
    size_t total;
    if (__builtin_add_overflow(operation->held, size, &total)) TEE_Panic(TEE_ERROR_BAD_PARAMETERS);
    return total;
}

static bool has_no_vector(uint32_t algorithm) {
    return algorithm == TEE_ALG_AES_ECB_NOPAD || algorithm == TEE_ALG_DES_ECB_NOPAD || algorithm == TEE_ALG_DES3_ECB_NOPAD || algorithm == TEE_ALG_SM4_ECB_NOPAD ||
           algorithm == TEE_ALG_SM4_ECB_PKCS5;
}

void TEE_CipherInit(TEE_OperationHandle operation, const void *IV, size_t IVLen) {
    require_class(operation, TEE_OPERATION_CIPHER);
    require(has_key(operation) && !(IV && IVLen && has_no_vector(operation->info.algorithm)));
    if (operation->state != TEE_OPERATION_STATE_INITIAL) TEE_ResetOperation(operation);
    ALLOWED(_utee_cipher_init(operation->core, IV, IVLen));
    operation->state = TEE_OPERATION_STATE_ACTIVE;
    operation->held = 0;
    operation->info.handleState |= TEE_HANDLE_FLAG_INITIALIZED;
}

static void require_active_cipher(TEE_OperationHandle operation) {
    require_class(operation, TEE_OPERATION_CIPHER);
    require(is_initialized(operation) && operation->state == TEE_OPERATION_STATE_ACTIVE);
}

/// A call that is all the core's: with too little room it consumes nothing either. There may be padding that is none.
static TEE_Result pass_on(TEE_OperationHandle operation, core_update call, const void *source, size_t size, void *destination, size_t *destinationSize) {
    require(destinationSize);
    uint64_t length = *destinationSize;
    TEE_Result result = ALLOWED(call(operation->core, source, size, destination, &length), TEE_ERROR_SHORT_BUFFER, TEE_ERROR_CIPHERTEXT_INVALID);
    *destinationSize = length;
    return result;
}

TEE_Result TEE_CipherUpdate(TEE_OperationHandle operation, const void *srcData, size_t srcLen, void *destData, size_t *destLen) {
    require_active_cipher(operation);
    require(destLen && (srcData || !srcLen));
    if (operation->algorithm->gathering == gatherInCore) return pass_on(operation, _utee_cipher_update, srcData, srcLen, destData, destLen);
    size_t needed = gathered_output(operation, srcLen);
    if (*destLen < needed) {
        *destLen = needed;
        return TEE_ERROR_SHORT_BUFFER;
    }
    *destLen = srcLen ? gather(operation, _utee_cipher_update, srcData, srcLen, destData, *destLen) : 0;
    return TEE_SUCCESS;
}

TEE_Result TEE_CipherDoFinal(TEE_OperationHandle operation, const void *srcData, size_t srcLen, void *destData, size_t *destLen) {
    require_active_cipher(operation);
    require(srcData || !srcLen);
    if (operation->algorithm->gathering == gatherInCore) {
        TEE_Result result = pass_on(operation, _utee_cipher_final, srcData, srcLen, destData, destLen);
        if (result != TEE_ERROR_SHORT_BUFFER) finish(operation);
        return result;
    }
    size_t needed = last_output(operation, srcLen), space = destLen ? *destLen : 0, written = 0;
    // Without padding the data ends with a block.
    if (operation->algorithm->gathering == gatherBlocks) require(needed % operation->algorithm->blockSize == 0);
    if (space < needed) {
        if (destLen) *destLen = needed;
        return TEE_ERROR_SHORT_BUFFER;
    }
    uint64_t length = space;
    if (operation->buffer) {
        if (srcLen) written = gather(operation, _utee_cipher_update, srcData, srcLen, destData, space);
        length = space - written;
        ALLOWED(_utee_cipher_final(operation->core, operation->buffer, operation->held, (uint8_t *)destData + written, &length));
    } else {
        ALLOWED(_utee_cipher_final(operation->core, srcData, srcLen, destData, &length));
    }
    if (destLen) *destLen = written + length;
    finish(operation);
    return TEE_SUCCESS;
}

TEE_Result TEE_AEInit(TEE_OperationHandle operation, const void *nonce, size_t nonceLen, uint32_t tagLen, size_t AADLen, size_t payloadLen) {
    require_class(operation, TEE_OPERATION_AE);
    require(nonce && has_key(operation) && operation->state == TEE_OPERATION_STATE_INITIAL);
    // The lengths of table 6-9; those of CCM are the core's to judge.
    if (operation->info.algorithm == TEE_ALG_AES_GCM && (tagLen < 96 || tagLen > 128 || tagLen % 8)) return TEE_ERROR_NOT_SUPPORTED;
    TEE_Result result = ALLOWED(_utee_authenc_init(operation->core, nonce, nonceLen, tagLen / 8, AADLen, payloadLen), TEE_ERROR_NOT_SUPPORTED);
    if (result != TEE_SUCCESS) return result;
    operation->info.digestLength = tagLen / 8;
    operation->held = 0;
    operation->info.handleState |= TEE_HANDLE_FLAG_INITIALIZED;
    return TEE_SUCCESS;
}

static void require_initialized_ae(TEE_OperationHandle operation) {
    require_class(operation, TEE_OPERATION_AE);
    require(is_initialized(operation));
}

void TEE_AEUpdateAAD(TEE_OperationHandle operation, const void *AADdata, size_t AADdataLen) {
    require_initialized_ae(operation);
    require(operation->state == TEE_OPERATION_STATE_INITIAL && (AADdata || !AADdataLen));
    ALLOWED(_utee_authenc_update_aad(operation->core, AADdata, AADdataLen));
}

TEE_Result TEE_AEUpdate(TEE_OperationHandle operation, const void *srcData, size_t srcLen, void *destData, size_t *destLen) {
    require_initialized_ae(operation);
    require(destLen && (srcData || !srcLen));
    size_t needed = gathered_output(operation, srcLen);
    if (*destLen < needed) {
        *destLen = needed;
        return TEE_ERROR_SHORT_BUFFER;
    }
    *destLen = srcLen ? gather(operation, _utee_authenc_update_payload, srcData, srcLen, destData, *destLen) : 0;
    if (srcLen) operation->state = TEE_OPERATION_STATE_ACTIVE;
    return TEE_SUCCESS;
}

/// What the last call of the core gets: what waits, or the bytes as they came.
struct last_input {
    const void *bytes;
    size_t size;
    uint8_t *output;
    size_t written;
};

static struct last_input prepare_last(TEE_OperationHandle operation, const void *source, size_t size, void *destination, size_t space) {
    if (!operation->buffer) return (struct last_input){source, size, destination, 0};
    size_t written = size ? gather(operation, _utee_authenc_update_payload, source, size, destination, space) : 0;
    return (struct last_input){operation->buffer, operation->held, (uint8_t *)destination + written, written};
}

TEE_Result TEE_AEEncryptFinal(TEE_OperationHandle operation, const void *srcData, size_t srcLen, void *destData, size_t *destLen, void *tag, size_t *tagLen) {
    require_initialized_ae(operation);
    require(destLen && tagLen && (srcData || !srcLen) && operation->info.mode == TEE_MODE_ENCRYPT);
    size_t needed = last_output(operation, srcLen);
    bool isShort = *destLen < needed || *tagLen < operation->info.digestLength;
    if (*destLen < needed) *destLen = needed;
    if (*tagLen < operation->info.digestLength) *tagLen = operation->info.digestLength;
    if (isShort) return TEE_ERROR_SHORT_BUFFER;
    struct last_input last = prepare_last(operation, srcData, srcLen, destData, *destLen);
    uint64_t length = *destLen - last.written, tagLength = *tagLen;
    ALLOWED(_utee_authenc_enc_final(operation->core, last.bytes, last.size, last.output, &length, tag, &tagLength));
    *destLen = last.written + length;
    *tagLen = tagLength;
    finish(operation);
    return TEE_SUCCESS;
}

TEE_Result TEE_AEDecryptFinal(TEE_OperationHandle operation, const void *srcData, size_t srcLen, void *destData, size_t *destLen, void *tag, size_t tagLen) {
    require_initialized_ae(operation);
    require(destLen && tag && (srcData || !srcLen) && operation->info.mode == TEE_MODE_DECRYPT);
    size_t needed = last_output(operation, srcLen);
    if (*destLen < needed) {
        *destLen = needed;
        return TEE_ERROR_SHORT_BUFFER;
    }
    struct last_input last = prepare_last(operation, srcData, srcLen, destData, *destLen);
    uint64_t length = *destLen - last.written;
    TEE_Result result = ALLOWED(_utee_authenc_dec_final(operation->core, last.bytes, last.size, last.output, &length, tag, tagLen), TEE_ERROR_MAC_INVALID);
    if (result == TEE_SUCCESS && tagLen != operation->info.digestLength) result = TEE_ERROR_MAC_INVALID;
    *destLen = last.written + length;
    finish(operation);
    return result;
}
