#include "loop.h"
#include <sys/mman.h>

// First touch of every page of fresh memory; prints nanoseconds a page. Argument: MiB.
int main(int argc, char **argv) {
    long size = atol(argv[1]) << 20;
    char *memory = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return 1;
    double start = now();
    for (long at = 0; at < size; at += 4096) memory[at] = 1;
    printf("%.3f\n", (now() - start) / (size / 4096));
    return 0;
}
