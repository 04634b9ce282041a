// TEEC_RequestCancellation: what listens ends, what does not listen goes on.
#define _GNU_SOURCE
#include "client.h"

struct command {
    TEEC_Session *session;
    uint32_t number;
    TEEC_Operation operation;
    TEEC_Result result;
    uint32_t origin;
};

static void *carry_out(void *argument) {
    struct command *command = argument;
    command->result = TEEC_InvokeCommand(command->session, command->number, &command->operation, &command->origin);
    return NULL;
}

static void cancelled(TEEC_Session *session, uint32_t number, uint32_t milliseconds, TEEC_Result expected) {
    struct command command = {.session = session, .number = number, .operation = {.paramTypes = TYPES(VALUE_INPUT, NONE, NONE, NONE), .params[0].value.a = milliseconds}};
    pthread_t thread;
    pthread_create(&thread, NULL, carry_out, &command);
    while (!__atomic_load_n(&command.operation.started, __ATOMIC_RELAXED)) usleep(1000);
    // Again and again: the first may come before the application has it.
    while (pthread_tryjoin_np(thread, NULL)) {
        TEEC_RequestCancellation(&command.operation);
        usleep(20000);
    }
    CHECK(command.result == expected && command.origin == FROM_APPLICATION);
}

int main(void) {
    begin();
    TEEC_Session session;
    WORKS(OPEN(&session, CANCELLATION_UUID));
    cancelled(&session, CANCELLATION_WAIT_UNMASKED, 60000, TEEC_ERROR_CANCEL);
    cancelled(&session, CANCELLATION_WAIT_MASKED, 500, TEEC_SUCCESS);
    cancelled(&session, CANCELLATION_WATCH_FLAG, 0, TEEC_SUCCESS);
    TEEC_CloseSession(&session);
    // Cancellation is masked when a session begins, and the flag of one command is not the next one's.
    WORKS(OPEN(&session, CANCELLATION_UUID));
    TEEC_Operation masks = {.paramTypes = TYPES(VALUE_OUTPUT, VALUE_OUTPUT, VALUE_OUTPUT, NONE)};
    WORKS(invoke(&session, CANCELLATION_MASKS, &masks));
    CHECK(masks.params[0].value.a == 1 && masks.params[0].value.b == 0 && masks.params[1].value.a == 0 && masks.params[1].value.b == 1);
    CHECK(masks.params[2].value.a == 0);
    TEEC_Operation wait = {.paramTypes = TYPES(VALUE_INPUT, NONE, NONE, NONE), .params[0].value.a = 10};
    WORKS(invoke(&session, CANCELLATION_WAIT_UNMASKED, &wait));
    TEEC_CloseSession(&session);
    return end();
}
