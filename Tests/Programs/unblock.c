// A signal that becomes deliverable by a call is delivered before the call returns, however fast calls follow each other.
#include "probe.h"

static volatile sig_atomic_t got;
static void note(int number) {
    (void)number;
    got++;
}
static void several_calls(void) {
    for (int i = 0; i < 40; i++) syscall(SYS_getppid);
}

int main(void) {
    sigset_t one, old;
    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    signal(SIGUSR1, note);
    signal(SIGPIPE, note);
    int late = 0;
    for (int round = 0; round < 2000; round++) {
        sigprocmask(SIG_BLOCK, &one, &old);
        raise(SIGUSR1);
        int before = got;
        several_calls();
        sigprocmask(SIG_SETMASK, &old, NULL);
        late += got == before;
    }
    printf("unblocked, not delivered at once: %d\n", late);
    late = 0;
    for (int round = 0; round < 500; round++) {
        int before = got;
        several_calls();
        kill(getpid(), SIGUSR1);
        late += got == before;
    }
    printf("sent to itself, not delivered at once: %d\n", late);
    late = 0;
    int ends[2];
    pipe(ends);
    close(ends[0]);
    for (int round = 0; round < 500; round++) {
        int before = got;
        several_calls();
        write(ends[1], "x", 1);
        late += got == before;
    }
    printf("broken pipe, not told at once: %d\n", late);
    return 0;
}
