// Small macros, as OP-TEE's sources use them.
#ifndef UTIL_H
#define UTIL_H

#include <compiler.h>
#include <stddef.h>
#include <stdint.h>

#define SIZE_1K 1024UL
#define SIZE_4K (4 * SIZE_1K)
#define SIZE_1M (1024 * SIZE_1K)

#ifndef MIN
#define MIN(a, b) (__extension__({ __typeof__(a) __a = (a); __typeof__(b) __b = (b); __a < __b ? __a : __b; }))
#define MAX(a, b) (__extension__({ __typeof__(a) __a = (a); __typeof__(b) __b = (b); __a > __b ? __a : __b; }))
#endif
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define ROUNDUP(value, size) (((value) + (size) - 1) / (size) * (size))
#define ROUNDUP2(value, size) (((value) + ((__typeof__(value))(size) - 1)) & ~((__typeof__(value))(size) - 1))
#define ROUNDUP_DIV(value, size) (((value) + (size) - 1) / (size))
#define ROUNDDOWN(value, size) ((value) / (size) * (size))
#define ROUNDDOWN2(value, size) ((value) & ~((__typeof__(value))(size) - 1))
#define IS_POWER_OF_TWO(value) ((value) != 0 && !((value) & ((value) - 1)))
#define ADD_OVERFLOW(a, b, result) __builtin_add_overflow(a, b, result)
#define SUB_OVERFLOW(a, b, result) __builtin_sub_overflow(a, b, result)
#define MUL_OVERFLOW(a, b, result) __builtin_mul_overflow(a, b, result)
#define container_of(pointer, type, member) ((type *)((char *)(pointer) - offsetof(type, member)))
#ifndef BIT32
#define BIT32(number) (UINT32_C(1) << (number))
#define BIT64(number) (UINT64_C(1) << (number))
#define BIT(number) BIT32(number)
#define GENMASK_32(high, low) ((UINT32_MAX << (low)) & (UINT32_MAX >> (31 - (high))))
#define GENMASK_64(high, low) ((UINT64_MAX << (low)) & (UINT64_MAX >> (63 - (high))))
#endif
#define __STRING_OF(text) #text
#define STRING_OF(text) __STRING_OF(text)
#ifndef __cplusplus
#define COMPILE_TIME_ASSERT(condition) _Static_assert(condition, #condition)
#else
#define COMPILE_TIME_ASSERT(condition) static_assert(condition, #condition)
#endif

#endif
