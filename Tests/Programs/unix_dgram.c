// AF_UNIX datagrams and packets: addresses, connected peers, queue lengths, truncation, many messages, errors, ends.
#include "probe.h"
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static socklen_t make(struct sockaddr_un *a, const char *path) {
    memset(a, 0, sizeof *a);
    a->sun_family = AF_UNIX;
    strcpy(a->sun_path, path);
    return offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1;
}
static int named(int type, const char *path) {
    struct sockaddr_un a;
    socklen_t n = make(&a, path);
    int fd = socket(AF_UNIX, type, 0);
    if (bind(fd, (struct sockaddr *)&a, n) < 0) printf("bind %s: %s\n", path, error_name(errno));
    return fd;
}
static long to(int fd, const char *path, const char *text, int flags) {
    struct sockaddr_un a;
    socklen_t n = make(&a, path);
    return sendto(fd, text, strlen(text), flags, (struct sockaddr *)&a, n);
}
static int join(int fd, const char *path) {
    struct sockaddr_un a;
    socklen_t n = make(&a, path);
    return connect(fd, (struct sockaddr *)&a, n);
}
static void from(int fd, int size, int flags) {
    struct sockaddr_un a;
    char text[64] = {0};
    memset(&a, 0x33, sizeof a);
    socklen_t n = sizeof a;
    long got = recvfrom(fd, text, size, flags, (struct sockaddr *)&a, &n);
    if (got < 0) printf("recvfrom: %s\n", error_name(errno));
    else printf("recvfrom: %ld \"%.*s\" from %d \"%s\"\n", got, size, text, (int)n, n > 2 ? a.sun_path : "");
}
static void show_events(const char *what, int fd) {
    struct pollfd p = {fd, POLLIN | POLLOUT | POLLRDHUP, 0};
    poll(&p, 1, 0);
    printf("%s: events %#x\n", what, p.revents);
}
static int option(int fd, int which) {
    int value = -7;
    socklen_t size = sizeof value;
    if (getsockopt(fd, SOL_SOCKET, which, &value, &size) < 0) return -errno;
    return value;
}
static void *drain_late(void *arg) {
    sleep_ms(30);
    char text[9];
    recv(*(int *)arg, text, 9, 0);
    return NULL;
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    char text[64];
    pthread_t thread;
    int count;
    section("names");
    int a = named(SOCK_DGRAM, "a"), b = named(SOCK_DGRAM, "b"), nameless = socket(AF_UNIX, SOCK_DGRAM, 0);
    CALL(to(a, "b", "hello", 0));
    CALL(to(nameless, "b", "who", 0));
    from(b, 64, MSG_PEEK);
    from(b, 3, MSG_PEEK | MSG_TRUNC);
    from(b, 64, 0);
    from(b, 64, 0);
    from(b, 64, MSG_DONTWAIT);
    CALL(to(a, "nobody", "x", 0));
    make_file("plain", "x");
    CALL(to(a, "plain", "x", 0));
    CALL(send(a, "x", 1, 0));
    CALL(to(a, "a", "self", 0));
    from(a, 64, 0);
    CALL(sendto(a, "", 0, 0, NULL, 0));
    struct sockaddr_un u;
    make(&u, "b");
    CALL(sendto(a, "z", 0, 0, (struct sockaddr *)&u, sizeof u));
    ioctl(b, FIONREAD, &count);
    SHOW(count);
    show_events("empty datagram", b);
    from(b, 64, 0);
    CALL(sendto(a, "z", 1, 0, (struct sockaddr *)&u, 2));
    CALL(sendto(a, "z", 1, 0, (struct sockaddr *)&u, 200));
    CALL(sendto(a, "z", 1, MSG_OOB, (struct sockaddr *)&u, sizeof u));
    section("connected");
    CALL(join(a, "b"));
    CALL(send(a, "one", 3, 0));
    CALL(to(nameless, "a", "x", 0));
    CALL(join(nameless, "a"));
    CALL(to(nameless, "b", "two", 0));
    CALL(join(b, "a"));
    CALL(to(nameless, "b", "three", 0));
    from(b, 64, 0);
    from(b, 64, 0);
    CALL(join(nameless, "b"));
    CALL(send(b, "back", 4, 0));
    u.sun_family = AF_UNSPEC;
    CALL(connect(b, (struct sockaddr *)&u, 2));
    show_events("a", a);
    SHOW(option(a, SO_ERROR));
    from(a, 64, MSG_DONTWAIT);
    socklen_t n = sizeof u;
    CALL(getpeername(b, (struct sockaddr *)&u, &n));
    CALL(getpeername(a, (struct sockaddr *)&u, &n));
    SHOW(n);
    section("a full queue");
    int sent = 0;
    while (to(nameless, "b", "fill", MSG_DONTWAIT) > 0) sent++;
    printf("%d, then %s\n", sent, error_name(errno));
    show_events("connected to it", a);
    show_events("itself", b);
    CALL(send(a, "more", 4, MSG_DONTWAIT));
    pthread_create(&thread, NULL, drain_late, &b);
    CALL(send(a, "more", 4, 0));
    pthread_join(thread, NULL);
    struct timeval soon = {0, 20000};
    setsockopt(nameless, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
    CALL(to(nameless, "b", "late", 0));
    while (recv(b, text, 9, MSG_DONTWAIT) > 0) {}
    show_events("connected to it", a);
    section("sizes");
    int pair[2];
    socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
    static char large[300000];
    SHOW(option(pair[0], SO_SNDBUF));
    int small = 5000;
    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    SHOW(option(pair[0], SO_SNDBUF));
    CALL(send(pair[0], large, 10000, 0));
    CALL(send(pair[0], large, 9968, 0));
    CALL(recv(pair[1], large, 10, MSG_TRUNC));
    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair);
    CALL(send(pair[0], large, 212992, 0));
    section("the end of a peer");
    CALL(send(a, "last", 4, 0));
    CALL(close(b));
    show_events("a", a);
    CALL(getpeername(a, (struct sockaddr *)&u, &n));
    CALL(send(a, "x", 1, 0));
    CALL(send(a, "x", 1, 0));
    CALL(to(nameless, "b", "x", 0));
    CALL(unlink("b"));
    CALL(to(nameless, "b", "x", 0));
    b = named(SOCK_DGRAM, "b");
    CALL(rename("b", "c"));
    CALL(to(nameless, "c", "moved", 0));
    from(b, 64, 0);
    CALL(shutdown(b, SHUT_RD));
    CALL(to(nameless, "c", "shut", 0));
    from(b, 64, 0);
    from(b, 64, MSG_DONTWAIT);
    show_events("b", b);
    CALL(shutdown(nameless, SHUT_WR));
    CALL(to(nameless, "c", "shut", 0));
    section("many messages");
    socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
    struct mmsghdr many[4];
    struct iovec vectors[4];
    char texts[4][8];
    memset(many, 0, sizeof many);
    for (int i = 0; i < 4; i++) {
        snprintf(texts[i], 8, "m%d%s", i, i & 1 ? "+" : "");
        vectors[i] = (struct iovec){texts[i], strlen(texts[i])};
        many[i].msg_hdr.msg_iov = &vectors[i];
        many[i].msg_hdr.msg_iovlen = 1;
    }
    CALL(sendmmsg(pair[0], many, 4, 0));
    SHOW(many[3].msg_len);
    struct sockaddr_un where;
    for (int i = 0; i < 4; i++) {
        vectors[i].iov_len = 2;
        many[i].msg_hdr.msg_name = &where;
        many[i].msg_hdr.msg_namelen = sizeof where;
    }
    CALL(recvmmsg(pair[1], many, 4, MSG_WAITFORONE, NULL));
    for (int i = 0; i < 4; i++) printf("%u %.2s %#x %d\n", many[i].msg_len, texts[i], many[i].msg_hdr.msg_flags, (int)many[i].msg_hdr.msg_namelen);
    return 0;
}
