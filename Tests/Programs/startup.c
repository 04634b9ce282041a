// What a program finds when it starts: arguments, environment, auxiliary vector, stack, descriptors.
#include "probe.h"
#include <elf.h>
#include <link.h>
#include <sys/auxv.h>

extern char **environ;
static int data = 7, zero;
static const char constant[] = "constant";
__attribute__((constructor)) static void early(void) { data++; }
static int objects(struct dl_phdr_info *info, size_t size, void *unused) {
    (void)size, (void)unused;
    const char *base = strrchr(info->dlpi_name, '/');
    if (base && !strstr(base, "vdso")) printf("object %s\n", base + 1);
    return 0;
}
static void last(void) { puts("at exit"); }

int main(int argc, char **argv) {
    atexit(last);
    section("arguments");
    SHOW(argc);
    for (int i = 1; i < argc; i++) printf("<%s>\n", argv[i]);
    TRUTH(argv[argc] == NULL);
    TRUTH(argv[0][0] == '/');
    section("environment");
    for (char **e = environ; *e; e++)
        if (!strncmp(*e, "PATH=", 5) || !strncmp(*e, "HOME=", 5) || !strncmp(*e, "TERM=", 5)) puts(*e);
        else puts("something else");
    TRUTH(getenv("LD_PRELOAD") == NULL);
    section("auxiliary vector");
    SHOW(getauxval(AT_PAGESZ));
    SHOW(getauxval(AT_CLKTCK));
    SHOW(getauxval(AT_PHENT));
    SHOW(getauxval(AT_SECURE));
    SHOW(getauxval(AT_UID));
    SHOW(getauxval(AT_EGID));
    SHOW(getauxval(AT_FLAGS));
    TRUTH(getauxval(AT_PHNUM) > 3);
    TRUTH(getauxval(AT_RANDOM) != 0);
    TRUTH(getauxval(AT_ENTRY) != 0);
    TRUTH(getauxval(AT_SYSINFO_EHDR) != 0);
    TRUTH(getauxval(AT_HWCAP) != 0);
    TRUTH(getauxval(AT_MINSIGSTKSZ) >= 2048);
    puts((char *)getauxval(AT_PLATFORM));
    TRUTH(!strcmp((char *)getauxval(AT_EXECFN), argv[0]));
    section("memory");
    int here;
    TRUTH((uintptr_t)&here > (uintptr_t)&data);
    TRUTH(((uintptr_t)__builtin_frame_address(0) & 15) == 0);
    printf("%d %d %s\n", data, zero, constant);
    dl_iterate_phdr(objects, NULL);
    char path[4096];
    ssize_t count = readlink("/proc/self/exe", path, sizeof path - 1);
    path[count < 0 ? 0 : count] = 0;
    TRUTH(!strcmp(path, argv[0]));
    volatile char deep[3 << 20];
    for (size_t i = 0; i < sizeof deep; i += 4096) deep[sizeof deep - 1 - i] = 1;
    puts("three megabytes of stack");
    section("descriptors");
    for (int fd = 0; fd < 10; fd++)
        if (fcntl(fd, F_GETFD) >= 0) printf("%d open\n", fd);
    sigset_t mask;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    int blocked = 0;
    for (int i = 1; i < 65; i++) blocked += sigismember(&mask, i) == 1;
    SHOW(blocked);
    return 17;
}
