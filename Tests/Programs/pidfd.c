// Descriptors of processes: open, poll, signals, waiting, other processes' descriptors.
#include "probe.h"
#include <linux/sched.h>
#include <sys/wait.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static int pidfd_open(pid_t pid, unsigned flags) { return (int)syscall(SYS_pidfd_open, pid, flags); }
static int send_signal(int fd, int number, siginfo_t *info, unsigned flags) { return (int)syscall(SYS_pidfd_send_signal, fd, number, info, flags); }
static int getfd(int fd, int target, unsigned flags) { return (int)syscall(SYS_pidfd_getfd, fd, target, flags); }

static int ready(int fd) {
    struct pollfd place = {fd, POLLIN, 0};
    return poll(&place, 1, 0) == 1 ? place.revents : 0;
}

int main(void) {
    int ends[2], status;
    siginfo_t info;
    pipe(ends);
    section("open");
    CALL(pidfd_open(-1, 0));
    CALL(pidfd_open(0, 0));
    CALL(pidfd_open(999999, 0));
    CALL(pidfd_open(getpid(), 1));
    int own = pidfd_open(getpid(), 0);
    TRUTH(own >= 0 && (fcntl(own, F_GETFD) & FD_CLOEXEC));
    SHOW(send_signal(own, 0, NULL, 0));
    CALL(send_signal(own, 65, NULL, 0));
    CALL(send_signal(ends[0], 0, NULL, 0));
    CALL(send_signal(-1, 0, NULL, 0));
    CALL(read(own, &status, 4));

    section("a child");
    pid_t child = fork();
    if (child == 0) {
        // A descriptor the parent does not have.
        int copy = fcntl(ends[1], F_DUPFD, 100);
        if (copy != 100 || write(ends[1], "r", 1) != 1) _exit(1);
        for (;;) pause();
    }
    char word = 0;
    read(ends[0], &word, 1);
    int fd = pidfd_open(child, 0);
    SHOW(ready(fd));
    CALL(getfd(fd, 99, 0));
    CALL(getfd(fd, 100, 1));
    int taken = getfd(fd, 100, 0);
    TRUTH(taken >= 0 && (fcntl(taken, F_GETFD) & FD_CLOEXEC));
    SHOW(write(taken, "x", 1));
    SHOW(read(ends[0], &word, 1));
    printf("got %c\n", word);
    CALL(waitid(P_PIDFD, fd, &info, WEXITED | WNOHANG));
    SHOW(send_signal(fd, SIGKILL, NULL, 0));
    struct pollfd place = {fd, POLLIN, 0};
    SHOW(poll(&place, 1, 10000));
    SHOW(place.revents);
    memset(&info, 0, sizeof info);
    CALL(waitid(P_PIDFD, fd, &info, WEXITED));
    printf("code %d status %d same %d\n", info.si_code, info.si_status, info.si_pid == child);
    CALL(send_signal(fd, 0, NULL, 0));
    CALL(waitid(P_PIDFD, fd, &info, WEXITED));
    CALL(waitid(P_PIDFD, ends[0], &info, WEXITED));
    CALL(getfd(fd, 0, 0));

    section("clone3");
    int made = -1;
    struct clone_args arguments = {.flags = CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&made, .exit_signal = SIGCHLD};
    child = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    if (child == 0) _exit(4);
    TRUTH(made >= 0);
    CALL(waitid(P_PIDFD, made, &info, WEXITED));
    SHOW(info.si_status);
    return 0;
}
