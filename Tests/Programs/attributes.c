// stat, statx, file times, statfs, extended attributes.
#include "probe.h"
#include <linux/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>

static void times(const char *path) {
    struct stat s;
    lstat(path, &s);
    printf("%s: %ld.%09ld %ld.%09ld\n", path, s.st_atim.tv_sec, s.st_atim.tv_nsec, s.st_mtim.tv_sec, s.st_mtim.tv_nsec);
}
static bool recent(struct timespec t) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return labs(now.tv_sec - t.tv_sec) < 5;
}

int main(void) {
    struct stat s;
    make_file("f", "12345");
    section("stat");
    CALL(stat("f", &s));
    SHOW(s.st_size);
    SHOW(s.st_nlink);
    SHOW(s.st_mode);
    SHOW(s.st_blksize);
    SHOW(s.st_rdev);
    TRUTH(s.st_uid == geteuid() && s.st_gid == getegid());
    TRUTH(recent(s.st_mtim) && recent(s.st_ctim) && recent(s.st_atim));
    CALL(stat("f", (void *)8));
    CALL(stat("", &s));
    CALL(fstatat(AT_FDCWD, "", &s, 0));
    CALL(fstatat(open("f", O_RDONLY), "", &s, AT_EMPTY_PATH));
    SHOW(s.st_size);
    CALL(fstatat(AT_FDCWD, "f", &s, 0x40000000));
    stat("/dev/null", &s);
    printf("%o %lx\n", s.st_mode, (long)s.st_rdev);
    stat("/dev/zero", &s);
    printf("%o %lx\n", s.st_mode, (long)s.st_rdev);
    section("statx");
    struct statx x;
    CALL(statx(AT_FDCWD, "f", 0, STATX_BASIC_STATS, &x));
    SHOW(x.stx_size);
    SHOW(x.stx_mode);
    SHOW(x.stx_nlink);
    TRUTH((x.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS);
    CALL(statx(AT_FDCWD, "f", 0, 0x80000000, &x));
    CALL(statx(AT_FDCWD, "f", AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC, STATX_SIZE, &x));
    CALL(statx(AT_FDCWD, "absent", 0, STATX_SIZE, &x));
    CALL(statx(0, "", AT_EMPTY_PATH, STATX_TYPE, &x) == 0);
    section("times");
    struct timespec set[2] = {{1000, 5}, {2000, 999999999}};
    CALL(utimensat(AT_FDCWD, "f", set, 0));
    times("f");
    set[0].tv_nsec = UTIME_OMIT;
    set[1] = (struct timespec){3000, 0};
    CALL(utimensat(AT_FDCWD, "f", set, 0));
    times("f");
    set[1].tv_nsec = UTIME_OMIT;
    CALL(utimensat(AT_FDCWD, "f", set, 0));
    CALL(utimensat(AT_FDCWD, "absent", set, 0));
    set[1].tv_nsec = 1000000000;
    CALL(utimensat(AT_FDCWD, "f", set, 0));
    set[0] = set[1] = (struct timespec){-5, 0};
    CALL(utimensat(AT_FDCWD, "f", set, 0));
    times("f");
    symlink("f", "l");
    set[0] = set[1] = (struct timespec){77, 0};
    CALL(utimensat(AT_FDCWD, "l", set, AT_SYMLINK_NOFOLLOW));
    struct timeval v[2] = {{10, 20}, {30, 40}};
    CALL(utimes("f", v));
    times("f");
    v[0].tv_usec = 1000000;
    CALL(utimes("f", v));
    int fd = open("f", O_RDWR);
    set[0] = set[1] = (struct timespec){500, 0};
    CALL(futimens(fd, set));
    times("f");
    CALL(futimens(fd, NULL));
    fstat(fd, &s);
    TRUTH(recent(s.st_mtim));
    section("what changes which time");
    set[0] = set[1] = (struct timespec){500, 0};
    futimens(fd, set);
    write(fd, "x", 1);
    fstat(fd, &s);
    TRUTH(recent(s.st_mtim));
    futimens(fd, set);
    fchmod(fd, 0600);
    fstat(fd, &s);
    TRUTH(s.st_mtim.tv_sec == 500 && recent(s.st_ctim));
    mkdir("d", 0755);
    utimensat(AT_FDCWD, "d", set, 0);
    make_file("d/x", "");
    stat("d", &s);
    TRUTH(recent(s.st_mtim));
    utimensat(AT_FDCWD, "d", set, 0);
    rename("d/x", "d/y");
    stat("d", &s);
    TRUTH(recent(s.st_mtim));
    section("file systems");
    struct statfs fs;
    CALL(statfs(".", &fs));
    SHOW(fs.f_bsize);
    SHOW(fs.f_namelen);
    TRUTH(fs.f_blocks >= fs.f_bfree && fs.f_bfree >= fs.f_bavail);
    CALL(statfs("absent", &fs));
    CALL(fstatfs(fd, &fs));
    section("extended attributes");
    char value[64];
    CALL(setxattr("f", "user.one", "value", 5, 0));
    CALL(getxattr("f", "user.one", value, sizeof value));
    CALL(getxattr("f", "user.one", value, 2));
    CALL(getxattr("f", "user.one", NULL, 0));
    CALL(getxattr("f", "user.none", value, sizeof value));
    CALL(setxattr("f", "user.one", "v", 1, XATTR_CREATE));
    CALL(setxattr("f", "user.two", "v", 1, XATTR_REPLACE));
    CALL(setxattr("f", "nonsense", "v", 1, 0));
    CALL(listxattr("f", value, sizeof value));
    CALL(removexattr("f", "user.one"));
    CALL(removexattr("f", "user.one"));
    return 0;
}
