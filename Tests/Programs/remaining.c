// What is left of a time-out when a signal ends the wait, and that a stop does not start it again.
#include "probe.h"
#include <linux/futex.h>
#include <sys/select.h>
#include <sys/wait.h>

struct word {
    uint64_t value, address;
    uint32_t flags, reserved;
};
static void handler(int number) { (void)number; }

static long now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void interrupted(void) {
    struct timeval left = {20, 0};
    struct timespec rest = {20, 0};
    section("interrupted");
    alarm_in(60);
    CALL(syscall(SYS_select, 0, NULL, NULL, NULL, &left));
    TRUTH(left.tv_sec == 19);
    alarm_in(60);
    CALL(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &rest, NULL));
    TRUTH(rest.tv_sec == 19);
    rest.tv_sec = 20, rest.tv_nsec = 0;
    alarm_in(60);
    CALL(syscall(SYS_ppoll, NULL, 0, &rest, NULL, 8));
    TRUTH(rest.tv_sec == 19);
    section("over, or ready at once");
    rest.tv_sec = 0, rest.tv_nsec = 1000000;
    CALL(syscall(SYS_ppoll, NULL, 0, &rest, NULL, 8));
    TRUTH(rest.tv_sec == 0 && rest.tv_nsec == 0);
    left.tv_sec = 0, left.tv_usec = 1000;
    CALL(syscall(SYS_select, 0, NULL, NULL, NULL, &left));
    TRUTH(left.tv_sec == 0 && left.tv_usec == 0);
    int ends[2];
    pipe(ends);
    struct pollfd poller = {ends[1], POLLOUT, 0};
    rest.tv_sec = 20, rest.tv_nsec = 0;
    CALL(syscall(SYS_ppoll, &poller, 1, &rest, NULL, 8));
    TRUTH(rest.tv_sec == 19);
    section("a time-out that cannot be written");
    struct timespec *fixed = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    fixed->tv_nsec = 50000000;
    mprotect(fixed, 4096, PROT_READ);
    CALL(syscall(SYS_ppoll, NULL, 0, fixed, NULL, 8));
    alarm_in(10);
    CALL(syscall(SYS_ppoll, NULL, 0, fixed, NULL, 8));
    alarm_in(10);
    CALL(syscall(SYS_pselect6, 0, NULL, NULL, NULL, fixed, NULL));
}

static long wait_by(int how) {
    struct timeval left = {0, 900000};
    struct timespec rest = {0, 900000000};
    switch (how) {
    case 0: return syscall(SYS_select, 0, NULL, NULL, NULL, &left);
    case 1: return syscall(SYS_pselect6, 0, NULL, NULL, NULL, &rest, NULL);
    case 2: return syscall(SYS_ppoll, NULL, 0, &rest, NULL, 8);
    default: return poll(NULL, 0, 900);
    }
}

// Stopped after 600 of 900 ms: begun again it would take 1500.
static void stopped(void) {
    static const char *names[] = {"select", "pselect6", "ppoll", "poll"};
    section("stopped");
    for (int how = 0; how < 4; how++) {
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            long begin = now_ms();
            long result = wait_by(how);
            long took = now_ms() - begin;
            printf("%s = %ld, %s\n", names[how], result, took < 890 ? "too early" : took < 1400 ? "in time" : "too late");
            fflush(stdout);
            _exit(0);
        }
        sleep_ms(600);
        kill(child, SIGSTOP);
        waitpid(child, NULL, WUNTRACED);
        kill(child, SIGCONT);
        waitpid(child, NULL, 0);
    }
}

static void vectors(void) {
    uint32_t futex = 0;
    struct word word = {0, (uintptr_t)&futex, FUTEX_32, 0};
    struct timespec end;
    struct sigaction action = {.sa_handler = handler};
    section("futex_waitv");
    for (int restarts = 0; restarts < 2; restarts++) {
        action.sa_flags = restarts ? SA_RESTART : 0;
        sigaction(SIGALRM, &action, NULL);
        clock_gettime(CLOCK_MONOTONIC, &end);
        end.tv_nsec += 300000000;
        if (end.tv_nsec >= 1000000000) end.tv_sec++, end.tv_nsec -= 1000000000;
        alarm_in(50);
        long begin = now_ms();
        CALL(syscall(449, &word, 1, 0, &end, CLOCK_MONOTONIC));
        TRUTH(now_ms() - begin >= 250);
    }
    section("FUTEX_WAIT_BITSET does not restart");
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec++;
    alarm_in(50);
    CALL(syscall(SYS_futex, &futex, FUTEX_WAIT_BITSET, 0, &end, NULL, -1));
}

int main(void) {
    struct sigaction action = {.sa_handler = handler};
    sigaction(SIGALRM, &action, NULL);
    interrupted();
    stopped();
    vectors();
    return 0;
}
