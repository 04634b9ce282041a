#include "loop.h"
#include <fcntl.h>
#include <unistd.h>

// rounds, file, bytes of each read
int main(int argc, char **argv) {
    int file = open(argv[2], O_RDONLY);
    size_t size = atol(argv[3]);
    char *buffer = malloc(size);
    if (file < 0 || !buffer) return 1;
    MEASURE(if (pread(file, buffer, size, 0) != (ssize_t)size) return 2)
}
