// Private memory of large processes after fork: parent, children and grandchildren each see their own, whatever they do to it.
#include "probe.h"
#include <sys/mman.h>
#include <sys/wait.h>

enum { page = 4096, pages = 2000 };

static int ended(pid_t child) {
    int status = -1;
    if (waitpid(child, &status, 0) != child) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static char *anonymous(long count) {
    char *place = mmap(NULL, count * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return place == MAP_FAILED ? NULL : place;
}

// Each page has its number and a tag; other pages of it stay zero.
static void fill(char *memory, long first, long last, int tag) {
    for (long i = first; i < last; i++) {
        *(int *)(memory + i * page) = tag;
        *(long *)(memory + i * page + 2048) = i;
    }
}
static long wrong(const char *memory, long first, long last, int tag) {
    long count = 0;
    for (long i = first; i < last; i++) count += *(const int *)(memory + i * page) != tag || *(const long *)(memory + i * page + 2048) != i;
    return count;
}

// Two processes take turns.
static void tell(int end) { if (write(end, "x", 1) != 1) _exit(90); }
static void hear(int end) {
    char byte;
    if (read(end, &byte, 1) != 1) _exit(91);
}

static void both_sides(void) {
    section("both sides write");
    int down[2], up[2];
    CALL(pipe(down));
    CALL(pipe(up));
    char *memory = anonymous(pages);
    fill(memory, 0, pages, 1);
    pid_t child = fork();
    if (child == 0) {
        long bad = wrong(memory, 0, pages, 1);
        fill(memory, 0, 500, 2);
        tell(up[1]);
        hear(down[0]);
        // The parent has written elsewhere and in the same pages meanwhile.
        bad += wrong(memory, 0, 500, 2) + wrong(memory, 500, pages, 1);
        _exit(bad == 0 ? 3 : 4);
    }
    hear(up[0]);
    long bad = wrong(memory, 0, pages, 1);
    fill(memory, 400, 1500, 5);
    tell(down[1]);
    SHOW(ended(child));
    SHOW(bad + wrong(memory, 0, 400, 1) + wrong(memory, 400, 1500, 5) + wrong(memory, 1500, pages, 1));
    // Alone again.
    fill(memory, 0, pages, 6);
    SHOW(wrong(memory, 0, pages, 6));
    munmap(memory, (long)pages * page);
    for (int i = 0; i < 2; i++) {
        close(down[i]);
        close(up[i]);
    }
}

static void generations(void) {
    section("grandchildren, whose makers end before them");
    int line[2];
    CALL(pipe(line));
    char *memory = anonymous(pages);
    fill(memory, 0, pages, 1);
    int depth = 0;
    pid_t child = 0;
    while (depth < 5 && (child = fork()) == 0) {
        depth++;
        fill(memory, depth * 100, depth * 100 + 50, depth + 1);
    }
    if (depth == 5) {
        sleep_ms(20);
        long bad = wrong(memory, 0, 100, 1) + wrong(memory, 600, pages, 1);
        for (int i = 1; i <= 5; i++) bad += wrong(memory, i * 100, i * 100 + 50, i + 1) + wrong(memory, i * 100 + 50, i * 100 + 100, 1);
        tell(line[1]);
        if (bad != 0) tell(line[1]);
        _exit(0);
    }
    if (depth > 0) _exit(0);
    SHOW(ended(child));
    close(line[1]);
    char bytes[8];
    hear(line[0]);
    SHOW(read(line[0], bytes, sizeof bytes));
    close(line[0]);
    SHOW(wrong(memory, 0, pages, 1));
    munmap(memory, (long)pages * page);
}

static void changed_mappings(void) {
    section("mappings changed on one side");
    char *memory = anonymous(pages);
    fill(memory, 0, pages, 1);
    CALL(mprotect(memory + 100 * page, 100 * page, PROT_READ));
    CALL(mprotect(memory + 200 * page, 100 * page, PROT_NONE));
    pid_t child = fork();
    if (child == 0) {
        long bad = 0;
        bad += mprotect(memory + 100 * page, 200 * page, PROT_READ | PROT_WRITE) != 0;
        bad += wrong(memory, 0, pages, 1);
        fill(memory, 100, 300, 2);
        bad += madvise(memory + 300 * page, 100 * page, MADV_DONTNEED) != 0;
        for (long i = 300; i < 400; i++) bad += *(int *)(memory + i * page) != 0;
        fill(memory, 310, 320, 3);
        bad += munmap(memory + 400 * page, 100 * page) != 0;
        char *moved = mremap(memory + 500 * page, 200 * page, 300 * page, MREMAP_MAYMOVE);
        for (long i = 0; i < 200; i++) bad += *(int *)(moved + i * page) != 1 || *(long *)(moved + i * page + 2048) != i + 500;
        for (long i = 200; i < 300; i++) bad += *(int *)(moved + i * page) != 0;
        fill(moved, 0, 300, 4);
        bad += wrong(moved, 0, 300, 4);
        char *fixed = mremap(memory + 800 * page, 50 * page, 50 * page, MREMAP_MAYMOVE | MREMAP_FIXED, memory + 900 * page);
        bad += fixed != memory + 900 * page || *(long *)(fixed + 2048) != 800;
        *fixed = 9;
        char *over = mmap(memory + 1000 * page, 10 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        bad += over != memory + 1000 * page || *(int *)over != 0;
        bad += wrong(memory, 1010, pages, 1);
        _exit(bad == 0 ? 3 : 4);
    }
    SHOW(ended(child));
    CALL(mprotect(memory + 100 * page, 200 * page, PROT_READ | PROT_WRITE));
    SHOW(wrong(memory, 0, pages, 1));
    // And by the parent, while the child looks.
    int line[2];
    CALL(pipe(line));
    if ((child = fork()) == 0) {
        hear(line[0]);
        _exit(wrong(memory, 0, pages, 1) == 0 ? 3 : 4);
    }
    CALL(madvise(memory, 100 * page, MADV_DONTNEED));
    fill(memory, 0, 50, 8);
    CALL(munmap(memory + 600 * page, 100 * page));
    char *moved = mremap(memory + 700 * page, 100 * page, 100 * page, MREMAP_MAYMOVE | MREMAP_FIXED, memory + 600 * page);
    TRUTH(moved == memory + 600 * page && *(long *)(moved + 2048) == 700);
    fill(memory, 600, 700, 8);
    tell(line[1]);
    SHOW(ended(child));
    SHOW(wrong(memory, 0, 50, 8) + wrong(memory, 600, 700, 8) + wrong(memory, 800, pages, 1));
    munmap(memory, (long)pages * page);
    close(line[0]);
    close(line[1]);
}

static void files(void) {
    section("private mappings of a file");
    int file = open("mapped", O_RDWR | O_CREAT | O_TRUNC, 0600);
    CALL(ftruncate(file, 600 * page));
    char *shared = mmap(NULL, 600 * page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    fill(shared, 0, 600, 1);
    char *own = mmap(NULL, 600 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    char *sealed = mmap(NULL, 600 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    fill(own, 0, 400, 2);
    fill(sealed, 0, 600, 3);
    CALL(mprotect(sealed, 600 * page, PROT_READ));
    pid_t child = fork();
    if (child == 0) {
        long bad = wrong(own, 0, 400, 2) + wrong(own, 400, 600, 1) + wrong(sealed, 0, 600, 3);
        fill(own, 200, 500, 4);
        fill(shared, 0, 10, 5);
        bad += mprotect(sealed, 600 * page, PROT_READ | PROT_WRITE) != 0;
        fill(sealed, 0, 300, 6);
        bad += wrong(own, 0, 200, 2) + wrong(own, 200, 500, 4) + wrong(own, 500, 600, 1) + wrong(sealed, 0, 300, 6) + wrong(sealed, 300, 600, 3);
        _exit(bad == 0 ? 3 : 4);
    }
    SHOW(ended(child));
    SHOW(wrong(own, 0, 400, 2) + wrong(own, 400, 600, 1));
    SHOW(wrong(sealed, 0, 600, 3));
    SHOW(wrong(shared, 0, 10, 5) + wrong(shared, 10, 600, 1));
    CALL(madvise(own, 600 * page, MADV_DONTNEED));
    SHOW(wrong(own, 10, 600, 1));
    munmap(shared, 600 * page);
    munmap(own, 600 * page);
    munmap(sealed, 600 * page);
    close(file);
    CALL(unlink("mapped"));
}

static char *buffer;
static volatile int stop;

// A counter in each of its pages, which only ever grow.
static void *writes(void *place) {
    while (!stop)
        for (long i = 0; i < 64; i++) (*(volatile long *)((char *)place + i * page))++;
    return NULL;
}

static void threads(void) {
    section("forks while threads write");
    enum { count = 3 };
    char *memory = anonymous(pages);
    fill(memory, 0, pages, 1);
    for (long i = 0; i < count * 64; i++) *(long *)(memory + i * page) = 0;
    pthread_t thread[count];
    for (long i = 0; i < count; i++) pthread_create(&thread[i], NULL, writes, memory + i * 64 * page);
    long failures = 0;
    for (int round = 0; round < 12; round++) {
        pid_t child = fork();
        if (child == 0) {
            // Nobody writes here any more: what is seen twice is the same, and what is written stays.
            long bad = wrong(memory, count * 64, pages, 1);
            long seen[count * 64];
            for (int i = 0; i < count * 64; i++) seen[i] = *(volatile long *)(memory + i * page);
            for (int i = 0; i < 5; i++) sched_yield();
            for (int i = 0; i < count * 64; i++) bad += *(volatile long *)(memory + i * page) != seen[i];
            for (int i = 0; i < count * 64; i += 2) *(volatile long *)(memory + i * page) = -1;
            for (int i = 0; i < 5; i++) sched_yield();
            for (int i = 0; i < count * 64; i++) bad += *(volatile long *)(memory + i * page) != (i % 2 ? seen[i] : -1);
            _exit(bad == 0 ? 3 : 4);
        }
        if (child < 0 || ended(child) != 3) failures++;
    }
    stop = 1;
    for (int i = 0; i < count; i++) pthread_join(thread[i], NULL);
    SHOW(failures);
    // A thread goes round its pages in order: their counters are never more than one apart.
    for (int i = 0; i < count; i++) {
        long apart = 0, first = *(long *)(memory + i * 64 * page);
        for (int k = 1; k < 64; k++) apart += *(long *)(memory + (i * 64 + k) * page) != first;
        SHOW(apart);
    }
    SHOW(wrong(memory, count * 64, pages, 1));
    munmap(memory, (long)pages * page);
}

static void *reads(void *end) {
    long total = 0, count;
    while ((count = read(*(int *)end, buffer, 65536)) > 0) {
        for (long i = 0; i < count; i++) if (buffer[i] != 'r') return (void *)-1;
        total += count;
    }
    return (void *)total;
}

static void calls(void) {
    section("system calls write into shared pages");
    buffer = anonymous(pages);
    fill(buffer, 0, pages, 1);
    pid_t child = fork();
    if (child == 0) {
        int zero = open("/dev/zero", O_RDONLY);
        long bad = read(zero, buffer + 100 * page, 300 * page) != 300 * page;
        for (long i = 100; i < 400; i++) bad += *(long *)(buffer + i * page + 2048) != 0;
        struct timespec *time = (struct timespec *)(buffer + 500 * page);
        bad += clock_gettime(CLOCK_MONOTONIC, time) != 0 || getcwd(buffer + 501 * page, page) == NULL;
        bad += wrong(buffer, 0, 100, 1) + wrong(buffer, 400, 500, 1) + wrong(buffer, 502, pages, 1);
        _exit(bad == 0 ? 3 : 4);
    }
    SHOW(ended(child));
    SHOW(wrong(buffer, 0, pages, 1));
    // Another process writes into the child's memory.
    int line[2];
    CALL(pipe(line));
    if ((child = fork()) == 0) {
        hear(line[0]);
        long bad = strcmp(buffer + 700 * page, "from outside") != 0;
        _exit(bad + wrong(buffer, 701, pages, 1) == 0 ? 3 : 4);
    }
    struct iovec local = {"from outside", 13}, remote = {buffer + 700 * page, 13};
    SHOW(process_vm_writev(child, &local, 1, &remote, 1, 0));
    tell(line[1]);
    SHOW(ended(child));
    SHOW(wrong(buffer, 0, pages, 1));
    // Reads that go on during forks lose nothing.
    int ends[2];
    CALL(pipe(ends));
    pthread_t thread;
    pthread_create(&thread, NULL, reads, &ends[0]);
    long failures = 0;
    static char text[65536];
    memset(text, 'r', sizeof text);
    for (int i = 0; i < 200; i++) {
        if (i % 25 == 0) {
            if ((child = fork()) == 0) _exit(3);
            failures += ended(child) != 3;
        }
        if (write(ends[1], text, sizeof text) != sizeof text) failures++;
        // Beside what is read, in the page behind it.
        for (long k = 16; k < 40; k++) *(volatile char *)(buffer + k * page) = 'p';
    }
    close(ends[1]);
    void *total;
    pthread_join(thread, &total);
    SHOW(total == (void *)(200 * 65536L));
    SHOW(failures);
    SHOW(wrong(buffer, 100, pages, 1));
    munmap(buffer, (long)pages * page);
}

int main(void) {
    both_sides();
    generations();
    changed_mappings();
    files();
    threads();
    calls();
    return 0;
}
