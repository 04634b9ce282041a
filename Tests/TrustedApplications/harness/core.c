#define _GNU_SOURCE
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
    success = 0,
    accessDenied = 0xffff0001,
    cancelled = 0xffff0002,
    badParameters = 0xffff0006,
    itemNotFound = 0xffff0008,
    shortBuffer = 0xffff0010,
    timeNotSet = 0xffff5000,
    notSupported = 0xffff000a
};

bool isCancelled;
static bool isMasked = true;
static bool hasPersistentTime;
static int64_t persistentOffset;

struct answer answer_with(uint32_t result);
struct answer answer_with(uint32_t result) { return (struct answer){.result = result}; }

/// Whether a range can be touched, found out without touching it.
static bool is_accessible(uint64_t address, uint64_t size, bool forWriting) {
    int pipes[2];
    if (!size) return true;
    if (address + size < address || pipe(pipes)) return false;
    bool isAccessible = true;
    for (uint64_t page = address & ~UINT64_C(4095); isAccessible && page < address + size; page += 4096) {
        uint64_t at = page < address ? address : page;
        char byte;
        struct iovec local = {&byte, 1}, remote = {(void *)at, 1};
        isAccessible = process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == 1;
        if (isAccessible && forWriting) isAccessible = process_vm_writev(getpid(), &local, 1, &remote, 1, 0) == 1;
    }
    close(pipes[0]);
    close(pipes[1]);
    return isAccessible;
}

/// A property that the core has; types as in user_ta_header.h.
struct property {
    uint32_t set;
    const char *name;
    uint32_t type;
    const void *value;
    uint32_t size;
};
static const uint32_t protection = 100;
static const uint64_t version64 = UINT64_C(0x123456789abcdef0);
static const struct {
    uint32_t login;
    uint8_t uuid[16];
} client = {1, {0x78, 0x56, 0x34, 0x12, 0xbc, 0x9a, 0xf0, 0xde, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08}};
static const struct property properties[] = {
    {0xfffffffd, "gpd.tee.apiversion", 4, "GPD-1.3.1", 10},
    {0xfffffffd, "gpd.tee.deviceID", 2, client.uuid, 16},
    {0xfffffffd, "gpd.tee.systemTime.protectionLevel", 1, &protection, 4},
    {0xfffffffd, "gpd.tee.trustedos.implementation.binaryversion", 5, "\1\2\3\4", 4},
    {0xfffffffd, "test.long", 6, &version64, 8},
    {0xfffffffe, "gpd.client.identity", 3, &client, 20},
    {0xffffffff, "gpd.ta.appID", 2, client.uuid, 16},
};

static const struct property *property_at(uint64_t set, uint64_t index) {
    for (size_t place = 0; place < sizeof(properties) / sizeof(properties[0]); place++)
        if (properties[place].set == set && index-- == 0) return &properties[place];
    return NULL;
}

static bool hand_over(void *buffer, uint32_t *size, const void *value, uint32_t needed) {
    if (!size) return true;
    bool fits = *size >= needed;
    *size = needed;
    if (fits && buffer) memcpy(buffer, value, needed);
    return fits;
}

static uint32_t get_property(const uint64_t arguments[8]) {
    const struct property *property = property_at(arguments[0], arguments[1]);
    if (!property) return itemNotFound;
    if (arguments[6]) *(uint32_t *)arguments[6] = property->type;
    bool fits = hand_over((void *)arguments[2], (uint32_t *)arguments[3], property->name, (uint32_t)strlen(property->name) + 1);
    fits &= hand_over((void *)arguments[4], (uint32_t *)arguments[5], property->value, property->size);
    return fits ? success : shortBuffer;
}

static uint32_t find_property(const uint64_t arguments[8]) {
    const char *name = (const char *)arguments[1];
    if (strlen(name) + 1 != arguments[2]) return badParameters;
    for (uint32_t index = 0;; index++) {
        const struct property *property = property_at(arguments[0], index);
        if (!property) return itemNotFound;
        if (strcmp(property->name, name)) continue;
        *(uint32_t *)arguments[3] = index;
        return success;
    }
}

