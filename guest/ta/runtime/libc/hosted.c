// What libraries that were built for a whole C library refer to: Debian's libmbedcrypto and GCC's support of C++ exceptions. An application has one thread and
// no files, so most of it is nothing.
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int __printf_chk(int flag, const char *format, ...);
int __printf_chk(int flag, const char *format, ...) {
    (void)flag;
    va_list arguments;
    va_start(arguments, format);
    int length = vprintf(format, arguments);
    va_end(arguments);
    return length;
}

char *fgets(char *text, int size, FILE *stream);
char *fgets(char *text, int size, FILE *stream) {
    (void)text, (void)size, (void)stream;
    return NULL;
}

FILE *fopen(const char *path, const char *mode);
FILE *fopen(const char *path, const char *mode) {
    (void)path, (void)mode;
    return NULL;
}
int fclose(FILE *stream);
int fclose(FILE *stream) {
    (void)stream;
    return 0;
}
size_t fread(void *bytes, size_t size, size_t count, FILE *stream);
size_t fread(void *bytes, size_t size, size_t count, FILE *stream) {
    (void)bytes, (void)size, (void)count, (void)stream;
    return 0;
}
int ferror(FILE *stream);
int ferror(FILE *stream) {
    (void)stream;
    return 1;
}

void *gmtime_r(const void *time, void *result);
void *gmtime_r(const void *time, void *result) {
    (void)time, (void)result;
    return NULL;
}

int pthread_mutex_lock(void *mutex);
int pthread_mutex_lock(void *mutex) {
    (void)mutex;
    return 0;
}
int pthread_mutex_unlock(void *mutex);
int pthread_mutex_unlock(void *mutex) {
    (void)mutex;
    return 0;
}
int pthread_once(int *state, void (*function)(void));
int pthread_once(int *state, void (*function)(void)) {
    // glibc's initial value is 0; 2 is its value for what is done.
    if (*state != 2) {
        *state = 2;
        function();
    }
    return 0;
}
int pthread_key_create(unsigned *key, void (*destructor)(void *));
int pthread_key_create(unsigned *key, void (*destructor)(void *)) {
    (void)key, (void)destructor;
    return ENOMEM;
}
void *pthread_getspecific(unsigned key);
void *pthread_getspecific(unsigned key) {
    (void)key;
    return NULL;
}
int pthread_setspecific(unsigned key, const void *value);
int pthread_setspecific(unsigned key, const void *value) {
    (void)key, (void)value;
    return ENOMEM;
}

/// What GCC's exceptions keep for a thread: exceptions being handled, and how many are on their way (Itanium C++ ABI, 2.2.2). Its own version is a thread-local
/// variable that is reached below FS, where the loader may have nothing.
struct exceptions {
    void *caught;
    unsigned onTheirWay;
};
static struct exceptions exceptions;
struct exceptions *__cxa_get_globals(void);
struct exceptions *__cxa_get_globals(void) { return &exceptions; }
struct exceptions *__cxa_get_globals_fast(void);
struct exceptions *__cxa_get_globals_fast(void) { return &exceptions; }

/// Thread-local objects are destroyed with the only thread, that is with the instance.
int __cxa_atexit(void (*function)(void *), void *argument, void *module);
int __cxa_thread_atexit(void (*function)(void *), void *argument, void *module);
int __cxa_thread_atexit(void (*function)(void *), void *argument, void *module) { return __cxa_atexit(function, argument, module); }

// Guards of local static objects (Itanium C++ ABI, 3.3.2), without the waiting of other threads.
int __cxa_guard_acquire(char *guard);
int __cxa_guard_acquire(char *guard) { return !*guard; }
void __cxa_guard_release(char *guard);
void __cxa_guard_release(char *guard) { *guard = 1; }
void __cxa_guard_abort(char *guard);
void __cxa_guard_abort(char *guard) { (void)guard; }

/// std::terminate, without the demangler that GCC's version drags in.
void terminate_loudly(void) __asm__("_ZN9__gnu_cxx27__verbose_terminate_handlerEv") __attribute__((noreturn));
void terminate_loudly(void) {
    puts("uncaught exception");
    abort();
}
void __cxa_pure_virtual(void) __attribute__((noreturn));
void __cxa_pure_virtual(void) {
    puts("pure virtual function called");
    abort();
}
