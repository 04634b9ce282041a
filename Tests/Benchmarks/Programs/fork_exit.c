#include "loop.h"
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

// fork, exit, wait: nanoseconds a round. Arguments: rounds, MiB of private memory that were touched before (default none).
int main(int argc, char **argv) {
    long size = argc > 2 ? atol(argv[2]) << 20 : 0;
    char *memory = size > 0 ? mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : 0;
    if (memory == MAP_FAILED) return 1;
    for (long at = 0; at < size; at += 4096) memory[at] = 1;
    MEASURE({
        int status;
        pid_t child = fork();
        if (child == 0) _exit(7);
        if (child < 0 || waitpid(child, &status, 0) != child || status != 7 << 8) return 1;
    })
}
