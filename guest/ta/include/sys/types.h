// Types of POSIX that portable sources expect.
#ifndef SYS_TYPES_H
#define SYS_TYPES_H

#include <stddef.h>
#include <stdint.h>

typedef intptr_t ssize_t;
typedef int64_t off_t;
typedef int64_t time_t;

#endif
