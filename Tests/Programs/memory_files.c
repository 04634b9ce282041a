// memfd_create, seals, shared mappings against read and write, truncation below a mapping, brk.
#include "probe.h"
#include <setjmp.h>
static sigjmp_buf back;
static void handler(int number, siginfo_t *info, void *unused) {
    (void)unused;
    printf("  signal %d code %d\n", number, info->si_code);
    siglongjmp(back, 1);
}
#define FAULTS(...) do { if (sigsetjmp(back, 1) == 0) { __VA_ARGS__; puts("  no fault"); } } while (0)

int main(void) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGBUS, &action, NULL);
    char text[16] = "";
    struct stat s;
    section("memfd");
    int fd = memfd_create("name", MFD_CLOEXEC);
    CALL(ftruncate(fd, 8192));
    char *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    strcpy(map + 4094, "cross");
    CALL(pread(fd, text, 5, 4094));
    puts(text);
    CALL(pwrite(fd, "CROSS", 5, 4094));
    puts(map + 4094);
    fstat(fd, &s);
    SHOW(s.st_size);
    SHOW(s.st_nlink);
    printf("%o\n", s.st_mode);
    CALL(fcntl(fd, F_GETFL));
    CALL(fcntl(fd, F_GET_SEALS));
    CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
    char name[300];
    memset(name, 'n', sizeof name);
    name[250] = 0;
    CALL(memfd_create(name, 0));
    CALL(memfd_create("x", 0x4000));
    char path[64], target[64] = "";
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    readlink(path, target, 63);
    puts(target);
    int again = open(path, O_RDONLY);
    CALL(pread(again, text, 5, 4094));
    section("seals");
    int sealed = memfd_create("sealed", MFD_ALLOW_SEALING);
    write(sealed, "0123456789", 10);
    CALL(fcntl(sealed, F_GET_SEALS));
    CALL(fcntl(sealed, F_ADD_SEALS, F_SEAL_SHRINK));
    CALL(ftruncate(sealed, 5));
    CALL(ftruncate(sealed, 4096));
    CALL(fcntl(sealed, F_ADD_SEALS, F_SEAL_GROW));
    CALL(ftruncate(sealed, 5000));
    CALL(pwrite(sealed, "xx", 2, 4095));
    map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, sealed, 0);
    CALL(fcntl(sealed, F_ADD_SEALS, F_SEAL_WRITE));
    munmap(map, 4096);
    CALL(fcntl(sealed, F_ADD_SEALS, F_SEAL_WRITE));
    CALL(write(sealed, "x", 1));
    CALL((long)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, sealed, 0));
    TRY(mmap(NULL, 4096, PROT_READ, MAP_SHARED, sealed, 0));
    CALL(fallocate(sealed, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
    CALL(fcntl(sealed, F_ADD_SEALS, F_SEAL_SEAL));
    CALL(fcntl(sealed, F_ADD_SEALS, F_SEAL_SEAL));
    CALL(fcntl(sealed, F_GET_SEALS));
    CALL(fcntl(0, F_GET_SEALS));
    section("truncation below mappings");
    int file = open("t", O_CREAT | O_RDWR, 0600);
    ftruncate(file, 3 * 4096);
    map = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    char *copy = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    memset(map, 's', 3 * 4096);
    copy[4096] = 'c';
    CALL(ftruncate(file, 100));
    printf("%c %d\n", map[99], map[100]);
    FAULTS(printf("%c\n", map[4096]));
    FAULTS(printf("%c\n", copy[4096]));
    CALL(ftruncate(file, 3 * 4096));
    printf("%d %d\n", map[100], map[4096]);
    CALL(read(open("/dev/zero", O_RDONLY), map + 4096, 4096));
    ftruncate(file, 4096);
    CALL(pread(open("/dev/zero", O_RDONLY), map + 4000, 200, 0));
    CALL(pread(open("/dev/zero", O_RDONLY), map + 4096, 200, 0));
    map[4095] = 'e';
    CALL(pread(file, text, 10, 4095));
    SHOW(text[0]);
    section("brk");
    char *start = sbrk(0);
    TRUTH(sbrk(10000) == start);
    memset(start, 1, 10000);
    TRUTH(sbrk(0) == start + 10000);
    TRUTH(brk(start) == 0);
    TRUTH(sbrk(8192) == start && start[0] == ((uintptr_t)start % 4096 ? 1 : 0));
    TRUTH(start[8191] == 0);
    TRUTH((char *)syscall(SYS_brk, 1) == start + 8192);
    return 0;
}
