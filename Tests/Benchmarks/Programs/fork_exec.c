#include "loop.h"
#include <sys/wait.h>
#include <unistd.h>

// fork, exec of a static program (this one, which ends at once), wait: nanoseconds a round. Argument: rounds.
int main(int argc, char **argv) {
    if (argc < 2) return 7;
    char *words[] = {argv[0], NULL};
    MEASURE({
        int status;
        pid_t child = fork();
        if (child == 0) {
            execv("/proc/self/exe", words);
            _exit(127);
        }
        if (child < 0 || waitpid(child, &status, 0) != child || status != 7 << 8) return 1;
    })
}
