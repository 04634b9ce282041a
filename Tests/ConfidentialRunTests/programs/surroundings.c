// Prints what a program is started with, and what it finds: the same in every kind of run.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

extern char **environ;

int main(int count, char **arguments) {
    char folder[4096];
    struct utsname names;
    struct rlimit files;
    sigset_t blocked;
    for (int index = 0; index < count; index++) printf("argument %d: %s\n", index, index ? arguments[index] : strrchr(arguments[0], '/'));
    for (char **variable = environ; *variable; variable++) puts(*variable);
    mode_t mask = umask(0);
    uname(&names);
    getrlimit(RLIMIT_NOFILE, &files);
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    printf("in %s as %d:%d, umask %04o, on %s, files %lu\n", getcwd(folder, sizeof folder), getuid(), getgid(), mask, names.nodename, files.rlim_cur);
    for (int number = 1; number < 32; number++) {
        struct sigaction action;
        sigaction(number, NULL, &action);
        if (action.sa_handler == SIG_IGN || sigismember(&blocked, number)) printf("signal %d is ignored or blocked\n", number);
    }
    // What is granted is read-only, /tmp is not.
    int file = open(arguments[0], O_WRONLY);
    printf("own file: %s\n", file < 0 ? strerror(errno) : "writable");
    file = open("/tmp/new", O_RDWR | O_CREAT | O_EXCL, 0644);
    printf("new file: %s, %zd bytes\n", file < 0 ? strerror(errno) : "made", write(file, "text", 4));
    struct stat status;
    printf("/etc/passwd: %s\n", stat("/etc/passwd", &status) ? strerror(errno) : "there");
    return 42;
}
