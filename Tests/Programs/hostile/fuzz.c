// Random calls with random arguments from several threads at once, on descriptors of every kind that others close and replace.
#include "hostile.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

static const long skipped[] = {
    SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_clone, SYS_fork, SYS_vfork, 435 /* clone3 */, SYS_execve, SYS_execveat, SYS_arch_prctl, SYS_rt_sigaction,
    SYS_setrlimit, SYS_prlimit64, SYS_rt_sigprocmask,
};
static char *arena;
static uint64_t seed;
static int rounds;
enum { arena_size = 1 << 20 };

static uint64_t argument(uint64_t *s) {
    uint64_t r = next(s);
    switch (r % 12) {
    case 0: return 0;
    case 1: return next(s) % 64;
    case 2: return next(s) % 40;
    case 3: return (uint64_t)(arena + next(s) % arena_size);
    case 4: return (uint64_t)(arena + (next(s) % arena_size & ~4095ul));
    case 5: return (uint64_t)(arena + arena_size - next(s) % 64);
    case 6: return 1ul << next(s) % 64;
    case 7: return (1ul << next(s) % 64) - 1;
    case 8: return -(next(s) % 5000);
    case 9: return WINDOW + next(s) % 0xb000;
    case 10: return next(s) & 0xffff;
    default: return next(s);
    }
}

// Structures in the arena hold plausible garbage: small numbers and pointers into the arena.
static void scribble(uint64_t *s) {
    for (int i = 0; i < 16; i++) {
        uint64_t at = next(s) % (arena_size - 8) & ~7ul;
        *(volatile uint64_t *)(arena + at) = argument(s);
    }
    static const char *const paths[] = {
        "/proc/self/maps", "/tmp/f", "/tmp/d", "/tmp/d/../d/g", "f", "d/g", ".", "", "/tmp/link", "/proc/self/fd/3", "/proc/self/mem", "/proc/self/task", "/dev/full", "/dev/shm/s",
        "/dev/stdin", "/proc/sys/kernel/hostname",
    };
    strcpy(arena + 4096 * (next(s) % 16), paths[next(s) % (sizeof paths / sizeof *paths)]);
}

static sigjmp_buf *volatile landing[64];
static __thread int own = -1;
static void caught(int number) {
    if (own >= 0 && landing[own]) siglongjmp(*landing[own], number);
    _exit(0);
}

static void *run(void *index) {
    sigjmp_buf here;
    own = (int)(long)index;
    uint64_t s = seed + own * 7919;
    volatile int done = 0;
    if (sigsetjmp(here, 1)) {
        mmap(arena, arena_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        s = s * 3 + done;
    }
    landing[own] = &here;
    for (; done < rounds; done++) {
        long number = next(&s) % 463;
        for (unsigned i = 0; i < sizeof skipped / sizeof *skipped; i++) if (skipped[i] == number) number = SYS_read;
        if (number == SYS_munmap || number == SYS_mremap || number == SYS_mprotect || number == SYS_mmap || number == SYS_pkey_mprotect || number == SYS_shmat || number == SYS_remap_file_pages) {
            // Only on the arena: the program itself shall live on.
            uint64_t at = next(&s) % arena_size & ~4095ul, length = next(&s) % (arena_size - at) + 1;
            raw(number, (long)arena + at, length, number == SYS_mremap ? length + (next(&s) & 1) * 8192 : next(&s) & 7, number == SYS_mmap ? 0x10 | (next(&s) & 0x3f) : 1, next(&s) % 40, next(&s) % 8 * 4096);
            continue;
        }
        if (number == SYS_brk || number == SYS_set_tid_address || number == SYS_set_robust_list || number == SYS_rseq || number == SYS_iopl) continue;
        if ((number >= SYS_kill && number == SYS_kill) || number == SYS_tkill || number == SYS_tgkill || number == SYS_rt_sigqueueinfo || number == SYS_rt_tgsigqueueinfo) {
            raw(SYS_tkill, getpid() + next(&s) % 5, SIGUSR1, 0, 0, 0, 0);
            continue;
        }
        if (next(&s) % 8 == 0) scribble(&s);
        raw(number, argument(&s), argument(&s), argument(&s), argument(&s), argument(&s), argument(&s));
    }
    landing[own] = 0;
    return 0;
}

static void *close_and_replace(void *unused) {
    (void)unused;
    uint64_t s = seed ^ 0x55aa;
    for (;;) {
        int from = next(&s) % 40, to = 3 + next(&s) % 37, pair[2];
        switch (next(&s) % 9) {
        case 0: raw(SYS_close, to, 0, 0, 0, 0, 0); break;
        case 1: raw(SYS_dup2, from, to, 0, 0, 0, 0); break;
        case 2: if (!pipe2(pair, O_NONBLOCK)) break;
        case 3: socketpair(AF_UNIX, SOCK_STREAM, 0, pair); break;
        case 4: eventfd(3, 0); break;
        case 5: timerfd_create(CLOCK_MONOTONIC, 0); break;
        case 6: { struct epoll_event e = {.events = EPOLLIN}; int f = epoll_create1(0); epoll_ctl(f, EPOLL_CTL_ADD, from, &e); break; }
        case 7: open("/tmp/f", O_RDWR | O_CREAT, 0600); break;
        case 8: memfd_create("m", 0); break;
        }
        sched_yield();
    }
}

int main(int argc, char **argv) {
    seed = seeded(argc, argv, 1);
    rounds = argc > 2 ? atoi(argv[2]) : 2000;
    arena = mmap(0, arena_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int number = 1; number < 32; number++) signal(number, number == SIGSEGV || number == SIGBUS ? caught : ignore_signal);
    interrupt_every(3000);
    pthread_t threads[4], closer;
    pthread_create(&closer, 0, close_and_replace, 0);
    for (long i = 0; i < 4; i++) pthread_create(&threads[i], 0, run, (void *)i);
    // A thread may have been told to wait for ever; the exit takes it along.
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 1;
    for (int i = 0; i < 4; i++) pthread_timedjoin_np(threads[i], 0, &limit);
    _exit(0);
}
