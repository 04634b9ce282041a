// Operations that are waited for, so that other threads can cancel them.
#include "teec.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct teec_pending *first;

// False: another thread cancelled the operation before it started (4.3.10: that is what `started` is for).
bool teec_begin(struct teec_pending *pending) {
    if (!pending->operation) return true;
    pthread_mutex_lock(&lock);
    bool may_start = __atomic_exchange_n(&pending->operation->started, TEEC_STARTED, __ATOMIC_RELAXED) != TEEC_CANCELLED_EARLY;
    if (may_start) {
        pending->next = first;
        first = pending;
    }
    pthread_mutex_unlock(&lock);
    return may_start;
}

void teec_end(struct teec_pending *pending) {
    if (!pending->operation) return;
    pthread_mutex_lock(&lock);
    for (struct teec_pending **link = &first; *link; link = &(*link)->next) {
        if (*link != pending) continue;
        *link = pending->next;
        break;
    }
    pthread_mutex_unlock(&lock);
}

bool teec_is_under_way(struct teec_pending *pending, uint64_t id) {
    if (!pending || !pending->operation) return false;
    pthread_mutex_lock(&lock);
    pending->id = id;
    pending->is_under_way = true;
    bool is_cancelled = pending->is_cancelled;
    pthread_mutex_unlock(&lock);
    return is_cancelled;
}

// A transport whose connection does not end while the operation is waited for is told without the lock.
TEEC_EXPORT void TEEC_RequestCancellation(TEEC_Operation *operation) {
    if (!operation) return;
    TEEC_Context *context = NULL;
    uint32_t session = 0;
    uint64_t id = 0;
    pthread_mutex_lock(&lock);
    struct teec_pending *pending = first;
    while (pending && pending->operation != operation) pending = pending->next;
    if (pending) {
        pending->is_cancelled = true;
        if (pending->is_under_way) {
            context = pending->context;
            session = pending->session;
            id = pending->id;
        }
    } else {
        uint32_t expected = TEEC_NOT_STARTED;
        __atomic_compare_exchange_n(&operation->started, &expected, TEEC_CANCELLED_EARLY, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    }
    struct teec_connection *connection = context ? teec_socket_find(context) : NULL;
    int device = context ? context->imp.fd : -1;
    pthread_mutex_unlock(&lock);
    if (!context) return;
    if (connection) {
        teec_socket_cancel(connection, id);
        teec_socket_leave(connection);
    } else {
        teec_device_cancel(&(TEEC_Context){.imp = {.fd = device}}, session, id);
    }
}
