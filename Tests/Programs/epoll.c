// epoll: level and edge triggered, one shot, nesting, errors.
#include "probe.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>

static int ep;
static long wait_(int timeout) {
    struct epoll_event events[8];
    long count = epoll_wait(ep, events, 8, timeout);
    int saved = errno;
    for (long i = 0; i < count; i++) printf("  %#x data %lu\n", events[i].events, (unsigned long)events[i].data.u64);
    errno = saved;
    return count;
}
static long control(int operation, int fd, uint32_t events, uint64_t data) {
    struct epoll_event event = {.events = events, .data.u64 = data};
    return epoll_ctl(ep, operation, fd, &event);
}
static int ends[2];
static void *late(void *unused) {
    (void)unused;
    sleep_ms(20);
    write(ends[1], "x", 1);
    return NULL;
}

int main(void) {
    char text[16];
    pthread_t thread;
    ep = CALL(epoll_create1(EPOLL_CLOEXEC));
    CALL(epoll_create(0));
    CALL(epoll_create1(1));
    pipe(ends);
    section("level");
    CALL(control(EPOLL_CTL_ADD, ends[0], EPOLLIN, 1));
    CALL(control(EPOLL_CTL_ADD, ends[0], EPOLLIN, 1));
    CALL(wait_(0));
    write(ends[1], "abc", 3);
    CALL(wait_(-1));
    CALL(wait_(-1));
    read(ends[0], text, 16);
    CALL(wait_(0));
    pthread_create(&thread, NULL, late, NULL);
    CALL(wait_(-1));
    pthread_join(thread, NULL);
    CALL(wait_(3));
    section("edge");
    CALL(control(EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLET, 2));
    CALL(wait_(0));
    CALL(wait_(0));
    write(ends[1], "y", 1);
    CALL(wait_(0));
    CALL(wait_(0));
    read(ends[0], text, 1);
    CALL(wait_(0));
    read(ends[0], text, 16);
    write(ends[1], "z", 1);
    read(ends[0], text, 16);
    CALL(wait_(0));
    section("one shot");
    CALL(control(EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLONESHOT, 3));
    write(ends[1], "1", 1);
    CALL(wait_(0));
    write(ends[1], "2", 1);
    CALL(wait_(0));
    CALL(control(EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLONESHOT, 4));
    CALL(wait_(0));
    CALL(wait_(0));
    section("two descriptors");
    int event = eventfd(0, EFD_NONBLOCK);
    CALL(control(EPOLL_CTL_MOD, ends[0], EPOLLIN, 5));
    CALL(control(EPOLL_CTL_ADD, event, EPOLLIN | EPOLLOUT | EPOLLET, 6));
    CALL(wait_(0));
    CALL(wait_(0));
    eventfd_write(event, 1);
    struct epoll_event one;
    for (int i = 0, seen = 0; i < 2; i++) {
        CALL(epoll_wait(ep, &one, 1, 0));
        seen |= 1 << one.data.u64;
        if (i) SHOW(seen);
    }
    section("removal");
    CALL(control(EPOLL_CTL_DEL, event, 0, 0));
    CALL(control(EPOLL_CTL_DEL, event, 0, 0));
    CALL(control(EPOLL_CTL_MOD, event, EPOLLIN, 0));
    int copy = dup(ends[0]);
    CALL(control(EPOLL_CTL_ADD, copy, EPOLLIN, 7));
    close(copy);
    CALL(wait_(0));
    close(ends[0]);
    CALL(wait_(0));
    section("errors");
    CALL(control(EPOLL_CTL_ADD, ep, EPOLLIN, 0));
    CALL(control(EPOLL_CTL_ADD, 99, EPOLLIN, 0));
    CALL(control(77, ends[1], EPOLLIN, 0));
    int file = open("f", O_CREAT | O_RDWR, 0600);
    CALL(control(EPOLL_CTL_ADD, file, EPOLLIN, 0));
    CALL(epoll_ctl(file, EPOLL_CTL_ADD, ends[1], &one));
    CALL(epoll_ctl(ep, EPOLL_CTL_ADD, ends[1], (void *)8));
    CALL(epoll_wait(ep, &one, 0, 0));
    CALL(epoll_wait(ep, (void *)8, 1, 0));
    CALL(epoll_wait(file, &one, 1, 0));
    section("hang-up");
    pipe(ends);
    CALL(control(EPOLL_CTL_ADD, ends[0], EPOLLIN | EPOLLRDHUP, 8));
    close(ends[1]);
    CALL(wait_(-1));
    close(ends[0]);
    section("nested");
    int inner = epoll_create1(0);
    pipe(ends);
    struct epoll_event want = {.events = EPOLLIN, .data.u64 = 9};
    CALL(epoll_ctl(inner, EPOLL_CTL_ADD, ends[0], &want));
    CALL(control(EPOLL_CTL_ADD, inner, EPOLLIN, 10));
    CALL(wait_(0));
    write(ends[1], "n", 1);
    CALL(wait_(-1));
    CALL(epoll_ctl(inner, EPOLL_CTL_ADD, ep, &want));
    struct pollfd p = {ep, POLLIN, 0};
    CALL(poll(&p, 1, 0));
    SHOW(p.revents);
    section("exclusive");
    int other = eventfd(1, 0);
    CALL(control(EPOLL_CTL_ADD, other, EPOLLIN | EPOLLEXCLUSIVE, 11));
    CALL(control(EPOLL_CTL_MOD, other, EPOLLIN, 11));
    CALL(control(EPOLL_CTL_ADD, ends[1], EPOLLOUT | EPOLLEXCLUSIVE | EPOLLONESHOT, 12));
    return 0;
}