static uint32_t get_time(uint64_t category, uint32_t *result) {
    struct timespec now;
    clock_gettime(category == 0 ? CLOCK_MONOTONIC : CLOCK_REALTIME, &now);
    if (category == 1 && !hasPersistentTime) return timeNotSet;
    result[0] = (uint32_t)(now.tv_sec + (category == 1 ? persistentOffset : 0));
    result[1] = (uint32_t)(now.tv_nsec / 1000000);
    return success;
}

static uint32_t set_time(const uint32_t *wanted) {
    hasPersistentTime = true;
    persistentOffset = (int64_t)wanted[0] - time(NULL);
    return success;
}

static uint32_t wait_for(uint64_t milliseconds) {
    if (isCancelled && !isMasked) return cancelled;
    struct timespec duration = {(time_t)(milliseconds / 1000), (long)(milliseconds % 1000) * 1000000};
    nanosleep(&duration, NULL);
    return success;
}

static uint32_t set_mask(bool masks, uint32_t *old) {
    *old = isMasked;
    isMasked = masks;
    return success;
}

/// The system pseudo application: memory, and nothing else.
static uint32_t invoke(const uint64_t arguments[8]) {
    if (arguments[0] != 77) return badParameters;
    struct core_params *params = (struct core_params *)arguments[3];
    *(uint32_t *)arguments[4] = 4;
    if (arguments[2] == 2) {
        void *memory = mmap(NULL, params->values[0], PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        params->values[2] = (uint64_t)memory >> 32;
        params->values[3] = (uint32_t)(uint64_t)memory;
        return success;
    }
    if (arguments[2] == 3) return munmap((void *)(params->values[2] << 32 | params->values[3]), params->values[0]) ? badParameters : success;
    return notSupported;
}

static uint32_t open_session(const uint64_t arguments[8]) {
    static const uint8_t system[16] = {0x78, 0x89, 0x2f, 0x3a, 0xc0, 0x5d, 0xe8, 0x11, 0x9c, 0x2d, 0xfa, 0x7a, 0xe0, 0x1b, 0xbe, 0xbc};
    *(uint32_t *)arguments[4] = 3;
    if (memcmp((void *)arguments[0], system, 16)) return itemNotFound;
    *(uint32_t *)arguments[3] = 77;
    *(uint32_t *)arguments[4] = 4;
    return success;
}

static uint32_t check_rights(const uint64_t arguments[8]) {
    bool forWriting = arguments[0] & 2;
    return is_accessible(arguments[1], arguments[2], forWriting) ? success : accessDenied;
}

struct answer answer_call(const struct call *call) {
    const uint64_t *arguments = call->arguments;
    switch (call->number) {
    case 0: return (struct answer){true, endedNormally, (uint32_t)arguments[0]};
    case 1: return answer_with(fwrite((void *)arguments[0], 1, arguments[1], stderr) == arguments[1] ? success : badParameters);
    case 2: return (struct answer){true, endedByPanic, (uint32_t)arguments[0]};
    case 3: return answer_with(get_property(arguments));
    case 4: return answer_with(find_property(arguments));
    case 5: return answer_with(open_session(arguments));
    case 6: return answer_with(arguments[0] == 77 ? success : badParameters);
    case 7: return answer_with(invoke(arguments));
    case 8: return answer_with(check_rights(arguments));
    case 9: *(uint32_t *)arguments[0] = isCancelled && !isMasked; return answer_with(success);
    case 10: return answer_with(set_mask(false, (uint32_t *)arguments[0]));
    case 11: return answer_with(set_mask(true, (uint32_t *)arguments[0]));
    case 12: return answer_with(wait_for(arguments[0]));
    case 13: return answer_with(get_time(arguments[0], (uint32_t *)arguments[1]));
    case 14: return answer_with(set_time((uint32_t *)arguments[0]));
    case 33: return answer_with(getrandom((void *)arguments[0], arguments[1], 0) == (ssize_t)arguments[1] ? success : badParameters);
    case 70: return answer_with(success);
    default:
        // The one object of the storage has a number that no other has; it is told of and closed like others.
        if ((call->number >= 41 && call->number <= 53) || ((call->number == 24 || call->number == 28) && arguments[0] == 0x1000)) return answer_storage_call(call);
        if (call->number >= 15 && call->number <= 54) return answer_crypto_call(call);
        fprintf(stderr, "harness: call %lu does not exist\n", (unsigned long)call->number);
        return (struct answer){true, endedByFault, 0};
    }
}
