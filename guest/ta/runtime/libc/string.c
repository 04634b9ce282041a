// Bytes and strings.
#include <ctype.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <string_ext.h>

void *memcpy(void *restrict destination, const void *restrict source, size_t size) {
    void *start = destination;
    __asm__ volatile("rep movsb" : "+D"(destination), "+S"(source), "+c"(size) : : "memory");
    return start;
}

void *memmove(void *destination, const void *source, size_t size) {
    if ((uintptr_t)destination - (uintptr_t)source >= size) return memcpy(destination, source, size);
    uint8_t *to = (uint8_t *)destination + size;
    const uint8_t *from = (const uint8_t *)source + size;
    while (size >= 8) {
        uint64_t word;
        to -= 8;
        from -= 8;
        size -= 8;
        __builtin_memcpy(&word, from, 8);
        __builtin_memcpy(to, &word, 8);
    }
    while (size--) *--to = *--from;
    return destination;
}

void *memset(void *destination, int byte, size_t size) {
    void *start = destination;
    __asm__ volatile("rep stosb" : "+D"(destination), "+c"(size) : "a"(byte) : "memory");
    return start;
}

int memcmp(const void *first, const void *second, size_t size) {
    const uint8_t *a = first, *b = second;
    for (; size; size--, a++, b++)
        if (*a != *b) return *a - *b;
    return 0;
}

int consttime_memcmp(const void *first, const void *second, size_t size) {
    const volatile uint8_t *a = first, *b = second;
    int result = 0;
    // From the end, so that the first difference has the last word, without a branch on any.
    while (size--) {
        int difference = a[size] - b[size];
        int differs = (difference | -difference) >> 31;
        result = (difference & differs) | (result & ~differs);
    }
    return result;
}
int buf_compare_ct(const void *first, const void *second, size_t size) { return consttime_memcmp(first, second, size) != 0; }

void memzero_explicit(void *bytes, size_t size) {
    memset(bytes, 0, size);
    __asm__ volatile("" : : "r"(bytes) : "memory");
}
void explicit_bzero(void *bytes, size_t size) { memzero_explicit(bytes, size); }
void bzero(void *bytes, size_t size) { memset(bytes, 0, size); }

void *memchr(const void *bytes, int byte, size_t size) {
    for (const uint8_t *place = bytes; size; size--, place++)
        if (*place == (uint8_t)byte) return (void *)(uintptr_t)place;
    return NULL;
}
void *memrchr(const void *bytes, int byte, size_t size) {
    for (const uint8_t *place = (const uint8_t *)bytes + size; size; size--)
        if (*--place == (uint8_t)byte) return (void *)(uintptr_t)place;
    return NULL;
}
void *memmem(const void *bytes, size_t size, const void *wanted, size_t wantedSize) {
    for (const uint8_t *place = bytes; size >= wantedSize; place++, size--) {
        if (!memcmp(place, wanted, wantedSize)) return (void *)(uintptr_t)place;
        if (!size) break;
    }
    return NULL;
}

size_t strnlen(const char *text, size_t limit) {
    size_t length = 0;
    while (length < limit && text[length]) length++;
    return length;
}
size_t strlen(const char *text) { return strnlen(text, SIZE_MAX); }

int strncmp(const char *first, const char *second, size_t limit) {
    for (; limit; limit--, first++, second++)
        if (*first != *second || !*first) return (unsigned char)*first - (unsigned char)*second;
    return 0;
}
int strcmp(const char *first, const char *second) { return strncmp(first, second, SIZE_MAX); }
int strcoll(const char *first, const char *second) { return strcmp(first, second); }
int strncasecmp(const char *first, const char *second, size_t limit) {
    for (; limit; limit--, first++, second++) {
        int a = tolower((unsigned char)*first), b = tolower((unsigned char)*second);
        if (a != b || !a) return a - b;
    }
    return 0;
}
int strcasecmp(const char *first, const char *second) { return strncasecmp(first, second, SIZE_MAX); }

char *strcpy(char *restrict destination, const char *restrict source) { return memcpy(destination, source, strlen(source) + 1); }
char *strncpy(char *restrict destination, const char *restrict source, size_t size) {
    size_t length = strnlen(source, size);
    memcpy(destination, source, length);
    memset(destination + length, 0, size - length);
    return destination;
}
char *strncat(char *restrict destination, const char *restrict source, size_t limit) {
    size_t length = strnlen(source, limit);
    char *end = destination + strlen(destination);
    memcpy(end, source, length);
    end[length] = 0;
    return destination;
}
char *strcat(char *restrict destination, const char *restrict source) { return strncat(destination, source, SIZE_MAX); }
size_t strlcpy(char *destination, const char *source, size_t size) {
    size_t length = strlen(source);
    if (size) {
        size_t copied = length < size ? length : size - 1;
        memcpy(destination, source, copied);
        destination[copied] = 0;
    }
    return length;
}
size_t strlcat(char *destination, const char *source, size_t size) {
    size_t length = strnlen(destination, size);
    return length + (length == size ? strlen(source) : strlcpy(destination + length, source, size - length));
}

char *strchr(const char *text, int character) { return memchr(text, character, strlen(text) + 1); }
char *strrchr(const char *text, int character) { return memrchr(text, character, strlen(text) + 1); }
char *strstr(const char *text, const char *wanted) { return memmem(text, strlen(text), wanted, strlen(wanted)); }

static size_t span(const char *text, const char *set, bool isIn) {
    size_t length = 0;
    while (text[length] && (strchr(set, text[length]) != NULL) == isIn) length++;
    return length;
}
size_t strspn(const char *text, const char *set) { return span(text, set, true); }
size_t strcspn(const char *text, const char *set) { return span(text, set, false); }
char *strpbrk(const char *text, const char *set) {
    text += strcspn(text, set);
    return *text ? (char *)(uintptr_t)text : NULL;
}
char *strtok_r(char *restrict text, const char *restrict set, char **restrict rest) {
    if (!text) text = *rest;
    text += strspn(text, set);
    *rest = text;
    if (!*text) return NULL;
    *rest += strcspn(text, set);
    if (**rest) *(*rest)++ = 0;
    return text;
}
char *strtok(char *restrict text, const char *restrict set) {
    static char *rest;
    return strtok_r(text, set, &rest);
}

char *strndup(const char *text, size_t limit) {
    size_t length = strnlen(text, limit);
    char *copy = malloc(length + 1);
    if (!copy) return NULL;
    memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}
char *strdup(const char *text) { return strndup(text, SIZE_MAX); }
const char *strerror(int number) { return number ? "error" : "success"; }
