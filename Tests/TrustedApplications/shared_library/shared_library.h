// A shared library of trusted applications. Its UUID is its file's name: 5ec0e001-0014-4a11-9001-5b6572727914.elf.
#ifndef SHARED_LIBRARY_H
#define SHARED_LIBRARY_H

#include <stdint.h>

#define SHARED_LIBRARY_NAME "5ec0e001-0014-4a11-9001-5b6572727914"

/// a + b, through a function pointer that is relocated and memory of the application's heap.
uint32_t shared_library_add(uint32_t a, uint32_t b);
/// 77, which a constructor of the library puts there.
uint32_t shared_library_constructed(void);
/// A variable that the application may change.
extern uint32_t sharedLibraryVariable;

#endif
