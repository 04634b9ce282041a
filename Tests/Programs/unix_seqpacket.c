// AF_UNIX packets in order: connections, record ends, truncation, ends, errors.
#include "probe.h"
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static void receive(int fd, int size, int flags) {
    char text[64] = {0};
    struct sockaddr_un from;
    struct iovec vector = {text, size};
    struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &vector, .msg_iovlen = 1};
    long got = recvmsg(fd, &message, flags);
    if (got < 0) printf("recvmsg: %s\n", error_name(errno));
    else printf("recvmsg: %ld \"%s\" flags %#x, name %d\n", got, text, message.msg_flags, (int)message.msg_namelen);
}
static void show_events(const char *what, int fd) {
    struct pollfd p = {fd, POLLIN | POLLOUT | POLLRDHUP, 0};
    poll(&p, 1, 0);
    printf("%s: events %#x\n", what, p.revents);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "packets"};
    int server = socket(AF_UNIX, SOCK_SEQPACKET, 0), client = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    CALL(bind(server, (struct sockaddr *)&a, sizeof a));
    CALL(connect(client, (struct sockaddr *)&a, sizeof a));
    CALL(send(client, "x", 1, 0));
    receive(client, 9, 0);
    show_events("alone", client);
    CALL(listen(server, 2));
    CALL(connect(client, (struct sockaddr *)&a, sizeof a));
    int end = accept(server, NULL, NULL);
    section("records");
    CALL(send(client, "first", 5, 0));
    CALL(send(client, "second", 6, MSG_EOR));
    CALL(send(client, "", 0, 0));
    CALL(sendto(client, "named", 5, 0, (struct sockaddr *)&a, sizeof a));
    int count;
    ioctl(end, FIONREAD, &count);
    SHOW(count);
    receive(end, 9, MSG_PEEK);
    receive(end, 3, MSG_TRUNC);
    receive(end, 9, 0);
    receive(end, 9, 0);
    receive(end, 9, 0);
    receive(end, 9, MSG_DONTWAIT);
    CALL(send(end, "answer", 6, 0));
    receive(client, 9, MSG_WAITALL);
    CALL(write(client, "written", 7));
    char text[16];
    CALL(read(end, text, 3));
    CALL(read(end, text, 0) >= -1);
    section("ends");
    CALL(send(client, "left", 4, 0));
    CALL(shutdown(client, SHUT_WR));
    CALL(send(client, "x", 1, 0));
    show_events("end", end);
    receive(end, 9, 0);
    receive(end, 9, 0);
    receive(end, 9, MSG_DONTWAIT);
    CALL(send(end, "unread", 6, 0));
    CALL(close(client));
    show_events("end", end);
    receive(end, 9, 0);
    CALL(send(end, "x", 1, 0));
    close(end);
    client = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    CALL(connect(client, (struct sockaddr *)&a, sizeof a));
    end = accept(server, NULL, NULL);
    send(end, "kept", 4, 0);
    send(client, "lost", 4, 0);
    close(end);
    show_events("client", client);
    receive(client, 9, 0);
    receive(client, 9, 0);
    receive(client, 9, 0);
    CALL(send(client, "x", 1, 0));
    return 0;
}
