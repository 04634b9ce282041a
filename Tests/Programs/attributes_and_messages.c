// Extended attributes on files, links and descriptors; messages in numbers on socket pairs; thread and memory calls that take little.
#include "probe.h"
#include <linux/membarrier.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/xattr.h>

static void attributes(void) {
    char text[64];
    section("attributes");
    make_file("file", "x");
    symlink("file", "soft");
    int fd = open("file", O_RDWR);
    CALL(fsetxattr(fd, "user.a", "one", 3, 0));
    CALL(fsetxattr(fd, "user.a", "two", 3, XATTR_CREATE));
    CALL(fgetxattr(fd, "user.a", text, sizeof text));
    CALL(fgetxattr(fd, "user.a", text, 1));
    CALL(fgetxattr(fd, "user.b", text, sizeof text));
    CALL(lsetxattr("file", "user.b", "three", 5, XATTR_REPLACE));
    CALL(lsetxattr("file", "user.b", "three", 5, 0));
    CALL(lgetxattr("file", "user.b", 0, 0));
    CALL(flistxattr(fd, 0, 0));
    CALL(llistxattr("file", text, 3));
    CALL(lsetxattr("soft", "user.c", "x", 1, 0));
    CALL(fremovexattr(fd, "user.a"));
    CALL(fremovexattr(fd, "user.a"));
    CALL(lremovexattr("file", "user.b"));
    CALL(removexattr("file", "user.b"));
    CALL(fsetxattr(fd, "nonsense", "x", 1, 0));
    CALL(flistxattr(-1, 0, 0));
    CALL(syscall(SYS_setxattr, "absent", "user.a", "x", 1, 0));
}

static void messages(void) {
    int pair[2], type = 0, on = 1;
    socklen_t length = sizeof type;
    struct sockaddr_un name;
    section("messages");
    CALL(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
    struct iovec parts[2] = {{"first", 5}, {"second", 6}};
    struct mmsghdr out[2] = {{.msg_hdr = {.msg_iov = &parts[0], .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = &parts[1], .msg_iovlen = 1}}};
    CALL(sendmmsg(pair[0], out, 2, 0));
    SHOW(out[1].msg_len);
    char texts[2][8];
    struct iovec places[2] = {{texts[0], 8}, {texts[1], 3}};
    struct mmsghdr in[2] = {{.msg_hdr = {.msg_iov = &places[0], .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = &places[1], .msg_iovlen = 1}}};
    CALL(recvmmsg(pair[1], in, 2, MSG_DONTWAIT, 0));
    SHOW(in[0].msg_len);
    SHOW(in[1].msg_len);
    SHOW(in[1].msg_hdr.msg_flags & MSG_TRUNC);
    CALL(recvmmsg(pair[1], in, 2, MSG_DONTWAIT, 0));
    length = sizeof name;
    CALL(getsockname(pair[0], (struct sockaddr *)&name, &length));
    SHOW(length);
    SHOW(name.sun_family);
    length = sizeof name;
    CALL(getpeername(pair[0], (struct sockaddr *)&name, &length));
    length = sizeof type;
    CALL(getsockopt(pair[0], SOL_SOCKET, SO_TYPE, &type, &length));
    SHOW(type);
    CALL(setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
    CALL(setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, 1));
    CALL(setsockopt(-1, SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
    CALL(connect(-1, (struct sockaddr *)&name, 2));
    CALL(getpeername(0x7fff, (struct sockaddr *)&name, &length));
}

static void threads_and_memory(void) {
    void *head;
    size_t size = 0;
    section("threads and memory");
    CALL(syscall(SYS_get_robust_list, 0, &head, &size));
    SHOW(size);
    CALL(syscall(SYS_get_robust_list, 0x7ffffff0, &head, &size));
    CALL(syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 1, 0));
    CALL(syscall(SYS_membarrier, 1 << 20, 0, 0));
    CALL(syscall(SYS_tkill, gettid(), 0));
    CALL(syscall(SYS_tkill, -1, 0));
    CALL(syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), 0, 8));
    char *memory = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CALL(syscall(SYS_mlock2, memory, 4096, 0));
    CALL(syscall(SYS_mlock2, memory, 4096, 99));
    CALL(syscall(SYS_pkey_mprotect, memory, 4096, PROT_READ, -1));
    CALL(syscall(SYS_restart_syscall));
    CALL(syscall(SYS_unshare, 0));
    CALL(syscall(SYS_unshare, 1));
    CALL(fchmodat(AT_FDCWD, "file", 0600, 0));
}

int main(void) {
    attributes();
    messages();
    threads_and_memory();
    return 0;
}
