// What the programs of this folder share: they print what the kernel answered, in words that are the same on every run.
#ifndef PROBE_H
#define PROBE_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static inline const char *error_name(int error) {
    const char *name = strerrorname_np(error);
    return name ? name : "?";
}

// Prints an expression with its value, or with the errno's name when it is -1. The value is the expression's.
#define CALL(expression)                                                                     \
    ({                                                                                       \
        errno = 0;                                                                           \
        long value_ = (long)(expression);                                                    \
        int error_ = errno;                                                                  \
        if (value_ == -1) printf("%s = -1 %s\n", #expression, error_name(error_));           \
        else printf("%s = %ld\n", #expression, value_);                                      \
        errno = error_;                                                                      \
        value_;                                                                              \
    })

// The same for values that differ from run to run: only success or the errno's name is printed.
#define TRY(expression)                                                                      \
    ({                                                                                       \
        errno = 0;                                                                           \
        long value_ = (long)(expression);                                                    \
        int error_ = errno;                                                                  \
        printf("%s: %s\n", #expression, value_ == -1 ? error_name(error_) : "ok");           \
        errno = error_;                                                                      \
        value_;                                                                              \
    })

#define SHOW(expression) printf("%s = %ld\n", #expression, (long)(expression))
#define TRUTH(expression) printf("%s: %s\n", #expression, (expression) ? "yes" : "no")

static inline void section(const char *title) { printf("-- %s\n", title); }

static inline void sleep_ms(long ms) {
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    while (nanosleep(&t, &t) != 0 && errno == EINTR) {}
}

// SIGALRM after so many milliseconds.
static inline void alarm_in(long ms) {
    struct itimerval timer = {{0, 0}, {0, ms * 1000}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

static inline void make_file(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || write(fd, text, strlen(text)) < 0) printf("make_file %s: %s\n", path, error_name(errno));
    close(fd);
}

static inline void show_file(const char *path) {
    char text[256];
    int fd = open(path, O_RDONLY);
    if (fd < 0) {
        printf("%s: %s\n", path, error_name(errno));
        return;
    }
    ssize_t count = read(fd, text, sizeof text - 1);
    text[count < 0 ? 0 : count] = 0;
    printf("%s: %zd bytes \"%s\"\n", path, count, text);
    close(fd);
}

__attribute__((constructor)) static void lines_at_once(void) {
    setvbuf(stdout, NULL, _IOLBF, 1 << 14);
    umask(022);
}
#endif
