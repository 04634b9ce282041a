// More processes one after the other than a virtual machine has virtual processors, and many threads and processes at once. Arguments: forks, threads.
#include "hostile.h"

#include <sys/wait.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int here, wanted, released;

static void *waits(void *unused) {
    pthread_mutex_lock(&mutex);
    here++;
    pthread_cond_broadcast(&changed);
    while (!released) pthread_cond_wait(&changed, &mutex);
    here--;
    pthread_mutex_unlock(&mutex);
    return 0;
}

static void all_at_once(int count) {
    pthread_t *threads = calloc(count, sizeof *threads);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 64 << 10);
    released = 0;
    for (int i = 0; i < count; i++) if (pthread_create(&threads[i], &attributes, waits, 0) != 0) fail("pthread_create");
    pthread_mutex_lock(&mutex);
    while (here < count) pthread_cond_wait(&changed, &mutex);
    released = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
    for (int i = 0; i < count; i++) pthread_join(threads[i], 0);
    if (here != 0) fail("a thread is missing");
    free(threads);
}

static void processes(int count) {
    int ends[2];
    if (pipe(ends) != 0) fail("pipe");
    for (int i = 0; i < count; i++) {
        pid_t made = fork();
        if (made < 0) fail("fork");
        if (made == 0) {
            char byte;
            close(ends[1]);
            _exit(read(ends[0], &byte, 1) == 0 ? 5 : 6);
        }
    }
    close(ends[1]);
    for (int i = 0; i < count; i++) {
        int status;
        if (waitpid(-1, &status, 0) < 0 || status != 5 << 8) fail("a process ended otherwise");
    }
    close(ends[0]);
}

int main(int argc, char **argv) {
    int forks = argc > 1 ? atoi(argv[1]) : 10000, threads = argc > 2 ? atoi(argv[2]) : 500;
    for (int i = 0; i < forks; i++) {
        int status;
        pid_t made = fork();
        if (made < 0) fail("fork");
        if (made == 0) _exit(i & 127);
        if (waitpid(made, &status, 0) != made || status != (i & 127) << 8) fail("wait");
    }
    all_at_once(threads);
    processes(100);
    all_at_once(threads);
    _exit(0);
}
