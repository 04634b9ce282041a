// Who a process is, its session, its limits and how it is scheduled: asked, set to what it is, and set to nonsense.
#include "probe.h"
#include <sys/resource.h>
#include <sys/times.h>
#include <sys/wait.h>

static void identities(void) {
    uid_t r, e, s;
    gid_t a, b, c;
    section("identities");
    TRUTH(syscall(SYS_getegid) == getgid());
    CALL(getresuid(&r, &e, &s));
    TRUTH(r == getuid() && e == r && s == r);
    CALL(getresgid(&a, &b, &c));
    TRUTH(a == getgid() && b == a && c == a);
    CALL(syscall(SYS_getresuid, 8, &e, &s));
    CALL(syscall(SYS_getresgid, &a, 8, &c));
    TRUTH(syscall(SYS_setfsuid, -1) == getuid());
    TRUTH(syscall(SYS_setfsgid, -1) == getgid());
    CALL(syscall(SYS_setgid, -1));
    CALL(syscall(SYS_setgid, getgid()));
    CALL(syscall(SYS_setregid, -1, -1));
    CALL(syscall(SYS_setreuid, -1, -1));
    CALL(syscall(SYS_capset, 8, 8));
    CALL(syscall(SYS_personality, 0xffffffff));
}

static void sessions(void) {
    section("sessions");
    TRUTH(getpgid(0) == syscall(SYS_getpgrp));
    TRY(getsid(0));
    CALL(getpgid(-1));
    CALL(getsid(-1));
    CALL(setpgid(0, -1));
    CALL(setpgid(0x7ffffff0, 0));
    CALL(syscall(SYS_wait4, -1, 0, 0, 0));
    CALL(syscall(SYS_wait4, -1, 0, 0x80, 0));
    CALL(syscall(SYS_waitid, P_ALL, 0, 0, WEXITED, 0));
    CALL(syscall(SYS_waitid, P_ALL, 0, 0, 0, 0));
    CALL(syscall(SYS_waitid, 99, 0, 0, WEXITED, 0));
}

static void limits(void) {
    struct rlimit limit;
    struct rusage usage;
    struct tms times_;
    section("limits");
    CALL(syscall(SYS_getrlimit, RLIMIT_CORE, &limit));
    limit.rlim_cur = 0;
    CALL(syscall(SYS_setrlimit, RLIMIT_CORE, &limit));
    CALL(syscall(SYS_getrlimit, RLIMIT_CORE, &limit));
    SHOW(limit.rlim_cur);
    limit = (struct rlimit){2, 1};
    CALL(syscall(SYS_setrlimit, RLIMIT_CORE, &limit));
    CALL(syscall(SYS_getrlimit, 99, &limit));
    CALL(syscall(SYS_getrlimit, RLIMIT_CORE, 8));
    CALL(getrusage(RUSAGE_SELF, &usage));
    TRUTH(usage.ru_maxrss > 0);
    CALL(syscall(SYS_getrusage, 99, &usage));
    CALL(syscall(SYS_getrusage, RUSAGE_SELF, 8));
    TRY(times(&times_));
    CALL(syscall(SYS_times, 8));
}

static void scheduling(void) {
    struct sched_param parameter = {0};
    struct timespec interval;
    cpu_set_t set;
    struct { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t runtime, deadline, period; uint32_t more[2]; } attributes;
    section("scheduling");
    for (int policy = 0; policy < 7; policy++) {
        printf("policy %d: ", policy);
        CALL(sched_get_priority_min(policy));
        CALL(sched_get_priority_max(policy));
    }
    CALL(syscall(SYS_sched_getscheduler, 0));
    CALL(syscall(SYS_sched_getscheduler, -1));
    CALL(syscall(SYS_sched_getparam, 0, &parameter));
    SHOW(parameter.sched_priority);
    CALL(syscall(SYS_sched_getparam, 0, 0));
    CALL(syscall(SYS_sched_setparam, 0, &parameter));
    parameter.sched_priority = 5;
    CALL(syscall(SYS_sched_setparam, 0, &parameter));
    CALL(syscall(SYS_sched_rr_get_interval, -1, &interval));
    TRY(syscall(SYS_sched_rr_get_interval, 0, &interval));
    TRY(sched_getaffinity(0, sizeof set, &set));
    TRUTH(CPU_COUNT(&set) > 0);
    CALL(syscall(SYS_sched_getaffinity, 0, 1, &set));
    CALL(syscall(SYS_sched_getaffinity, 0, 3, &set));
    CALL(sched_setaffinity(0, sizeof set, &set));
    memset(&set, 0, sizeof set);
    CALL(sched_setaffinity(0, sizeof set, &set));
    CALL(syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0));
    SHOW(attributes.policy);
    CALL(syscall(SYS_sched_getattr, 0, &attributes, 4, 0));
    attributes.size = 48;
    CALL(syscall(SYS_sched_setattr, 0, &attributes, 0));
    CALL(syscall(SYS_sched_setattr, 0, 0, 0));
    CALL(syscall(SYS_ioprio_get, 99, 0));
    CALL(syscall(SYS_ioprio_set, 99, 0, 0));
    TRY(syscall(SYS_ioprio_get, 1, 0));
    CALL(syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 4));
}

int main(void) {
    identities();
    sessions();
    limits();
    scheduling();
    return 0;
}
