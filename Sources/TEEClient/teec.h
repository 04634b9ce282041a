// What the files of the library share. Nothing here is visible to programs.
#ifndef SKERRY_TEEC_H
#define SKERRY_TEEC_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <tee_client_api.h>
#include <tee_client_api_extensions.h>

#define TEEC_EXPORT __attribute__((visibility("default")))

// Values of TEEC_Operation's `started`. The last, which uninitialized memory hardly holds, marks an operation that was cancelled before it started.
enum { TEEC_NOT_STARTED = 0, TEEC_STARTED = 1, TEEC_CANCELLED_EARLY = 0x7e3c5a91 };

// Values of TEEC_SharedMemory's `imp.flags`. OP-TEE's library uses the two lowest bits, only for itself.
enum {
    TEEC_BUFFER_ALLOCATED = 1,  // `buffer` is the library's
    TEEC_SHADOW_ALLOCATED = 2,  // `imp.shadow_buffer` is from the heap
    TEEC_ON_SOCKET = 4,         // `imp.shadow_buffer` is a struct teec_block
};

// A parameter of an operation in the same form for both transports.
struct teec_parameter {
    uint32_t type;              // 0 to 3, 5 to 7, as the application sees it
    uint32_t a, b;              // of a value
    TEEC_SharedMemory *parent;  // of a registered reference
    size_t offset;              // in it
    void *buffer;               // of a temporary reference; NULL: null reference
    size_t size;                // of the memory; after the operation what the application left
    size_t capacity;            // the size before the operation
};

struct teec_request {
    bool opens;
    TEEC_UUID destination;
    uint32_t login, group;
    uint32_t session, command;
    struct teec_parameter parameters[TEEC_CONFIG_PAYLOAD_REF_COUNT];
    TEEC_Result result;
    uint32_t origin;
    bool is_answered;  // by the TEE: the parameters are what the application left
};

// One thread's operation that another thread may cancel; on that thread's stack.
struct teec_pending {
    struct teec_pending *next;
    TEEC_Operation *operation;
    TEEC_Context *context;
    uint32_t session;
    uint64_t id;        // what the transport knows it by
    bool is_under_way;  // the transport has told the TEE of it
    bool is_cancelled;
};

struct teec_connection;

// Memory shared over a socket. It keeps the structure of its connection, not the connection itself.
struct teec_block {
    struct teec_connection *connection;
    uint32_t region;
    bool has_region;  // else it goes with each request, as temporary memory does
};

// operation.c
bool teec_begin(struct teec_pending *pending);
void teec_end(struct teec_pending *pending);
// The transport has told the TEE; true: of a cancellation it must be told, too.
bool teec_is_under_way(struct teec_pending *pending, uint64_t id);

// parameters.c
TEEC_Result teec_gather(const TEEC_Operation *operation, struct teec_parameter parameters[TEEC_CONFIG_PAYLOAD_REF_COUNT]);
void teec_scatter(TEEC_Operation *operation, const struct teec_parameter parameters[TEEC_CONFIG_PAYLOAD_REF_COUNT]);
static inline bool teec_is_value(const struct teec_parameter *parameter) { return parameter->type >= 1 && parameter->type <= 3; }
static inline bool teec_is_memory(const struct teec_parameter *parameter) { return parameter->type >= 5; }
static inline bool teec_is_output(const struct teec_parameter *parameter) { return parameter->type & 2; }

// device.c: /dev/tee*
TEEC_Result teec_device_open(const char *capability, TEEC_Context *context);
void teec_device_close(TEEC_Context *context);
void teec_device_perform(TEEC_Context *context, struct teec_request *request, struct teec_pending *pending);
void teec_device_cancel(TEEC_Context *context, uint32_t session, uint64_t id);
void teec_device_close_session(TEEC_Context *context, uint32_t session);
// device_memory.c
TEEC_Result teec_device_register(TEEC_Context *context, TEEC_SharedMemory *memory);
TEEC_Result teec_device_allocate(TEEC_Context *context, TEEC_SharedMemory *memory);
TEEC_Result teec_device_register_descriptor(TEEC_Context *context, TEEC_SharedMemory *memory, int descriptor);
void teec_device_release(TEEC_SharedMemory *memory);

// socket.c: the server of `skerry tee serve`. `find` is NULL when the context is none of a socket's; what it finds stays until `leave`,
// and what is kept until `drop`; `enter` fails when it has been disconnected.
TEEC_Result teec_socket_connect(const char *path, TEEC_Context *context);
struct teec_connection *teec_socket_find(const TEEC_Context *context);
bool teec_socket_enter(struct teec_connection *connection);
void teec_socket_leave(struct teec_connection *connection);
void teec_socket_disconnect(struct teec_connection *connection);
void teec_socket_keep(struct teec_connection *connection);
void teec_socket_drop(struct teec_connection *connection);

// An exchange of frames; what the answer's body is, is the caller's to free.
struct teec_exchange {
    struct teec_exchange *next;
    uint64_t id;
    void *body;
    size_t length;
    bool is_answered;
    bool is_counted;
};
struct iovec;
// TEEC_SUCCESS: an answer came. `kind` is one that the server counts among the outstanding ones when `is_counted`.
TEEC_Result teec_socket_exchange(struct teec_connection *connection, uint32_t kind, const struct iovec *parts, int part_count, const int *descriptors,
                                 int descriptor_count, struct teec_exchange *exchange, struct teec_pending *pending);
void teec_socket_tell(struct teec_connection *connection, uint32_t kind, const void *body, size_t length);
uint64_t teec_socket_region_max(const struct teec_connection *connection);

// socket_request.c
void teec_socket_perform(struct teec_connection *connection, struct teec_request *request, struct teec_pending *pending);
void teec_socket_cancel(struct teec_connection *connection, uint64_t id);
void teec_socket_close_session(struct teec_connection *connection, uint32_t session);
// socket_memory.c
TEEC_Result teec_socket_register(struct teec_connection *connection, TEEC_SharedMemory *memory);
TEEC_Result teec_socket_allocate(struct teec_connection *connection, TEEC_SharedMemory *memory);
TEEC_Result teec_socket_register_descriptor(struct teec_connection *connection, TEEC_SharedMemory *memory, int descriptor);
void teec_socket_release(TEEC_SharedMemory *memory);
// Memory of `size` bytes that can be sent to the server and cannot shrink; negative on failure.
int teec_memory_descriptor(size_t size);

#endif
