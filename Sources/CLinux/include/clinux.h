// Kernel UAPI and the variadic system calls Swift cannot import. What Debian 12's headers lack is declared here.
#ifndef SKERRY_CLINUX_H
#define SKERRY_CLINUX_H

#include <stdint.h>
#include <stddef.h>
#include <linux/kvm.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>

/// ioctl(2) with a value argument; -errno on failure.
int skerry_ioctl(int fd, unsigned long request, uintptr_t argument);
/// openat2(2); -errno on failure.
int skerry_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);

#include "clinux_files.h"

#endif
