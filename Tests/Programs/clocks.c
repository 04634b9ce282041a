// Clocks, sleeping, interval timers, POSIX timers, times.
#include "probe.h"
#include <sys/times.h>
#include <sys/resource.h>

static volatile int alarms, info_code, info_value;
static void on_alarm(int number) { (void)number, alarms++; }
static timer_t timer;
static int overruns;
static void on_timer(int number, siginfo_t *info, void *unused) {
    (void)number, (void)unused;
    int overrun = timer_getoverrun(timer);
    if (overrun > overruns) overruns = overrun;
    info_code = info->si_code;
    info_value = info->si_value.sival_int;
    alarms++;
}
static double seconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

int main(void) {
    struct timespec t;
    section("clocks");
    clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME, CLOCK_TAI};
    for (int i = 0; i < 9; i++) {
        CALL(clock_gettime(clocks[i], &t));
        TRUTH(t.tv_nsec >= 0 && t.tv_nsec < 1000000000 && t.tv_sec >= 0);
    }
    CALL(clock_gettime(99, &t));
    CALL(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, 8));
    CALL(clock_getres(CLOCK_MONOTONIC, &t));
    printf("%ld %ld\n", (long)t.tv_sec, t.tv_nsec);
    long back = 0;
    double last = 0;
    for (int i = 0; i < 20000; i++) {
        double now = seconds(CLOCK_MONOTONIC);
        back += now < last;
        last = now;
    }
    SHOW(back);
    struct timeval tv;
    CALL(gettimeofday(&tv, NULL));
    TRUTH(labs(time(NULL) - tv.tv_sec) <= 1);
    TRUTH(seconds(CLOCK_REALTIME) - tv.tv_sec < 2);
    TRUTH(seconds(CLOCK_BOOTTIME) >= seconds(CLOCK_MONOTONIC) - 0.01);
    section("cpu time");
    double before = seconds(CLOCK_PROCESS_CPUTIME_ID);
    volatile long x = 0;
    for (long i = 0; i < 20000000; i++) x += i;
    double after = seconds(CLOCK_PROCESS_CPUTIME_ID);
    TRUTH(after > before);
    double asleep = seconds(CLOCK_THREAD_CPUTIME_ID);
    sleep_ms(30);
    TRUTH(seconds(CLOCK_THREAD_CPUTIME_ID) - asleep < 0.02);
    struct tms tms;
    TRUTH(times(&tms) != -1 && tms.tms_utime >= 0);
    struct rusage usage;
    CALL(getrusage(RUSAGE_SELF, &usage));
    TRUTH(usage.ru_utime.tv_sec + usage.ru_utime.tv_usec > 0);
    TRUTH(usage.ru_maxrss > 100);
    CALL(getrusage(RUSAGE_THREAD, &usage));
    CALL(getrusage(RUSAGE_CHILDREN, &usage));
    SHOW(usage.ru_utime.tv_usec);
    CALL(getrusage(77, &usage));
    section("sleep");
    double start = seconds(CLOCK_MONOTONIC);
    t = (struct timespec){0, 20000000};
    CALL(nanosleep(&t, NULL));
    double slept = seconds(CLOCK_MONOTONIC) - start;
    TRUTH(slept >= 0.02 && slept < 1);
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_nsec += 10000000;
    if (t.tv_nsec >= 1000000000) t.tv_nsec -= 1000000000, t.tv_sec++;
    start = seconds(CLOCK_MONOTONIC);
    CALL(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL));
    TRUTH(seconds(CLOCK_MONOTONIC) >= t.tv_sec + t.tv_nsec / 1e9);
    CALL(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &(struct timespec){1, 0}, NULL));
    printf("%s\n", error_name(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &t, NULL)));
    printf("%s\n", error_name(clock_nanosleep(99, 0, &t, NULL)));
    t.tv_nsec = 1000000000;
    CALL(nanosleep(&t, NULL));
    t = (struct timespec){-1, 0};
    CALL(nanosleep(&t, NULL));
    section("interval timers");
    signal(SIGALRM, on_alarm);
    struct itimerval set = {{0, 0}, {0, 10000}}, old;
    CALL(setitimer(ITIMER_REAL, &set, NULL));
    pause();
    SHOW(alarms);
    set = (struct itimerval){{0, 5000}, {0, 5000}};
    CALL(setitimer(ITIMER_REAL, &set, &old));
    SHOW(old.it_value.tv_usec);
    while (alarms < 4) pause();
    set = (struct itimerval){{0, 0}, {0, 0}};
    CALL(setitimer(ITIMER_REAL, &set, &old));
    SHOW(old.it_interval.tv_usec);
    CALL(alarm(100));
    CALL(alarm(0));
    CALL(getitimer(ITIMER_REAL, &old));
    SHOW(old.it_value.tv_sec);
    CALL(setitimer(5, &set, NULL));
    set.it_value.tv_usec = 1000000;
    CALL(setitimer(ITIMER_REAL, &set, NULL));
    signal(SIGVTALRM, on_alarm);
    alarms = 0;
    set = (struct itimerval){{0, 0}, {0, 20000}};
    CALL(setitimer(ITIMER_VIRTUAL, &set, NULL));
    start = seconds(CLOCK_MONOTONIC);
    while (!alarms && seconds(CLOCK_MONOTONIC) - start < 5) x++;
    SHOW(alarms);
    section("POSIX timers");
    struct sigaction action = {.sa_sigaction = on_timer, .sa_flags = SA_SIGINFO};
    sigaction(SIGRTMIN, &action, NULL);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 55};
    alarms = 0;
    CALL(timer_create(CLOCK_MONOTONIC, &event, &timer));
    struct itimerspec spec = {{0, 0}, {0, 5000000}}, previous;
    CALL(timer_settime(timer, 0, &spec, NULL));
    while (!alarms) pause();
    printf("%d %d\n", info_code, info_value);
    CALL(timer_gettime(timer, &previous));
    SHOW(previous.it_value.tv_nsec);
    spec = (struct itimerspec){{0, 1000000}, {0, 1000000}};
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    CALL(timer_settime(timer, 0, &spec, NULL));
    sleep_ms(20);
    alarms = 0;
    sigprocmask(SIG_UNBLOCK, &mask, NULL);
    TRUTH(overruns >= 5);
    CALL(timer_delete(timer));
    CALL(timer_create(99, &event, &timer));
    return 0;
}
