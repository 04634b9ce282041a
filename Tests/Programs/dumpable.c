// Who may look into a process through /proc, and what changes of identity and execve(2) take away: dumpable, the parent-death signal.
#include "probe.h"
#include <grp.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static void look(pid_t process, const char *entry, int flags) {
    char name[64], text[16];
    snprintf(name, sizeof name, "/proc/%d/%s", process, entry);
    int file = open(name, flags);
    int error = errno;
    ssize_t count = file < 0 ? 0 : read(file, text, sizeof text);
    printf("%s: %s %s\n", entry, file < 0 ? error_name(error) : "open", file < 0 ? "-" : count < 0 ? error_name(errno) : "read");
    close(file);
}

static void look_at_link(pid_t process, const char *entry) {
    char name[64], text[PATH_MAX];
    struct stat status;
    snprintf(name, sizeof name, "/proc/%d/%s", process, entry);
    printf("link %s: %s", entry, readlink(name, text, sizeof text) < 0 ? error_name(errno) : "ok");
    printf(", through it: %s\n", stat(name, &status) < 0 ? error_name(errno) : "ok");
}

static void look_at_all(pid_t process) {
    const char *entries[] = {
        "maps", "smaps", "smaps_rollup", "environ", "mem", "auxv", "cmdline", "stat", "statm", "status", "limits", "comm", "fd", "fdinfo", "fdinfo/1",
        "fd/1", "task", "ns", "net", "schedstat", "coredump_filter", "oom_score_adj", "mountinfo", "cwd/nothing", "root/etc",
    };
    for (unsigned i = 0; i < sizeof entries / sizeof *entries; i++) look(process, entries[i], O_RDONLY);
    look(process, "coredump_filter", O_RDWR);
    look_at_link(process, "exe");
    look_at_link(process, "cwd");
    look_at_link(process, "root");
    look_at_link(process, "fd/1");
    look_at_link(process, "ns/pid");
    const char *owned[] = {"", "status", "task", "fdinfo", "fd", "net", "ns", "maps", "environ"};
    for (unsigned i = 0; i < sizeof owned / sizeof *owned; i++) {
        char name[64];
        struct stat status;
        snprintf(name, sizeof name, "/proc/%d/%s", process, owned[i]);
        if (stat(name, &status) == 0) printf("%s owner %d mode %o\n", owned[i], (int)status.st_uid, status.st_mode);
    }
}

static void set_both(void) {
    prctl(PR_SET_DUMPABLE, 1);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
}
static void show_both(const char *what) {
    int signal = -1;
    prctl(PR_GET_PDEATHSIG, &signal);
    printf("%s: dumpable %d, signal %d\n", what, prctl(PR_GET_DUMPABLE), signal);
}

#define IN_CHILD(...)                 \
    do {                              \
        fflush(stdout);               \
        if (fork() == 0) {            \
            __VA_ARGS__;              \
            fflush(stdout);           \
            _exit(0);                 \
        }                             \
        wait(NULL);                   \
    } while (0)

#define CHANGE(call)                  \
    do {                              \
        set_both();                   \
        if (call) puts(error_name(errno)); \
        show_both(#call);             \
    } while (0)

// A child that waits, of the user it is made by.
static pid_t waiting(int dumpable) {
    fflush(stdout);
    int ends[2];
    char byte;
    if (pipe(ends)) return -1;
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_DUMPABLE, dumpable);
        close(ends[0]);
        close(ends[1]);
        for (;;) pause();
    }
    close(ends[1]);
    if (read(ends[0], &byte, 1) != 0) puts("no child");
    close(ends[0]);
    return child;
}
static void end(pid_t process) {
    kill(process, SIGKILL);
    waitpid(process, NULL, 0);
}

static void *other_thread(void *unused) {
    (void)unused;
    syscall(SYS_setresuid, -1, 1000, -1);
    show_both("another thread");
    return NULL;
}

int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "again")) {
        show_both("after execve");
        TRY(open("/proc/self/mem", O_RDONLY));
        return 0;
    }
    if (getuid() != 0) {
        puts("for root");
        return 0;
    }
    char *again[] = {argv[0], "again", NULL}, *environment[] = {NULL};

    section("changes of identity");
    show_both("at first");
    IN_CHILD(CHANGE(setuid(0)); CHANGE(setresuid(1, 0, 1)); CHANGE(setgroups(0, NULL)); CHANGE(setresgid(7, -1, 7)); CHANGE(setfsuid(0)));
    IN_CHILD(CHANGE(setegid(7)); CHANGE(setegid(7)); CHANGE(setegid(0)));
    IN_CHILD(CHANGE(seteuid(1000)); CHANGE(seteuid(0)));
    IN_CHILD(CHANGE(setfsgid(7) != 0); CHANGE(setfsgid(7) != 7));
    IN_CHILD(CHANGE(setfsuid(7) != 0); CHANGE(setfsuid(7) != 7));
    IN_CHILD(CHANGE(setuid(1000)); CHANGE(setuid(1000)); TRY(open("/proc/self/mem", O_RDONLY)); CALL(prctl(PR_SET_DUMPABLE, 1));
             TRY(open("/proc/self/mem", O_RDONLY)));
    IN_CHILD(pthread_t thread; set_both(); pthread_create(&thread, NULL, other_thread, NULL); pthread_join(thread, NULL); show_both("the first thread"));

    section("execve");
    IN_CHILD(prctl(PR_SET_DUMPABLE, 0); execve("/proc/self/exe", again, environment));
    IN_CHILD(set_both(); execve("/proc/self/exe", again, environment));
    IN_CHILD(setuid(1000); prctl(PR_SET_PDEATHSIG, SIGTERM); execve("/proc/self/exe", again, environment));
    IN_CHILD(setresuid(-1, 1000, -1); prctl(PR_SET_PDEATHSIG, SIGTERM); execve("/proc/self/exe", again, environment));
    IN_CHILD(setfsuid(1000); prctl(PR_SET_PDEATHSIG, SIGTERM); execve("/proc/self/exe", again, environment));

    section("another user's process");
    pid_t process = getpid();
    IN_CHILD(if (setgid(1000) || setuid(1000)) puts(error_name(errno)); look_at_all(process));
    section("a process of the same user");
    IN_CHILD(if (setgid(1000) || setuid(1000)) puts(error_name(errno)); prctl(PR_SET_DUMPABLE, 1); process = waiting(1); look(process, "maps", O_RDONLY);
             look(process, "environ", O_RDONLY); look(process, "fdinfo", O_RDONLY); look_at_link(process, "exe"); look_at_link(process, "cwd"); end(process));
    section("one that is not dumpable");
    IN_CHILD(if (setgid(1000) || setuid(1000)) puts(error_name(errno)); process = waiting(0); look_at_all(process); end(process));
    section("itself, not dumpable");
    IN_CHILD(if (setgid(1000) || setuid(1000)) puts(error_name(errno)); TRY(open("/proc/self/fd", O_RDONLY | O_DIRECTORY)); TRY(chdir("/proc/self/fd"));
             CALL(access("/proc/self/fd", R_OK)); TRY(open("/proc/self/fdinfo/1", O_RDONLY)); TRY(open("/proc/self/maps", O_RDONLY));
             TRY(open("/proc/self/environ", O_RDONLY)); TRY(open("/proc/self/comm", O_RDWR)); TRY(open("/proc/self/task", O_RDONLY)));
    return 0;
}
