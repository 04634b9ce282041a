// Pipes: ends, blocking, partial transfers, sizes, SIGPIPE, named pipes.
#include "probe.h"
#include <sys/ioctl.h>

static int ends[2];

static void *late_writer(void *unused) {
    (void)unused;
    sleep_ms(20);
    write(ends[1], "late", 4);
    return NULL;
}

static void *drainer(void *unused) {
    (void)unused;
    static char sink[4096];
    long total = 0, count;
    while ((count = read(ends[0], sink, sizeof sink)) > 0) total += count;
    return (void *)total;
}

static void *fifo_writer(void *unused) {
    (void)unused;
    int fd = open("fifo", O_WRONLY);
    write(fd, "through", 7);
    close(fd);
    return NULL;
}

int main(void) {
    static char big[1 << 18];
    char text[64];
    pthread_t thread;
    pipe(ends);
    CALL(write(ends[1], "abcdef", 6));
    CALL(read(ends[0], text, 4));
    CALL(read(ends[0], text, 4));
    CALL(read(ends[1], text, 4));
    CALL(write(ends[0], text, 4));
    section("a reader waits");
    pthread_create(&thread, NULL, late_writer, NULL);
    CALL(read(ends[0], text, 64));
    pthread_join(thread, NULL);
    section("without waiting");
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    CALL(read(ends[0], text, 1));
    CALL(fcntl(ends[0], F_GETPIPE_SZ));
    CALL(write(ends[1], big, sizeof big));
    CALL(write(ends[1], big, 1));
    int count;
    CALL(ioctl(ends[0], FIONREAD, &count));
    SHOW(count);
    CALL(read(ends[0], big, 4095));
    CALL(write(ends[1], big, 4096));
    CALL(read(ends[0], big, 1));
    CALL(write(ends[1], big, 4096));
    CALL(read(ends[0], big, sizeof big));
    section("sizes");
    CALL(fcntl(ends[0], F_SETPIPE_SZ, 5000));
    CALL(fcntl(ends[0], F_GETPIPE_SZ));
    CALL(fcntl(ends[1], F_SETPIPE_SZ, 1 << 20));
    CALL(write(ends[1], big, sizeof big));
    CALL(fcntl(ends[1], F_SETPIPE_SZ, 4096));
    CALL(read(ends[0], big, sizeof big));
    CALL(fcntl(ends[1], F_SETPIPE_SZ, -1));
    section("a blocking writer fills and waits");
    fcntl(ends[0], F_SETFL, 0);
    fcntl(ends[1], F_SETFL, 0);
    pthread_create(&thread, NULL, drainer, NULL);
    CALL(write(ends[1], big, sizeof big));
    CALL(close(ends[1]));
    void *total;
    pthread_join(thread, &total);
    SHOW((long)total);
    CALL(read(ends[0], text, 1));
    section("broken");
    int broken[2];
    pipe(broken);
    close(broken[0]);
    signal(SIGPIPE, SIG_IGN);
    CALL(write(broken[1], "x", 1));
    CALL(write(broken[1], "x", 0));
    section("packets");
    int packets[2];
    CALL(pipe2(packets, O_DIRECT));
    CALL(write(packets[1], "first", 5));
    CALL(write(packets[1], "second", 6));
    CALL(read(packets[0], text, 3));
    CALL(read(packets[0], text, 64));
    section("named");
    CALL(mkfifo("fifo", 0600));
    CALL(mkfifo("fifo", 0600));
    CALL(open("fifo", O_WRONLY | O_NONBLOCK));
    int reader = CALL(open("fifo", O_RDONLY | O_NONBLOCK));
    CALL(read(reader, text, 1));
    int writer = CALL(open("fifo", O_WRONLY | O_NONBLOCK));
    CALL(read(reader, text, 1));
    CALL(write(writer, "named", 5));
    CALL(read(reader, text, 64));
    close(writer);
    CALL(read(reader, text, 64));
    close(reader);
    pthread_create(&thread, NULL, fifo_writer, NULL);
    TRY(reader = open("fifo", O_RDONLY));
    CALL(read(reader, text, 64));
    CALL(read(reader, text, 64));
    pthread_join(thread, NULL);
    struct stat s;
    fstat(reader, &s);
    TRUTH(S_ISFIFO(s.st_mode));
    close(reader);
    section("ends that come and go");
    for (int i = 0; i < 500; i++) {
        pthread_create(&thread, NULL, fifo_writer, NULL);
        int end = open("fifo", O_RDONLY);
        if (read(end, text, 64) != 7 || read(end, text, 64) != 0) puts("lost");
        pthread_join(thread, NULL);
        close(end);
    }
    section("the last words");
    signal(SIGPIPE, SIG_DFL);
    write(broken[1], "x", 1);
    puts("not reached");
    return 0;
}
