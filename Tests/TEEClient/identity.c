// Who a session's client is. Arguments: the login method and, for groups, the group.
#include "client.h"

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    need(TEEC_InitializeContext(NULL, &context), "initialize");
    uint32_t login = (uint32_t)strtoul(argv[1], NULL, 0), group = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 0) : 0;
    TEEC_Result result = TEEC_OpenSession(&context, &session, &echo, login, argc > 2 ? &group : NULL, NULL, &origin);
    printf("open %08x from %u\n", result, origin);
    if (result == TEEC_SUCCESS) {
        unsigned char uuid[16];
        TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_OUTPUT, TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE)};
        operation.params[1].tmpref = (TEEC_TempMemoryReference){uuid, sizeof uuid};
        need(invoke(IDENTITY, &operation), "identity");
        printf("login %u ", operation.params[0].value.a);
        for (int index = 0; index < 16; index++) printf("%s%02x", index == 4 || index == 6 || index == 8 || index == 10 ? "-" : "", uuid[index]);
        printf("\n");
        TEEC_CloseSession(&session);
    }
    TEEC_FinalizeContext(&context);
    return 0;
}
