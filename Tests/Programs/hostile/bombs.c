// Trees of processes that take all there is. Argument: which.
#include "hostile.h"

#include <sys/resource.h>
#include <sys/wait.h>

// Every process makes as many as it can, for ever.
static void forks(void) {
    for (;;) {
        pid_t child = fork();
        if (child < 0 && errno != EAGAIN && errno != ENOMEM) fail("fork");
        if (child < 0) sched_yield();
    }
}
static void *make_threads(void *unused) {
    for (;;) {
        pthread_t thread;
        if (pthread_create(&thread, 0, make_threads, unused)) sched_yield();
    }
}
// Ended processes that nobody waits for.
static void zombies(void) {
    long count = 0;
    for (int refused = 0; refused < 1000;) {
        pid_t child = fork();
        if (child == 0) _exit(0);
        if (child < 0) refused++;
        else count++;
    }
    if (count < 8) fail("hardly any zombies");
    while (wait(0) > 0) count--;
    if (count) fail("zombies are lost");
    // There is room again.
    pid_t child = fork();
    if (child == 0) _exit(7);
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child || WEXITSTATUS(status) != 7) fail("no room after the zombies");
}
// A child takes all memory; the parent, which has a little, lives on.
static void allocations(void) {
    char *own = malloc(4 << 20);
    memset(own, 3, 4 << 20);
    for (int round = 0; round < 3; round++) {
        pid_t child = fork();
        if (child == 0)
            for (;;) {
                char *place = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                if (place == MAP_FAILED) _exit(1);
                memset(place, 1, 1 << 20);
            }
        int status = 0;
        if (child < 0 || waitpid(child, &status, 0) != child) fail("no child");
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) fail("the child should have been killed");
        for (long i = 0; i < 4 << 20; i++) if (own[i] != 3) fail("the parent's memory");
    }
}
// Memory that is handed out early, and touched only after other memory has been.
static void late_touch(void) {
    enum { count = 6, size = 8 << 20 };
    char *places[count];
    for (int i = 0; i < count; i++) places[i] = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    static char block[1 << 16];
    memset(block, 5, sizeof block);
    int file = open("/tmp/filled", O_RDWR | O_CREAT, 0600);
    while (write(file, block, sizeof block) > 0) {}
    for (int i = 0; i < count; i++) memset(places[i], 7, size);
}
// Descriptors in many processes.
static void leaks(void) {
    for (int i = 0; i < 32; i++) {
        if (fork() == 0) {
            int count = 0;
            while (dup(1) >= 0) count++;
            if (errno != EMFILE && errno != ENOMEM) fail("EMFILE expected");
            pause();
        }
    }
    sleep(1);
}
static void *spin(void *unused) {
    for (;;) {}
    return unused;
}
static void spins(void) {
    pthread_t thread;
    for (int i = 0; i < 3; i++) if (fork() == 0) break;
    for (int i = 0; i < 3; i++) pthread_create(&thread, 0, spin, 0);
    spin(0);
}
// Processes blocked in one way each.
static void blocked(void) {
    int pair[2];
    pipe(pair);
    for (int i = 0; i < 8; i++) {
        if (fork() != 0) continue;
        signal(SIGTERM, SIG_IGN);
        char byte;
        sigset_t all;
        sigfillset(&all);
        uint32_t word = 0;
        switch (i) {
        case 0: read(pair[0], &byte, 1);
        case 1: for (;;) pause();
        case 2: raise(SIGSTOP);
        case 3: syscall(SYS_futex, &word, 0, 0, 0, 0, 0);
        case 4: sigwaitinfo(&all, 0);
        case 5: if (vfork() == 0) for (;;) pause();
        case 6: sleep(1000);
        default: for (;;) waitpid(-1, 0, 0), sched_yield();
        }
    }
    for (;;) pause();
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "forks";
    if (!strcmp(what, "forks")) forks();
    if (!strcmp(what, "threads")) make_threads(0);
    if (!strcmp(what, "zombies")) zombies();
    if (!strcmp(what, "allocations")) allocations();
    if (!strcmp(what, "late")) late_touch();
    if (!strcmp(what, "leaks")) leaks();
    if (!strcmp(what, "spins")) spins();
    if (!strcmp(what, "blocked")) blocked();
    _exit(0);
}
