// Timers of processor-time clocks, as glibc names them; what else of timers and of alternate stacks is seldom used.
#include "probe.h"
#include <sys/timerfd.h>
#include <sys/wait.h>

static volatile sig_atomic_t taken;
static volatile int code, value;
static void handler(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)context;
    taken++;
    code = info->si_code;
    value = info->si_value.sival_int;
}

// Uses time until the signal has come: how much is the host's business.
static void burn_until_taken(void) {
    struct timespec begin, now;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    do clock_gettime(CLOCK_MONOTONIC, &now);
    while (!taken && now.tv_sec - begin.tv_sec < 20);
}

static void runs(const char *what, clockid_t clock) {
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 42};
    struct itimerspec set = {{0, 0}, {0, 20000000}}, left;
    timer_t timer;
    errno = 0;
    if (timer_create(clock, &event, &timer) != 0) {
        printf("%s: %s\n", what, error_name(errno));
        return;
    }
    taken = 0;
    timer_settime(timer, 0, &set, NULL);
    timer_gettime(timer, &left);
    bool armed = left.it_value.tv_nsec > 0 && left.it_value.tv_nsec <= 20000000;
    // It stands still while nothing runs.
    sleep_ms(50);
    bool early = taken;
    burn_until_taken();
    printf("%s: armed %d, early %d, taken %d, code %d, value %d\n", what, armed, early, taken, code, value);
    timer_delete(timer);
}

static void *idle(void *unused) {
    sleep_ms(20000);
    return unused;
}
static void *burn(void *unused) {
    burn_until_taken();
    return unused;
}

static void clocks(void) {
    clockid_t clock;
    pthread_t thread;
    section("clocks");
    runs("CLOCK_PROCESS_CPUTIME_ID", CLOCK_PROCESS_CPUTIME_ID);
    runs("CLOCK_THREAD_CPUTIME_ID", CLOCK_THREAD_CPUTIME_ID);
    clock_getcpuclockid(0, &clock);
    runs("clock_getcpuclockid(0)", clock);
    clock_getcpuclockid(getpid(), &clock);
    runs("clock_getcpuclockid(getpid())", clock);
    pthread_getcpuclockid(pthread_self(), &clock);
    runs("pthread_getcpuclockid", clock);
    section("another thread's");
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
    struct itimerspec set = {{0, 0}, {0, 20000000}};
    timer_t timer;
    taken = 0;
    pthread_create(&thread, NULL, burn, NULL);
    pthread_getcpuclockid(thread, &clock);
    CALL(timer_create(clock, &event, &timer));
    CALL(timer_settime(timer, 0, &set, NULL));
    pthread_join(thread, NULL);
    SHOW(taken);
    timer_delete(timer);
    section("another process's");
    pid_t child = fork();
    if (child == 0) {
        idle(NULL);
        _exit(0);
    }
    clock_getcpuclockid(child, &clock);
    TRY(timer_create(clock, &event, &timer));
    taken = 0;
    // Far more than the child needs to begin to sleep, on a busy machine, too.
    set.it_value.tv_sec = 10;
    CALL(timer_settime(timer, 0, &set, NULL));
    sleep_ms(60);
    SHOW(taken);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    sleep_ms(30);
    SHOW(taken);
    CALL(timer_delete(timer));
    CALL(timer_create(clock, &event, &timer));
    section("numbers that name none");
    CALL(timer_create(-1, &event, &timer));
    CALL(timer_create(-5, &event, &timer));
    CALL(timer_create((clockid_t)(~9999999U << 3 | 2), &event, &timer));
    CALL(timer_create((clockid_t)(~9999999U << 3 | 6), &event, &timer));
    CALL(timer_create(CLOCK_MONOTONIC_RAW, &event, &timer));
    CALL(timer_create(10, &event, &timer));
    CALL(timer_create(12, &event, &timer));
}

static void cancelled(void) {
    struct itimerspec set = {{0, 0}, {0, 0}};
    uint64_t count;
    section("TFD_TIMER_CANCEL_ON_SET");
    int timer = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
    clock_gettime(CLOCK_REALTIME, &set.it_value);
    set.it_value.tv_sec += 100;
    CALL(timerfd_settime(timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &set, NULL));
    CALL(read(timer, &count, 8));
    CALL(timerfd_settime(timer, TFD_TIMER_CANCEL_ON_SET, &set, NULL));
    CALL(timerfd_settime(timer, 4, &set, NULL));
    int monotonic = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    CALL(timerfd_settime(monotonic, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &set, NULL));
}

static stack_t seen;
static char elsewhere[1 << 16];
static void on_stack(int number) {
    char here;
    (void)number;
    sigaltstack(NULL, &seen);
    bool alternate = &here >= (char *)seen.ss_sp && &here < (char *)seen.ss_sp + seen.ss_size;
    stack_t other = {.ss_sp = elsewhere, .ss_size = sizeof elsewhere};
    printf("  in the handler: flags %#x, %s, change: ", (unsigned)seen.ss_flags, alternate ? "within" : "not within");
    errno = 0;
    printf("%s\n", sigaltstack(&other, NULL) == 0 ? "ok" : error_name(errno));
}

static void stacks(void) {
    section("SS_AUTODISARM");
    enum { size = 1 << 16 };
    char *memory = malloc(size);
    struct sigaction action = {.sa_handler = on_stack, .sa_flags = SA_ONSTACK};
    sigaction(SIGUSR1, &action, NULL);
    for (int disarms = 0; disarms < 2; disarms++) {
        stack_t stack = {.ss_sp = memory, .ss_size = size, .ss_flags = disarms ? (int)(1U << 31) : 0};
        CALL(sigaltstack(&stack, NULL));
        raise(SIGUSR1);
        sigaltstack(NULL, &seen);
        printf("  afterwards: flags %#x, %s\n", (unsigned)seen.ss_flags, seen.ss_sp == memory && seen.ss_size == size ? "as before" : "another");
    }
    stack_t bad = {.ss_sp = memory, .ss_size = size, .ss_flags = 4};
    CALL(sigaltstack(&bad, NULL));
    bad.ss_flags = (int)(1U << 31) | SS_ONSTACK;
    CALL(sigaltstack(&bad, NULL));
    bad.ss_flags = (int)(1U << 31) | SS_DISABLE;
    CALL(sigaltstack(&bad, NULL));
    sigaltstack(NULL, &seen);
    printf("  disabled: flags %#x\n", (unsigned)seen.ss_flags);
}

int main(void) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGRTMIN, &action, NULL);
    clocks();
    cancelled();
    stacks();
    return 0;
}
