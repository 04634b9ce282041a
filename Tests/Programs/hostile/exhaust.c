// Takes all there is of one thing. Argument: which.
#include "hostile.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static void memory(void) {
    for (;;) {
        char *place = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (place == MAP_FAILED) _exit(0);
        memset(place, 1, 1 << 20);
    }
}
static void fill(int file) {
    static char block[1 << 16];
    memset(block, 7, sizeof block);
    for (long i = 0; i < 1 << 18; i++) if (write(file, block, sizeof block) <= 0) break;
}
static void pipes(void) {
    for (int i = 0; i < 2000; i++) {
        int pair[2];
        if (pipe2(pair, O_NONBLOCK)) break;
        fcntl(pair[1], F_SETPIPE_SZ, 1 << 20);
        fill(pair[1]);
    }
}
static void sockets(void) {
    for (int i = 0; i < 2000; i++) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair)) break;
        fill(pair[1]);
    }
}
// Sockets sent through each other in cycles and chains, 100,000 descriptors in messages, and ends that close while others send to them.
static int send_descriptor(int through, int fd) {
    char control[CMSG_SPACE(sizeof fd)] = {0};
    struct iovec vector = {"x", 1};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    return sendmsg(through, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}
static int raced[2];
static void *close_and_make(void *unused) {
    (void)unused;
    for (int i = 0; i < 20000; i++) {
        int fresh[2];
        close(raced[i & 1]);
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fresh)) continue;
        raced[i & 1] = fresh[0];
        close(fresh[1]);
    }
    return 0;
}
static void rights(void) {
    for (int i = 0; i < 5000; i++) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) fail("socketpair");
        send_descriptor(pair[0], pair[0]);
        send_descriptor(pair[1], pair[1]);
        close(pair[0]);
        close(pair[1]);
    }
    // A chain: each pair is held only by a message in the next one.
    int before = eventfd(0, 0);
    for (int i = 0; i < 50000; i++) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair)) fail("socketpair");
        send_descriptor(pair[0], before);
        close(before);
        close(pair[0]);
        before = pair[1];
    }
    close(before);
    int many[2];
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, many);
    for (int i = 0; i < 100000; i++) send_descriptor(many[0], many[i & 1]);
    close(many[0]);
    close(many[1]);
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, raced);
    pthread_t thread;
    pthread_create(&thread, 0, close_and_make, 0);
    char text[9];
    for (int i = 0; i < 20000; i++) {
        send_descriptor(raced[i & 1], raced[~i & 1]);
        recv(raced[~i & 1], text, 9, MSG_DONTWAIT);
        struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = {0, 'h'}};
        bind(raced[i & 1], (struct sockaddr *)&name, 4);
        listen(raced[i & 1], 1);
        connect(raced[~i & 1], (struct sockaddr *)&name, 4);
    }
    pthread_join(thread, 0);
}
// Watches and events without end, and instances that nobody closes.
static void watches(void) {
    mkdir("/tmp/w", 0700);
    for (int i = 0; i < 200; i++) {
        int in = inotify_init1(IN_NONBLOCK);
        if (in < 0) break;
        inotify_add_watch(in, "/tmp/w", IN_ALL_EVENTS);
    }
    char name[300];
    memset(name, 'n', sizeof name);
    memcpy(name, "/tmp/w/", 7);
    for (int i = 0; i < 2000; i++) {
        snprintf(name + 200, 20, "%d", i);
        int file = open(name, O_CREAT | O_RDWR, 0600);
        if (file < 0) break;
        close(file);
        rename(name, "/tmp/w/other");
    }
}
static void descriptors(void) {
    int count = 0;
    while (eventfd(0, 0) >= 0) if (++count > 1 << 21) fail("descriptors without end");
    while (dup(1) >= 0) {}
    if (errno != EMFILE) fail("EMFILE expected");
}
static void *wait_for_ever(void *unused) {
    (void)unused;
    for (;;) pause();
}
static void threads(void) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 16384);
    pthread_t thread;
    int count = 0;
    while (pthread_create(&thread, &attributes, wait_for_ever, 0) == 0) if (++count > 20000) fail("threads without end");
}
static void mappings(const char *path) {
    int file = open(path, O_RDONLY);
    if (file < 0) fail(path);
    long count = 0;
    volatile char seen = 0;
    for (int i = 0; i < 60000; i++) {
        char *place = mmap(0, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
        if (place == MAP_FAILED) break;
        seen += place[4096];
        place[0] = 1;
        munmap(place + 4096, 4096);
        count++;
    }
    if (count < 1000) fail("hardly any mappings");
}
static void areas(void) {
    char *place = mmap(0, 1ul << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    for (long at = 0; at < 1l << 30; at += 8192) if (mprotect(place + at, 4096, PROT_NONE)) break;
    mprotect(place, 1ul << 30, PROT_READ | PROT_WRITE);
    mlock(place, 1ul << 28);
    int file = memfd_create("m", 0);
    ftruncate(file, 4096);
    for (long at = 0; at < 1l << 30; at += 16384) if (mmap(place + at, 4096, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED) break;
    munmap(place, 1ul << 29);
}
static void watchers(void) {
    int first = epoll_create1(0);
    for (;;) {
        int nested = epoll_create1(0), file = eventfd(1, 0);
        struct epoll_event event = {.events = EPOLLIN | EPOLLET};
        if (nested < 0 || file < 0) break;
        epoll_ctl(first, EPOLL_CTL_ADD, file, &event);
        epoll_ctl(nested, EPOLL_CTL_ADD, first, &event);
        epoll_ctl(first, EPOLL_CTL_ADD, nested, &event);
    }
}
/// A million mappings of a page each, none beside another, so that every one needs a page table of its own.
static void tables(void) {
    for (unsigned long i = 0; i < 1000000; i++) {
        char *place = mmap((void *)(0x100000000000ul + (i << 21)), 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
        if (place == MAP_FAILED) break;
        *place = 1;
    }
}
/// Files without content.
static void nodes(void) {
    for (int i = 0; i < 1000000; i++) {
        char name[32];
        sprintf(name, "/tmp/n%d", i);
        if (mknod(name, S_IFREG | 0600, 0)) break;
    }
}
/// As many descriptors as root may have.
static void files(void) {
    struct rlimit limit = {1 << 20, 1 << 20};
    setrlimit(RLIMIT_NOFILE, &limit);
    for (int i = 0; i < 1 << 20; i++) if (eventfd(0, 0) < 0) break;
}
/// Terminals with both queues and the line being typed full.
static void terminals(void) {
    static char text[40000];
    memset(text, 1, sizeof text);
    struct rlimit limit = {1 << 20, 1 << 20};
    setrlimit(RLIMIT_NOFILE, &limit);
    for (int i = 0; i < 100000; i++) {
        int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK), unlocked = 0;
        if (master < 0) break;
        ioctl(master, 0x40045431, &unlocked);
        int slave = ioctl(master, 0x5441, O_RDWR | O_NOCTTY | O_NONBLOCK);
        if (slave < 0) break;
        while (write(slave, text, sizeof text) > 0) {}
        // Input that nobody reads is taken for ever, and dropped.
        for (int n = 0; n < 4 && write(master, text, sizeof text) > 0 && i % 2; n++) {}
    }
}
static int deep(volatile char *above) {
    volatile char room[4096];
    room[0] = above[0];
    return deep(room) + room[0];
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "memory";
    if (!strcmp(what, "memory")) memory();
    if (!strcmp(what, "tmpfs")) fill(open("/tmp/full", O_RDWR | O_CREAT, 0600));
    if (!strcmp(what, "memfd")) fill(memfd_create("full", 0));
    if (!strcmp(what, "fallocate")) fallocate(memfd_create("full", 0), 0, 0, 1l << 40);
    if (!strcmp(what, "pipes")) pipes();
    if (!strcmp(what, "sockets")) sockets();
    if (!strcmp(what, "rights")) rights();
    if (!strcmp(what, "watches")) watches();
    if (!strcmp(what, "descriptors")) descriptors();
    if (!strcmp(what, "threads")) threads();
    if (!strcmp(what, "mappings")) mappings(argv[0]);
    if (!strcmp(what, "areas")) areas();
    if (!strcmp(what, "tables")) tables();
    if (!strcmp(what, "nodes")) nodes();
    if (!strcmp(what, "files")) files();
    if (!strcmp(what, "watchers")) watchers();
    if (!strcmp(what, "terminals")) terminals();
    if (!strcmp(what, "stack")) deep("");
    _exit(0);
}
