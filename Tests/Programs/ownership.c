// Futexes with an owner (FUTEX_LOCK_PI): circles of waiters, and what becomes of a word whose owner ends.
#include "probe.h"
#include <linux/futex.h>
#include <sys/wait.h>

static uint32_t *words;
static int go[2];

static long futex(uint32_t *word, int operation) { return syscall(SYS_futex, word, operation, 0, NULL, NULL, 0); }
static long lock(int index) { return futex(words + index, FUTEX_LOCK_PI); }
static long unlock(int index) { return futex(words + index, FUTEX_UNLOCK_PI); }

static void show(int index) {
    uint32_t word = words[index];
    printf("  word %d: %s%s%s\n", index, (word & FUTEX_TID_MASK) == 0 ? "free" : (word & FUTEX_TID_MASK) == (uint32_t)gettid() ? "own" : "another's",
        word & FUTEX_WAITERS ? ", waiters" : "", word & FUTEX_OWNER_DIED ? ", owner died" : "");
}

// Each of a circle of threads owns a word and wants that of the next; the last one to ask closes it.
static int members;
static void *member(void *argument) {
    int index = (int)(long)argument;
    lock(index);
    // One after another.
    sleep_ms(80 * (index + 1));
    errno = 0;
    long result = lock((index + 1) % members);
    printf("%d of %d: %s\n", index, members, result == 0 ? "locked" : error_name(errno));
    if (result == 0) unlock((index + 1) % members);
    unlock(index);
    return NULL;
}
static void circle(int count) {
    pthread_t threads[4];
    members = count;
    printf("a circle of %d\n", count);
    for (long i = 0; i < count; i++) pthread_create(&threads[i], NULL, member, (void *)i);
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
}

static void *own_and_end(void *argument) {
    lock((int)(long)argument);
    write(go[1], "x", 1);
    sleep_ms(150);
    return NULL;
}

static void owner_thread_ends(void) {
    pthread_t thread;
    char text;
    section("the owner, a thread, ends");
    pthread_create(&thread, NULL, own_and_end, (void *)0);
    read(go[0], &text, 1);
    CALL(futex(words, FUTEX_TRYLOCK_PI));
    CALL(lock(0));
    show(0);
    pthread_join(thread, NULL);
    CALL(unlock(0));
    show(0);
}

static pid_t owner_process(int index, bool waits_to_be_killed) {
    char text;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        lock(index);
        write(go[1], "x", 1);
        if (waits_to_be_killed) pause();
        sleep_ms(150);
        _exit(0);
    }
    read(go[0], &text, 1);
    return child;
}

static void owner_process_ends(void) {
    section("the owner, a process, ends");
    pid_t child = owner_process(1, false);
    CALL(lock(1));
    show(1);
    waitpid(child, NULL, 0);
    CALL(unlock(1));
    show(1);
    section("the owner is killed");
    child = owner_process(2, true);
    fflush(stdout);
    pid_t killer = fork();
    if (killer == 0) {
        sleep_ms(100);
        kill(child, SIGKILL);
        _exit(0);
    }
    CALL(lock(2));
    show(2);
    waitpid(child, NULL, 0);
    waitpid(killer, NULL, 0);
    CALL(unlock(2));
    section("the owner has ended before");
    child = owner_process(3, false);
    waitpid(child, NULL, 0);
    CALL(lock(3));
    TRUTH((words[3] & FUTEX_TID_MASK) == (uint32_t)child);
}

static void handed_on(void) {
    section("several processes wait for an owner that ends");
    words[4] = 0;
    pid_t children[3];
    pid_t owner = owner_process(4, false);
    for (int i = 0; i < 3; i++) {
        fflush(stdout);
        children[i] = fork();
        if (children[i] == 0) {
            long result = lock(4);
            printf("waiter %d: %ld%s\n", i, result, (words[4] & FUTEX_TID_MASK) == (uint32_t)gettid() ? ", owns it" : "");
            fflush(stdout);
            sleep_ms(20);
            // The last one leaves it by ending, which nobody waits for.
            if (i < 2) unlock(4);
            _exit(0);
        }
        sleep_ms(20);
    }
    waitpid(owner, NULL, 0);
    for (int i = 0; i < 3; i++) waitpid(children[i], NULL, 0);
    TRUTH((words[4] & FUTEX_TID_MASK) == (uint32_t)children[2]);
}

int main(void) {
    words = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pipe(go);
    section("circles");
    CALL(lock(0));
    CALL(lock(0));
    CALL(futex(words, FUTEX_TRYLOCK_PI));
    CALL(unlock(0));
    circle(2);
    circle(3);
    memset(words, 0, 4096);
    owner_thread_ends();
    owner_process_ends();
    handed_on();
    return 0;
}
