// Assertions, which panic (ISO C11, 7.2).
#ifndef ASSERT_H
#define ASSERT_H

#include <compiler.h>

#ifdef __cplusplus
extern "C" {
#endif
/// Traces what failed and panics.
void __assert_failed(const char *expression, const char *file, int line, const char *function) __noreturn;
#ifdef __cplusplus
}
#endif

#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#define assert(condition) ((condition) ? (void)0 : __assert_failed(#condition, __FILE__, __LINE__, __func__))
#endif
#if !defined(__cplusplus) && !defined(static_assert)
#define static_assert _Static_assert
#endif

#endif
