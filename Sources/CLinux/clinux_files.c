#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <linux/types.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#ifndef SYS_getxattrat
#define SYS_getxattrat 464
#define SYS_listxattrat 465
#endif
#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x2000
#endif

_Static_assert(sizeof(struct skerry_segment) == sizeof(struct iovec), "a segment is an iovec");
_Static_assert(offsetof(struct skerry_segment, length) == offsetof(struct iovec, iov_len), "a segment is an iovec");

static int64_t result_of(int64_t value) { return value < 0 ? -errno : value; }

// A time outside what 64-bit nanoseconds hold (1677 to 2262) is cut to the nearest that fits.
static int64_t nanoseconds(struct statx_timestamp time) {
    int64_t result;
    if (__builtin_mul_overflow(time.tv_sec, (int64_t)1000000000, &result)) return time.tv_sec < 0 ? INT64_MIN : INT64_MAX;
    if (__builtin_add_overflow(result, (int64_t)time.tv_nsec, &result)) return INT64_MAX;
    return result;
}

int skerry_fstat(int fd, struct skerry_attributes *result) {
    struct statx found;
    if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &found) < 0) return -errno;
    *result = (struct skerry_attributes){
        .device = makedev(found.stx_dev_major, found.stx_dev_minor),
        .inode = found.stx_ino,
        .device_number = makedev(found.stx_rdev_major, found.stx_rdev_minor),
        .links = found.stx_nlink,
        .blocks = found.stx_blocks,
        .size = (int64_t)found.stx_size,
        .access_time = nanoseconds(found.stx_atime),
        .modification_time = nanoseconds(found.stx_mtime),
        .change_time = nanoseconds(found.stx_ctime),
        .birth_time = nanoseconds(found.stx_btime),
        .mode = found.stx_mode,
        .user = found.stx_uid,
        .group = found.stx_gid,
        .block_size = found.stx_blksize,
        .has_birth_time = (found.stx_mask & STATX_BTIME) != 0,
        .is_mount_root = (found.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0,
    };
    return 0;
}

int skerry_fstatfs(int fd, struct skerry_statistics *result) {
    struct statfs found;
    if (fstatfs(fd, &found) < 0) return -errno;
    *result = (struct skerry_statistics){
        .type = (uint64_t)found.f_type,
        .block_size = (uint64_t)found.f_bsize,
        .blocks = found.f_blocks,
        .blocks_free = found.f_bfree,
        .blocks_available = found.f_bavail,
        .files = found.f_files,
        .files_free = found.f_ffree,
        .identifier = (uint64_t)(uint32_t)found.f_fsid.__val[0] | (uint64_t)(uint32_t)found.f_fsid.__val[1] << 32,
        .name_length = (uint64_t)found.f_namelen,
        .flags = (uint64_t)found.f_flags,
    };
    return 0;
}

int skerry_openat(int directory, const char *path, int flags, uint32_t mode) { return (int)result_of(openat(directory, path, flags, mode)); }

int64_t skerry_preadv2(int fd, const struct skerry_segment *segments, int count, int64_t offset, int flags) {
    return result_of(preadv2(fd, (const struct iovec *)segments, count, offset, flags));
}

int64_t skerry_pwritev2(int fd, const struct skerry_segment *segments, int count, int64_t offset, int flags) {
    return result_of(pwritev2(fd, (const struct iovec *)segments, count, offset, flags));
}

int64_t skerry_receive(int fd, struct skerry_segment *segments, int count) {
    struct msghdr message = {.msg_iov = (struct iovec *)segments, .msg_iovlen = (size_t)count};
    return result_of(recvmsg(fd, &message, MSG_DONTWAIT));
}

int64_t skerry_send(int fd, struct skerry_segment *segments, int count) {
    struct msghdr message = {.msg_iov = (struct iovec *)segments, .msg_iovlen = (size_t)count};
    return result_of(sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL));
}

int64_t skerry_getdents64(int fd, void *buffer, size_t size) { return result_of(syscall(SYS_getdents64, fd, buffer, size)); }

int skerry_renameat2(int old_directory, const char *old_name, int new_directory, const char *new_name, uint32_t flags) {
    return (int)result_of(syscall(SYS_renameat2, old_directory, old_name, new_directory, new_name, flags));
}

int skerry_change_mode(int fd, uint32_t mode) { return (int)result_of(syscall(SYS_fchmodat2, fd, "", mode, AT_EMPTY_PATH)); }

static struct timespec time_of(int64_t value, int leave) {
    if (leave) return (struct timespec){.tv_nsec = UTIME_OMIT};
    int64_t seconds = value / 1000000000, rest = value % 1000000000;
    if (rest < 0) {
        rest += 1000000000;
        seconds -= 1;
    }
    return (struct timespec){.tv_sec = seconds, .tv_nsec = rest};
}

