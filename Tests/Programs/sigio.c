// Signal-driven I/O: O_ASYNC, F_SETOWN, F_SETOWN_EX, F_SETSIG and F_NOTIFY, on pipes, sockets, terminals, inotify and directories.
#include "probe.h"
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>

#define RT (SIGRTMIN + 3)

static int named[4];
static const char *descriptor_name(int fd) {
    static const char *names[] = {"first", "second", "third", "fourth"};
    for (int i = 0; i < 4; i++)
        if (named[i] == fd) return names[i];
    return "?";
}
// Takes what is pending, as it was queued.
static void show(const char *what) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGIO);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, RT);
    printf("%s:", what);
    struct timespec none = {0, 0};
    siginfo_t info;
    int last = -1, found = 0;
    while (sigtimedwait(&set, &info, &none) > 0) {
        // How often the kernel tells the same thing again is its own affair.
        int key = info.si_signo << 16 ^ info.si_code << 4 ^ (info.si_signo == SIGIO ? 0 : info.si_fd);
        if (key == last) continue;
        last = key;
        found++;
        if (info.si_signo == SIGIO && info.si_code == SI_KERNEL) printf(" SIGIO");
        else printf(" [%s code %d band %#lx fd %s]", info.si_signo == RT ? "RT" : info.si_signo == SIGIO ? "SIGIO" : "other", info.si_code, (long)info.si_band, descriptor_name(info.si_fd));
    }
    printf("%s\n", found ? "" : " nothing");
}
static int with_async(int fd, int on) { return fcntl(fd, F_SETFL, on ? fcntl(fd, F_GETFL) | O_ASYNC : fcntl(fd, F_GETFL) & ~O_ASYNC); }
static void *in_thread(void *argument) {
    pid_t *id = argument;
    __atomic_store_n(id, gettid(), __ATOMIC_SEQ_CST);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, RT);
    siginfo_t info;
    sigwaitinfo(&set, &info);
    printf("the thread got code %d fd %s\n", info.si_code, descriptor_name(info.si_fd));
    return NULL;
}

static void owners(void) {
    section("owners");
    int ends[2], file = open("plain", O_RDWR | O_CREAT, 0644);
    pipe(ends);
    CALL(fcntl(ends[0], F_GETOWN));
    CALL(fcntl(ends[0], F_SETOWN, getpid()));
    TRUTH(fcntl(ends[0], F_GETOWN) == getpid());
    CALL(fcntl(ends[0], F_SETOWN, -getpgrp()));
    struct f_owner_ex owner = {9, 9};
    CALL(fcntl(ends[0], F_GETOWN_EX, &owner));
    printf("type %d, the group: %d\n", owner.type, owner.pid == getpgrp());
    CALL(fcntl(ends[0], F_SETOWN, 0));
    CALL(fcntl(ends[0], F_GETOWN_EX, &owner));
    printf("type %d, number %d\n", owner.type, owner.pid);
    CALL(fcntl(ends[0], F_SETOWN, 99999999));
    CALL(fcntl(ends[0], F_SETOWN, -99999999));
    CALL(fcntl(ends[0], F_SETOWN, INT_MIN));
    owner = (struct f_owner_ex){3, getpid()};
    CALL(fcntl(ends[0], F_SETOWN_EX, &owner));
    owner = (struct f_owner_ex){F_OWNER_PID, 99999999};
    CALL(fcntl(ends[0], F_SETOWN_EX, &owner));
    owner = (struct f_owner_ex){F_OWNER_TID, gettid()};
    CALL(fcntl(ends[0], F_SETOWN_EX, &owner));
    TRUTH(fcntl(ends[0], F_GETOWN) == gettid());
    CALL(fcntl(ends[0], F_SETOWN_EX, (void *)1));
    CALL(fcntl(ends[0], F_GETOWN_EX, (void *)1));
    CALL(fcntl(ends[0], F_SETSIG, 65));
    CALL(fcntl(ends[0], F_SETSIG, RT));
    TRUTH(fcntl(ends[0], F_GETSIG) == RT);
    pid_t child = fork();
    if (!child) _exit(0);
    CALL(fcntl(file, F_SETOWN, child) == 0);
    waitpid(child, NULL, 0);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigwaitinfo(&set, NULL);
    CALL(fcntl(file, F_GETOWN));
    section("files that send none");
    CALL(with_async(file, 1));
    TRUTH(fcntl(file, F_GETFL) & O_ASYNC);
    int on = 1;
    CALL(ioctl(file, FIOASYNC, &on));
    on = 0;
    CALL(ioctl(file, FIOASYNC, &on));
    close(file);
    close(ends[0]);
    close(ends[1]);
}

