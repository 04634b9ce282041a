#include "loop.h"

int main(int argc, char **argv) {
    struct timespec time;
    MEASURE(clock_gettime(CLOCK_MONOTONIC, &time))
}
