// seccomp(2): what filters the kernel takes, what their verdicts do, inheritance by threads, TSYNC, execve, strict mode.
#include "probe.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

static long seccomp_call(unsigned operation, unsigned flags, void *argument) { return syscall(SYS_seccomp, operation, flags, argument); }

static long check(struct sock_filter *code, unsigned short length) {
    struct sock_fprog program = {length, code};
    return seccomp_call(SECCOMP_SET_MODE_FILTER, 0, &program);
}
#define FILTER(...)                                                                                \
    ({                                                                                             \
        struct sock_filter code_[] = {__VA_ARGS__};                                                \
        check(code_, sizeof code_ / sizeof code_[0]);                                              \
    })
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)
#define ALLOW RETURN(SECCOMP_RET_ALLOW)
#define NUMBER BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))

static long install(unsigned flags, unsigned number, unsigned verdict) {
    struct sock_filter code[] = {NUMBER, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), RETURN(verdict), ALLOW};
    struct sock_fprog program = {4, code};
    return seccomp_call(SECCOMP_SET_MODE_FILTER, flags, &program);
}

static void show_status(void) {
    char line[256];
    FILE *file = fopen("/proc/thread-self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, "Seccomp", 7) || !strncmp(line, "NoNewPrivs", 10)) fputs(line, stdout);
    if (file) fclose(file);
}

static void checker(void) {
    section("what the checker refuses");
    CALL(FILTER(NUMBER));
    CALL(FILTER(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), ALLOW));
    CALL(FILTER(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), ALLOW));
    CALL(FILTER(BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0), ALLOW));
    CALL(FILTER(BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0), ALLOW));
    CALL(FILTER(BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), ALLOW));
    CALL(FILTER(BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), ALLOW));
    CALL(FILTER(BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3), ALLOW));
    CALL(FILTER(BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), ALLOW));
    CALL(FILTER(BPF_STMT(BPF_LD | BPF_MEM, 0), ALLOW));
    CALL(FILTER(BPF_STMT(BPF_ST, 16), ALLOW));
    CALL(FILTER(BPF_STMT(BPF_JMP | BPF_JA, 1), ALLOW));
    CALL(FILTER(BPF_STMT(BPF_JMP | BPF_JA, 0xffffffff), ALLOW));
    CALL(FILTER(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), ALLOW));
    CALL(FILTER(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), BPF_STMT(BPF_ST, 3), BPF_STMT(BPF_LD | BPF_MEM, 3), ALLOW));
    CALL(FILTER({0xffff, 0, 0, 0}, ALLOW));
    CALL(FILTER(ALLOW, BPF_STMT(BPF_RET | BPF_X, 0)));
    CALL(check(NULL, 1));
    CALL(check((void *)1, 1));
    static struct sock_filter many[4097];
    for (int i = 0; i < 4097; i++) many[i] = (struct sock_filter)ALLOW;
    CALL(check(many, 0));
    CALL(check(many, 4097));
    CALL(seccomp_call(SECCOMP_SET_MODE_FILTER, 0, (void *)1));
    CALL(seccomp_call(SECCOMP_SET_MODE_FILTER, 1 << 20, NULL));
    CALL(seccomp_call(SECCOMP_SET_MODE_STRICT, 1, NULL));
    CALL(seccomp_call(99, 0, NULL));
    CALL(prctl(PR_SET_SECCOMP, 7, 0, 0, 0));
    CALL(prctl(PR_GET_SECCOMP));
    section("what it takes");
    CALL(FILTER(BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), BPF_STMT(BPF_MISC | BPF_TAX, 0), BPF_STMT(BPF_STX, 15), BPF_STMT(BPF_LD | BPF_MEM, 15),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 64, 1, 0), RETURN(SECCOMP_RET_ERRNO | 1), ALLOW));
    CALL(prctl(PR_GET_SECCOMP));
    unsigned actions[] = {SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO, SECCOMP_RET_LOG, SECCOMP_RET_ALLOW, 0x1234};
    for (unsigned i = 0; i < 7; i++) CALL(seccomp_call(SECCOMP_GET_ACTION_AVAIL, 0, &actions[i]));
    unsigned short sizes[3];
    CALL(seccomp_call(SECCOMP_GET_NOTIF_SIZES, 0, sizes));
    printf("%d %d %d\n", sizes[0], sizes[1], sizes[2]);
    CALL(seccomp_call(SECCOMP_GET_NOTIF_SIZES, 0, (void *)8));
}

static void arithmetic(void) {
    section("arithmetic, as the errno of getpgid");
    // ((nr * 3 + 7) / 2 ^ 5) << 1 >> 1 & 0xff | 0x100, then through memory and a jump by the index register.
    struct sock_filter code[] = {
        NUMBER,
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgid, 1, 0),
        ALLOW,
        BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 3),
        BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 7),
        BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 2),
        BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 5),
        BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 1),
        BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 1),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff),
        BPF_STMT(BPF_ST, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_STMT(BPF_MISC | BPF_TAX, 0),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_X, 0, 0, 1),
        RETURN(SECCOMP_RET_ERRNO | 99),
        BPF_STMT(BPF_LD | BPF_MEM, 4),
        BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
        BPF_STMT(BPF_ALU | BPF_NEG, 0),
        BPF_STMT(BPF_ALU | BPF_NEG, 0),
        BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 1),
        BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO),
        BPF_STMT(BPF_RET | BPF_A, 0),
    };
    CALL(check(code, sizeof code / sizeof code[0]));
    for (int i = 0; i < 5; i++) {
        errno = 0;
        long result = syscall(SYS_getpgid, i * 3);
        printf("getpgid(%d) = %ld, errno %d\n", i * 3, result, errno);
    }
}

