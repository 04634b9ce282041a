// Signals: handlers, masks, queueing order, flags, alternate stacks, restarts.
#include "probe.h"
#include <sys/wait.h>
#include <ucontext.h>

static volatile int count, last, depth, deepest;
static char alternate[65536];
static volatile bool on_alternate;

static void simple(int number) { count++, last = number; }
static void informed(int number, siginfo_t *info, void *context) {
    ucontext_t *u = context;
    printf("  handler %d code %d value %d own %d mask has USR2 %d\n", number, info->si_code, info->si_code == SI_QUEUE ? info->si_value.sival_int : 0,
           info->si_code <= 0 && info->si_pid == getpid(), sigismember(&u->uc_sigmask, SIGUSR2));
    char here;
    on_alternate = &here >= alternate && &here < alternate + sizeof alternate;
    count++;
}
static void nesting(int number) {
    depth++;
    if (depth > deepest) deepest = depth;
    if (count++ < 3) raise(number);
    depth--;
}
static void set(int number, void *handler, int flags) {
    struct sigaction action = {0};
    action.sa_handler = handler;
    action.sa_flags = flags;
    CALL(sigaction(number, &action, NULL));
}
static pthread_t main_thread;
static void *pester(void *number) {
    sleep_ms(20);
    pthread_kill(main_thread, (int)(long)number);
    return NULL;
}
static int ends[2];
static void *pester_then_write(void *number) {
    sleep_ms(20);
    pthread_kill(main_thread, (int)(long)number);
    sleep_ms(20);
    write(ends[1], "x", 1);
    return NULL;
}

