// Much address space and no memory: reserved in no time.
#include "hostile.h"

static void reserve(uint64_t size, int protection, int flags, int times) {
    for (int i = 0; i < times; i++) {
        char *place = mmap(0, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
        if (place == MAP_FAILED) fail("a reservation was refused");
        if (protection) {
            place[0] = 1;
            place[size - 1] = 2;
            place[size / 2] = 3;
        }
    }
}

int main(void) {
    reserve(20ul << 40, PROT_READ | PROT_WRITE, MAP_NORESERVE, 1);
    reserve(1ul << 40, PROT_NONE, 0, 1);
    reserve(64ul << 20, PROT_NONE, 0, 1000);
    // What cannot be there is refused, and filling it all in advance is not tried for ever.
    if (mmap(0, 1ul << 47, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED) fail("the whole address space was given");
    char *filled = mmap(0, 10ul << 40, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_POPULATE, -1, 0);
    if (filled != MAP_FAILED) munmap(filled, 10ul << 40);
    char *large = mmap(0, 30ul << 40, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (large == MAP_FAILED) fail("30 TB");
    mprotect(large, 30ul << 40, PROT_READ);
    mprotect(large, 30ul << 40, PROT_READ | PROT_WRITE);
    madvise(large, 30ul << 40, MADV_DONTNEED);
    munmap(large + 4096, (30ul << 40) - 8192);
    _exit(0);
}
