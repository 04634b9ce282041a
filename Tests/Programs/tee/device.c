// /dev/tee0 and /dev/teepriv0 without any application: nodes, versions, shared memory, refused requests.
#include "tee.h"
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static void nodes(int fd) {
    struct stat status;
    CHECK(fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) && minor(status.st_rdev) == 0);
    struct tee_ioctl_version_data version = {0};
    CHECK(ioctl(fd, TEE_IOC_VERSION, &version) == 0);
    CHECK(version.impl_id == TEE_IMPL_ID_OPTEE && version.impl_caps == TEE_OPTEE_CAP_TZ);
    CHECK(version.gen_caps == (TEE_GEN_CAP_GP | TEE_GEN_CAP_REG_MEM | TEE_GEN_CAP_MEMREF_NULL));
    FAILS(open("/dev/tee1", O_RDWR), ENOENT);
    char byte;
    FAILS(read(fd, &byte, 1), EINVAL);
    FAILS(write(fd, &byte, 1), EINVAL);
    FAILS(lseek(fd, 0, SEEK_SET), ESPIPE);
    CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED && errno == ENODEV);
    int epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    FAILS(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), EPERM);
    struct pollfd entry = {fd, POLLIN | POLLOUT, 0};
    CHECK(poll(&entry, 1, 0) == 1 && entry.revents == (POLLIN | POLLOUT));
    FAILS(ioctl(fd, _IO(TEE_IOC_MAGIC, 99)), EINVAL);
    FAILS(ioctl(fd, TEE_IOC_VERSION, NULL), EFAULT);
}

static void allocated(int fd) {
    struct tee_ioctl_shm_alloc_data data = {.size = 5000};
    int memory = ioctl(fd, TEE_IOC_SHM_ALLOC, &data);
    CHECK(memory >= 0 && data.size == 8192 && data.id > 0 && data.flags == 0);
    CHECK((fcntl(memory, F_GETFD) & FD_CLOEXEC) == 0);
    char path[64], target[64] = "";
    snprintf(path, sizeof path, "/proc/self/fd/%d", memory);
    CHECK(readlink(path, target, sizeof target - 1) > 0 && strcmp(target, "anon_inode:tee_shm") == 0);
    uint8_t *first = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    uint8_t *second = mmap(NULL, 4096, PROT_READ, MAP_SHARED, memory, 4096);
    CHECK(first != MAP_FAILED && second != MAP_FAILED);
    CHECK(first[0] == 0 && first[8191] == 0);
    first[4096] = 42;
    CHECK(second[0] == 42);
    FAILS(ftruncate(memory, 0), EINVAL);
    CHECK(close(memory) == 0);
    CHECK(second[0] == 42);
    // The identifier lives on with the mapping, so another one gets another number.
    struct tee_ioctl_shm_alloc_data other = {.size = 1};
    int rest = ioctl(fd, TEE_IOC_SHM_ALLOC, &other);
    CHECK(rest >= 0 && other.size == 4096 && other.id != data.id);
    CHECK(close(rest) == 0);
    munmap(first, 8192);
    munmap(second, 4096);
    rest = ioctl(fd, TEE_IOC_SHM_ALLOC, &other);
    CHECK(rest >= 0 && other.id == data.id);
    CHECK(close(rest) == 0);
    data = (struct tee_ioctl_shm_alloc_data){.size = 4096, .flags = 1};
    FAILS(ioctl(fd, TEE_IOC_SHM_ALLOC, &data), EINVAL);
    data = (struct tee_ioctl_shm_alloc_data){.size = UINT64_MAX};
    FAILS(ioctl(fd, TEE_IOC_SHM_ALLOC, &data), ENOMEM);
    data = (struct tee_ioctl_shm_alloc_data){.size = 0};
    FAILS(ioctl(fd, TEE_IOC_SHM_ALLOC, &data), ENOMEM);
}

static int register_memory(int fd, const void *address, uint64_t length) {
    struct tee_ioctl_shm_register_data data = {.addr = (uintptr_t)address, .length = length};
    int memory = ioctl(fd, TEE_IOC_SHM_REGISTER, &data);
    if (memory >= 0) CHECK(data.length == length && data.id > 0);
    return memory;
}

