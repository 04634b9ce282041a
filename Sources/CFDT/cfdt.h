// libfdt, as Debian's libfdt-dev installs it.
#ifndef SKERRY_CFDT_H
#define SKERRY_CFDT_H
#include <libfdt.h>
#endif
