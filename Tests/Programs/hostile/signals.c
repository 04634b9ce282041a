// Signals between many threads that are all in calls, frames of garbage for sigreturn, and an exit in the middle of it.
#include "hostile.h"

#include <poll.h>

static volatile int tids[16], stop;
static uint64_t seed;
static void count(int number, siginfo_t *information, void *context) {
    (void)number, (void)information, (void)context;
    raw(SYS_getpid, 0, 0, 0, 0, 0, 0);
}

static void *storm(void *index) {
    uint64_t s = seed + (long)index;
    int pid = getpid();
    tids[(long)index] = gettid();
    while (!stop) {
        struct timespec soon = {0, next(&s) % 100000};
        switch (next(&s) % 8) {
        case 0: nanosleep(&soon, 0); break;
        case 1: poll(0, 0, 1); break;
        case 2: sched_yield(); break;
        case 3: { volatile long sum = 0; for (int i = 0; i < 3000; i++) sum += i; break; }
        default: { int to = tids[next(&s) % 8]; if (to) raw(SYS_tgkill, pid, to, next(&s) & 1 ? SIGUSR1 : SIGRTMIN, 0, 0, 0); }
        }
    }
    return 0;
}

static sigjmp_buf landing;
static void caught(int number) { siglongjmp(landing, number); }
static void garbage_frames(void) {
    struct sigaction action = {.sa_handler = caught, .sa_flags = SA_NODEFER | SA_ONSTACK};
    sigaction(SIGSEGV, &action, 0);
    sigaction(SIGBUS, &action, 0);
    sigaction(SIGTRAP, &action, 0);
    uint64_t *frame = mmap(0, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    volatile uint64_t s = seed;
    for (volatile int round = 0; round < 300; round++) {
        uint64_t t = s;
        for (int i = 0; i < 2048; i++) frame[i] = next(&t) % 3 ? next(&t) % 3 * 0x1000 : next(&t);
        // The pointer to the extended state sometimes points at something.
        if (next(&t) & 1) frame[28] = (uint64_t)(frame + 512 + next(&t) % 8);
        s = t;
        if (sigsetjmp(landing, 1)) continue;
        __asm__ volatile("mov %0, %%rsp; mov $15, %%eax; syscall" ::"r"(round % 8 ? (long)frame : (long)frame + 65536 - 64 - round) : "memory");
    }
}

int main(int argc, char **argv) {
    seed = seeded(argc, argv, 1);
    struct sigaction action = {.sa_sigaction = count, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigaction(SIGUSR1, &action, 0);
    sigaction(SIGRTMIN, &action, 0);
    stack_t stack = {.ss_sp = mmap(0, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), .ss_size = 65536};
    sigaltstack(&stack, 0);
    garbage_frames();
    pthread_t threads[8];
    for (long i = 0; i < 8; i++) pthread_create(&threads[i], 0, storm, (void *)i);
    usleep(argc > 2 ? atoi(argv[2]) : 200000);
    if (seed & 1) {
        stop = 1;
        for (int i = 0; i < 8; i++) pthread_join(threads[i], 0);
    }
    _exit(0);
}
