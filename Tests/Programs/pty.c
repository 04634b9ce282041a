// Pseudo-terminals: their names, what each side sees of the other, packet mode, readiness, and what is refused.
#include "terminal.h"
#include <sys/epoll.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

static void names(void) {
    section("names");
    int master = CALL(posix_openpt(O_RDWR | O_NOCTTY));
    struct stat status;
    fstat(master, &status);
    printf("master %d:%d %o\n", major(status.st_rdev), minor(status.st_rdev), status.st_mode & S_IFMT);
    int number = -1, locked = -1, zero = 0;
    TRY(ioctl(master, TIOCGPTN, &number));
    char name[64], expected[64];
    snprintf(expected, sizeof expected, "/dev/pts/%d", number);
    TRUTH(ptsname_r(master, name, sizeof name) == 0 && strcmp(name, expected) == 0);
    CALL(ioctl(master, TIOCGPTLCK, &locked));
    SHOW(locked);
    CALL(open(name, O_RDWR | O_NOCTTY));
    CALL(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY));
    CALL(ioctl(master, TIOCSPTLCK, &zero));
    int slave = CALL(open(name, O_RDWR | O_NOCTTY));
    fstat(slave, &status);
    TRUTH(major(status.st_rdev) == 136 && minor(status.st_rdev) == (unsigned)number && S_ISCHR(status.st_mode));
    TRUTH(status.st_ino == (unsigned)number + 3);
    TRUTH(status.st_uid == geteuid());
    char found[64];
    TRUTH(ttyname_r(slave, found, sizeof found) == 0 && strcmp(found, name) == 0);
    CALL(isatty(slave));
    CALL(isatty(master));
    CALL(ioctl(slave, TIOCGPTN, &number));
    unsigned device = 0;
    CALL(ioctl(slave, TIOCGDEV, &device));
    TRUTH(device == status.st_rdev);
    struct statfs fs;
    CALL(fstatfs(slave, &fs));
    printf("type %lx\n", (long)fs.f_type);
    CALL(lseek(slave, 0, SEEK_CUR));
    char byte;
    CALL(pread(slave, &byte, 1, 0));
    CALL(fchmod(slave, 0600));
    fstat(slave, &status);
    printf("mode %o\n", status.st_mode & 0777);
    int peer = CALL(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
    TRUTH(ttyname_r(peer, found, sizeof found) == 0 && strcmp(found, name) == 0);
    CALL(fcntl(peer, F_GETFD));
    close(peer);
    CALL(mkdir("/dev/pts/x", 0700));
    CALL(open("/dev/pts/x", O_RDWR | O_CREAT, 0600));
    CALL(unlink(name));
    CALL(open("/dev/pts/99999", O_RDWR | O_NOCTTY));
    close(master);
    CALL(open(name, O_RDWR | O_NOCTTY));
    CALL(stat(name, &status));
    CALL(read(slave, &byte, 1));
    CALL(write(slave, "x", 1));
    struct termios settings;
    CALL(tcgetattr(slave, &settings));
    CALL(tcsetpgrp(slave, 1));
    printf("events %x\n", events(slave));
    close(slave);
}

static void both_ways(void) {
    void *volatile bad = (void *)8;
    section("both ways");
    Pair pair = open_pair();
    printf("master %x slave %x\n", events(pair.master), events(pair.slave));
    char bytes[64];
    CALL(read(pair.master, bytes, sizeof bytes));
    CALL(read(pair.slave, bytes, sizeof bytes));
    CALL(write(pair.slave, "out\n", 4));
    sleep_ms(10);
    printf("master %x slave %x\n", events(pair.master), events(pair.slave));
    printf("available %d\n", available(pair.master));
    show_output(pair.master);
    type(pair.master, "in");
    printf("slave %x\n", events(pair.slave));
    type(pair.master, "\n");
    printf("slave %x\n", events(pair.slave));
    show_reads(pair.slave);
    CALL(write(pair.slave, "", 0));
    CALL(read(pair.slave, bytes, 0));
    CALL(write(pair.slave, bad, 4));
    CALL(write(pair.master, bad, 4));
    CALL(fsync(pair.slave));
    close_pair(pair);
}

static void closing(void) {
    section("closing the slave");
    Pair pair = open_pair();
    show_output(pair.master);
    write(pair.slave, "last words\n", 11);
    int second = dup(pair.slave);
    close(pair.slave);
    sleep_ms(10);
    printf("master %x\n", events(pair.master));
    close(second);
    sleep_ms(10);
    printf("master %x\n", events(pair.master));
    show_reads(pair.master);
    printf("master %x\n", events(pair.master));
    CALL(write(pair.master, "typed\n", 6));
    int again = CALL(open(ptsname(pair.master), O_RDWR | O_NOCTTY | O_NONBLOCK) >= 0);
    again = again ? pair.slave : -1;
    sleep_ms(10);
    printf("master %x slave %x\n", events(pair.master) & ~POLLIN, events(again));
    show_reads(again);
    close(again);
    close(pair.master);
    section("before the slave is opened");
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    printf("events %x\n", events(master));
    char byte;
    CALL(read(master, &byte, 1));
    CALL(write(master, "early\n", 6));
    show_output(master);
    unlockpt(master);
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_NONBLOCK);
    show_reads(slave);
    close(slave);
    close(master);
}

