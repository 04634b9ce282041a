// Asymmetric operations and key derivation (TEE Internal Core API 1.3.1, 6.7 and 6.8).
#include "operation.h"

static void require_ready(TEE_OperationHandle operation, uint32_t operationClass, uint32_t mode, const void *input, size_t size) {
    require_class(operation, operationClass);
    require(operation->info.mode == mode && has_key(operation) && (input || !size));
}

static TEE_Result operate(TEE_OperationHandle operation, const TEE_Attribute *params, uint32_t count, const void *input, size_t size, void *output, size_t *outputSize) {
    require(outputSize);
    struct core_attributes attributes;
    attributes_to_core(&attributes, params, count);
    uint64_t length = *outputSize;
    TEE_Result result = _utee_asymm_operate(operation->core, attributes.list, count, input, size, output, &length);
    *outputSize = length;
    attributes_free(&attributes);
    return result;
}

TEE_Result TEE_AsymmetricEncrypt(TEE_OperationHandle operation, const TEE_Attribute *params, uint32_t paramCount, const void *srcData, size_t srcLen, void *destData,
                                 size_t *destLen) {
    require_ready(operation, TEE_OPERATION_ASYMMETRIC_CIPHER, TEE_MODE_ENCRYPT, srcData, srcLen);
    TEE_Result result = operate(operation, params, paramCount, srcData, srcLen, destData, destLen);
    return ALLOWED(result, TEE_ERROR_SHORT_BUFFER, TEE_ERROR_BAD_PARAMETERS, TEE_ERROR_CIPHERTEXT_INVALID, TEE_ERROR_NOT_SUPPORTED);
}

TEE_Result TEE_AsymmetricDecrypt(TEE_OperationHandle operation, const TEE_Attribute *params, uint32_t paramCount, const void *srcData, size_t srcLen, void *destData,
                                 size_t *destLen) {
    require_ready(operation, TEE_OPERATION_ASYMMETRIC_CIPHER, TEE_MODE_DECRYPT, srcData, srcLen);
    TEE_Result result = operate(operation, params, paramCount, srcData, srcLen, destData, destLen);
    return ALLOWED(result, TEE_ERROR_SHORT_BUFFER, TEE_ERROR_BAD_PARAMETERS, TEE_ERROR_CIPHERTEXT_INVALID, TEE_ERROR_NOT_SUPPORTED);
}

TEE_Result TEE_AsymmetricSignDigest(TEE_OperationHandle operation, const TEE_Attribute *params, uint32_t paramCount, const void *digest, size_t digestLen, void *signature,
                                    size_t *signatureLen) {
    require_ready(operation, TEE_OPERATION_ASYMMETRIC_SIGNATURE, TEE_MODE_SIGN, digest, digestLen);
    return ALLOWED(operate(operation, params, paramCount, digest, digestLen, signature, signatureLen), TEE_ERROR_SHORT_BUFFER);
}

TEE_Result TEE_AsymmetricVerifyDigest(TEE_OperationHandle operation, const TEE_Attribute *params, uint32_t paramCount, const void *digest, size_t digestLen, const void *signature,
                                      size_t signatureLen) {
    require_ready(operation, TEE_OPERATION_ASYMMETRIC_SIGNATURE, TEE_MODE_VERIFY, digest, digestLen);
    require(signature || !signatureLen);
    struct core_attributes attributes;
    attributes_to_core(&attributes, params, paramCount);
    TEE_Result result = _utee_asymm_verify(operation->core, attributes.list, paramCount, digest, digestLen, signature, signatureLen);
    attributes_free(&attributes);
    return ALLOWED(result, TEE_ERROR_SIGNATURE_INVALID);
}

void TEE_DeriveKey(TEE_OperationHandle operation, const TEE_Attribute *params, uint32_t paramCount, TEE_ObjectHandle derivedKey) {
    require_ready(operation, TEE_OPERATION_KEY_DERIVATION, TEE_MODE_DERIVE, NULL, 0);
    struct utee_object_info info = {0};
    ALLOWED(_utee_cryp_obj_get_info(number_of(derivedKey), &info));
    require(info.obj_type == TEE_TYPE_GENERIC_SECRET && !(info.handle_flags & TEE_HANDLE_FLAG_INITIALIZED));
    struct core_attributes attributes;
    attributes_to_core(&attributes, params, paramCount);
    ALLOWED(_utee_cryp_derive_key(operation->core, attributes.list, paramCount, number_of(derivedKey)));
    attributes_free(&attributes);
}
