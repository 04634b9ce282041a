// inotify: every event of files, directories and renames, masks, one shot, coalescing, overflow of the buffer, the end of a watched file, errors.
#include "probe.h"
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/xattr.h>

static int in;
static const char *names[] = {"ACCESS", "MODIFY", "ATTRIB", "CLOSE_WRITE", "CLOSE_NOWRITE", "OPEN", "MOVED_FROM", "MOVED_TO", "CREATE", "DELETE", "DELETE_SELF", "MOVE_SELF", "?", "UNMOUNT", "OVERFLOW", "IGNORED"};
static void show(const char *what) {
    static char buffer[65536] __attribute__((aligned(8)));
    printf("%s:\n", what);
    // The number is the kernel's, raised by everybody's renames: which pair is which and that later ones are higher is what it promises.
    uint32_t latest = 0;
    int pairs = 0;
    for (;;) {
        ssize_t size = read(in, buffer, sizeof buffer);
        if (size <= 0) break;
        for (char *p = buffer; p < buffer + size;) {
            struct inotify_event *e = (void *)p;
            printf("  %d", e->wd);
            for (int i = 0; i < 16; i++)
                if (e->mask & 1u << i) printf(" %s", names[i]);
            if (e->mask & IN_ISDIR) printf(" ISDIR");
            if (e->mask & ~0x4000ffffu) printf(" %#x", e->mask);
            if (e->cookie) {
                if (e->cookie != latest) pairs++;
                printf(" cookie %d%s", pairs, e->cookie < latest ? " LOWER" : "");
                latest = e->cookie;
            }
            if (e->len) printf(" \"%s\" %u", e->name, e->len);
            printf("\n");
            p += sizeof *e + e->len;
        }
    }
}
static void *write_late(void *unused) {
    (void)unused;
    sleep_ms(30);
    make_file("late", "x");
    return NULL;
}

