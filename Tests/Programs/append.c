// O_APPEND, alone and from several descriptions and threads.
#include "probe.h"

static void *writer(void *argument) {
    int fd = open("log", O_WRONLY | O_APPEND);
    for (int i = 0; i < 200; i++)
        if (write(fd, argument, 8) != 8) puts("short");
    close(fd);
    return NULL;
}

int main(void) {
    int fd = open("f", O_CREAT | O_RDWR | O_APPEND, 0600);
    CALL(write(fd, "abc", 3));
    CALL(lseek(fd, 0, SEEK_SET));
    CALL(write(fd, "def", 3));
    CALL(lseek(fd, 0, SEEK_CUR));
    CALL(pwrite(fd, "ghi", 3, 0));
    CALL(lseek(fd, 0, SEEK_CUR));
    show_file("f");
    CALL(fcntl(fd, F_SETFL, 0));
    CALL(lseek(fd, 0, SEEK_SET));
    CALL(write(fd, "X", 1));
    show_file("f");
    CALL(fcntl(fd, F_SETFL, O_APPEND));
    CALL(write(fd, "Y", 1));
    show_file("f");
    CALL(fcntl(fd, F_GETFL));
    section("threads");
    close(open("log", O_CREAT | O_RDWR, 0600));
    pthread_t threads[4];
    char *texts[4] = {"aaaaaaa\n", "bbbbbbb\n", "ccccccc\n", "ddddddd\n"};
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, writer, texts[i]);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    FILE *log = fopen("log", "r");
    char line[32];
    int counts[4] = {0}, torn = 0;
    while (fgets(line, sizeof line, log)) {
        int which = line[0] - 'a';
        if (which < 0 || which > 3 || strcmp(line, texts[which])) torn++;
        else counts[which]++;
    }
    printf("%d %d %d %d torn %d\n", counts[0], counts[1], counts[2], counts[3], torn);
    return 0;
}
