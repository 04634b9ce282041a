// Threads: creation and ends, mutexes, condition variables, robust and recursive mutexes, barriers, cancellation, thread-local storage, raw futexes.
#include "probe.h"
#include <linux/futex.h>
#include <sys/prctl.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static long counter;
static __thread long local = 5;
static __thread char big_local[10000];
static pthread_key_t key;
static int destroyed;

static void *count_up(void *unused) {
    (void)unused;
    for (int i = 0; i < 5000; i++) {
        pthread_mutex_lock(&mutex);
        counter++;
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}
static void *own(void *number) {
    local += (long)number;
    memset(big_local, 1, sizeof big_local);
    pthread_setspecific(key, number);
    return (void *)local;
}
static void destroy(void *unused) {
    (void)unused;
    __atomic_add_fetch(&destroyed, 1, __ATOMIC_SEQ_CST);
}
static int turn;
static void *player(void *number) {
    for (int i = 0; i < 300; i++) {
        pthread_mutex_lock(&mutex);
        while (turn % 3 != (int)(long)number) pthread_cond_wait(&condition, &mutex);
        turn++;
        pthread_cond_broadcast(&condition);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}
static pthread_mutex_t robust;
static void *die_with_lock(void *unused) {
    (void)unused;
    pthread_mutex_lock(&robust);
    return NULL;
}
static int cleaned;
static void cleanup(void *unused) { (void)unused, cleaned++; }
static void *sleeper(void *unused) {
    (void)unused;
    pthread_cleanup_push(cleanup, NULL);
    for (;;) sleep_ms(1000);
    pthread_cleanup_pop(0);
    return NULL;
}
static pthread_barrier_t barrier;
static void *meet(void *unused) {
    (void)unused;
    return (void *)(long)pthread_barrier_wait(&barrier);
}
static uint32_t word;
static long futex(int operation, uint32_t value, void *timeout) { return syscall(SYS_futex, &word, operation, value, timeout, NULL, 0); }
static void *futex_waiter(void *unused) {
    (void)unused;
    return (void *)syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}
static void *names(void *unused) {
    (void)unused;
    char name[16];
    prctl(PR_SET_NAME, "a name that is too long");
    prctl(PR_GET_NAME, name);
    puts(name);
    return NULL;
}

int main(void) {
    pthread_t threads[64];
    void *result;
    section("counting under a mutex");
    for (int i = 0; i < 4; i++) CALL(pthread_create(&threads[i], NULL, count_up, NULL));
    for (int i = 0; i < 4; i++) CALL(pthread_join(threads[i], NULL));
    SHOW(counter);
    section("thread-local storage");
    pthread_key_create(&key, destroy);
    for (long i = 1; i <= 3; i++) {
        pthread_create(&threads[0], NULL, own, (void *)i);
        pthread_join(threads[0], &result);
        SHOW((long)result);
    }
    SHOW(local);
    SHOW(destroyed);
    section("taking turns");
    for (long i = 0; i < 3; i++) pthread_create(&threads[i], NULL, player, (void *)i);
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    SHOW(turn);
    struct timespec past;
    clock_gettime(CLOCK_REALTIME, &past);
    past.tv_nsec += 2000000;
    if (past.tv_nsec >= 1000000000) past.tv_nsec -= 1000000000, past.tv_sec++;
    pthread_mutex_lock(&mutex);
    printf("%s\n", error_name(pthread_cond_timedwait(&condition, &mutex, &past)));
    pthread_mutex_unlock(&mutex);
    section("kinds of mutex");
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&robust, &attributes);
    pthread_create(&threads[0], NULL, die_with_lock, NULL);
    pthread_join(threads[0], NULL);
    printf("%s\n", error_name(pthread_mutex_lock(&robust)));
    CALL(pthread_mutex_consistent(&robust));
    CALL(pthread_mutex_unlock(&robust));
    CALL(pthread_mutex_lock(&robust));
    CALL(pthread_mutex_unlock(&robust));
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_t checked;
    pthread_mutex_init(&checked, &attributes);
    pthread_mutex_lock(&checked);
    printf("%s\n", error_name(pthread_mutex_lock(&checked)));
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
    pthread_mutex_t inheriting;
    CALL(pthread_mutex_init(&inheriting, &attributes));
    CALL(pthread_mutex_lock(&inheriting));
    CALL(pthread_mutex_unlock(&inheriting));
    section("cancellation");
    pthread_create(&threads[0], NULL, sleeper, NULL);
    sleep_ms(10);
    CALL(pthread_cancel(threads[0]));
    pthread_join(threads[0], &result);
    TRUTH(result == PTHREAD_CANCELED);
    SHOW(cleaned);
    section("barrier");
    pthread_barrier_init(&barrier, NULL, 5);
    long serial = 0;
    for (int i = 0; i < 5; i++) pthread_create(&threads[i], NULL, meet, NULL);
    for (int i = 0; i < 5; i++) {
        pthread_join(threads[i], &result);
        serial += (long)result == PTHREAD_BARRIER_SERIAL_THREAD;
    }
    SHOW(serial);
    section("futexes");
    word = 1;
    CALL(futex(FUTEX_WAIT_PRIVATE, 0, NULL));
    struct timespec little = {0, 2000000}, bad = {0, -1};
    CALL(futex(FUTEX_WAIT_PRIVATE, 1, &little));
    CALL(futex(FUTEX_WAIT_PRIVATE, 1, &bad));
    CALL(futex(FUTEX_WAKE_PRIVATE, 1, NULL));
    CALL(futex(99, 1, NULL));
    CALL(syscall(SYS_futex, (char *)&word + 1, FUTEX_WAIT, 0, NULL, NULL, 0));
    CALL(syscall(SYS_futex, 8, FUTEX_WAIT, 0, NULL, NULL, 0));
    word = 0;
    for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, futex_waiter, NULL);
    sleep_ms(20);
    CALL(futex(FUTEX_WAKE_PRIVATE, 1, NULL));
    CALL(futex(FUTEX_WAKE_PRIVATE, 100, NULL));
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    uint32_t other = 0;
    for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, futex_waiter, NULL);
    sleep_ms(20);
    CALL(syscall(SYS_futex, &word, FUTEX_CMP_REQUEUE_PRIVATE, 1, 10L, &other, 1));
    CALL(syscall(SYS_futex, &word, FUTEX_CMP_REQUEUE_PRIVATE, 1, 10L, &other, 0));
    CALL(syscall(SYS_futex, &other, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0));
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    section("many");
    int made = 0;
    for (int i = 0; i < 64; i++) made += pthread_create(&threads[i], NULL, own, (void *)1) == 0;
    for (int i = 0; i < 64; i++) pthread_join(threads[i], NULL);
    SHOW(made);
    SHOW(destroyed);
    pthread_create(&threads[0], NULL, names, NULL);
    pthread_join(threads[0], NULL);
    section("the main thread ends first");
    fflush(stdout);
    pthread_create(&threads[0], NULL, names, NULL);
    pthread_detach(threads[0]);
    pthread_exit(NULL);
}
