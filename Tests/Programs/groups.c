// Process groups and sessions, and whom kill reaches.
#include "probe.h"
#include <sys/wait.h>

static int ends[2];
static void tell(char word) { write(ends[1], &word, 1); }
static char hear(void) {
    char word = 0;
    read(ends[0], &word, 1);
    return word;
}

static void *groups_of_a_thread(void *unused) {
    CALL(setpgid(gettid(), 0));
    TRUTH(getpgid(gettid()) == getpgrp());
    TRY(syscall(SYS_pidfd_open, gettid(), 0));
    return unused;
}

int main(void) {
    int status;
    pipe(ends);
    section("a child of its own group");
    pid_t child = fork();
    if (child == 0) {
        TRUTH(getpgid(0) == getpgid(getppid()));
        CALL(setpgid(0, 0));
        TRUTH(getpgrp() == getpid());
        TRUTH(getsid(0) == getsid(getppid()) || getsid(getppid()) == 0);
        CALL(setsid());
        fflush(stdout);
        tell('g');
        for (;;) pause();
    }
    hear();
    TRUTH(getpgid(child) == child);
    SHOW(kill(-child, 0));
    SHOW(kill(-child, SIGTERM));
    SHOW(waitpid(-child, &status, 0) == child);
    SHOW(WTERMSIG(status));
    CALL(kill(-child, 0));
    CALL(kill(child, 0));
    CALL(getpgid(child));

    section("what has no process group");
    CALL(setpgid(-1, 0));
    CALL(setpgid(0, -1));
    CALL(setpgid(-1, 1));
    CALL(setpgid(0x3ffffff, 0));
    CALL(setpgid(0x3ffffff, -5));
    pthread_t thread;
    pthread_create(&thread, NULL, groups_of_a_thread, NULL);
    pthread_join(thread, NULL);

    section("a session");
    if ((child = fork()) == 0) {
        TRUTH(setsid() == getpid());
        TRUTH(getsid(0) == getpid() && getpgrp() == getpid());
        CALL(setsid());
        CALL(setpgid(0, 0));
        pid_t grandchild = fork();
        if (grandchild == 0) {
            for (;;) pause();
        }
        SHOW(setpgid(grandchild, grandchild));
        TRUTH(getpgid(grandchild) == grandchild);
        SHOW(setpgid(grandchild, getpid()));
        TRUTH(getpgid(grandchild) == getpid());
        CALL(setpgid(grandchild, 999999));
        CALL(setpgid(999999, 0));
        CALL(setpgid(0, -1));
        signal(SIGUSR1, SIG_IGN);
        SHOW(kill(0, SIGUSR1));
        SHOW(waitpid(0, &status, 0) == grandchild);
        SHOW(WTERMSIG(status));
        fflush(stdout);
        _exit(0);
    }
    SHOW(waitpid(child, &status, 0) == child);

    return 0;
}
