// Descriptors opened once more by their names in /proc/self/fd.
#include "probe.h"

#include <sys/stat.h>

static void show(const char *what, int result) { printf("%s: %s\n", what, result < 0 ? strerror(errno) : "done"); }

int main(void) {
    char name[64], bytes[16] = "";
    int ends[2];
    if (pipe(ends)) return 1;
    sprintf(name, "/proc/self/fd/%d", ends[0]);
    int reader = open(name, O_RDONLY);
    show("the reading end again", reader);
    if (write(ends[1], "hello", 5) != 5) return 2;
    close(ends[0]);
    printf("through the new end: %zd %.5s\n", read(reader, bytes, sizeof bytes), bytes);
    sprintf(name, "/proc/self/fd/%d", reader);
    int writer = open(name, O_WRONLY);
    show("a writing end by the reading one's name", writer);
    close(ends[1]);
    printf("write: %zd\n", write(writer, "more", 4));
    close(writer);
    printf("read: %zd, then the end: %zd\n", read(reader, bytes, sizeof bytes), read(reader, bytes, sizeof bytes));
    struct stat one, two;
    int again = open(name, O_RDONLY | O_NONBLOCK);
    fstat(reader, &one);
    fstat(again, &two);
    printf("the same pipe: %d\n", one.st_ino == two.st_ino && one.st_dev == two.st_dev);

    int file = open("link-target", O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (write(file, "abcdef", 6) != 6) return 3;
    sprintf(name, "/proc/self/fd/%d", file);
    int second = open(name, O_RDONLY);
    printf("a file again, from its start: %zd\n", read(second, bytes, sizeof bytes));
    unlink("link-target");
    show("without its name", open(name, O_RDONLY));
    return 0;
}
