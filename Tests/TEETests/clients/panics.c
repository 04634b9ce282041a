// Every way for an instance to die, its client and a neighbour.
#include "client.h"

int main(void) {
    begin();
    TEEC_Session neighbour, session;
    WORKS(OPEN(&neighbour, HELLO_WORLD_UUID));
    const uint32_t commands[] = {PANICS_PANIC,         PANICS_READ_NULL,          PANICS_WRITE_CODE, PANICS_RUN_DATA, PANICS_DIVIDE_BY_ZERO,       PANICS_OVERFLOW_STACK,
                                 PANICS_FREE_WHAT_IS_NONE, PANICS_FREE_TWICE,     PANICS_ABORT,      PANICS_ASSERT,   PANICS_UNINITIALIZED_CIPHER, PANICS_WRONG_HANDLE,
                                 PANICS_INVALID_INSTRUCTION, PANICS_READ_EMPTY_BLOCK, PANICS_WRITE_EMPTY_BLOCK};
    for (size_t index = 0; index < sizeof commands / sizeof *commands; index++) {
        WORKS(OPEN(&session, PANICS_UUID));
        TEEC_Operation operation = {.paramTypes = TYPES(VALUE_INPUT, NONE, NONE, NONE), .params[0].value.a = 0x1234};
        GIVES(invoke(&session, commands[index], &operation), TEEC_ERROR_TARGET_DEAD, FROM_TEE);
        GIVES(invoke(&session, commands[index], &operation), TEEC_ERROR_TARGET_DEAD, FROM_TEE);
        TEEC_CloseSession(&session);
        operation = (TEEC_Operation){.paramTypes = TYPES(VALUE_INOUT, NONE, NONE, NONE)};
        WORKS(invoke(&neighbour, HELLO_WORLD_ADD_ONE, &operation));
    }
    TEEC_CloseSession(&neighbour);
    return end();
}
