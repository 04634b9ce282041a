// A supplicant with a plug-in, as OP-TEE's tee-supplicant serves /dev/teepriv0, and an application that calls it. Only for the superuser of a sandbox.
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tee.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MEMORY_ALLOCATE = 6, MEMORY_FREE = 7, PLUGIN = 12, INOUT_VALUE = 3, INOUT_MEMORY = 7, NOT_FOUND = 0xffff0008 };
// Commands of the plug-in.
enum { PING, INCREMENT, SHORTEN, FAIL, VANISH, LIE };

struct message {
    uint32_t word, count;
    struct tee_ioctl_param params[5];
};

/// The memory that the secure world asked for; one at a time is enough here.
static struct {
    uint8_t *bytes;
    size_t size;
    int id, descriptor;
} memory = {.descriptor = -1};

static uint32_t allocate(int device, struct tee_ioctl_param *param) {
    if (param->attr != INOUT_VALUE || param->a != 0 || memory.descriptor >= 0) return TEEC_ERROR_BAD_PARAMETERS;
    memory.size = (param->b + 4095) & ~4095ul;
    memory.bytes = aligned_alloc(4096, memory.size);
    struct tee_ioctl_shm_register_data data = {.addr = (uintptr_t)memory.bytes, .length = memory.size};
    memory.descriptor = ioctl(device, TEE_IOC_SHM_REGISTER, &data);
    if (memory.descriptor < 0) return TEEC_ERROR_OUT_OF_MEMORY;
    param->c = (uint64_t)(memory.id = data.id);
    return TEEC_SUCCESS;
}

static uint32_t release(const struct tee_ioctl_param *param) {
    if (param->attr != INOUT_VALUE || (int)param->b != memory.id || memory.descriptor < 0) return TEEC_ERROR_BAD_PARAMETERS;
    close(memory.descriptor);
    free(memory.bytes);
    memory.descriptor = -1;
    return TEEC_SUCCESS;
}

static uint32_t plugin(struct tee_ioctl_param *params, uint32_t count) {
    static const uint8_t uuid[16] = {0x5e, 0xc0, 0xe0, 0x01, 0, 0x30, 0x4a, 0x11, 0x90, 1, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x30};
    const uint32_t words[4] = {(uint32_t)params[0].b, (uint32_t)params[0].c, (uint32_t)params[1].a, (uint32_t)params[1].b};
    const bool isMemory = params[3].c != ~0ul;
    if (count != 4 || params[0].attr != 1 || params[1].attr != 1 || params[2].attr != INOUT_VALUE || params[3].attr != INOUT_MEMORY) return TEEC_ERROR_BAD_FORMAT;
    if (params[0].a || params[3].a || isMemory != (params[3].b != 0) || (isMemory && ((int)params[3].c != memory.id || params[3].b > memory.size))) return TEEC_ERROR_BAD_FORMAT;
    if (memcmp(words, uuid, sizeof uuid)) return NOT_FOUND;
    uint32_t size = (uint32_t)params[3].b, subcommand = (uint32_t)params[2].a;
    params[2].b = size;
    switch (params[1].c) {
    case PING: params[2].b = 7; return TEEC_SUCCESS;
    case INCREMENT:
        for (uint32_t index = 0; index < size; index++) memory.bytes[index] = (uint8_t)(memory.bytes[index] + 1 + subcommand);
        return TEEC_SUCCESS;
    case SHORTEN:
        memset(memory.bytes, 0xee, size);
        params[2].b = subcommand;
        return TEEC_SUCCESS;
    case FAIL: return TEEC_ERROR_BUSY;
    case VANISH: _exit(0);
    // Longer than there is room for.
    default: params[2].b = 1 << 30; return TEEC_SUCCESS;
    }
}

