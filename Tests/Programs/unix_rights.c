// Descriptors and credentials in messages: several, peeked, cut, across packets, in cycles; SO_PASSCRED; permissions to speak for others.
#include "probe.h"
#include <stddef.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

static long send_files(int socket, const int *fds, int count, const char *text, int flags) {
    char control[CMSG_SPACE(300 * sizeof(int))];
    memset(control, 0, sizeof control);
    struct iovec vector = {(void *)text, strlen(text)};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(count * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(header), fds, count * sizeof(int));
    return sendmsg(socket, &message, flags);
}
static long send_credentials(int socket, pid_t pid, uid_t uid, gid_t gid) {
    char control[CMSG_SPACE(sizeof(struct ucred))] = {0};
    struct iovec vector = {"c", 1};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(struct ucred)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_CREDENTIALS};
    struct ucred c = {pid, uid, gid};
    memcpy(CMSG_DATA(header), &c, sizeof c);
    return sendmsg(socket, &message, 0);
}
static int received[300];
// Shows what came, and returns how many descriptors are in `received`.
static int receive(int socket, size_t room, int size, int flags) {
    char control[2000], text[64] = {0};
    struct iovec vector = {text, size};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = room};
    long got = recvmsg(socket, &message, flags);
    if (got < 0) {
        printf("  recvmsg: %s\n", error_name(errno));
        return 0;
    }
    printf("  %ld \"%s\" flags %#x control %d:", got, text, message.msg_flags, (int)message.msg_controllen);
    int count = 0;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(&message); h; h = CMSG_NXTHDR(&message, h)) {
        if (h->cmsg_type == SCM_RIGHTS) {
            count = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            memcpy(received, CMSG_DATA(h), count * sizeof(int));
            printf(" %d files", count);
        } else {
            struct ucred c;
            memcpy(&c, CMSG_DATA(h), sizeof c);
            printf(" pid %s uid %s gid %s", c.pid == getpid() ? "own" : c.pid ? "other" : "0", c.uid == getuid() ? "own" : c.uid == 65534 ? "nobody" : "other",
                c.gid == getgid() ? "own" : c.gid == 65534 ? "nobody" : "other");
        }
    }
    printf("\n");
    return count;
}
static void close_received(int count) {
    for (int i = 0; i < count; i++) close(received[i]);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    int pair[2], ends[2], packets[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, packets);
    pipe(ends);
    section("several");
    int three[3] = {ends[0], ends[1], pair[0]};
    CALL(send_files(pair[0], three, 3, "three", 0));
    int count = receive(pair[1], 200, 64, 0);
    TRUTH(fcntl(received[0], F_GETFD) == 0);
    CALL(write(received[1], "through", 7));
    char text[9];
    CALL(read(ends[0], text, 9));
    close_received(count);
    int bad[2] = {ends[0], 999};
    CALL(send_files(pair[0], bad, 2, "bad", 0));
    CALL(send_files(pair[0], three, 0, "none", 0));
    receive(pair[1], 200, 64, 0);
    int lot[260];
    for (int i = 0; i < 260; i++) lot[i] = ends[0];
    CALL(send_files(pair[0], lot, 253, "253", 0));
    CALL(send_files(pair[0], lot, 254, "254", 0));
    count = receive(pair[1], 2000, 64, MSG_CMSG_CLOEXEC);
    TRUTH(fcntl(received[252], F_GETFD) == FD_CLOEXEC);
    close_received(count);
    section("no room");
    for (size_t room = 0; room <= 32; room += 4) {
        CALL(send_files(pair[0], three, 3, "cut", 0));
        close_received(receive(pair[1], room, 64, 0));
    }
    section("limits of descriptors");
    struct rlimit limit, old;
    getrlimit(RLIMIT_NOFILE, &old);
    limit = old;
    int top = dup(0);
    // What a shell may have left open.
    for (int fd = top; fd < 256; fd++) close(fd);
    limit.rlim_cur = top + 2;
    setrlimit(RLIMIT_NOFILE, &limit);
    CALL(send_files(pair[0], three, 3, "limit", 0));
    close_received(receive(pair[1], 200, 64, 0));
    setrlimit(RLIMIT_NOFILE, &old);
    section("order");
    send(pair[0], "before", 6, 0);
    send_files(pair[0], three, 1, "with", 0);
    send(pair[0], "after", 5, 0);
    close_received(receive(pair[1], 200, 64, MSG_PEEK));
    close_received(receive(pair[1], 200, 64, 0));
    close_received(receive(pair[1], 200, 64, 0));
    send_files(pair[0], three, 1, "split", 0);
    close_received(receive(pair[1], 200, 2, 0));
    close_received(receive(pair[1], 200, 64, 0));
    send_files(pair[0], three, 1, "read", 0);
    CALL(read(pair[1], text, 9));
    send_files(packets[0], three, 2, "packet", 0);
    close_received(receive(packets[1], 200, 3, MSG_PEEK));
    close_received(receive(packets[1], 200, 3, 0));
    section("credentials");
    int on = 1;
    CALL(send_credentials(pair[0], getpid(), getuid(), getgid()));
    close_received(receive(pair[1], 200, 64, 0));
    send(pair[0], "old", 3, 0);
    CALL(setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
    receive(pair[1], 200, 64, 0);
    send(pair[0], "new", 3, 0);
    receive(pair[1], 200, 64, 0);
    send_files(pair[0], three, 2, "both", 0);
    close_received(receive(pair[1], 200, 64, 0));
    send_files(pair[0], three, 2, "cut", 0);
    close_received(receive(pair[1], 48, 64, 0));
    send(pair[0], "short", 5, 0);
    receive(pair[1], 20, 64, 0);
    CALL(send_credentials(pair[0], 1, getuid(), getgid()) == 1 || geteuid() != 0);
    if (geteuid() == 0) receive(pair[1], 200, 64, 0);
    receive(pair[1], 200, 64, MSG_DONTWAIT);
    section("a descriptor that only a message holds");
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    send_files(pair[0], &ends[0], 1, "only", 0);
    close(ends[0]);
    CALL(send(ends[1], "still", 5, 0));
    count = receive(pair[1], 200, 64, 0);
    CALL(recv(received[0], text, 9, 0));
    close_received(count);
    CALL(recv(ends[1], text, 9, 0));
    close(ends[1]);
    section("cycles");
    // Each socket of a pair is in the other's queue, and a pipe's end goes with them: the end must be closed when nobody can reach it.
    int watched[2];
    pipe(watched);
    for (int round = 0; round < 3; round++) {
        socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
        int cargo[2] = {ends[0], watched[1]};
        CALL(send_files(ends[0], cargo, 2, "x", 0));
        cargo[0] = ends[1];
        CALL(send_files(ends[1], cargo, 1, "y", 0));
        close(ends[0]);
        close(ends[1]);
    }
    close(watched[1]);
    // Any further socket that ends makes the kernel look.
    for (int i = 0; i < 50; i++) {
        close(socket(AF_UNIX, SOCK_DGRAM, 0));
        struct pollfd p = {watched[0], POLLIN, 0};
        if (poll(&p, 1, 20) && p.revents & POLLHUP) break;
    }
    CALL(read(watched[0], text, 1));
    return 0;
}
