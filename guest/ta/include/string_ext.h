// What OP-TEE's sources expect beside <string.h>.
#ifndef STRING_EXT_H
#define STRING_EXT_H

#include <stddef.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/// As memcmp, in a time that depends on `size` only.
int consttime_memcmp(const void *first, const void *second, size_t size);
/// Zeroes memory in a way that the compiler does not leave out.
void memzero_explicit(void *bytes, size_t size);
/// Whether two buffers differ, in a time that depends on `size` only.
int buf_compare_ct(const void *first, const void *second, size_t size);

#ifdef __cplusplus
}
#endif

#endif
