// Shared memory (TEE Client API 1.0, 4.5.3 to 4.5.5), whichever the transport.
#include <string.h>

#include "teec.h"

static bool has_directions(const TEEC_SharedMemory *memory) {
    uint32_t known = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT;
    return (memory->flags & known) && !(memory->flags & ~known);
}

static void begin(TEEC_SharedMemory *memory) {
    memset(&memory->imp, 0, sizeof memory->imp);
    memory->imp.id = -1;
    memory->imp.registered_fd = -1;
}

TEEC_EXPORT TEEC_Result TEEC_RegisterSharedMemory(TEEC_Context *context, TEEC_SharedMemory *memory) {
    if (!context || !memory || !has_directions(memory) || !memory->buffer) return TEEC_ERROR_BAD_PARAMETERS;
    begin(memory);
    struct teec_connection *connection = teec_socket_find(context);
    if (!connection) return teec_device_register(context, memory);
    TEEC_Result result = teec_socket_register(connection, memory);
    teec_socket_leave(connection);
    return result;
}

TEEC_EXPORT TEEC_Result TEEC_AllocateSharedMemory(TEEC_Context *context, TEEC_SharedMemory *memory) {
    if (!context || !memory || !has_directions(memory)) return TEEC_ERROR_BAD_PARAMETERS;
    begin(memory);
    memory->buffer = NULL;
    struct teec_connection *connection = teec_socket_find(context);
    if (!connection) return teec_device_allocate(context, memory);
    TEEC_Result result = teec_socket_allocate(connection, memory);
    teec_socket_leave(connection);
    return result;
}

TEEC_EXPORT TEEC_Result TEEC_RegisterSharedMemoryFileDescriptor(TEEC_Context *context, TEEC_SharedMemory *memory, int descriptor) {
    if (!context || !memory || descriptor < 0 || !has_directions(memory)) return TEEC_ERROR_BAD_PARAMETERS;
    begin(memory);
    struct teec_connection *connection = teec_socket_find(context);
    if (!connection) return teec_device_register_descriptor(context, memory, descriptor);
    TEEC_Result result = teec_socket_register_descriptor(connection, memory, descriptor);
    teec_socket_leave(connection);
    return result;
}

TEEC_EXPORT void TEEC_ReleaseSharedMemory(TEEC_SharedMemory *memory) {
    // Zeroed structures have never been shared; what has been has a size.
    if (!memory || memory->imp.id == -1 || !memory->imp.alloced_size) return;
    bool was_allocated = memory->imp.flags & TEEC_BUFFER_ALLOCATED;
    if (memory->imp.flags & TEEC_ON_SOCKET) teec_socket_release(memory);
    else teec_device_release(memory);
    begin(memory);
    if (!was_allocated) return;
    memory->buffer = NULL;
    memory->size = 0;
}
