// The Linux TEE subsystem: contexts, sessions and commands over /dev/tee* (linux/tee.h).
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/tee.h>

#include "teec.h"

enum { DEVICE_COUNT = 10 };

static int open_device(int number, const char *capability, struct tee_ioctl_version_data *version) {
    char path[] = "/dev/tee0";
    path[sizeof path - 2] = (char)('0' + number);
    int descriptor = open(path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0) return -1;
    bool fits = !ioctl(descriptor, TEE_IOC_VERSION, version) && (version->gen_caps & TEE_GEN_CAP_GP);
    if (fits && capability) fits = version->impl_id == TEE_IMPL_ID_OPTEE && (version->impl_caps & TEE_OPTEE_CAP_TZ);
    if (fits) return descriptor;
    close(descriptor);
    return -1;
}

TEEC_Result teec_device_open(const char *capability, TEEC_Context *context) {
    for (int number = 0; number < DEVICE_COUNT; number++) {
        struct tee_ioctl_version_data version = {0};
        int descriptor = open_device(number, capability, &version);
        if (descriptor < 0) continue;
        context->imp.fd = descriptor;
        context->imp.reg_mem = version.gen_caps & TEE_GEN_CAP_REG_MEM;
        context->imp.memref_null = version.gen_caps & TEE_GEN_CAP_MEMREF_NULL;
        return TEEC_SUCCESS;
    }
    return TEEC_ERROR_ITEM_NOT_FOUND;
}

void teec_device_close(TEEC_Context *context) {
    if (context->imp.fd >= 0) close(context->imp.fd);
}

// The memory that the TEE sees instead of the program's, if there is one; temporary memory has its own TEEC_SharedMemory.
static void *shadow(const struct teec_parameter *parameter, const TEEC_SharedMemory *memory) {
    return memory->imp.shadow_buffer ? (char *)memory->imp.shadow_buffer + parameter->offset : NULL;
}

static void *original(const struct teec_parameter *parameter, const TEEC_SharedMemory *memory) { return (char *)memory->buffer + parameter->offset; }

static TEEC_Result share_temporary(TEEC_Context *context, const struct teec_parameter *parameter, TEEC_SharedMemory *memory) {
    memory->flags = parameter->type & (TEEC_MEM_INPUT | TEEC_MEM_OUTPUT);
    memory->size = parameter->size;
    memory->buffer = parameter->buffer;
    return parameter->buffer ? TEEC_RegisterSharedMemory(context, memory) : TEEC_AllocateSharedMemory(context, memory);
}

static TEEC_Result prepare(TEEC_Context *context, const struct teec_parameter *parameter, TEEC_SharedMemory *temporary, struct tee_ioctl_param *to) {
    to->attr = parameter->type;
    if (teec_is_value(parameter)) {
        to->a = parameter->a;
        to->b = parameter->b;
    }
    if (!teec_is_memory(parameter)) return TEEC_SUCCESS;
    to->a = parameter->offset;
    to->b = parameter->size;
    to->c = TEE_MEMREF_NULL;
    const TEEC_SharedMemory *memory = parameter->parent;
    if (!memory) {
        if (!parameter->buffer && context->imp.memref_null) return TEEC_SUCCESS;
        TEEC_Result result = share_temporary(context, parameter, temporary);
        if (result != TEEC_SUCCESS) return result;
        memory = temporary;
    } else if (memory->imp.id == -1 || (memory->imp.flags & TEEC_ON_SOCKET)) {
        return TEEC_ERROR_BAD_PARAMETERS;
    }
    to->c = (uint64_t)memory->imp.id;
    // Temporary memory goes whatever the direction, so that an application that writes nothing changes nothing.
    bool is_read = !parameter->parent || (parameter->type & TEEC_MEM_INPUT);
    if (shadow(parameter, memory) && is_read) memcpy(shadow(parameter, memory), original(parameter, memory), parameter->size);
    return TEEC_SUCCESS;
}

static void take(struct teec_parameter *parameter, const TEEC_SharedMemory *temporary, const struct tee_ioctl_param *from) {
    if (!teec_is_output(parameter)) return;
    if (teec_is_value(parameter)) {
        parameter->a = (uint32_t)from->a;
        parameter->b = (uint32_t)from->b;
        return;
    }
    parameter->size = from->b;
    const TEEC_SharedMemory *memory = parameter->parent ? parameter->parent : temporary;
    if (parameter->size <= parameter->capacity && memory->buffer && shadow(parameter, memory))
        memcpy(original(parameter, memory), shadow(parameter, memory), parameter->size);
}

static void put_uuid(uint8_t octets[TEE_IOCTL_UUID_LEN], const TEEC_UUID *uuid) {
    uint32_t low = __builtin_bswap32(uuid->timeLow);
    uint16_t middle = __builtin_bswap16(uuid->timeMid), high = __builtin_bswap16(uuid->timeHiAndVersion);
    memcpy(octets, &low, 4);
    memcpy(octets + 4, &middle, 2);
    memcpy(octets + 6, &high, 2);
    memcpy(octets + 8, uuid->clockSeqAndNode, 8);
}