static int supplicant(int ready) {
    int device = open("/dev/teepriv0", O_RDWR);
    if (device < 0 || write(ready, "r", 1) != 1) return 1;
    for (;;) {
        struct message message = {.count = 5, .params[0].attr = TEE_IOCTL_PARAM_ATTR_META};
        struct tee_ioctl_buf_data data = {(uintptr_t)&message, sizeof message};
        // Too little room: the request stays.
        if (ioctl(device, TEE_IOC_SUPPL_RECV, &data)) return 2;
        struct tee_ioctl_param *params = message.params + 1;
        if (message.params[0].attr != (TEE_IOCTL_PARAM_ATTR_META | INOUT_VALUE)) return 3;
        uint32_t count = message.count - 1;
        message.word = message.word == MEMORY_ALLOCATE && count == 1 ? allocate(device, params)
                       : message.word == MEMORY_FREE && count == 1   ? release(params)
                       : message.word == PLUGIN                      ? plugin(params, count)
                                                                     : TEEC_ERROR_NOT_SUPPORTED;
        uint64_t number = message.params[0].a;
        message.params[0].a = number + 100;
        if (!ioctl(device, TEE_IOC_SUPPL_SEND, &data) || errno != ENOENT) return 4;
        message.params[0].a = number;
        message.count--;
        if (!ioctl(device, TEE_IOC_SUPPL_SEND, &data) || errno != EINVAL) return 5;
        message.count++;
        if (ioctl(device, TEE_IOC_SUPPL_SEND, &data)) return 6;
    }
}

static TEEC_Session session;

static TEEC_Result call(uint32_t command, uint32_t subcommand, uint32_t which, void *bytes, size_t size, uint32_t *length) {
    TEEC_Operation operation = {.paramTypes = TYPES(MEMREF_TEMP_INOUT, VALUE_INPUT, VALUE_INPUT, VALUE_OUTPUT),
                                .params = {{.tmpref = {bytes, size}}, {.value = {command, subcommand}}, {.value.a = which}}};
    TEEC_Result result = invoke(&session, MEMORY_REFERENCES_PLUGIN, &operation);
    *length = operation.params[3].value.a;
    CHECK(operation.params[0].tmpref.size == size);
    return result;
}

static void with_own(uint32_t size) {
    TEEC_Operation operation = {.paramTypes = TYPES(NONE, VALUE_INPUT, NONE, VALUE_OUTPUT), .params[1].value.a = size};
    WORKS(invoke(&session, MEMORY_REFERENCES_OWN_PLUGIN, &operation));
    CHECK(operation.params[3].value.a == size && operation.params[3].value.b == size * 2);
}

static pid_t start(void) {
    int ends[2];
    char byte;
    if (pipe(ends)) exit(1);
    pid_t child = fork();
    if (!child) _exit(supplicant(ends[1]));
    CHECK(read(ends[0], &byte, 1) == 1);
    close(ends[0]);
    close(ends[1]);
    return child;
}

int main(void) {
    uint8_t bytes[6] = {0, 1, 2, 3, 4, 5};
    uint32_t length = 0;
    int status;
    begin();
    WORKS(OPEN(&session, MEMORY_REFERENCES_UUID));
    GIVES(call(PING, 0, 0, bytes, sizeof bytes, &length), NOT_FOUND, FROM_APPLICATION);
    pid_t child = start();
    for (int round = 0; round < 20; round++) {
        WORKS(call(PING, 0, 0, NULL, 0, &length));
        WORKS(call(INCREMENT, 2, 0, bytes, sizeof bytes, &length));
        CHECK(length == sizeof bytes && bytes[0] == 3 * (round + 1) && bytes[5] == 3 * (round + 1) + 5);
    }
    with_own(0);
    with_own(1);
    with_own(9000);
    memset(bytes, 1, sizeof bytes);
    WORKS(call(SHORTEN, 2, 0, bytes, sizeof bytes, &length));
    CHECK(length == 2 && bytes[1] == 0xee && bytes[2] == 1);
    WORKS(call(LIE, 0, 0, bytes, sizeof bytes, &length));
    CHECK(length == 1 << 30);
    GIVES(call(FAIL, 0, 0, bytes, sizeof bytes, &length), TEEC_ERROR_BUSY, FROM_APPLICATION);
    GIVES(call(PING, 0, 1, bytes, sizeof bytes, &length), NOT_FOUND, FROM_APPLICATION);
    GIVES(call(VANISH, 0, 0, bytes, sizeof bytes, &length), TEEC_ERROR_COMMUNICATION, FROM_APPLICATION);
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    GIVES(call(PING, 0, 0, bytes, sizeof bytes, &length), NOT_FOUND, FROM_APPLICATION);
    child = start();
    WORKS(call(INCREMENT, 0, 0, bytes, sizeof bytes, &length));
    kill(child, SIGKILL);
    CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
    TEEC_CloseSession(&session);
    return end();
}
