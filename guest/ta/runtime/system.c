// What OP-TEE adds to the API, mostly through the pseudo application that stands for the core.
#include <ctype.h>
#include <dlfcn.h>
#include <pta_system.h>
#include <string.h>
#include <tee_internal_api_extensions.h>

#include "ta_runtime.h"

static const char *moduleFailure;
/// The handle of the application itself.
static TEE_UUID wholeApplication;

TEE_Result system_invoke(uint32_t command, uint32_t types, TEE_Param params[TEE_NUM_PARAMS]) {
    static const TEE_UUID uuid = PTA_SYSTEM_UUID;
    static TEE_TASessionHandle session;
    if (session == TEE_HANDLE_NULL) {
        TEE_Result result = TEE_OpenTASession(&uuid, TEE_TIMEOUT_INFINITE, 0, NULL, &session, NULL);
        if (result != TEE_SUCCESS) return result;
    }
    return TEE_InvokeTACommand(session, TEE_TIMEOUT_INFINITE, command, types, params, NULL);
}

TEE_Result TEE_CacheClean(char *buf, size_t len) { return _utee_cache_operation(buf, len, TEE_CACHECLEAN); }
TEE_Result TEE_CacheFlush(char *buf, size_t len) { return _utee_cache_operation(buf, len, TEE_CACHEFLUSH); }
TEE_Result TEE_CacheInvalidate(char *buf, size_t len) { return _utee_cache_operation(buf, len, TEE_CACHEINVALIDATE); }

static void *address_of(const TEE_Param *param) { return (void *)(uintptr_t)((uint64_t)param->value.a << 32 | param->value.b); }

void *tee_map_zi(size_t len, uint32_t flags) {
    if (len > UINT32_MAX || (flags && flags != TEE_MEMORY_ACCESS_ANY_OWNER)) return NULL;
    TEE_Param params[TEE_NUM_PARAMS] = {0};
    params[0].value.a = (uint32_t)len;
    params[0].value.b = flags ? PTA_SYSTEM_MAP_FLAG_SHAREABLE : 0;
    const uint32_t types = TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INPUT, TEE_PARAM_TYPE_VALUE_INOUT, TEE_PARAM_TYPE_VALUE_INPUT, TEE_PARAM_TYPE_NONE);
    return system_invoke(PTA_SYSTEM_MAP_ZI, types, params) == TEE_SUCCESS ? address_of(&params[1]) : NULL;
}

TEE_Result tee_unmap(void *buf, size_t len) {
    if (len > UINT32_MAX) return TEE_ERROR_BAD_PARAMETERS;
    TEE_Param params[TEE_NUM_PARAMS] = {0};
    params[0].value.a = (uint32_t)len;
    params[1].value.a = (uint32_t)((uintptr_t)buf >> 32);
    params[1].value.b = (uint32_t)(uintptr_t)buf;
    return system_invoke(PTA_SYSTEM_UNMAP, TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INPUT, TEE_PARAM_TYPE_VALUE_INPUT, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE), params);
}

static int hexadecimal(char digit) { return digit <= '9' ? digit - '0' : tolower(digit) - 'a' + 10; }

TEE_Result tee_uuid_from_str(TEE_UUID *uuid, const char *s) {
    uint8_t bytes[16];
    size_t count = 0;
    for (size_t position = 0; position < 36; position++) {
        bool isDash = position == 8 || position == 13 || position == 18 || position == 23;
        if (isDash ? s[position] != '-' : !isxdigit(s[position])) return TEE_ERROR_BAD_PARAMETERS;
        if (isDash) continue;
        if (count % 2 == 0) bytes[count / 2] = 0;
        bytes[count / 2] = (uint8_t)(bytes[count / 2] << 4 | hexadecimal(s[position]));
        count++;
    }
    if (s[36]) return TEE_ERROR_BAD_PARAMETERS;
    uuid->timeLow = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    uuid->timeMid = (uint16_t)(bytes[4] << 8 | bytes[5]);
    uuid->timeHiAndVersion = (uint16_t)(bytes[6] << 8 | bytes[7]);
    memcpy(uuid->clockSeqAndNode, bytes + 8, 8);
    return TEE_SUCCESS;
}

TEE_Result tee_invoke_supp_plugin(const TEE_UUID *uuid, uint32_t cmd, uint32_t sub_cmd, void *buf, size_t len, size_t *outlen) {
    if (!uuid) return TEE_ERROR_BAD_PARAMETERS;
    TEE_UUID plugin = *uuid;
    TEE_Param params[TEE_NUM_PARAMS] = {0};
    params[0].memref.buffer = &plugin;
    params[0].memref.size = sizeof(plugin);
    params[1].value.a = cmd;
    params[1].value.b = sub_cmd;
    params[2].memref.buffer = buf;
    params[2].memref.size = len;
    const uint32_t types = TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_VALUE_INPUT, TEE_PARAM_TYPE_MEMREF_INOUT, TEE_PARAM_TYPE_VALUE_OUTPUT);
    TEE_Result result = system_invoke(PTA_SYSTEM_SUPP_PLUGIN_INVOKE, types, params);
    if (result == TEE_SUCCESS && outlen) *outlen = params[3].value.a;
    return result;
}

void *dlopen(const char *name, int flags) {
    if (!name) return &wholeApplication;
    TEE_UUID *handle = TEE_Malloc(sizeof(*handle), TEE_MALLOC_FILL_ZERO);
    TEE_Param params[TEE_NUM_PARAMS] = {0};
    TEE_Result result = handle ? tee_uuid_from_str(handle, name) : TEE_ERROR_OUT_OF_MEMORY;
    if (result == TEE_SUCCESS) {
        params[0].memref.buffer = handle;
        params[0].memref.size = sizeof(*handle);
        params[1].value.a = (uint32_t)flags;
        const uint32_t types = TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_VALUE_INPUT, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE);
        result = system_invoke(PTA_SYSTEM_DLOPEN, types, params);
    }
    if (result == TEE_SUCCESS) {
        modules_construct();
        return handle;
    }
    moduleFailure = "no such module";
    TEE_Free(handle);
    return NULL;
}

void *dlsym(void *handle, const char *name) {
    TEE_Param params[TEE_NUM_PARAMS] = {0};
    params[0].memref.buffer = handle ? handle : &wholeApplication;
    params[0].memref.size = sizeof(TEE_UUID);
    params[1].memref.buffer = (void *)(uintptr_t)name;
    params[1].memref.size = strlen(name) + 1;
    const uint32_t types = TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_VALUE_OUTPUT, TEE_PARAM_TYPE_NONE);
    if (system_invoke(PTA_SYSTEM_DLSYM, types, params) == TEE_SUCCESS) return address_of(&params[2]);
    moduleFailure = "no such symbol";
    return NULL;
}

int dlclose(void *handle) {
    (void)handle;
    return 0;
}

char *dlerror(void) {
    char *failure = (char *)(uintptr_t)moduleFailure;
    moduleFailure = NULL;
    return failure;
}
