// getdents64, telldir and seekdir, and a directory that changes while it is read.
#include "probe.h"

static int compare(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

int main(void) {
    mkdir("d", 0755);
    char name[64];
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "d/file-%03d", i);
        close(open(name, O_CREAT | O_WRONLY, 0600));
    }
    mkdir("d/sub", 0700);
    symlink("file-000", "d/link");
    mkfifo("d/fifo", 0600);
    DIR *dir = opendir("d");
    char *names[400];
    int count = 0, kinds[16] = {0};
    for (struct dirent *e; (e = readdir(dir));) {
        kinds[e->d_type]++;
        names[count++] = strdup(e->d_name);
    }
    SHOW(count);
    qsort(names, count, sizeof *names, compare);
    printf("%s %s %s %s %s\n", names[0], names[1], names[2], names[3], names[count - 1]);
    for (int i = 0; i < 16; i++)
        if (kinds[i]) printf("type %d: %d\n", i, kinds[i]);
    section("telldir");
    rewinddir(dir);
    for (int i = 0; i < 100; i++) readdir(dir);
    long place = telldir(dir);
    struct dirent *entry = readdir(dir);
    char expected[256];
    strcpy(expected, entry->d_name);
    for (int i = 0; i < 50; i++) readdir(dir);
    seekdir(dir, place);
    entry = readdir(dir);
    TRUTH(entry && !strcmp(entry->d_name, expected));
    section("removing while reading");
    rewinddir(dir);
    int removed = 0;
    while ((entry = readdir(dir)))
        if (!strncmp(entry->d_name, "file", 4)) removed += unlinkat(dirfd(dir), entry->d_name, 0) == 0;
    SHOW(removed);
    rewinddir(dir);
    count = 0;
    while (readdir(dir)) count++;
    SHOW(count);
    section("numbers");
    struct stat s, up;
    stat("d", &s);
    stat("d/sub/..", &up);
    TRUTH(s.st_ino == up.st_ino);
    rewinddir(dir);
    while ((entry = readdir(dir)))
        if (!strcmp(entry->d_name, "sub")) {
            fstatat(dirfd(dir), "sub", &up, 0);
            TRUTH(entry->d_ino == up.st_ino);
        }
    section("errors");
    int fd = open("d", O_RDONLY);
    char buffer[32768];
    CALL(syscall(SYS_getdents64, fd, buffer, 10));
    CALL(syscall(SYS_getdents64, 99, buffer, 100));
    CALL(syscall(SYS_getdents64, open("d/link", O_CREAT | O_RDWR, 0600), buffer, 100));
    CALL(syscall(SYS_getdents64, fd, (void *)8, 1000));
    CALL(syscall(SYS_getdents64, fd, buffer, sizeof buffer) > 0);
    CALL(syscall(SYS_getdents64, fd, buffer, sizeof buffer));
    CALL(lseek(fd, 0, SEEK_SET));
    CALL(syscall(SYS_getdents64, fd, buffer, sizeof buffer) > 0);
    CALL(read(fd, buffer, 10));
    CALL(write(fd, buffer, 10));
    mkdir("e", 0700);
    fd = open("e", O_RDONLY);
    rmdir("e");
    CALL(syscall(SYS_getdents64, fd, buffer, sizeof buffer));
    return 0;
}
