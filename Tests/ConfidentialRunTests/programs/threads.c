// Threads, a pipe and a child: what needs the scheduler.
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long sum;

static void *add(void *first) {
    for (long number = (long)first; number < 40000; number += 4) {
        pthread_mutex_lock(&lock);
        sum += number;
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

int main(void) {
    pthread_t threads[4];
    int ends[2];
    char text[64] = {0};
    for (long index = 0; index < 4; index++) pthread_create(&threads[index], NULL, add, (void *)index);
    for (int index = 0; index < 4; index++) pthread_join(threads[index], NULL);
    printf("sum %ld\n", sum);
    fflush(stdout);
    pipe(ends);
    if (fork() == 0) {
        dprintf(ends[1], "the child is %s", getppid() > 0 ? "somebody's" : "nobody's");
        _exit(7);
    }
    int status;
    wait(&status);
    printf("%zd bytes, %s, status %d\n", read(ends[0], text, sizeof text), text, WEXITSTATUS(status));
    // Nobody gives up the processor by itself: it is taken.
    if (fork() == 0)
        for (volatile long forever = 0;; forever++) {}
    for (int turn = 0; turn < 3; turn++) usleep(1000);
    puts("time was shared");
    return 0;
}
