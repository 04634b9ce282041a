// poll, ppoll, select and pselect.
#include "probe.h"
#include <sys/eventfd.h>
#include <sys/select.h>

static int ends[2];
static volatile int handled;
static void handler(int number) { handled = number; }

static void *late(void *target) {
    sleep_ms(20);
    if (target) pthread_kill(*(pthread_t *)target, SIGUSR1);
    else write(ends[1], "x", 1);
    return NULL;
}

static long poll_one(int fd, short events, int timeout) {
    struct pollfd p = {fd, events, 0x7fff};
    long result = poll(&p, 1, timeout);
    printf("  revents %#x\n", p.revents);
    return result;
}

int main(void) {
    pthread_t thread, self = pthread_self();
    char text[8];
    pipe(ends);
    section("poll");
    CALL(poll_one(ends[0], POLLIN, 0));
    CALL(poll_one(ends[1], POLLOUT | POLLIN, 0));
    CALL(poll_one(-1, POLLIN, 0));
    CALL(poll_one(99, POLLIN, 0));
    CALL(poll_one(ends[0], POLLIN, 5));
    pthread_create(&thread, NULL, late, NULL);
    CALL(poll_one(ends[0], POLLIN | POLLRDNORM, -1));
    pthread_join(thread, NULL);
    CALL(poll(NULL, 0, 1));
    CALL(poll((struct pollfd *)8, 1, 0));
    CALL(poll((struct pollfd *)8, 1 << 30, 0));
    int file = open("f", O_CREAT | O_RDWR, 0600);
    CALL(poll_one(file, POLLIN | POLLOUT | POLLPRI, -1));
    CALL(poll_one(open("/dev/null", O_RDWR), POLLIN | POLLOUT, -1));
    CALL(poll_one(open("/dev/zero", O_RDWR), POLLIN | POLLOUT, -1));
    int two[2];
    pipe(two);
    struct pollfd several[3] = {{ends[0], POLLIN, 0}, {two[0], POLLIN, 0}, {two[1], POLLOUT, 0}};
    CALL(poll(several, 3, -1));
    for (int i = 0; i < 3; i++) SHOW(several[i].revents);
    close(two[1]);
    CALL(poll_one(two[0], 0, -1));
    CALL(read(ends[0], text, 8));
    pipe(two);
    close(two[0]);
    CALL(poll_one(two[1], POLLOUT, -1));
    section("select");
    fd_set r, w, e;
    FD_ZERO(&r);
    FD_ZERO(&w);
    FD_ZERO(&e);
    FD_SET(ends[0], &r);
    FD_SET(ends[1], &w);
    struct timeval t = {1, 0};
    CALL(select(ends[1] + 1, &r, &w, &e, &t));
    TRUTH(FD_ISSET(ends[0], &r));
    TRUTH(FD_ISSET(ends[1], &w));
    TRUTH(t.tv_sec == 0 || t.tv_sec == 1);
    FD_ZERO(&r);
    FD_SET(ends[0], &r);
    t = (struct timeval){0, 2000};
    CALL(select(ends[0] + 1, &r, NULL, NULL, &t));
    SHOW(t.tv_sec * 1000000 + t.tv_usec);
    TRUTH(FD_ISSET(ends[0], &r));
    CALL(select(-1, NULL, NULL, NULL, &t));
    t = (struct timeval){-1, 0};
    CALL(select(0, NULL, NULL, NULL, &t));
    FD_ZERO(&r);
    FD_SET(60, &r);
    t = (struct timeval){0, 0};
    CALL(select(61, &r, NULL, NULL, &t));
    section("interrupted");
    signal(SIGUSR1, handler);
    pthread_create(&thread, NULL, late, &self);
    CALL(poll_one(ends[0], POLLIN, -1));
    SHOW(handled);
    pthread_join(thread, NULL);
    section("masks");
    sigset_t blocked, open_;
    sigemptyset(&open_);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &blocked, NULL);
    handled = 0;
    pthread_kill(self, SIGUSR1);
    struct pollfd p = {ends[0], POLLIN, 0};
    struct timespec none = {0, 0}, second = {1, 0};
    CALL(ppoll(&p, 1, &none, NULL));
    SHOW(handled);
    CALL(ppoll(&p, 1, &second, &open_));
    SHOW(handled);
    handled = 0;
    pthread_kill(self, SIGUSR1);
    FD_ZERO(&r);
    CALL(pselect(0, NULL, NULL, NULL, &second, &open_));
    SHOW(handled);
    sigset_t now;
    pthread_sigmask(SIG_BLOCK, NULL, &now);
    TRUTH(sigismember(&now, SIGUSR1));
    none.tv_nsec = -1;
    CALL(ppoll(&p, 1, &none, NULL));
    return 0;
}
