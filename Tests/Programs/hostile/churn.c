// Opens, uses and closes files of every kind, far more often than the monitor may hold descriptors at once. Argument: a folder to work in.
#include "hostile.h"

#include <dirent.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

static int must(int result, const char *what) {
    if (result < 0) fail(what);
    return result;
}

static void files(int round) {
    char name[32], other[32];
    snprintf(name, sizeof name, "f%d", round % 7);
    snprintf(other, sizeof other, "g%d", round % 5);
    int file = must(open(name, O_RDWR | O_CREAT, 0600), "open");
    must(write(file, name, sizeof name), "write");
    char *place = mmap(0, 4096, PROT_READ | PROT_WRITE, round % 2 ? MAP_SHARED : MAP_PRIVATE, file, 0);
    if (place == MAP_FAILED) fail("mmap");
    int again = must(dup(file), "dup");
    close(file);
    place[round % 16] = 1;
    if (round % 3) munmap(place, 4096);
    close(again);
    if (!(round % 3)) munmap(place, 4096);
    struct stat status;
    must(stat(name, &status), "stat");
    must(rename(name, other), "rename");
    if (round % 4 == 0) must(unlink(other), "unlink");
    DIR *folder = opendir(".");
    if (!folder) fail("opendir");
    while (readdir(folder)) {}
    closedir(folder);
    close(must(open(".", O_PATH), "O_PATH"));
    // Failures on the way must not keep anything either.
    open("absent", O_RDONLY);
    open(other, O_RDONLY | O_DIRECTORY);
    mkdir("d", 0700);
    mkdir("d", 0700);
    rmdir("d");
    symlink("loop", "loop");
    open("loop", O_RDONLY);
}

static void others(int round) {
    int pair[2];
    must(pipe(pair), "pipe");
    must(write(pair[1], "x", 1), "write to a pipe");
    close(pair[round & 1]);
    close(pair[~round & 1]);
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
    // A descriptor in flight that nobody receives.
    char control[CMSG_SPACE(sizeof(int))] = {0}, byte = 1;
    struct iovec vector = {&byte, 1};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
    int sent = must(open("sent", O_RDWR | O_CREAT, 0600), "open");
    memcpy(CMSG_DATA(header), &sent, sizeof sent);
    must(sendmsg(pair[0], &message, 0), "sendmsg");
    close(sent);
    int poll = must(epoll_create1(0), "epoll"), event = must(eventfd(1, 0), "eventfd"), timer = must(timerfd_create(CLOCK_MONOTONIC, 0), "timerfd");
    struct epoll_event interest = {.events = EPOLLIN};
    must(epoll_ctl(poll, EPOLL_CTL_ADD, event, &interest), "epoll_ctl");
    must(epoll_ctl(poll, EPOLL_CTL_ADD, pair[1], &interest), "epoll_ctl");
    must(epoll_ctl(poll, EPOLL_CTL_ADD, timer, &interest), "epoll_ctl");
    must(epoll_wait(poll, &interest, 1, 0), "epoll_wait");
    close(event);
    close(pair[0]);
    close(pair[1]);
    close(poll);
    close(timer);
    int memory = must(memfd_create("m", 0), "memfd");
    must(ftruncate(memory, 8192), "ftruncate");
    close(memory);
}

int main(int argc, char **argv) {
    if (argc > 1 && chdir(argv[1])) fail("chdir");
    for (int round = 0; round < 600; round++) {
        files(round);
        others(round);
    }
    _exit(0);
}
