#define _GNU_SOURCE
#include "harness.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

uint64_t host_thread_area;
void trapped(int signal, siginfo_t *information, void *context);
uint64_t handle_trap(int signal, siginfo_t *information, ucontext_t *context);
void jump_into_application(uint64_t entry, uint64_t stack, uint64_t threadArea, uint64_t function, uint64_t session, void *params, uint64_t command) __attribute__((noreturn));

static sigjmp_buf back;
static const struct application *running;
static struct answer ending;

static uint64_t thread_area(void) {
    uint64_t area;
    __asm__("rdfsbase %0" : "=r"(area));
    return area;
}

/// Called on the signal stack with the C library's FS; answers the FS of the application.
uint64_t handle_trap(int signal, siginfo_t *information, ucontext_t *context) {
    greg_t *registers = context->uc_mcontext.gregs;
    if (signal != SIGSYS || !running) {
        if (!running) _exit(3);
        fprintf(stderr, "fault %d at image+%#llx, address %p\n", signal, (unsigned long long)registers[REG_RIP] - running->base, information->si_addr);
        ending = (struct answer){true, endedByFault, (uint32_t)signal};
        siglongjmp(back, 1);
    }
    struct call call = {
        .number = (uint64_t)information->si_syscall & 0xffffffff,
        .arguments = {(uint64_t)registers[REG_RDI], (uint64_t)registers[REG_RSI], (uint64_t)registers[REG_RDX], (uint64_t)registers[REG_R10], (uint64_t)registers[REG_R8],
                      (uint64_t)registers[REG_R9], (uint64_t)registers[REG_R12], (uint64_t)registers[REG_R13]},
        .application = running,
    };
    struct answer answer = answer_call(&call);
    if (answer.ends) {
        ending = answer;
        siglongjmp(back, 1);
    }
    registers[REG_RAX] = answer.result;
    return running->threadArea;
}

void trap_calls(void) {
    host_thread_area = thread_area();
    static uint8_t stack[256 * 1024];
    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof(stack)}, NULL);
    struct sigaction action = {.sa_sigaction = trapped, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    const int signals[] = {SIGSYS, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    for (size_t index = 0; index < sizeof(signals) / sizeof(signals[0]); index++) sigaction(signals[index], &action, NULL);
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer) + 4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(APPLICATION_BASE >> 32), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
        perror("harness: seccomp");
        exit(2);
    }
}

enum ending enter_application(const struct application *application, uint64_t function, uint64_t session, struct core_params *params, uint64_t command, bool misaligns,
                              uint32_t *result) {
    struct core_params *inside = (struct core_params *)((application->stackTop - sizeof(*inside)) & ~UINT64_C(15));
    *inside = *params;
    running = application;
    if (!sigsetjmp(back, 0)) jump_into_application(application->entry, (uint64_t)inside - (misaligns ? 0 : 8), application->threadArea, function, session, inside, command);
    running = NULL;
    *params = *inside;
    *result = ending.result;
    return ending.ending;
}
