// Trusted storage through an application; what is stored is there in another session, and in another run: `storage first`, then `storage second`.
#include "client.h"

enum { OVERWRITE = 0x400 };
static TEEC_Session session;

static TEEC_TempMemoryReference text(const char *string) { return (TEEC_TempMemoryReference){(void *)(uintptr_t)string, strlen(string)}; }

static TEEC_Result create(const char *name, void *data, size_t size, uint32_t flags) {
    TEEC_Operation operation = {.paramTypes = TYPES(MEMREF_TEMP_INPUT, MEMREF_TEMP_INPUT, VALUE_INPUT, NONE),
                                .params = {{.tmpref = text(name)}, {.tmpref = {data, size}}, {.value.a = flags}}};
    return invoke(&session, STORAGE_CREATE, &operation);
}

static TEEC_Result read_at(const char *name, uint32_t position, void *data, size_t *size) {
    TEEC_Operation operation = {.paramTypes = TYPES(MEMREF_TEMP_INPUT, VALUE_INPUT, MEMREF_TEMP_OUTPUT, NONE),
                                .params = {{.tmpref = text(name)}, {.value.a = position}, {.tmpref = {data, *size}}}};
    TEEC_Result result = invoke(&session, STORAGE_READ, &operation);
    *size = operation.params[2].tmpref.size;
    return result;
}

static TEEC_Result write_at(const char *name, uint32_t position, void *data, size_t size) {
    TEEC_Operation operation = {.paramTypes = TYPES(MEMREF_TEMP_INPUT, VALUE_INPUT, MEMREF_TEMP_INPUT, NONE),
                                .params = {{.tmpref = text(name)}, {.value.a = position}, {.tmpref = {data, size}}}};
    return invoke(&session, STORAGE_WRITE, &operation);
}

static TEEC_Result with_name(uint32_t command, const char *name) {
    TEEC_Operation operation = {.paramTypes = TYPES(MEMREF_TEMP_INPUT, NONE, NONE, NONE), .params[0].tmpref = text(name)};
    return invoke(&session, command, &operation);
}

static TEEC_Result rename_to(const char *from, const char *to) {
    TEEC_Operation operation = {.paramTypes = TYPES(MEMREF_TEMP_INPUT, MEMREF_TEMP_INPUT, NONE, NONE), .params = {{.tmpref = text(from)}, {.tmpref = text(to)}}};
    return invoke(&session, STORAGE_RENAME, &operation);
}

/// Where a seek from somewhere ends.
static TEEC_Result seek(const char *name, uint32_t before, int32_t offset, uint32_t whence, uint32_t *position) {
    TEEC_Operation operation = {.paramTypes = TYPES(MEMREF_TEMP_INPUT, VALUE_INPUT, VALUE_INPUT, VALUE_OUTPUT),
                                .params = {{.tmpref = text(name)}, {.value = {(uint32_t)offset, whence}}, {.value.a = before}}};
    TEEC_Result result = invoke(&session, STORAGE_SEEK, &operation);
    *position = operation.params[3].value.a;
    return result;
}

static void become(void) {
    TEEC_Operation operation = {.paramTypes = TYPES(MEMREF_TEMP_INPUT, VALUE_OUTPUT, NONE, NONE), .params[0].tmpref = text("key")};
    WORKS(invoke(&session, STORAGE_BECOME, &operation));
    // TEE_HANDLE_FLAG_PERSISTENT and _INITIALIZED, and what it was made with.
    CHECK(operation.params[1].value.a == (0x30000 | 7 | OVERWRITE) && operation.params[1].value.b == 11);
}

static uint32_t list(void) {
    char names[4096];
    TEEC_Operation operation = {.paramTypes = TYPES(MEMREF_TEMP_OUTPUT, VALUE_OUTPUT, NONE, NONE), .params[0].tmpref = {names, sizeof names}};
    WORKS(invoke(&session, STORAGE_LIST, &operation));
    return operation.params[1].value.a;
}

static void fill(uint8_t *bytes, size_t size) {
    for (size_t index = 0; index < size; index++) bytes[index] = (uint8_t)(index * 13 + index / 256);
}

