// A stand-in for /dev/tee0, preloaded into a test client (LD_PRELOAD): the ioctls of linux/tee.h, and behind them the applications that the socket's test
// service has. FAKE_TEE_CAPABILITIES are the TEE_GEN_CAP_* to show. Memory that the library forgets to unregister makes the program say so at its end.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <linux/tee.h>

#include "client.h"

enum { REGIONS = 1 << 16 };

static struct region {
    void *start;
    size_t size;
    int descriptor;
} regions[REGIONS];
static int last_region = -1, device = -1;
static uint32_t last_session, cancelled[64];
static unsigned cancelled_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static unsigned capabilities(void) {
    const char *text = getenv("FAKE_TEE_CAPABILITIES");
    return text ? (unsigned)strtoul(text, NULL, 0) : TEE_GEN_CAP_GP | TEE_GEN_CAP_REG_MEM | TEE_GEN_CAP_MEMREF_NULL;
}

int open(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    mode_t mode = va_arg(list, mode_t);
    va_end(list);
    // As if the first devices were others.
    if (strncmp(path, "/dev/tee", 8)) return openat(AT_FDCWD, path, flags, mode);
    if (!strcmp(path, "/dev/tee2")) return device = memfd_create("fake tee", MFD_CLOEXEC);
    errno = ENOENT;
    return -1;
}

int close(int descriptor) {
    static int (*next)(int);
    if (!next) next = (int (*)(int))dlsym(RTLD_NEXT, "close");
    pthread_mutex_lock(&lock);
    for (int index = 0; index <= last_region; index++)
        if (regions[index].start && regions[index].descriptor == descriptor) regions[index].start = NULL;
    pthread_mutex_unlock(&lock);
    return next(descriptor);
}

__attribute__((destructor)) static void count_regions(void) {
    for (int index = 0; index <= last_region; index++)
        if (regions[index].start && regions[index].descriptor >= 0) printf("region %d is still registered\n", index);
}

// Linux pins pages for writing.
static bool is_writable(uintptr_t address) {
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512];
    bool is_found = false;
    while (!is_found && fgets(line, sizeof line, maps)) {
        unsigned long start, end;
        char rights[5];
        is_found = sscanf(line, "%lx-%lx %4s", &start, &end, rights) == 3 && address >= start && address < end && rights[1] == 'w';
    }
    fclose(maps);
    return is_found;
}

static int add_region(void *start, size_t size, int descriptor) {
    pthread_mutex_lock(&lock);
    int id = ++last_region;
    regions[id % REGIONS] = (struct region){start, size, descriptor};
    pthread_mutex_unlock(&lock);
    return id;
}

static int allocate(struct tee_ioctl_shm_alloc_data *data) {
    if (data->size > 1 << 30) return errno = ENOMEM, -1;
    int descriptor = memfd_create("region", MFD_CLOEXEC);
    if (ftruncate(descriptor, (off_t)data->size)) return -1;
    // The library closes it at once: the mapping keeps the region.
    data->id = add_region(mmap(NULL, data->size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), data->size, -2);
    return descriptor;
}

static int register_memory(struct tee_ioctl_shm_register_data *data) {
    if (data->flags || !data->length || !is_writable(data->addr)) return errno = EINVAL, -1;
    int descriptor = memfd_create("region", MFD_CLOEXEC);
    data->id = add_region((void *)data->addr, data->length, descriptor);
    return descriptor;
}

static unsigned char *memory(const struct tee_ioctl_param *param) { return param->c == TEE_MEMREF_NULL ? NULL : (unsigned char *)regions[param->c].start + param->a; }

static bool is_good(const struct tee_ioctl_param *param) {
    if (param->attr < 5 || param->c == TEE_MEMREF_NULL) return true;
    const struct region *region = &regions[param->c % REGIONS];
    return region->start && param->a <= region->size && param->b <= region->size - param->a;
}

// Until a CANCEL names the request.
static uint32_t sleep_until_cancelled(uint32_t id) {
    pthread_mutex_lock(&lock);
    for (;;) {
        for (unsigned index = 0; index < cancelled_count; index++) {
            if (cancelled[index] != id) continue;
            pthread_mutex_unlock(&lock);
            return TEEC_ERROR_CANCEL;
        }
        pthread_cond_wait(&changed, &lock);
    }
}

