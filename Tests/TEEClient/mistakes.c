// Calls with arguments that are missing or of another context, and contexts that are not there.
#include "client.h"

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    RESULT(TEEC_InitializeContext(NULL, NULL));
    RESULT(TEEC_InitializeContext("another TEE", &context));
    RESULT(TEEC_InitializeContext("unix:/nonexistent/socket", &context));
    RESULT(TEEC_InitializeContext("unix:", &context));
    begin();
    TEEC_Session other;
    const TEEC_UUID unknown = {0};
    RESULT(TEEC_OpenSession(&context, &other, &unknown, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin));
    RESULT(TEEC_OpenSession(NULL, &other, &echo, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin));
    RESULT(TEEC_OpenSession(&context, NULL, &echo, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin));
    RESULT(TEEC_OpenSession(&context, &other, NULL, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin));
    RESULT(TEEC_OpenSession(&context, &other, &echo, TEEC_LOGIN_GROUP, NULL, NULL, &origin));
    RESULT(TEEC_OpenSession(&context, &other, &unknown, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL));
    RESULT(TEEC_InvokeCommand(NULL, NOTHING, NULL, &origin));
    RESULT(TEEC_RegisterSharedMemory(&context, NULL));
    RESULT(TEEC_AllocateSharedMemory(NULL, NULL));
    RESULT(TEEC_RegisterSharedMemoryFileDescriptor(&context, NULL, 0));
    TEEC_CloseSession(NULL);
    TEEC_FinalizeContext(NULL);
    TEEC_Session copy = session;
    end();
    TEEC_Result result = TEEC_InvokeCommand(&copy, NOTHING, NULL, &origin);
    printf("after the end: %s from %u\n", result == TEEC_SUCCESS ? "success" : "failure", origin);
    if (argc > 1) {
        RESULT(TEEC_InitializeContext(argv[1], &context));
        TEEC_FinalizeContext(&context);
    }
    return 0;
}
