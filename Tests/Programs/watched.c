// What epoll(7) can watch, whom an exclusive entry wakes, and whose signals a signalfd shows.
#include "probe.h"
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

static int ep;

static void add(const char *what, int fd) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLPRI};
    struct epoll_event found = {0};
    int alone = epoll_create1(0);
    if (fd < 0) printf("%s: cannot be opened: %s\n", what, error_name(errno));
    else if (epoll_ctl(alone, EPOLL_CTL_ADD, fd, &event) != 0) printf("%s: %s\n", what, error_name(errno));
    else printf("%s: watched, %d\n", what, epoll_wait(alone, &found, 1, 0));
    close(alone);
    close(fd);
}

static void kinds(void) {
    sigset_t set;
    int ends[2], pair[2];
    section("kinds of files");
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    add("signalfd", signalfd(-1, &set, 0));
    add("pidfd", (int)syscall(SYS_pidfd_open, getpid(), 0));
    add("eventfd", eventfd(0, 0));
    add("timerfd", timerfd_create(CLOCK_MONOTONIC, 0));
    add("inotify", inotify_init1(0));
    add("epoll", epoll_create1(0));
    pipe(ends);
    add("pipe", ends[0]);
    add("pipe's writing end", ends[1]);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    add("socket", pair[0]);
    close(pair[1]);
    add("/dev/ptmx", open("/dev/ptmx", O_RDWR | O_NOCTTY));
    static const char *paths[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/urandom", "/dev/random", "/proc/self/mounts", "/proc/self/mountinfo",
        "/proc/mounts", "/proc/self/stat", "/proc/self/status", "/proc/self/maps", "/proc/self/comm", "/proc/self/cmdline", "/proc/self", "/proc/stat",
        "/proc/meminfo", "/proc/uptime", "/proc/sys/kernel/hostname", ".", "/"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) add(paths[i], open(paths[i], O_RDONLY));
    make_file("plain", "text");
    add("a file", open("plain", O_RDWR));
    add("a memory file", memfd_create("x", 0));
}

static int control(int fd, uint32_t events) {
    struct epoll_event event = {.events = events};
    return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event);
}

// Children that each wait with an exclusive entry of their own; how many of them a write wakes.
static bool sleeps(pid_t process) {
    char path[64], text[256];
    snprintf(path, sizeof path, "/proc/%d/stat", process);
    int fd = open(path, O_RDONLY);
    ssize_t count = read(fd, text, sizeof text - 1);
    close(fd);
    text[count < 0 ? 0 : count] = 0;
    char *end = strrchr(text, ')');
    return end && end[1] && end[2] == 'S';
}

static void exclusive(int children, bool first_wants_input, int writes) {
    int data[2], ready[2], woken[2];
    char text[16];
    pipe(data);
    pipe(ready);
    pipe(woken);
    pid_t ids[8];
    for (int i = 0; i < children; i++) {
        ids[i] = fork();
        if (ids[i] == 0) {
            struct epoll_event event;
            ep = epoll_create1(0);
            control(data[0], EPOLLEXCLUSIVE | (i > 0 || first_wants_input ? EPOLLIN : EPOLLOUT));
            write(ready[1], "r", 1);
            if (epoll_wait(ep, &event, 1, 20000) == 1) write(woken[1], "w", 1);
            pause();
            _exit(0);
        }
        read(ready[0], text, 1);
        // Who is not asleep yet is not found, and the next one is woken as well.
        for (int tries = 0; tries < 5000 && !sleeps(ids[i]); tries++) sleep_ms(1);
        sleep_ms(50);
    }
    for (int i = 0; i < writes; i++) {
        write(data[1], "x", 1);
        sleep_ms(60);
    }
    // As many as writes come, however busy the machine is; more would come soon.
    for (int told = 0; told < writes && poll(&(struct pollfd){woken[0], POLLIN, 0}, 1, 5000) == 1; sleep_ms(10)) ioctl(woken[0], FIONREAD, &told);
    sleep_ms(150);
    fcntl(woken[0], F_SETFL, O_NONBLOCK);
    ssize_t count = read(woken[0], text, sizeof text);
    printf("%d children, %d writes: %zd woken\n", children, writes, count);
    for (int i = 0; i < children; i++) {
        kill(ids[i], SIGKILL);
        waitpid(ids[i], NULL, 0);
    }
    for (int i = 0; i < 2; i++) {
        close(data[i]);
        close(ready[i]);
        close(woken[i]);
    }
}

static void *nothing(void *unused) {
    sleep_ms(300);
    return unused;
}

static void signals(void) {
    sigset_t set;
    struct signalfd_siginfo info;
    struct epoll_event event = {.events = EPOLLIN};
    pthread_t thread;
    int status;
    section("signals of others");
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, SFD_NONBLOCK);
    struct pollfd poller = {fd, POLLIN, 0};
    CALL(poll(&poller, 1, 0));
    pthread_create(&thread, NULL, nothing, NULL);
    pthread_kill(thread, SIGUSR1);
    CALL(poll(&poller, 1, 20));
    CALL(read(fd, &info, sizeof info));
    ep = epoll_create1(0);
    CALL(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event));
    CALL(epoll_wait(ep, &event, 1, 20));
    pthread_join(thread, NULL);
    raise(SIGUSR2);
    CALL(poll(&poller, 1, 0));
    CALL(epoll_wait(ep, &event, 1, 1000));
    CALL(read(fd, &info, sizeof info));
    SHOW(info.ssi_signo);
    kill(getpid(), SIGUSR1);
    CALL(epoll_wait(ep, &event, 1, 1000));
    CALL(read(fd, &info, sizeof info));
    section("an inherited signalfd");
    fflush(stdout);
    int blocking = signalfd(-1, &set, 0);
    for (int polls = 0; polls < 2; polls++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(10);
            poller.fd = blocking;
            if (polls) CALL(poll(&poller, 1, 5000));
            CALL(read(blocking, &info, sizeof info));
            SHOW(info.ssi_signo);
            _exit(0);
        }
        sleep_ms(100);
        kill(child, SIGUSR2);
        waitpid(child, &status, 0);
        SHOW(status);
    }
}

int main(void) {
    int event = eventfd(0, 0);
    kinds();
    section("exclusive entries");
    ep = epoll_create1(0);
    CALL(control(event, EPOLLIN | EPOLLEXCLUSIVE | EPOLLPRI));
    CALL(control(event, EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT));
    CALL(control(event, EPOLLIN | EPOLLEXCLUSIVE | EPOLLRDHUP));
    CALL(control(event, EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLET | EPOLLEXCLUSIVE));
    struct epoll_event change = {.events = EPOLLIN};
    CALL(epoll_ctl(ep, EPOLL_CTL_MOD, event, &change));
    fflush(stdout);
    exclusive(3, true, 1);
    exclusive(3, true, 2);
    exclusive(3, false, 1);
    signals();
    return 0;
}