enum { SIZE = 30000 };
static uint8_t bytes[SIZE], back[SIZE + 100];

static void first(void) {
    size_t size = sizeof back;
    uint32_t position;
    CHECK(list() == 0);
    become();
    GIVES(invoke(&session, STORAGE_TRANSIENT_DATA, NULL), TEEC_ERROR_NOT_SUPPORTED, FROM_APPLICATION);
    CHECK(list() == 0);
    WORKS(create("kept", bytes, SIZE, 0));
    GIVES(create("kept", bytes, 10, 0), TEEC_ERROR_ACCESS_CONFLICT, FROM_APPLICATION);
    WORKS(create("other", bytes, 100, 0));
    WORKS(create("other", bytes + 1, 50, OVERWRITE));
    WORKS(read_at("other", 0, back, &size));
    CHECK(size == 50 && !memcmp(back, bytes + 1, 50));
    CHECK(list() == 2);
    GIVES(read_at("missing", 0, back, &size), TEEC_ERROR_ITEM_NOT_FOUND, FROM_APPLICATION);
    GIVES(rename_to("other", "kept"), TEEC_ERROR_ACCESS_CONFLICT, FROM_APPLICATION);
    WORKS(rename_to("other", "renamed"));
    GIVES(with_name(STORAGE_DELETE, "other"), TEEC_ERROR_ITEM_NOT_FOUND, FROM_APPLICATION);
    WORKS(with_name(STORAGE_DELETE, "renamed"));
    CHECK(list() == 1);
    // Nothing is before the start, nor behind TEE_DATA_MAX_POSITION.
    WORKS(seek("kept", 5, -6, 1, &position));
    CHECK(position == 0);
    WORKS(seek("kept", 0xfffffff0, 15, 1, &position));
    CHECK(position == 0xffffffff);
    GIVES(seek("kept", 0xfffffff0, 16, 1, &position), 0xffff300f, FROM_APPLICATION);
    GIVES(seek("kept", 0, 3, 3, &position), 0xffff3024, FROM_TEE);
    TEEC_CloseSession(&session);
    WORKS(OPEN(&session, STORAGE_UUID));
    // A hole reads as zeros.
    WORKS(create("hole", bytes, 10, 0));
    WORKS(write_at("hole", 5000, bytes, 10));
    size = sizeof back;
    WORKS(read_at("hole", 0, back, &size));
    CHECK(size == 5010 && !memcmp(back, bytes, 10) && !memcmp(back + 5000, bytes, 10));
    bool isEmpty = true;
    for (int index = 10; index < 5000; index++) isEmpty = isEmpty && !back[index];
    CHECK(isEmpty);
    for (int index = 0; index < 40; index++) {
        char name[8];
        snprintf(name, sizeof name, "n%d", index);
        WORKS(create(name, bytes, (size_t)index * 100, 0));
    }
    CHECK(list() == 42);
}

static void second(void) {
    size_t size = sizeof back;
    CHECK(list() == 42);
    WORKS(read_at("kept", 0, back, &size));
    CHECK(size == SIZE && !memcmp(back, bytes, SIZE));
    size = 100;
    WORKS(read_at("kept", SIZE - 50, back, &size));
    CHECK(size == 50 && !memcmp(back, bytes + SIZE - 50, 50));
    for (int index = 0; index < 40; index++) {
        char name[8];
        snprintf(name, sizeof name, "n%d", index);
        size = sizeof back;
        WORKS(read_at(name, 0, back, &size));
        CHECK(size == (size_t)index * 100 && !memcmp(back, bytes, size));
        WORKS(with_name(STORAGE_DELETE, name));
    }
    WORKS(with_name(STORAGE_DELETE, "kept"));
    WORKS(with_name(STORAGE_DELETE, "hole"));
    CHECK(list() == 0);
}

int main(int count, char **arguments) {
    begin();
    fill(bytes, SIZE);
    WORKS(OPEN(&session, STORAGE_UUID));
    if (count > 1 && !strcmp(arguments[1], "second")) second(); else first();
    TEEC_CloseSession(&session);
    return end();
}