union open_argument {
    struct tee_ioctl_open_session_arg head;
    uint8_t bytes[sizeof(struct tee_ioctl_open_session_arg) + TEEC_CONFIG_PAYLOAD_REF_COUNT * sizeof(struct tee_ioctl_param)];
};

union invoke_argument {
    struct tee_ioctl_invoke_arg head;
    uint8_t bytes[sizeof(struct tee_ioctl_invoke_arg) + TEEC_CONFIG_PAYLOAD_REF_COUNT * sizeof(struct tee_ioctl_param)];
};

static void finish(struct teec_request *request, TEEC_Result result, uint32_t origin, bool is_answered) {
    request->result = result;
    request->origin = origin;
    request->is_answered = is_answered;
}

static void call(TEEC_Context *context, struct teec_request *request, uint64_t id, const struct tee_ioctl_param params[TEEC_CONFIG_PAYLOAD_REF_COUNT],
                 struct tee_ioctl_param results[TEEC_CONFIG_PAYLOAD_REF_COUNT]) {
    size_t size = TEEC_CONFIG_PAYLOAD_REF_COUNT * sizeof *params;
    union open_argument open = {.head = {.clnt_login = request->login, .cancel_id = (uint32_t)id, .num_params = TEEC_CONFIG_PAYLOAD_REF_COUNT}};
    union invoke_argument invoke = {
        .head = {.func = request->command, .session = request->session, .cancel_id = (uint32_t)id, .num_params = TEEC_CONFIG_PAYLOAD_REF_COUNT}};
    struct tee_ioctl_buf_data data = {.buf_ptr = (uintptr_t)&invoke, .buf_len = sizeof invoke};
    if (request->opens) {
        put_uuid(open.head.uuid, &request->destination);
        memcpy(open.head.clnt_uuid, &request->group, sizeof request->group);
        data = (struct tee_ioctl_buf_data){.buf_ptr = (uintptr_t)&open, .buf_len = sizeof open};
    }
    uint8_t *tail = request->opens ? open.bytes + sizeof open.head : invoke.bytes + sizeof invoke.head;
    memcpy(tail, params, size);
    if (ioctl(context->imp.fd, request->opens ? TEE_IOC_OPEN_SESSION : TEE_IOC_INVOKE, &data)) {
        finish(request, errno == ENOMEM ? TEEC_ERROR_OUT_OF_MEMORY : TEEC_ERROR_GENERIC, TEEC_ORIGIN_COMMS, false);
        return;
    }
    memcpy(results, tail, size);
    if (request->opens) {
        request->session = open.head.session;
        finish(request, open.head.ret, open.head.ret_origin, true);
    } else {
        finish(request, invoke.head.ret, invoke.head.ret_origin, true);
    }
}

void teec_device_perform(TEEC_Context *context, struct teec_request *request, struct teec_pending *pending) {
    static uint32_t last_id;
    struct tee_ioctl_param params[TEEC_CONFIG_PAYLOAD_REF_COUNT] = {0}, results[TEEC_CONFIG_PAYLOAD_REF_COUNT] = {0};
    TEEC_SharedMemory temporary[TEEC_CONFIG_PAYLOAD_REF_COUNT] = {0};
    for (int index = 0; index < TEEC_CONFIG_PAYLOAD_REF_COUNT; index++) temporary[index].imp.id = -1;
    TEEC_Result result = TEEC_SUCCESS;
    for (int index = 0; index < TEEC_CONFIG_PAYLOAD_REF_COUNT && result == TEEC_SUCCESS; index++)
        result = prepare(context, &request->parameters[index], &temporary[index], &params[index]);
    // The kernel says nothing when it has passed the request on; a cancellation between this line and that moment is lost.
    uint32_t id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
    if (result != TEEC_SUCCESS) finish(request, result, TEEC_ORIGIN_API, false);
    else if (teec_is_under_way(pending, id)) finish(request, TEEC_ERROR_CANCEL, TEEC_ORIGIN_API, false);
    else call(context, request, id, params, results);
    for (int index = 0; index < TEEC_CONFIG_PAYLOAD_REF_COUNT; index++) {
        if (request->is_answered) take(&request->parameters[index], &temporary[index], &results[index]);
        TEEC_ReleaseSharedMemory(&temporary[index]);
    }
}

void teec_device_cancel(TEEC_Context *context, uint32_t session, uint64_t id) {
    struct tee_ioctl_cancel_arg argument = {.cancel_id = (uint32_t)id, .session = session};
    ioctl(context->imp.fd, TEE_IOC_CANCEL, &argument);
}

void teec_device_close_session(TEEC_Context *context, uint32_t session) {
    struct tee_ioctl_close_session_arg argument = {.session = session};
    ioctl(context->imp.fd, TEE_IOC_CLOSE_SESSION, &argument);
}
