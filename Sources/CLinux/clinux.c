#define _GNU_SOURCE
#include <limits.h>
#include "clinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

int skerry_ioctl(int fd, unsigned long request, uintptr_t argument) {
    int result = ioctl(fd, request, argument);
    return result < 0 ? -errno : result;
}

int skerry_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
    long result = syscall(SYS_openat2, directory, path, &how, sizeof how);
    return result < 0 ? -errno : (int)result;
}

void skerry_futex_wait(uint32_t *word, uint32_t expected, int64_t nanoseconds) {
    struct timespec timeout = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, nanoseconds < 0 ? NULL : &timeout, NULL, 0);
}

void skerry_futex_wake(uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0); }
void skerry_futex_wake_all(uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0); }

uint64_t skerry_memory_and_swap(void) {
    struct sysinfo information;
    if (sysinfo(&information) != 0) return UINT64_MAX;
    uint64_t units = (uint64_t)information.totalram + information.totalswap, bytes;
    return __builtin_mul_overflow(units, information.mem_unit, &bytes) ? UINT64_MAX : bytes;
}

int skerry_memfd_create(const char *name) {
    int result = memfd_create(name, MFD_CLOEXEC);
    return result < 0 ? -errno : result;
}

int skerry_punch_hole(int fd, int64_t offset, int64_t length) {
    return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length) != 0 ? -errno : 0;
}

int skerry_other_processor(struct skerry_processors *usable, struct skerry_processors *other) {
    _Static_assert(sizeof *usable == sizeof(cpu_set_t), "a cpu_set_t");
    cpu_set_t *set = (cpu_set_t *)usable, *one = (cpu_set_t *)other;
    int own = sched_getcpu();
    if (own < 0 || sched_getaffinity(0, sizeof *set, set) != 0) return 0;
    for (int step = 1; step < CPU_SETSIZE; step++) {
        int candidate = (own + step) % CPU_SETSIZE;
        if (candidate == own || !CPU_ISSET(candidate, set)) continue;
        CPU_ZERO(one);
        CPU_SET(candidate, one);
        return 1;
    }
    return 0;
}

int skerry_begin_on(pthread_attr_t *attributes, const struct skerry_processors *set) {
    return pthread_attr_setaffinity_np(attributes, sizeof(cpu_set_t), (const cpu_set_t *)set) == 0;
}

void skerry_run_on(const struct skerry_processors *set) { sched_setaffinity(0, sizeof(cpu_set_t), (const cpu_set_t *)set); }

int skerry_usable_processors(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return CPU_COUNT(&set);
}

int32_t skerry_lock_order(uint8_t rank, int32_t event) {
    enum { ranks = 18 };
    static _Thread_local uint16_t held[ranks];
    int32_t highest = ranks - 1;
    while (highest >= 0 && held[highest] == 0) highest--;
    if (rank >= ranks) return -1;
    if (event != 2) {
        held[rank]++;
    } else if (held[rank] > 0) {
        held[rank]--;
    }
    return highest;
}
