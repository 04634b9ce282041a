// execve in place: what stays and what goes.
#include "probe.h"
#include <sys/wait.h>

static void handler(int number) { (void)number; }
static void *other(void *unused) {
    (void)unused;
    for (;;) sleep_ms(1000);
    return NULL;
}

// Four that lead to each other and to a program, then five, then six.
static void scripts_of_scripts(const char *program, char **environment) {
    char name[] = "s0", line[512];
    for (int i = 0; i < 6; i++) {
        if (i == 0) snprintf(line, sizeof line, "#!%s nested\n", program);
        else snprintf(line, sizeof line, "#!s%d\n", i - 1);
        name[1] = '0' + i;
        make_file(name, line);
        chmod(name, 0755);
        if (i < 3) continue;
        fflush(stdout);
        int status;
        if (fork() == 0) {
            execve(name, (char *[]){name, NULL}, environment);
            _exit(errno == ELOOP ? 2 : 3);
        }
        wait(&status);
        SHOW(WEXITSTATUS(status));
    }
}

int main(int argc, char **argv) {
    extern char **environ;
    if (argc > 1 && !strcmp(argv[1], "nested")) return 7;
    if (argc > 1 && !strcmp(argv[1], "environ")) {
        char byte;
        CALL(read(52, &byte, 1));
        return 0;
    }
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
    section("scripts of scripts");
    scripts_of_scripts(argv[0], environment);
    section("/proc/self/environ is the program's that opened it");
    if (fork() == 0) {
        dup2(open("/proc/self/environ", O_RDONLY), 52);
        execve(argv[0], (char *[]){argv[0], "environ", NULL}, environment);
        _exit(1);
    }
    wait(NULL);
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
