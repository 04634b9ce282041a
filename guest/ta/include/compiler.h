// Short names of compiler attributes, as OP-TEE's sources use them.
#ifndef COMPILER_H
#define COMPILER_H

#define __deprecated __attribute__((deprecated))
#define __packed __attribute__((packed))
#define __weak __attribute__((weak))
#define __alias(name) __attribute__((alias(name)))
#define __noreturn __attribute__((noreturn))
#define __pure __attribute__((pure))
#define __aligned(bytes) __attribute__((aligned(bytes)))
#define __printf(text, first) __attribute__((__format__(__printf__, text, first)))
#define __noinline __attribute__((noinline))
#define __section(name) __attribute__((section(name)))
#define __unused __attribute__((unused))
#define __maybe_unused __attribute__((unused))
#define __used __attribute__((used))
#define __must_check __attribute__((warn_unused_result))
#define __cold __attribute__((cold))
#define __malloc __attribute__((malloc))
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#define __no_stack_protector __attribute__((optimize("no-stack-protector")))
#ifdef __clang__
#undef __no_stack_protector
#define __no_stack_protector __attribute__((no_stack_protector))
#endif
#ifndef __cplusplus
#define fallthrough __attribute__((fallthrough))
#endif

#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)
#define __compiler_bswap64(value) __builtin_bswap64(value)
#define __compiler_bswap32(value) __builtin_bswap32(value)
#define __compiler_bswap16(value) __builtin_bswap16(value)
#define __compiler_add_overflow(a, b, result) __builtin_add_overflow(a, b, result)
#define __compiler_sub_overflow(a, b, result) __builtin_sub_overflow(a, b, result)
#define __compiler_mul_overflow(a, b, result) __builtin_mul_overflow(a, b, result)

#endif
