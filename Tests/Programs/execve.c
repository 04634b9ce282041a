// execve in place: what stays and what goes.
#include "probe.h"

static void handler(int number) { (void)number; }
static void *other(void *unused) {
    (void)unused;
    for (;;) sleep_ms(1000);
    return NULL;
}

int main(int argc, char **argv) {
    extern char **environ;
    if (argc > 1 && !strcmp(argv[1], "again")) {
        section("after");
        for (int i = 1; i < argc; i++) puts(argv[i]);
        for (char **e = environ; *e; e++) puts(*e);
        CALL(fcntl(50, F_GETFD));
        CALL(fcntl(51, F_GETFD));
        char text[8] = "";
        CALL(read(50, text, 3));
        puts(text);
        struct sigaction action;
        sigaction(SIGUSR1, NULL, &action);
        TRUTH(action.sa_handler == SIG_DFL);
        sigaction(SIGUSR2, NULL, &action);
        TRUTH(action.sa_handler == SIG_IGN);
        sigset_t mask;
        sigprocmask(SIG_BLOCK, NULL, &mask);
        TRUTH(sigismember(&mask, SIGHUP));
        sigpending(&mask);
        TRUTH(sigismember(&mask, SIGHUP));
        stack_t stack;
        sigaltstack(NULL, &stack);
        SHOW(stack.ss_flags);
        TRUTH(getpid() == atoi(argv[2]) || !strcmp(argv[2], "x"));
        char here[4096];
        TRUTH(strrchr(getcwd(here, sizeof here), '/') && !strcmp(strrchr(here, '/'), "/sub"));
        SHOW(umask(0));
        return 9;
    }
    section("errors");
    char *arguments[] = {argv[0], "again", "x", "", "last word", NULL}, *environment[] = {"A=1", "B=two words", NULL};
    CALL(execve("absent", arguments, environment));
    CALL(execve("/", arguments, environment));
    make_file("plain", "no program\n");
    CALL(execve("plain", arguments, environment));
    chmod("plain", 0755);
    CALL(execve("plain", arguments, environment));
    make_file("empty", "");
    chmod("empty", 0755);
    CALL(execve("empty", arguments, environment));
    make_file("script", "#!/absent/interpreter\n");
    chmod("script", 0755);
    CALL(execve("script", arguments, environment));
    CALL(execve((char *)8, arguments, environment));
    CALL(execve(argv[0], (char **)8, environment));
    CALL(execve("plain/x", arguments, environment));
    section("before");
    make_file("kept", "abcdef");
    dup2(open("kept", O_RDONLY), 50);
    dup3(50, 51, O_CLOEXEC);
    lseek(50, 2, SEEK_SET);
    signal(SIGUSR1, handler);
    signal(SIGUSR2, SIG_IGN);
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGHUP);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    raise(SIGHUP);
    static char alternate[65536];
    sigaltstack(&(stack_t){.ss_sp = alternate, .ss_size = sizeof alternate}, NULL);
    mkdir("sub", 0755);
    chdir("sub");
    umask(077);
    pthread_t thread;
    pthread_create(&thread, NULL, other, NULL);
    char number[16];
    snprintf(number, sizeof number, "%d", getpid());
    arguments[2] = number;
    // The number itself differs from run to run: it is only compared.
    arguments[2] = "x";
    execve(argv[0], arguments, environment);
    printf("not reached: %s\n", error_name(errno));
    return 1;
}
