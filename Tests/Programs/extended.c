// Extended processor state (SSE, AVX, AVX-512 where there is one) across calls, signal handlers and threads.
#include "probe.h"
#include <immintrin.h>
#include <ucontext.h>

static volatile int handled;

__attribute__((target("avx"))) static void spoil(void) {
    __asm__ volatile("vpcmpeqb %%xmm0,%%xmm0,%%xmm0; vinsertf128 $1,%%xmm0,%%ymm0,%%ymm0; vmovaps %%ymm0,%%ymm1; vmovaps %%ymm0,%%ymm7; vmovaps %%ymm0,%%ymm15" ::: "xmm0", "xmm1", "xmm7", "xmm15");
}
static void handler(int number, siginfo_t *info, void *context) {
    (void)info;
    ucontext_t *u = context;
    handled = number;
    unsigned magic = ((unsigned *)u->uc_mcontext.fpregs)[464 / 4];
    printf("  frame has extended state: %s\n", magic == 0x46505853 ? "yes" : "no");
    if (__builtin_cpu_supports("avx")) spoil();
}
static void changer(int number, siginfo_t *info, void *context) {
    (void)number, (void)info;
    ucontext_t *u = context;
    // What the frame says comes back: xmm3 is changed by the handler.
    u->uc_mcontext.fpregs->_xmm[3].element[0] = 0x11223344;
    u->uc_mcontext.gregs[REG_R12] = 77;
}

__attribute__((target("avx"))) static int across(void (*action)(void)) {
    unsigned char before[32] __attribute__((aligned(32))), after[16][32] __attribute__((aligned(32)));
    for (int i = 0; i < 32; i++) before[i] = (unsigned char)(i * 7 + 1);
    __asm__ volatile("vmovaps (%0),%%ymm0; vmovaps %%ymm0,%%ymm1; vmovaps %%ymm0,%%ymm7; vmovaps %%ymm0,%%ymm15" ::"r"(before) : "xmm0", "xmm1", "xmm7", "xmm15", "memory");
    if (action == NULL) {
        __asm__ volatile("syscall" ::"a"((long)SYS_getppid) : "rcx", "r11", "memory");
    } else {
        __asm__ volatile("syscall" ::"a"((long)SYS_tgkill), "D"((long)getpid()), "S"((long)gettid()), "d"((long)SIGUSR1) : "rcx", "r11", "memory");
    }
    __asm__ volatile("vmovaps %%ymm0,(%0); vmovaps %%ymm1,32(%0); vmovaps %%ymm7,64(%0); vmovaps %%ymm15,96(%0)" ::"r"(after) : "memory");
    for (int i = 0; i < 4; i++)
        if (memcmp(before, after[i], 32)) return 0;
    return 1;
}
static void nothing(void) {}

__attribute__((target("avx"))) static void *churn(void *seed) {
    unsigned char mine[32] __attribute__((aligned(32))), now[32] __attribute__((aligned(32)));
    memset(mine, (int)(long)seed, sizeof mine);
    long wrong = 0;
    for (int i = 0; i < 300; i++) {
        __asm__ volatile("vmovaps (%0),%%ymm9" ::"r"(mine) : "xmm9", "memory");
        __asm__ volatile("syscall" ::"a"((long)SYS_sched_yield) : "rcx", "r11", "memory");
        __asm__ volatile("vmovaps %%ymm9,(%0)" ::"r"(now) : "memory");
        wrong += memcmp(mine, now, 32) != 0;
    }
    return (void *)wrong;
}
static void *control_word(void *unused) {
    (void)unused;
    return (void *)(long)_mm_getcsr();
}

int main(void) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &action, NULL);
    if (__builtin_cpu_supports("avx")) {
        section("across a call");
        SHOW(across(NULL));
        section("across a handler");
        SHOW(across(nothing));
        SHOW(handled == SIGUSR1);
        section("threads");
        pthread_t threads[4];
        for (long i = 0; i < 4; i++) pthread_create(&threads[i], NULL, churn, (void *)(i + 1));
        for (int i = 0; i < 4; i++) {
            void *wrong;
            pthread_join(threads[i], &wrong);
            SHOW((long)wrong);
        }
    }
    section("a handler changes registers");
    action.sa_sigaction = changer;
    sigaction(SIGUSR2, &action, NULL);
    unsigned got = 0;
    unsigned long r12 = 5;
    __asm__ volatile("mov $5,%%r12; pxor %%xmm3,%%xmm3; syscall; movd %%xmm3,%0; mov %%r12,%1"
                     : "=r"(got), "=r"(r12)
                     : "a"((long)SYS_tgkill), "D"((long)getpid()), "S"((long)gettid()), "d"((long)SIGUSR2)
                     : "rcx", "r11", "r12", "xmm3", "memory");
    printf("%#x %lu\n", got, r12);
    section("control words");
    printf("%#x\n", _mm_getcsr());
    _mm_setcsr(0x3f80);
    pthread_t thread;
    void *word;
    pthread_create(&thread, NULL, control_word, NULL);
    pthread_join(thread, &word);
    printf("a new thread has its parent's: %#lx\n", (long)word);
    raise(SIGUSR1);
    printf("after a handler: %#x\n", _mm_getcsr());
    unsigned short x87;
    __asm__ volatile("fnstcw %0" : "=m"(x87));
    printf("%#x\n", x87);
    return 0;
}
