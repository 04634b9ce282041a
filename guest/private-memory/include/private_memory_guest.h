// The guest of scripts/test-private-memory, linked into the test as data.
#ifndef SKERRY_PRIVATE_MEMORY_GUEST_H
#define SKERRY_PRIVATE_MEMORY_GUEST_H

// The port of commands and answers.
#define PRIVATE_MEMORY_PORT 0xF0

// Commands.
#define PRIVATE_MEMORY_READ 1
#define PRIVATE_MEMORY_FILL 2
#define PRIVATE_MEMORY_ANY 3
#define PRIVATE_MEMORY_CALL 4
#define PRIVATE_MEMORY_NEST 5

// The page in which VMRUN keeps the state of the guest that executes it.
#define PRIVATE_MEMORY_HOST_STATE 0x18000

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

/// Labels of the guest's code.
enum private_memory_label { PRIVATE_MEMORY_START, PRIVATE_MEMORY_NESTED_READ, PRIVATE_MEMORY_NESTED_WRITE, PRIVATE_MEMORY_NESTED_ALTERNATE, PRIVATE_MEMORY_END };

/// The offset of a label in the code.
size_t private_memory_offset(enum private_memory_label label);

/// A byte of the code.
uint8_t private_memory_byte(size_t offset);
#endif

#endif
