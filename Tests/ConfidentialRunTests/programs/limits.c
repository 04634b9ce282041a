// Runs into one limit: "files" until open(2) fails, "processes" until fork(2) does, "memory" until it is killed.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int count, char **arguments) {
    if (count > 1 && !strcmp(arguments[1], "files"))
        for (int number = 0;; number++)
            if (open("/dev/null", O_RDONLY) < 0) return printf("%d files, %s\n", number, strerror(errno)) < 0;
    if (count > 1 && !strcmp(arguments[1], "processes"))
        for (int number = 0;; number++) {
            pid_t child = fork();
            if (child == 0) pause();
            if (child < 0) return printf("%d processes, %s\n", number, strerror(errno)) < 0;
        }
    for (;;) memset(malloc(1 << 20), 1, 1 << 20);
}
