// Threads that start, wait, spin and end while the whole process ends. Argument 2: how it ends.
#include "hostile.h"

#include <poll.h>

static void *spin(void *unused) { for (;;) __asm__ volatile("pause" ::: "memory"); return unused; }
static void *wait(void *unused) { for (;;) poll(0, 0, -1); return unused; }
static void *call(void *unused) { for (;;) raw(SYS_getppid, 0, 0, 0, 0, 0, 0); return unused; }
static void *end(void *unused) { return unused; }
static void *bear(void *unused) {
    pthread_t thread;
    for (;;) if (!pthread_create(&thread, 0, end, 0)) pthread_detach(thread);
    return unused;
}

int main(int argc, char **argv) {
    uint64_t s = seeded(argc, argv, 1);
    void *(*bodies[])(void *) = {spin, wait, call, end, bear};
    pthread_t thread;
    for (int i = 0; i < 12; i++) pthread_create(&thread, 0, bodies[next(&s) % 5], 0);
    if (next(&s) % 2) {
        // Ends with a timer's signal waiting.
        sigset_t alarm;
        sigemptyset(&alarm);
        sigaddset(&alarm, SIGALRM);
        sigprocmask(SIG_BLOCK, &alarm, 0);
        interrupt_every(100);
    }
    usleep(next(&s) % 20000);
    switch (next(&s) % 6) {
    case 0: raw(SYS_exit_group, 0, 0, 0, 0, 0, 0); break;
    case 1: raw(SYS_kill, getpid(), SIGKILL, 0, 0, 0, 0); break;
    case 2: *(volatile int *)0 = 0; break;
    case 3: execl("/proc/self/exe", "exits", "again", (char *)0); break;
    case 4: munmap((void *)((long)&s & ~0xfffffl), 2 << 20); break;
    case 5: raise(SIGTERM); break;
    }
    _exit(0);
}
