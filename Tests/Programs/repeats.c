// Every call happens exactly once, however it is answered: many quick calls in a row with computing of varying length between them.
#include "probe.h"

static char all[4 << 20], part[8192];

int main(void) {
    for (size_t i = 0; i < sizeof all; i++) all[i] = (char)(i * 2654435761u >> 13);
    int fd = open("f", O_CREAT | O_RDWR, 0600);
    for (size_t at = 0; at < sizeof all; at += 65536) write(fd, all + at, 65536);
    long wrong = 0, sum = 0;
    for (int round = 0; round < 6; round++) {
        lseek(fd, 0, SEEK_SET);
        for (size_t at = 0; at < sizeof all; at += sizeof part) {
            if (read(fd, part, sizeof part) != sizeof part || memcmp(part, all + at, sizeof part)) wrong++;
            for (int i = 0; i < (int)(at / sizeof part % 13) * 100; i++) sum += part[i % sizeof part] * i;
        }
    }
    SHOW(wrong);
    TRUTH(sum != 1);
    int ends[2];
    pipe(ends);
    for (uint32_t i = 0, got; i < 20000; i++) {
        write(ends[1], &i, 4);
        read(ends[0], &got, 4);
        if (got != i) wrong++;
        for (volatile int spin = 0; spin < (int)(i % 97) * 10; spin++) {}
    }
    SHOW(wrong);
    long position = 0;
    lseek(fd, 0, SEEK_SET);
    for (int i = 0; i < 20000; i++) {
        position += i % 5;
        if (lseek(fd, i % 5, SEEK_CUR) != position) wrong++;
        for (volatile int spin = 0; spin < i % 89 * 10; spin++) {}
    }
    SHOW(wrong);
    return 0;
}
