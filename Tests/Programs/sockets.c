// Pairs of AF_UNIX sockets: streams, datagrams, packets, descriptors in messages, ends.
#include "probe.h"
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static int pair[2];
static void *late(void *unused) {
    (void)unused;
    sleep_ms(20);
    send(pair[1], "late", 4, 0);
    return NULL;
}
static long send_descriptor(int socket, int fd, const char *text) {
    char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec vector = {(void *)text, strlen(text)};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    return sendmsg(socket, &message, 0);
}
static int receive_descriptor(int socket, char *text, size_t size, int flags) {
    char control[CMSG_SPACE(4 * sizeof(int))];
    struct iovec vector = {text, size};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    long count = recvmsg(socket, &message, flags);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    printf("  %ld bytes, flags %#x, control %d\n", count, message.msg_flags, header != NULL);
    int fd = -1;
    if (header) memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return fd;
}

int main(void) {
    char text[256];
    pthread_t thread;
    signal(SIGPIPE, SIG_IGN);
    section("streams");
    CALL(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    CALL(send(pair[0], "hello", 5, 0));
    CALL(write(pair[0], " world", 6));
    int count;
    ioctl(pair[1], FIONREAD, &count);
    SHOW(count);
    CALL(recv(pair[1], text, 3, MSG_PEEK));
    CALL(recv(pair[1], text, 3, 0));
    CALL(read(pair[1], text, 256));
    CALL(recv(pair[1], text, 1, MSG_DONTWAIT));
    pthread_create(&thread, NULL, late, NULL);
    CALL(recv(pair[0], text, 256, 0));
    pthread_join(thread, NULL);
    send(pair[1], "abcdef", 6, 0);
    CALL(recv(pair[0], text, 4, MSG_WAITALL));
    CALL(recv(pair[0], text, 2, MSG_WAITALL));
    section("options");
    int value = 0;
    socklen_t size = sizeof value;
    CALL(getsockopt(pair[0], SOL_SOCKET, SO_TYPE, &value, &size));
    SHOW(value);
    CALL(getsockopt(pair[0], SOL_SOCKET, SO_ERROR, &value, &size));
    SHOW(value);
    CALL(getsockopt(pair[0], SOL_SOCKET, SO_DOMAIN, &value, &size));
    SHOW(value);
    struct ucred credentials;
    size = sizeof credentials;
    CALL(getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &credentials, &size));
    TRUTH(credentials.pid == getpid() && credentials.uid == geteuid());
    CALL(getsockopt(pair[0], SOL_SOCKET, 9999, &value, &size));
    struct timeval timeout = {0, 10000};
    CALL(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout));
    CALL(recv(pair[0], text, 1, 0));
    struct sockaddr_un address;
    size = sizeof address;
    CALL(getsockname(pair[0], (struct sockaddr *)&address, &size));
    SHOW(size);
    SHOW(address.sun_family);
    size = sizeof address;
    CALL(getpeername(pair[0], (struct sockaddr *)&address, &size));
    CALL(lseek(pair[0], 0, SEEK_CUR));
    section("ends");
    CALL(shutdown(pair[0], SHUT_WR));
    CALL(recv(pair[1], text, 1, 0));
    CALL(send(pair[0], "x", 1, 0));
    CALL(send(pair[1], "y", 1, 0));
    close(pair[1]);
    CALL(recv(pair[0], text, 10, 0));
    CALL(recv(pair[0], text, 10, 0));
    CALL(send(pair[0], "x", 1, MSG_NOSIGNAL));
    struct pollfd p = {pair[0], POLLIN | POLLOUT | POLLRDHUP, 0};
    CALL(poll(&p, 1, 0));
    printf("%#x\n", p.revents);
    CALL(shutdown(pair[0], 7));
    close(pair[0]);
    section("datagrams and packets");
    int kinds[] = {SOCK_DGRAM, SOCK_SEQPACKET};
    for (int i = 0; i < 2; i++) {
        CALL(socketpair(AF_UNIX, kinds[i] | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair));
        CALL(send(pair[0], "first", 5, 0));
        CALL(send(pair[0], "", 0, 0));
        CALL(send(pair[0], "third", 5, 0));
        CALL(recv(pair[1], text, 2, MSG_TRUNC));
        CALL(recv(pair[1], text, 256, 0));
        CALL(recv(pair[1], text, 256, 0));
        CALL(recv(pair[1], text, 256, 0));
        close(pair[0]);
        CALL(recv(pair[1], text, 256, 0));
        CALL(send(pair[1], "x", 1, 0));
        close(pair[1]);
    }
    section("descriptors in messages");
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    int file = open("f", O_CREAT | O_RDWR, 0600);
    write(file, "in the file", 11);
    CALL(send_descriptor(pair[0], file, "take"));
    CALL(send(pair[0], "more", 4, 0));
    close(file);
    int got = receive_descriptor(pair[1], text, sizeof text, MSG_CMSG_CLOEXEC);
    CALL(fcntl(got, F_GETFD));
    CALL(pread(got, text, 100, 0));
    receive_descriptor(pair[1], text, sizeof text, 0);
    CALL(send_descriptor(pair[0], 99, "bad"));
    CALL(send_descriptor(pair[0], pair[1], "itself"));
    close(pair[0]);
    close(pair[1]);
    section("several at once");
    socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
    struct iovec vectors[2] = {{"one", 3}, {"two", 3}};
    struct mmsghdr messages[2] = {{.msg_hdr = {.msg_iov = vectors, .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = vectors, .msg_iovlen = 2}}};
    CALL(sendmmsg(pair[0], messages, 2, 0));
    SHOW(messages[1].msg_len);
    char parts[2][16];
    struct iovec in[2] = {{parts[0], 16}, {parts[1], 16}};
    struct mmsghdr received[2] = {{.msg_hdr = {.msg_iov = &in[0], .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = &in[1], .msg_iovlen = 1}}};
    CALL(recvmmsg(pair[1], received, 2, 0, NULL));
    SHOW(received[1].msg_len);
    section("errors");
    CALL(socketpair(AF_UNIX, 99, 0, pair));
    CALL(socketpair(AF_INET, SOCK_STREAM, 0, pair) == -1);
    CALL(send(0, "x", 1, 0));
    CALL(recv(99, text, 1, 0));
    CALL(socketpair(AF_UNIX, SOCK_STREAM, 0, (int *)8));
    return 0;
}
