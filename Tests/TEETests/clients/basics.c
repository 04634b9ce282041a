// Opening, invoking, closing, and where results come from.
#include "client.h"

static void opening(void) {
    TEEC_Session session;
    TEEC_UUID nobody = {0xdeadbeef, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};
    GIVES(open_session(&session, nobody), TEEC_ERROR_ITEM_NOT_FOUND, FROM_TEE);
    TEEC_UUID hello = HELLO_WORLD_UUID;
    TEEC_Operation operation = {.paramTypes = TYPES(VALUE_INPUT, NONE, NONE, NONE)};
    // hello_world takes no parameters when it is opened: its own refusal.
    GIVES(TEEC_OpenSession(&context, &session, &hello, TEEC_LOGIN_PUBLIC, NULL, &operation, &origin), TEEC_ERROR_BAD_PARAMETERS, FROM_APPLICATION);
    for (int round = 0; round < 20; round++) {
        WORKS(OPEN(&session, HELLO_WORLD_UUID));
        TEEC_CloseSession(&session);
    }
}

static void commands(void) {
    TEEC_Session session;
    WORKS(OPEN(&session, HELLO_WORLD_UUID));
    for (uint32_t number = 0; number < 100; number++) {
        TEEC_Operation operation = {.paramTypes = TYPES(VALUE_INOUT, NONE, NONE, NONE), .params[0].value = {number, 7}};
        WORKS(invoke(&session, HELLO_WORLD_ADD_ONE, &operation));
        CHECK(operation.params[0].value.a == number + 1 && operation.params[0].value.b == 7);
    }
    GIVES(invoke(&session, 99, NULL), TEEC_ERROR_NOT_SUPPORTED, FROM_APPLICATION);
    TEEC_Operation wrong = {.paramTypes = TYPES(VALUE_INPUT, NONE, NONE, NONE)};
    GIVES(invoke(&session, HELLO_WORLD_ADD_ONE, &wrong), TEEC_ERROR_BAD_PARAMETERS, FROM_APPLICATION);
    GIVES(invoke(&session, HELLO_WORLD_ADD_ONE, NULL), TEEC_ERROR_BAD_PARAMETERS, FROM_APPLICATION);
    TEEC_CloseSession(&session);
}

static void buffers(void) {
    TEEC_Session session;
    WORKS(OPEN(&session, HELLO_WORLD_UUID));
    char greeting[32];
    memset(greeting, '#', sizeof greeting);
    TEEC_Operation operation = {.paramTypes = TYPES(MEMREF_TEMP_OUTPUT, NONE, NONE, NONE), .params[0].tmpref = {greeting, sizeof greeting}};
    WORKS(invoke(&session, HELLO_WORLD_GREET, &operation));
    CHECK(operation.params[0].tmpref.size == 13 && !memcmp(greeting, "Hello, world", 13) && greeting[13] == '#');
    memset(greeting, '#', sizeof greeting);
    operation.params[0].tmpref.size = 12;
    GIVES(invoke(&session, HELLO_WORLD_GREET, &operation), TEEC_ERROR_SHORT_BUFFER, FROM_APPLICATION);
    CHECK(operation.params[0].tmpref.size == 13 && greeting[0] == '#');
    operation.params[0].tmpref = (TEEC_TempMemoryReference){NULL, 0};
    GIVES(invoke(&session, HELLO_WORLD_GREET, &operation), TEEC_ERROR_SHORT_BUFFER, FROM_APPLICATION);
    CHECK(operation.params[0].tmpref.size == 13);
    TEEC_CloseSession(&session);
}

static void contexts(void) {
    TEEC_Context other;
    TEEC_Session session;
    TEEC_UUID hello = HELLO_WORLD_UUID;
    for (int round = 0; round < 20; round++) {
        CHECK(TEEC_InitializeContext(NULL, &other) == TEEC_SUCCESS);
        WORKS(TEEC_OpenSession(&other, &session, &hello, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin));
        // Left open every other time: the context closes it.
        if (round & 1) TEEC_CloseSession(&session);
        TEEC_FinalizeContext(&other);
    }
}

int main(void) {
    begin();
    opening();
    commands();
    buffers();
    contexts();
    return end();
}
