// Numbers, characters, sorting, and ends that panic.
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <tee_internal_api.h>

void abort(void) {
    EMSG("abort");
    TEE_Panic(TEE_ERROR_GENERIC);
}
void exit(int status) {
    EMSG("exit(%d)", status);
    TEE_Panic(TEE_ERROR_GENERIC);
}
void __assert_failed(const char *expression, const char *file, int line, const char *function) {
    EMSG_RAW("assertion '%s' failed at %s:%d in %s()", expression, file, line, function);
    TEE_Panic(TEE_ERROR_GENERIC);
}
int *__errno_location(void) {
    static int number;
    return &number;
}

int isupper(int c) { return c >= 'A' && c <= 'Z'; }
int islower(int c) { return c >= 'a' && c <= 'z'; }
int isalpha(int c) { return isupper(c) || islower(c); }
int isdigit(int c) { return c >= '0' && c <= '9'; }
int isalnum(int c) { return isalpha(c) || isdigit(c); }
int isblank(int c) { return c == ' ' || c == '\t'; }
int isspace(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
int isgraph(int c) { return c > ' ' && c < 0x7f; }
int isprint(int c) { return c >= ' ' && c < 0x7f; }
int iscntrl(int c) { return (c >= 0 && c < ' ') || c == 0x7f; }
int ispunct(int c) { return isgraph(c) && !isalnum(c); }
int isxdigit(int c) { return isdigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
int tolower(int c) { return isupper(c) ? c + ('a' - 'A') : c; }
int toupper(int c) { return islower(c) ? c - ('a' - 'A') : c; }

int abs(int value) { return value < 0 ? -value : value; }
long labs(long value) { return value < 0 ? -value : value; }
long long llabs(long long value) { return value < 0 ? -value : value; }
div_t div(int numerator, int denominator) { return (div_t){numerator / denominator, numerator % denominator}; }
ldiv_t ldiv(long numerator, long denominator) { return (ldiv_t){numerator / denominator, numerator % denominator}; }

static int digit_of(char c) {
    if (isdigit(c)) return c - '0';
    return isalpha(c) ? tolower(c) - 'a' + 10 : 36;
}

/// Reads sign, prefix and digits; `overflows` when more than 64 bits.
static unsigned long long parse(const char *text, char **end, int base, bool *isNegative, bool *overflows) {
    const char *place = text;
    *isNegative = *overflows = false;
    if (end) *end = (char *)(uintptr_t)text;
    while (isspace(*place)) place++;
    if (*place == '+' || *place == '-') *isNegative = *place++ == '-';
    if ((base == 0 || base == 16) && place[0] == '0' && (place[1] | 32) == 'x' && isxdigit(place[2])) {
        place += 2;
        base = 16;
    }
    if (base == 0) base = *place == '0' ? 8 : 10;
    unsigned long long value = 0;
    for (; digit_of(*place) < base; place++) {
        if (__builtin_mul_overflow(value, (unsigned)base, &value) || __builtin_add_overflow(value, (unsigned)digit_of(*place), &value)) *overflows = true;
        if (end) *end = (char *)(uintptr_t)place + 1;
    }
    return value;
}

unsigned long long strtoull(const char *text, char **end, int base) {
    bool isNegative, overflows;
    unsigned long long value = parse(text, end, base, &isNegative, &overflows);
    if (overflows) {
        errno = ERANGE;
        return ULLONG_MAX;
    }
    return isNegative ? 0 - value : value;
}
long long strtoll(const char *text, char **end, int base) {
    bool isNegative, overflows;
    unsigned long long value = parse(text, end, base, &isNegative, &overflows), limit = (unsigned long long)LLONG_MAX + isNegative;
    if (overflows || value > limit) {
        errno = ERANGE;
        return isNegative ? LLONG_MIN : LLONG_MAX;
    }
    return (long long)(isNegative ? 0 - value : value);
}
unsigned long strtoul(const char *text, char **end, int base) { return strtoull(text, end, base); }
long strtol(const char *text, char **end, int base) { return strtoll(text, end, base); }
long atol(const char *text) { return strtol(text, NULL, 10); }
int atoi(const char *text) { return (int)atol(text); }

int rand(void) {
    int value;
    TEE_GenerateRandom(&value, sizeof(value));
    return value & RAND_MAX;
}
/// The name under which Embedded Swift seeds its hashes.
void arc4random_buf(void *bytes, size_t size);
void arc4random_buf(void *bytes, size_t size) { TEE_GenerateRandom(bytes, size); }

static void swap(uint8_t *first, uint8_t *second, size_t size) {
    for (; size; size--, first++, second++) {
        uint8_t byte = *first;
        *first = *second;
        *second = byte;
    }
}

static void sift(uint8_t *elements, size_t root, size_t count, size_t size, int (*compare)(const void *, const void *)) {
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && compare(elements + child * size, elements + (child + 1) * size) < 0) child++;
        if (compare(elements + root * size, elements + child * size) >= 0) return;
        swap(elements + root * size, elements + child * size, size);
    }
}

// Heap sort: neither the stack nor the time depends on the order that an attacker chose.
void qsort(void *elements, size_t count, size_t size, int (*compare)(const void *, const void *)) {
    uint8_t *bytes = elements;
    for (size_t root = count / 2; root--;) sift(bytes, root, count, size, compare);
    while (count > 1) {
        swap(bytes, bytes + --count * size, size);
        sift(bytes, 0, count, size, compare);
    }
}

void *bsearch(const void *key, const void *elements, size_t count, size_t size, int (*compare)(const void *, const void *)) {
    const uint8_t *bytes = elements;
    while (count) {
        const uint8_t *middle = bytes + count / 2 * size;
        int order = compare(key, middle);
        if (!order) return (void *)(uintptr_t)middle;
        if (order > 0) {
            bytes = middle + size;
            count--;
        }
        count /= 2;
    }
    return NULL;
}