static void packets(void) {
    section("packet mode");
    Pair pair = open_pair();
    int on = 1, seen = -1;
    CALL(ioctl(pair.slave, TIOCPKT, &on));
    CALL(ioctl(pair.master, TIOCPKT, &on));
    CALL(ioctl(pair.master, TIOCGPKT, &seen));
    SHOW(seen);
    write(pair.slave, "data", 4);
    sleep_ms(10);
    show_reads(pair.master);
    tcflush(pair.slave, TCIFLUSH);
    printf("events %x\n", events(pair.master));
    show_reads(pair.master);
    tcflush(pair.slave, TCOFLUSH);
    show_reads(pair.master);
    tcflush(pair.slave, TCIOFLUSH);
    show_reads(pair.master);
    struct termios settings;
    tcgetattr(pair.slave, &settings);
    settings.c_iflag &= ~IXON;
    tcsetattr(pair.slave, TCSANOW, &settings);
    show_reads(pair.master);
    settings.c_iflag |= IXON;
    tcsetattr(pair.slave, TCSANOW, &settings);
    show_reads(pair.master);
    type(pair.master, "\023");
    show_reads(pair.master);
    CALL(write(pair.slave, "held", 4));
    printf("slave %x\n", events(pair.slave));
    type(pair.master, "\021");
    show_reads(pair.master);
    CALL(write(pair.slave, "free", 4));
    sleep_ms(10);
    char two[2];
    show_bytes("  read", two, read(pair.master, two, 2));
    show_reads(pair.master);
    close_pair(pair);
}

static void sizes(void) {
    section("window size");
    Pair pair = open_pair();
    struct winsize size = {9, 9, 9, 9};
    CALL(ioctl(pair.slave, TIOCGWINSZ, &size));
    printf("%d %d %d %d\n", size.ws_row, size.ws_col, size.ws_xpixel, size.ws_ypixel);
    struct winsize wanted = {24, 80, 640, 480};
    CALL(ioctl(pair.master, TIOCSWINSZ, &wanted));
    CALL(ioctl(pair.slave, TIOCGWINSZ, &size));
    printf("%d %d %d %d\n", size.ws_row, size.ws_col, size.ws_xpixel, size.ws_ypixel);
    CALL(ioctl(pair.slave, TIOCSWINSZ, 8));
    close_pair(pair);
}

static void requests(void) {
    section("other requests");
    Pair pair = open_pair();
    int value = 7;
    CALL(ioctl(pair.slave, TIOCOUTQ, &value));
    SHOW(value);
    CALL(ioctl(pair.slave, TIOCGETD, &value));
    SHOW(value);
    value = 99;
    CALL(ioctl(pair.slave, TIOCGSOFTCAR, &value));
    SHOW(value);
    CALL(ioctl(pair.slave, TIOCGEXCL, &value));
    SHOW(value);
    CALL(ioctl(pair.slave, TIOCMGET, &value));
    CALL(ioctl(pair.slave, TIOCGSID, &value));
    CALL(ioctl(pair.master, TIOCGSID, &value));
    CALL(ioctl(pair.slave, TIOCGPGRP, &value));
    CALL(ioctl(pair.master, TIOCGPGRP, &value));
    SHOW(value);
    CALL(ioctl(pair.slave, TIOCSPGRP, &value));
    CALL(ioctl(pair.slave, TIOCNOTTY, 0));
    CALL(ioctl(pair.slave, TCXONC, 9));
    CALL(tcsendbreak(pair.slave, 0));
    CALL(tcdrain(pair.slave));
    CALL(ioctl(pair.slave, 0x54ff, &value));
    CALL(tcflow(pair.slave, TCOOFF));
    CALL(write(pair.slave, "held", 4));
    CALL(tcflow(pair.slave, TCOON));
    CALL(write(pair.slave, "free", 4));
    CALL(tcflow(pair.slave, TCIOFF));
    CALL(tcflow(pair.slave, TCION));
    show_output(pair.master);
    struct { unsigned short flags[4]; unsigned char line, cc[8]; } old;
    CALL(ioctl(pair.slave, TCGETA, &old));
    printf("%o %o %o %o %d %d\n", old.flags[0], old.flags[1], old.flags[2], old.flags[3], old.cc[0], old.cc[4]);
    old.flags[3] &= ~ECHO;
    CALL(ioctl(pair.slave, TCSETA, &old));
    struct termios settings;
    tcgetattr(pair.slave, &settings);
    printf("%o\n", settings.c_lflag);
    close_pair(pair);
}

