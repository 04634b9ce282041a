// Shared memory of the Linux TEE subsystem (linux/tee.h).
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/tee.h>

#include "teec.h"

// Of Linux 6.18 and of OP-TEE's kernels; not in the headers of Debian 12.
#ifndef TEE_IOC_SHM_REGISTER_FD
struct tee_ioctl_shm_register_fd_data {
    __s64 fd;
    __u64 size;
    __u32 flags;
    __s32 id;
};
#define TEE_IOC_SHM_REGISTER_FD _IOWR(TEE_IOC_MAGIC, TEE_IOC_BASE + 8, struct tee_ioctl_shm_register_fd_data)
#endif

// The kernel takes no memory of zero bytes.
static size_t size_to_share(const TEEC_SharedMemory *memory) { return memory->size ? memory->size : 8; }

static void *allocate_pages(size_t size) {
    void *pages = NULL;
    return posix_memalign(&pages, 4096, size) ? NULL : pages;
}

static bool register_pages(TEEC_Context *context, TEEC_SharedMemory *memory, void *pages, size_t size) {
    struct tee_ioctl_shm_register_data data = {.addr = (uintptr_t)pages, .length = size};
    int descriptor = ioctl(context->imp.fd, TEE_IOC_SHM_REGISTER, &data);
    if (descriptor < 0) return false;
    memory->imp.registered_fd = descriptor;
    memory->imp.id = data.id;
    memory->imp.alloced_size = size;
    return true;
}

static void *map_kernel_memory(TEEC_Context *context, TEEC_SharedMemory *memory, size_t size) {
    struct tee_ioctl_shm_alloc_data data = {.size = size};
    int descriptor = ioctl(context->imp.fd, TEE_IOC_SHM_ALLOC, &data);
    if (descriptor < 0) return NULL;
    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (pages == MAP_FAILED) return NULL;
    memory->imp.id = data.id;
    memory->imp.alloced_size = size;
    return pages;
}

TEEC_Result teec_device_register(TEEC_Context *context, TEEC_SharedMemory *memory) {
    size_t size = size_to_share(memory);
    if (!context->imp.reg_mem) {
        memory->imp.shadow_buffer = map_kernel_memory(context, memory, size);
        return memory->imp.shadow_buffer ? TEEC_SUCCESS : TEEC_ERROR_OUT_OF_MEMORY;
    }
    if (register_pages(context, memory, memory->buffer, size)) return TEEC_SUCCESS;
    // Linux refuses read-only memory, for instance.
    void *pages = allocate_pages(size);
    if (!pages) return TEEC_ERROR_OUT_OF_MEMORY;
    if (register_pages(context, memory, pages, size)) {
        memory->imp.shadow_buffer = pages;
        memory->imp.flags = TEEC_SHADOW_ALLOCATED;
        return TEEC_SUCCESS;
    }
    TEEC_Result result = errno == ENOMEM ? TEEC_ERROR_OUT_OF_MEMORY : TEEC_ERROR_GENERIC;
    free(pages);
    return result;
}

TEEC_Result teec_device_allocate(TEEC_Context *context, TEEC_SharedMemory *memory) {
    size_t size = size_to_share(memory);
    void *pages = context->imp.reg_mem ? allocate_pages(size) : map_kernel_memory(context, memory, size);
    if (!pages) return TEEC_ERROR_OUT_OF_MEMORY;
    if (context->imp.reg_mem && !register_pages(context, memory, pages, size)) {
        free(pages);
        return TEEC_ERROR_OUT_OF_MEMORY;
    }
    memory->buffer = pages;
    memory->imp.flags = TEEC_BUFFER_ALLOCATED;
    return TEEC_SUCCESS;
}

TEEC_Result teec_device_register_descriptor(TEEC_Context *context, TEEC_SharedMemory *memory, int descriptor) {
    struct tee_ioctl_shm_register_fd_data data = {.fd = descriptor};
    int registered = ioctl(context->imp.fd, TEE_IOC_SHM_REGISTER_FD, &data);
    if (registered < 0) return TEEC_ERROR_BAD_PARAMETERS;
    memory->buffer = NULL;
    memory->size = data.size;
    memory->imp.registered_fd = registered;
    memory->imp.id = data.id;
    memory->imp.alloced_size = data.size ? data.size : 1;
    return TEEC_SUCCESS;
}

void teec_device_release(TEEC_SharedMemory *memory) {
    bool is_mapped = memory->imp.registered_fd < 0;
    if (is_mapped) {
        void *pages = memory->imp.shadow_buffer ? memory->imp.shadow_buffer : memory->buffer;
        if (pages) munmap(pages, memory->imp.alloced_size);
        return;
    }
    close(memory->imp.registered_fd);
    if (memory->imp.flags & TEEC_SHADOW_ALLOCATED) free(memory->imp.shadow_buffer);
    if (memory->imp.flags & TEEC_BUFFER_ALLOCATED) free(memory->buffer);
}
