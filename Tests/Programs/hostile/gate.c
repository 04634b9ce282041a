// Jumps into every byte of the gate page and of its neighbours with hostile registers, and writes garbage into the mailbox all the while.
#include "hostile.h"

static sigjmp_buf landing;
static uint64_t seed;
static volatile uint64_t *const mailbox = (volatile uint64_t *)(WINDOW + 0x8000);

static void caught(int number, siginfo_t *information, void *context) {
    (void)information;
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~0x40100l;
    siglongjmp(landing, number);
}

// A forged call is a right one. Those that end the program, by exit or by SIGKILL, would leave a status that says nothing.
static int ends(uint64_t number) {
    switch (number) {
    case SYS_exit: case SYS_exit_group: case SYS_kill: case SYS_tkill: case SYS_tgkill: case SYS_rt_sigqueueinfo: case SYS_rt_tgsigqueueinfo:
    case SYS_pidfd_send_signal: case SYS_prctl: case SYS_seccomp: return 1;
    default: return 0;
    }
}

static void spoil(uint64_t *s) {
    for (int i = 0; i < 8; i++) {
        int place = next(s) % 64;
        uint64_t value = next(s) % 4 ? next(s) : next(s) % 512;
        if (ends(value)) value = SYS_getppid;
        // A long spin is only the program's own loss of time.
        mailbox[place] = place == 16 ? value % 4096 : value;
    }
}
// The timer's handler spoils the mailbox too, between any two instructions of the gate.
static uint64_t timer_seed = 77;
static void tick(int number) {
    (void)number;
    spoil(&timer_seed);
}

static void jump(uint64_t to, uint64_t number, uint64_t back, uint64_t junk) {
    __asm__ volatile(
        "mov %2, %%rcx; mov %3, %%rdi; mov %3, %%rsi; mov %3, %%rdx; mov %3, %%r8; mov %3, %%r9; mov %3, %%r10; mov %3, %%r11; jmp *%0" ::"r"(to), "a"(number),
        "b"(back), "r"(junk)
        : "rcx", "rdi", "rsi", "rdx", "r8", "r9", "r10", "r11", "memory");
}

static void *call(void *unused) {
    uint64_t s = seed + (uint64_t)unused;
    for (int i = 0; i < 3000; i++) {
        if (i % 3 == 0) spoil(&s);
        raw(next(&s) & 1 ? SYS_getpid : SYS_sched_yield, 0, 0, 0, 0, 0, 0);
        if (i % 64 == 0) mailbox[16] = next(&s) % 2000;
    }
    return 0;
}

int main(int argc, char **argv) {
    seed = seeded(argc, argv, 1);
    int last = argc > 2 ? atoi(argv[2]) : 0x240;
    stack_t stack = {.ss_sp = mmap(0, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), .ss_size = 65536};
    sigaltstack(&stack, 0);
    struct sigaction action = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
    for (int number = 1; number < 32; number++) sigaction(number, &action, 0);
    pthread_t threads[3];
    for (long i = 0; i < 3; i++) pthread_create(&threads[i], 0, call, (void *)i);
    for (int i = 0; i < 3; i++) pthread_join(threads[i], 0);
    struct sigaction timer = {.sa_handler = tick, .sa_flags = SA_ONSTACK};
    sigaction(SIGALRM, &timer, 0);
    volatile uint64_t s = seed;
    for (volatile int round = 0; round < 3; round++)
        for (volatile int at = 0; at < last; at++)
            for (volatile int page = 0; page < (at % 64 ? 1 : 12); page++) {
                // SYS_getpid, an unknown number, or sched_yield; back to an address that is none, or back here by a fault.
                if (sigsetjmp(landing, 1)) continue;
                uint64_t t = s;
                struct itimerval soon = {{0, 5000}, {0, 700}};
                setitimer(ITIMER_REAL, &soon, 0);
                if (next(&t) & 1) spoil(&t);
                uint64_t numbers[] = {39, 24, 100000, 1u << 31}, backs[] = {0, 1, 0x8000000000000000, WINDOW, 0x7ffffffff000, (uint64_t)-2};
                uint64_t number = numbers[next(&t) % 4], back = backs[next(&t) % 6], junk = next(&t) & 1 ? next(&t) : 0;
                s = t;
                jump(WINDOW + page * 4096ul + at, number, back, junk);
            }
    _exit(0);
}
