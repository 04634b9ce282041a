// /proc/self/fdinfo: what every file, its locks and its kind have to say. Numbers that differ from run to run are checked, not shown.
#include "probe.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

static char text[8192];
static void load(int fd) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    int file = open(path, O_RDONLY);
    ssize_t count = read(file, text, sizeof text - 1);
    text[count < 0 ? 0 : count] = 0;
    close(file);
}

// The lines of the kind, those of every file left out.
static void show(const char *what, int fd) {
    load(fd);
    printf("%s:\n", what);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        if (!strncmp(line, "pos:", 4) || !strncmp(line, "flags:", 6) || !strncmp(line, "mnt_id:", 7) || !strncmp(line, "ino:", 4)) continue;
        if (!strncmp(line, "eventfd-id:", 11)) printf("  eventfd-id\n");
        else printf("  %s|\n", line);
    }
}

// A lock's line with the process and the file by their roles.
static void show_locks(const char *what, int fd) {
    struct stat st;
    char device[64];
    fstat(fd, &st);
    load(fd);
    printf("%s:\n", what);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        int number, pid, used = 0;
        char kind[16], advisory[16], type[16], place[64];
        if (strncmp(line, "lock:", 5)) continue;
        if (sscanf(line, "lock:\t%d: %15s %15s %15s %d %63s %n", &number, kind, advisory, type, &pid, place, &used) != 6) {
            printf("  unknown form: %s\n", line);
            continue;
        }
        snprintf(device, sizeof device, ":%lu", (unsigned long)st.st_ino);
        size_t tail = strlen(place) < strlen(device) ? 0 : strlen(place) - strlen(device);
        printf("  %d: %s %s %s %s %s %s\n", number, kind, advisory, type, pid == getpid() ? "mine" : pid == -1 ? "-1" : "another's",
            strcmp(place + tail, device) ? "elsewhere" : "this file", line + used);
    }
}

static void entries(void) {
    int ends[2];
    struct stat st;
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = 0xabcdef0123};
    section("epoll");
    make_file("watched", "text");
    int ep = epoll_create1(0);
    show("empty", ep);
    pipe(ends);
    fstat(ends[0], &st);
    epoll_ctl(ep, EPOLL_CTL_ADD, ends[0], &event);
    load(ep);
    char *line = strstr(text, "tfd:");
    int fd = -1;
    unsigned events, device;
    unsigned long long data, inode;
    long long position;
    if (line) SHOW(sscanf(line, "tfd: %8d events: %8x data: %16llx  pos:%lli ino:%llx sdev:%x", &fd, &events, &data, &position, &inode, &device));
    TRUTH(fd == ends[0]);
    TRUTH(inode == st.st_ino);
    // The kernel's own encoding of the device.
    TRUTH(device == (major(st.st_dev) << 20 | minor(st.st_dev)));
    if (line) printf("%.*s\n", (int)(strstr(line, "pos:") - strstr(line, " events:")), strstr(line, " events:"));
    TRUTH(line && strstr(line, " ino:") - line == 4 + 9 + 17 + 23 + 2 + 5);
    section("inotify");
    int in = inotify_init1(0);
    show("empty", in);
    inotify_add_watch(in, "watched", IN_MODIFY | IN_ONESHOT);
    load(in);
    line = strstr(text, "inotify ");
    stat("watched", &st);
    int wd = 0;
    unsigned mask = 0;
    if (line) SHOW(sscanf(line, "inotify wd:%x ino:%llx sdev:%x mask:%x ignored_mask:0", (unsigned *)&wd, &inode, &device, &mask));
    SHOW(wd);
    TRUTH(inode == st.st_ino);
    TRUTH(mask == (IN_MODIFY | IN_ONESHOT));
}

static void events(void) {
    sigset_t set;
    section("eventfd");
    int fd = eventfd(0, 0);
    show("new", fd);
    eventfd_write(fd, 0x1234);
    show("written", fd);
    show("semaphore", eventfd(3, EFD_SEMAPHORE));
    section("signalfd");
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGRTMIN + 3);
    sigaddset(&set, SIGKILL);
    show("three signals", signalfd(-1, &set, 0));
    section("timerfd");
    struct itimerspec timer = {{3, 4}, {0, 1}};
    fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    show("new", fd);
    timerfd_settime(fd, TFD_TIMER_ABSTIME, &timer, NULL);
    sleep_ms(5);
    show("expired", fd);
    timer.it_interval = (struct timespec){0, 0};
    timer.it_value = (struct timespec){0, 1};
    timerfd_settime(fd, 0, &timer, NULL);
    sleep_ms(5);
    show("expired once", fd);
    uint64_t count;
    read(fd, &count, 8);
    show("read", fd);
    timer.it_value.tv_sec = 1000;
    timerfd_settime(fd, 0, &timer, NULL);
    load(fd);
    TRUTH(strstr(text, "it_value: (1000, 0)\n") || strstr(text, "it_value: (999, 9"));
    show("of another clock", timerfd_create(CLOCK_REALTIME, 0));
}

static void processes(void) {
    char expected[64];
    section("pidfd");
    pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    int fd = (int)syscall(SYS_pidfd_open, child, 0);
    snprintf(expected, sizeof expected, "Pid:\t%d\nNSpid:\t%d\n", child, child);
    load(fd);
    TRUTH(strstr(text, expected));
    kill(child, SIGKILL);
    siginfo_t info;
    waitid(P_PID, child, &info, WEXITED | WNOWAIT);
    load(fd);
    TRUTH(strstr(text, expected));
    waitpid(child, NULL, 0);
    show("reaped", fd);
}

static void locks(void) {
    section("locks");
    make_file("locked", "text");
    int one = open("locked", O_RDWR), two = open("locked", O_RDWR);
    show_locks("none", one);
    flock(one, LOCK_EX);
    struct flock range = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 5, .l_len = 10};
    fcntl(one, F_SETLK, &range);
    range.l_start = 100;
    range.l_len = 0;
    range.l_type = F_WRLCK;
    fcntl(one, F_SETLK, &range);
    range = (struct flock){.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 50, .l_len = 2};
    fcntl(two, F_OFD_SETLK, &range);
    show_locks("one", one);
    fcntl(one, F_SETLK, &(struct flock){.l_type = F_UNLCK, .l_whence = SEEK_SET});
    flock(one, LOCK_UN);
    flock(two, LOCK_SH);
    flock(one, LOCK_SH);
    show_locks("one, shared", one);
    show_locks("two", two);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        show_locks("two, in a child", two);
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

static void terminals(void) {
    char expected[64];
    unsigned number = 0;
    section("terminal");
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    ioctl(master, TIOCGPTN, &number);
    snprintf(expected, sizeof expected, "tty-index:\t%u\n", number);
    load(master);
    TRUTH(strstr(text, expected));
}

int main(void) {
    entries();
    events();
    processes();
    locks();
    terminals();
    return 0;
}