static void fullness(void) {
    section("full queues");
    Pair pair = open_pair();
    struct termios raw;
    tcgetattr(pair.slave, &raw);
    cfmakeraw(&raw);
    tcsetattr(pair.slave, TCSANOW, &raw);
    static char block[4096];
    memset(block, 'x', sizeof block);
    long written = 0;
    for (int i = 0; i < 4000; i++) {
        ssize_t count = write(pair.slave, block, 512);
        if (count > 0) written += count;
        else if (errno != EAGAIN) break;
        else if (i > 100) break;
        else sleep_ms(1);
    }
    printf("error %s, some %d, bounded %d\n", error_name(errno), written > 4096, written < 100000);
    printf("slave writable %d\n", !!(events(pair.slave) & POLLOUT));
    static char bytes[200000];
    long total = drain(pair.master, bytes, sizeof bytes);
    printf("all came: %d\n", total == written);
    printf("slave writable %d\n", !!(events(pair.slave) & POLLOUT));
    // More than fits, with a reader: a blocking write goes on until everything is out.
    fcntl(pair.slave, F_SETFL, 0);
    pid_t child = fork();
    if (child == 0) {
        long sum = 0;
        for (int i = 0; i < 25; i++) sum += write(pair.slave, block, sizeof block);
        _exit(sum == 25 * (long)sizeof block ? 0 : 1);
    }
    close(pair.slave);
    total = 0;
    for (;;) {
        struct pollfd wait = {pair.master, POLLIN, 0};
        poll(&wait, 1, 5000);
        ssize_t count = read(pair.master, bytes, sizeof bytes);
        if (count <= 0) break;
        total += count;
    }
    printf("end %s total %ld\n", error_name(errno), total);
    int status;
    waitpid(child, &status, 0);
    SHOW(WEXITSTATUS(status));
    close(pair.master);
}

static int ready(int epoll) {
    struct epoll_event event;
    return epoll_wait(epoll, &event, 1, 200) > 0 ? (int)event.events : 0;
}
// One event, and then none.
static void show_edge(int epoll) {
    int first = ready(epoll), second = ready(epoll);
    printf("%x %x\n", first, second);
}
static void edges(void) {
    section("edge-triggered");
    Pair pair = open_pair();
    int epoll = epoll_create1(0);
    struct epoll_event wanted = {.events = EPOLLIN | EPOLLET};
    epoll_ctl(epoll, EPOLL_CTL_ADD, pair.master, &wanted);
    printf("%x\n", ready(epoll));
    write(pair.slave, "a", 1);
    show_edge(epoll);
    write(pair.slave, "b", 1);
    show_edge(epoll);
    epoll_ctl(epoll, EPOLL_CTL_DEL, pair.master, 0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, pair.slave, &wanted);
    type(pair.master, "x");
    printf("%x\n", ready(epoll));
    type(pair.master, "\n");
    show_edge(epoll);
    type(pair.master, "y\n");
    show_edge(epoll);
    close(pair.master);
    printf("%x\n", ready(epoll) & ~EPOLLOUT);
    close(pair.slave);
    close(epoll);
}

// EXTPROC: the master's side has made lines of the input, and hears of every change of the settings.
static void external(void) {
    section("input processed elsewhere");
    Pair pair = open_pair();
    struct termios settings;
    int on = 1, count = -1;
    tcgetattr(pair.slave, &settings);
    settings.c_lflag |= EXTPROC;
    CALL(tcsetattr(pair.slave, TCSANOW, &settings));
    fcntl(pair.slave, F_SETFL, O_NONBLOCK);
    type(pair.master, "ab\x7f\x03\x13");
    sleep_ms(10);
    show_reads(pair.master);
    CALL(ioctl(pair.slave, FIONREAD, &count));
    SHOW(count);
    printf("slave %x\n", events(pair.slave));
    show_reads(pair.slave);
    type(pair.master, "\x04");
    sleep_ms(10);
    char byte;
    CALL(read(pair.slave, &byte, 1));
    type(pair.master, "x\x04");
    sleep_ms(10);
    show_reads(pair.slave);
    settings.c_iflag |= IUCLC;
    tcsetattr(pair.slave, TCSANOW, &settings);
    type(pair.master, "AB\r");
    sleep_ms(10);
    show_reads(pair.slave);
    CALL(ioctl(pair.master, TIOCPKT, &on));
    tcsetattr(pair.slave, TCSANOW, &settings);
    printf("master %x\n", events(pair.master));
    show_reads(pair.master);
    settings.c_iflag &= ~(IXON | IUCLC);
    tcsetattr(pair.slave, TCSANOW, &settings);
    show_reads(pair.master);
    settings.c_lflag &= ~EXTPROC;
    tcsetattr(pair.slave, TCSANOW, &settings);
    show_reads(pair.master);
    tcsetattr(pair.slave, TCSANOW, &settings);
    show_reads(pair.master);
    CALL(ioctl(pair.master, TIOCSIG, SIGKILL));
    CALL(ioctl(pair.master, TIOCSIG, SIGINT));
    close(pair.master);
    close(pair.slave);
}

int main(void) {
    signal(SIGHUP, SIG_IGN);
    setsid();
    names();
    both_ways();
    closing();
    packets();
    external();
    sizes();
    requests();
    fullness();
    edges();
    return 0;
}
