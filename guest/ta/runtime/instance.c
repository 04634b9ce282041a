// The life of an instance: which entry points of the application are called when (TEE Internal Core API 1.3.1, 4.3).
#include <stdlib.h>
#include <string.h>

#include "ta_runtime.h"

/// A session that a client has with this instance.
struct session {
    struct session *next;
    unsigned long id;
    void *context;
};

static struct session *sessions;
static bool isConstructed;

uint32_t ta_param_types;
TEE_Param ta_params[TEE_NUM_PARAMS];
/// What code built with -mstack-protector-guard=global compares with.
uintptr_t __stack_chk_guard;

void __stack_chk_fail(void);
void skerry_ta_enter(unsigned long function, unsigned long session, struct utee_params *params, unsigned long command) __noreturn;

void __stack_chk_fail(void) {
    EMSG("stack smashed");
    TEE_Panic(TEE_ERROR_OVERFLOW);
}

static struct session **place_of(unsigned long id) {
    struct session **place = &sessions;
    while (*place && (*place)->id != id) place = &(*place)->next;
    return place;
}

static void remember_params(uint32_t types, const TEE_Param *params) {
    ta_param_types = types;
    if (params)
        memcpy(ta_params, params, sizeof(ta_params));
    else
        memset(ta_params, 0, sizeof(ta_params));
}

static TEE_Result construct(void) {
    isConstructed = true;
    trace_set_level(tahead_get_trace_level());
    heap_start(&ta_shared_heap, ta_heap, ta_heap_size);
    heap_start(&ta_private_heap, ta_no_share_heap, ta_no_share_heap_size);
    thread_area_start();
    modules_construct();
    return TA_CreateEntryPoint();
}

static void remove_session(unsigned long id) {
    struct session **place = place_of(id);
    struct session *session = *place;
    *place = session->next;
    TEE_Free(session);
    const uint32_t keptAlive = TA_FLAG_SINGLE_INSTANCE | TA_FLAG_INSTANCE_KEEP_ALIVE;
    if (sessions || (ta_head.flags & keptAlive) == keptAlive) return;
    TA_DestroyEntryPoint();
    modules_destroy();
}

static TEE_Result open_session(unsigned long id, struct utee_params *core) {
    if (*place_of(id)) return TEE_ERROR_BAD_STATE;
    if (!isConstructed) {
        TEE_Result result = construct();
        if (result != TEE_SUCCESS) return result;
    }
    struct session *session = TEE_Malloc(sizeof(*session), TEE_MALLOC_FILL_ZERO);
    if (!session) return TEE_ERROR_OUT_OF_MEMORY;
    session->id = id;
    *place_of(id) = session;

    uint32_t types;
    TEE_Param params[TEE_NUM_PARAMS];
    params_from_core(params, &types, core);
    remember_params(types, params);
    TEE_Result result = TA_OpenSessionEntryPoint(types, params, &session->context);
    params_to_core(core, types, params);
    if (result != TEE_SUCCESS) remove_session(id);
    return result;
}

static TEE_Result close_session(unsigned long id) {
    struct session *session = *place_of(id);
    if (!session) return TEE_ERROR_BAD_STATE;
    TA_CloseSessionEntryPoint(session->context);
    remove_session(id);
    return TEE_SUCCESS;
}

static TEE_Result invoke(unsigned long id, struct utee_params *core, unsigned long command) {
    struct session *session = *place_of(id);
    if (!session) return TEE_ERROR_BAD_STATE;
    uint32_t types;
    TEE_Param params[TEE_NUM_PARAMS];
    params_from_core(params, &types, core);
    remember_params(types, params);
    TEE_Result result = TA_InvokeCommandEntryPoint(session->context, (uint32_t)command, types, params);
    params_to_core(core, types, params);
    return result;
}

static TEE_Result tell_memory(struct utee_params *core) {
    const uint32_t expected =
        TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_OUTPUT, TEE_PARAM_TYPE_VALUE_OUTPUT, TEE_PARAM_TYPE_VALUE_OUTPUT, TEE_PARAM_TYPE_NONE);
    if (core->types != expected) return TEE_ERROR_BAD_PARAMETERS;
    const struct heap *heap = &ta_shared_heap;
    const uint64_t values[] = {heap->allocated, heap->mostAllocated, heap->size, heap->failures, heap->largestFailure, heap->allocatedAtLargestFailure};
    memcpy(core->vals, values, sizeof(values));
    return TEE_SUCCESS;
}

/// The guard gets its value in a function that does not compare it at its end.
static __no_stack_protector void start_stack_guard(void) {
    if (__stack_chk_guard) return;
    uintptr_t guard = 0;
    if (_utee_cryp_random_number_generate(&guard, sizeof(guard)) != TEE_SUCCESS) _utee_return(TEE_ERROR_GENERIC);
    // The zero byte ends what an overflowing string could copy.
    __stack_chk_guard = (guard & ~(uintptr_t)0xff) | 0x100;
}

__no_stack_protector void skerry_ta_enter(unsigned long function, unsigned long session, struct utee_params *params, unsigned long command) {
    start_stack_guard();
    TEE_Result result;
    switch (function) {
    case UTEE_ENTRY_FUNC_OPEN_SESSION: result = open_session(session, params); break;
    case UTEE_ENTRY_FUNC_CLOSE_SESSION: result = close_session(session); break;
    case UTEE_ENTRY_FUNC_INVOKE_COMMAND: result = invoke(session, params, command); break;
    case UTEE_ENTRY_FUNC_DUMP_MEMSTATS: result = tell_memory(params); break;
    default: result = TEE_ERROR_NOT_SUPPORTED;
    }
    remember_params(0, NULL);
    _utee_return(result);
}
