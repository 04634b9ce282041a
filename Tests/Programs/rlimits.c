// Resource limits of setrlimit(2): the error or signal each of them brings.
#include "probe.h"

#include <sys/resource.h>
#include <sys/wait.h>

static void set(int resource, rlim_t soft, rlim_t hard) {
    struct rlimit limit = {soft, hard};
    if (setrlimit(resource, &limit)) printf("setrlimit %d: %s\n", resource, error_name(errno));
}
static const char *soft_limit(int resource) {
    static char text[32];
    struct rlimit limit;
    getrlimit(resource, &limit);
    if (limit.rlim_cur == RLIM_INFINITY) return "unlimited";
    snprintf(text, sizeof text, "%lu", (unsigned long)limit.rlim_cur);
    return text;
}

// Each subject has a process of its own, so that its limits end with it.
static void in_child(const char *title, void (*body)(void)) {
    section(title);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        body();
        fflush(stdout);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) printf("ended by signal %d\n", WTERMSIG(status));
    else printf("exit status %d\n", WEXITSTATUS(status));
}

static void rules(void) {
    struct rlimit limit = {20, 10};
    CALL(setrlimit(RLIMIT_NOFILE, &limit));
    CALL(setrlimit(99, &limit));
    CALL(getrlimit(16, &limit));
    CALL(prlimit(0, RLIMIT_RSS, &(struct rlimit){5, 10}, &limit));
    CALL(prlimit(getpid(), RLIMIT_RSS, NULL, &limit));
    printf("resident %lu %lu\n", (unsigned long)limit.rlim_cur, (unsigned long)limit.rlim_max);
    CALL(prlimit(-1, RLIMIT_RSS, NULL, &limit));
    pid_t child = fork();
    if (child == 0) {
        getrlimit(RLIMIT_RSS, &limit);
        _exit(limit.rlim_cur == 5 && limit.rlim_max == 10 ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    printf("inherited: %d\n", WEXITSTATUS(status));
}

static volatile int warnings;
static char first_soft[32];
static void warned(int number) {
    if (warnings++ == 0) strcpy(first_soft, soft_limit(RLIMIT_CPU));
    (void)number;
}
static void processor_time(void) {
    signal(SIGXCPU, warned);
    set(RLIMIT_CPU, 1, 2);
    while (!warnings) {}
    printf("warned, the soft limit is %s now\n", first_soft);
    fflush(stdout);
    for (;;) {}
}
static void processor_time_by_default(void) {
    set(RLIMIT_CPU, 1, RLIM_INFINITY);
    for (;;) {}
}

static void file_size(void) {
    int file = open("limited", O_CREAT | O_TRUNC | O_RDWR, 0600);
    static char block[8192];
    set(RLIMIT_FSIZE, 10000, RLIM_INFINITY);
    signal(SIGXFSZ, SIG_IGN);
    CALL(write(file, block, sizeof block));
    CALL(write(file, block, sizeof block));
    CALL(write(file, block, sizeof block));
    CALL(ftruncate(file, 10001));
    CALL(ftruncate(file, 9999));
    CALL(lseek(file, 0, SEEK_END));
    signal(SIGXFSZ, SIG_DFL);
    pwrite(file, block, 1, 10000);
}

static void address_space(void) {
    // What the process has already differs; the distance to the limit does not have to.
    set(RLIMIT_AS, 512ul << 20, RLIM_INFINITY);
    void *place;
    TRY((place = mmap(0, 1ul << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) == MAP_FAILED ? -1 : 0);
    TRY((place = mmap(0, 1ul << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) == MAP_FAILED ? -1 : 0);
    TRY(mremap(place, 1ul << 20, 1ul << 30, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0);
    TRY((long)sbrk(1ul << 30));
    TRY(malloc(1ul << 30) ? 0 : -1);
}
static void data(void) {
    set(RLIMIT_DATA, 64ul << 20, RLIM_INFINITY);
    void *place;
    TRY((long)sbrk(128ul << 20));
    TRY((place = mmap(0, 128ul << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) == MAP_FAILED ? -1 : 0);
    TRY((place = mmap(0, 128ul << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) == MAP_FAILED ? -1 : 0);
    TRY((place = mmap(0, 128ul << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) == MAP_FAILED ? -1 : 0);
    TRY(mprotect(place, 128ul << 20, PROT_READ | PROT_WRITE));
    TRY(mprotect(place, 1ul << 20, PROT_READ | PROT_WRITE));
}
static long deep(long left) {
    volatile char room[4096];
    room[0] = (char)left;
    return left <= 0 ? 0 : deep(left - 4096) + room[0] * 0;
}
static void stack_small(void) {
    set(RLIMIT_STACK, 512 << 10, RLIM_INFINITY);
    printf("a little: %ld\n", deep(64 << 10));
    fflush(stdout);
    printf("too much: %ld\n", deep(2 << 20));
}
static void stack_large(void) {
    set(RLIMIT_STACK, 32 << 20, RLIM_INFINITY);
    printf("much: %ld\n", deep(12 << 20));
}

static void descriptors(void) {
    set(RLIMIT_NOFILE, 16, 16);
    int count = 3;
    // Whatever was open before.
    for (int i = 3; i < 16; i++) close(i);
    while (dup(1) >= 0) count++;
    printf("%d, then %s\n", count, error_name(errno));
    CALL(open("/dev/null", O_RDONLY));
    int pair[2];
    CALL(pipe(pair));
    CALL(dup2(1, 16));
    CALL(fcntl(1, F_DUPFD, 16));
    CALL(fcntl(1, F_DUPFD, 15));
    close(15);
    close(14);
    CALL(pipe(pair));
    struct rlimit beyond = {1ul << 31, 1ul << 31};
    CALL(setrlimit(RLIMIT_NOFILE, &beyond));
    set(RLIMIT_NOFILE, 8, 16);
    CALL(write(pair[1], "still", 5));
}

// As a user that has nothing else running, other copies of this program included; for what limits a user.
static bool become_nobody(void) {
    unsigned id = 100000 + (unsigned)getpid();
    return setresgid(id, id, id) == 0 && setresuid(id, id, id) == 0;
}

static void processes(void) {
    if (!become_nobody()) return;
    set(RLIMIT_NPROC, 4, 4);
    int count = 0, ends[2];
    pipe(ends);
    for (;;) {
        pid_t child = fork();
        if (child < 0) break;
        if (child == 0) {
            char byte;
            close(ends[1]);
            _exit(read(ends[0], &byte, 1));
        }
        count++;
    }
    printf("%d children, then %s\n", count, error_name(errno));
    pthread_t thread;
    printf("thread: %s\n", error_name(pthread_create(&thread, 0, (void *(*)(void *))pause, 0)));
    close(ends[1]);
    while (wait(0) > 0) {}
    TRY(fork() == 0 ? (_exit(0), 0) : 0);
    struct rlimit more = {5, 5};
    CALL(setrlimit(RLIMIT_NPROC, &more));
}
static void pending_signals(void) {
    if (!become_nobody()) return;
    set(RLIMIT_SIGPENDING, 3, 3);
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, 0);
    union sigval value = {.sival_int = 1};
    for (int i = 0; i < 5; i++) CALL(sigqueue(getpid(), SIGRTMIN, value));
    CALL(kill(getpid(), SIGUSR1));
}
static void nice_values(void) {
    set(RLIMIT_NICE, 0, 0);
    if (!become_nobody()) return;
    CALL(setpriority(PRIO_PROCESS, 0, 5));
    CALL(setpriority(PRIO_PROCESS, 0, 4));
    CALL(getpriority(PRIO_PROCESS, 0));
}
static void locked_memory(void) {
    if (!become_nobody()) return;
    set(RLIMIT_MEMLOCK, 64 << 10, 64 << 10);
    char *place = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CALL(mlock(place, 32 << 10));
    CALL(mlock(place, 128 << 10));
}

int main(void) {
    in_child("rules", rules);
    in_child("RLIMIT_CPU", processor_time);
    in_child("RLIMIT_CPU without a handler", processor_time_by_default);
    in_child("RLIMIT_FSIZE", file_size);
    in_child("RLIMIT_AS", address_space);
    in_child("RLIMIT_DATA", data);
    in_child("RLIMIT_STACK, smaller", stack_small);
    in_child("RLIMIT_STACK, larger", stack_large);
    in_child("RLIMIT_NOFILE", descriptors);
    in_child("RLIMIT_NPROC", processes);
    in_child("RLIMIT_SIGPENDING", pending_signals);
    in_child("RLIMIT_NICE", nice_values);
    in_child("RLIMIT_MEMLOCK", locked_memory);
    return 0;
}
