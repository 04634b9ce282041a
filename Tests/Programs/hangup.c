// The ends of terminals: the master is closed, the session's leader ends.
#include "terminal.h"

static volatile sig_atomic_t hangups, continued;
static void note_hangup(int number) { (void)number; hangups++; }
static void note_continued(int number) { (void)number; continued++; }
static void listen_for_both(void) {
    sigaction(SIGHUP, &(struct sigaction){.sa_handler = note_hangup}, 0);
    sigaction(SIGCONT, &(struct sigaction){.sa_handler = note_continued}, 0);
}

// Runs a body as the leader of a session whose terminal is the slave; the master stays with the parent.
static pid_t lead(Pair pair, void (*body)(int)) {
    fflush(stdout);
    int ready[2];
    if (pipe2(ready, O_CLOEXEC)) return -1;
    pid_t child = fork();
    if (child) {
        char byte;
        close(ready[1]);
        while (read(ready[0], &byte, 1) > 0) {}
        close(ready[0]);
        return child;
    }
    close(pair.master);
    setsid();
    ioctl(pair.slave, TIOCSCTTY, 0);
    fcntl(pair.slave, F_SETFL, 0);
    signal(SIGHUP, SIG_DFL);
    close(ready[0]);
    close(ready[1]);
    body(pair.slave);
    fflush(stdout);
    _exit(0);
}

static void wait_in_read(int terminal) {
    listen_for_both();
    char byte;
    ssize_t count = read(terminal, &byte, 1);
    printf("read %s\n", count < 0 ? errno == EIO || errno == EINTR ? "failed" : error_name(errno) : "ended");
    sleep_ms(30);
    printf("hang-ups %d, continued %d\n", hangups, continued);
    CALL(read(terminal, &byte, 1));
    CALL(write(terminal, &byte, 1));
    printf("events %x\n", events(terminal));
    CALL(open("/dev/tty", O_RDWR));
    CALL(tcgetpgrp(terminal));
    CALL(isatty(terminal));
}

static void wait_ignoring(int terminal) {
    signal(SIGHUP, SIG_IGN);
    char byte;
    CALL(read(terminal, &byte, 1));
    CALL(read(terminal, &byte, 1));
}

static void wait_in_poll(int terminal) {
    signal(SIGHUP, SIG_IGN);
    struct pollfd wait = {terminal, POLLIN, 0};
    CALL(poll(&wait, 1, 5000));
    TRUTH(wait.revents & POLLHUP);
    // Who is woken may find the hang-up halfway done: Linux sets the flags one after the other.
    sleep_ms(50);
    poll(&wait, 1, 0);
    printf("revents %x\n", wait.revents);
}

static void die_of_it(int terminal) {
    (void)terminal;
    for (;;) pause();
}

// The leader ends; its child in the foreground is hung up, the one in the background goes on.
static void leave_children(int terminal) {
    int leader[2];
    if (pipe(leader)) return;
    for (int foreground = 0; foreground < 2; foreground++) {
        int ready[2];
        if (pipe(ready)) return;
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            listen_for_both();
            setpgid(0, 0);
            close(ready[0]);
            close(ready[1]);
            char byte;
            close(leader[1]);
            while (read(leader[0], &byte, 1) != 0) {}
            sleep_ms(60 + 100 * foreground);
            struct stat status;
            printf("%s: hang-ups %d, continued %d, terminal %s\n", foreground ? "foreground" : "background", hangups, continued,
                open("/dev/tty", O_RDWR) < 0 ? error_name(errno) : "there");
            if (!foreground) printf("  still open: %d\n", fstat(terminal, &status) == 0 && write(terminal, "x", 1) == 1);
            fflush(stdout);
            _exit(0);
        }
        close(ready[1]);
        char byte;
        while (read(ready[0], &byte, 1) > 0) {}
        if (foreground) tcsetpgrp(terminal, child);
    }
}

static void run(const char *title, void (*body)(int)) {
    section(title);
    Pair pair = open_pair();
    pid_t child = lead(pair, body);
    close(pair.slave);
    // Time to wait in whatever it does.
    sleep_ms(150);
    close(pair.master);
    int status;
    waitpid(child, &status, 0);
    printf("status %x\n", status);
}

int main(void) {
    run("a leader that reads", wait_in_read);
    run("a leader that ignores SIGHUP", wait_ignoring);
    run("a leader that polls", wait_in_poll);
    run("a leader that does neither", die_of_it);
    section("the leader ends");
    Pair pair = open_pair();
    pid_t child = lead(pair, leave_children);
    close(pair.slave);
    int status;
    waitpid(child, &status, 0);
    printf("status %x\n", status);
    sleep_ms(500);
    show_output(pair.master);
    section("a new leader takes it over");
    int slave = open(ptsname(pair.master), O_RDWR | O_NOCTTY);
    fflush(stdout);
    child = fork();
    if (child == 0) {
        setsid();
        CALL(ioctl(slave, TIOCSCTTY, 0));
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, &status, 0);
    printf("status %x\n", status);
    return 0;
}
