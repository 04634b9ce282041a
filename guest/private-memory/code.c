#include "private_memory_guest.h"

extern const uint8_t skerry_private_memory_start[], skerry_private_memory_nested_read[], skerry_private_memory_nested_write[], skerry_private_memory_nested_alternate[], skerry_private_memory_end[];

size_t private_memory_offset(enum private_memory_label label) {
    static const uint8_t *const labels[] = {
        skerry_private_memory_start, skerry_private_memory_nested_read, skerry_private_memory_nested_write, skerry_private_memory_nested_alternate, skerry_private_memory_end,
    };
    return (size_t)(labels[label] - skerry_private_memory_start);
}

uint8_t private_memory_byte(size_t offset) { return skerry_private_memory_start[offset]; }
