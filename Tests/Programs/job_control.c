// Controlling terminals and job control: who gets a terminal and how, what its keys send, and what becomes of the background.
#include "terminal.h"

static volatile sig_atomic_t caught[65];
static void note(int number) { caught[number]++; }
static void catch(int number, int flags) {
    struct sigaction action = {.sa_handler = note, .sa_flags = flags};
    sigaction(number, &action, 0);
}

static int wait_for(pid_t child) {
    int status = -1;
    if (waitpid(child, &status, WUNTRACED) < 0) printf("waitpid: %s\n", error_name(errno));
    if (WIFSTOPPED(status)) printf("  stopped by %s\n", sigabbrev_np(WSTOPSIG(status)));
    else if (WIFSIGNALED(status)) printf("  killed by %s\n", sigabbrev_np(WTERMSIG(status)));
    else printf("  ended with %d\n", WEXITSTATUS(status));
    return status;
}

// Runs a body in a child with a process group of its own, in the foreground or not.
static pid_t start(int terminal, int foreground, void (*body)(int)) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        signal(SIGTTOU, SIG_DFL);
        body(terminal);
        fflush(stdout);
        _exit(0);
    }
    setpgid(child, child);
    if (foreground) tcsetpgrp(terminal, child);
    return child;
}

static void show_stat(void) {
    char text[1024] = "";
    int fd = open("/proc/self/stat", O_RDONLY);
    if (read(fd, text, sizeof text - 1) < 0) printf("stat: %s\n", error_name(errno));
    close(fd);
    int group, session, terminal, foreground;
    sscanf(strrchr(text, ')') + 4, "%*d %d %d %d %d", &group, &session, &terminal, &foreground);
    printf("  leads %d, major %d, foreground %s\n", session == getpid(), terminal >> 8 & 0xfff, foreground == group ? "own" : foreground < 0 ? "none" : "other");
}

static void read_line(int terminal) {
    char bytes[64];
    ssize_t count = read(terminal, bytes, sizeof bytes);
    show_bytes("  child read", bytes, count);
}
static void read_ignoring(int terminal) {
    signal(SIGTTIN, SIG_IGN);
    read_line(terminal);
}
static void read_blocking(int terminal) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTTIN);
    sigprocmask(SIG_BLOCK, &set, 0);
    read_line(terminal);
}
static void read_catching(int terminal) {
    catch(SIGTTIN, 0);
    char byte;
    CALL(read(terminal, &byte, 1));
    printf("  caught %d\n", caught[SIGTTIN]);
}
static void write_text(int terminal) {
    ssize_t count = write(terminal, "text", 4);
    printf("  child wrote %zd\n", count);
}
static void change_settings(int terminal) {
    struct termios settings;
    tcgetattr(terminal, &settings);
    CALL(tcsetattr(terminal, TCSANOW, &settings));
}
static void take_foreground(int terminal) {
    CALL(tcsetpgrp(terminal, getpgrp()));
    TRUTH(tcgetpgrp(terminal) == getpgrp());
}
static void take_ignoring(int terminal) {
    signal(SIGTTOU, SIG_IGN);
    take_foreground(terminal);
}
static void flush_input(int terminal) { CALL(tcflush(terminal, TCIFLUSH)); }
static void sleep_long(int terminal) {
    (void)terminal;
    for (;;) pause();
}

static void own_session(Pair pair, const char *name) {
    section("acquiring");
    CALL(open("/dev/tty", O_RDWR));
    show_stat();
    CALL(tcgetpgrp(pair.slave));
    CALL(ioctl(pair.master, TIOCSCTTY, 0));
    TRUTH(tcgetpgrp(pair.slave) == getpgrp());
    show_stat();
    CALL(ioctl(pair.slave, TIOCSCTTY, 0));
    TRUTH(tcgetsid(pair.slave) == getsid(0));
    TRUTH(tcgetsid(pair.master) == getsid(0));
    int tty = CALL(open("/dev/tty", O_RDWR) >= 0) ? dup(pair.slave) : -1;
    CALL(isatty(tty));
    close(tty);
    signal(SIGHUP, SIG_IGN);
    CALL(ioctl(pair.slave, TIOCNOTTY, 0));
    CALL(open("/dev/tty", O_RDWR));
    show_stat();
    int write_only = open(name, O_WRONLY);
    show_stat();
    close(write_only);
    int opened = CALL(open(name, O_RDWR) >= 0) ? pair.slave : -1;
    show_stat();
    (void)opened;
    signal(SIGHUP, SIG_DFL);
    fflush(stdout);
    if (fork() == 0) {
        section("a session of its own has none");
        show_stat();
        setsid();
        show_stat();
        CALL(open("/dev/tty", O_RDWR));
        CALL(ioctl(pair.slave, TIOCSCTTY, 0));
        fflush(stdout);
        _exit(0);
    }
    wait(0);
}