int main(void) {
    pthread_t thread;
    sigset_t mask, old, pending;
    main_thread = pthread_self();
    section("handlers and information");
    set(SIGUSR1, informed, SA_SIGINFO);
    raise(SIGUSR1);
    kill(getpid(), SIGUSR1);
    sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 42});
    struct sigaction current;
    CALL(sigaction(SIGUSR1, NULL, &current));
    TRUTH(current.sa_flags & SA_SIGINFO);
    TRUTH(current.sa_sigaction == informed);
    CALL(sigaction(SIGKILL, &current, NULL));
    CALL(sigaction(SIGSTOP, &current, NULL));
    CALL(syscall(SYS_rt_sigaction, 65, &current, NULL, 8));
    CALL(syscall(SYS_rt_sigaction, SIGUSR1, NULL, &current, 4));
    CALL(kill(getpid(), 0));
    CALL(kill(getpid(), 65));
    CALL(kill(999999, 0));
    CALL(syscall(SYS_tgkill, getpid(), 999999, SIGUSR1));
    CALL(syscall(SYS_tgkill, -1, 1, SIGUSR1));
    section("masks");
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR2);
    sigaddset(&mask, SIGKILL);
    set(SIGUSR2, simple, 0);
    CALL(sigprocmask(SIG_BLOCK, &mask, NULL));
    CALL(sigprocmask(99, &mask, NULL));
    CALL(sigprocmask(SIG_BLOCK, NULL, &old));
    TRUTH(sigismember(&old, SIGUSR2));
    TRUTH(sigismember(&old, SIGKILL));
    count = 0;
    raise(SIGUSR2);
    raise(SIGUSR2);
    SHOW(count);
    sigpending(&pending);
    TRUTH(sigismember(&pending, SIGUSR2));
    raise(SIGUSR1);
    CALL(sigprocmask(SIG_UNBLOCK, &mask, NULL));
    SHOW(count);
    section("order and queueing");
    sigfillset(&mask);
    sigprocmask(SIG_BLOCK, &mask, &old);
    for (int i = 0; i < 3; i++) set(SIGRTMIN + i, informed, SA_SIGINFO);
    for (int i = 2; i >= 0; i--)
        for (int j = 0; j < 2; j++) sigqueue(getpid(), SIGRTMIN + i, (union sigval){.sival_int = 10 * i + j});
    raise(SIGUSR1);
    siginfo_t info;
    struct timespec none = {0, 0}, little = {0, 5000000};
    sigemptyset(&mask);
    sigaddset(&mask, SIGRTMIN + 1);
    CALL(sigtimedwait(&mask, &info, &none));
    SHOW(info.si_value.sival_int);
    CALL(sigwaitinfo(&mask, &info));
    SHOW(info.si_value.sival_int);
    CALL(sigtimedwait(&mask, &info, &none));
    CALL(sigtimedwait(&mask, &info, &little));
    sigprocmask(SIG_SETMASK, &old, NULL);
    section("flags");
    set(SIGUSR2, simple, SA_RESETHAND);
    raise(SIGUSR2);
    sigaction(SIGUSR2, NULL, &current);
    TRUTH(current.sa_handler == SIG_DFL);
    count = 0, deepest = 0;
    set(SIGUSR2, nesting, 0);
    raise(SIGUSR2);
    SHOW(count);
    SHOW(deepest);
    count = 0, deepest = 0;
    set(SIGUSR2, nesting, SA_NODEFER);
    raise(SIGUSR2);
    SHOW(count);
    SHOW(deepest);
    struct sigaction blocking = {.sa_sigaction = informed, .sa_flags = SA_SIGINFO};
    sigaddset(&blocking.sa_mask, SIGUSR2);
    sigaction(SIGUSR1, &blocking, NULL);
    raise(SIGUSR1);
    section("alternate stack");
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate}, previous;
    CALL(sigaltstack(&stack, &previous));
    SHOW(previous.ss_flags);
    set(SIGUSR1, informed, SA_SIGINFO | SA_ONSTACK);
    raise(SIGUSR1);
    TRUTH(on_alternate);
    set(SIGUSR1, informed, SA_SIGINFO);
    raise(SIGUSR1);
    TRUTH(on_alternate);
    stack.ss_size = 100;
    CALL(sigaltstack(&stack, NULL));
    stack.ss_flags = 0x55;
    CALL(sigaltstack(&stack, NULL));
    stack.ss_flags = SS_DISABLE;
    CALL(sigaltstack(&stack, NULL));
    CALL(sigaltstack(NULL, &previous));
    SHOW(previous.ss_flags);
    section("interrupted calls");
    set(SIGUSR2, simple, 0);
    pipe(ends);
    char text[8];
    pthread_create(&thread, NULL, pester, (void *)SIGUSR2);
    CALL(read(ends[0], text, 1));
    pthread_join(thread, NULL);
    set(SIGUSR2, simple, SA_RESTART);
    pthread_create(&thread, NULL, pester_then_write, (void *)SIGUSR2);
    CALL(read(ends[0], text, 1));
    pthread_join(thread, NULL);
    pthread_create(&thread, NULL, pester, (void *)SIGUSR2);
    CALL(pause());
    pthread_join(thread, NULL);
    struct timespec second = {1, 0}, left = {7, 7};
    pthread_create(&thread, NULL, pester, (void *)SIGUSR2);
    CALL(nanosleep(&second, &left));
    TRUTH(left.tv_sec == 0 && left.tv_nsec > 100000000);
    pthread_join(thread, NULL);
    sigemptyset(&mask);
    count = 0;
    pthread_create(&thread, NULL, pester, (void *)SIGUSR2);
    CALL(sigsuspend(&mask));
    SHOW(count);
    pthread_join(thread, NULL);
    signal(SIGUSR2, SIG_IGN);
    pthread_create(&thread, NULL, pester_then_write, (void *)SIGUSR2);
    CALL(read(ends[0], text, 1));
    pthread_join(thread, NULL);
    section("the default ends the program");
    signal(SIGUSR2, SIG_DFL);
    raise(SIGUSR2);
    puts("not reached");
    return 0;
}
