// What OP-TEE's sources expect beside <stdint.h>.
#ifndef TYPES_EXT_H
#define TYPES_EXT_H

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef uintptr_t vaddr_t;
typedef uint64_t paddr_t;
#define PRIxVA PRIxPTR
#define PRIxPA PRIx64

#endif
