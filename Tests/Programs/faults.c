// Signals that the processor causes: what siginfo_t and the context say, and going on after them.
#include "probe.h"
#include <setjmp.h>
#include <ucontext.h>

static sigjmp_buf back;
static uintptr_t expected;
static volatile bool skip_trap;

static void handler(int number, siginfo_t *info, void *context) {
    ucontext_t *u = context;
    const char *where = info->si_addr == NULL ? "null" : (uintptr_t)info->si_addr == expected ? "expected" : info->si_addr == (void *)u->uc_mcontext.gregs[REG_RIP] ? "rip" : "other";
    // Bit 0 says whether a page was there, which for the program's own pages depends on what the kernel did ahead of time.
    long long error = u->uc_mcontext.gregs[REG_ERR] & ((uintptr_t)info->si_addr < 1UL << 47 ? ~1 : ~0);
    printf("  signal %d code %d address %s trap %lld error %lld\n", number, info->si_code, where, (long long)u->uc_mcontext.gregs[REG_TRAPNO], error);
    if (skip_trap) return;
    siglongjmp(back, 1);
}
#define FAULT(title, address, ...)                     \
    do {                                               \
        section(title);                                \
        expected = (uintptr_t)(address);               \
        if (sigsetjmp(back, 1) == 0) { __VA_ARGS__; puts("no fault"); } \
    } while (0)

// The vsyscall page: three calls, which have no code that could be read.
static void virtual_calls(void) {
    section("vsyscall");
    long (*the_time)(long *) = (void *)0xffffffffff600400;
    long (*the_day)(struct timeval *, void *) = (void *)0xffffffffff600000;
    long (*the_processor)(unsigned *, unsigned *, void *) = (void *)0xffffffffff600800;
    long stored = 0, now = time(NULL), found = the_time(&stored);
    TRUTH(found >= now && found <= now + 5 && stored == found);
    TRUTH(the_time(NULL) >= found);
    struct timeval day = {0, -1};
    SHOW(the_day(&day, NULL));
    TRUTH(day.tv_sec >= found && day.tv_sec <= found + 5 && day.tv_usec >= 0 && day.tv_usec < 1000000);
    unsigned processor = ~0u, node = ~0u;
    SHOW(the_processor(&processor, &node, NULL));
    TRUTH(processor < 65536 && node < 1024);
    FAULT("read of the page", 0xffffffffff600000, (void)*(volatile char *)0xffffffffff600000);
    FAULT("a call beside the three", 0, ((void (*)(void))0xffffffffff600100)());
    FAULT("the fourth", 0, ((void (*)(void))0xffffffffff600c00)());
    FAULT("a result that cannot be stored", 0, the_time((long *)16));
    FAULT("behind the page", 0xffffffffff601000, ((void (*)(void))0xffffffffff601000)());
    char line[256], last[256] = "";
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps)) strcpy(last, line);
    fclose(maps);
    fputs(last, stdout);
}

