// An application with a shared library: linked with it (LIBRARY_USER_KIND 0), or opening it with dlopen (1, linked with -rdynamic).
#ifndef LIBRARY_USER_H
#define LIBRARY_USER_H

#ifndef LIBRARY_USER_KIND
#define LIBRARY_USER_KIND 0
#endif
#define LIBRARY_USER_UUID \
    { 0x5ec0e001, 0x0015 + LIBRARY_USER_KIND, 0x4a11, { 0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x15 + LIBRARY_USER_KIND } }

/// value[0] inout: a becomes a + b, by the library.
#define LIBRARY_USER_ADD 0
/// value[0] out: 77, and 5, then 6, then 7...
#define LIBRARY_USER_VARIABLES 1
/// The result of looking for a symbol that does not exist: TEE_ERROR_ITEM_NOT_FOUND.
#define LIBRARY_USER_UNKNOWN 2

#endif
