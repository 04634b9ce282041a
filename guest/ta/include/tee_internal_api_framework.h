// The trusted core framework of the TEE Internal Core API 1.3.1 (chapter 4) and time (chapter 7). Included by tee_internal_api.h.
#ifndef TEE_INTERNAL_API_FRAMEWORK_H
#define TEE_INTERNAL_API_FRAMEWORK_H

#define TA_EXPORT

#if !__OPTEE_CORE_API_COMPAT_1_1
// What the application defines.

/// Prepares a new instance; any other result than TEE_SUCCESS ends it and fails the first session (4.3.1).
TEE_Result TA_EXPORT TA_CreateEntryPoint(void);
/// The instance goes away, after its last session was closed (4.3.2).
void TA_EXPORT TA_DestroyEntryPoint(void);
/// A client opens a session; `*sessionContext` comes back at each command (4.3.3).
TEE_Result TA_EXPORT TA_OpenSessionEntryPoint(uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS], void **sessionContext);
/// A client closed its session, or is gone (4.3.4).
void TA_EXPORT TA_CloseSessionEntryPoint(void *sessionContext);
/// A client wants a command (4.3.5).
TEE_Result TA_EXPORT TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]);
#endif

// Properties. `propsetOrEnumerator` is TEE_PROPSET_*, or an enumerator, in which case `name` is ignored.
// TEE_ERROR_ITEM_NOT_FOUND: no such property; TEE_ERROR_BAD_FORMAT: it is of another type; TEE_ERROR_SHORT_BUFFER: the length needed is left in `*valueBufferLen`.

/// A property of any type in the form of 4.4, with its final zero, which `*valueBufferLen` counts (4.4.1).
TEE_Result TEE_GetPropertyAsString(TEE_PropSetHandle propsetOrEnumerator, const char *name, char *valueBuffer, size_t *valueBufferLen);
/// A truth value (4.4.2).
TEE_Result TEE_GetPropertyAsBool(TEE_PropSetHandle propsetOrEnumerator, const char *name, bool *value);
/// A 32-bit number (4.4.3).
TEE_Result TEE_GetPropertyAsU32(TEE_PropSetHandle propsetOrEnumerator, const char *name, uint32_t *value);
/// A 64-bit number (4.4.4).
TEE_Result TEE_GetPropertyAsU64(TEE_PropSetHandle propsetOrEnumerator, const char *name, uint64_t *value);
/// Bytes (4.4.5).
TEE_Result TEE_GetPropertyAsBinaryBlock(TEE_PropSetHandle propsetOrEnumerator, const char *name, void *valueBuffer, size_t *valueBufferLen);
/// A UUID (4.4.6).
TEE_Result TEE_GetPropertyAsUUID(TEE_PropSetHandle propsetOrEnumerator, const char *name, TEE_UUID *value);
/// An identity (4.4.7).
TEE_Result TEE_GetPropertyAsIdentity(TEE_PropSetHandle propsetOrEnumerator, const char *name, TEE_Identity *value);
/// A new enumerator, not started; TEE_ERROR_OUT_OF_MEMORY (4.4.8).
TEE_Result TEE_AllocatePropertyEnumerator(TEE_PropSetHandle *enumerator);
/// Frees an enumerator (4.4.9).
void TEE_FreePropertyEnumerator(TEE_PropSetHandle enumerator);
/// Puts an enumerator on the first property of a set (4.4.10).
void TEE_StartPropertyEnumerator(TEE_PropSetHandle enumerator, TEE_PropSetHandle propSet);
/// Puts an enumerator back to its state after allocation (4.4.11).
void TEE_ResetPropertyEnumerator(TEE_PropSetHandle enumerator);
/// Name of the current property, with its final zero (4.4.12).
TEE_Result TEE_GetPropertyName(TEE_PropSetHandle enumerator, void *nameBuffer, size_t *nameBufferLen);
/// Steps to the next property; TEE_ERROR_ITEM_NOT_FOUND at the end (4.4.13).
TEE_Result TEE_GetNextProperty(TEE_PropSetHandle enumerator);

/// Ends the instance; the code is for whoever debugs it (4.8.1).
void TEE_Panic(TEE_Result panicCode) __noreturn;

// Sessions with other trusted applications. Timeouts in milliseconds or TEE_TIMEOUT_INFINITE; `returnOrigin` may be null.

/// Opens a session (4.9.1).
TEE_Result TEE_OpenTASession(const TEE_UUID *destination, uint32_t cancellationRequestTimeout, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS],
                             TEE_TASessionHandle *session, uint32_t *returnOrigin);
/// Closes a session (4.9.2).
void TEE_CloseTASession(TEE_TASessionHandle session);
/// Has the other application carry out a command (4.9.3).
TEE_Result TEE_InvokeTACommand(TEE_TASessionHandle session, uint32_t cancellationRequestTimeout, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS],
                               uint32_t *returnOrigin);

// Cancellation.

/// Whether the client asked to cancel, and cancellation is not masked (4.10.1).
bool TEE_GetCancellationFlag(void);
/// Listens to cancellation; answers whether it was masked before (4.10.2).
bool TEE_UnmaskCancellation(void);
/// Ignores cancellation; answers whether it was masked before (4.10.3).
bool TEE_MaskCancellation(void);

// Memory.

/// TEE_SUCCESS when the buffer may be used as `accessFlags` says, else TEE_ERROR_ACCESS_DENIED (4.11.1).
TEE_Result TEE_CheckMemoryAccessRights(uint32_t accessFlags, void *buffer, size_t size);
/// Keeps a pointer for the whole instance (4.11.2).
void TEE_SetInstanceData(const void *instanceData);
/// That pointer (4.11.3).
void *TEE_GetInstanceData(void);
/// Memory, zeroed unless TEE_MALLOC_NO_FILL; null when there is none or the hint is unknown; an unusable non-null pointer for size 0 (4.11.4).
void *TEE_Malloc(size_t size, uint32_t hint);
/// As realloc; new bytes are zero; null and the old block untouched when there is no memory (4.11.5).
void *TEE_Realloc(void *buffer, size_t newSize);
/// Frees memory; null is fine (4.11.6).
void TEE_Free(void *buffer);
/// As memmove (4.11.7).
void *TEE_MemMove(void *dest, const void *src, size_t size);
/// As memcmp, in a time that depends on `size` only (4.11.8).
int32_t TEE_MemCompare(const void *buffer1, const void *buffer2, size_t size);
/// Fills with the low byte of `x` (4.11.9).
void TEE_MemFill(void *buffer, uint32_t x, size_t size);

// Time.

/// Time since some fixed moment, never going back while the instance lives (7.2.1).
void TEE_GetSystemTime(TEE_Time *time);
/// Waits that many milliseconds; TEE_ERROR_CANCEL when cancelled (7.2.2).
TEE_Result TEE_Wait(uint32_t timeout);
/// The application's own clock: also TEE_ERROR_TIME_NOT_SET, TIME_NEEDS_RESET, OVERFLOW, OUT_OF_MEMORY (7.2.3).
TEE_Result TEE_GetTAPersistentTime(TEE_Time *time);
/// Sets that clock; TEE_ERROR_STORAGE_NO_SPACE, OUT_OF_MEMORY (7.2.4).
TEE_Result TEE_SetTAPersistentTime(const TEE_Time *time);
/// The normal world's clock since 1970, as trustworthy as that (7.2.5).
void TEE_GetREETime(TEE_Time *time);

#endif
