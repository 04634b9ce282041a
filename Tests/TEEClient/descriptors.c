// Memory behind descriptors: a memfd, which then shrinks; one that is sealed; and what is no memory.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>

#include "client.h"

static TEEC_Result share(int descriptor, TEEC_SharedMemory *memory) {
    *memory = (TEEC_SharedMemory){.flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT};
    return TEEC_RegisterSharedMemoryFileDescriptor(&context, memory, descriptor);
}

static TEEC_Result invert(TEEC_SharedMemory *memory) {
    TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_WHOLE, TEEC_NONE, TEEC_NONE, TEEC_NONE)};
    operation.params[0].memref.parent = memory;
    return invoke(INVERT, &operation);
}

static void shrinking(void) {
    int descriptor = memfd_create("memory", MFD_CLOEXEC);
    unsigned char bytes[10000] = {1, 2, 3};
    if (write(descriptor, bytes, sizeof bytes) != sizeof bytes) exit(1);
    TEEC_SharedMemory memory;
    TEEC_Result result = share(descriptor, &memory);
    printf("memory: %08x, buffer %s, size %zu\n", result, memory.buffer ? "some" : "none", memory.size);
    result = invert(&memory);
    if (pread(descriptor, bytes, sizeof bytes, 0) != sizeof bytes) exit(1);
    printf("invert: %08x, %s\n", result, bytes[0] == 0xfe && bytes[2] == 0xfc && bytes[9999] == 0xff ? "right" : "wrong");
    if (ftruncate(descriptor, 100)) exit(1);
    printf("invert after it shrank: %08x\n", invert(&memory));
    printf("file stays %ld\n", (long)lseek(descriptor, 0, SEEK_END));
    TEEC_ReleaseSharedMemory(&memory);
    close(descriptor);
}

static void sealed(void) {
    int descriptor = memfd_create("memory", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (ftruncate(descriptor, 100) || fcntl(descriptor, F_ADD_SEALS, F_SEAL_WRITE)) exit(1);
    TEEC_SharedMemory memory;
    need(share(descriptor, &memory), "sealed");
    printf("sealed: %08x\n", invert(&memory));
    TEEC_ReleaseSharedMemory(&memory);
    close(descriptor);
}

static void many(void) {
    static TEEC_SharedMemory memories[1000];
    int count = 0;
    TEEC_Result result = TEEC_SUCCESS;
    while (result == TEEC_SUCCESS && count < 1000) {
        memories[count] = (TEEC_SharedMemory){.size = 100, .flags = TEEC_MEM_INPUT};
        result = TEEC_AllocateSharedMemory(&context, &memories[count]);
        if (result == TEEC_SUCCESS) count++;
    }
    printf("too many: %08x after %d\n", result, count);
    for (int index = 0; index < count; index++) TEEC_ReleaseSharedMemory(&memories[index]);
    printf("again: %08x\n", TEEC_AllocateSharedMemory(&context, &memories[0]));
    TEEC_ReleaseSharedMemory(&memories[0]);
}

int main(void) {
    begin();
    shrinking();
    sealed();
    int ends[2];
    if (pipe(ends)) exit(1);
    TEEC_SharedMemory memory;
    printf("pipe: %08x\n", share(ends[0], &memory));
    printf("directory: %08x\n", share(open("/", O_RDONLY | O_DIRECTORY), &memory));
    many();
    end();
    return 0;
}
