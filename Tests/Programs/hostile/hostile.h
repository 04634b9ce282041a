// What the hostile programs share: raw system calls (no libc, which keeps errno in thread-local storage that these programs destroy), a seeded
// generator, and values that are awkward somewhere.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define WINDOW 0xffffc00000000000ul

static inline long raw(long number, long a, long b, long c, long d, long e, long f) {
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
    return result;
}

static inline uint64_t next(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state * 0x2545f4914f6cdd1dul;
}

static inline uint64_t seeded(int argc, char **argv, int index) {
    uint64_t seed = argc > index ? strtoull(argv[index], 0, 0) : 1;
    return seed * 0x9e3779b97f4a7c15ul + 0x1234567;
}

static inline void fail(const char *what) {
    fprintf(stderr, "FAILED: %s (errno %d)\n", what, errno);
    _exit(99);
}

static void ignore_signal(int number) { (void)number; }

// A timer that interrupts whatever waits, again and again.
static inline void interrupt_every(int microseconds) {
    struct sigaction action = {.sa_handler = ignore_signal};
    sigaction(SIGALRM, &action, 0);
    struct itimerval interval = {{0, microseconds}, {0, microseconds}};
    setitimer(ITIMER_REAL, &interval, 0);
}
