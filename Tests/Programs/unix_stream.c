// AF_UNIX streams by name: bind, listen, connect, accept, names, options, ends, back-pressure, time-outs.
#include "probe.h"
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_un name(const char *path) {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    strncpy(a.sun_path, path, sizeof a.sun_path - 1);
    return a;
}
static socklen_t path_length(const struct sockaddr_un *a) { return offsetof(struct sockaddr_un, sun_path) + strlen(a->sun_path) + 1; }
static int bind_path(int fd, const char *path) {
    struct sockaddr_un a = name(path);
    return bind(fd, (struct sockaddr *)&a, path_length(&a));
}
static int connect_path(int fd, const char *path) {
    struct sockaddr_un a = name(path);
    return connect(fd, (struct sockaddr *)&a, path_length(&a));
}
// Abstract names are the whole host's: each run has its own, and shows only the part that is the same in all.
static int own_end(char *end) { return sprintf(end, "%08d", (int)getpid()); }
static int bind_abstract(int fd, const char *text, int length) {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    memcpy(a.sun_path + 1, text, length);
    length += own_end(a.sun_path + 1 + length);
    return bind(fd, (struct sockaddr *)&a, offsetof(struct sockaddr_un, sun_path) + 1 + length);
}
static int connect_abstract(int fd, const char *text, int length) {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    memcpy(a.sun_path + 1, text, length);
    length += own_end(a.sun_path + 1 + length);
    return connect(fd, (struct sockaddr *)&a, offsetof(struct sockaddr_un, sun_path) + 1 + length);
}
static void show_name(const char *what, int fd, int (*get)(int, struct sockaddr *, socklen_t *)) {
    struct sockaddr_un a;
    memset(&a, 'x', sizeof a);
    socklen_t size = sizeof a;
    if (get(fd, (struct sockaddr *)&a, &size) < 0) {
        printf("%s: %s\n", what, error_name(errno));
        return;
    }
    printf("%s: family %d, length %d, \"", what, a.sun_family, (int)size);
    int shown = (int)size - 2 - (size > 10 && a.sun_path[0] == 0 ? 8 : 0);
    for (int i = 0; i < shown && i < 100; i++) putchar(a.sun_path[i] ? a.sun_path[i] : '@');
    printf("\"\n");
}
static int get_peer(int fd, struct sockaddr *a, socklen_t *l) { return getpeername(fd, a, l); }
static int get_own(int fd, struct sockaddr *a, socklen_t *l) { return getsockname(fd, a, l); }
static void show_events(const char *what, int fd) {
    struct pollfd p = {fd, POLLIN | POLLOUT | POLLRDHUP | POLLPRI, 0};
    poll(&p, 1, 0);
    printf("%s: events %#x\n", what, p.revents);
}
static int option(int fd, int which) {
    int value = -7;
    socklen_t size = sizeof value;
    if (getsockopt(fd, SOL_SOCKET, which, &value, &size) < 0) return -errno;
    return value;
}
static void *connect_late(void *arg) {
    sleep_ms(30);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect_path(fd, arg) == 0) send(fd, "late", 4, 0);
    close(fd);
    return NULL;
}
static void *accept_late(void *arg) {
    sleep_ms(30);
    close(accept(*(int *)arg, NULL, NULL));
    return NULL;
}
static void *send_much(void *arg) {
    static char block[1000000];
    for (int i = 0; i < 1000000; i++) block[i] = i * 7;
    printf("  sent %zd\n", send(*(int *)arg, block, sizeof block, 0));
    shutdown(*(int *)arg, SHUT_WR);
    return NULL;
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    char text[256];
    pthread_t thread;
    section("arguments");
    CALL(socket(AF_UNIX, SOCK_STREAM, 1) < 0);
    CALL(socket(AF_UNIX, SOCK_STREAM, 7));
    CALL(socket(AF_UNIX, 9, 0));
    CALL(socket(AF_UNIX, SOCK_STREAM | 0x100000, 0));
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CALL(fcntl(server, F_GETFD));
    CALL(fcntl(server, F_GETFL));
    struct sockaddr_un a = name("s");
    CALL(bind(server, (struct sockaddr *)&a, 1));
    CALL(bind(server, (struct sockaddr *)&a, 111));
    a.sun_family = AF_INET;
    CALL(bind(server, (struct sockaddr *)&a, 10));
    CALL(bind(server, (struct sockaddr *)1, 10));
    CALL(bind(0, (struct sockaddr *)&a, 10));
    CALL(bind(-1, (struct sockaddr *)&a, 10));
    CALL(listen(server, 1));
    CALL(accept(server, NULL, NULL));
    show_events("unbound", server);
    show_name("own", server, get_own);
    show_name("peer", server, get_peer);

    section("binding");
    CALL(bind_path(server, "missing/s"));
    make_file("plain", "x");
    CALL(bind_path(server, "plain"));
    CALL(bind_path(server, "plain/s"));
    CALL(bind_path(server, "s"));
    CALL(bind_path(server, "t"));
    struct stat st;
    CALL(stat("s", &st));
    printf("mode %o, links %d, size %d\n", st.st_mode, (int)st.st_nlink, (int)st.st_size);
    CALL(open("s", O_RDONLY));
    CALL(open("s", O_RDWR));
    TRY(close(open("s", O_PATH)));
    int other = socket(AF_UNIX, SOCK_STREAM, 0);
    CALL(bind_path(other, "s"));
    show_name("own", server, get_own);
    show_events("bound", server);

    section("refusals");
    CALL(connect_path(other, "s"));
    CALL(connect_path(other, "nothing"));
    CALL(connect_path(other, "plain"));
    CALL(connect_abstract(other, "nobody", 6));
    int packet = socket(AF_UNIX, SOCK_SEQPACKET, 0), datagram = socket(AF_UNIX, SOCK_DGRAM, 0);
    CALL(listen(server, 1));
    CALL(connect_path(packet, "s"));
    CALL(connect_path(datagram, "s"));
    CALL(listen(datagram, 1));
    CALL(accept(datagram, NULL, NULL));
    CALL(accept4(server, NULL, NULL, 0x4));
    CALL(send(other, "x", 1, 0));
    CALL(recv(other, text, 1, 0));
    CALL(recv(server, text, 1, 0));
    CALL(send(server, "x", 1, 0));
    CALL(connect_path(server, "s"));
    int count = -1;
    CALL(ioctl(server, FIONREAD, &count));
    SHOW(option(server, SO_ACCEPTCONN));
    SHOW(option(server, SO_TYPE));
    SHOW(option(server, SO_DOMAIN));
    SHOW(option(server, SO_PROTOCOL));
    SHOW(option(server, SO_ERROR));
    SHOW(option(server, 1234));
    chmod("s", 0);
    if (geteuid()) CALL(connect_path(other, "s"));
    chmod("s", 0777);

    section("a connection");
    show_events("listening", server);
    CALL(connect_path(other, "s"));
    CALL(connect_path(other, "s"));
    show_events("waiting", server);
    show_events("connected", other);
    CALL(send(other, "early", 5, 0));
    struct sockaddr_un from;
    socklen_t size = sizeof from;
    memset(&from, 0x55, sizeof from);
    int end = accept4(server, (struct sockaddr *)&from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    printf("accepted: family %d, length %d\n", from.sun_family, (int)size);
    CALL(fcntl(end, F_GETFD));
    CALL(fcntl(end, F_GETFL));
    show_events("served", server);
    show_name("own of end", end, get_own);
    show_name("peer of end", end, get_peer);
    show_name("own of client", other, get_own);
    show_name("peer of client", other, get_peer);
    CALL(ioctl(end, FIONREAD, &count));
    SHOW(count);
    CALL(recv(end, text, 100, 0));
    CALL(recv(end, text, 100, 0));
    CALL(sendto(end, "x", 1, 0, (struct sockaddr *)&from, 10));
    struct ucred peer;
    size = sizeof peer;
    CALL(getsockopt(other, SOL_SOCKET, SO_PEERCRED, &peer, &size));
    TRUTH(peer.pid == getpid() && peer.uid == geteuid() && peer.gid == getegid());
    size = sizeof peer;
    CALL(getsockopt(end, SOL_SOCKET, SO_PEERCRED, &peer, &size));
    TRUTH(peer.pid == getpid() && peer.uid == geteuid() && peer.gid == getegid());
    gid_t groups[64];
    size = sizeof groups;
    TRUTH(getsockopt(end, SOL_SOCKET, SO_PEERGROUPS, groups, &size) == 0 && (int)size == 4 * getgroups(0, NULL));

    section("ends");
    CALL(shutdown(other, 3));
    CALL(shutdown(other, SHUT_WR));
    show_events("client", other);
    show_events("end", end);
    CALL(recv(end, text, 1, 0));
    CALL(send(other, "x", 1, 0));
    CALL(send(end, "answer", 6, 0));
    CALL(recv(other, text, 3, 0));
    CALL(close(other));
    show_events("end", end);
    CALL(recv(end, text, 3, 0));
    CALL(recv(end, text, 3, 0));
    CALL(send(end, "x", 1, MSG_NOSIGNAL));
    show_name("peer of end", end, get_peer);
    CALL(close(end));

    section("backlog");
    int clients[8];
    for (int i = 0; i < 4; i++) {
        clients[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        CALL(connect_path(clients[i], "s"));
    }
    struct timeval soon = {0, 20000};
    fcntl(clients[3], F_SETFL, 0);
    setsockopt(clients[3], SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
    CALL(connect_path(clients[3], "s"));
    setsockopt(clients[3], SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){0}, sizeof soon);
    pthread_create(&thread, NULL, accept_late, &server);
    CALL(connect_path(clients[3], "s"));
    pthread_join(thread, NULL);
    CALL(close(server));
    for (int i = 0; i < 4; i++) {
        show_events("client", clients[i]);
        CALL(recv(clients[i], text, 1, 0));
        CALL(send(clients[i], "x", 1, 0));
        close(clients[i]);
    }
    CALL(connect_path(packet, "s"));
    CALL(unlink("s"));
    CALL(connect_path(packet, "s"));

    section("waiting");
    server = socket(AF_UNIX, SOCK_STREAM, 0);
    bind_path(server, "w");
    listen(server, 5);
    setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
    CALL(accept(server, NULL, NULL));
    setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){0}, sizeof soon);
    pthread_create(&thread, NULL, connect_late, "w");
    TRY(end = accept(server, NULL, NULL));
    CALL(recv(end, text, 4, MSG_WAITALL));
    pthread_join(thread, NULL);
    CALL(recv(end, text, 4, MSG_WAITALL));
    close(end);
    unlink("w");
    CALL(bind_path(datagram, "w"));
    CALL(shutdown(server, SHUT_RD));
    CALL(accept(server, NULL, NULL));
    close(server);

    section("abstract names");
    server = socket(AF_UNIX, SOCK_STREAM, 0);
    CALL(bind_abstract(server, "skerry\0test", 11));
    show_name("own", server, get_own);
    int twin = socket(AF_UNIX, SOCK_STREAM, 0);
    CALL(bind_abstract(twin, "skerry\0test", 11));
    CALL(bind_abstract(twin, "skerry", 6));
    CALL(bind_abstract(packet, "skerry", 6));
    listen(server, 5);
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    CALL(connect_abstract(client, "skerry\0tesT", 11));
    CALL(connect_abstract(client, "skerry\0test", 11));
    show_name("peer", client, get_peer);
    close(server);
    server = socket(AF_UNIX, SOCK_STREAM, 0);
    CALL(bind_abstract(server, "skerry\0test", 11));
    close(server);
    server = socket(AF_UNIX, SOCK_STREAM, 0);
    a.sun_family = AF_UNIX;
    CALL(bind(server, (struct sockaddr *)&a, 2));
    size = sizeof from;
    getsockname(server, (struct sockaddr *)&from, &size);
    printf("autobind: length %d, first %d, digits %d\n", (int)size, from.sun_path[0], (int)strspn(from.sun_path + 1, "0123456789abcdef") >= 5);
    CALL(bind(server, (struct sockaddr *)&a, 2));
    CALL(bind_path(server, "again"));
    CALL(access("again", F_OK));
    char longest[109];
    memset(longest, 'n', 108);
    longest[108] = 0;
    memcpy(a.sun_path, longest, 108);
    int full = socket(AF_UNIX, SOCK_STREAM, 0);
    CALL(bind(full, (struct sockaddr *)&a, sizeof a));
    char big[200];
    size = sizeof big;
    CALL(getsockname(full, (struct sockaddr *)big, &size));
    SHOW(size);
    CALL(access(longest, F_OK));

    section("a stream of a million bytes");
    int pair[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    int small = 20000;
    CALL(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small));
    SHOW(option(pair[0], SO_SNDBUF));
    pthread_create(&thread, NULL, send_much, &pair[0]);
    long total = 0, sum = 0, got;
    static unsigned char block[70000];
    while ((got = recv(pair[1], block, sizeof block, 0)) > 0) {
        for (long i = 0; i < got; i++) sum += block[i];
        total += got;
    }
    pthread_join(thread, NULL);
    SHOW(total);
    SHOW(sum);
    section("a full stream");
    fcntl(pair[1], F_SETFL, O_NONBLOCK);
    while (send(pair[1], block, 4096, 0) > 0) {}
    TRUTH(errno == EAGAIN);
    show_events("full", pair[1]);
    ioctl(pair[1], TIOCOUTQ, &count);
    TRUTH(count > 0);
    while (recv(pair[0], block, sizeof block, MSG_DONTWAIT) > 0) {}
    show_events("emptied", pair[1]);
    ioctl(pair[1], TIOCOUTQ, &count);
    SHOW(count);

    section("epoll");
    int ep = epoll_create1(0);
    struct epoll_event event = {EPOLLIN | EPOLLRDHUP | EPOLLET, {.u32 = 5}};
    int fresh[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, fresh);
    epoll_ctl(ep, EPOLL_CTL_ADD, fresh[0], &event);
    CALL(epoll_wait(ep, &event, 1, 0));
    send(fresh[1], "ab", 2, 0);
    CALL(epoll_wait(ep, &event, 1, 0));
    printf("%#x\n", event.events);
    CALL(epoll_wait(ep, &event, 1, 0));
    shutdown(fresh[1], SHUT_WR);
    CALL(epoll_wait(ep, &event, 1, 0));
    printf("%#x\n", event.events);
    send(fresh[0], "unread", 6, 0);
    close(fresh[1]);
    CALL(epoll_wait(ep, &event, 1, 0));
    printf("%#x\n", event.events);
    SHOW(option(fresh[0], SO_ERROR));
    CALL(recv(fresh[0], text, 9, 0));
    CALL(recv(fresh[0], text, 9, 0));
    return 0;
}
