// Forks while other threads write to, move, unmap and protect the same memory, execute programs and end. Whatever the interleaving, a process reads in memory of
// its own what it wrote there, a child never sees what its parent wrote after the fork, and nobody sees another's. Arguments: seed, rounds, or "end".
#include "hostile.h"

#include <sys/uio.h>
#include <sys/wait.h>

enum { page = 4096, pages = 700, writers = 2 };
static char *memory;
static uint64_t seed;
static volatile int stop;
static volatile unsigned generation;
static char *self;

// Its own pages, each with a word that only grows and its copy: the two differ only while they are written.
static void *writes(void *index) {
    uint64_t s = seed + (long)index * 77;
    char *own = memory + (long)index * 100 * page;
    for (uint64_t value = 1; !stop; value++) {
        volatile uint64_t *word = (volatile uint64_t *)(own + next(&s) % 100 * page);
        if (word[0] != word[1]) fail("a page of a thread's own changed");
        word[0] = word[1] = (uint64_t)generation << 48 | value;
    }
    return 0;
}

// Reads and writes by the library OS into memory that is being shared.
static void *transfers(void *unused) {
    int ends[2];
    if (pipe(ends) != 0) return 0;
    char *place = memory + 300 * page;
    static char text[40000], back[40000];
    for (int round = 0; !stop; round++) {
        memset(text, 'a' + round % 20, sizeof text);
        if (write(ends[1], text, sizeof text) != sizeof text) fail("write");
        for (size_t done = 0; done < sizeof text;) {
            ssize_t count = read(ends[0], place + done, sizeof text - done);
            if (count <= 0) fail("read");
            done += count;
        }
        if (memcmp(place, text, sizeof text)) fail("what was read has not arrived");
        if (write(ends[1], place, sizeof text) != sizeof text) fail("write of what was read");
        for (size_t done = 0; done < sizeof text;) {
            ssize_t count = read(ends[0], back + done, sizeof text - done);
            if (count <= 0) fail("read");
            done += count;
        }
        if (memcmp(back, text, sizeof text)) fail("what was written is another's");
    }
    close(ends[0]);
    close(ends[1]);
    return 0;
}

// Moves, drops and protects a part of its own.
static void *maps(void *unused) {
    uint64_t s = seed * 5 + 1;
    char *base = mmap(0, 200 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (long i = 0; i < 200; i++) *(volatile long *)(base + i * page) = i + 1;
    while (!stop) {
        long first = next(&s) % 150, count = 1 + next(&s) % 50;
        switch (next(&s) % 4) {
        case 0: {
            char *moved = mremap(base, 200 * page, 200 * page, MREMAP_MAYMOVE | MREMAP_FIXED, mmap(0, 200 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
            if (moved != MAP_FAILED) base = moved;
            break;
        }
        case 1:
            mprotect(base + first * page, count * page, PROT_READ);
            mprotect(base + first * page, count * page, PROT_READ | PROT_WRITE);
            break;
        case 2:
            madvise(base + first * page, count * page, MADV_DONTNEED);
            for (long i = first; i < first + count; i++) if (*(volatile long *)(base + i * page)) fail("a dropped page has content");
            break;
        case 3:
            munmap(base + first * page, count * page);
            if (mmap(base + first * page, count * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) fail("mmap");
            break;
        }
        for (long i = 0; i < 200; i++) {
            volatile long *word = (volatile long *)(base + i * page);
            if (*word != 0 && *word != i + 1) fail("a page is another's");
            *word = i + 1;
        }
    }
    return 0;
}

// What a child does with what it got, quickly or slowly; returns its status.
static void child(uint64_t s, int depth) {
    // Its maker's threads are gone: nothing changes but what it writes itself.
    static uint64_t seen[writers * 100];
    for (int i = 0; i < writers * 100; i++) seen[i] = *(volatile uint64_t *)(memory + i * page + 8);
    for (int i = 0; i < writers * 100; i++) if (seen[i] >> 48 > generation) fail("a child sees what was written after it was made");
    for (int i = 0; i < writers * 100; i += 3) *(volatile uint64_t *)(memory + i * page + 8) = 42;
    if (depth < 2 && next(&s) % 3 == 0) {
        pid_t grandchild = fork();
        if (grandchild == 0) child(s + 1, depth + 1);
        if (next(&s) % 2 && grandchild > 0) waitpid(grandchild, 0, 0);
    }
    sched_yield();
    for (int i = 0; i < writers * 100; i++) if (*(volatile uint64_t *)(memory + i * page + 8) != (i % 3 ? seen[i] : 42)) fail("a child's page changed");
    switch (next(&s) % 6) {
    case 0: munmap(memory, pages * page); break;
    case 1: madvise(memory, pages * page, MADV_DONTNEED); break;
    case 2: {
        char *words[] = {self, "end", 0};
        execv("/proc/self/exe", words);
        break;
    }
    case 3: *(volatile int *)8 = 0;
    case 4: raise(SIGKILL);
    }
    _exit(0);
}

int main(int argc, char **argv) {
    if (argc > 1 && argv[1][0] == 'e') _exit(0);
    seed = seeded(argc, argv, 1);
    int rounds = argc > 2 ? atoi(argv[2]) : 30;
    self = argv[0];
    memory = mmap(0, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (long i = 0; i < pages; i++) *(volatile char *)(memory + i * page + 2000) = 1;
    pthread_t threads[writers + 2];
    for (long i = 0; i < writers; i++) pthread_create(&threads[i], 0, writes, (void *)i);
    pthread_create(&threads[writers], 0, transfers, 0);
    pthread_create(&threads[writers + 1], 0, maps, 0);
    uint64_t s = seed;
    int live = 0;
    for (int round = 0; round < rounds; round++) {
        pid_t made = fork();
        if (made == 0) child(s, 0);
        // From here on the threads write words of the next generation.
        generation++;
        if (made < 0) fail("fork");
        live++;
        next(&s);
        while (live > 0 && (live > 4 || next(&s) % 2)) {
            int status;
            if (waitpid(-1, &status, 0) < 0) fail("wait");
            if (WIFEXITED(status) && WEXITSTATUS(status) != 0) fail("a child found something wrong");
            live--;
        }
    }
    stop = 1;
    for (int i = 0; i < writers + 2; i++) pthread_join(threads[i], 0);
    while (waitpid(-1, 0, 0) > 0) {}
    _exit(0);
}
