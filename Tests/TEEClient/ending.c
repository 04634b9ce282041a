// A context is finalized although a command runs in it and memory is still shared: programs must not, and must not hang for it.
#include "client.h"

static TEEC_Operation operation;

static void *run(void *result) {
    *(TEEC_Result *)result = invoke(SLEEP, &operation);
    return NULL;
}

int main(void) {
    begin();
    TEEC_SharedMemory memory = {.size = 100, .flags = TEEC_MEM_INPUT};
    need(TEEC_AllocateSharedMemory(&context, &memory), "allocate");
    pthread_t thread;
    TEEC_Result result;
    pthread_create(&thread, NULL, run, &result);
    wait_for_start(&operation);
    TEEC_FinalizeContext(&context);
    pthread_join(thread, NULL);
    printf("command: %08x from %u\n", result, origin);
    printf("next: %s\n", invoke(NOTHING, NULL) == TEEC_SUCCESS ? "success" : "failure");
    printf("new context: %08x\n", TEEC_InitializeContext(NULL, &context));
    TEEC_ReleaseSharedMemory(&memory);
    TEEC_FinalizeContext(&context);
    return 0;
}
