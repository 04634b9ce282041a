// Trusted storage of one object in memory, enough to see how the development kit calls.
#include "harness.h"

#include <string.h>

enum { success = 0, badParameters = 0xffff0006, itemNotFound = 0xffff0008, accessConflict = 0xffff0003, storageNoSpace = 0xffff3041, objectNumber = 0x1000 };

struct answer answer_with(uint32_t result);

static bool exists, isListed;
static uint8_t name[64], data[4096];
static size_t nameSize, dataSize;
static uint64_t position;

static uint32_t create(const uint64_t arguments[8]) {
    if (exists && !(arguments[3] & 0x400)) return accessConflict;
    if (arguments[6] > sizeof(data) || arguments[2] > sizeof(name)) return storageNoSpace;
    exists = true;
    memcpy(name, (const void *)arguments[1], nameSize = arguments[2]);
    if (arguments[6]) memcpy(data, (const void *)arguments[5], arguments[6]);
    dataSize = arguments[6];
    position = 0;
    // Nowhere for a handle: the object with the attributes has become this one.
    if (arguments[7]) *(uint32_t *)arguments[7] = objectNumber;
    return success;
}

static uint32_t open_object(const uint64_t arguments[8]) {
    if (!exists || arguments[2] != nameSize || memcmp((const void *)arguments[1], name, nameSize)) return itemNotFound;
    position = 0;
    *(uint32_t *)arguments[4] = objectNumber;
    return success;
}

static uint32_t seek(int32_t offset, uint64_t whence) {
    int64_t target = offset + (whence == 0 ? 0 : whence == 1 ? (int64_t)position : (int64_t)dataSize);
    // As OP-TEE's core, on which the library relies to have checked that.
    if (target > UINT32_MAX) return badParameters;
    position = target < 0 ? 0 : (uint64_t)target;
    return success;
}

static uint32_t read_data(uint64_t buffer, uint64_t size, uint64_t *count) {
    uint64_t left = position < dataSize ? dataSize - position : 0;
    *count = size < left ? size : left;
    memcpy((void *)buffer, data + position, *count);
    position += *count;
    return success;
}

static uint32_t write_data(uint64_t bytes, uint64_t size) {
    if (position > sizeof(data) || size > sizeof(data) - position) return storageNoSpace;
    if (position > dataSize) memset(data + dataSize, 0, position - dataSize);
    memcpy(data + position, (const void *)bytes, size);
    position += size;
    if (position > dataSize) dataSize = position;
    return success;
}

static uint32_t tell(uint64_t information) {
    const uint32_t all[7] = {0xa00000bf, 0, 0, 0xffffffff, (uint32_t)dataSize, (uint32_t)position, 0x30000};
    memcpy((void *)information, all, sizeof(all));
    return success;
}

static uint32_t next(const uint64_t arguments[8]) {
    if (!isListed || !exists) return itemNotFound;
    isListed = false;
    tell(arguments[1]);
    memcpy((void *)arguments[2], name, nameSize);
    *(uint64_t *)arguments[3] = nameSize;
    return success;
}

struct answer answer_storage_call(const struct call *call) {
    const uint64_t *arguments = call->arguments;
    switch (call->number) {
    case 24: return answer_with(tell(arguments[1]));
    case 28: return answer_with(success);
    case 41: return answer_with(open_object(arguments));
    case 42: return answer_with(create(arguments));
    case 43: exists = false; return answer_with(success);
    case 44: memcpy(name, (const void *)arguments[1], nameSize = arguments[2]); return answer_with(success);
    case 45: *(uint32_t *)arguments[0] = 5; return answer_with(success);
    case 46: return answer_with(success);
    case 47: isListed = false; return answer_with(success);
    case 48: isListed = true; return answer_with(exists ? success : itemNotFound);
    case 49: return answer_with(next(arguments));
    case 50: return answer_with(read_data(arguments[1], arguments[2], (uint64_t *)arguments[3]));
    case 51: return answer_with(write_data(arguments[1], arguments[2]));
    case 52: dataSize = arguments[1]; return answer_with(success);
    default: return answer_with(seek((int32_t)arguments[1], arguments[2]));
    }
}
