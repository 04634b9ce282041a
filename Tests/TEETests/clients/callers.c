// Applications that call applications: values, memory, results, panics, time-outs.
#include "client.h"

static TEEC_Session session;

static void values(void) {
    TEEC_UUID hello = HELLO_WORLD_UUID;
    TEEC_Operation operation = {.paramTypes = TYPES(MEMREF_TEMP_INPUT, VALUE_INPUT, VALUE_INOUT, NONE),
                                .params = {{.tmpref = {&hello, sizeof hello}}, {.value.a = HELLO_WORLD_ADD_ONE}, {.value = {41, 9}}}};
    WORKS(invoke(&session, CALLERS_VALUE, &operation));
    CHECK(operation.params[2].value.a == 42 && operation.params[2].value.b == 9);
    operation.params[1].value.a = 99;
    GIVES(invoke(&session, CALLERS_VALUE, &operation), TEEC_ERROR_NOT_SUPPORTED, FROM_APPLICATION);
}

static void memory(uint32_t command, size_t size) {
    TEEC_UUID references = MEMORY_REFERENCES_UUID;
    uint8_t *bytes = malloc(size);
    for (size_t index = 0; index < size; index++) bytes[index] = (uint8_t)(index * 7);
    TEEC_Operation operation = {.paramTypes = TYPES(MEMREF_TEMP_INPUT, VALUE_INPUT, MEMREF_TEMP_INOUT, NONE),
                                .params = {{.tmpref = {&references, sizeof references}}, {.value.a = MEMORY_REFERENCES_INVERT}, {.tmpref = {bytes, size}}}};
    WORKS(invoke(&session, command, &operation));
    CHECK(operation.params[2].tmpref.size == size);
    bool isRight = true;
    for (size_t index = 0; index < size; index++) isRight = isRight && bytes[index] == (uint8_t)~(index * 7);
    CHECK(isRight);
    free(bytes);
}

static void opening(TEEC_UUID uuid, uint32_t result, uint32_t from) {
    TEEC_Operation operation = {.paramTypes = TYPES(MEMREF_TEMP_INPUT, VALUE_OUTPUT, NONE, NONE), .params[0].tmpref = {&uuid, sizeof uuid}};
    WORKS(invoke(&session, CALLERS_OPEN, &operation));
    CHECK(operation.params[1].value.a == result && operation.params[1].value.b == from);
}

static void panic(void) {
    TEEC_UUID panics = PANICS_UUID;
    TEEC_Operation operation = {.paramTypes = TYPES(MEMREF_TEMP_INPUT, VALUE_INPUT, VALUE_OUTPUT, VALUE_OUTPUT),
                                .params = {{.tmpref = {&panics, sizeof panics}}, {.value.a = PANICS_READ_NULL}}};
    WORKS(invoke(&session, CALLERS_INVOKE_TWICE, &operation));
    CHECK(operation.params[2].value.a == TEEC_ERROR_TARGET_DEAD && operation.params[2].value.b == FROM_TEE);
    CHECK(operation.params[3].value.a == TEEC_ERROR_TARGET_DEAD && operation.params[3].value.b == FROM_TEE);
}

static void timeout(void) {
    TEEC_UUID cancellation = CANCELLATION_UUID;
    TEEC_Operation operation = {.paramTypes = TYPES(MEMREF_TEMP_INPUT, VALUE_INPUT, VALUE_OUTPUT, NONE),
                                .params = {{.tmpref = {&cancellation, sizeof cancellation}}, {.value = {CANCELLATION_WAIT_UNMASKED, 100}}}};
    WORKS(invoke(&session, CALLERS_WITH_TIMEOUT, &operation));
    CHECK(operation.params[2].value.a == TEEC_ERROR_CANCEL);
}

int main(void) {
    begin();
    WORKS(OPEN(&session, CALLERS_UUID));
    values();
    for (size_t size = 1; size < 30000; size = size * 9 + 1) {
        memory(CALLERS_MEMORY, size);
        memory(CALLERS_COPIED_MEMORY, size);
    }
    opening((TEEC_UUID)HELLO_WORLD_UUID, TEEC_SUCCESS, FROM_APPLICATION);
    opening((TEEC_UUID){0xdeadbeef, 0, 0, {0}}, TEEC_ERROR_ITEM_NOT_FOUND, FROM_TEE);
    panic();
    timeout();
    TEEC_CloseSession(&session);
    return end();
}
