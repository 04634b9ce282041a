// A thousand sessions one after the other, many at a time, sessions left open, and a thousand contexts.
#include "client.h"

int main(void) {
    begin();
    int good = 0;
    for (int round = 0; round < 1000; round++) {
        TEEC_Session one;
        need(TEEC_OpenSession(&context, &one, &echo, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin), "open");
        TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INOUT, TEEC_NONE, TEEC_NONE, TEEC_NONE)};
        operation.params[0].value = (TEEC_Value){(uint32_t)round, 1};
        need(TEEC_InvokeCommand(&one, ADD, &operation, &origin), "invoke");
        good += operation.params[0].value.a == (uint32_t)round + 1;
        TEEC_CloseSession(&one);
    }
    printf("sessions %d\n", good);
    static TEEC_Session many[100];
    for (int index = 0; index < 100; index++)
        need(TEEC_OpenSession(&context, &many[index], &echo, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin), "open");
    for (int index = 0; index < 50; index++) TEEC_CloseSession(&many[index]);
    good = 0;
    for (int index = 50; index < 100; index++) good += TEEC_InvokeCommand(&many[index], NOTHING, NULL, NULL) == TEEC_SUCCESS;
    printf("left open %d\n", good);
    end();
    good = 0;
    for (int round = 0; round < 1000; round++) {
        TEEC_Context one;
        need(TEEC_InitializeContext(NULL, &one), "initialize");
        TEEC_Session in_it;
        if (round % 10 == 0) need(TEEC_OpenSession(&one, &in_it, &echo, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin), "open");
        TEEC_FinalizeContext(&one);
        good++;
    }
    printf("contexts %d\n", good);
    return 0;
}
