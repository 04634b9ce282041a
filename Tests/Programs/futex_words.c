// Futex words that cannot be read, operations that are refused half-way, and restart_syscall(2) when nothing is to go on.
#include "probe.h"
#include <linux/futex.h>

static long futex(void *word, int operation, unsigned value, long value2, void *word2, unsigned value3) {
    return syscall(SYS_futex, word, operation, value, value2, word2, value3);
}
static void nothing(int number) { (void)number; }

int main(void) {
    section("words in closed memory");
    unsigned *closed = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned *shared = mmap(NULL, 4096, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    unsigned *read_only = mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CALL(futex(closed, FUTEX_WAKE_PRIVATE, 1, 0, NULL, 0));
    CALL(futex(closed, FUTEX_WAKE, 1, 0, NULL, 0));
    CALL(futex(shared, FUTEX_WAKE_PRIVATE, 1, 0, NULL, 0));
    CALL(futex(shared, FUTEX_WAKE, 1, 0, NULL, 0));
    CALL(futex(closed, FUTEX_WAIT, 0, 0, NULL, 0));
    section("a comparison that is none");
    unsigned first = 1, second = 1;
    CALL(futex(&first, FUTEX_WAKE_OP, 1, 1, &second, FUTEX_OP(FUTEX_OP_ADD, 5, 7, 0)));
    SHOW(second);
    CALL(futex(&first, FUTEX_WAKE_OP, 1, 1, &second, FUTEX_OP(FUTEX_OP_ADD, 5, FUTEX_OP_CMP_EQ, 6)));
    SHOW(second);
    CALL(futex(&first, FUTEX_WAKE_OP, 1, 1, &second, FUTEX_OP(7, 5, FUTEX_OP_CMP_EQ, 6)));
    SHOW(second);
    CALL(futex(&first, FUTEX_WAKE_OP, 1, 1, read_only, FUTEX_OP(FUTEX_OP_ADD, 5, 7, 0)));
    section("restart_syscall");
    CALL(syscall(SYS_restart_syscall));
    struct sigaction action = {.sa_handler = nothing};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval soon = {{0, 0}, {0, 20000}};
    setitimer(ITIMER_REAL, &soon, NULL);
    struct timespec second_long = {1, 0};
    CALL(nanosleep(&second_long, NULL));
    CALL(syscall(SYS_restart_syscall));
    return 0;
}
