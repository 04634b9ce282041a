// Calls that newer ones have replaced, and that old binaries still make.
#include "probe.h"
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/sysinfo.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <utime.h>

static void files(void) {
    struct stat s;
    struct statx x;
    struct statfs f;
    section("files");
    int fd = CALL(syscall(SYS_creat, "file", 0640));
    CALL(write(fd, "contents", 8));
    CALL(read(fd, &s, 1));
    CALL(syscall(SYS_fchownat, AT_FDCWD, "file", -1, -1, 0));
    CALL(syscall(SYS_fchownat, AT_FDCWD, "file", -1, -1, 0x10000));
    CALL(syscall(SYS_faccessat, AT_FDCWD, "file", R_OK));
    CALL(syscall(SYS_faccessat, AT_FDCWD, "absent", R_OK));
    CALL(syscall(SYS_renameat, AT_FDCWD, "file", AT_FDCWD, "renamed"));
    CALL(syscall(SYS_symlinkat, "renamed", AT_FDCWD, "soft"));
    CALL(syscall(SYS_symlinkat, "renamed", 99, "soft2"));
    CALL(statx(AT_FDCWD, "soft", AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &x));
    SHOW(x.stx_size);
    SHOW(x.stx_mode);
    CALL(statx(AT_FDCWD, "soft", 0, STATX_BASIC_STATS, &x));
    SHOW(x.stx_size);
    CALL(syscall(SYS_statx, AT_FDCWD, "soft", 0, 0x80000000u, &x));
    CALL(fstatfs(fd, &f));
    TRUTH(f.f_bsize > 0);
    CALL(fstatfs(-1, &f));
    struct utimbuf u = {100, 200};
    CALL(syscall(SYS_utime, "renamed", &u));
    stat("renamed", &s);
    SHOW(s.st_atime);
    SHOW(s.st_mtime);
    struct timeval t[2] = {{300, 500000}, {400, 250000}};
    CALL(syscall(SYS_utimes, "renamed", t));
    stat("renamed", &s);
    SHOW(s.st_mtim.tv_nsec);
    CALL(syscall(SYS_futimesat, AT_FDCWD, "renamed", t));
    t[0].tv_usec = 1000000;
    CALL(syscall(SYS_futimesat, AT_FDCWD, "renamed", t));
    CALL(syscall(SYS_sync));
    CALL(syscall(SYS_syncfs, fd));
    CALL(syscall(SYS_syncfs, -1));
    int in = open("renamed", O_RDONLY), out = open("copy", O_RDWR | O_CREAT | O_TRUNC, 0600);
    CALL(sendfile(out, in, 0, 100));
    off_t offset = 2;
    CALL(sendfile(out, in, &offset, 3));
    SHOW(offset);
    CALL(sendfile(out, -1, 0, 1));
    off_t from = 1;
    CALL(syscall(SYS_copy_file_range, in, &from, out, 0, 4, 0));
    SHOW(from);
    CALL(syscall(SYS_copy_file_range, in, 0, out, 0, 4, 1));
    close(out);
    show_file("copy");
    char entries[1024];
    mkdir("folder", 0755);
    int folder = open("folder", O_RDONLY | O_DIRECTORY);
    TRY(syscall(SYS_getdents, folder, entries, sizeof entries));
    CALL(syscall(SYS_getdents, folder, entries, sizeof entries));
    CALL(syscall(SYS_getdents, in, entries, sizeof entries));
}

static void events(void) {
    section("events");
    int ends[2];
    CALL(syscall(SYS_pipe, ends));
    CALL(syscall(SYS_pipe, 8));
    int counter = CALL(syscall(SYS_eventfd, 3));
    uint64_t value = 0;
    CALL(read(counter, &value, 8));
    SHOW(value);
    struct iovec part = {"spliced", 7};
    char text[16];
    CALL(vmsplice(ends[1], &part, 1, 0));
    CALL(read(ends[0], text, sizeof text));
    CALL(vmsplice(-1, &part, 1, 0));
    uint64_t mask = 1 << (SIGUSR1 - 1);
    CALL(syscall(SYS_signalfd, -1, &mask, 8));
    CALL(syscall(SYS_signalfd, -1, &mask, 4));
    int epoll = epoll_create1(0);
    struct epoll_event event = {EPOLLIN, {.u64 = 7}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event);
    CALL(syscall(SYS_epoll_pwait, epoll, &event, 1, 0, 0, 8));
    write(ends[1], "x", 1);
    CALL(syscall(SYS_epoll_pwait, epoll, &event, 1, -1, &mask, 8));
    CALL(syscall(SYS_epoll_pwait, epoll, &event, 1, 0, &mask, 4));
    struct timespec none = {0, 0};
    CALL(syscall(SYS_epoll_pwait2, epoll, &event, 1, &none, 0, 8));
    CALL(syscall(SYS_epoll_pwait2, epoll, &event, 0, &none, 0, 8));
    SHOW(event.data.u64);
}

static void system_information(void) {
    struct utsname name;
    struct sysinfo information;
    struct timeval now_;
    struct itimerval timer;
    struct timex clock_ = {0};
    section("system");
    CALL(uname(&name));
    printf("%s %s\n", name.sysname, name.machine);
    CALL(syscall(SYS_uname, 8));
    CALL(sysinfo(&information));
    TRUTH(information.totalram > 0 && information.procs > 0);
    CALL(syscall(SYS_sysinfo, 8));
    TRUTH(syscall(SYS_time, 0) > 1000000000);
    CALL(syscall(SYS_gettimeofday, &now_, 0));
    CALL(syscall(SYS_gettimeofday, 8, 0));
    CALL(getitimer(ITIMER_REAL, &timer));
    SHOW(timer.it_value.tv_sec);
    CALL(syscall(SYS_getitimer, 99, &timer));
    CALL(alarm(100));
    SHOW(alarm(0) > 90);
    TRY(syscall(SYS_adjtimex, &clock_));
    TRY(syscall(SYS_clock_adjtime, CLOCK_REALTIME, &clock_));
    CALL(syscall(SYS_clock_adjtime, 99, &clock_));
    timer_t timer_id;
    struct itimerspec left;
    struct sigevent silent = {.sigev_notify = SIGEV_NONE};
    CALL(timer_create(CLOCK_MONOTONIC, &silent, &timer_id));
    CALL(timer_gettime(timer_id, &left));
    SHOW(left.it_value.tv_sec);
    CALL(timer_delete(timer_id));
    CALL(syscall(SYS_timer_delete, 77));
    CALL(syscall(SYS_timer_gettime, 77, &left));
}

int main(void) {
    files();
    events();
    system_information();
    fflush(stdout);
    syscall(SYS_exit_group, 5);
    return 0;
}
