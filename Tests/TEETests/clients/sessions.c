// The four kinds of instances (TEE Internal Core API 2.1.3): lifecycle is built once for each.
#include "client.h"

static TEEC_UUID kind(int number) { return (TEEC_UUID){0x5ec0e001, (uint16_t)(0x20 + number), 0x4a11, {0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, (uint8_t)(0x20 + number)}}; }

struct counts {
    uint32_t commands, own, open, ever;
};

static struct counts count(TEEC_Session *session) {
    TEEC_Operation operation = {.paramTypes = TYPES(VALUE_OUTPUT, VALUE_OUTPUT, NONE, NONE)};
    WORKS(invoke(session, LIFECYCLE_COUNT, &operation));
    return (struct counts){operation.params[0].value.a, operation.params[0].value.b, operation.params[1].value.a, operation.params[1].value.b};
}

static void an_instance_for_each(void) {
    TEEC_Session first, second;
    WORKS(open_session(&first, kind(0)));
    WORKS(open_session(&second, kind(0)));
    count(&first);
    struct counts of_first = count(&first), of_second = count(&second);
    CHECK(of_first.commands == 2 && of_second.commands == 1 && of_first.open == 1 && of_second.ever == 1);
    TEEC_CloseSession(&first);
    CHECK(count(&second).commands == 2);
    TEEC_CloseSession(&second);
}

static void one_at_a_time(void) {
    TEEC_Session first, second;
    WORKS(open_session(&first, kind(1)));
    GIVES(open_session(&second, kind(1)), TEEC_ERROR_BUSY, FROM_TEE);
    CHECK(count(&first).ever == 1);
    TEEC_CloseSession(&first);
    WORKS(open_session(&second, kind(1)));
    CHECK(count(&second).ever == 1);
    TEEC_CloseSession(&second);
}

static void one_for_many(void) {
    TEEC_Session sessions[8];
    for (int index = 0; index < 8; index++) WORKS(open_session(&sessions[index], kind(2)));
    for (uint32_t index = 0; index < 8; index++) {
        struct counts counts = count(&sessions[index]);
        CHECK(counts.commands == index + 1 && counts.own == 1 && counts.open == 8 && counts.ever == 8);
    }
    TEEC_Operation operation = {.paramTypes = TYPES(VALUE_INPUT, VALUE_OUTPUT, NONE, NONE), .params[0].value.a = 77};
    WORKS(invoke(&sessions[0], LIFECYCLE_INSTANCE_DATA, &operation));
    CHECK(operation.params[1].value.a == 0);
    WORKS(invoke(&sessions[5], LIFECYCLE_INSTANCE_DATA, &operation));
    CHECK(operation.params[1].value.a == 77);
    for (int index = 0; index < 8; index++) TEEC_CloseSession(&sessions[index]);
    // Another instance.
    WORKS(open_session(&sessions[0], kind(2)));
    CHECK(count(&sessions[0]).ever == 1);
    TEEC_CloseSession(&sessions[0]);
}

static void kept_alive(void) {
    TEEC_Session session;
    WORKS(open_session(&session, kind(3)));
    struct counts before = count(&session);
    TEEC_CloseSession(&session);
    WORKS(open_session(&session, kind(3)));
    struct counts after = count(&session);
    CHECK(after.ever == before.ever + 1 && after.commands == before.commands + 1 && after.own == 1);
    TEEC_CloseSession(&session);
}

static void refused(void) {
    TEEC_Session session;
    TEEC_UUID uuid = kind(2);
    TEEC_Operation operation = {.paramTypes = TYPES(VALUE_INPUT, NONE, NONE, NONE), .params[0].value.a = 0xffff0123};
    GIVES(TEEC_OpenSession(&context, &session, &uuid, TEEC_LOGIN_PUBLIC, NULL, &operation, &origin), 0xffff0123, FROM_APPLICATION);
}

static void panic(int number) {
    TEEC_Session first, second;
    WORKS(open_session(&first, kind(number)));
    WORKS(open_session(&second, kind(number)));
    GIVES(invoke(&first, LIFECYCLE_PANIC, NULL), TEEC_ERROR_TARGET_DEAD, FROM_TEE);
    GIVES(invoke(&first, LIFECYCLE_COUNT, NULL), TEEC_ERROR_TARGET_DEAD, FROM_TEE);
    // The other session has an instance of its own, or has lost the same one.
    TEEC_Operation operation = {.paramTypes = TYPES(VALUE_OUTPUT, VALUE_OUTPUT, NONE, NONE)};
    GIVES(invoke(&second, LIFECYCLE_COUNT, &operation), number ? TEEC_ERROR_TARGET_DEAD : TEEC_SUCCESS, number ? FROM_TEE : FROM_APPLICATION);
    TEEC_CloseSession(&first);
    TEEC_CloseSession(&second);
    WORKS(open_session(&first, kind(number)));
    CHECK(count(&first).ever == 1);
    TEEC_CloseSession(&first);
}

int main(void) {
    begin();
    an_instance_for_each();
    one_at_a_time();
    one_for_many();
    kept_alive();
    refused();
    panic(0);
    panic(2);
    panic(3);
    return end();
}
