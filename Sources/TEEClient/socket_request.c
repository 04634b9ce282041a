// Openings, commands and closings over a socket.
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <skerry_tee_protocol.h>

#include "teec.h"

// A frame under construction, and the memory that lives as long as its request.
struct message {
    struct iovec parts[1 + SKERRY_TEE_PARAMETERS];
    int part_count;
    int descriptors[SKERRY_TEE_PARAMETERS];
    int descriptor_count;
    void *mapped[SKERRY_TEE_PARAMETERS];  // what large temporary memory is copied to and from
};

// The bytes that the program sees; NULL when it sees none: a null reference, or a descriptor.
static void *bytes_of(const struct teec_parameter *parameter) {
    if (!parameter->parent) return parameter->buffer;
    return parameter->parent->buffer ? (char *)parameter->parent->buffer + parameter->offset : NULL;
}

// Too much for the frame itself: in memory of its own, which the server reads and writes.
static TEEC_Result send_by_descriptor(struct teec_connection *connection, const struct teec_parameter *parameter, struct message *message, int index) {
    if (parameter->size > teec_socket_region_max(connection)) return TEEC_ERROR_OUT_OF_MEMORY;
    int descriptor = teec_memory_descriptor(parameter->size);
    if (descriptor < 0) return TEEC_ERROR_OUT_OF_MEMORY;
    void *pages = mmap(NULL, parameter->size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (pages == MAP_FAILED) {
        close(descriptor);
        return TEEC_ERROR_OUT_OF_MEMORY;
    }
    memcpy(pages, bytes_of(parameter), parameter->size);
    message->mapped[index] = pages;
    message->descriptors[message->descriptor_count++] = descriptor;
    return TEEC_SUCCESS;
}

static TEEC_Result put_memory(struct teec_connection *connection, const struct teec_parameter *parameter, struct message *message, int index,
                              struct skerry_tee_parameter *to) {
    const TEEC_SharedMemory *parent = parameter->parent;
    to->a = parameter->size;
    if (parent) {
        if (parent->imp.id == -1 || !(parent->imp.flags & TEEC_ON_SOCKET)) return TEEC_ERROR_BAD_PARAMETERS;
        const struct teec_block *block = parent->imp.shadow_buffer;
        if (block->connection != connection) return TEEC_ERROR_BAD_PARAMETERS;
        if (block->has_region) {
            to->place = SKERRY_TEE_REGION;
            to->region = block->region;
            to->b = parameter->offset;
            return TEEC_SUCCESS;
        }
    }
    void *bytes = bytes_of(parameter);
    if (!bytes) {
        to->place = SKERRY_TEE_NULL;
        return TEEC_SUCCESS;
    }
    if (parameter->size > SKERRY_TEE_INLINE_MAX) {
        to->place = SKERRY_TEE_DESCRIPTOR;
        return send_by_descriptor(connection, parameter, message, index);
    }
    to->place = SKERRY_TEE_INLINE;
    if (parameter->size) message->parts[message->part_count++] = (struct iovec){.iov_base = bytes, .iov_len = parameter->size};
    return TEEC_SUCCESS;
}

static TEEC_Result put_parameters(struct teec_connection *connection, const struct teec_request *request, struct message *message,
                                  struct skerry_tee_parameter to[SKERRY_TEE_PARAMETERS]) {
    for (int index = 0; index < SKERRY_TEE_PARAMETERS; index++) {
        const struct teec_parameter *parameter = &request->parameters[index];
        to[index].type = parameter->type;
        if (teec_is_value(parameter)) {
            to[index].a = parameter->a;
            to[index].b = parameter->b;
        } else if (teec_is_memory(parameter)) {
            TEEC_Result result = put_memory(connection, parameter, message, index, &to[index]);
            if (result != TEEC_SUCCESS) return result;
        }
    }
    return TEEC_SUCCESS;
}

// What the application left; `offset` moves over the inline bytes. False: the server does not keep to the protocol.
static bool take(struct teec_parameter *parameter, const struct skerry_tee_parameter *from, const void *mapped, const char *data, size_t length, size_t *offset) {
    if (from->type != parameter->type) return false;
    if (!teec_is_output(parameter)) return true;
    if (teec_is_value(parameter)) {
        parameter->a = (uint32_t)from->a;
        parameter->b = (uint32_t)from->b;
        return true;
    }
    parameter->size = from->a;
    if (from->place == SKERRY_TEE_INLINE) {
        if (from->a > parameter->capacity || from->a > length - *offset) return false;
        void *bytes = bytes_of(parameter);
        if (from->a && !bytes) return false;
        if (from->a) memcpy(bytes, data + *offset, from->a);
        *offset += from->a;
    } else if (mapped && from->a <= parameter->capacity) {
        memcpy(bytes_of(parameter), mapped, from->a);
    }
    return true;
}

// A request that did not reach the service is answered without parameters.
static bool has_parameters(const struct skerry_tee_result *result) {
    for (int index = 0; index < SKERRY_TEE_PARAMETERS; index++)
        if (result->parameters[index].type) return true;
    return false;
}

static bool take_parameters(struct teec_request *request, const struct message *message, const struct skerry_tee_result *result, const char *data, size_t length) {
    size_t offset = 0;
    for (int index = 0; index < SKERRY_TEE_PARAMETERS; index++)
        if (!take(&request->parameters[index], &result->parameters[index], message->mapped[index], data, length, &offset)) return false;
    return true;
}

static void take_result(struct teec_request *request, const struct message *message, const struct teec_exchange *exchange) {
    struct skerry_tee_result result;
    request->result = TEEC_ERROR_COMMUNICATION;
    if (exchange->length < sizeof result) return;
    memcpy(&result, exchange->body, sizeof result);
    if (has_parameters(&result)) {
        const char *data = (const char *)exchange->body + sizeof result;
        if (!take_parameters(request, message, &result, data, exchange->length - sizeof result)) return;
        request->is_answered = true;
    }
    request->result = result.result;
    request->origin = result.origin;
    if (request->opens) request->session = result.handle;
}

static void put_uuid(uint8_t octets[16], const TEEC_UUID *uuid) {
    uint32_t low = __builtin_bswap32(uuid->timeLow);
    uint16_t middle = __builtin_bswap16(uuid->timeMid), high = __builtin_bswap16(uuid->timeHiAndVersion);
    memcpy(octets, &low, 4);
    memcpy(octets + 4, &middle, 2);
    memcpy(octets + 6, &high, 2);
    memcpy(octets + 8, uuid->clockSeqAndNode, 8);
}

static void exchange_message(struct teec_connection *connection, struct teec_request *request, struct message *message, struct teec_pending *pending) {
    struct teec_exchange exchange = {.is_counted = true};
    request->origin = TEEC_ORIGIN_COMMS;
    request->result = teec_socket_exchange(connection, request->opens ? SKERRY_TEE_OPEN : SKERRY_TEE_INVOKE, message->parts, message->part_count,
                                           message->descriptors, message->descriptor_count, &exchange, pending);
    if (request->result == TEEC_SUCCESS) take_result(request, message, &exchange);
    free(exchange.body);
}

void teec_socket_perform(struct teec_connection *connection, struct teec_request *request, struct teec_pending *pending) {
    struct skerry_tee_open open = {.login = request->login, .group = request->group};
    struct skerry_tee_invoke invoke = {.session = request->session, .command = request->command};
    struct message message = {.part_count = 1};
    put_uuid(open.uuid, &request->destination);
    message.parts[0] = request->opens ? (struct iovec){.iov_base = &open, .iov_len = sizeof open} : (struct iovec){.iov_base = &invoke, .iov_len = sizeof invoke};
    request->origin = TEEC_ORIGIN_API;
    request->result = put_parameters(connection, request, &message, request->opens ? open.parameters : invoke.parameters);
    if (request->result == TEEC_SUCCESS) exchange_message(connection, request, &message, pending);
    for (int index = 0; index < message.descriptor_count; index++) close(message.descriptors[index]);
    for (int index = 0; index < SKERRY_TEE_PARAMETERS; index++)
        if (message.mapped[index]) munmap(message.mapped[index], request->parameters[index].capacity);
}

void teec_socket_cancel(struct teec_connection *connection, uint64_t id) {
    struct skerry_tee_cancel cancel = {.request = id};
    teec_socket_tell(connection, SKERRY_TEE_CANCEL, &cancel, sizeof cancel);
}

void teec_socket_close_session(struct teec_connection *connection, uint32_t session) {
    struct skerry_tee_close body = {.session = session};
    struct iovec part = {.iov_base = &body, .iov_len = sizeof body};
    struct teec_exchange exchange = {.is_counted = true};
    teec_socket_exchange(connection, SKERRY_TEE_CLOSE, &part, 1, NULL, 0, &exchange, NULL);
    free(exchange.body);
}
