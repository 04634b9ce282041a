// User and system CPU time, as the calls that report them tell them apart.
#include "probe.h"

#include <sys/resource.h>
#include <sys/times.h>
#include <sys/wait.h>

static long microseconds(struct timeval time) { return time.tv_sec * 1000000 + time.tv_usec; }
static long processor_time(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

// Half a second of the processor in the program itself.
static void compute(void) {
    long end = processor_time() + 500000;
    volatile unsigned long value = 1;
    while (processor_time() < end) for (int i = 0; i < 3000000; i++) value = value * 3 + 1;
}
// Half a second of the processor in the kernel.
static void make_calls(void) {
    long end = processor_time() + 500000;
    char *buffer = malloc(4 << 20);
    memset(buffer, 1, 4 << 20);
    // Of a read of /dev/zero a fifth is, in the sandbox, time of the program itself, and more of it on a busy machine.
    int random = open("/dev/urandom", O_RDONLY);
    while (processor_time() < end) for (int i = 0; i < 4; i++) read(random, buffer, 4 << 20);
}

static void judge(const char *what, long user, long system) {
    long all = user + system;
    printf("%s: %s\n", what, user > all * 3 / 4 ? "user" : system > all * 3 / 4 ? "system" : "mixed");
}
static void child(const char *name, void (*body)(void)) {
    fflush(stdout);
    pid_t id = fork();
    if (id == 0) {
        body();
        _exit(0);
    }
    siginfo_t info = {0};
    waitid(P_PID, id, &info, WEXITED | WNOWAIT);
    int status;
    struct rusage usage;
    wait4(id, &status, 0, &usage);
    char text[64];
    snprintf(text, sizeof text, "%s, wait4", name);
    judge(text, microseconds(usage.ru_utime), microseconds(usage.ru_stime));
    TRUTH(microseconds(usage.ru_utime) + microseconds(usage.ru_stime) >= 450000);
}

static void touch_memory(void) {
    long size = 24 << 20;
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(memory, 1, size);
    munmap(memory, size);
}

// What is counted besides time.
static void counts(void) {
    struct rusage usage, all;
    int status;
    fflush(stdout);
    pid_t id = fork();
    if (id == 0) {
        touch_memory();
        getrusage(RUSAGE_SELF, &usage);
        TRUTH(usage.ru_maxrss >= 24 << 10);
        fflush(stdout);
        for (int i = 0; i < 5; i++) sleep_ms(1);
        getrusage(RUSAGE_SELF, &usage);
        TRUTH(usage.ru_nvcsw >= 5);
        getrusage(RUSAGE_THREAD, &usage);
        TRUTH(usage.ru_nvcsw >= 5);
        fflush(stdout);
        _exit(0);
    }
    wait4(id, &status, 0, &usage);
    TRUTH(usage.ru_maxrss >= 24 << 10);
    TRUTH(usage.ru_minflt > 0);
    TRUTH(usage.ru_nvcsw >= 5);
    getrusage(RUSAGE_CHILDREN, &all);
    TRUTH(all.ru_maxrss >= usage.ru_maxrss && all.ru_minflt >= usage.ru_minflt && all.ru_nvcsw >= usage.ru_nvcsw);
    getrusage(RUSAGE_SELF, &all);
    // Faults there may be none: what a program surely needs may be there before it asks.
    TRUTH(all.ru_maxrss > 100);
    long peak = 0, resident = 0, switches = -1;
    char line[256];
    FILE *file = fopen("/proc/self/status", "r");
    while (fgets(line, sizeof line, file)) {
        sscanf(line, "VmHWM: %ld", &peak);
        sscanf(line, "VmRSS: %ld", &resident);
        sscanf(line, "voluntary_ctxt_switches: %ld", &switches);
    }
    fclose(file);
    TRUTH(peak >= resident && resident > 0);
    TRUTH(switches > 0);
}

static volatile int ticks;
static void tick(int number) { ticks += number == SIGVTALRM; }

int main(void) {
    section("children");
    struct rusage before, after;
    getrusage(RUSAGE_CHILDREN, &before);
    child("computing", compute);
    getrusage(RUSAGE_CHILDREN, &after);
    judge("computing, RUSAGE_CHILDREN", microseconds(after.ru_utime) - microseconds(before.ru_utime), microseconds(after.ru_stime) - microseconds(before.ru_stime));
    before = after;
    child("calling", make_calls);
    getrusage(RUSAGE_CHILDREN, &after);
    judge("calling, RUSAGE_CHILDREN", microseconds(after.ru_utime) - microseconds(before.ru_utime), microseconds(after.ru_stime) - microseconds(before.ru_stime));

    section("faults, waits and memory");
    counts();

    section("itself");
    struct tms first, then;
    times(&first);
    compute();
    times(&then);
    judge("computing, times", then.tms_utime - first.tms_utime, then.tms_stime - first.tms_stime);
    first = then;
    make_calls();
    times(&then);
    judge("calling, times", then.tms_utime - first.tms_utime, then.tms_stime - first.tms_stime);
    TRUTH(then.tms_cutime > 0 && then.tms_cstime > 0);
    getrusage(RUSAGE_SELF, &after);
    long both = microseconds(after.ru_utime) + microseconds(after.ru_stime), clock = processor_time();
    TRUTH(clock - both < 100000 && both - clock < 100000);
    long ticks_of[4] = {0};
    FILE *stat = fopen("/proc/self/stat", "r");
    fscanf(stat, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld %ld %ld", ticks_of, ticks_of + 1, ticks_of + 2, ticks_of + 3);
    fclose(stat);
    TRUTH(ticks_of[0] >= 30 && ticks_of[1] >= 30 && ticks_of[2] >= 30 && ticks_of[3] >= 30);
    getrusage(RUSAGE_THREAD, &after);
    TRUTH(microseconds(after.ru_utime) > 300000 && microseconds(after.ru_stime) > 300000);

    section("neither goes back");
    struct rusage last = after;
    bool back = false;
    for (int i = 0; i < 2000; i++) {
        getrusage(RUSAGE_THREAD, &after);
        if (microseconds(after.ru_utime) < microseconds(last.ru_utime) || microseconds(after.ru_stime) < microseconds(last.ru_stime)) back = true;
        last = after;
    }
    TRUTH(back);

    section("ITIMER_VIRTUAL");
    signal(SIGVTALRM, tick);
    struct itimerval timer = {.it_value = {.tv_usec = 100000}};
    setitimer(ITIMER_VIRTUAL, &timer, NULL);
    struct timespec rest = {.tv_nsec = 300000000};
    nanosleep(&rest, NULL);
    printf("asleep: %d\n", ticks);
    compute();
    printf("computing: %d\n", ticks);
    return 0;
}