static volatile int trapped;
static void on_trap(int signal, siginfo_t *info, void *context) {
    ucontext_t *user = context;
    trapped++;
    printf("signal %d code %d errno %d syscall %d arch %x at the call %d rax %lld\n", signal, info->si_code, info->si_errno, info->si_syscall, info->si_arch,
           (greg_t)info->si_call_addr == user->uc_mcontext.gregs[REG_RIP], user->uc_mcontext.gregs[REG_RAX]);
    user->uc_mcontext.gregs[REG_RAX] = 4242;
}

static void verdicts(void) {
    section("verdicts and their precedence");
    CALL(install(0, SYS_getpriority, SECCOMP_RET_ERRNO | 7));
    CALL(syscall(SYS_getpriority, 0, 0));
    CALL(install(0, SYS_getpriority, SECCOMP_RET_ERRNO | 9));
    CALL(syscall(SYS_getpriority, 0, 0));
    CALL(install(0, SYS_getpriority, SECCOMP_RET_LOG));
    CALL(syscall(SYS_getpriority, 0, 0));
    CALL(install(0, SYS_sched_yield, SECCOMP_RET_ERRNO | 0));
    CALL(syscall(SYS_sched_yield));
    CALL(install(0, SYS_getsid, SECCOMP_RET_ERRNO | 0xffff));
    printf("getsid: %ld %d\n", syscall(SYS_getsid, 0), errno);
    CALL(install(0, SYS_getpgrp, SECCOMP_RET_TRACE | 5));
    CALL(syscall(SYS_getpgrp));
    CALL(install(0, SYS_times, SECCOMP_RET_USER_NOTIF));
    CALL(syscall(SYS_times, 0));
    struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
    sigaction(SIGSYS, &action, NULL);
    CALL(install(0, SYS_umask, SECCOMP_RET_TRAP | 77));
    CALL(syscall(SYS_umask, 022));
    CALL(install(0, SYS_umask, SECCOMP_RET_ERRNO | 3));
    CALL(syscall(SYS_umask, 022));
    SHOW(trapped);
    show_status();
}

static pthread_barrier_t barrier;
static void *before_filter(void *unused) {
    (void)unused;
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    long result = syscall(SYS_getuid);
    printf("a thread from before: %ld %s\n", result, result < 0 ? error_name(errno) : "ok");
    show_status();
    return NULL;
}
static void *after_filter(void *unused) {
    (void)unused;
    CALL(syscall(SYS_getpriority, 0, 0));
    CALL(install(0, SYS_getppid, SECCOMP_RET_ERRNO | 44));
    CALL(syscall(SYS_getppid));
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    return NULL;
}
static void *dies(void *unused) {
    (void)unused;
    install(0, SYS_getegid, SECCOMP_RET_KILL_THREAD);
    syscall(SYS_getegid);
    printf("not reached\n");
    return NULL;
}

static void threads(void) {
    section("threads");
    pthread_t thread;
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&thread, NULL, before_filter, NULL);
    pthread_barrier_wait(&barrier);
    CALL(install(SECCOMP_FILTER_FLAG_TSYNC, SYS_getuid, SECCOMP_RET_ERRNO | 11));
    pthread_barrier_wait(&barrier);
    pthread_join(thread, NULL);
    pthread_create(&thread, NULL, after_filter, NULL);
    pthread_barrier_wait(&barrier);
    TRUTH(install(SECCOMP_FILTER_FLAG_TSYNC, SYS_getgid, SECCOMP_RET_ERRNO | 12) > 1);
    CALL(install(SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH, SYS_getgid, SECCOMP_RET_ERRNO | 12));
    TRUTH(syscall(SYS_getppid) >= 0);
    pthread_barrier_wait(&barrier);
    pthread_join(thread, NULL);
    pthread_create(&thread, NULL, dies, NULL);
    TRY(pthread_join(thread, NULL));
}

// Many calls that a service thread would answer: a filter is asked for each of them.
static void calls_in_a_row(void) {
    section("calls in a row");
    long good = 0;
    for (int i = 0; i < 3000; i++) good += syscall(SYS_geteuid) >= 0;
    CALL(install(0, SYS_geteuid, SECCOMP_RET_ERRNO | 21));
    long refused = 0;
    for (int i = 0; i < 3000; i++) refused += syscall(SYS_geteuid) == -1 && errno == 21;
    printf("%ld answered, %ld refused\n", good, refused);
}

static void *strict(void *unused) {
    (void)unused;
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
    write(1, "strict\n", 7);
    syscall(SYS_exit, 0);
    return NULL;
}
static void *strict_dies(void *unused) {
    (void)unused;
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
    write(1, "strict\n", 7);
    syscall(SYS_getpid);
    write(1, "not reached\n", 12);
    return NULL;
}

int main(int count, char **arguments, char **environment) {
    if (count > 1 && !strcmp(arguments[1], "again")) {
        section("after execve");
        show_status();
        CALL(syscall(SYS_getpriority, 0, 0));
        fflush(stdout);
        install(0, SYS_getpid, SECCOMP_RET_KILL_PROCESS | 5);
        struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
        sigaction(SIGSYS, &action, NULL);
        syscall(SYS_getpid);
        printf("not reached\n");
        return 0;
    }
    pthread_t thread;
    section("strict mode");
    pthread_create(&thread, NULL, strict, NULL);
    TRY(pthread_join(thread, NULL));
    pthread_create(&thread, NULL, strict_dies, NULL);
    TRY(pthread_join(thread, NULL));
    CALL(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    checker();
    arithmetic();
    verdicts();
    threads();
    calls_in_a_row();
    fflush(stdout);
    char *again[] = {arguments[0], "again", NULL};
    execve(arguments[0], again, environment);
    return 1;
}
