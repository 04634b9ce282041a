// Objects and operations. A key is its bytes. Digests are SHA-256 by libcrypto; ciphers are made up: each byte is inverted, and a block cipher insists on blocks, so
// that what comes out shows whether the development kit gathered them well.
#include "harness.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { success = 0, badParameters = 0xffff0006, badState = 0xffff0007, itemNotFound = 0xffff0008, notSupported = 0xffff000a, shortBuffer = 0xffff0010, macInvalid = 0xffff3071 };

struct answer answer_with(uint32_t result);

struct object {
    uint32_t type, usage, maxSize;
    bool isUsed, isFilled;
    uint8_t bytes[256];
    size_t size;
};
struct operation {
    uint32_t algorithm, mode, keys[2];
    bool isUsed, isStarted;
    EVP_MD_CTX *digest;
    uint8_t message[4096];
    size_t messageSize, tagSize;
};
static struct object objects[32];
static struct operation operations[16];

static struct object *object_of(uint64_t number) { return number > 0 && number < 32 && objects[number].isUsed ? &objects[number] : NULL; }
static struct operation *operation_of(uint64_t number) { return number > 0 && number < 16 && operations[number].isUsed ? &operations[number] : NULL; }

static uint32_t make_object(uint64_t type, uint64_t maxSize, uint32_t *number) {
    // Keys of the algorithms that the tests have here: secrets, AES, SM4, HMAC-SHA256.
    if (type != 0xa0000000 && type != 0xa0000010 && type != 0xa0000004 && type != 0xa0000014) return notSupported;
    if (type == 0xa0000010 && maxSize != 128 && maxSize != 192 && maxSize != 256) return notSupported;
    for (uint32_t index = 1; index < 32; index++) {
        if (objects[index].isUsed) continue;
        objects[index] = (struct object){.isUsed = true, .type = (uint32_t)type, .maxSize = (uint32_t)maxSize, .usage = 0xffffffff};
        *number = index;
        return success;
    }
    return 0xffff000c;
}

static uint32_t tell_object(const struct object *object, uint32_t information[7]) {
    if (!object) return badParameters;
    const uint32_t all[7] = {object->type, (uint32_t)object->size * 8, object->maxSize, object->usage, 0, 0, object->isFilled ? 0x20000 : 0};
    memcpy(information, all, sizeof(all));
    return success;
}

struct attribute {
    uint64_t a, b;
    uint32_t identifier;
};

static uint32_t fill_object(struct object *object, const struct attribute *attributes, uint64_t count) {
    if (!object || object->isFilled || count != 1 || attributes->identifier != 0xc0000000 || attributes->b > sizeof(object->bytes)) return badParameters;
    memcpy(object->bytes, (const void *)attributes->a, attributes->b);
    object->size = attributes->b;
    object->isFilled = true;
    return success;
}

static uint32_t generate(struct object *object, uint64_t bits) {
    if (!object || object->isFilled || bits % 8 || bits > object->maxSize) return badParameters;
    object->size = bits / 8;
    for (size_t index = 0; index < object->size; index++) object->bytes[index] = (uint8_t)(index + 1);
    object->isFilled = true;
    return success;
}

static uint32_t copy_object(struct object *to, const struct object *from) {
    if (!to || !from || to->isFilled || !from->isFilled || to->type != from->type) return badParameters;
    memcpy(to->bytes, from->bytes, sizeof(to->bytes));
    to->size = from->size;
    to->isFilled = true;
    return success;
}

static uint32_t give(uint64_t buffer, uint64_t *size, const void *value, size_t needed) {
    bool fits = *size >= needed;
    *size = needed;
    if (!fits) return shortBuffer;
    if (needed) memcpy((void *)buffer, value, needed);
    return success;
}

static uint32_t make_operation(const uint64_t arguments[8]) {
    const uint32_t known[] = {0x50000004, 0x30000004, 0x10000110, 0x10000210, 0x10000310, 0x10000410, 0x40000710, 0x40000810, 0x10000115};
    bool isKnown = false;
    for (size_t index = 0; index < sizeof(known) / sizeof(known[0]); index++) isKnown |= known[index] == arguments[0];
    if (!isKnown) return notSupported;
    for (uint32_t index = 1; index < 16; index++) {
        if (operations[index].isUsed) continue;
        operations[index] = (struct operation){
            .isUsed = true, .algorithm = (uint32_t)arguments[0], .mode = (uint32_t)arguments[1], .keys = {(uint32_t)arguments[2], (uint32_t)arguments[3]}};
        if (arguments[0] >> 28 == 5) operations[index].digest = EVP_MD_CTX_new();
        *(uint32_t *)arguments[4] = index;
        return success;
    }
    return 0xffff000c;
}

static uint32_t free_operation(struct operation *operation) {
    if (!operation) return badParameters;
    for (int key = 0; key < 2; key++)
        if (operation->keys[key]) objects[operation->keys[key]].isUsed = false;
    EVP_MD_CTX_free(operation->digest);
    operation->isUsed = false;
    return success;
}

static uint32_t copy_operation(struct operation *to, const struct operation *from) {
    if (!to || !from || to->algorithm != from->algorithm) return badParameters;
    to->isStarted = from->isStarted;
    to->messageSize = from->messageSize;
    to->tagSize = from->tagSize;
    memcpy(to->message, from->message, sizeof(to->message));
    if (from->digest) EVP_MD_CTX_copy_ex(to->digest, from->digest);
    return success;
}

