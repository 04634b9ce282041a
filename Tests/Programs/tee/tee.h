// What the programs of this folder share: the requests of /dev/tee0 by the kernel's own header, and checks that count themselves.
#ifndef TEE_PROGRAM_H
#define TEE_PROGRAM_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <linux/tee.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef TEE_IOC_SHM_REGISTER_FD
struct tee_ioctl_shm_register_fd_data {
    int64_t fd;
    uint64_t size;
    uint32_t flags;
    int32_t id;
};
#define TEE_IOC_SHM_REGISTER_FD _IOWR(TEE_IOC_MAGIC, TEE_IOC_BASE + 8, struct tee_ioctl_shm_register_fd_data)
#endif

static int checks, failures;

// Says which expectation was not met; the program goes on.
#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        __atomic_add_fetch(&checks, 1, __ATOMIC_RELAXED);                                                    \
        if (!(condition)) {                                                                                  \
            int error_ = errno;                                                                              \
            __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);                                              \
            printf("%s:%d: %s (errno: %s)\n", __FILE__, __LINE__, #condition, strerror(error_));             \
        }                                                                                                    \
    } while (0)

// An expression that fails with an errno.
#define FAILS(expression, error) CHECK((expression) == -1 && errno == (error))

static inline int checked(void) {
    printf("%d checks, %d failures\n", checks, failures);
    return failures != 0;
}

// Structures of a command with room for the most parameters that a message has.
struct open_command {
    struct tee_ioctl_open_session_arg arg;
    struct tee_ioctl_param params[6];
};
struct invoke_command {
    struct tee_ioctl_invoke_arg arg;
    struct tee_ioctl_param params[6];
};

static inline int run_open(int fd, struct open_command *command) {
    struct tee_ioctl_buf_data data = {(uintptr_t)command, sizeof command->arg + command->arg.num_params * sizeof *command->params};
    return ioctl(fd, TEE_IOC_OPEN_SESSION, &data);
}

static inline int run_invoke(int fd, struct invoke_command *command) {
    struct tee_ioctl_buf_data data = {(uintptr_t)command, sizeof command->arg + command->arg.num_params * sizeof *command->params};
    return ioctl(fd, TEE_IOC_INVOKE, &data);
}

static inline int run_close(int fd, uint32_t session) {
    struct tee_ioctl_close_session_arg arg = {session};
    return ioctl(fd, TEE_IOC_CLOSE_SESSION, &arg);
}

// The octets of a UUID's text; ends the program when it is none.
static inline void parse_uuid(const char *text, uint8_t uuid[16]) {
    int count = 0, high = -1;
    for (const char *at = text; *at && count < 16; at++) {
        if (*at == '-') continue;
        const char *digits = "0123456789abcdef", *found = strchr(digits, *at | 0x20);
        if (!found || !*found) break;
        int digit = (int)(found - digits);
        if (high < 0) high = digit;
        else {
            uuid[count++] = (uint8_t)(high << 4 | digit);
            high = -1;
        }
    }
    if (count != 16) {
        fprintf(stderr, "%s: not a UUID\n", text);
        exit(2);
    }
}

// Opens a session as anybody; 0 and a message when there is none.
static inline uint32_t open_session(int fd, const uint8_t uuid[16]) {
    struct open_command command = {0};
    memcpy(command.arg.uuid, uuid, 16);
    if (run_open(fd, &command) || command.arg.ret) {
        printf("no session: %#x, origin %u\n", command.arg.ret, command.arg.ret_origin);
        return 0;
    }
    return command.arg.session;
}
#endif
