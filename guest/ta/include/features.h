// For the freestanding headers of libstdc++, which ask which C library there is: none of theirs.
#ifndef FEATURES_H
#define FEATURES_H
#define __GLIBC_PREREQ(major, minor) 0
#endif
