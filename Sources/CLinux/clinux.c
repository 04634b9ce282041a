#include "clinux.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

int skerry_ioctl(int fd, unsigned long request, uintptr_t argument) {
    int result = ioctl(fd, request, argument);
    return result < 0 ? -errno : result;
}

int skerry_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
    long result = syscall(SYS_openat2, directory, path, &how, sizeof how);
    return result < 0 ? -errno : (int)result;
}
