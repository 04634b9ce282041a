// eventfd, timerfd, signalfd.
#include "probe.h"
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

static int event;
static void *late(void *unused) {
    (void)unused;
    sleep_ms(20);
    eventfd_write(event, 7);
    return NULL;
}
static long revents(int fd) {
    struct pollfd p = {fd, POLLIN | POLLOUT, 0};
    poll(&p, 1, 0);
    return p.revents;
}

int main(void) {
    uint64_t value = 0;
    pthread_t thread;
    section("eventfd");
    event = eventfd(3, 0);
    SHOW(revents(event));
    CALL(read(event, &value, 8));
    SHOW(value);
    pthread_create(&thread, NULL, late, NULL);
    CALL(read(event, &value, 8));
    SHOW(value);
    pthread_join(thread, NULL);
    fcntl(event, F_SETFL, O_NONBLOCK);
    CALL(read(event, &value, 8));
    CALL(read(event, &value, 4));
    value = UINT64_MAX;
    CALL(write(event, &value, 8));
    value = UINT64_MAX - 1;
    CALL(write(event, &value, 8));
    SHOW(revents(event));
    value = 1;
    CALL(write(event, &value, 8));
    CALL(write(event, &value, 7));
    CALL(read(event, &value, 8));
    TRUTH(value == UINT64_MAX - 1);
    int semaphore = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
    CALL(read(semaphore, &value, 8));
    SHOW(value);
    CALL(read(semaphore, &value, 8));
    CALL(read(semaphore, &value, 8));
    CALL(eventfd(0, 0x10));
    CALL(lseek(event, 0, SEEK_SET));
    section("timerfd");
    int timer = CALL(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK) >= 0);
    timer = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec set = {{0, 0}, {0, 250000000}}, old;
    CALL(timerfd_settime(timer, 0, &set, NULL));
    SHOW(revents(timer));
    CALL(read(timer, &value, 8));
    SHOW(value);
    CALL(timerfd_gettime(timer, &old));
    SHOW(old.it_value.tv_nsec + old.it_value.tv_sec);
    set = (struct itimerspec){{0, 1000000}, {0, 1000000}};
    CALL(timerfd_settime(timer, 0, &set, NULL));
    sleep_ms(15);
    CALL(read(timer, &value, 8));
    TRUTH(value >= 10);
    CALL(timerfd_gettime(timer, &old));
    SHOW(old.it_interval.tv_nsec);
    TRUTH(old.it_value.tv_nsec <= 1000000);
    set = (struct itimerspec){{0, 0}, {0, 0}};
    CALL(timerfd_settime(timer, 0, &set, &old));
    SHOW(old.it_interval.tv_nsec);
    fcntl(timer, F_SETFL, O_NONBLOCK);
    CALL(read(timer, &value, 8));
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    set.it_value = now;
    CALL(timerfd_settime(timer, TFD_TIMER_ABSTIME, &set, NULL));
    sleep_ms(1);
    CALL(read(timer, &value, 8));
    set.it_value.tv_nsec = 1000000000;
    CALL(timerfd_settime(timer, 0, &set, NULL));
    CALL(timerfd_settime(event, 0, &set, NULL));
    CALL(timerfd_create(99, 0));
    CALL(write(timer, &value, 8));
    section("signalfd");
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigaddset(&mask, SIGRTMIN + 1);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    int fd = signalfd(-1, &mask, SFD_NONBLOCK);
    struct signalfd_siginfo info[4];
    CALL(read(fd, info, sizeof info));
    SHOW(revents(fd));
    raise(SIGUSR1);
    raise(SIGUSR1);
    for (int i = 1; i <= 2; i++) sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = i * 11});
    SHOW(revents(fd));
    CALL(read(fd, info, 100));
    long count = CALL(read(fd, info, sizeof info));
    for (long i = 0; i < count / 128; i++) printf("  signal %u code %d value %d own %d\n", info[i].ssi_signo, info[i].ssi_code, info[i].ssi_int, info[i].ssi_pid == (unsigned)getpid());
    sigdelset(&mask, SIGUSR1);
    CALL(signalfd(fd, &mask, 0) == fd);
    raise(SIGUSR1);
    CALL(read(fd, info, sizeof info));
    CALL(signalfd(event, &mask, 0));
    CALL(signalfd(-1, &mask, 0x123));
    return 0;
}