int main(void) {
    struct stat st;
    char text[64];
    section("errors");
    CALL(inotify_init1(1));
    CALL(in = inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    CALL(fcntl(in, F_GETFD));
    CALL(fcntl(in, F_GETFL));
    CALL(inotify_add_watch(in, "missing", IN_ALL_EVENTS));
    CALL(inotify_add_watch(in, ".", 0));
    CALL(inotify_add_watch(in, ".", 0x800000));
    CALL(inotify_add_watch(in, ".", IN_MASK_ADD | IN_MASK_CREATE | IN_OPEN));
    CALL(inotify_add_watch(0, ".", IN_OPEN));
    CALL(inotify_add_watch(-1, ".", IN_OPEN));
    CALL(inotify_add_watch(in, (char *)1, IN_OPEN));
    CALL(inotify_rm_watch(in, 1));
    CALL(inotify_rm_watch(0, 1));
    CALL(write(in, "x", 1));
    CALL(read(in, text, 64));
    CALL(lseek(in, 0, SEEK_SET) >= -1);

    section("a directory");
    mkdir("d", 0755);
    int wd;
    CALL(wd = inotify_add_watch(in, "d", IN_ALL_EVENTS));
    int fd = open("d/file", O_RDWR | O_CREAT, 0644);
    write(fd, "hello", 5);
    write(fd, "again", 5);
    pread(fd, text, 3, 0);
    fchmod(fd, 0600);
    ftruncate(fd, 3);
    futimens(fd, NULL);
    struct timespec only[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_OMIT}};
    futimens(fd, only);
    fstat(fd, &st);
    fchown(fd, st.st_uid, st.st_gid);
    close(fd);
    show("a file made and written");
    close(open("d/file", O_RDONLY));
    close(open("d/file", O_WRONLY | O_TRUNC));
    close(open("d/file", O_PATH));
    stat("d/file", &st);
    truncate("d/file", 10);
    show("opened");
    mkdir("d/sub", 0700);
    mkfifo("d/fifo", 0600);
    symlink("file", "d/link");
    link("d/file", "d/hard");
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "d/socket"};
    bind(s, (struct sockaddr *)&a, sizeof a);
    // An open socket would keep the directory in use.
    close(s);
    chmod("d/sub", 0755);
    show("other kinds");
    rename("d/file", "d/renamed");
    rename("d/renamed", "outside");
    rename("outside", "d/a name that is longer than sixteen bytes");
    rename("d/hard", "d/link");
    show("renamed");
    make_file("d/one", "1");
    make_file("d/two", "2");
    show("two");
    syscall(SYS_renameat2, AT_FDCWD, "d/one", AT_FDCWD, "d/two", 2);
    rename("d/sub", "d/sub2");
    show("exchanged and a directory");
    DIR *dir = opendir("d");
    readdir(dir);
    closedir(dir);
    show("listed");
    unlink("d/fifo");
    unlink("d/socket");
    rmdir("d/sub2");
    unlink("d/link");
    unlink("d/a name that is longer than sixteen bytes");
    show("removed");

    section("a file");
    int file;
    CALL(file = inotify_add_watch(in, "d/one", IN_ALL_EVENTS));
    fd = open("d/one", O_RDWR);
    pwrite(fd, "z", 1, 0);
    show("both watch");
    link("d/one", "d/second");
    show("linked");
    rename("d/one", "d/three");
    show("renamed");
    read(fd, text, 1);
    show("read under its new name");
    unlink("d/second");
    unlink("d/three");
    show("unlinked while open");
    write(fd, "y", 1);
    close(fd);
    show("closed");
    CALL(inotify_rm_watch(in, file));

    section("masks");
    CALL(inotify_add_watch(in, "d", IN_CREATE) == wd);
    make_file("d/x", "x");
    show("create only");
    CALL(inotify_add_watch(in, "d", IN_DELETE | IN_MASK_ADD) == wd);
    unlink("d/x");
    make_file("d/x", "x");
    show("and delete");
    CALL(inotify_add_watch(in, "d", IN_DELETE | IN_MASK_CREATE));
    CALL(inotify_add_watch(in, "d/x", IN_DELETE | IN_ONLYDIR));
    symlink("d", "l");
    CALL(inotify_add_watch(in, "l", IN_DELETE) == wd);
    int link_watch = CALL(inotify_add_watch(in, "l", IN_DELETE_SELF | IN_DONT_FOLLOW));
    unlink("l");
    show("a symbolic link");
    CALL(inotify_rm_watch(in, link_watch));
    CALL(inotify_rm_watch(in, wd));
    CALL(inotify_rm_watch(in, wd));
    show("removed");
    CALL(inotify_add_watch(in, "d", IN_CREATE | IN_ONESHOT));
    make_file("d/y", "y");
    make_file("d/z", "z");
    show("one shot");
    CALL(wd = inotify_add_watch(in, "d", IN_MODIFY | IN_EXCL_UNLINK));
    fd = open("d/y", O_RDWR);
    write(fd, "1", 1);
    unlink("d/y");
    write(fd, "2", 1);
    close(fd);
    show("unlinked files excluded");
    inotify_rm_watch(in, wd);
    CALL(wd = inotify_add_watch(in, "d", IN_DELETE_SELF | IN_MOVE_SELF));
    rename("d", "e");
    unlink("e/x");
    unlink("e/z");
    unlink("e/two");
    CALL(rmdir("e"));
    show("the directory itself");

    section("buffers");
    mkdir("d", 0755);
    wd = inotify_add_watch(in, "d", IN_CREATE | IN_MODIFY);
    make_file("d/f", "1");
    make_file("d/f", "2");
    make_file("d/f", "3");
    int size;
    ioctl(in, FIONREAD, &size);
    SHOW(size);
    CALL(read(in, text, 16));
    CALL(read(in, text, 31));
    CALL(read(in, text, 40));
    CALL(read(in, text, 64));
    show("the rest");
    struct pollfd p = {in, POLLIN | POLLOUT, 0};
    CALL(poll(&p, 1, 0));
    int ep = epoll_create1(0);
    struct epoll_event event = {EPOLLIN, {.u32 = 3}};
    epoll_ctl(ep, EPOLL_CTL_ADD, in, &event);
    CALL(epoll_wait(ep, &event, 1, 0));
    make_file("d/g", "1");
    CALL(epoll_wait(ep, &event, 1, 0));
    CALL(poll(&p, 1, 0));
    show("polled");
    section("waiting");
    inotify_rm_watch(in, wd);
    show("done");
    wd = inotify_add_watch(in, ".", IN_CREATE);
    fcntl(in, F_SETFL, 0);
    pthread_t thread;
    pthread_create(&thread, NULL, write_late, NULL);
    CALL(read(in, text, 64));
    pthread_join(thread, NULL);
    fcntl(in, F_SETFL, O_NONBLOCK);
    section("overflow");
    for (int i = 0; i < 20000; i++) {
        char name[16];
        snprintf(name, sizeof name, "o%d", i % 2);
        close(open(name, O_CREAT | O_WRONLY, 0600));
        unlink(name);
    }
    static char large[1000000];
    long total = 0, got, overflows = 0;
    while ((got = read(in, large, sizeof large)) > 0)
        for (char *q = large; q < large + got; q += sizeof(struct inotify_event) + ((struct inotify_event *)q)->len) {
            total++;
            if (((struct inotify_event *)q)->mask & IN_Q_OVERFLOW) overflows++;
        }
    TRUTH(total == 20000 || overflows == 1);
    return 0;
}
