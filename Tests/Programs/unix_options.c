// The options of AF_UNIX sockets at SOL_SOCKET, SCM_TIMESTAMP, and credentials of a process that does not exist.
#include "probe.h"
#include <sys/ioctl.h>
#include <sys/socket.h>

static int pair[2];

// Sizes and cookies are the machine's own; what a set changes is shown for the values that every kernel treats alike.
static void option(int number, const char *name) {
    unsigned char bytes[64];
    memset(bytes, 0xee, sizeof bytes);
    socklen_t size = sizeof bytes;
    if (getsockopt(pair[0], SOL_SOCKET, number, bytes, &size)) printf("%s: %s", name, error_name(errno));
    else {
        printf("%s: %d bytes:", name, (int)size);
        bool is_private = number == SO_SNDBUF || number == SO_RCVBUF || number == SO_COOKIE || number == SO_MEMINFO;
        for (unsigned i = 0; i < size && !is_private; i++) printf(" %02x", bytes[i]);
    }
    int values[] = {1, 5, -1, 0};
    for (int i = 0; i < 4; i++) {
        int buffer[2] = {values[i], 0};
        int result = setsockopt(pair[0], SOL_SOCKET, number, buffer, sizeof buffer), error = errno, found = 0;
        size = sizeof found;
        printf("; set %d: %s", values[i], result ? error_name(error) : "ok");
        if (result == 0 && getsockopt(pair[0], SOL_SOCKET, number, &found, &size) == 0) printf(" %d", size == 4 ? found : 0);
    }
    puts("");
}
#define OPTION(name) option(name, #name)

static void options(void) {
    section("flags");
    OPTION(SO_REUSEADDR), OPTION(SO_DONTROUTE), OPTION(SO_BROADCAST), OPTION(SO_KEEPALIVE), OPTION(SO_OOBINLINE), OPTION(SO_NO_CHECK);
    OPTION(SO_PASSSEC), OPTION(SO_RXQ_OVFL), OPTION(SO_WIFI_STATUS), OPTION(SO_NOFCS), OPTION(SO_SELECT_ERR_QUEUE);
    OPTION(SO_TIMESTAMP), OPTION(SO_TIMESTAMPNS), OPTION(SO_TIMESTAMP_NEW), OPTION(SO_TIMESTAMPNS_NEW);
    section("numbers");
    OPTION(SO_PRIORITY), OPTION(SO_MARK), OPTION(SO_INCOMING_CPU), OPTION(SO_PEEK_OFF), OPTION(SO_TIMESTAMPING), OPTION(SO_MAX_PACING_RATE);
    OPTION(SO_BINDTOIFINDEX);
    section("read only");
    OPTION(SO_TYPE), OPTION(SO_ERROR), OPTION(SO_ACCEPTCONN), OPTION(SO_DOMAIN), OPTION(SO_PROTOCOL), OPTION(SO_SNDLOWAT), OPTION(SO_BPF_EXTENSIONS);
    OPTION(SO_INCOMING_NAPI_ID);
    section("of their own");
    OPTION(SO_BSDCOMPAT), OPTION(SO_REUSEPORT), OPTION(SO_ZEROCOPY), OPTION(SO_PEERNAME), OPTION(200);
    unsigned char bytes[40];
    socklen_t size = 40;
    CALL(getsockopt(pair[0], SOL_SOCKET, SO_COOKIE, bytes, &size));
    SHOW(size);
    unsigned long first = 0, second = 0;
    size = 8;
    getsockopt(pair[0], SOL_SOCKET, SO_COOKIE, &first, &size);
    getsockopt(pair[1], SOL_SOCKET, SO_COOKIE, &second, &size);
    TRUTH(first != second && first && second);
    size = 4;
    CALL(getsockopt(pair[0], SOL_SOCKET, SO_COOKIE, bytes, &size));
    unsigned meminfo[9];
    size = sizeof meminfo;
    CALL(getsockopt(pair[0], SOL_SOCKET, SO_MEMINFO, meminfo, &size));
    SHOW(size);
    size = 40;
    CALL(getsockopt(pair[0], SOL_SOCKET, SO_BINDTODEVICE, bytes, &size));
    SHOW(size);
    CALL(setsockopt(pair[0], SOL_SOCKET, SO_BINDTODEVICE, "", 1));
    CALL(setsockopt(pair[0], SOL_SOCKET, SO_BINDTODEVICE, "none0", 6));
    CALL(setsockopt(pair[0], SOL_SOCKET, SO_DETACH_FILTER, &(int){0}, 4));
    section("names");
    unsigned short family = 0;
    size = 2;
    CALL(getsockopt(pair[0], SOL_SOCKET, SO_PEERNAME, &family, &size));
    SHOW(family);
    int lone = socket(AF_UNIX, SOCK_STREAM, 0);
    CALL(getsockopt(lone, SOL_SOCKET, SO_PEERNAME, &family, &size));
    close(lone);
    section("lengths");
    CALL(setsockopt(pair[0], SOL_SOCKET, SO_PRIORITY, &(int){1}, 3));
    CALL(setsockopt(pair[0], SOL_SOCKET, SO_PRIORITY, (void *)8, 4));
    size = 2;
    CALL(getsockopt(pair[0], SOL_SOCKET, SO_TYPE, bytes, &size));
    SHOW(size);
    size = -1;
    CALL(getsockopt(pair[0], SOL_SOCKET, SO_TYPE, bytes, &size));
    section("the smallest buffers");
    int value = 1;
    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &value, 4);
    size = 4;
    getsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &value, &size);
    SHOW(value);
    value = 0;
    setsockopt(pair[0], SOL_SOCKET, SO_RCVBUF, &value, 4);
    getsockopt(pair[0], SOL_SOCKET, SO_RCVBUF, &value, &size);
    SHOW(value);
    option(72, "SO_BUF_LOCK");
}

