// Files that shrink and grow under their own mappings while calls use them. Arguments: seed, rounds, and the files (none: a memfd and one in /tmp).
#include "hostile.h"

#include <linux/futex.h>

static int file;
static char *mapping, *copy;
static uint64_t seed;
static int rounds;
static volatile int stop;
enum { size = 256 << 10 };
static __thread sigjmp_buf landing;
static void caught(int number) { siglongjmp(landing, number); }

static void *shrink(void *unused) {
    (void)unused;
    uint64_t s = seed;
    for (int round = 0; round < rounds; round++) {
        ftruncate(file, next(&s) % size);
        if (next(&s) & 1) fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, next(&s) % size, next(&s) % size + 1);
        ftruncate(file, size);
        if (next(&s) % 4 == 0) pwrite(file, "stuff", 5, next(&s) % size);
    }
    stop = 1;
    return 0;
}

static void *use(void *index) {
    volatile uint64_t s = seed + (long)index * 17;
    if (sigsetjmp(landing, 1)) s += 991;
    while (!stop) {
        uint64_t t = s;
        char *place = ((long)index & 1 ? mapping : copy) + next(&t) % (size - 8192);
        struct timespec soon = {0, 1000};
        switch (next(&t) % 8) {
        case 0: *(volatile char *)place = 3; break;
        case 1: (void)*(volatile char *)place; break;
        case 2: pread(file, place, 8192, 0); break;
        case 3: pwrite(file, place, 8192, next(&t) % size); break;
        case 4: raw(SYS_futex, (long)place & ~3l, FUTEX_WAIT, 0, (long)&soon, 0, 0); break;
        case 5: raw(SYS_futex, (long)place & ~3l, FUTEX_WAKE_OP, 1, 1, (long)mapping, FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 0)); break;
        case 6: memmove(place, place + 4096, 4096); break;
        case 7: mprotect((void *)((long)place & ~4095l), 4096, PROT_READ | (next(&t) & 1 ? PROT_WRITE : 0)); break;
        }
        s = t;
    }
    return 0;
}

static void attack(int descriptor) {
    file = descriptor;
    stop = 0;
    ftruncate(file, size);
    mapping = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    copy = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    if (mapping == MAP_FAILED || copy == MAP_FAILED) fail("mmap");
    pthread_t threads[5];
    pthread_create(&threads[0], 0, shrink, 0);
    for (long i = 1; i < 5; i++) pthread_create(&threads[i], 0, use, (void *)i);
    for (int i = 0; i < 5; i++) pthread_join(threads[i], 0);
    munmap(mapping, size);
    munmap(copy, size);
    close(file);
}

int main(int argc, char **argv) {
    seed = seeded(argc, argv, 1);
    rounds = argc > 2 ? atoi(argv[2]) : 200;
    struct sigaction action = {.sa_handler = caught, .sa_flags = SA_NODEFER};
    sigaction(SIGSEGV, &action, 0);
    sigaction(SIGBUS, &action, 0);
    attack(memfd_create("m", 0));
    attack(open("/tmp/t", O_RDWR | O_CREAT, 0600));
    for (int i = 3; i < argc; i++) {
        int descriptor = open(argv[i], O_RDWR | O_CREAT, 0600);
        if (descriptor < 0) fail(argv[i]);
        attack(descriptor);
    }
    _exit(0);
}
