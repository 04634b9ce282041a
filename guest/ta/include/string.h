// Bytes and strings (ISO C11, 7.24, and what POSIX and BSD add).
#ifndef STRING_H
#define STRING_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

void *memcpy(void *__restrict destination, const void *__restrict source, size_t size);
void *memmove(void *destination, const void *source, size_t size);
void *memset(void *destination, int byte, size_t size);
int memcmp(const void *first, const void *second, size_t size);
void *memchr(const void *bytes, int byte, size_t size);
void *memrchr(const void *bytes, int byte, size_t size);
void *memmem(const void *bytes, size_t size, const void *wanted, size_t wantedSize);
size_t strlen(const char *text);
size_t strnlen(const char *text, size_t limit);
int strcmp(const char *first, const char *second);
int strncmp(const char *first, const char *second, size_t limit);
int strcasecmp(const char *first, const char *second);
int strncasecmp(const char *first, const char *second, size_t limit);
int strcoll(const char *first, const char *second);
char *strcpy(char *__restrict destination, const char *__restrict source);
char *strncpy(char *__restrict destination, const char *__restrict source, size_t size);
char *strcat(char *__restrict destination, const char *__restrict source);
char *strncat(char *__restrict destination, const char *__restrict source, size_t limit);
size_t strlcpy(char *destination, const char *source, size_t size);
size_t strlcat(char *destination, const char *source, size_t size);
char *strchr(const char *text, int character);
char *strrchr(const char *text, int character);
char *strstr(const char *text, const char *wanted);
char *strpbrk(const char *text, const char *set);
size_t strspn(const char *text, const char *set);
size_t strcspn(const char *text, const char *set);
char *strtok(char *__restrict text, const char *__restrict set);
char *strtok_r(char *__restrict text, const char *__restrict set, char **__restrict rest);
/// On the heap; null when there is no memory.
char *strdup(const char *text);
char *strndup(const char *text, size_t limit);
const char *strerror(int number);

void bzero(void *bytes, size_t size);
void explicit_bzero(void *bytes, size_t size);

#ifdef __cplusplus
}
#endif

#endif
