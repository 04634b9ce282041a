// Files that are open for writing cannot be run, and files that run cannot be opened for writing: ETXTBSY. Scripts through descriptors.
#include "probe.h"
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/wait.h>

static char *const environment[] = {NULL};

static void copy_program(int to) {
    struct stat status;
    int from = open("/proc/self/exe", O_RDONLY);
    fstat(from, &status);
    while (sendfile(to, from, NULL, status.st_size) > 0) {}
    close(from);
}

// Runs a program to its end: its exit status, or the errno that execveat(2) gave.
static const char *run(int directory, const char *path, int flags) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        syscall(SYS_execveat, directory, path, (char *[]){"program", "once", NULL}, environment, flags);
        _exit(errno);
    }
    int status;
    waitpid(child, &status, 0);
    return WEXITSTATUS(status) == 77 ? "ran" : error_name(WEXITSTATUS(status));
}
#define RUN(directory, path, flags) printf("%s %s: %s\n", #directory, path, run(directory, path, flags))

// Starts a program that says when it runs and then waits; `how` is what it does.
static pid_t start(int directory, const char *path, const char *how, pid_t *last) {
    int ends[2];
    if (pipe(ends)) return -1;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], 9);
        syscall(SYS_execveat, directory, path, (char *[]){"program", (char *)how, NULL}, environment, *path ? 0 : AT_EMPTY_PATH);
        _exit(errno);
    }
    close(ends[1]);
    if (read(ends[0], last, sizeof *last) != sizeof *last) puts("it did not start");
    close(ends[0]);
    return child;
}

static void tell_and_wait(void) {
    pid_t self = getpid();
    if (write(9, &self, sizeof self) < 0) _exit(1);
    for (;;) pause();
}

static void end(pid_t process) {
    kill(process, SIGKILL);
    waitpid(process, NULL, 0);
}

int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "once")) return 77;
    if (argc > 2 && !strcmp(argv[2], "once")) return 77;
    // An interpreter: the script's name comes last.
    if (argc > 1 && !strcmp(argv[1], "script")) return 77;
    if (argc > 1 && !strcmp(argv[1], "wait")) tell_and_wait();
    if (argc > 1 && !strcmp(argv[1], "fork")) {
        if (fork() == 0) tell_and_wait();
        return 0;
    }

    section("open for writing");
    int writer = open("program", O_RDWR | O_CREAT | O_TRUNC, 0755);
    copy_program(writer);
    RUN(AT_FDCWD, "program", 0);
    int again = dup(writer);
    close(writer);
    RUN(AT_FDCWD, "program", 0);
    int path = open("program", O_PATH | O_CLOEXEC);
    RUN(path, "", AT_EMPTY_PATH);
    close(again);
    RUN(AT_FDCWD, "program", 0);
    RUN(path, "", AT_EMPTY_PATH);
    int reader = open("program", O_RDONLY);
    RUN(AT_FDCWD, "program", 0);
    close(reader);

    section("running");
    pid_t last, running = start(AT_FDCWD, "program", "wait", &last);
    TRY(open("program", O_WRONLY));
    TRY(open("program", O_RDWR));
    TRY(open("program", O_RDONLY | O_TRUNC));
    TRY(open("program", O_WRONLY | O_CREAT | O_APPEND, 0644));
    TRY(truncate("program", 0));
    TRY(truncate("program", -1));
    TRY(reader = open("program", O_RDONLY));
    TRY(ftruncate(reader, 0));
    close(reader);
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/exe", running);
    TRY(open(name, O_RDWR));
    TRY(chmod("program", 0700));
    CALL(access("program", W_OK));
    TRY(link("program", "other"));
    TRY(open("other", O_WRONLY));
    end(running);
    TRY(writer = open("program", O_WRONLY));
    close(writer);
    TRY(unlink("other"));

    section("running in a child that was forked");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    running = start(AT_FDCWD, "program", "fork", &last);
    waitpid(running, NULL, 0);
    TRY(open("program", O_WRONLY));
    end(last);
    TRY(writer = open("program", O_WRONLY));
    close(writer);

    section("replaced while it runs");
    running = start(AT_FDCWD, "program", "wait", &last);
    TRY(unlink("program"));
    TRY(writer = open("program", O_WRONLY | O_CREAT, 0755));
    copy_program(writer);
    close(writer);
    RUN(AT_FDCWD, "program", 0);
    end(running);

    section("scripts and their interpreters");
    make_file("text", "#!./program script\n");
    chmod("text", 0755);
    RUN(AT_FDCWD, "text", 0);
    writer = open("text", O_WRONLY);
    RUN(AT_FDCWD, "text", 0);
    close(writer);
    writer = open("program", O_WRONLY);
    RUN(AT_FDCWD, "text", 0);
    close(writer);
    RUN(AT_FDCWD, "text", 0);

    section("scripts through descriptors");
    int open_script = open("text", O_RDONLY), closing_script = open("text", O_RDONLY | O_CLOEXEC);
    RUN(open_script, "", AT_EMPTY_PATH);
    RUN(closing_script, "", AT_EMPTY_PATH);
    int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), stays = open(".", O_RDONLY | O_DIRECTORY);
    RUN(here, "text", 0);
    RUN(stays, "text", 0);
    RUN(here, "program", 0);

    section("files in memory");
    int memory = memfd_create("program", 0);
    copy_program(memory);
    RUN(memory, "", AT_EMPTY_PATH);
    snprintf(name, sizeof name, "/proc/self/fd/%d", memory);
    TRY(writer = open(name, O_RDWR));
    RUN(memory, "", AT_EMPTY_PATH);
    close(writer);
    running = start(memory, "", "wait", &last);
    TRY(open(name, O_WRONLY));
    TRY(truncate(name, 0));
    end(running);
    TRY(writer = open(name, O_WRONLY));
    close(writer);

    section("files without a name");
    int temporary = open(".", O_TMPFILE | O_RDWR, 0700);
    copy_program(temporary);
    RUN(temporary, "", AT_EMPTY_PATH);
    return 0;
}
