// Values and temporary memory of every direction and of sizes around the protocol's limits.
#include "client.h"

static void values(void) {
    TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INOUT, TEEC_VALUE_INPUT, TEEC_VALUE_OUTPUT, TEEC_NONE)};
    operation.params[0].value = (TEEC_Value){40, 2};
    operation.params[1].value = (TEEC_Value){7, 8};
    RESULT(invoke(ADD, &operation));
    printf("sum %u, b %u, input %u %u\n", operation.params[0].value.a, operation.params[0].value.b, operation.params[1].value.a, operation.params[1].value.b);
    operation.params[0].value = (TEEC_Value){0xffffffff, 2};
    need(invoke(ADD, &operation), "add");
    printf("sum %u\n", operation.params[0].value.a);
}

static void copy(size_t size, size_t room) {
    unsigned char *from = malloc(size + 1), *to = malloc(room + 1);
    for (size_t index = 0; index < size; index++) from[index] = (unsigned char)(index * 31 + size);
    memset(to, 0xee, room + 1);
    TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT, TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE)};
    operation.params[0].tmpref = (TEEC_TempMemoryReference){from, size};
    operation.params[1].tmpref = (TEEC_TempMemoryReference){to, room};
    TEEC_Result result = invoke(COPY, &operation);
    size_t written = operation.params[1].tmpref.size;
    bool is_untouched = to[room] == 0xee;
    for (size_t index = written <= room ? written : 0; index < room; index++) is_untouched = is_untouched && to[index] == 0xee;
    printf("copy %zu to %zu: %08x from %u, size %zu, %s, rest %s\n", size, room, result, origin, written,
           written <= room && !memcmp(from, to, written) ? "equal" : "different", is_untouched ? "untouched" : "touched");
    free(from);
    free(to);
}

static void invert(size_t size) {
    unsigned char *bytes = malloc(size + 1);
    for (size_t index = 0; index <= size; index++) bytes[index] = (unsigned char)index;
    TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INOUT, TEEC_NONE, TEEC_NONE, TEEC_NONE)};
    operation.params[0].tmpref = (TEEC_TempMemoryReference){bytes, size};
    need(invoke(INVERT, &operation), "invert");
    bool is_right = bytes[size] == (unsigned char)size;
    for (size_t index = 0; index < size; index++) is_right = is_right && bytes[index] == (unsigned char)~index;
    printf("invert %zu: size %zu, %s\n", size, operation.params[0].tmpref.size, is_right ? "right" : "wrong");
    free(bytes);
}

static void describe(uint32_t type, void *buffer, size_t size) {
    TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_OUTPUT, type, TEEC_NONE, TEEC_NONE)};
    operation.params[1].tmpref = (TEEC_TempMemoryReference){buffer, size};
    TEEC_Result result = invoke(DESCRIBE, &operation);
    printf("describe %u: %08x from %u, type %u, size %x\n", type, result, origin, operation.params[0].value.a, operation.params[0].value.b);
}

static void grow(size_t size) {
    static char bytes[100000];
    memset(bytes, 'g', sizeof bytes);
    TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE, TEEC_NONE)};
    operation.params[0].tmpref = (TEEC_TempMemoryReference){bytes, size};
    TEEC_Result result = invoke(GROW, &operation);
    printf("grow %zu: %08x from %u, size %zu, first %c\n", size, result, origin, operation.params[0].tmpref.size, bytes[0]);
}

int main(void) {
    begin();
    RESULT(invoke(NOTHING, NULL));
    RESULT(invoke(12345, NULL));
    values();
    size_t sizes[] = {0, 1, 100, 16383, 16384, 16385, 65536, 1000000, 5000000};
    for (size_t index = 0; index < sizeof sizes / sizeof *sizes; index++) {
        copy(sizes[index], sizes[index] + 3);
        invert(sizes[index]);
    }
    copy(100, 99);
    copy(100000, 99999);
    grow(10);
    grow(100000 - 16);
    char bytes[8];
    for (uint32_t type = TEEC_MEMREF_TEMP_INPUT; type <= TEEC_MEMREF_TEMP_INOUT; type++) {
        describe(type, NULL, 0);
        describe(type, bytes, 0);
        describe(type, bytes, 8);
        describe(type, NULL, 8);
    }
    TEEC_Operation failing = {.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INPUT, TEEC_NONE, TEEC_NONE, TEEC_NONE)};
    failing.params[0].value.a = 0x12345678;
    RESULT(invoke(FAIL, &failing));
    TEEC_Operation unknown = {.paramTypes = TEEC_PARAM_TYPES(4, TEEC_NONE, TEEC_NONE, TEEC_NONE)};
    RESULT(invoke(NOTHING, &unknown));
    end();
    return 0;
}
