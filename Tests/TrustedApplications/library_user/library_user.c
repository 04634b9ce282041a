#include "library_user.h"

#include <dlfcn.h>

#include "../plain_session.h"
#include "../shared_library/shared_library.h"

#if LIBRARY_USER_KIND == 1
static void *find(const char *name) {
    static void *library;
    if (!library) library = dlopen(SHARED_LIBRARY_NAME, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
    return library ? dlsym(library, name) : NULL;
}
#else
static void *find(const char *name) {
    if (!strcmp(name, "shared_library_add")) return (void *)(uintptr_t)&shared_library_add;
    if (!strcmp(name, "shared_library_constructed")) return (void *)(uintptr_t)&shared_library_constructed;
    return strcmp(name, "sharedLibraryVariable") ? NULL : (void *)&sharedLibraryVariable;
}
#endif

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    (void)sessionContext;
    uint32_t (*add)(uint32_t, uint32_t) = (uint32_t(*)(uint32_t, uint32_t))(uintptr_t)find("shared_library_add");
    uint32_t (*constructed)(void) = (uint32_t(*)(void))(uintptr_t)find("shared_library_constructed");
    uint32_t *variable = find("sharedLibraryVariable");
    if (!add || !constructed || !variable) return TEE_ERROR_GENERIC;
    switch (commandID) {
    case LIBRARY_USER_ADD:
        EXPECT_TYPES(VALUE_INOUT, NONE, NONE, NONE);
        params[0].value.a = add(params[0].value.a, params[0].value.b);
        return TEE_SUCCESS;
    case LIBRARY_USER_VARIABLES:
        EXPECT_TYPES(VALUE_OUT, NONE, NONE, NONE);
        params[0].value.a = constructed();
        params[0].value.b = (*variable)++;
        return TEE_SUCCESS;
    case LIBRARY_USER_UNKNOWN: return find("no_such_symbol") ? TEE_SUCCESS : TEE_ERROR_ITEM_NOT_FOUND;
    default: return TEE_ERROR_NOT_SUPPORTED;
    }
}
