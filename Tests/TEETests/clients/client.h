// What the clients share: checks that count themselves, and sessions by the GlobalPlatform TEE Client API. The same programs run in the sandbox, on its
// /dev/tee0, and on the host, through the socket of `skerry tee serve`.
#ifndef TEE_TEST_CLIENT_H
#define TEE_TEST_CLIENT_H
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tee_client_api.h>
#include <tee_client_api_extensions.h>

#include "../../TrustedApplications/callers/callers.h"
#include "../../TrustedApplications/cancellation/cancellation.h"
#include "../../TrustedApplications/clocks/clocks.h"
#include "../../TrustedApplications/crypto/crypto.h"
#include "../../TrustedApplications/hello_world/hello_world.h"
#include "../../TrustedApplications/lifecycle/lifecycle.h"
#include "../../TrustedApplications/memory_references/memory_references.h"
#include "../../TrustedApplications/panics/panics.h"
#include "../../TrustedApplications/properties/properties.h"
#include "../../TrustedApplications/storage/storage.h"

// Where a result comes from (TEE Client API 1.0, table 4-3).
enum { FROM_API = 1, FROM_COMMUNICATION = 2, FROM_TEE = 3, FROM_APPLICATION = 4 };

static int checks, failures;
static TEEC_Context context;
static __thread uint32_t origin;

#define CHECK(condition)                                                                    \
    do {                                                                                    \
        __atomic_add_fetch(&checks, 1, __ATOMIC_RELAXED);                                   \
        if (!(condition)) {                                                                 \
            __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);                             \
            printf("%s:%d: %s\n", strrchr("/" __FILE__, '/') + 1, __LINE__, #condition);    \
        }                                                                                   \
    } while (0)

// A call that has this result, from this place.
#define GIVES(call, expected, from)                                                                                                        \
    do {                                                                                                                                   \
        origin = 0;                                                                                                                        \
        TEEC_Result result_ = (call);                                                                                                      \
        __atomic_add_fetch(&checks, 1, __ATOMIC_RELAXED);                                                                                  \
        if (result_ != (TEEC_Result)(expected) || origin != (uint32_t)(from)) {                                                \
            __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);                                                                            \
            printf("%s:%d: %s: %08x from %u\n", strrchr("/" __FILE__, '/') + 1, __LINE__, #call, result_, origin);                         \
        }                                                                                                                                  \
    } while (0)
#define WORKS(call) GIVES(call, TEEC_SUCCESS, FROM_APPLICATION)

static inline TEEC_Result open_session(TEEC_Session *session, TEEC_UUID uuid) {
    return TEEC_OpenSession(&context, session, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin);
}
#define OPEN(session, name) open_session(session, (TEEC_UUID)name)

static inline TEEC_Result invoke(TEEC_Session *session, uint32_t command, TEEC_Operation *operation) {
    return TEEC_InvokeCommand(session, command, operation, &origin);
}

static inline void begin(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    TEEC_Result result = TEEC_InitializeContext(NULL, &context);
    if (result == TEEC_SUCCESS) return;
    printf("no TEE: %08x\n", result);
    exit(2);
}

static inline int end(void) {
    TEEC_FinalizeContext(&context);
    printf("%d checks, %d failures\n", checks, failures);
    return failures != 0;
}

#define TYPES(a, b, c, d) TEEC_PARAM_TYPES(TEEC_##a, TEEC_##b, TEEC_##c, TEEC_##d)
#endif
