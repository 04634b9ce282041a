// What libteec and `skerry tee serve` say to each other over an AF_UNIX stream socket.
//
// A connection is a TEE context. Both sides send frames: a header, then `length` bytes of body. All integers are little-endian and the structures below
// are the bytes on the wire. A side that receives anything this header does not allow ends the connection; the end of the connection closes its sessions
// and releases its memory, after its outstanding requests have been cancelled and have ended.
//
// First the client sends HELLO with id 0 and the server answers HELLO. Then requests may be outstanding together, as many as the server's HELLO says;
// each has an id that the client has not used before on the connection, and is answered by one RESULT with that id, in any order. CANCEL and RELEASE
// have no answer.
//
// Descriptors (SCM_RIGHTS) travel with the first byte of their frame, in the order in which the body mentions them; no other frame carries any. They must
// be memory (memfd or tmpfs), for the server reads and writes them and must not be kept waiting; it never maps them.
#ifndef SKERRY_TEE_PROTOCOL_H
#define SKERRY_TEE_PROTOCOL_H

#include <stdint.h>

enum {
    SKERRY_TEE_MAGIC = 0x45455453,  // "STEE"
    SKERRY_TEE_VERSION = 1,

    SKERRY_TEE_PARAMETERS = 4,
    // Most bytes of one parameter that may follow the body's structure; more go by descriptor.
    SKERRY_TEE_INLINE_MAX = 16384,
    // Most bytes of a body: the largest structure and four times the above.
    SKERRY_TEE_BODY_MAX = 256 + SKERRY_TEE_PARAMETERS * SKERRY_TEE_INLINE_MAX,
};

enum skerry_tee_kind {
    SKERRY_TEE_HELLO = 1,     // struct skerry_tee_hello; answered by HELLO with struct skerry_tee_welcome
    SKERRY_TEE_OPEN = 2,      // struct skerry_tee_open, inline data; answered with `handle`: the session's number on this connection
    SKERRY_TEE_INVOKE = 3,    // struct skerry_tee_invoke, inline data
    SKERRY_TEE_CLOSE = 4,     // struct skerry_tee_close
    SKERRY_TEE_CANCEL = 5,    // struct skerry_tee_cancel
    SKERRY_TEE_REGISTER = 6,  // struct skerry_tee_register, one descriptor; answered with `handle`: the region's number, and `size`
    SKERRY_TEE_RELEASE = 7,   // struct skerry_tee_release; outstanding requests keep the region
    SKERRY_TEE_RESULT = 128,  // struct skerry_tee_result, inline data
};

struct skerry_tee_header {
    uint32_t length;  // of the body: at most SKERRY_TEE_BODY_MAX
    uint32_t kind;    // enum skerry_tee_kind
    uint64_t id;      // of the request; 0 where there is none
};

struct skerry_tee_hello {
    uint32_t magic;    // SKERRY_TEE_MAGIC
    uint32_t version;  // the highest one the client speaks, from 1
};

struct skerry_tee_welcome {
    uint32_t magic;
    uint32_t version;  // what both speak from now on: the lower of the two sides' highest
    uint32_t result;   // TEEC_SUCCESS, or why the server ends the connection now (TEEC_ERROR_BUSY: too many of them)
    uint32_t outstanding;  // how many OPEN, INVOKE, CLOSE may be unanswered at a time; further ones are answered TEEC_ERROR_BUSY
    uint64_t region_max;   // most bytes of a descriptor
};

// Where the bytes of a memory parameter are.
enum skerry_tee_place {
    SKERRY_TEE_NULL = 0,        // nowhere: a null reference
    SKERRY_TEE_REGION = 1,      // in a registered region, from offset `b`
    SKERRY_TEE_INLINE = 2,      // behind the structure, in the order of the parameters, without gaps: `a` bytes, whatever the direction
    SKERRY_TEE_DESCRIPTOR = 3,  // in a descriptor that comes with this frame, from its start
};

// In a RESULT the values and sizes are what the application left; `place` is SKERRY_TEE_INLINE where bytes of an output come back behind the structure:
// `a` of them. An inline output that did not fit has another place, the size needed and no bytes. All are none
// when the request did not reach an application.
struct skerry_tee_parameter {
    uint32_t type;  // 0 none, 1 to 3 values, 5 to 7 memory: bit 0 in, bit 1 out (TEE Internal Core API 1.3.1, 4.3.6.1)
    uint32_t place;
    uint64_t a;       // value: a, below 2^32; memory: its size in bytes
    uint64_t b;       // value: b, below 2^32; memory in a region: its offset there
    uint32_t region;  // memory in a region: the region's number
    uint32_t reserved;  // 0
};

struct skerry_tee_open {
    uint8_t uuid[16];  // of the application, in the order of the text form
    uint32_t login;    // TEEC_LOGIN_*
    uint32_t group;    // for TEEC_LOGIN_GROUP
    struct skerry_tee_parameter parameters[SKERRY_TEE_PARAMETERS];
};

struct skerry_tee_invoke {
    uint32_t session;
    uint32_t command;
    struct skerry_tee_parameter parameters[SKERRY_TEE_PARAMETERS];
};

struct skerry_tee_close {
    uint32_t session;
    uint32_t reserved;  // 0
};

struct skerry_tee_cancel {
    uint64_t request;  // its id; an id that is not outstanding is ignored
};

struct skerry_tee_register {
    uint64_t size;  // bytes that may be referred to; 0: all that the file has now
};

struct skerry_tee_release {
    uint32_t region;
    uint32_t reserved;  // 0
};

struct skerry_tee_result {
    uint32_t result;  // TEEC_Result
    uint32_t origin;  // TEEC_ORIGIN_*
    uint32_t handle;
    uint32_t reserved;  // 0
    uint64_t size;
    struct skerry_tee_parameter parameters[SKERRY_TEE_PARAMETERS];
};

#ifdef __cplusplus
#define SKERRY_TEE_ASSERT(condition) static_assert(condition, #condition)
#else
#define SKERRY_TEE_ASSERT(condition) _Static_assert(condition, #condition)
#endif
SKERRY_TEE_ASSERT(sizeof(struct skerry_tee_header) == 16);
SKERRY_TEE_ASSERT(sizeof(struct skerry_tee_hello) == 8);
SKERRY_TEE_ASSERT(sizeof(struct skerry_tee_welcome) == 24);
SKERRY_TEE_ASSERT(sizeof(struct skerry_tee_parameter) == 32);
SKERRY_TEE_ASSERT(sizeof(struct skerry_tee_open) == 152);
SKERRY_TEE_ASSERT(sizeof(struct skerry_tee_invoke) == 136);
SKERRY_TEE_ASSERT(sizeof(struct skerry_tee_close) == 8);
SKERRY_TEE_ASSERT(sizeof(struct skerry_tee_cancel) == 8);
SKERRY_TEE_ASSERT(sizeof(struct skerry_tee_register) == 8);
SKERRY_TEE_ASSERT(sizeof(struct skerry_tee_release) == 8);
SKERRY_TEE_ASSERT(sizeof(struct skerry_tee_result) == 152);

#endif
