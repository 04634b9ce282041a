// A program of the normal world that uses the trusted application: client TEXT
#include <stdio.h>
#include <string.h>
#include <tee_client_api.h>

#include "example_ta.h"

static int failed(const char *what, TEEC_Result result, uint32_t origin) {
    fprintf(stderr, "client: %s: result 0x%08x from %u\n", what, (unsigned)result, (unsigned)origin);
    return 1;
}

int main(int count, char **arguments) {
    const TEEC_UUID uuid = EXAMPLE_TA_UUID;
    char *text = count > 1 ? arguments[1] : "hello";
    TEEC_Context context;
    TEEC_Session session;
    uint32_t origin = 0;

    TEEC_Result result = TEEC_InitializeContext(NULL, &context);
    if (result != TEEC_SUCCESS) return failed("no TEE", result, TEEC_ORIGIN_API);
    result = TEEC_OpenSession(&context, &session, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin);
    if (result != TEEC_SUCCESS) return failed("no session", result, origin);

    unsigned char digest[32];
    TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT, TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE)};
    operation.params[0].tmpref.buffer = text;
    operation.params[0].tmpref.size = strlen(text);
    operation.params[1].tmpref.buffer = digest;
    operation.params[1].tmpref.size = sizeof(digest);
    result = TEEC_InvokeCommand(&session, EXAMPLE_DIGEST, &operation, &origin);
    if (result != TEEC_SUCCESS) return failed("no digest", result, origin);
    for (size_t index = 0; index < operation.params[1].tmpref.size; index++) printf("%02x", digest[index]);

    memset(&operation, 0, sizeof(operation));
    operation.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_OUTPUT, TEEC_NONE, TEEC_NONE, TEEC_NONE);
    result = TEEC_InvokeCommand(&session, EXAMPLE_COUNT, &operation, &origin);
    if (result != TEEC_SUCCESS) return failed("no count", result, origin);
    printf("  digest number %u\n", (unsigned)operation.params[0].value.a);

    TEEC_CloseSession(&session);
    TEEC_FinalizeContext(&context);
    return 0;
}
