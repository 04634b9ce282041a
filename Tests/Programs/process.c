// Identity, prctl, limits, names of the system, scheduling, randomness.
#include "probe.h"
#include <asm/prctl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>

static void *identity(void *unused) {
    (void)unused;
    TRUTH(getpid() != gettid());
    return (void *)(long)getpid();
}

int main(void) {
    section("identity");
    TRUTH(getpid() > 1);
    TRUTH(getpid() == gettid());
    pthread_t thread;
    void *result;
    pthread_create(&thread, NULL, identity, NULL);
    pthread_join(thread, &result);
    TRUTH((long)result == getpid());
    TRUTH(getppid() > 0);
    SHOW(getuid());
    SHOW(geteuid());
    SHOW(getgid());
    uid_t r, e, s;
    CALL(getresuid(&r, &e, &s));
    CALL(setuid(getuid()));
    CALL(setresuid(-1, -1, -1));
    CALL(getpgid(0) > 0);
    CALL(getpgid(999999));
    CALL(getsid(0) >= 0);
    CALL(waitpid(-1, NULL, 0));
    CALL(waitpid(-1, NULL, WNOHANG));
    CALL(wait4(999999, NULL, 0, NULL));
    section("prctl");
    char name[16];
    CALL(prctl(PR_SET_NAME, "renamed"));
    CALL(prctl(PR_GET_NAME, name));
    puts(name);
    CALL(prctl(PR_GET_DUMPABLE));
    CALL(prctl(PR_SET_DUMPABLE, 0));
    CALL(prctl(PR_GET_DUMPABLE));
    CALL(prctl(PR_SET_DUMPABLE, 5));
    CALL(prctl(PR_SET_PDEATHSIG, SIGTERM));
    int signal_number;
    CALL(prctl(PR_GET_PDEATHSIG, &signal_number));
    SHOW(signal_number);
    CALL(prctl(PR_SET_PDEATHSIG, 99));
    TRY(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    CALL(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    CALL(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    CALL(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
    CALL(prctl(PR_GET_KEEPCAPS));
    CALL(prctl(PR_CAPBSET_READ, CAP_CHOWN) >= 0);
    CALL(prctl(PR_CAPBSET_READ, 999));
    CALL(prctl(PR_SET_TIMERSLACK, 1000));
    CALL(prctl(PR_GET_TIMERSLACK));
    CALL(prctl(PR_SET_CHILD_SUBREAPER, 1));
    CALL(prctl(12345));
    unsigned long base;
    CALL(syscall(SYS_arch_prctl, ARCH_GET_FS, &base));
    TRUTH(base != 0);
    CALL(syscall(SYS_arch_prctl, 0x9999, 0));
    section("limits");
    struct rlimit limit;
    CALL(getrlimit(RLIMIT_NOFILE, &limit));
    TRUTH(limit.rlim_cur >= 256);
    CALL(getrlimit(RLIMIT_STACK, &limit));
    TRUTH(limit.rlim_cur >= 1 << 20);
    CALL(getrlimit(99, &limit));
    limit = (struct rlimit){100, 50};
    CALL(setrlimit(RLIMIT_CORE, &limit));
    limit = (struct rlimit){0, 0};
    CALL(setrlimit(RLIMIT_CORE, &limit));
    CALL(prlimit(0, RLIMIT_CORE, NULL, &limit));
    SHOW(limit.rlim_max);
    signal(SIGXFSZ, SIG_IGN);
    limit = (struct rlimit){10, RLIM_INFINITY};
    int fd = open("f", O_CREAT | O_RDWR, 0600);
    // Standard output may be a file too: nothing is printed meanwhile.
    setrlimit(RLIMIT_FSIZE, &limit);
    long within = write(fd, "123456789012345", 15), at_limit = write(fd, "x", 1), error = errno, longer = ftruncate(fd, 100);
    limit.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_FSIZE, &limit);
    printf("%ld %ld %s %ld %s\n", within, at_limit, error_name(error), longer, error_name(errno));
    section("system");
    struct utsname u;
    CALL(uname(&u));
    puts(u.sysname);
    puts(u.machine);
    int major = 0;
    sscanf(u.release, "%d.", &major);
    TRUTH(major >= 5);
    struct sysinfo info;
    CALL(sysinfo(&info));
    TRUTH(info.totalram * info.mem_unit > 1 << 26 && info.freeram <= info.totalram && info.uptime > 0 && info.procs > 0);
    TRUTH(sysconf(_SC_NPROCESSORS_ONLN) >= 1);
    SHOW(sysconf(_SC_PAGESIZE));
    SHOW(sysconf(_SC_CLK_TCK));
    CALL(gethostname(name, sizeof name) == 0);
    section("scheduling");
    cpu_set_t set;
    CALL(sched_getaffinity(0, sizeof set, &set));
    TRUTH(CPU_COUNT(&set) >= 1);
    CALL(sched_setaffinity(0, sizeof set, &set));
    CPU_ZERO(&set);
    CALL(sched_setaffinity(0, sizeof set, &set));
    CALL(syscall(SYS_sched_getaffinity, 0, 3, &set));
    CALL(sched_yield());
    CALL(sched_getscheduler(0));
    CALL(sched_get_priority_max(SCHED_FIFO));
    CALL(sched_get_priority_min(99));
    struct sched_param parameter;
    CALL(sched_getparam(0, &parameter));
    SHOW(parameter.sched_priority);
    TRY(getpriority(PRIO_PROCESS, 0));
    CALL(setpriority(PRIO_PROCESS, 0, 19));
    CALL(getpriority(PRIO_PROCESS, 0));
    unsigned cpu, node;
    CALL(getcpu(&cpu, &node));
    TRUTH(cpu < 1024);
    section("randomness");
    unsigned char a[64] = {0}, b[64] = {0};
    CALL(getrandom(a, 64, 0));
    CALL(getrandom(b, 64, GRND_NONBLOCK));
    TRUTH(memcmp(a, b, 64) != 0);
    CALL(getrandom(a, 64, 0x100));
    CALL(syscall(SYS_getrandom, 8, 10, 0));
    CALL(getrandom(a, 0, 0));
    limit = (struct rlimit){RLIM_INFINITY, RLIM_INFINITY};
    CALL(read(open("/dev/urandom", O_RDONLY), a, 64));
    section("not a system call");
    CALL(syscall(9999));
    CALL(syscall(-1));
    return 42;
}
