// Connections to `skerry tee serve` (skerry_tee_protocol.h).
//
// There is no thread of the library's own: of the threads that wait for answers one at a time reads, and hands the others theirs.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <skerry_tee_protocol.h>

#include "teec.h"

struct teec_connection {
    struct teec_connection *next;
    int references;  // of the context and of blocks; under `connections_lock`
    int socket;
    pthread_mutex_t sending;  // a frame is sent whole
    pthread_mutex_t lock;     // of what follows
    pthread_cond_t changed;
    int users;
    bool is_broken;
    bool has_reader;
    uint64_t last_id;
    uint32_t outstanding, outstanding_max;
    uint64_t region_max;
    struct teec_exchange *exchanges;
};

static pthread_mutex_t connections_lock = PTHREAD_MUTEX_INITIALIZER;
static struct teec_connection *connections;

static bool receive(int socket, void *to, size_t length) {
    for (size_t done = 0; done < length;) {
        ssize_t count = recv(socket, (char *)to + done, length - done, 0);
        if (count > 0) done += (size_t)count;
        else if (count == 0 || errno != EINTR) return false;
    }
    return true;
}

// `parts` is used up.
static bool send_parts(int socket, struct iovec *parts, size_t part_count, const int *descriptors, int descriptor_count) {
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(SKERRY_TEE_PARAMETERS * sizeof(int))];
    } control = {0};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = part_count};
    if (descriptor_count) {
        size_t size = (size_t)descriptor_count * sizeof(int);
        control.head = (struct cmsghdr){.cmsg_len = CMSG_LEN(size), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.head), descriptors, size);
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(size);
    }
    while (message.msg_iovlen) {
        ssize_t count = sendmsg(socket, &message, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        message.msg_control = NULL;
        message.msg_controllen = 0;
        size_t sent = (size_t)count;
        while (message.msg_iovlen && sent >= message.msg_iov->iov_len) {
            sent -= message.msg_iov->iov_len;
            message.msg_iov++;
            message.msg_iovlen--;
        }
        if (!message.msg_iovlen) break;
        message.msg_iov->iov_base = (char *)message.msg_iov->iov_base + sent;
        message.msg_iov->iov_len -= sent;
    }
    return true;
}

static bool send_frame(struct teec_connection *connection, uint32_t kind, uint64_t id, const struct iovec *parts, int part_count, const int *descriptors,
                       int descriptor_count) {
    struct skerry_tee_header header = {.kind = kind, .id = id};
    struct iovec all[2 + SKERRY_TEE_PARAMETERS] = {{.iov_base = &header, .iov_len = sizeof header}};
    for (int index = 0; index < part_count; index++) {
        all[index + 1] = parts[index];
        header.length += (uint32_t)parts[index].iov_len;
    }
    pthread_mutex_lock(&connection->sending);
    bool is_sent = send_parts(connection->socket, all, (size_t)part_count + 1, descriptors, descriptor_count);
    pthread_mutex_unlock(&connection->sending);
    return is_sent;
}

// Nobody may wait any longer.
static void break_off(struct teec_connection *connection) {
    connection->is_broken = true;
    shutdown(connection->socket, SHUT_RDWR);
    pthread_cond_broadcast(&connection->changed);
}

static TEEC_Result greet(struct teec_connection *connection) {
    struct skerry_tee_hello hello = {.magic = SKERRY_TEE_MAGIC, .version = SKERRY_TEE_VERSION};
    struct iovec part = {.iov_base = &hello, .iov_len = sizeof hello};
    // A server that has had enough connections says so and is gone before it has read anything.
    send_frame(connection, SKERRY_TEE_HELLO, 0, &part, 1, NULL, 0);
    struct skerry_tee_header header;
    struct skerry_tee_welcome welcome;
    if (!receive(connection->socket, &header, sizeof header) || header.kind != SKERRY_TEE_HELLO || header.length != sizeof welcome)
        return TEEC_ERROR_COMMUNICATION;
    if (!receive(connection->socket, &welcome, sizeof welcome) || welcome.magic != SKERRY_TEE_MAGIC) return TEEC_ERROR_COMMUNICATION;
    if (welcome.result != TEEC_SUCCESS) return welcome.result;
    if (welcome.version != SKERRY_TEE_VERSION || !welcome.outstanding) return TEEC_ERROR_NOT_SUPPORTED;
    connection->outstanding_max = welcome.outstanding;
    connection->region_max = welcome.region_max;
    return TEEC_SUCCESS;
}

