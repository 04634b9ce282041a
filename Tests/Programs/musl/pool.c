// What musl does differently from glibc: its own threads, stacks, stdio and allocator.
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int next_job, done;
static long total;
static __thread int local;

static void *worker(void *unused) {
    for (;;) {
        pthread_mutex_lock(&mutex);
        int job = next_job < 200 ? next_job++ : -1;
        pthread_mutex_unlock(&mutex);
        if (job < 0) break;
        char *memory = malloc(1000 * job + 1);
        memset(memory, job, 1000 * job + 1);
        local += memory[job];
        free(memory);
        pthread_mutex_lock(&mutex);
        total += job;
        pthread_mutex_unlock(&mutex);
    }
    pthread_mutex_lock(&mutex);
    done++;
    pthread_cond_signal(&condition);
    pthread_mutex_unlock(&mutex);
    return unused;
}
static void handler(int number) { printf("signal %d\n", number); }

int main(int argc, char **argv) {
    pthread_t threads[4];
    printf("hello from musl, %d arguments, last \"%s\"\n", argc, argv[argc - 1]);
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, worker, NULL);
    pthread_mutex_lock(&mutex);
    while (done < 4) pthread_cond_wait(&condition, &mutex);
    pthread_mutex_unlock(&mutex);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    printf("total %ld\n", total);
    signal(SIGUSR1, handler);
    raise(SIGUSR1);
    FILE *file = fopen("file", "w+");
    fprintf(file, "%s %d\n", "text", 42);
    rewind(file);
    char text[20];
    fgets(text, sizeof text, file);
    printf("%s", text);
    struct stat s;
    printf("%d %s\n", stat("absent", &s), strerror(errno));
    return 5;
}