static void registered(int fd) {
    static uint8_t buffer[10000];
    static const uint8_t constant[] = "constant";
    uint8_t local[100];
    int memory = register_memory(fd, buffer + 1, 9000);
    CHECK(memory >= 0 && close(memory) == 0);
    memory = register_memory(fd, local, sizeof local);
    CHECK(memory >= 0);
    CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, memory, 0) == MAP_FAILED);
    CHECK(close(memory) == 0);
    FAILS(register_memory(fd, constant, sizeof constant), EFAULT);
    FAILS(register_memory(fd, NULL, 4096), EFAULT);
    FAILS(register_memory(fd, (void *)0xffff800000000000, 4096), EFAULT);
    FAILS(register_memory(fd, buffer, 0), ENOMEM);
    int file = memfd_create("tee", 0);
    CHECK(ftruncate(file, 6000) == 0);
    struct tee_ioctl_shm_register_fd_data data = {.fd = file};
    memory = ioctl(fd, TEE_IOC_SHM_REGISTER_FD, &data);
    CHECK(memory >= 0 && data.size == 6000 && data.id > 0);
    CHECK(close(memory) == 0 && close(file) == 0);
    data = (struct tee_ioctl_shm_register_fd_data){.fd = fd};
    FAILS(ioctl(fd, TEE_IOC_SHM_REGISTER_FD, &data), EINVAL);
}

static void refused(int fd) {
    struct invoke_command invoke = {0};
    FAILS(run_invoke(fd, &invoke), EINVAL);
    FAILS(run_close(fd, 1), EINVAL);
    struct tee_ioctl_cancel_arg cancel = {0, 1};
    FAILS(ioctl(fd, TEE_IOC_CANCEL, &cancel), EINVAL);
    struct open_command open = {0};
    struct tee_ioctl_buf_data data = {(uintptr_t)&open, sizeof open.arg - 1};
    FAILS(ioctl(fd, TEE_IOC_OPEN_SESSION, &data), EINVAL);
    data.buf_len = TEE_MAX_ARG_SIZE + 1;
    FAILS(ioctl(fd, TEE_IOC_OPEN_SESSION, &data), EINVAL);
    data = (struct tee_ioctl_buf_data){0, sizeof open.arg};
    FAILS(ioctl(fd, TEE_IOC_OPEN_SESSION, &data), EFAULT);
    open.arg.clnt_login = TEE_IOCTL_LOGIN_APPLICATION;
    FAILS(run_open(fd, &open), EINVAL);
    open.arg.clnt_login = TEE_IOCTL_LOGIN_GROUP;
    memset(open.arg.clnt_uuid, 0xff, 4);
    FAILS(run_open(fd, &open), EPERM);
    open.arg.clnt_login = 0x80000000;
    FAILS(run_open(fd, &open), EPERM);
    open = (struct open_command){.arg = {.num_params = 1}, .params = {{.attr = TEE_IOCTL_PARAM_ATTR_META | 1}}};
    FAILS(run_open(fd, &open), EINVAL);
    open = (struct open_command){.arg = {.num_params = 1}, .params = {{.attr = TEE_IOCTL_PARAM_ATTR_TYPE_MEMREF_INPUT, .c = 12345}}};
    FAILS(run_open(fd, &open), EINVAL);
    FAILS(ioctl(fd, TEE_IOC_SUPPL_RECV, &data), EINVAL);
    FAILS(ioctl(fd, TEE_IOC_SUPPL_SEND, &data), EINVAL);
    // An application that does not exist is no failure of the request.
    open = (struct open_command){0};
    memset(open.arg.uuid, 0xee, 16);
    CHECK(run_open(fd, &open) == 0 && open.arg.ret == 0xffff0008 && open.arg.session == 0);
}

static void woken(int signal) { (void)signal; }

static void supplicant(void) {
    int fd = open("/dev/teepriv0", O_RDWR);
    if (fd < 0 && errno == EACCES) return;
    CHECK(fd >= 0);
    FAILS(open("/dev/teepriv0", O_RDWR), EBUSY);
    struct tee_ioctl_version_data version = {0};
    CHECK(ioctl(fd, TEE_IOC_VERSION, &version) == 0 && version.gen_caps & TEE_GEN_CAP_PRIVILEGED);
    struct {
        struct tee_iocl_supp_recv_arg arg;
        struct tee_ioctl_param params[2];
    } request = {.arg = {.num_params = 2}, .params = {{.attr = TEE_IOCTL_PARAM_ATTR_META}}};
    struct tee_ioctl_buf_data data = {(uintptr_t)&request, sizeof request};
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = woken}, NULL);
    ualarm(100000, 0);
    FAILS(ioctl(fd, TEE_IOC_SUPPL_RECV, &data), EINTR);
    CHECK(close(fd) == 0);
    fd = open("/dev/teepriv0", O_RDWR);
    CHECK(fd >= 0 && close(fd) == 0);
}

int main(void) {
    int fd = open("/dev/tee0", O_RDWR);
    CHECK(fd >= 0);
    nodes(fd);
    allocated(fd);
    registered(fd);
    refused(fd);
    supplicant();
    CHECK(close(fd) == 0);
    return checked();
}
