// Directories and event lists that change, or are long, while they are read: as glibc's closefrom and Python's subprocess do it.
#include "probe.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

struct entry {
    uint64_t inode;
    int64_t next;
    unsigned short length;
    unsigned char type;
    char name[];
};

// Closes what /proc/self/fd lists from 100 on, through a buffer that takes a few entries at a time.
static void close_listed(void) {
    for (int fd = 100; fd < 160; fd++) dup2(0, fd);
    int directory = open("/proc/self/fd", O_RDONLY | O_DIRECTORY);
    char buffer[120];
    int closed = 0;
    for (;;) {
        long count = syscall(SYS_getdents64, directory, buffer, sizeof buffer);
        if (count <= 0) break;
        for (long at = 0; at < count;) {
            struct entry *entry = (struct entry *)(buffer + at);
            int fd = atoi(entry->name);
            if (fd >= 100 && fd < 160) {
                close(fd);
                closed++;
            }
            at += entry->length;
        }
    }
    int left = 0;
    for (int fd = 100; fd < 160; fd++) left += fcntl(fd, F_GETFD) >= 0;
    printf("closed %d, left %d\n", closed, left);
    // A listing goes on behind the entry it ended at.
    lseek(directory, 0, SEEK_SET);
    long count = syscall(SYS_getdents64, directory, buffer, sizeof buffer);
    struct entry *first = (struct entry *)buffer;
    printf("again: %s %d\n", first->name, count > 0);
    close(directory);
}

static void many_events(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max < 8192 ? limit.rlim_max : 8192;
    setrlimit(RLIMIT_NOFILE, &limit);
    int epoll = epoll_create1(0), event = eventfd(1, 0), wanted = (int)limit.rlim_cur - 100;
    for (int i = 0; i < wanted; i++) {
        int fd = dup(event);
        struct epoll_event item = {.events = EPOLLIN, .data.fd = fd};
        if (fd < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &item) != 0) {
            printf("adding failed after %d: %s\n", i, strerror(errno));
            return;
        }
    }
    struct epoll_event *events = calloc((size_t)wanted, sizeof *events);
    int found = epoll_wait(epoll, events, wanted, 0);
    printf("all events at once: %d\n", found == wanted);
    printf("some of them: %d\n", epoll_wait(epoll, events, 100, 0));
}

static void init_is_there(void) {
    struct sched_param parameters = {.sched_priority = 7};
    // Which policy and which nice value the machine's own init has is the machine's affair.
    printf("policy %d\n", sched_getscheduler(1) >= 0);
    int result = sched_getparam(1, &parameters);
    printf("priority %d %d\n", result, parameters.sched_priority);
    errno = 0;
    int nice = getpriority(PRIO_PROCESS, 1);
    printf("nice %d %d\n", nice >= -20 && nice <= 19, errno);
}

static volatile sig_atomic_t heard;
static void hear(int number) { heard = number; }

static void directory_as_pidfd(void) {
    signal(SIGUSR1, hear);
    char path[32];
    snprintf(path, sizeof path, "/proc/%d", getpid());
    int own = open(path, O_RDONLY | O_DIRECTORY);
    long result = syscall(SYS_pidfd_send_signal, own, SIGUSR1, NULL, 0);
    printf("by directory: %ld, heard %d\n", result, heard == SIGUSR1);
    int parts = open("/proc/self/fd", O_RDONLY | O_DIRECTORY);
    result = syscall(SYS_pidfd_send_signal, parts, SIGUSR1, NULL, 0);
    printf("by another directory: %ld %s\n", result, strerror(errno));
}

int main(void) {
    close_listed();
    many_events();
    init_is_there();
    directory_as_pidfd();
    return 0;
}
