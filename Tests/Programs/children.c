// wait4 and waitid, SIGCHLD, stop and continue, what becomes of orphans.
#include "probe.h"
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static volatile sig_atomic_t arrived, code, status_of;
static void note(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)context;
    arrived++;
    code = info->si_code;
    status_of = info->si_status;
}

static pid_t born(void (*body)(void)) {
    pid_t child = fork();
    if (child == 0) {
        body();
        _exit(0);
    }
    return child;
}
static void exits(void) { _exit(9); }
static void aborts(void) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    abort();
}
static void sleeps(void) {
    for (;;) pause();
}

static void report(const char *what, pid_t got, pid_t child, int status) {
    printf("%s: %s, exited %d status %d, signalled %d signal %d, stopped %d signal %d, continued %d\n", what,
        got == child ? "the child" : got == 0 ? "nobody" : "error", WIFEXITED(status), WIFEXITED(status) ? WEXITSTATUS(status) : 0, WIFSIGNALED(status),
        WIFSIGNALED(status) ? WTERMSIG(status) : 0, WIFSTOPPED(status), WIFSTOPPED(status) ? WSTOPSIG(status) : 0, WIFCONTINUED(status));
}

int main(void) {
    int status = 0;
    struct rusage usage;
    siginfo_t info;
    section("ends");
    pid_t child = born(exits);
    pid_t got = wait4(child, &status, 0, &usage);
    report("exit", got, child, status);
    CALL(waitpid(-1, &status, 0));
    child = born(aborts);
    got = waitpid(child, &status, 0);
    report("abort", got, child, status);
    child = born(sleeps);
    CALL(waitpid(child, &status, WNOHANG));
    kill(child, SIGKILL);
    got = waitpid(child, &status, 0);
    report("kill", got, child, status);
    CALL(waitpid(child, &status, 0));
    CALL(waitpid(-1, &status, 0x40));

    section("waitid");
    child = born(exits);
    memset(&info, 0, sizeof info);
    SHOW(waitid(P_PID, child, &info, WEXITED | WNOWAIT));
    printf("code %d status %d signal %d same %d\n", info.si_code, info.si_status, info.si_signo, info.si_pid == child);
    SHOW(waitid(P_ALL, 0, &info, WEXITED));
    CALL(waitid(P_ALL, 0, &info, WEXITED));
    CALL(waitid(P_PID, child, &info, 0));
    CALL(waitid(9, 0, &info, WEXITED));
    // A zombie is nothing to wait for when only stops are asked after; another child that may still stop is.
    child = born(exits);
    waitid(P_PID, child, &info, WEXITED | WNOWAIT);
    CALL(waitid(P_PID, child, &info, WSTOPPED));
    CALL(waitid(P_ALL, 0, &info, WCONTINUED | WNOHANG));
    pid_t other = born(sleeps);
    CALL(waitid(P_ALL, 0, &info, WSTOPPED | WCONTINUED | WNOHANG));
    CALL(waitid(P_PID, child, &info, WSTOPPED | WEXITED));
    CALL(waitid(P_PID, other, &info, WSTOPPED | WNOHANG));
    kill(other, SIGKILL);
    CALL(waitid(P_PID, other, &info, WEXITED));

    section("no core file");
    int core[] = {SIGQUIT, SIGILL, SIGABRT, SIGFPE, SIGSEGV, SIGBUS, SIGSYS, SIGTRAP, SIGXCPU, SIGXFSZ};
    // Neither a file nor, by a host's handler, anything else.
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    prctl(PR_SET_DUMPABLE, 0);
    for (unsigned i = 0; i < sizeof core / sizeof *core; i++) {
        child = born(sleeps);
        kill(child, core[i]);
        waitid(P_PID, child, &info, WEXITED | WNOWAIT);
        waitpid(child, &status, 0);
        printf("%d: status %x code %d\n", core[i], status, info.si_code);
    }
    prctl(PR_SET_DUMPABLE, 1);

    section("stop and continue");
    child = born(sleeps);
    kill(child, SIGSTOP);
    got = waitpid(child, &status, WUNTRACED);
    report("stop", got, child, status);
    CALL(waitpid(child, &status, WUNTRACED | WNOHANG));
    kill(child, SIGCONT);
    got = waitpid(child, &status, WCONTINUED);
    report("continue", got, child, status);
    kill(child, SIGTERM);
    got = waitpid(child, &status, 0);
    report("term", got, child, status);

    section("SIGCHLD");
    struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigaction(SIGCHLD, &action, NULL);
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    child = born(exits);
    while (!arrived) sigsuspend(&before);
    printf("arrived %d code %d status %d\n", arrived, code, status_of);
    SHOW(waitpid(child, &status, 0) == child);
    arrived = 0;
    child = born(sleeps);
    kill(child, SIGKILL);
    while (!arrived) sigsuspend(&before);
    printf("arrived %d code %d status %d\n", arrived, code, status_of);
    SHOW(waitpid(child, &status, 0) == child);
    action.sa_flags |= SA_NOCLDSTOP;
    sigaction(SIGCHLD, &action, NULL);
    arrived = 0;
    child = born(sleeps);
    kill(child, SIGSTOP);
    waitpid(child, &status, WUNTRACED);
    sigpending(&blocked);
    SHOW(sigismember(&blocked, SIGCHLD));
    kill(child, SIGKILL);
    SHOW(waitpid(child, &status, 0) == child);
    sigprocmask(SIG_SETMASK, &before, NULL);
    signal(SIGCHLD, SIG_IGN);
    child = born(exits);
    CALL(waitpid(child, &status, 0));
    signal(SIGCHLD, SIG_DFL);

    section("orphans");
    int ends[2];
    pipe(ends);
    CALL(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
    if ((child = fork()) == 0) {
        pid_t parent = getpid();
        if (fork() == 0) {
            while (getppid() == parent) usleep(1000);
            char word = 'o';
            write(ends[1], &word, 1);
            _exit(5);
        }
        _exit(0);
    }
    SHOW(waitpid(child, &status, 0) == child);
    char word = 0;
    read(ends[0], &word, 1);
    got = waitpid(-1, &status, 0);
    printf("adopted: %c, another %d, status %d\n", word, got > 0 && got != child, WEXITSTATUS(status));
    if ((child = fork()) == 0) {
        if ((child = fork()) == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
            write(ends[1], "r", 1);
            for (;;) pause();
        }
        read(ends[0], &word, 1);
        _exit(0);
    }
    SHOW(waitpid(child, &status, 0) == child);
    got = waitpid(-1, &status, 0);
    report("parent's death", got, got, status);

    section("vfork and exec");
    if ((child = vfork()) == 0) {
        execl("/no/such/program", "x", NULL);
        _exit(errno == ENOENT ? 6 : 7);
    }
    waitpid(child, &status, 0);
    SHOW(WEXITSTATUS(status));
    CALL(syscall(SYS_clone, CLONE_THREAD | SIGCHLD, 0, 0, 0, 0));
    CALL(syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0));
    return 0;
}
