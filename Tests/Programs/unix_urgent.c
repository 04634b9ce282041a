// The urgent byte of a stream (MSG_OOB), SIGURG, marks, and peeking at an offset (SO_PEEK_OFF).
#include "probe.h"
#include <sys/ioctl.h>
#include <sys/socket.h>

#define RT (SIGRTMIN + 4)

static int pair[2];
static void fresh(int type) {
    close(pair[0]);
    close(pair[1]);
    socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, pair);
}
static void look(const char *what, int size, int flags) {
    char text[64] = {0};
    struct iovec vector = {text, size};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    long count = recvmsg(pair[1], &message, flags);
    if (count < 0) printf("%s: %s\n", what, error_name(errno));
    else printf("%s: %ld \"%.*s\" flags %#x\n", what, count, (int)count, text, message.msg_flags);
}
static void state(const char *what) {
    int mark = -1, failed = ioctl(pair[1], SIOCATMARK, &mark) ? errno : 0;
    struct pollfd poll_for = {pair[1], POLLIN | POLLPRI | POLLRDBAND, 0};
    poll(&poll_for, 1, 0);
    printf("%s: mark %d %s, poll %#x\n", what, mark, failed ? error_name(failed) : "ok", poll_for.revents);
}
static void set(int option, int value) { CALL(setsockopt(pair[1], SOL_SOCKET, option, &value, sizeof value)); }
static void taken(const char *what) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGURG);
    sigaddset(&set, RT);
    struct timespec none = {0, 0};
    siginfo_t info;
    printf("%s:", what);
    while (sigtimedwait(&set, &info, &none) > 0) {
        if (info.si_signo == SIGURG) printf(" [URG code %d]", info.si_code);
        else printf(" [RT code %d band %#lx own %d]", info.si_code, (long)info.si_band, info.si_fd == pair[1]);
    }
    puts("");
}

static void reading(void) {
    section("urgent bytes");
    fresh(SOCK_STREAM);
    state("empty");
    look("nothing urgent", 8, MSG_OOB);
    CALL(send(pair[0], "", 0, MSG_OOB));
    CALL(send(pair[0], "abc", 3, MSG_OOB));
    state("sent");
    int left = -1;
    CALL(ioctl(pair[1], FIONREAD, &left));
    SHOW(left);
    look("peek", 8, MSG_PEEK);
    look("peek at it", 8, MSG_OOB | MSG_PEEK);
    look("it", 8, MSG_OOB);
    look("again", 8, MSG_OOB);
    state("taken");
    look("the rest", 8, 0);
    state("at the mark");
    look("nothing left", 8, 0);
    state("past it");
    section("in the middle");
    fresh(SOCK_STREAM);
    send(pair[0], "ab", 2, MSG_OOB);
    send(pair[0], "cd", 2, 0);
    state("sent");
    look("up to it", 8, 0);
    state("before it");
    look("over it", 8, 0);
    look("it is gone", 8, MSG_OOB);
    state("after it");
    section("taken first");
    send(pair[0], "ab", 2, MSG_OOB);
    send(pair[0], "cd", 2, 0);
    look("it", 1, MSG_OOB);
    look("up to the mark", 8, 0);
    state("at the mark");
    look("behind it", 8, 0);
    section("another one before it was taken");
    send(pair[0], "ab", 2, MSG_OOB);
    send(pair[0], "cd", 2, MSG_OOB);
    look("the later one", 1, MSG_OOB);
    look("the earlier one is data", 8, 0);
    look("nothing", 8, 0);
    section("in its place");
    fresh(SOCK_STREAM);
    set(SO_OOBINLINE, 1);
    send(pair[0], "ab", 2, MSG_OOB);
    send(pair[0], "cd", 2, 0);
    look("out of its place", 8, MSG_OOB);
    look("up to it", 8, 0);
    state("before it");
    look("it and more", 8, 0);
    section("others have none");
    fresh(SOCK_DGRAM);
    CALL(send(pair[0], "a", 1, MSG_OOB));
    look("datagram", 8, MSG_OOB);
    state("datagram");
    fresh(SOCK_SEQPACKET);
    CALL(send(pair[0], "a", 1, MSG_OOB));
    look("packet", 8, MSG_OOB);
    section("the end");
    fresh(SOCK_STREAM);
    send(pair[0], "ab", 2, MSG_OOB);
    CALL(shutdown(pair[0], SHUT_WR));
    CALL(send(pair[0], "a", 1, MSG_OOB | MSG_NOSIGNAL));
    look("up to it", 8, 0);
    look("it", 8, MSG_OOB);
    look("end", 8, 0);
}

static void signals(void) {
    section("signals");
    fresh(SOCK_STREAM);
    send(pair[0], "a", 1, MSG_OOB);
    taken("nobody owns it");
    CALL(fcntl(pair[1], F_SETOWN, getpid()));
    send(pair[0], "ab", 2, MSG_OOB);
    taken("owned");
    send(pair[0], "a", 1, 0);
    taken("plain data");
    CALL(fcntl(pair[1], F_SETSIG, RT));
    send(pair[0], "a", 1, MSG_OOB);
    taken("a signal of its own, not asked for");
    CALL(fcntl(pair[1], F_SETFL, O_ASYNC | O_NONBLOCK));
    send(pair[0], "a", 1, MSG_OOB);
    taken("asked for");
}

static void offsets(int type, const char *name) {
    printf("-- peeking, %s\n", name);
    fresh(type);
    int value = 0;
    socklen_t size = sizeof value;
    CALL(getsockopt(pair[1], SOL_SOCKET, SO_PEEK_OFF, &value, &size));
    SHOW(value);
    send(pair[0], "abcdef", 6, 0);
    send(pair[0], "gh", 2, 0);
    look("before", 2, MSG_PEEK);
    set(SO_PEEK_OFF, 0);
    look("first", 2, MSG_PEEK);
    look("next", 3, MSG_PEEK);
    look("with its length", 8, MSG_PEEK | MSG_TRUNC);
    getsockopt(pair[1], SOL_SOCKET, SO_PEEK_OFF, &value, &size);
    SHOW(value);
    look("more", 8, MSG_PEEK);
    look("nothing more", 8, MSG_PEEK);
    look("read", 3, 0);
    getsockopt(pair[1], SOL_SOCKET, SO_PEEK_OFF, &value, &size);
    SHOW(value);
    set(SO_PEEK_OFF, 1);
    look("from the second", 8, MSG_PEEK);
    set(SO_PEEK_OFF, -1);
    look("from the first", 8, MSG_PEEK);
    look("all", 8, 0);
    set(SO_PEEK_OFF, 5);
    send(pair[0], "abc", 3, 0);
    look("behind the end", 8, MSG_PEEK);
    look("read", 8, 0);
}

int main(void) {
    setbuf(stdout, NULL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGURG);
    sigaddset(&set, RT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    reading();
    signals();
    offsets(SOCK_STREAM, "a stream");
    offsets(SOCK_DGRAM, "datagrams");
    offsets(SOCK_SEQPACKET, "packets");
    return 0;
}
