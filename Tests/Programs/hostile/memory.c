// Mappings changed by several threads while others touch them and do I/O into them. Two things must hold whatever happens: fresh private memory
// is zero, and what a thread wrote into memory of its own is what it reads there.
#include "hostile.h"

#include <sys/uio.h>

static char *shared_area;
static uint64_t seed;
static int rounds;
enum { shared_size = 4 << 20 };
static __thread sigjmp_buf landing;
static void caught(int number) { siglongjmp(landing, number); }
static volatile int stop;

// Its own memory: grown, shrunk, moved, split. A word in each page says which page it is.
static void *own_memory(void *index) {
    uint64_t s = seed + (long)index * 31;
    size_t pages = 16;
    char *base = mmap(0, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint64_t tag = (uint64_t)(long)index << 48;
    for (size_t i = 0; i < pages; i++) *(uint64_t *)(base + i * 4096) = tag | i;
    for (int round = 0; round < rounds; round++) {
        size_t wanted = 1 + next(&s) % 64;
        if (next(&s) % 4 == 0 && pages >= 4) {
            // A part moves away and comes back, growing on the way: pages of the two parts must never be the same.
            size_t part = pages / 2;
            char *moved = mremap(base, part * 4096, (part + 8) * 4096, MREMAP_MAYMOVE);
            if (moved == MAP_FAILED) continue;
            for (size_t i = part; i < part + 8; i++) {
                if (*(uint64_t *)(moved + i * 4096)) fail("memory a mapping grew by is not zero");
                *(uint64_t *)(moved + i * 4096) = 0x7777;
            }
            for (size_t i = part; i < pages; i++) if (*(uint64_t *)(base + i * 4096) != (tag | i)) fail("what stayed behind changed");
            munmap(base + part * 4096, (pages - part) * 4096);
            if (moved == base) munmap(base + part * 4096, 8 * 4096);
            for (size_t i = part; i < part + 8; i++) *(uint64_t *)(moved + i * 4096) = tag | i;
            base = moved;
            pages = part + 8;
        }
        char *moved = mremap(base, pages * 4096, wanted * 4096, MREMAP_MAYMOVE);
        if (moved == MAP_FAILED) continue;
        size_t kept = pages < wanted ? pages : wanted;
        for (size_t i = 0; i < kept; i++) if (*(uint64_t *)(moved + i * 4096) != (tag | i)) fail("a moved page lost its content");
        for (size_t i = kept; i < wanted; i++) {
            for (int k = 0; k < 4096; k += 8) if (*(uint64_t *)(moved + i * 4096 + k)) fail("a fresh page is not zero");
            *(uint64_t *)(moved + i * 4096) = tag | i;
        }
        base = moved;
        pages = wanted;
    }
    return 0;
}

static void *change(void *index) {
    uint64_t s = seed + (long)index * 97;
    for (int round = 0; round < rounds && !stop; round++) {
        size_t at = next(&s) % shared_size & ~4095ul, length = next(&s) % (256 << 10) + 4096;
        if (at + length > shared_size) length = shared_size - at;
        char *place = shared_area + at;
        switch (next(&s) % 7) {
        // No holes: the other threads' own memory would come to lie in them.
        case 0: mmap(place, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0); break;
        case 1: mprotect(place, length, next(&s) & 7); break;
        case 2: madvise(place, length, next(&s) % 26); break;
        case 3: mmap(place, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0); break;
        case 4: mmap(place, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0); break;
        case 5: mremap(place, length, length, MREMAP_MAYMOVE | MREMAP_FIXED | 4 /* MREMAP_DONTUNMAP */, shared_area + (next(&s) % (shared_size - length) & ~4095ul)); break;
        case 6: mlock(place, length); break;
        }
    }
    return 0;
}

static void *touch(void *index) {
    uint64_t s = seed + (long)index * 1009;
    volatile int round = 0;
    if (sigsetjmp(landing, 1)) s += 12345 + round;
    for (; round < rounds * 20 && !stop; round++) {
        volatile char *place = shared_area + next(&s) % shared_size;
        if (next(&s) & 1) *place = 1; else (void)*place;
    }
    return 0;
}

static void *transfer(void *index) {
    uint64_t s = seed + (long)index * 2003;
    int file = open("/tmp/transfer", O_RDWR | O_CREAT, 0600), zero = open("/dev/zero", O_RDONLY), pair[2], program = open("/proc/self/exe", O_RDONLY);
    if (pipe2(pair, O_NONBLOCK)) fail("pipe2");
    for (int round = 0; round < rounds && !stop; round++) {
        size_t length = next(&s) % (1 << 20);
        char *place = shared_area + next(&s) % (shared_size - length);
        struct iovec vector[3] = {{place, length / 3}, {shared_area, 5000}, {place + length / 2, length / 3}};
        switch (next(&s) % 8) {
        case 0: pread(file, place, length, 0); break;
        case 1: pwrite(file, place, length, 0); break;
        case 2: read(zero, place, length); break;
        case 3: preadv(program, vector, 3, 0); break;
        case 4: pread(program, place, length, 0); break;
        case 5: write(pair[1], place, length); break;
        case 6: read(pair[0], place, length); break;
        case 7: writev(pair[1], vector, 3); break;
        }
    }
    return 0;
}

// Fresh memory while freed frames may still be the target of a transfer: zero nevertheless.
static void *fresh(void *index) {
    (void)index;
    for (int round = 0; round < rounds && !stop; round++) {
        size_t size = 128 << 10;
        uint64_t *memory = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) continue;
        for (size_t i = 0; i < size / 8; i += 8) if (memory[i]) fail("fresh memory is not zero");
        memset(memory, 0x5a, size);
        munmap(memory, size);
    }
    return 0;
}

int main(int argc, char **argv) {
    seed = seeded(argc, argv, 1);
    rounds = argc > 2 ? atoi(argv[2]) : 300;
    shared_area = mmap(0, shared_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct sigaction action = {.sa_handler = caught, .sa_flags = SA_NODEFER};
    sigaction(SIGSEGV, &action, 0);
    sigaction(SIGBUS, &action, 0);
    void *(*bodies[])(void *) = {own_memory, own_memory, change, change, touch, transfer, transfer, fresh};
    pthread_t threads[8];
    for (long i = 0; i < 8; i++) pthread_create(&threads[i], 0, bodies[i], (void *)(i + 1));
    for (int i = 0; i < 8; i++) pthread_join(threads[i], 0);
    _exit(0);
}