static TEEC_Result connect_to(const char *path, int *to) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (!length || length >= sizeof address.sun_path) return TEEC_ERROR_BAD_PARAMETERS;
    memcpy(address.sun_path, path, length);
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return TEEC_ERROR_OUT_OF_MEMORY;
    int failed;
    do failed = connect(descriptor, (struct sockaddr *)&address, sizeof address);
    while (failed && errno == EINTR);
    if (!failed) {
        *to = descriptor;
        return TEEC_SUCCESS;
    }
    TEEC_Result result = errno == EACCES || errno == EPERM ? TEEC_ERROR_ACCESS_DENIED : TEEC_ERROR_ITEM_NOT_FOUND;
    close(descriptor);
    return result;
}

TEEC_Result teec_socket_connect(const char *path, TEEC_Context *context) {
    struct teec_connection *connection = calloc(1, sizeof *connection);
    if (!connection) return TEEC_ERROR_OUT_OF_MEMORY;
    TEEC_Result result = connect_to(path, &connection->socket);
    if (result != TEEC_SUCCESS) {
        free(connection);
        return result;
    }
    connection->references = 1;
    pthread_mutex_init(&connection->sending, NULL);
    pthread_mutex_init(&connection->lock, NULL);
    pthread_cond_init(&connection->changed, NULL);
    result = greet(connection);
    if (result != TEEC_SUCCESS) {
        close(connection->socket);
        teec_socket_drop(connection);
        return result;
    }
    pthread_mutex_lock(&connections_lock);
    connection->next = connections;
    connections = connection;
    pthread_mutex_unlock(&connections_lock);
    context->imp.fd = connection->socket;
    context->imp.reg_mem = true;
    context->imp.memref_null = true;
    return TEEC_SUCCESS;
}

struct teec_connection *teec_socket_find(const TEEC_Context *context) {
    pthread_mutex_lock(&connections_lock);
    struct teec_connection *connection = connections;
    while (connection && connection->socket != context->imp.fd) connection = connection->next;
    if (connection) {
        pthread_mutex_lock(&connection->lock);
        connection->users++;
        pthread_mutex_unlock(&connection->lock);
    }
    pthread_mutex_unlock(&connections_lock);
    return connection;
}

bool teec_socket_enter(struct teec_connection *connection) {
    pthread_mutex_lock(&connection->lock);
    bool is_connected = !connection->is_broken;
    if (is_connected) connection->users++;
    pthread_mutex_unlock(&connection->lock);
    return is_connected;
}

void teec_socket_leave(struct teec_connection *connection) {
    pthread_mutex_lock(&connection->lock);
    connection->users--;
    pthread_cond_broadcast(&connection->changed);
    pthread_mutex_unlock(&connection->lock);
}

void teec_socket_disconnect(struct teec_connection *connection) {
    pthread_mutex_lock(&connections_lock);
    struct teec_connection **link = &connections;
    while (*link && *link != connection) link = &(*link)->next;
    bool is_first = *link;
    if (*link) *link = connection->next;
    pthread_mutex_unlock(&connections_lock);
    if (!is_first) {
        teec_socket_leave(connection);
        return;
    }
    pthread_mutex_lock(&connection->lock);
    break_off(connection);
    while (connection->users > 1) pthread_cond_wait(&connection->changed, &connection->lock);
    pthread_mutex_unlock(&connection->lock);
    close(connection->socket);
    teec_socket_drop(connection);
}