static uint32_t invert(struct tee_ioctl_param *param) {
    for (size_t index = 0; index < param->b; index++) memory(param)[index] ^= 0xff;
    return TEEC_SUCCESS;
}

static uint32_t pattern(struct tee_ioctl_param *param) {
    for (size_t index = 0; index < param->b; index++) memory(param)[index] = (unsigned char)(index * 7);
    param->b -= 5;
    return TEEC_SUCCESS;
}

static uint32_t copy(struct tee_ioctl_param *params) {
    uint64_t room = params[1].b;
    params[1].b = params[0].b;
    if (params[0].b > room) return TEEC_ERROR_SHORT_BUFFER;
    if (params[0].b) memcpy(memory(&params[1]), memory(&params[0]), params[0].b);
    return TEEC_SUCCESS;
}

static uint32_t command(uint32_t number, uint32_t cancel_id, struct tee_ioctl_param *params) {
    switch (number) {
        case NOTHING: return TEEC_SUCCESS;
        case ADD: params[0].a = (uint32_t)(params[0].a + params[0].b); return TEEC_SUCCESS;
        case COPY: return copy(params);
        case INVERT: return invert(params);
        case SLEEP: return sleep_until_cancelled(cancel_id);
        case GROW: params[0].b += 16; return TEEC_ERROR_SHORT_BUFFER;
        case DESCRIBE:
            params[0].a = params[1].attr;
            params[0].b = params[1].b | (memory(&params[1]) ? 0 : 0x80000000);
            return TEEC_SUCCESS;
        case FAIL: return (uint32_t)params[0].a;
        case PATTERN: return pattern(params);
        default: return TEEC_ERROR_NOT_SUPPORTED;
    }
}

static int open_session(struct tee_ioctl_open_session_arg *arg) {
    static const uint8_t known[15] = {0x8a, 0xaa, 0xf2, 0x00, 0x24, 0x50, 0x11, 0xe4, 0xab, 0xe2, 0x00, 0x02, 0xa5, 0xd5, 0xc5};
    arg->ret_origin = TEEC_ORIGIN_TEE;
    if (memcmp(arg->uuid, known, sizeof known)) return arg->ret = TEEC_ERROR_ITEM_NOT_FOUND, 0;
    arg->ret_origin = TEEC_ORIGIN_TRUSTED_APP;
    arg->ret = arg->uuid[15] == 0x1c ? sleep_until_cancelled(arg->cancel_id) : TEEC_SUCCESS;
    arg->session = __atomic_add_fetch(&last_session, 1, __ATOMIC_RELAXED);
    return 0;
}

static int invoke_command(struct tee_ioctl_invoke_arg *arg) {
    for (int index = 0; index < 4; index++)
        if (!is_good(&arg->params[index])) return errno = EINVAL, -1;
    arg->ret_origin = TEEC_ORIGIN_TRUSTED_APP;
    arg->ret = command(arg->func, arg->cancel_id, arg->params);
    return 0;
}

static int cancel(const struct tee_ioctl_cancel_arg *arg) {
    pthread_mutex_lock(&lock);
    cancelled[cancelled_count++ % 64] = arg->cancel_id;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    return 0;
}

int ioctl(int descriptor, unsigned long request, ...) {
    va_list list;
    va_start(list, request);
    void *argument = va_arg(list, void *);
    va_end(list);
    if (descriptor != device) return errno = EBADF, -1;
    void *inner = (void *)((struct tee_ioctl_buf_data *)argument)->buf_ptr;
    switch (request) {
        case TEE_IOC_VERSION:
            *(struct tee_ioctl_version_data *)argument = (struct tee_ioctl_version_data){TEE_IMPL_ID_OPTEE, TEE_OPTEE_CAP_TZ, capabilities()};
            return 0;
        case TEE_IOC_SHM_ALLOC: return allocate(argument);
        case TEE_IOC_SHM_REGISTER: return register_memory(argument);
        case TEE_IOC_OPEN_SESSION: return open_session(inner);
        case TEE_IOC_INVOKE: return invoke_command(inner);
        case TEE_IOC_CANCEL: return cancel(argument);
        case TEE_IOC_CLOSE_SESSION: return 0;
        default: return errno = ENOTTY, -1;
    }
}