static void keys(Pair pair) {
    section("keys");
    static const struct { const char *key; const char *name; } list[] = {{"\003", "interrupt"}, {"\034", "quit"}, {"\032", "suspend"}};
    for (int i = 0; i < 3; i++) {
        printf("%s\n", list[i].name);
        pid_t child = start(pair.slave, 1, sleep_long);
        sleep_ms(30);
        type(pair.master, list[i].key);
        if (WIFSTOPPED(wait_for(child))) {
            kill(-child, SIGCONT);
            kill(-child, SIGTERM);
            wait_for(child);
        }
        show_output(pair.master);
    }
    tcsetpgrp(pair.slave, getpgrp());
    catch(SIGWINCH, SA_RESTART);
    struct winsize size = {30, 100, 0, 0};
    ioctl(pair.master, TIOCSWINSZ, &size);
    sleep_ms(20);
    ioctl(pair.master, TIOCSWINSZ, &size);
    sleep_ms(20);
    printf("window changes %d\n", caught[SIGWINCH]);
    catch(SIGINT, 0);
    fcntl(pair.slave, F_SETFL, 0);
    fflush(stdout);
    pid_t typist = fork();
    if (typist == 0) {
        setpgid(0, 0);
        // Until the reader is there to be interrupted.
        for (;;) {
            sleep_ms(60);
            type(pair.master, "lost\003");
        }
    }
    char byte;
    CALL(read(pair.slave, &byte, 1));
    kill(typist, SIGKILL);
    waitpid(typist, 0, 0);
    TRUTH(caught[SIGINT] > 0);
    signal(SIGINT, SIG_DFL);
    char typed[4096];
    drain(pair.master, typed, sizeof typed);
}

static void background(Pair pair) {
    section("the background");
    static const struct { const char *title; void (*body)(int); } bodies[] = {
        {"reads", read_line}, {"reads, ignoring SIGTTIN", read_ignoring}, {"reads, blocking SIGTTIN", read_blocking}, {"reads, catching SIGTTIN", read_catching},
        {"writes", write_text}, {"changes settings", change_settings}, {"takes the foreground", take_foreground}, {"takes the foreground, ignoring SIGTTOU", take_ignoring},
        {"flushes", flush_input},
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        printf("%s\n", bodies[i].title);
        pid_t child = start(pair.slave, 0, bodies[i].body);
        int status = wait_for(child);
        if (WIFSTOPPED(status)) {
            tcsetpgrp(pair.slave, child);
            kill(-child, SIGCONT);
            if (bodies[i].body == read_line) type(pair.master, "at last\n");
            wait_for(child);
        }
        tcsetpgrp(pair.slave, getpgrp());
    }
    struct termios settings;
    tcgetattr(pair.slave, &settings);
    settings.c_lflag |= TOSTOP;
    tcsetattr(pair.slave, TCSANOW, &settings);
    printf("writes under TOSTOP\n");
    pid_t child = start(pair.slave, 0, write_text);
    wait_for(child);
    kill(child, SIGKILL);
    wait_for(child);
    CALL(tcsetpgrp(pair.slave, -1));
    CALL(tcsetpgrp(pair.slave, 4194300));
    CALL(tcsetpgrp(pair.slave, getppid()));
    show_output(pair.master);
}

static void orphans(Pair pair) {
    section("orphans");
    fflush(stdout);
    int link[2], done[2];
    if (pipe(link) || pipe(done)) return;
    pid_t middle = fork();
    if (middle == 0) {
        if (fork() == 0) {
            setpgid(0, 0);
            signal(SIGHUP, SIG_IGN);
            signal(SIGTTOU, SIG_DFL);
            // Until its parent is gone.
            char byte;
            close(link[1]);
            while (read(link[0], &byte, 1) > 0) {}
            sleep_ms(30);
            read_line(pair.slave);
            CALL(tcsetattr(pair.slave, TCSANOW, &(struct termios){0}));
            kill(getpid(), SIGTSTP);
            printf("  not stopped\n");
            fflush(stdout);
            _exit(0);
        }
        _exit(0);
    }
    close(link[1]);
    close(done[1]);
    waitpid(middle, 0, 0);
    char end;
    while (read(done[0], &end, 1) > 0) {}
    section("a stopped group is orphaned");
    fflush(stdout);
    int ends[2];
    if (pipe(ends)) return;
    middle = fork();
    if (middle == 0) {
        pid_t child = fork();
        if (child == 0) {
            setpgid(0, 0);
            catch(SIGHUP, 0);
            catch(SIGCONT, 0);
            raise(SIGSTOP);
            sleep_ms(20);
            printf("  hang-ups %d, continued %d\n", caught[SIGHUP], caught[SIGCONT]);
            fflush(stdout);
            _exit(0);
        }
        waitpid(child, 0, WUNTRACED);
        _exit(0);
    }
    close(ends[1]);
    char byte;
    while (read(ends[0], &byte, 1) > 0) {}
    waitpid(middle, 0, 0);
}

int main(void) {
    // Whoever runs this in the background may have had them ignored.
    for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        setsid();
        Pair pair = open_pair();
        fcntl(pair.slave, F_SETFL, 0);
        own_session(pair, ptsname(pair.master));
        // As shells do, to take the terminal back.
        signal(SIGTTOU, SIG_IGN);
        keys(pair);
        background(pair);
        orphans(pair);
        // Before the end hangs this process up.
        signal(SIGHUP, SIG_IGN);
        fflush(stdout);
        _exit(0);
    }
    wait_for(child);
    return 0;
}
