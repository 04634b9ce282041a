// Memory references of every kind and of sizes around pages, registered, allocated, temporary, null.
#include "client.h"

static TEEC_Session session;

static uint32_t fill(uint8_t *bytes, size_t size) {
    uint32_t sum = 0;
    for (size_t index = 0; index < size; index++) sum += bytes[index] = (uint8_t)(index * 31 + size);
    return sum;
}

static bool is_inverted(const uint8_t *bytes, size_t size, size_t from) {
    for (size_t index = 0; index < size; index++)
        if (bytes[index] != (uint8_t)~((index + from) * 31)) return false;
    return true;
}

static void temporary(size_t size) {
    uint8_t *bytes = malloc(size + 1);
    uint32_t sum = fill(bytes, size);
    TEEC_Operation operation = {.paramTypes = TYPES(MEMREF_TEMP_INPUT, VALUE_OUTPUT, NONE, NONE), .params[0].tmpref = {bytes, size}};
    WORKS(invoke(&session, MEMORY_REFERENCES_SUM, &operation));
    CHECK(operation.params[1].value.a == sum && operation.params[1].value.b == (uint32_t)size);
    for (size_t index = 0; index < size; index++) bytes[index] = (uint8_t)(index * 31);
    bytes[size] = 0x5a;
    operation = (TEEC_Operation){.paramTypes = TYPES(MEMREF_TEMP_INOUT, NONE, NONE, NONE), .params[0].tmpref = {bytes, size}};
    WORKS(invoke(&session, MEMORY_REFERENCES_INVERT, &operation));
    CHECK(operation.params[0].tmpref.size == size && is_inverted(bytes, size, 0) && bytes[size] == 0x5a);
    free(bytes);
}

static void nothing(void) {
    TEEC_Operation operation = {.paramTypes = TYPES(MEMREF_TEMP_OUTPUT, VALUE_OUTPUT, NONE, NONE)};
    WORKS(invoke(&session, MEMORY_REFERENCES_LOOK, &operation));
    CHECK(operation.params[1].value.a == 1 && operation.params[1].value.b == 0 && operation.params[0].tmpref.size == 100);
    operation.params[0].tmpref = (TEEC_TempMemoryReference){NULL, 0};
    operation.paramTypes = TYPES(MEMREF_TEMP_INPUT, VALUE_OUTPUT, NONE, NONE);
    WORKS(invoke(&session, MEMORY_REFERENCES_SUM, &operation));
    CHECK(operation.params[1].value.a == 0 && operation.params[1].value.b == 0);
}

// The whole of it, then a part from the middle.
static void shared(TEEC_SharedMemory *memory) {
    uint8_t *bytes = memory->buffer;
    for (size_t index = 0; index < memory->size; index++) bytes[index] = (uint8_t)(index * 31);
    TEEC_Operation operation = {.paramTypes = TYPES(MEMREF_WHOLE, NONE, NONE, NONE), .params[0].memref.parent = memory};
    WORKS(invoke(&session, MEMORY_REFERENCES_INVERT, &operation));
    CHECK(operation.params[0].memref.size == memory->size && is_inverted(bytes, memory->size, 0));
    for (size_t index = 0; index < memory->size; index++) bytes[index] = (uint8_t)(index * 31);
    operation = (TEEC_Operation){.paramTypes = TYPES(MEMREF_PARTIAL_INOUT, NONE, NONE, NONE), .params[0].memref = {memory, 100, 333}};
    WORKS(invoke(&session, MEMORY_REFERENCES_INVERT, &operation));
    CHECK(is_inverted(bytes + 333, 100, 333) && bytes[332] == (uint8_t)(332 * 31) && bytes[433] == (uint8_t)(433 * 31));
    operation.params[0].memref = (TEEC_RegisteredMemoryReference){memory, memory->size, 1};
    GIVES(invoke(&session, MEMORY_REFERENCES_INVERT, &operation), TEEC_ERROR_BAD_PARAMETERS, FROM_API);
}

static void registered(size_t size) {
    uint8_t *bytes = malloc(size + 64);
    // Not aligned to anything.
    TEEC_SharedMemory memory = {.buffer = bytes + 13, .size = size, .flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT};
    CHECK(TEEC_RegisterSharedMemory(&context, &memory) == TEEC_SUCCESS);
    shared(&memory);
    TEEC_ReleaseSharedMemory(&memory);
    free(bytes);
}

static void allocated(size_t size) {
    TEEC_SharedMemory memory = {.size = size, .flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT};
    // More than a TEE has.
    TEEC_SharedMemory large = {.size = INT32_MAX, .flags = TEEC_MEM_INPUT};
    CHECK(TEEC_AllocateSharedMemory(&context, &large) == TEEC_ERROR_OUT_OF_MEMORY);
    CHECK(TEEC_AllocateSharedMemory(&context, &memory) == TEEC_SUCCESS && memory.buffer);
    shared(&memory);
    TEEC_ReleaseSharedMemory(&memory);
}

static void directions(void) {
    TEEC_SharedMemory memory = {.size = 1000, .flags = TEEC_MEM_INPUT};
    CHECK(TEEC_AllocateSharedMemory(&context, &memory) == TEEC_SUCCESS);
    TEEC_Operation operation = {.paramTypes = TYPES(MEMREF_PARTIAL_INOUT, NONE, NONE, NONE), .params[0].memref = {&memory, 10, 0}};
    GIVES(invoke(&session, MEMORY_REFERENCES_INVERT, &operation), TEEC_ERROR_BAD_PARAMETERS, FROM_API);
    operation.paramTypes = TYPES(MEMREF_PARTIAL_INPUT, VALUE_OUTPUT, NONE, NONE);
    uint32_t sum = fill(memory.buffer, 1000);
    operation.params[0].memref.size = 1000;
    WORKS(invoke(&session, MEMORY_REFERENCES_SUM, &operation));
    CHECK(operation.params[1].value.a == sum);
    TEEC_ReleaseSharedMemory(&memory);
}

// TEE_CheckMemoryAccessRights in the application: what comes in is not for writing, nothing behind it is there.
static void rights(void) {
    uint8_t bytes[64] = {0};
    TEEC_Operation operation = {.paramTypes = TYPES(VALUE_INPUT, MEMREF_TEMP_INPUT, NONE, NONE), .params[0].value = {1 | 4, 0}, .params[1].tmpref = {bytes, 64}};
    WORKS(invoke(&session, MEMORY_REFERENCES_CHECK_INPUT, &operation));
    // Without ANY_OWNER the memory would have to be the application's own.
    operation.params[0].value.a = 1;
    GIVES(invoke(&session, MEMORY_REFERENCES_CHECK_INPUT, &operation), TEEC_ERROR_ACCESS_DENIED, FROM_APPLICATION);
    operation.paramTypes = TYPES(VALUE_INPUT, MEMREF_TEMP_INOUT, NONE, NONE);
    operation.params[0].value.a = 1 | 2 | 4;
    WORKS(invoke(&session, MEMORY_REFERENCES_CHECK_INOUT, &operation));
}

int main(void) {
    begin();
    WORKS(OPEN(&session, MEMORY_REFERENCES_UUID));
    const size_t sizes[] = {1, 8, 4095, 4096, 4097, 65536, 1000003, 8 << 20};
    for (size_t index = 0; index < sizeof sizes / sizeof *sizes; index++) temporary(sizes[index]);
    nothing();
    for (size_t size = 1000; size < 1 << 20; size = size * 5 + 13) {
        registered(size);
        allocated(size);
    }
    directions();
    rights();
    TEEC_CloseSession(&session);
    return end();
}
