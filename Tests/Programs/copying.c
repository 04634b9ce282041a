// sendfile, splice, tee, vmsplice, copy_file_range.
#include "probe.h"
#include <sys/sendfile.h>
#include <sys/socket.h>

int main(void) {
    char text[64] = "";
    int in = open("in", O_CREAT | O_RDWR, 0600), out = open("out", O_CREAT | O_RDWR, 0600);
    write(in, "0123456789abcdef", 16);
    section("sendfile");
    off_t offset = 4;
    CALL(sendfile(out, in, &offset, 6));
    SHOW(offset);
    CALL(lseek(in, 0, SEEK_CUR));
    CALL(lseek(in, 0, SEEK_SET));
    CALL(sendfile(out, in, NULL, 100));
    CALL(lseek(in, 0, SEEK_CUR));
    CALL(sendfile(out, in, NULL, 100));
    show_file("out");
    int ends[2];
    pipe(ends);
    offset = 0;
    CALL(sendfile(ends[1], in, &offset, 16));
    CALL(read(ends[0], text, 64));
    CALL(sendfile(out, ends[0], NULL, 1));
    CALL(sendfile(out, in, (off_t *)8, 1));
    offset = -1;
    CALL(sendfile(out, in, &offset, 1));
    int pair[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    offset = 10;
    CALL(sendfile(pair[0], in, &offset, 6));
    CALL(read(pair[1], text, 64));
    int readonly = open("in", O_RDONLY), writeonly = open("out", O_WRONLY);
    CALL(sendfile(readonly, in, NULL, 1));
    CALL(sendfile(out, writeonly, NULL, 1));
    section("splice");
    loff_t from = 2, to = 1;
    CALL(splice(in, &from, ends[1], NULL, 5, 0));
    SHOW(from);
    CALL(splice(ends[0], NULL, out, &to, 5, 0));
    SHOW(to);
    CALL(lseek(in, 0, SEEK_SET));
    CALL(splice(in, NULL, ends[1], NULL, 100, SPLICE_F_MOVE));
    int other[2];
    pipe(other);
    CALL(tee(ends[0], other[1], 4, 0));
    CALL(splice(ends[0], NULL, other[1], NULL, 3, 0));
    CALL(read(other[0], text, 64));
    printf("%.7s\n", text);
    CALL(read(ends[0], text, 64));
    CALL(splice(ends[0], NULL, out, NULL, 5, SPLICE_F_NONBLOCK));
    CALL(splice(in, NULL, out, NULL, 5, 0));
    CALL(splice(ends[0], &from, out, NULL, 5, 0));
    CALL(tee(in, ends[1], 5, 0));
    struct iovec vector = {"vmspliced", 9};
    CALL(vmsplice(ends[1], &vector, 1, 0));
    CALL(read(ends[0], text, 64));
    section("copy_file_range");
    from = 0, to = 20;
    CALL(copy_file_range(in, &from, out, &to, 8, 0));
    printf("%ld %ld\n", (long)from, (long)to);
    CALL(copy_file_range(in, &from, out, &to, 100, 0));
    CALL(copy_file_range(in, &from, out, &to, 100, 0));
    from = 0, to = 4;
    CALL(copy_file_range(in, &from, in, &to, 8, 0));
    to = 100;
    from = 0;
    CALL(copy_file_range(in, &from, in, &to, 16, 0));
    CALL(copy_file_range(in, NULL, out, NULL, 10, 1));
    CALL(copy_file_range(in, NULL, ends[1], NULL, 10, 0));
    CALL(copy_file_range(open(".", O_RDONLY), NULL, out, NULL, 10, 0));
    CALL(copy_file_range(in, NULL, readonly, NULL, 10, 0));
    struct stat s;
    fstat(out, &s);
    SHOW(s.st_size);
    return 0;
}
