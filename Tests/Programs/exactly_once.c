// Every system call happens once, whoever answers it: bytes read one at a time from a pipe arrive in order, none twice, none lost,
// while pauses of changing length make the gate leave at every point of its spin.
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int main(void) {
    int ends[2];
    if (pipe(ends) != 0) return 1;
    unsigned char block[4096];
    uint32_t seed = 1;
    unsigned next_written = 0, next_read = 0, wrong = 0;
    for (int round = 0; round < 12; round++) {
        for (unsigned i = 0; i < sizeof block; i++) block[i] = (unsigned char)(next_written++ * 7);
        if (write(ends[1], block, sizeof block) != (ssize_t)sizeof block) return 1;
        for (unsigned i = 0; i < sizeof block; i++) {
            unsigned char byte;
            if (read(ends[0], &byte, 1) != 1 || byte != (unsigned char)(next_read++ * 7)) wrong++;
            seed = seed * 1664525u + 1013904223u;
            if (seed >> 24 == 0) {
                uint64_t end = now() + (seed >> 8 & 0x3ffff);
                while (now() < end) {}
            }
        }
    }
    printf("read %u bytes, %u wrong\n", next_read, wrong);
    return wrong != 0;
}
