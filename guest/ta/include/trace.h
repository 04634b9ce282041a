// Traces, which the core prints with the application's name: EMSG errors, IMSG information, DMSG debugging, FMSG flow.
#ifndef TRACE_H
#define TRACE_H

#include <compiler.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TRACE_MIN 0
#define TRACE_ERROR 1
#define TRACE_INFO 2
#define TRACE_DEBUG 3
#define TRACE_FLOW 4
#define TRACE_MAX TRACE_FLOW
#define TRACE_PRINTF_LEVEL TRACE_ERROR
#define MAX_PRINT_SIZE 256
#define MAX_FUNC_PRINT_SIZE 32
#ifndef TRACE_LEVEL
#define TRACE_LEVEL TRACE_INFO
#endif

/// The level up to which traces are printed now.
extern int trace_level;
/// What the lines of this application begin with.
extern const char trace_ext_prefix[];

/// One line, cut at MAX_PRINT_SIZE; `function` may be null. `level_ok`: the level has been found worth printing.
void trace_printf(const char *function, int line, int level, bool level_ok, const char *format, ...) __printf(5, 6);
/// Sets the level.
void trace_set_level(int level);
/// The level.
int trace_get_level(void);
/// Bytes in hexadecimal, 16 a line.
void dhex_dump(const char *function, int line, int level, const void *data, int length);
/// Prints what the application put together itself.
void trace_ext_puts(const char *text);

#define trace_printf_helper(level, level_ok, ...) trace_printf(__func__, __LINE__, (level), (level_ok), __VA_ARGS__)
#define trace_printf_helper_raw(level, level_ok, ...) trace_printf(NULL, 0, (level), (level_ok), __VA_ARGS__)
#define MSG(...) trace_printf_helper(0, false, __VA_ARGS__)
#define MSG_RAW(...) trace_printf_helper_raw(0, false, __VA_ARGS__)

#define __TRACE_OFF(...)                           \
    do {                                           \
        if (0) trace_printf(NULL, 0, 0, false, __VA_ARGS__); \
    } while (0)

#if TRACE_LEVEL >= TRACE_ERROR
#define EMSG(...) trace_printf_helper(TRACE_ERROR, true, __VA_ARGS__)
#define EMSG_RAW(...) trace_printf_helper_raw(TRACE_ERROR, true, __VA_ARGS__)
#else
#define EMSG(...) __TRACE_OFF(__VA_ARGS__)
#define EMSG_RAW(...) __TRACE_OFF(__VA_ARGS__)
#endif
#if TRACE_LEVEL >= TRACE_INFO
#define IMSG(...) trace_printf_helper(TRACE_INFO, true, __VA_ARGS__)
#define IMSG_RAW(...) trace_printf_helper_raw(TRACE_INFO, true, __VA_ARGS__)
#else
#define IMSG(...) __TRACE_OFF(__VA_ARGS__)
#define IMSG_RAW(...) __TRACE_OFF(__VA_ARGS__)
#endif
#if TRACE_LEVEL >= TRACE_DEBUG
#define DMSG(...) trace_printf_helper(TRACE_DEBUG, true, __VA_ARGS__)
#define DMSG_RAW(...) trace_printf_helper_raw(TRACE_DEBUG, true, __VA_ARGS__)
#define DHEXDUMP(data, length) dhex_dump(__func__, __LINE__, TRACE_DEBUG, data, length)
#else
#define DMSG(...) __TRACE_OFF(__VA_ARGS__)
#define DMSG_RAW(...) __TRACE_OFF(__VA_ARGS__)
#define DHEXDUMP(data, length) ((void)(data), (void)(length))
#endif
#if TRACE_LEVEL >= TRACE_FLOW
#define FMSG(...) trace_printf_helper(TRACE_FLOW, true, __VA_ARGS__)
#define FMSG_RAW(...) trace_printf_helper_raw(TRACE_FLOW, true, __VA_ARGS__)
#else
#define FMSG(...) __TRACE_OFF(__VA_ARGS__)
#define FMSG_RAW(...) __TRACE_OFF(__VA_ARGS__)
#endif
#define INMSG(...) FMSG("> " __VA_ARGS__)
#define OUTMSG(...) FMSG("< " __VA_ARGS__)
#define OUTRMSG(result)                    \
    do {                                   \
        FMSG("< result=%#x", (unsigned)(result)); \
        return result;                     \
    } while (0)

#ifdef __cplusplus
}
#endif

#endif