static void pipes(void) {
    section("pipes");
    int ends[2], on = 1;
    char buffer[70000];
    memset(buffer, 'x', sizeof buffer);
    pipe2(ends, O_NONBLOCK);
    named[0] = ends[0], named[1] = ends[1];
    fcntl(ends[0], F_SETOWN, getpid());
    write(ends[1], "a", 1);
    show("without O_ASYNC");
    CALL(with_async(ends[0], 1));
    TRUTH(fcntl(ends[0], F_GETFL) & O_ASYNC);
    show("what was there before");
    write(ends[1], "a", 1);
    show("a byte");
    write(ends[1], "bc", 2);
    show("two more");
    CALL(fcntl(ends[0], F_SETSIG, RT));
    write(ends[1], "a", 1);
    show("with F_SETSIG");
    CALL(fcntl(ends[0], F_SETSIG, SIGIO));
    write(ends[1], "a", 1);
    show("SIGIO itself");
    CALL(fcntl(ends[0], F_SETSIG, SIGCHLD));
    write(ends[1], "a", 1);
    show("one with codes of its own");
    fcntl(ends[0], F_SETSIG, RT);
    int other = dup(ends[0]);
    close(ends[0]);
    write(ends[1], "a", 1);
    show("after the descriptor was closed");
    named[2] = other;
    fcntl(other, F_SETFL, fcntl(other, F_GETFL) & ~O_ASYNC);
    write(ends[1], "a", 1);
    show("O_ASYNC cleared");
    CALL(ioctl(other, FIOASYNC, &on));
    write(ends[1], "a", 1);
    show("FIOASYNC");
    fcntl(ends[1], F_SETOWN, getpid());
    fcntl(ends[1], F_SETSIG, RT);
    with_async(ends[1], 1);
    while (write(ends[1], buffer, sizeof buffer) > 0) {}
    show("filled");
    while (read(other, buffer, sizeof buffer) > 0) {}
    show("emptied");
    close(ends[1]);
    show("no writer");
    close(other);
}

static void sockets(void) {
    section("sockets");
    int pair[2], group = -getpgrp();
    char buffer[100];
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair);
    named[0] = pair[0], named[1] = pair[1];
    int self = getpid(), found = 0;
    CALL(ioctl(pair[0], FIOGETOWN, &found));
    SHOW(found);
    CALL(ioctl(pair[0], SIOCSPGRP, &group));
    CALL(ioctl(pair[0], FIOGETOWN, &found));
    TRUTH(found == group);
    CALL(ioctl(pair[0], FIOSETOWN, &self));
    CALL(ioctl(pair[0], SIOCGPGRP, &found));
    TRUTH(found == self);
    fcntl(pair[0], F_SETSIG, RT);
    CALL(with_async(pair[0], 1));
    write(pair[1], "hello", 5);
    show("a message");
    read(pair[0], buffer, sizeof buffer);
    show("taken");
    shutdown(pair[1], SHUT_WR);
    show("half shut");
    close(pair[1]);
    show("closed");
    close(pair[0]);
    section("datagrams");
    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair);
    named[0] = pair[0], named[1] = pair[1];
    fcntl(pair[0], F_SETOWN, getpid());
    fcntl(pair[0], F_SETSIG, RT);
    with_async(pair[0], 1);
    send(pair[1], "one", 3, 0);
    show("a datagram");
    close(pair[0]);
    close(pair[1]);
}

