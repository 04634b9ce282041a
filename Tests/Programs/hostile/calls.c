// Every system call number with bad pointers and huge lengths in every place.
#include "hostile.h"

static const long skipped[] = {
    SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_clone, SYS_fork, SYS_vfork, 435 /* clone3 */, SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo,
    SYS_seccomp, SYS_rt_tgsigqueueinfo, SYS_arch_prctl, SYS_munmap, SYS_mremap, SYS_brk, SYS_setrlimit, SYS_prlimit64, SYS_rt_sigaction,
};

int main(void) {
    static char page[8192] __attribute__((aligned(4096)));
    char *hole = mmap(0, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(hole + 4096, 4096);
    char *read_only = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *none = mmap(0, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const long pointers[] = {
        0, 1, 4095, (long)0xffffffff80000000, (long)WINDOW, (long)(WINDOW + 0x1000), (long)(WINDOW + 0x8000), (long)(WINDOW + 0x9ff8), (long)read_only, (long)none,
        (long)hole + 4096, (long)hole + 4095, (long)hole + 4092, (long)page + 1, -1, -8, -4096, 0x7fffffffeffc, 0x7fffffffefff, 0x7ffffffff000, 0x800000000000,
        (long)0x8000000000000000, (long)page,
    };
    const long values[] = {0, 1, -1, 3, 8, 64, 1024, 1025, 4096, 0x7fffffff, 0x80000000, 0xffffffff, 0x7ffff000, 0x7fffffffffffffff, (long)0x8000000000000000, 0x1000000000};
    enum { pointer_count = sizeof pointers / sizeof *pointers, value_count = sizeof values / sizeof *values };
    sigset_t nothing;
    sigemptyset(&nothing);
    for (long number = 0; number < 470; number++) {
        int skip = 0;
        for (unsigned i = 0; i < sizeof skipped / sizeof *skipped; i++) skip |= skipped[i] == number;
        if (skip) continue;
        struct timespec before, after;
        clock_gettime(CLOCK_MONOTONIC, &before);
        interrupt_every(2000);
        raw(SYS_rt_sigprocmask, SIG_SETMASK, (long)&nothing, 0, 8, 0, 0);
        // mmap and mprotect only where they cannot take this program's own pages away.
        for (int p = 0; p < pointer_count; p++) {
            long a = pointers[p];
            if (number == SYS_mprotect || number == SYS_mmap || number == SYS_madvise || number == SYS_pkey_mprotect || number == SYS_remap_file_pages) {
                if (a == (long)page) continue;
                for (int v = 0; v < value_count; v++) {
                    raw(number, a, values[v], number == SYS_madvise ? v : 3, number == SYS_mmap ? 0x22 : 0, -1, 0);
                    raw(number, a, values[v], number == SYS_madvise ? v + 12 : 1, number == SYS_mmap ? 0x1 : 0, 0, values[v]);
                }
                continue;
            }
            long v = values[p % value_count], w = values[(p * 7 + number) % value_count];
            raw(number, a, a, a, a, a, a);
            raw(number, a, v, w, v, w, v);
            raw(number, v, a, w, v, a, w);
            raw(number, 0, a, v, a, v, a);
            raw(number, 1, a, w, a, v, 8);
            raw(number, -100, a, v, a, 0, 0);
            raw(number, v, w, a, v, w, a);
            raw(number, w, v, v, a, w, v);
            raw(number, v, v, v, v, a, v);
        }
        clock_gettime(CLOCK_MONOTONIC, &after);
        if (after.tv_sec - before.tv_sec > 2) fprintf(stderr, "call %ld took long\n", number);
    }
    _exit(0);
}
