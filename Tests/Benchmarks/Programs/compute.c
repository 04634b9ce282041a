#include "loop.h"
#include <stdint.h>

// xorshift64*: dependent integer work that stays in registers.
static volatile uint64_t sink;

int main(int argc, char **argv) {
    uint64_t x = 88172645463325252ull;
    MEASURE(for (int k = 0; k < 1000; k++) { x ^= x >> 12; x ^= x << 25; x ^= x >> 27; sink = x * 2685821657736338717ull; })
}
