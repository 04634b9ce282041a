// Formatted text (ISO C11, 7.21): to memory and to the trace; there are no files.
#ifndef STDIO_H
#define STDIO_H

#include <compiler.h>
#include <stdarg.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EOF (-1)
#define BUFSIZ 256
typedef struct __file FILE;
/// Both are the trace.
extern FILE *stdout;
extern FILE *stderr;

int printf(const char *format, ...) __printf(1, 2);
int vprintf(const char *format, va_list arguments) __printf(1, 0);
int fprintf(FILE *stream, const char *format, ...) __printf(2, 3);
int snprintf(char *text, size_t size, const char *format, ...) __printf(3, 4);
int vsnprintf(char *text, size_t size, const char *format, va_list arguments) __printf(3, 0);
int sprintf(char *text, const char *format, ...) __printf(2, 3);
int puts(const char *text);
int putchar(int character);
int fputs(const char *text, FILE *stream);
int fputc(int character, FILE *stream);
size_t fwrite(const void *bytes, size_t size, size_t count, FILE *stream);
int fflush(FILE *stream);

#ifdef __cplusplus
}
#endif

#endif
