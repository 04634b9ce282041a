// Who the application is told its client is: prints gpd.client.identity. Arguments: the login method and, for groups, the group.
#include "client.h"

int main(int count, char **arguments) {
    begin();
    uint32_t login = count > 1 ? (uint32_t)strtoul(arguments[1], NULL, 0) : 0, group = count > 2 ? (uint32_t)strtoul(arguments[2], NULL, 0) : 0;
    TEEC_Session session;
    TEEC_UUID properties = PROPERTIES_UUID;
    TEEC_Result result = TEEC_OpenSession(&context, &session, &properties, login, count > 2 ? &group : NULL, NULL, &origin);
    if (result) {
        printf("open: %08x\n", result);
        return 0;
    }
    char name[] = "gpd.client.identity", value[100];
    TEEC_Operation operation = {.paramTypes = TYPES(VALUE_INPUT, MEMREF_TEMP_INPUT, MEMREF_TEMP_OUTPUT, NONE),
                                .params = {{.value.a = 1}, {.tmpref = {name, sizeof name}}, {.tmpref = {value, sizeof value}}}};
    WORKS(invoke(&session, PROPERTIES_STRING, &operation));
    printf("%s\n", value);
    TEEC_CloseSession(&session);
    TEEC_FinalizeContext(&context);
    return failures != 0;
}
