#ifndef MEMORY_H
#define MEMORY_H
#include <string.h>
#endif
