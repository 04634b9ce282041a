// Functions that OP-TEE adds to the API.
#ifndef TEE_INTERNAL_API_EXTENSIONS_H
#define TEE_INTERNAL_API_EXTENSIONS_H

#include <compiler.h>
#include <stdio.h>
#include <tee_api_defines_extensions.h>
#include <tee_api_types.h>
#include <trace.h>

#ifdef __cplusplus
extern "C" {
#endif

/// An old spelling of TEE_MALLOC_NO_FILL, which TEE_Malloc knows as well.
#define TEE_USER_MEM_HINT_NO_FILL_ZERO 0x80000000

/// Remembers how much memory is allocated.
void tee_user_mem_mark_heap(void);
/// Bytes allocated since then; 0 when fewer.
size_t tee_user_mem_check_heap(void);

/// Writes dirty cache lines of a buffer back. Needs TA_FLAG_CACHE_MAINTENANCE, as the next two.
TEE_Result TEE_CacheClean(char *buf, size_t len);
/// Writes them back and drops them.
TEE_Result TEE_CacheFlush(char *buf, size_t len);
/// Drops them.
TEE_Result TEE_CacheInvalidate(char *buf, size_t len);

/// Zeroed memory beside the heap; `flags` is 0 or TEE_MEMORY_ACCESS_ANY_OWNER to share it with other applications; null when there is none.
void *tee_map_zi(size_t len, uint32_t flags);
/// Gives that memory back, all of it.
TEE_Result tee_unmap(void *buf, size_t len);
/// Reads 8-4-4-4-12 hexadecimal digits; TEE_ERROR_BAD_PARAMETERS.
TEE_Result tee_uuid_from_str(TEE_UUID *uuid, const char *s);
/// Has a plug-in of the normal world's supplicant work on a buffer; `outlen` may be null.
TEE_Result tee_invoke_supp_plugin(const TEE_UUID *uuid, uint32_t cmd, uint32_t sub_cmd, void *buf, size_t len, size_t *outlen);

#ifdef __cplusplus
}
#endif

#endif
