// Record locks of open file descriptions between threads, process locks, and flock.
#include "probe.h"
#include <sys/file.h>

static struct flock range(short type, off_t start, off_t length) { return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length}; }

static long ofd(int fd, int command, short type, off_t start, off_t length) {
    struct flock lock = range(type, start, length);
    long result = fcntl(fd, command, &lock);
    if (command == F_OFD_GETLK && result == 0) printf("  type %d start %ld length %ld pid %d\n", lock.l_type, (long)lock.l_start, (long)lock.l_len, lock.l_pid);
    return result;
}

static int second;
static pthread_barrier_t barrier;

static void *waiter(void *unused) {
    (void)unused;
    pthread_barrier_wait(&barrier);
    return (void *)ofd(second, F_OFD_SETLKW, F_WRLCK, 0, 10);
}

static void *flocker(void *unused) {
    (void)unused;
    pthread_barrier_wait(&barrier);
    return (void *)(long)flock(second, LOCK_EX);
}

int main(void) {
    int first = open("f", O_CREAT | O_RDWR, 0600);
    second = open("f", O_RDWR);
    write(first, "0123456789", 10);
    pthread_t thread;
    void *result;
    pthread_barrier_init(&barrier, NULL, 2);
    section("open file description locks");
    CALL(ofd(first, F_OFD_SETLK, F_WRLCK, 0, 10));
    CALL(ofd(second, F_OFD_SETLK, F_WRLCK, 5, 1));
    CALL(ofd(second, F_OFD_SETLK, F_RDLCK, 9, 0));
    CALL(ofd(second, F_OFD_SETLK, F_RDLCK, 10, 0));
    CALL(ofd(second, F_OFD_GETLK, F_WRLCK, 3, 1));
    CALL(ofd(first, F_OFD_GETLK, F_WRLCK, 0, 0));
    CALL(ofd(first, F_OFD_SETLK, F_UNLCK, 3, 4));
    CALL(ofd(second, F_OFD_SETLK, F_WRLCK, 3, 4));
    CALL(ofd(second, F_OFD_SETLK, F_UNLCK, 0, 0));
    CALL(ofd(second, F_OFD_GETLK, F_RDLCK, 5, 0));
    CALL(ofd(first, F_OFD_SETLK, F_RDLCK, 0, 10));
    CALL(ofd(second, F_OFD_SETLK, F_RDLCK, 0, 10));
    CALL(ofd(first, F_OFD_SETLK, F_WRLCK, 0, 10));
    CALL(ofd(second, F_OFD_SETLK, F_UNLCK, 0, 0));
    section("a waiter gets the lock");
    CALL(ofd(first, F_OFD_SETLK, F_WRLCK, 0, 10));
    pthread_create(&thread, NULL, waiter, NULL);
    pthread_barrier_wait(&barrier);
    sleep_ms(20);
    CALL(ofd(first, F_OFD_SETLK, F_UNLCK, 0, 0));
    pthread_join(thread, &result);
    SHOW((long)result);
    CALL(ofd(first, F_OFD_SETLK, F_RDLCK, 0, 1));
    CALL(close(second));
    CALL(ofd(first, F_OFD_SETLK, F_RDLCK, 0, 1));
    second = open("f", O_RDWR);
    section("process locks never conflict with their own process, but with descriptions");
    struct flock lock = range(F_WRLCK, 0, 0);
    CALL(fcntl(second, F_SETLK, &lock));
    CALL(ofd(first, F_OFD_SETLK, F_UNLCK, 0, 0));
    CALL(fcntl(second, F_SETLK, &lock));
    CALL(fcntl(first, F_SETLK, &lock));
    CALL(ofd(first, F_OFD_SETLK, F_WRLCK, 0, 1));
    CALL(close(dup(second)));
    CALL(ofd(first, F_OFD_SETLK, F_WRLCK, 0, 1));
    lock = range(99, 0, 0);
    CALL(fcntl(first, F_SETLK, &lock));
    lock = range(F_RDLCK, -5, 0);
    CALL(fcntl(first, F_SETLK, &lock));
    lock = (struct flock){.l_type = F_RDLCK, .l_whence = SEEK_END, .l_start = -2, .l_len = -3};
    CALL(fcntl(second, F_GETLK, &lock));
    int readonly = open("f", O_RDONLY);
    lock = range(F_WRLCK, 0, 0);
    CALL(fcntl(readonly, F_SETLK, &lock));
    lock = range(F_RDLCK, 0, 0);
    lock.l_pid = 7;
    CALL(fcntl(readonly, F_OFD_SETLK, &lock));
    CALL(ofd(first, F_OFD_SETLK, F_UNLCK, 0, 0));
    section("flock");
    CALL(flock(first, LOCK_SH));
    CALL(flock(second, LOCK_SH | LOCK_NB));
    CALL(flock(first, LOCK_EX | LOCK_NB));
    CALL(flock(second, LOCK_UN));
    CALL(flock(first, LOCK_EX | LOCK_NB));
    CALL(flock(second, LOCK_EX | LOCK_NB));
    CALL(flock(second, 64));
    pthread_create(&thread, NULL, flocker, NULL);
    pthread_barrier_wait(&barrier);
    sleep_ms(20);
    CALL(close(first));
    pthread_join(thread, &result);
    SHOW((long)result);
    return 0;
}
