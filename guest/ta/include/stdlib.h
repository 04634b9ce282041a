// Memory, numbers, sorting (ISO C11, 7.22).
#ifndef STDLIB_H
#define STDLIB_H

#include <compiler.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RAND_MAX 0x7fffffff
#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
typedef struct {
    int quot;
    int rem;
} div_t;
typedef struct {
    long quot;
    long rem;
} ldiv_t;

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *block, size_t size);
void free(void *block);
void *aligned_alloc(size_t alignment, size_t size);
void *memalign(size_t alignment, size_t size);
int posix_memalign(void **block, size_t alignment, size_t size);
/// Wipes a block and frees it; `free_wipe` is OP-TEE's name.
void free_wipe(void *block);

/// Panics.
void abort(void) __noreturn;
void exit(int status) __noreturn;
int atexit(void (*function)(void));
int abs(int value);
long labs(long value);
long long llabs(long long value);
div_t div(int numerator, int denominator);
ldiv_t ldiv(long numerator, long denominator);
int atoi(const char *text);
long atol(const char *text);
long strtol(const char *text, char **end, int base);
unsigned long strtoul(const char *text, char **end, int base);
long long strtoll(const char *text, char **end, int base);
unsigned long long strtoull(const char *text, char **end, int base);
/// A random number from the core.
int rand(void);
void qsort(void *elements, size_t count, size_t size, int (*compare)(const void *, const void *));
void *bsearch(const void *key, const void *elements, size_t count, size_t size, int (*compare)(const void *, const void *));

#ifdef __cplusplus
}
#endif

#endif
