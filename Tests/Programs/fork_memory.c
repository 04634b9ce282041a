// What parent and child share after fork, and what each has for itself.
#include "probe.h"
#include <sys/mman.h>
#include <sys/wait.h>

static int data = 1;
static int zero;
static const char *const relocated[] = {"read-only after relocation"};

static int ended(pid_t child) {
    int status = -1;
    if (waitpid(child, &status, 0) != child) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void *counts(void *word) {
    volatile int *value = word;
    for (int i = 0; i < 1000; i++) (*value)++;
    return NULL;
}

int main(void) {
    section("private memory");
    int stack = 1, *heap = malloc(sizeof *heap);
    *heap = 1;
    char *pages = mmap(NULL, 64 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pages[5 * 4096] = 'p';
    pid_t child = fork();
    if (child == 0) {
        int whole = data == 1 && zero == 0 && stack == 1 && *heap == 1 && pages[5 * 4096] == 'p' && pages[6 * 4096] == 0 && relocated[0][0] == 'r';
        data = zero = stack = *heap = 7;
        pages[5 * 4096] = 'c';
        pages[7 * 4096] = 'c';
        char *more = malloc(1 << 20);
        memset(more, 1, 1 << 20);
        _exit(whole ? 3 : 4);
    }
    SHOW(ended(child));
    TRUTH(data == 1 && zero == 0 && stack == 1 && *heap == 1 && pages[5 * 4096] == 'p' && pages[7 * 4096] == 0);

    section("shared memory");
    volatile int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int file = open("shared", O_RDWR | O_CREAT | O_TRUNC, 0600);
    CALL(ftruncate(file, 8192));
    volatile char *mapped = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    volatile char *own = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    own[0] = 'o';
    if ((child = fork()) == 0) {
        shared[0] = 42;
        mapped[1] = 'm';
        int seen = own[0] == 'o' && own[1] == 'm';
        own[0] = 'x';
        own[4096] = 'x';
        _exit(seen ? 3 : 4);
    }
    SHOW(ended(child));
    SHOW(shared[0]);
    TRUTH(mapped[1] == 'm' && own[0] == 'o' && own[4096] == 0 && mapped[0] == 0);

    section("advice");
    char *left = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *wiped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *left = *wiped = 1;
    CALL(madvise(left, 4096, MADV_DONTFORK));
    CALL(madvise(wiped, 4096, 18 /* MADV_WIPEONFORK */));
    if ((child = fork()) == 0) {
        unsigned char vector;
        _exit((*wiped == 0) + 2 * (mincore(left, 4096, &vector) == -1 && errno == ENOMEM));
    }
    SHOW(ended(child));
    if ((child = fork()) == 0) {
        *(volatile char *)left = 2;
        _exit(0);
    }
    SHOW(ended(child) == 1000 + SIGSEGV);

    section("generations");
    int depth = 0;
    for (; depth < 6; depth++) {
        if ((child = fork()) != 0) break;
        data++;
    }
    if (depth == 6) _exit(data);
    int status = ended(child);
    if (depth > 0) _exit(status);
    SHOW(status);

    section("threads");
    int words[2] = {0, 0};
    pthread_t thread;
    pthread_create(&thread, NULL, counts, &words[0]);
    if ((child = fork()) == 0) {
        // One thread only, which can make others.
        pthread_t other;
        words[1] = 0;
        if (pthread_create(&other, NULL, counts, &words[1]) != 0 || pthread_join(other, NULL) != 0) _exit(4);
        _exit(words[1] == 1000 ? 3 : 5);
    }
    pthread_join(thread, NULL);
    SHOW(ended(child));
    SHOW(words[0]);
    CALL(unlink("shared"));
    return 0;
}