static void others(void) {
    section("terminals");
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    grantpt(master);
    unlockpt(master);
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    named[0] = slave, named[1] = master;
    with_async(slave, 1);
    TRUTH(fcntl(slave, F_GETOWN) == getpid());
    fcntl(slave, F_SETSIG, RT);
    write(master, "hal", 3);
    sleep_ms(20);
    show("part of a line");
    write(master, "f\n", 2);
    sleep_ms(20);
    show("a line");
    close(slave);
    close(master);
    section("inotify");
    int in = inotify_init1(IN_NONBLOCK);
    named[0] = in;
    inotify_add_watch(in, ".", IN_CREATE);
    fcntl(in, F_SETOWN, getpid());
    fcntl(in, F_SETSIG, RT);
    with_async(in, 1);
    make_file("watched", "");
    show("an event");
    close(in);
    section("a thread of its own");
    int ends[2];
    pipe(ends);
    named[0] = ends[0];
    pid_t id = 0;
    pthread_t thread;
    pthread_create(&thread, NULL, in_thread, &id);
    while (!__atomic_load_n(&id, __ATOMIC_SEQ_CST)) sleep_ms(1);
    struct f_owner_ex owner = {F_OWNER_TID, id};
    CALL(fcntl(ends[0], F_SETOWN_EX, &owner));
    fcntl(ends[0], F_SETSIG, RT);
    with_async(ends[0], 1);
    write(ends[1], "a", 1);
    pthread_join(thread, NULL);
    // A thread is joined a little before its number is nobody's.
    for (int i = 0; i < 1000 && fcntl(ends[0], F_GETOWN) != 0; i++) sleep_ms(1);
    SHOW(fcntl(ends[0], F_GETOWN));
    show("the process");
    close(ends[0]);
    close(ends[1]);
}

static void directories(void) {
    section("directories");
    mkdir("dir", 0755);
    mkdir("elsewhere", 0755);
    make_file("dir/old", "text");
    int dir = open("dir", O_RDONLY | O_DIRECTORY), file = open("dir/old", O_RDWR);
    named[0] = dir;
    CALL(fcntl(file, F_NOTIFY, DN_ACCESS));
    CALL(fcntl(dir, F_SETSIG, RT));
    CALL(fcntl(dir, F_NOTIFY, DN_CREATE));
    TRUTH(fcntl(dir, F_GETOWN) == getpid());
    make_file("dir/one", "");
    show("created");
    make_file("dir/two", "");
    show("once only");
    CALL(fcntl(dir, F_NOTIFY, DN_DELETE | DN_MULTISHOT));
    make_file("dir/three", "");
    show("something else");
    unlink("dir/one");
    show("deleted");
    unlink("dir/two");
    show("again");
    rename("dir/three", "elsewhere/three");
    show("moved away");
    CALL(fcntl(dir, F_NOTIFY, DN_CREATE | DN_MULTISHOT));
    rename("elsewhere/three", "dir/three");
    show("moved back");
    unlink("dir/three");
    show("both are asked for");
    CALL(fcntl(dir, F_NOTIFY, 0));
    make_file("dir/four", "");
    show("nothing is asked for");
    CALL(fcntl(dir, F_NOTIFY, DN_RENAME | DN_MULTISHOT));
    rename("dir/four", "elsewhere/four");
    show("moved away");
    rename("dir/old", "dir/new");
    show("renamed");
    CALL(fcntl(dir, F_NOTIFY, DN_ATTRIB | DN_MODIFY | DN_ACCESS | DN_MULTISHOT));
    chmod("dir/new", 0600);
    show("changed");
    write(file, "x", 1);
    show("written");
    pread(file, (char[1]){0}, 1, 0);
    show("read");
    int other = dup(dir);
    close(other);
    write(file, "x", 1);
    show("after a descriptor was closed");
    close(file);
    close(dir);
}

int main(void) {
    setbuf(stdout, NULL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGIO);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, RT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    owners();
    show("left over");
    pipes();
    sockets();
    others();
    directories();
    return 0;
}
