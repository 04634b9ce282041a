// A self-timed loop: the program prints nanoseconds for each round, so that loading it is not measured.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

// Rounds from the first argument; a tenth of them first, to warm up.
#define MEASURE(body)                                          \
    long rounds = atol(argv[1]);                               \
    for (long i = 0; i < rounds / 10; i++) { body; }           \
    double start = now();                                      \
    for (long i = 0; i < rounds; i++) { body; }                \
    printf("%.3f\n", (now() - start) / (rounds ? rounds : 1));                \
    return 0;
