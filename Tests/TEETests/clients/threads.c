// Threads with sessions of their own, and threads that share one.
#include "client.h"

enum { THREADS = 8, ROUNDS = 30 };

static void *own_session(void *number) {
    uint32_t base = (uint32_t)(uintptr_t)number * 1000;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        TEEC_Session session;
        WORKS(OPEN(&session, HELLO_WORLD_UUID));
        TEEC_Operation operation = {.paramTypes = TYPES(VALUE_INOUT, NONE, NONE, NONE), .params[0].value = {base + round, 0}};
        WORKS(invoke(&session, HELLO_WORLD_ADD_ONE, &operation));
        CHECK(operation.params[0].value.a == base + round + 1);
        TEEC_CloseSession(&session);
    }
    return NULL;
}

static TEEC_Session common;

static void *common_session(void *number) {
    uint8_t bytes[3000];
    for (uint32_t round = 0; round < ROUNDS; round++) {
        memset(bytes, (int)(uintptr_t)number, sizeof bytes);
        TEEC_Operation operation = {.paramTypes = TYPES(MEMREF_TEMP_INOUT, NONE, NONE, NONE), .params[0].tmpref = {bytes, sizeof bytes}};
        WORKS(invoke(&common, MEMORY_REFERENCES_INVERT, &operation));
        bool isRight = true;
        for (size_t index = 0; index < sizeof bytes; index++) isRight = isRight && bytes[index] == (uint8_t) ~(uintptr_t)number;
        CHECK(isRight);
    }
    return NULL;
}

static void all(void *(*body)(void *)) {
    pthread_t threads[THREADS];
    for (uintptr_t index = 0; index < THREADS; index++) CHECK(pthread_create(&threads[index], NULL, body, (void *)index) == 0);
    for (int index = 0; index < THREADS; index++) pthread_join(threads[index], NULL);
}

int main(void) {
    begin();
    all(own_session);
    WORKS(OPEN(&common, MEMORY_REFERENCES_UUID));
    all(common_session);
    TEEC_CloseSession(&common);
    return end();
}
