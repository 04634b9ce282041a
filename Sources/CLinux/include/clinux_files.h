// System calls on files that Swift cannot import from glibc. All return -errno on failure.
// No glibc header with structures is included here: their form depends on feature macros, and Swift imports them with others.
#ifndef SKERRY_CLINUX_FILES_H
#define SKERRY_CLINUX_FILES_H

#include <stdint.h>
#include <stddef.h>

/// struct iovec.
struct skerry_segment {
    void *base;
    size_t length;
};

/// What statx(2) says of an open file, times in nanoseconds since the epoch.
struct skerry_attributes {
    uint64_t device, inode, device_number, links, blocks;
    int64_t size, access_time, modification_time, change_time, birth_time;
    uint32_t mode, user, group, block_size;
    uint8_t has_birth_time, is_mount_root;
};

/// What fstatfs(2) says.
struct skerry_statistics {
    uint64_t type, block_size, blocks, blocks_free, blocks_available, files, files_free, identifier, name_length, flags;
};

/// statx(2) of the descriptor itself.
int skerry_fstat(int fd, struct skerry_attributes *result);
/// fstatfs(2).
int skerry_fstatfs(int fd, struct skerry_statistics *result);
/// openat(2).
int skerry_openat(int directory, const char *path, int flags, uint32_t mode);
/// preadv2(2); offset -1 uses the descriptor's position.
int64_t skerry_preadv2(int fd, const struct skerry_segment *segments, int count, int64_t offset, int flags);
/// pwritev2(2).
int64_t skerry_pwritev2(int fd, const struct skerry_segment *segments, int count, int64_t offset, int flags);
/// recvmsg(2) with MSG_DONTWAIT.
int64_t skerry_receive(int fd, struct skerry_segment *segments, int count);
/// sendmsg(2) with MSG_DONTWAIT and MSG_NOSIGNAL.
int64_t skerry_send(int fd, struct skerry_segment *segments, int count);
/// getdents64(2).
int64_t skerry_getdents64(int fd, void *buffer, size_t size);
/// renameat2(2).
int skerry_renameat2(int old_directory, const char *old_name, int new_directory, const char *new_name, uint32_t flags);
/// fchmodat2(2) with AT_EMPTY_PATH (Linux 6.6).
int skerry_change_mode(int fd, uint32_t mode);
/// utimensat(2) with AT_EMPTY_PATH; nanoseconds since the epoch, or leave flags.
int skerry_set_times(int fd, int64_t access, int leave_access, int64_t modification, int leave_modification);
/// getxattrat(2) and listxattrat(2) (Linux 6.13), which follow the links of /proc/self/fd: so they reach O_PATH handles too.
int64_t skerry_getxattr_at(int directory, const char *path, const char *name, void *value, size_t size);
int64_t skerry_listxattr_at(int directory, const char *path, char *list, size_t size);
/// The same through a descriptor that is open for more than its path, and the calls that change attributes.
int64_t skerry_fgetxattr(int fd, const char *name, void *value, size_t size);
int64_t skerry_flistxattr(int fd, char *list, size_t size);
int skerry_fsetxattr(int fd, const char *name, const void *value, size_t size, int flags);
int skerry_fremovexattr(int fd, const char *name);
/// fallocate(2).
int skerry_fallocate(int fd, int mode, int64_t offset, int64_t length);
/// getrandom(2) without flags.
int64_t skerry_random(void *buffer, size_t size);
/// A nonblocking eventfd, and adding one to it.
int skerry_make_event(void);
void skerry_signal_event(int fd);
/// Names the calling thread.
void skerry_name_thread(const char *name);
/// A nonblocking timerfd on CLOCK_MONOTONIC, and when it shall go off (absolute; negative: never).
int skerry_make_timer(void);
void skerry_set_timer(int fd, int64_t nanoseconds);
/// membarrier(2); -errno on failure.
int skerry_membarrier(int command);
/// How often the calling thread has lost its processor to another thread (getrusage(2), ru_nivcsw of RUSAGE_THREAD).
long skerry_involuntary_switches(void);
/// The signals that the calling process ignores and that the calling thread blocks, bit N - 1 for signal N; with those that glibc keeps to itself (32 and 33,
/// which posix_spawn(3) leaves ignored), as execve(2) passes them on.
uint64_t skerry_ignored_signals(void);
uint64_t skerry_blocked_signals(void);
/// epoll_create1(2).
int skerry_epoll_create(void);
/// epoll_ctl(2) with the descriptor itself as the data: every edge of readiness.
int skerry_epoll_add_edges(int epoll, int fd);
int skerry_epoll_remove(int epoll, int fd);
/// epoll_wait(2): the descriptors that have news, 64 at most.
int skerry_epoll_wait(int epoll, int *descriptors, int capacity);
/// struct pollfd.
struct skerry_poll_entry {
    int descriptor;
    int16_t events, ready;
};
/// ppoll(2) without a signal mask; seconds below 0: no deadline. How many have news.
int skerry_ppoll(struct skerry_poll_entry *entries, size_t count, int64_t seconds, int64_t nanoseconds);

#endif
