// What the programs about terminals share. The kernel moves bytes between the two sides in its own time: they look only after a while of quiet.
#ifndef TERMINAL_H
#define TERMINAL_H
#include "probe.h"
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

typedef struct {
    int master, slave;
} Pair;

static inline Pair open_pair(void) {
    Pair pair = {posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC), -1};
    if (grantpt(pair.master) || unlockpt(pair.master)) printf("unlockpt: %s\n", error_name(errno));
    pair.slave = open(ptsname(pair.master), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (pair.slave < 0) printf("slave: %s\n", error_name(errno));
    return pair;
}
static inline void close_pair(Pair pair) {
    close(pair.slave);
    close(pair.master);
}

static inline void show_bytes(const char *what, const char *bytes, ssize_t count) {
    printf("%s", what);
    if (count < 0) {
        printf(" %s\n", error_name(errno));
        return;
    }
    printf(" %zd \"", count);
    for (ssize_t i = 0; i < count && i < 200; i++) {
        unsigned char c = bytes[i];
        if (c == '\\' || c == '"') printf("\\%c", c);
        else if (c >= 32 && c < 127) putchar(c);
        else printf("\\x%02x", c);
    }
    printf("\"%s\n", count > 200 ? "..." : "");
}

// Reads until nothing has come for a while.
static inline ssize_t drain(int fd, char *bytes, size_t size) {
    size_t done = 0;
    struct pollfd wait = {fd, POLLIN, 0};
    while (done < size && poll(&wait, 1, 50) > 0 && wait.revents & POLLIN) {
        ssize_t count = read(fd, bytes + done, size - done);
        if (count <= 0) return done ? (ssize_t)done : count;
        done += count;
    }
    return done;
}
static inline void show_output(int fd) {
    static char bytes[65536];
    show_bytes("  output", bytes, drain(fd, bytes, sizeof bytes));
}
static inline void type(int master, const char *text) {
    if (write(master, text, strlen(text)) < 0) printf("type: %s\n", error_name(errno));
    sleep_ms(20);
}
// One read(2) at a time until there is no more; an empty one is an end of file.
static inline void show_reads(int fd) {
    static char bytes[8192];
    for (int i = 0; i < 6; i++) {
        ssize_t count = read(fd, bytes, sizeof bytes);
        show_bytes("  read", bytes, count);
        if (count < 0) break;
    }
}
static inline int available(int fd) {
    int count = -1;
    return ioctl(fd, FIONREAD, &count) ? -errno : count;
}
static inline int events(int fd) {
    struct pollfd wait = {fd, POLLIN | POLLPRI | POLLOUT, 0};
    poll(&wait, 1, 0);
    return wait.revents;
}
#endif
