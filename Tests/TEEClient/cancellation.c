// Commands and openings that end because another thread asks for it.
#include "client.h"

struct call {
    pthread_t thread;
    TEEC_Operation operation;
    bool opens;
    TEEC_Result result;
    uint32_t origin;
};

static void *run(void *argument) {
    struct call *call = argument;
    TEEC_Session opened;
    if (call->opens) call->result = TEEC_OpenSession(&context, &opened, &sleeper, TEEC_LOGIN_PUBLIC, NULL, &call->operation, &call->origin);
    else call->result = TEEC_InvokeCommand(&session, SLEEP, &call->operation, &call->origin);
    return NULL;
}

static void cancel(const char *what, struct call *call) {
    TEEC_RequestCancellation(&call->operation);
    pthread_join(call->thread, NULL);
    printf("%s: %08x from %u\n", what, call->result, call->origin);
}

int main(void) {
    begin();
    static struct call calls[10];
    for (int index = 0; index < 10; index++) {
        calls[index].opens = index >= 8;
        pthread_create(&calls[index].thread, NULL, run, &calls[index]);
    }
    for (int index = 0; index < 10; index++) wait_for_start(&calls[index].operation);
    for (int index = 0; index < 10; index++) cancel(calls[index].opens ? "opening" : "command", &calls[index]);
    TEEC_Operation early = {0};
    TEEC_RequestCancellation(&early);
    RESULT(invoke(NOTHING, &early));
    RESULT(invoke(NOTHING, &early));
    TEEC_RequestCancellation(&early);
    RESULT(invoke(NOTHING, &early));
    TEEC_RequestCancellation(NULL);
    end();
    return 0;
}