void teec_socket_keep(struct teec_connection *connection) {
    pthread_mutex_lock(&connections_lock);
    connection->references++;
    pthread_mutex_unlock(&connections_lock);
}

void teec_socket_drop(struct teec_connection *connection) {
    pthread_mutex_lock(&connections_lock);
    bool is_last = --connection->references == 0;
    pthread_mutex_unlock(&connections_lock);
    if (!is_last) return;
    pthread_cond_destroy(&connection->changed);
    pthread_mutex_destroy(&connection->lock);
    pthread_mutex_destroy(&connection->sending);
    free(connection);
}

uint64_t teec_socket_region_max(const struct teec_connection *connection) { return connection->region_max; }

// Reads one answer and gives it to who waits for it; called with the lock, which it lets go meanwhile.
static void read_answer(struct teec_connection *connection) {
    connection->has_reader = true;
    pthread_mutex_unlock(&connection->lock);
    struct skerry_tee_header header;
    void *body = NULL;
    bool is_good = receive(connection->socket, &header, sizeof header) && header.kind == SKERRY_TEE_RESULT && header.length <= SKERRY_TEE_BODY_MAX &&
                   (body = malloc(header.length + 1)) && receive(connection->socket, body, header.length);
    pthread_mutex_lock(&connection->lock);
    connection->has_reader = false;
    struct teec_exchange *exchange = connection->exchanges;
    while (is_good && exchange && exchange->id != header.id) exchange = exchange->next;
    if (is_good && exchange && !exchange->is_answered) {
        exchange->body = body;
        exchange->length = header.length;
        exchange->is_answered = true;
    } else {
        free(body);
        break_off(connection);
    }
    pthread_cond_broadcast(&connection->changed);
}

static void enter(struct teec_connection *connection, struct teec_exchange *exchange) {
    pthread_mutex_lock(&connection->lock);
    while (exchange->is_counted && !connection->is_broken && connection->outstanding >= connection->outstanding_max)
        pthread_cond_wait(&connection->changed, &connection->lock);
    if (exchange->is_counted) connection->outstanding++;
    exchange->id = ++connection->last_id;
    exchange->next = connection->exchanges;
    connection->exchanges = exchange;
    pthread_mutex_unlock(&connection->lock);
}

// Called with the lock, which it gives up.
static void depart(struct teec_connection *connection, struct teec_exchange *exchange) {
    struct teec_exchange **link = &connection->exchanges;
    while (*link && *link != exchange) link = &(*link)->next;
    if (*link) *link = exchange->next;
    if (exchange->is_counted) connection->outstanding--;
    pthread_cond_broadcast(&connection->changed);
    pthread_mutex_unlock(&connection->lock);
}

TEEC_Result teec_socket_exchange(struct teec_connection *connection, uint32_t kind, const struct iovec *parts, int part_count, const int *descriptors,
                                 int descriptor_count, struct teec_exchange *exchange, struct teec_pending *pending) {
    enter(connection, exchange);
    bool is_sent = send_frame(connection, kind, exchange->id, parts, part_count, descriptors, descriptor_count);
    if (is_sent && teec_is_under_way(pending, exchange->id)) teec_socket_cancel(connection, exchange->id);
    pthread_mutex_lock(&connection->lock);
    if (!is_sent) break_off(connection);
    while (!exchange->is_answered && !connection->is_broken) {
        if (connection->has_reader) pthread_cond_wait(&connection->changed, &connection->lock);
        else read_answer(connection);
    }
    depart(connection, exchange);
    return exchange->is_answered ? TEEC_SUCCESS : TEEC_ERROR_COMMUNICATION;
}

void teec_socket_tell(struct teec_connection *connection, uint32_t kind, const void *body, size_t length) {
    struct iovec part = {.iov_base = (void *)body, .iov_len = length};
    send_frame(connection, kind, 0, &part, 1, NULL, 0);
}
