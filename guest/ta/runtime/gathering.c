// The core's block ciphers take whole blocks; the API takes any number of bytes.
#include <string.h>

#include "operation.h"

static size_t due_of(const struct __TEE_OperationHandle *operation, size_t size) {
    size_t total, block = operation->algorithm->blockSize;
    if (__builtin_add_overflow(operation->held, size, &total)) TEE_Panic(TEE_ERROR_BAD_PARAMETERS);
    switch (operation->algorithm->gathering) {
    case gatherBlocks: return total / block * block;
    case gatherTwoBlocks: return total > 2 * block ? (total - block - 1) / block * block : 0;
    default: return total;
    }
}

size_t gathered_output(const struct __TEE_OperationHandle *operation, size_t size) { return due_of(operation, size); }

/// Source and destination may be the same buffer (6.4.2). When bytes wait, output runs ahead of input, which then has to be somewhere else.
static const uint8_t *copy_if_overwritten(const struct __TEE_OperationHandle *operation, const uint8_t *source, size_t size, const uint8_t *destination, size_t due) {
    if (!operation->held || !size || destination >= source + size || source >= destination + due) return source;
    uint8_t *copy = TEE_Malloc(size, TEE_MALLOC_NO_FILL);
    if (!copy) TEE_Panic(TEE_ERROR_OUT_OF_MEMORY);
    return memcpy(copy, source, size);
}

size_t gather(TEE_OperationHandle operation, core_update update, const void *source, size_t size, void *destination, size_t destinationSize) {
    size_t due = due_of(operation, size), block = operation->algorithm->blockSize, written = 0;
    const uint8_t *input = copy_if_overwritten(operation, source, size, destination, due), *const start = input;
    uint8_t *output = destination;
    while (due && operation->held) {
        size_t chunk = ROUNDUP(operation->held, block);
        if (chunk > due) chunk = due;
        if (chunk > operation->held) {
            size_t missing = chunk - operation->held;
            memcpy(operation->buffer + operation->held, input, missing);
            input += missing;
            size -= missing;
            operation->held = chunk;
        }
        uint64_t length = destinationSize - written;
        ALLOWED(update(operation->core, operation->buffer, chunk, output + written, &length));
        written += length;
        operation->held -= chunk;
        memmove(operation->buffer, operation->buffer + chunk, operation->held);
        due -= chunk;
    }
    if (due) {
        uint64_t length = destinationSize - written;
        ALLOWED(update(operation->core, input, due, output + written, &length));
        written += length;
        input += due;
        size -= due;
    }
    if (size) memcpy(operation->buffer + operation->held, input, size);
    operation->held += size;
    if (start != source) TEE_Free((void *)(uintptr_t)start);
    return written;
}
