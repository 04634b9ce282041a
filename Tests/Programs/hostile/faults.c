// Faults in every way, caught and survived, while a timer interrupts; once and without a handler if an argument says which. A second argument is the timer's
// period in microseconds.
#include "hostile.h"

static sigjmp_buf landing;
static volatile int seen;
static void caught(int number, siginfo_t *information, void *context) {
    (void)information;
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~0x40100l;
    seen = number;
    siglongjmp(landing, number);
}

static char *page;
static void jump(uint64_t to, uint64_t junk) {
    __asm__ volatile(
        "mov %1, %%rbx; mov %1, %%rcx; mov %1, %%rdx; mov %1, %%rsi; mov %1, %%rdi; mov %1, %%r8; mov %1, %%r11; mov $0x2710, %%eax; jmp *%0" ::"r"(to), "r"(junk)
        : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r11", "rax", "memory");
}

enum { kinds = 34 };
static void fault(int kind) {
    switch (kind) {
    case 0: *(volatile char *)0 = 1; break;
    case 1: *(volatile char *)WINDOW = 1; break;
    case 2: (void)*(volatile char *)(WINDOW + 0x1000); break;
    case 3: (void)*(volatile char *)0x8000000000000000; break;
    case 4: __asm__ volatile("ud2"); break;
    case 5: __asm__ volatile("xor %%ecx, %%ecx; mov $1, %%eax; cltd; idiv %%ecx" ::: "eax", "ecx", "edx"); break;
    case 6: __asm__ volatile("int3"); break;
    case 7: __asm__ volatile("int $0x80" ::"a"(20)); break;
    case 8: __asm__ volatile("int $14"); break;
    case 9: __asm__ volatile("hlt"); break;
    case 10: __asm__ volatile("mov %%rax, %%cr3" ::"a"(0)); break;
    case 11: __asm__ volatile("wrmsr" ::"a"(0), "c"(0xc0000082), "d"(0)); break;
    case 12: __asm__ volatile("lgdt (%%rax)" ::"a"(page)); break;
    case 13: __asm__ volatile("fninit; fldcw %0; fldz; fld1; fdivp; fwait" ::"m"((short){0x360})); break;
    case 14: { unsigned control = 0x1f80 & ~0x200; __asm__ volatile("ldmxcsr %0; xorps %%xmm0, %%xmm0; movss %1, %%xmm1; divss %%xmm0, %%xmm1" ::"m"(control), "m"((float){1}) : "xmm0", "xmm1"); break; }
    case 15: __asm__ volatile("pushf; orl $0x40000, (%%rsp); popf; mov %0, %%rax; mov (%%rax), %%ecx" ::"r"(page + 1) : "rax", "rcx"); break;
    case 16: __asm__ volatile("pushf; orl $0x100, (%%rsp); popf; nop; nop; mov $39, %%eax; syscall; nop" ::: "rax", "rcx", "r11"); break;
    case 17: __asm__ volatile("inb $0xf9, %%al" ::: "rax"); break;
    case 18: __asm__ volatile("inb $0x60, %%al" ::: "rax"); break;
    case 19: __asm__ volatile("outw %%ax, $0xf9" ::"a"(0x2710), "c"(0)); break;
    case 20: __asm__ volatile("mov $0xf9, %%edx; mov $64, %%ecx; mov %0, %%rsi; rep outsb" ::"r"(page) : "rdx", "rcx", "rsi"); break;
    case 21: __asm__ volatile("mov $0xf9, %%edx; mov $64, %%ecx; mov %0, %%rdi; rep insb" ::"r"(page) : "rdx", "rcx", "rdi"); break;
    case 22: __asm__ volatile("outb %%al, $0xce" ::"a"(0)); break;
    case 23: __asm__ volatile("outb %%al, $0xfa" ::"a"(0x2710), "c"(0x1234), "r"(0) : "r11"); break;
    case 24: __asm__ volatile("vmcall"); break;
    case 25: __asm__ volatile("sysenter"); break;
    case 26: __asm__ volatile("pushq $0x23; pushq %0; lretq" ::"r"((long)0x12345)); break;
    case 27: __asm__ volatile("mov $0x18, %%eax; mov %%eax, %%ss" ::: "rax"); break;
    case 28: __asm__ volatile("pushf; orl $0x4000, (%%rsp); popf; mov $39, %%eax; syscall; iretq" ::: "rax", "rcx", "r11"); break;
    case 29: jump(0xffffffffff600000, 0); break;
    case 30: __asm__ volatile("xor %%esp, %%esp; push %%rax" ::: "memory"); break;
    case 31: __asm__ volatile("mov $0x7fffffffefff, %%rsp; push %%rax" ::: "memory"); break;
    case 32: *(volatile char *)page; mprotect(page, 4096, PROT_READ); page[0] = 1; break;
    case 33: munmap(page, 4096); page[0] = 1; break;
    }
}

int main(int argc, char **argv) {
    page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (argc == 2) {
        fault(atoi(argv[1]));
        _exit(0);
    }
    stack_t stack = {.ss_sp = mmap(0, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), .ss_size = 65536};
    sigaltstack(&stack, 0);
    struct sigaction action = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
    for (int number = 1; number < 32; number++) if (number != SIGALRM) sigaction(number, &action, 0);
    interrupt_every(argc > 2 ? atoi(argv[2]) : 500);
    for (volatile int round = 0; round < 20; round++)
        for (volatile int kind = 0; kind < kinds - 1; kind++) {
            if (sigsetjmp(landing, 1)) {
                __asm__ volatile("fninit");
                unsigned control = 0x1f80;
                __asm__ volatile("ldmxcsr %0" ::"m"(control));
            } else {
                mprotect(page, 4096, PROT_READ | PROT_WRITE);
                fault(kind);
            }
        }
    if (!seen) fail("nothing faulted");
    _exit(0);
}
