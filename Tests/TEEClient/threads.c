// Eight threads on one context: four share a session, four have their own; each mixes values, temporary and shared memory.
#include "client.h"

enum { THREADS = 8, ROUNDS = 150 };

struct worker {
    pthread_t thread;
    TEEC_Session *session;
    unsigned number, good;
};

static bool invert_temporary(struct worker *worker, unsigned round) {
    unsigned char bytes[20000];
    size_t size = round * 133 % sizeof bytes;
    for (size_t index = 0; index < size; index++) bytes[index] = (unsigned char)(index ^ worker->number);
    TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INOUT, TEEC_NONE, TEEC_NONE, TEEC_NONE)};
    operation.params[0].tmpref = (TEEC_TempMemoryReference){bytes, size};
    if (TEEC_InvokeCommand(worker->session, INVERT, &operation, NULL)) return false;
    for (size_t index = 0; index < size; index++)
        if (bytes[index] != (unsigned char)~(index ^ worker->number)) return false;
    return true;
}

static bool invert_shared(struct worker *worker, TEEC_SharedMemory *memory, unsigned round) {
    memset(memory->buffer, (int)(round + worker->number), memory->size);
    TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_WHOLE, TEEC_NONE, TEEC_NONE, TEEC_NONE)};
    operation.params[0].memref.parent = memory;
    if (TEEC_InvokeCommand(worker->session, INVERT, &operation, NULL)) return false;
    unsigned char expected = (unsigned char)~(round + worker->number);
    for (size_t index = 0; index < memory->size; index++)
        if (((unsigned char *)memory->buffer)[index] != expected) return false;
    return true;
}

static void *work(void *argument) {
    struct worker *worker = argument;
    TEEC_SharedMemory memory = {.size = 5000, .flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT};
    need(TEEC_AllocateSharedMemory(&context, &memory), "allocate");
    for (unsigned round = 0; round < ROUNDS; round++) {
        TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INOUT, TEEC_NONE, TEEC_NONE, TEEC_NONE)};
        operation.params[0].value = (TEEC_Value){round, worker->number};
        bool is_good = !TEEC_InvokeCommand(worker->session, ADD, &operation, NULL) && operation.params[0].value.a == round + worker->number;
        if (is_good && invert_temporary(worker, round) && invert_shared(worker, &memory, round)) worker->good++;
    }
    TEEC_ReleaseSharedMemory(&memory);
    return NULL;
}

int main(void) {
    begin();
    static struct worker workers[THREADS];
    static TEEC_Session own[THREADS];
    unsigned good = 0;
    for (unsigned index = 0; index < THREADS; index++) {
        workers[index] = (struct worker){.number = index, .session = &session};
        if (index % 2) {
            need(TEEC_OpenSession(&context, &own[index], &echo, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin), "open");
            workers[index].session = &own[index];
        }
        pthread_create(&workers[index].thread, NULL, work, &workers[index]);
    }
    for (unsigned index = 0; index < THREADS; index++) {
        pthread_join(workers[index].thread, NULL);
        good += workers[index].good;
        if (index % 2) TEEC_CloseSession(&own[index]);
    }
    printf("good %u of %d\n", good, THREADS * ROUNDS);
    end();
    return 0;
}
