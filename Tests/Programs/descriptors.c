// dup, dup2, dup3, fcntl, close_range, limits of the table.
#include "probe.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/timerfd.h>

// What stat(2) and its relatives say of files that no path leads to.
static void nameless(void) {
    section("files without a name");
    int ends[2], pair[2];
    sigset_t set;
    sigemptyset(&set);
    pipe(ends);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    struct {
        const char *name;
        int fd;
    } files[] = {
        {"eventfd", eventfd(0, EFD_NONBLOCK)}, {"epoll", epoll_create1(0)},    {"signalfd", signalfd(-1, &set, SFD_NONBLOCK)},
        {"timerfd", timerfd_create(1, 0)},     {"inotify", inotify_init1(0)}, {"pipe", ends[0]},
        {"socket", pair[0]},
    };
    for (int i = 0; i < 7; i++) {
        struct stat status;
        struct statfs system;
        struct statx extended;
        int fd = files[i].fd, count = -1;
        fstat(fd, &status);
        fstatfs(fd, &system);
        statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &extended);
        printf("%s: mode %o %o type %lx size %ld namelen %ld\n", files[i].name, status.st_mode, extended.stx_mode, (long)system.f_type, (long)status.st_size, (long)system.f_namelen);
        if (i > 4) continue;
        if (i != 4) CALL(ioctl(fd, FIONREAD, &count) == -1);
        CALL(readahead(fd, 0, 10));
        CALL(fallocate(fd, 0, 0, 10) == -1);
        CALL(ftruncate(fd, 0));
        CALL(syscall(SYS_sync_file_range, fd, 0L, 0L, 0));
        struct epoll_event wanted = {.events = EPOLLIN};
        if (i != 1) CALL(epoll_ctl(files[1].fd, EPOLL_CTL_ADD, fd, &wanted));
    }
    for (int i = 0; i < 7; i++) close(files[i].fd);
    close(ends[1]);
    close(pair[1]);
}

int main(void) {
    nameless();
    char text[16];
    int fd = open("f", O_CREAT | O_RDWR, 0600);
    write(fd, "0123456789", 10);
    int other = CALL(dup(fd));
    CALL(lseek(fd, 4, SEEK_SET));
    CALL(lseek(other, 0, SEEK_CUR));
    CALL(dup2(fd, 20));
    CALL(dup2(fd, fd));
    CALL(dup2(99, 20));
    CALL(dup2(99, 99));
    CALL(dup2(fd, -1));
    CALL(dup3(fd, fd, 0));
    CALL(dup3(fd, 21, O_CLOEXEC));
    CALL(dup3(fd, 22, 1));
    CALL(fcntl(21, F_GETFD));
    CALL(fcntl(20, F_GETFD));
    CALL(fcntl(20, F_SETFD, FD_CLOEXEC));
    CALL(fcntl(20, F_GETFD));
    CALL(fcntl(fd, F_DUPFD, 10));
    CALL(fcntl(fd, F_DUPFD_CLOEXEC, 10));
    CALL(fcntl(11, F_GETFD));
    CALL(fcntl(fd, F_DUPFD, -1));
    CALL(fcntl(fd, F_DUPFD, 1 << 30));
    CALL(fcntl(fd, F_GETFL));
    CALL(fcntl(fd, F_SETFL, O_NONBLOCK | O_APPEND));
    CALL(fcntl(other, F_GETFL));
    CALL(fcntl(fd, F_SETFL, 0));
    CALL(fcntl(fd, 9999, 0));
    CALL(fcntl(99, F_GETFD));
    section("close");
    CALL(close(other));
    CALL(read(fd, text, 3));
    CALL(close(99));
    CALL(close(-1));
    CALL(syscall(SYS_close_range, 10, 20, 0));
    CALL(fcntl(11, F_GETFD));
    CALL(fcntl(21, F_GETFD));
    CALL(syscall(SYS_close_range, 21, 21, 4));
    CALL(syscall(SYS_close_range, 22, 21, 0));
    CALL(syscall(SYS_close_range, 0, 2, 0x100));
    section("lowest number");
    int p[2];
    CALL(close(fd));
    CALL(pipe(p));
    SHOW(p[0]);
    SHOW(p[1]);
    CALL(pipe2(p, O_CLOEXEC | O_NONBLOCK));
    CALL(fcntl(p[0], F_GETFD));
    CALL(fcntl(p[0], F_GETFL));
    CALL(fcntl(p[1], F_GETFL));
    CALL(pipe2(p, 0x1234));
    CALL(pipe((int *)8));
    section("ioctl");
    int one = 1, count = -1;
    CALL(ioctl(p[0], FIONBIO, &one));
    CALL(ioctl(p[0], FIONREAD, &count));
    SHOW(count);
    CALL(ioctl(p[0], FIOCLEX));
    CALL(ioctl(p[0], 0x12345678));
    struct winsize size;
    CALL(ioctl(p[0], TIOCGWINSZ, &size));
    CALL(isatty(p[0]));
    section("limit");
    struct rlimit limit = {30, 30};
    CALL(setrlimit(RLIMIT_NOFILE, &limit));
    int last = -1, n;
    while ((n = open("/dev/null", O_RDONLY)) >= 0) last = n;
    printf("%d %s\n", last, error_name(errno));
    CALL(dup(0));
    CALL(dup2(0, 30));
    CALL(fcntl(0, F_DUPFD, 30));
    CALL(pipe(p));
    return 0;
}
