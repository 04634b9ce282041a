// Shared memory over a socket. What the library allocates is memory that the server has a descriptor of, so that nothing is copied on this side; memory of
// the program's own cannot be given away afterwards and goes with each request that refers to it.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE  // memfd_create
#endif
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <skerry_tee_protocol.h>

#include "teec.h"

int teec_memory_descriptor(size_t size) {
    if (size > INT64_MAX) return -1;
    int descriptor = memfd_create("libteec", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (descriptor < 0) return -1;
    if (!ftruncate(descriptor, (off_t)size) && !fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) return descriptor;
    close(descriptor);
    return -1;
}

static struct teec_block *make_block(struct teec_connection *connection) {
    struct teec_block *block = calloc(1, sizeof *block);
    if (!block) return NULL;
    block->connection = connection;
    teec_socket_keep(connection);
    return block;
}

static void free_block(struct teec_block *block) {
    teec_socket_drop(block->connection);
    free(block);
}

static void attach(TEEC_SharedMemory *memory, struct teec_block *block, size_t size, uint32_t flags) {
    memory->imp.id = (int)(block->region & 0x7fffffff);
    memory->imp.alloced_size = size;
    memory->imp.shadow_buffer = block;
    memory->imp.flags = TEEC_ON_SOCKET | flags;
}

// The size that the server will serve, in `size` (0: the file's).
static TEEC_Result register_region(struct teec_connection *connection, int descriptor, uint64_t *size, struct teec_block *block) {
    struct skerry_tee_register body = {.size = *size};
    struct iovec part = {.iov_base = &body, .iov_len = sizeof body};
    struct teec_exchange exchange = {0};
    TEEC_Result result = teec_socket_exchange(connection, SKERRY_TEE_REGISTER, &part, 1, &descriptor, 1, &exchange, NULL);
    struct skerry_tee_result answer = {.result = TEEC_ERROR_COMMUNICATION};
    if (result == TEEC_SUCCESS && exchange.length >= sizeof answer) memcpy(&answer, exchange.body, sizeof answer);
    free(exchange.body);
    if (result != TEEC_SUCCESS) return result;
    block->region = answer.handle;
    block->has_region = true;
    *size = answer.size;
    return answer.result;
}

TEEC_Result teec_socket_register(struct teec_connection *connection, TEEC_SharedMemory *memory) {
    struct teec_block *block = make_block(connection);
    if (!block) return TEEC_ERROR_OUT_OF_MEMORY;
    attach(memory, block, memory->size ? memory->size : 1, 0);
    return TEEC_SUCCESS;
}

static TEEC_Result map_region(struct teec_connection *connection, TEEC_SharedMemory *memory, struct teec_block *block) {
    uint64_t size = memory->size ? memory->size : 8;
    int descriptor = teec_memory_descriptor(size);
    if (descriptor < 0) return TEEC_ERROR_OUT_OF_MEMORY;
    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    TEEC_Result result = pages == MAP_FAILED ? TEEC_ERROR_OUT_OF_MEMORY : register_region(connection, descriptor, &size, block);
    close(descriptor);
    if (result == TEEC_SUCCESS) {
        memory->buffer = pages;
        attach(memory, block, memory->size ? memory->size : 8, TEEC_BUFFER_ALLOCATED);
    } else if (pages != MAP_FAILED) {
        munmap(pages, memory->size ? memory->size : 8);
    }
    return result;
}

TEEC_Result teec_socket_allocate(struct teec_connection *connection, TEEC_SharedMemory *memory) {
    if (memory->size > teec_socket_region_max(connection)) return TEEC_ERROR_OUT_OF_MEMORY;
    struct teec_block *block = make_block(connection);
    if (!block) return TEEC_ERROR_OUT_OF_MEMORY;
    TEEC_Result result = map_region(connection, memory, block);
    if (result != TEEC_SUCCESS) free_block(block);
    return result;
}

TEEC_Result teec_socket_register_descriptor(struct teec_connection *connection, TEEC_SharedMemory *memory, int descriptor) {
    struct teec_block *block = make_block(connection);
    if (!block) return TEEC_ERROR_OUT_OF_MEMORY;
    uint64_t size = 0;
    TEEC_Result result = register_region(connection, descriptor, &size, block);
    if (result != TEEC_SUCCESS) {
        free_block(block);
        return result;
    }
    memory->buffer = NULL;
    memory->size = size;
    attach(memory, block, size ? size : 1, 0);
    return TEEC_SUCCESS;
}

void teec_socket_release(TEEC_SharedMemory *memory) {
    struct teec_block *block = memory->imp.shadow_buffer;
    // The context may have been finalized; then the server knows the region no more.
    if (block->has_region && teec_socket_enter(block->connection)) {
        struct skerry_tee_release body = {.region = block->region};
        teec_socket_tell(block->connection, SKERRY_TEE_RELEASE, &body, sizeof body);
        teec_socket_leave(block->connection);
    }
    if (memory->imp.flags & TEEC_BUFFER_ALLOCATED) munmap(memory->buffer, memory->imp.alloced_size);
    free_block(block);
}
