// inotify on programs that are executed, on pseudo-terminals, and on files without a name (IN_EXCL_UNLINK); membarrier(2)'s registrations and seldom used prctl(2)s.
#include "probe.h"
#include <linux/membarrier.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static int in;
static const char *names[] = {"ACCESS", "MODIFY", "ATTRIB", "CLOSE_WRITE", "CLOSE_NOWRITE", "OPEN", "MOVED_FROM", "MOVED_TO", "CREATE", "DELETE", "DELETE_SELF", "MOVE_SELF", "?", "UNMOUNT", "OVERFLOW", "IGNORED"};

// Events with their names; `expected` stands for a name that differs from run to run.
static void show(const char *what, const char *expected) {
    static char buffer[65536] __attribute__((aligned(8)));
    printf("%s:\n", what);
    for (ssize_t size; (size = read(in, buffer, sizeof buffer)) > 0;)
        for (char *p = buffer; p < buffer + size;) {
            struct inotify_event *e = (void *)p;
            printf("  %d", e->wd);
            for (int i = 0; i < 16; i++)
                if (e->mask & 1u << i) printf(" %s", names[i]);
            if (e->len) printf(" %s", expected && !strcmp(e->name, expected) ? "(the one)" : e->name);
            printf("\n");
            p += sizeof *e + e->len;
        }
}

static void copy(const char *from, const char *to) {
    static char buffer[1 << 16];
    int source = open(from, O_RDONLY), target = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    for (ssize_t count; (count = read(source, buffer, sizeof buffer)) > 0;) write(target, buffer, count);
    close(source);
    close(target);
}

static void run(const char *path) {
    int status = 0;
    fflush(stdout);
    if (fork() == 0) {
        execl(path, path, "child", NULL);
        _exit(errno);
    }
    wait(&status);
    SHOW(WEXITSTATUS(status));
}

static void programs(void) {
    section("programs");
    copy("/proc/self/exe", "program");
    make_file("script", "#!./program\n");
    make_file("nothing", "not a program");
    chmod("script", 0755);
    chmod("nothing", 0755);
    in = inotify_init1(IN_NONBLOCK);
    CALL(inotify_add_watch(in, "program", IN_ALL_EVENTS));
    run("./program");
    show("a program", NULL);
    CALL(inotify_add_watch(in, "script", IN_ALL_EVENTS));
    run("./script");
    show("a script", NULL);
    CALL(inotify_add_watch(in, "nothing", IN_ALL_EVENTS));
    SHOW(ENOEXEC);
    run("./nothing");
    show("no program", NULL);
    close(in);
}

static void terminals(void) {
    char name[16];
    unsigned number = 0;
    section("pseudo-terminals");
    in = inotify_init1(IN_NONBLOCK);
    CALL(inotify_add_watch(in, "/dev/pts", IN_CREATE | IN_DELETE));
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    ioctl(master, TIOCGPTN, &number);
    snprintf(name, sizeof name, "%u", number);
    show("opened", name);
    close(master);
    show("closed", name);
    close(in);
}

static void unlinked(uint32_t flags, const char *title) {
    char text[8];
    section(title);
    in = inotify_init1(IN_NONBLOCK);
    make_file("victim", "text");
    CALL(inotify_add_watch(in, "victim", IN_ALL_EVENTS | flags));
    int fd = open("victim", O_RDWR);
    show("opened", NULL);
    unlink("victim");
    show("unlinked", NULL);
    read(fd, text, 4);
    write(fd, "more", 4);
    show("read and written", NULL);
    fchmod(fd, 0600);
    show("changed", NULL);
    close(fd);
    show("closed", NULL);
    close(in);
}

// Who watches the file hears of its end before who watches its directory.
static void removed(void) {
    section("removed");
    mkdir("folder", 0755);
    mkdir("folder/inner", 0755);
    make_file("folder/file", "text");
    in = inotify_init1(IN_NONBLOCK);
    CALL(inotify_add_watch(in, "folder", IN_ALL_EVENTS));
    CALL(inotify_add_watch(in, "folder/inner", IN_ALL_EVENTS));
    CALL(inotify_add_watch(in, "folder/file", IN_ALL_EVENTS));
    rmdir("folder/inner");
    show("a folder", NULL);
    unlink("folder/file");
    show("a file", NULL);
    rmdir("folder");
    show("all", NULL);
    close(in);
}

static void barriers(void) {
    section("membarrier");
    SHOW(syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0) & 0x27f);
    CALL(syscall(SYS_membarrier, 512, 0, 0));
    CALL(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0));
    CALL(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0));
    CALL(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0));
    CALL(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0));
    CALL(syscall(SYS_membarrier, 512, 0, 0));
    CALL(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0));
    CALL(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0));
    CALL(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0));
    CALL(syscall(SYS_membarrier, 512, 0, 0));
    CALL(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0));
    section("prctl");
    CALL(prctl(PR_TASK_PERF_EVENTS_DISABLE));
    CALL(prctl(PR_TASK_PERF_EVENTS_ENABLE));
    TRUTH(prctl(PR_GET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS, 0, 0, 0) >= 0);
    TRUTH(prctl(PR_GET_SPECULATION_CTRL, PR_SPEC_INDIRECT_BRANCH, 0, 0, 0) >= 0);
    CALL(prctl(PR_GET_SPECULATION_CTRL, 99, 0, 0, 0));
    CALL(prctl(PR_GET_SPECULATION_CTRL, 0, 1, 0, 0));
    CALL(prctl(PR_SET_SPECULATION_CTRL, 99, 2, 0, 0));
    CALL(prctl(PR_SET_SPECULATION_CTRL, 0, 2, 1, 0));
}

int main(int argc, char **argv) {
    (void)argv;
    if (argc > 1) return 7;
    programs();
    terminals();
    unlinked(0, "a file without a name");
    unlinked(IN_EXCL_UNLINK, "IN_EXCL_UNLINK");
    removed();
    barriers();
    return 0;
}
