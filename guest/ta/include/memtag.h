// Memory tags of Arm, which there are none of.
#ifndef MEMTAG_H
#define MEMTAG_H

#include <stddef.h>

static inline void *memtag_strip_tag(const void *address) { return (void *)address; }
static inline unsigned memtag_get_tag(const void *address) { return address ? 0 : 0; }

#endif