int main(void) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
    for (int i = 0; i < 5; i++) sigaction(numbers[i], &action, NULL);
    volatile char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap((char *)page + 4096, 4096);
    FAULT("read of nothing", page + 4096, (void)page[4096]);
    FAULT("write to nothing", page + 4100, page[4100] = 1);
    FAULT("null", NULL, *(volatile int *)0 = 1);
    FAULT("null plus", 16, (void)*(volatile int *)16);
    mprotect((char *)page, 4096, PROT_READ);
    FAULT("write to a read-only page", page + 8, page[8] = 1);
    mprotect((char *)page, 4096, PROT_NONE);
    FAULT("read of a closed page", page + 9, (void)page[9]);
    FAULT("write to a closed page", page + 9, page[9] = 1);
    mprotect((char *)page, 4096, PROT_READ | PROT_WRITE);
    page[0] = (char)0xc3;
    FAULT("running data", page, ((void (*)(void))page)());
    FAULT("running nothing", page + 4096, ((void (*)(void))(page + 4096))());
    FAULT("kernel address", 0xffff800000001000, (void)*(volatile char *)0xffff800000001000);
    FAULT("address that is not canonical", 0x1234567890abcdef, (void)*(volatile char *)0x1234567890abcdef);
    FAULT("division by zero", 0, __asm__ volatile("xor %%ecx, %%ecx; mov $1, %%eax; cdq; idiv %%ecx" ::: "rax", "rcx", "rdx"));
    FAULT("division overflow", 0, __asm__ volatile("mov $-1, %%ecx; mov $0x80000000, %%eax; cdq; idiv %%ecx" ::: "rax", "rcx", "rdx"));
    FAULT("ud2", 0, __asm__ volatile("ud2"));
    FAULT("privileged", 0, __asm__ volatile("hlt"));
    FAULT("port", 0, __asm__ volatile("outb %al, $0x80"));
    FAULT("cli", 0, __asm__ volatile("cli"));
    FAULT("control register", 0, __asm__ volatile("mov %%cr0, %%rax" ::: "rax"));
    FAULT("model specific register", 0, __asm__ volatile("rdmsr" ::: "rax", "rdx"));
    FAULT("interrupt of the system", 0, __asm__ volatile("int $0x40"));
    FAULT("overflow", 0, __asm__ volatile("int $4"));
    // Where it leaves rip depends on the processor.
    expected = 0;
    section("int1");
    if (sigsetjmp(back, 1) == 0) __asm__ volatile(".byte 0xf1");
    virtual_calls();
    skip_trap = true;
    section("int3 goes on behind itself");
    __asm__ volatile("int3");
    section("single steps");
    __asm__ volatile("pushf; orl $0x100, (%%rsp); popf; nop; pushf; andl $0xfffffeff, (%%rsp); popf" ::: "memory", "cc");
    skip_trap = false;
    section("unmasked floating point");
    unsigned control = 0x1f80 & ~(1 << 9), normal = 0x1f80;
    FAULT("sse division by zero", 0, {
        volatile double one = 1, zero = 0;
        __asm__ volatile("ldmxcsr %0" ::"m"(control));
        one = one / zero;
    });
    __asm__ volatile("ldmxcsr %0" ::"m"(normal));
    FAULT("x87 division by zero", 0, {
        unsigned short word = 0x37f & ~4;
        __asm__ volatile("fninit; fldcw %0; fld1; fldz; fdivrp; fwait" ::"m"(word));
    });
    __asm__ volatile("fninit");
    section("files");
    int fd = open("f", O_CREAT | O_RDWR, 0600);
    ftruncate(fd, 100);
    volatile char *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    printf("%d\n", map[99] + map[4095]);
    FAULT("beyond the end", map + 4096, (void)map[4096]);
    FAULT("write beyond the end", map + 5000, map[5000] = 1);
    ftruncate(fd, 0);
    FAULT("after truncation", map, (void)map[0]);
    ftruncate(fd, 8192);
    map[4096] = 'y';
    printf("%c\n", map[4096]);
    close(fd);
    volatile char *ro = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, open("f", O_RDONLY), 0);
    FAULT("write to a read-only file mapping", ro, ro[0] = 1);
    section("calls answer EFAULT where programs fault");
    CALL(read(open("/dev/zero", O_RDONLY), (void *)ro, 10));
    CALL(write(1, (void *)16, 10));
    section("alignment");
    skip_trap = false;
    FAULT("alignment check", 0, {
        __asm__ volatile("pushf; orl $0x40000, (%%rsp); popf; mov %0, %%rax; mov 1(%%rax), %%ecx" ::"r"(page) : "rax", "rcx", "memory", "cc");
    });
    __asm__ volatile("pushf; andl $0xfffbffff, (%%rsp); popf" ::: "memory", "cc");
    section("the default ends the program");
    signal(SIGSEGV, SIG_DFL);
    *(volatile int *)8 = 1;
    return 0;
}