static uint32_t start(struct operation *operation) {
    if (!operation) return badParameters;
    operation->isStarted = true;
    operation->messageSize = 0;
    if (operation->digest) EVP_DigestInit_ex(operation->digest, EVP_sha256(), NULL);
    return success;
}

static uint32_t add(struct operation *operation, uint64_t bytes, uint64_t size) {
    if (!operation || !operation->isStarted) return badState;
    if (operation->digest) return EVP_DigestUpdate(operation->digest, (const void *)bytes, size) ? success : badState;
    if (size > sizeof(operation->message) - operation->messageSize) return badParameters;
    if (size) memcpy(operation->message + operation->messageSize, (const void *)bytes, size);
    operation->messageSize += size;
    return success;
}

static uint32_t finish_digest(struct operation *operation, const uint64_t arguments[8]) {
    uint8_t value[32];
    if (!operation || !operation->isStarted) return badState;
    if (*(uint64_t *)arguments[4] < 32) {
        *(uint64_t *)arguments[4] = 32;
        return shortBuffer;
    }
    uint32_t result = add(operation, arguments[1], arguments[2]);
    if (result) return result;
    if (operation->digest)
        EVP_DigestFinal_ex(operation->digest, value, NULL);
    else
        HMAC(EVP_sha256(), objects[operation->keys[0]].bytes, (int)objects[operation->keys[0]].size, operation->message, operation->messageSize, value, NULL);
    operation->isStarted = false;
    return give(arguments[3], (uint64_t *)arguments[4], value, 32);
}

/// Inverts. Calls that a block cipher would refuse are refused; the last one of a stealing cipher may have any size above a block.
static uint32_t transform(struct operation *operation, const uint64_t arguments[8], bool isLast) {
    if (!operation || !operation->isStarted) return badState;
    const uint32_t algorithm = operation->algorithm;
    bool streams = algorithm == 0x10000210 || algorithm == 0x40000810 || algorithm == 0x10000115, steals = algorithm == 0x10000310 || algorithm == 0x10000410;
    uint64_t size = arguments[2], *space = (uint64_t *)arguments[4];
    if (!streams && size % 16 && !(isLast && (steals || algorithm == 0x40000710))) return badParameters;
    if (isLast && steals && size <= 16 && size != 0) return badParameters;
    if (*space < size) {
        *space = size;
        return shortBuffer;
    }
    for (uint64_t index = 0; index < size; index++) ((uint8_t *)arguments[3])[index] = (uint8_t)~((const uint8_t *)arguments[1])[index];
    *space = size;
    if (isLast) operation->isStarted = false;
    return success;
}

static uint32_t finish_authenticated(struct operation *operation, const uint64_t arguments[8], bool encrypts) {
    uint32_t result = transform(operation, arguments, true);
    if (result) return result;
    uint8_t tag[16];
    memset(tag, 0xa5, sizeof(tag));
    if (encrypts) return give(arguments[5], (uint64_t *)arguments[6], tag, operation->tagSize);
    return arguments[6] == operation->tagSize && !memcmp((const void *)arguments[5], tag, operation->tagSize) ? success : macInvalid;
}

static uint32_t answer_object(const struct call *call) {
    const uint64_t *arguments = call->arguments;
    struct object *object = object_of(arguments[0]);
    switch (call->number) {
    case 24: return tell_object(object, (uint32_t *)arguments[1]);
    case 25: return object ? (object->usage &= (uint32_t)arguments[1], success) : badParameters;
    case 26: return object && object->isFilled ? give(arguments[2], (uint64_t *)arguments[3], object->bytes, object->size) : itemNotFound;
    case 27: return make_object(arguments[0], arguments[1], (uint32_t *)arguments[2]);
    case 28: return object ? (object->isUsed = false, success) : badParameters;
    case 29: return object ? (object->isFilled = false, success) : badParameters;
    case 30: return fill_object(object, (const struct attribute *)arguments[1], arguments[2]);
    case 31: return copy_object(object, object_of(arguments[1]));
    default: return generate(object, arguments[1]);
    }
}

struct answer answer_crypto_call(const struct call *call) {
    const uint64_t *arguments = call->arguments;
    struct operation *operation = operation_of(arguments[0]);
    switch (call->number) {
    case 15: return answer_with(make_operation(arguments));
    case 16: return answer_with(copy_operation(operation, operation_of(arguments[1])));
    case 17: return answer_with(free_operation(operation));
    case 18:
    case 21: return answer_with(start(operation));
    case 19: return answer_with(add(operation, arguments[1], arguments[2]));
    case 20: return answer_with(finish_digest(operation, arguments));
    case 22:
    case 36: return answer_with(transform(operation, arguments, false));
    case 23: return answer_with(transform(operation, arguments, true));
    case 34:
        if (operation) operation->tagSize = arguments[3];
        return answer_with(start(operation));
    case 35: return answer_with(operation && operation->isStarted ? success : badState);
    case 37: return answer_with(finish_authenticated(operation, arguments, true));
    case 38: return answer_with(finish_authenticated(operation, arguments, false));
    case 32:
    case 39:
    case 40: return answer_with(notSupported);
    default: return answer_with(answer_object(call));
    }
}
