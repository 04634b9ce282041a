// Two threads read CLOCK_MONOTONIC a million times each, in turns through the vDSO and through the system call, against a shared maximum:
// no reading may be smaller than one that was finished before it began.
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static _Atomic int64_t latest;
static _Atomic int64_t worst;
static long rounds = 1000000;

static int64_t nanoseconds(struct timespec time) { return time.tv_sec * 1000000000LL + time.tv_nsec; }

static int64_t read_clock(int by_call) {
    struct timespec time;
    if (by_call) syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &time);
    else clock_gettime(CLOCK_MONOTONIC, &time);
    return nanoseconds(time);
}

static void *watch(void *argument) {
    long calls_every = (long)argument;
    for (long round = 0; round < rounds; round++) {
        int64_t before = atomic_load(&latest);
        int64_t now = read_clock(round % calls_every == 0);
        if (now < before && before - now > atomic_load(&worst)) atomic_store(&worst, before - now);
        while (before < now && !atomic_compare_exchange_weak(&latest, &before, now)) {}
    }
    return NULL;
}

int main(int count, char **arguments) {
    if (count > 1) rounds = atol(arguments[1]);
    pthread_t other;
    // One thread makes mostly calls, the other mostly not.
    if (pthread_create(&other, NULL, watch, (void *)2) != 0) return 2;
    watch((void *)10);
    pthread_join(other, NULL);
    if (worst != 0) {
        printf("the clock went back by %lld ns\n", (long long)worst);
        return 1;
    }
    puts("monotonic");
    return 0;
}
