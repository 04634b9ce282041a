// Touches guest memory from the monitor. A page that is gone (a truncated file, a protected page) gives an error instead of a signal that kills the monitor.
#ifndef SKERRY_GUEST_ACCESS_H
#define SKERRY_GUEST_ACCESS_H

#include <stddef.h>
#include <stdint.h>

/// Installs the SIGSEGV and SIGBUS handlers that recognise the functions below; a fault elsewhere goes to whatever was installed before. Call once.
int skerry_guest_access_install(void);

/// Copies `count` bytes, each loaded exactly once. Returns the number of bytes NOT copied: 0 is success.
size_t skerry_guest_copy(void *destination, const void *source, size_t count);

/// Loads an aligned 32-bit word into *value. Returns 0, or -1 when the page is gone.
int skerry_guest_load32(const void *address, uint32_t *value);

/// Stores an aligned 32-bit word. Returns 0, or -1 when the page is gone.
int skerry_guest_store32(void *address, uint32_t value);

/// Atomic compare-exchange of an aligned 32-bit word; *expected receives what was found. Returns 0, or -1 when the page is gone.
int skerry_guest_compare_exchange32(void *address, uint32_t *expected, uint32_t desired);

#endif