static void stamped(int number, const char *name) {
    int pair[2], on = 1;
    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair);
    setsockopt(pair[1], SOL_SOCKET, number, &on, sizeof on);
    struct timespec before, after;
    clock_gettime(CLOCK_REALTIME, &before);
    send(pair[0], "x", 1, 0);
    char text[8], control[128];
    struct iovec vector = {text, sizeof text};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    recvmsg(pair[1], &message, 0);
    clock_gettime(CLOCK_REALTIME, &after);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    printf("%s: flags %#x control %d", name, message.msg_flags, (int)message.msg_controllen);
    if (header) {
        long stamp[2];
        memcpy(stamp, CMSG_DATA(header), sizeof stamp);
        bool in_micro = number == SO_TIMESTAMP || number == SO_TIMESTAMP_NEW;
        long long time = stamp[0] * 1000000LL + (in_micro ? stamp[1] : stamp[1] / 1000);
        bool is_right = time >= before.tv_sec * 1000000LL + before.tv_nsec / 1000 && time <= after.tv_sec * 1000000LL + after.tv_nsec / 1000;
        printf(" type %d length %d right %d", header->cmsg_type, (int)header->cmsg_len, is_right);
    }
    puts("");
    close(pair[0]);
    close(pair[1]);
}

static void credentials(pid_t process) {
    char control[CMSG_SPACE(sizeof(struct ucred))] = {0};
    struct iovec vector = {"x", 1};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(struct ucred)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_CREDENTIALS};
    struct ucred claimed = {process, geteuid(), getegid()};
    memcpy(CMSG_DATA(header), &claimed, sizeof claimed);
    TRY(sendmsg(pair[0], &message, 0));
}

int main(void) {
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    options();
    section("time stamps");
    stamped(SO_TIMESTAMP, "SO_TIMESTAMP");
    stamped(SO_TIMESTAMPNS, "SO_TIMESTAMPNS");
    stamped(SO_TIMESTAMP_NEW, "SO_TIMESTAMP_NEW");
    stamped(SO_TIMESTAMPNS_NEW, "SO_TIMESTAMPNS_NEW");
    section("credentials");
    credentials(getpid());
    credentials(99999999);
    section("other requests");
    int mark = -1;
    CALL(ioctl(pair[0], SIOCATMARK, &mark));
    SHOW(mark);
    CALL(ioctl(pair[0], SIOCATMARK, (void *)8));
    return 0;
}
