// Registered and allocated memory, whole and in part.
#include "client.h"

static void invert(const char *what, TEEC_SharedMemory *memory, uint32_t type, size_t offset, size_t size) {
    unsigned char *bytes = memory->buffer;
    for (size_t index = 0; index < memory->size; index++) bytes[index] = (unsigned char)index;
    TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(type, TEEC_NONE, TEEC_NONE, TEEC_NONE)};
    operation.params[0].memref = (TEEC_RegisteredMemoryReference){memory, size, offset};
    TEEC_Result result = invoke(INVERT, &operation);
    if (type == TEEC_MEMREF_WHOLE) {
        offset = 0;
        size = memory->size;
    }
    size_t inverted = 0, kept = 0;
    for (size_t index = 0; index < memory->size; index++) {
        bool is_inside = index >= offset && index - offset < size;
        if (is_inside && bytes[index] == (unsigned char)~index) inverted++;
        if (!is_inside && bytes[index] == (unsigned char)index) kept++;
    }
    printf("%s %zu+%zu of %zu: %08x from %u, size %zu, inverted %zu, kept %zu\n", what, offset, size, memory->size, result, origin,
           operation.params[0].memref.size, inverted, kept);
}

static void references(const char *what, TEEC_SharedMemory *memory) {
    size_t size = memory->size;
    invert(what, memory, TEEC_MEMREF_WHOLE, 1, 2);
    invert(what, memory, TEEC_MEMREF_PARTIAL_INOUT, 0, size);
    invert(what, memory, TEEC_MEMREF_PARTIAL_INOUT, size / 3, size / 2);
    invert(what, memory, TEEC_MEMREF_PARTIAL_INOUT, size, 0);
    invert(what, memory, TEEC_MEMREF_PARTIAL_INOUT, size, 1);
    invert(what, memory, TEEC_MEMREF_PARTIAL_INOUT, SIZE_MAX, 2);
    memset(memory->buffer, 0x11, size);
    TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_PARTIAL_OUTPUT, TEEC_NONE, TEEC_NONE, TEEC_NONE)};
    operation.params[0].memref = (TEEC_RegisteredMemoryReference){memory, 20, 4};
    RESULT(invoke(PATTERN, &operation));
    printf("pattern size %zu:", operation.params[0].memref.size);
    // What lies between the new size and the old one is nobody's business.
    for (size_t index = 0; index < 26; index == 18 ? index = 24 : index++) printf(" %02x", ((unsigned char *)memory->buffer)[index]);
    printf("\n");
}

static void directions(void) {
    char bytes[64] = {0};
    for (uint32_t flags = 0; flags < 5; flags++) {
        TEEC_SharedMemory memory = {.buffer = bytes, .size = sizeof bytes, .flags = flags};
        TEEC_Result registered = TEEC_RegisterSharedMemory(&context, &memory);
        printf("flags %u: register %08x\n", flags, registered);
        for (uint32_t type = TEEC_MEMREF_WHOLE; registered == TEEC_SUCCESS && type <= TEEC_MEMREF_PARTIAL_INOUT; type++) {
            TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_OUTPUT, type, TEEC_NONE, TEEC_NONE)};
            operation.params[1].memref = (TEEC_RegisteredMemoryReference){&memory, 8, 8};
            TEEC_Result result = invoke(DESCRIBE, &operation);
            printf("  %x: %08x from %u, type %u, size %x\n", type, result, origin, operation.params[0].value.a, operation.params[0].value.b);
        }
        TEEC_ReleaseSharedMemory(&memory);
        TEEC_SharedMemory allocated = {.size = 16, .flags = flags};
        printf("flags %u: allocate %08x\n", flags, TEEC_AllocateSharedMemory(&context, &allocated));
        TEEC_ReleaseSharedMemory(&allocated);
    }
}

static void edges(void) {
    TEEC_SharedMemory null = {.buffer = NULL, .size = 8, .flags = TEEC_MEM_INPUT};
    RESULT(TEEC_RegisterSharedMemory(&context, &null));
    TEEC_SharedMemory empty = {.size = 0, .flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT};
    RESULT(TEEC_AllocateSharedMemory(&context, &empty));
    printf("buffer %s, size %zu\n", empty.buffer ? "some" : "none", empty.size);
    TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_OUTPUT, TEEC_MEMREF_WHOLE, TEEC_NONE, TEEC_NONE)};
    operation.params[1].memref.parent = &empty;
    RESULT(invoke(DESCRIBE, &operation));
    printf("type %u, size %x\n", operation.params[0].value.a, operation.params[0].value.b);
    TEEC_ReleaseSharedMemory(&empty);
    TEEC_ReleaseSharedMemory(&empty);
    TEEC_SharedMemory zeroed = {0};
    TEEC_ReleaseSharedMemory(&zeroed);
    TEEC_ReleaseSharedMemory(NULL);
    operation.params[1].memref.parent = NULL;
    RESULT(invoke(DESCRIBE, &operation));
    TEEC_SharedMemory huge = {.size = SIZE_MAX / 2, .flags = TEEC_MEM_INPUT};
    RESULT(TEEC_AllocateSharedMemory(&context, &huge));
}

int main(void) {
    begin();
    size_t sizes[] = {100, 20000, 3000000};
    for (size_t index = 0; index < sizeof sizes / sizeof *sizes; index++) {
        TEEC_SharedMemory allocated = {.size = sizes[index], .flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT};
        need(TEEC_AllocateSharedMemory(&context, &allocated), "allocate");
        references("allocated", &allocated);
        TEEC_ReleaseSharedMemory(&allocated);
        printf("released: buffer %s, size %zu\n", allocated.buffer ? "some" : "none", allocated.size);
        TEEC_SharedMemory registered = {.buffer = malloc(sizes[index]), .size = sizes[index], .flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT};
        void *buffer = registered.buffer;
        need(TEEC_RegisterSharedMemory(&context, &registered), "register");
        references("registered", &registered);
        TEEC_ReleaseSharedMemory(&registered);
        printf("released: buffer %s, size %zu\n", registered.buffer == buffer ? "same" : "other", registered.size);
        free(buffer);
    }
    directions();
    edges();
    // Constant memory can be shared for input.
    static const char text[] = "constant";
    char copy[16] = {0};
    TEEC_SharedMemory constant = {.buffer = (void *)text, .size = sizeof text, .flags = TEEC_MEM_INPUT};
    need(TEEC_RegisterSharedMemory(&context, &constant), "constant");
    TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_WHOLE, TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE)};
    operation.params[0].memref.parent = &constant;
    operation.params[1].tmpref = (TEEC_TempMemoryReference){copy, sizeof copy};
    RESULT(invoke(COPY, &operation));
    printf("%s %zu\n", copy, operation.params[1].tmpref.size);
    TEEC_ReleaseSharedMemory(&constant);
    end();
    return 0;
}
