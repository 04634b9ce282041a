// What the test clients share: a context, sessions with the applications of the test service, and printing. The same programs run against the socket's server
// and against the device of fake_device.c, and print the same.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tee_client_api.h>
#include <tee_client_api_extensions.h>

// Commands of the test applications. Memory is parameter 0, unless something else is said.
enum {
    NOTHING = 0,
    ADD = 1,       // value 0: a becomes a + b, b stays
    COPY = 2,      // memory 0 to memory 1, whose size becomes memory 0's
    INVERT = 3,    // every octet of memory 0
    SLEEP = 4,     // until it is cancelled: TEE_ERROR_CANCEL
    GROW = 5,      // 16 more are needed: TEE_ERROR_SHORT_BUFFER
    DESCRIBE = 6,  // value 0: a becomes the type of parameter 1, b its size, plus 2^31 when it is a null reference
    IDENTITY = 7,  // value 0: a becomes the login; memory 1: the client's UUID
    FAIL = 8,      // with the result that value 0's a is
    PATTERN = 9,   // octet i of memory 0 becomes i * 7, its size 5 less
};

static const TEEC_UUID echo = {0x8aaaf200, 0x2450, 0x11e4, {0xab, 0xe2, 0x00, 0x02, 0xa5, 0xd5, 0xc5, 0x1b}};
// Its opening is the command SLEEP.
static const TEEC_UUID sleeper = {0x8aaaf200, 0x2450, 0x11e4, {0xab, 0xe2, 0x00, 0x02, 0xa5, 0xd5, 0xc5, 0x1c}};

static TEEC_Context context;
static TEEC_Session session;
static uint32_t origin;

#define RESULT(call)                                          \
    do {                                                      \
        origin = 0;                                           \
        TEEC_Result result_ = (call);                         \
        printf("%s: %08x from %u\n", #call, result_, origin); \
    } while (0)

static inline void need(TEEC_Result result, const char *what) {
    if (result == TEEC_SUCCESS) return;
    printf("%s: %08x from %u\n", what, result, origin);
    exit(1);
}

static inline void begin(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    need(TEEC_InitializeContext(NULL, &context), "initialize");
    need(TEEC_OpenSession(&context, &session, &echo, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin), "open");
}

static inline void end(void) {
    TEEC_CloseSession(&session);
    TEEC_FinalizeContext(&context);
}

// Another thread's operation is under way, as far as one can see from outside.
static inline void wait_for_start(TEEC_Operation *operation) {
    while (!__atomic_load_n(&operation->started, __ATOMIC_RELAXED)) usleep(1000);
    usleep(200000);
}

static inline TEEC_Result invoke(uint32_t command, TEEC_Operation *operation) { return TEEC_InvokeCommand(&session, command, operation, &origin); }
