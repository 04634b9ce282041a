// Output goes to the trace, by lines.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <utee_syscalls.h>

struct __file {
    int unused;
};
static struct __file trace;
FILE *stdout = &trace;
FILE *stderr = &trace;

static char line[256];
static size_t lineLength;

int fflush(FILE *stream) {
    (void)stream;
    if (lineLength) _utee_log(line, lineLength);
    lineLength = 0;
    return 0;
}

int fputc(int character, FILE *stream) {
    line[lineLength++] = (char)character;
    if (character == '\n' || lineLength == sizeof(line)) fflush(stream);
    return (unsigned char)character;
}
int putchar(int character) { return fputc(character, stdout); }
size_t fwrite(const void *bytes, size_t size, size_t count, FILE *stream) {
    size_t total;
    if (__builtin_mul_overflow(size, count, &total)) return 0;
    for (size_t index = 0; index < total; index++) fputc(((const char *)bytes)[index], stream);
    return count;
}
int fputs(const char *text, FILE *stream) {
    fwrite(text, 1, strlen(text), stream);
    return 0;
}
int puts(const char *text) {
    fputs(text, stdout);
    return fputc('\n', stdout) == '\n' ? 0 : EOF;
}

int vprintf(const char *format, va_list arguments) {
    char text[256];
    int length = vsnprintf(text, sizeof(text), format, arguments);
    fputs(text, stdout);
    // A prompt without an end of line would not be seen before a panic.
    if (lineLength) fflush(stdout);
    return length;
}
int printf(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vprintf(format, arguments);
    va_end(arguments);
    return length;
}
int fprintf(FILE *stream, const char *format, ...) {
    (void)stream;
    va_list arguments;
    va_start(arguments, format);
    int length = vprintf(format, arguments);
    va_end(arguments);
    return length;
}
