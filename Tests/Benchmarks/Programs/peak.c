// Runs a command and prints its peak resident memory in KiB. Small itself: a process begins with the peak of the one that started it.
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
    pid_t child = vfork();
    if (child == 0) {
        execv(argv[1], argv + 1);
        _exit(127);
    }
    int status;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0) return 1;
    printf("%ld\n", usage.ru_maxrss);
    return 0;
}