int skerry_set_times(int fd, int64_t access, int leave_access, int64_t modification, int leave_modification) {
    struct timespec times[2] = {time_of(access, leave_access), time_of(modification, leave_modification)};
    // glibc refuses an empty path, the kernel (5.8) does not.
    return (int)result_of(syscall(SYS_utimensat, fd, "", times, AT_EMPTY_PATH));
}

int64_t skerry_getxattr_at(int directory, const char *path, const char *name, void *value, size_t size) {
    struct {
        _Alignas(8) uint64_t value;
        uint32_t size, flags;
    } arguments = {.value = (uint64_t)(uintptr_t)value, .size = (uint32_t)size};
    return result_of(syscall(SYS_getxattrat, directory, path, 0, name, &arguments, sizeof arguments));
}

int64_t skerry_listxattr_at(int directory, const char *path, char *list, size_t size) {
    return result_of(syscall(SYS_listxattrat, directory, path, 0, list, size));
}

int64_t skerry_fgetxattr(int fd, const char *name, void *value, size_t size) { return result_of(fgetxattr(fd, name, value, size)); }
int64_t skerry_flistxattr(int fd, char *list, size_t size) { return result_of(flistxattr(fd, list, size)); }
int skerry_fsetxattr(int fd, const char *name, const void *value, size_t size, int flags) {
    return (int)result_of(fsetxattr(fd, name, value, size, flags));
}
int skerry_fremovexattr(int fd, const char *name) { return (int)result_of(fremovexattr(fd, name)); }
int skerry_fallocate(int fd, int mode, int64_t offset, int64_t length) { return (int)result_of(fallocate(fd, mode, offset, length)); }
int64_t skerry_random(void *buffer, size_t size) { return result_of(getrandom(buffer, size, 0)); }

int skerry_make_event(void) { return (int)result_of(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }
void skerry_signal_event(int fd) { eventfd_write(fd, 1); }

int skerry_make_timer(void) { return (int)result_of(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)); }

void skerry_set_timer(int fd, int64_t nanoseconds) {
    struct itimerspec setting = {0};
    // A time of zero would switch it off.
    int64_t due = nanoseconds == 0 ? 1 : nanoseconds;
    if (due > 0) setting.it_value = (struct timespec){.tv_sec = due / 1000000000, .tv_nsec = due % 1000000000};
    timerfd_settime(fd, TFD_TIMER_ABSTIME, &setting, NULL);
}

long skerry_involuntary_switches(void) {
    struct rusage usage = {0};
    return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nivcsw : 0;
}

int skerry_membarrier(int command) { return (int)result_of(syscall(SYS_membarrier, command, 0, 0)); }
void skerry_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int skerry_epoll_create(void) { return (int)result_of(epoll_create1(EPOLL_CLOEXEC)); }

int skerry_epoll_add_edges(int epoll, int fd) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET, .data.fd = fd};
    return (int)result_of(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
}

int skerry_epoll_remove(int epoll, int fd) { return (int)result_of(epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL)); }

int skerry_epoll_wait(int epoll, int *descriptors, int capacity) {
    struct epoll_event found[64];
    int count = epoll_wait(epoll, found, capacity < 64 ? capacity : 64, -1);
    if (count < 0) return -errno;
    for (int index = 0; index < count; index++) descriptors[index] = found[index].data.fd;
    return count;
}

uint64_t skerry_ignored_signals(void) {
    uint64_t ignored = 0;
    for (int number = 1; number <= 64; number++) {
        // struct kernel_sigaction: handler, flags, restorer, mask.
        uint64_t action[4] = {0};
        if (syscall(SYS_rt_sigaction, number, NULL, action, 8) == 0 && action[0] == 1) ignored |= UINT64_C(1) << (number - 1);
    }
    return ignored;
}

uint64_t skerry_blocked_signals(void) {
    uint64_t blocked = 0;
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &blocked, 8);
    return blocked;
}

_Static_assert(sizeof(struct skerry_poll_entry) == sizeof(struct pollfd) && offsetof(struct skerry_poll_entry, ready) == offsetof(struct pollfd, revents), "struct pollfd");

int skerry_ppoll(struct skerry_poll_entry *entries, size_t count, int64_t seconds, int64_t nanoseconds) {
    struct timespec limit = {.tv_sec = seconds, .tv_nsec = nanoseconds};
    return (int)result_of(ppoll((struct pollfd *)entries, count, seconds < 0 ? NULL : &limit, NULL));
}
