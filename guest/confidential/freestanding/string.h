// The part of <string.h> that BearSSL's headers name; the definitions are in source/memory.S.
#ifndef SKERRY_FREESTANDING_STRING_H
#define SKERRY_FREESTANDING_STRING_H
#include <stddef.h>
void *memcpy(void *, const void *, size_t);
void *memmove(void *, const void *, size_t);
void *memset(void *, int, size_t);
int memcmp(const void *, const void *, size_t);
size_t strlen(const char *);
#endif
