// Cryptographic operations of the TEE Internal Core API 1.3.1 (chapter 6). Included by tee_internal_api.h.
#ifndef TEE_INTERNAL_API_OPERATIONS_H
#define TEE_INTERNAL_API_OPERATIONS_H

// Any operation.

/// A new operation for keys of up to `maxKeySize` bits; TEE_ERROR_OUT_OF_MEMORY, NOT_SUPPORTED (6.2.1).
TEE_Result TEE_AllocateOperation(TEE_OperationHandle *operation, uint32_t algorithm, uint32_t mode, uint32_t maxKeySize);
/// Frees it and wipes its keys; TEE_HANDLE_NULL is fine (6.2.2).
void TEE_FreeOperation(TEE_OperationHandle operation);
/// What it is; key size and usage 0 when it has two keys (6.2.3).
void TEE_GetOperationInfo(TEE_OperationHandle operation, TEE_OperationInfo *operationInfo);
/// What it is, with all its keys; TEE_ERROR_SHORT_BUFFER when `*operationSize` bytes are too few for them (6.2.4).
TEE_Result TEE_GetOperationInfoMultiple(TEE_OperationHandle operation, TEE_OperationInfoMultiple *operationInfoMultiple, size_t *operationSize);
/// Back to its state after allocation, keys kept (6.2.5).
void TEE_ResetOperation(TEE_OperationHandle operation);
/// Sets a copy of the key, or clears it with TEE_HANDLE_NULL (6.2.6).
TEE_Result TEE_SetOperationKey(TEE_OperationHandle operation, TEE_ObjectHandle key);
/// Sets copies of two keys; TEE_ERROR_SECURITY when they are the same object (6.2.7).
TEE_Result TEE_SetOperationKey2(TEE_OperationHandle operation, TEE_ObjectHandle key1, TEE_ObjectHandle key2);
/// Copies keys and progress between operations of one algorithm and mode (6.2.8).
void TEE_CopyOperation(TEE_OperationHandle dstOperation, TEE_OperationHandle srcOperation);
/// TEE_SUCCESS or TEE_ERROR_NOT_SUPPORTED; `element` is a curve or TEE_CRYPTO_ELEMENT_NONE (6.2.9).
TEE_Result TEE_IsAlgorithmSupported(uint32_t algId, uint32_t element);

// Digests.

/// Adds bytes (6.3.1).
void TEE_DigestUpdate(TEE_OperationHandle operation, const void *chunk, size_t chunkSize);
/// Adds the last bytes and answers the digest; TEE_ERROR_SHORT_BUFFER leaves everything as it was (6.3.2).
TEE_Result TEE_DigestDoFinal(TEE_OperationHandle operation, const void *chunk, size_t chunkLen, void *hash, size_t *hashLen);
/// Answers some more of the digest; any amount of it for extendable output functions (6.3.3).
TEE_Result TEE_DigestExtract(TEE_OperationHandle operation, void *hash, size_t *hashLen);

// Ciphers.

/// Starts with an initialisation vector, null for ECB (6.4.1).
void TEE_CipherInit(TEE_OperationHandle operation, const void *IV, size_t IVLen);
/// Adds bytes; whole blocks come out, the rest is kept. TEE_ERROR_SHORT_BUFFER consumes nothing (6.4.2).
TEE_Result TEE_CipherUpdate(TEE_OperationHandle operation, const void *srcData, size_t srcLen, void *destData, size_t *destLen);
/// Adds the last bytes and ends (6.4.3).
TEE_Result TEE_CipherDoFinal(TEE_OperationHandle operation, const void *srcData, size_t srcLen, void *destData, size_t *destLen);

// Message authentication.

/// Starts; the vector is for algorithms that have one (6.5.1).
void TEE_MACInit(TEE_OperationHandle operation, const void *IV, size_t IVLen);
/// Adds bytes (6.5.2).
void TEE_MACUpdate(TEE_OperationHandle operation, const void *chunk, size_t chunkSize);
/// Adds the last bytes and answers the code; TEE_ERROR_SHORT_BUFFER (6.5.3).
TEE_Result TEE_MACComputeFinal(TEE_OperationHandle operation, const void *message, size_t messageLen, void *mac, size_t *macLen);
/// Adds the last bytes and compares; TEE_ERROR_MAC_INVALID (6.5.4).
TEE_Result TEE_MACCompareFinal(TEE_OperationHandle operation, const void *message, size_t messageLen, const void *mac, size_t macLen);

// Authenticated encryption.

/// Starts; `tagLen` is bits, the other lengths bytes and needed for CCM only; TEE_ERROR_NOT_SUPPORTED for a tag length (6.6.1).
TEE_Result TEE_AEInit(TEE_OperationHandle operation, const void *nonce, size_t nonceLen, uint32_t tagLen, size_t AADLen, size_t payloadLen);
/// Adds data that is authenticated only (6.6.2).
void TEE_AEUpdateAAD(TEE_OperationHandle operation, const void *AADdata, size_t AADdataLen);
/// Adds payload; TEE_ERROR_SHORT_BUFFER consumes nothing (6.6.3).
TEE_Result TEE_AEUpdate(TEE_OperationHandle operation, const void *srcData, size_t srcLen, void *destData, size_t *destLen);
/// Adds the last payload and answers the tag (6.6.4).
TEE_Result TEE_AEEncryptFinal(TEE_OperationHandle operation, const void *srcData, size_t srcLen, void *destData, size_t *destLen, void *tag, size_t *tagLen);
/// Adds the last payload and compares the tag; TEE_ERROR_MAC_INVALID (6.6.5).
TEE_Result TEE_AEDecryptFinal(TEE_OperationHandle operation, const void *srcData, size_t srcLen, void *destData, size_t *destLen, void *tag, size_t tagLen);

// Asymmetric operations.

/// Encrypts; TEE_ERROR_SHORT_BUFFER, BAD_PARAMETERS (length), CIPHERTEXT_INVALID, NOT_SUPPORTED (6.7.1).
TEE_Result TEE_AsymmetricEncrypt(TEE_OperationHandle operation, const TEE_Attribute *params, uint32_t paramCount, const void *srcData, size_t srcLen, void *destData,
                                 size_t *destLen);
/// Decrypts; as above (6.7.1).
TEE_Result TEE_AsymmetricDecrypt(TEE_OperationHandle operation, const TEE_Attribute *params, uint32_t paramCount, const void *srcData, size_t srcLen, void *destData,
                                 size_t *destLen);
/// Signs a digest; for EdDSA the message itself; TEE_ERROR_SHORT_BUFFER (6.7.2).
TEE_Result TEE_AsymmetricSignDigest(TEE_OperationHandle operation, const TEE_Attribute *params, uint32_t paramCount, const void *digest, size_t digestLen, void *signature,
                                    size_t *signatureLen);
/// Checks a signature; TEE_ERROR_SIGNATURE_INVALID (6.7.3).
TEE_Result TEE_AsymmetricVerifyDigest(TEE_OperationHandle operation, const TEE_Attribute *params, uint32_t paramCount, const void *digest, size_t digestLen, const void *signature,
                                      size_t signatureLen);

/// Fills an empty TEE_TYPE_GENERIC_SECRET with what the operation derives (6.8.1).
void TEE_DeriveKey(TEE_OperationHandle operation, const TEE_Attribute *params, uint32_t paramCount, TEE_ObjectHandle derivedKey);
/// Random bytes (6.9.1).
void TEE_GenerateRandom(void *randomBuffer, size_t randomBufferLen);

#endif
