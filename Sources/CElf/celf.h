// libelf, as Debian's libelf-dev installs it.
#ifndef SKERRY_CELF_H
#define SKERRY_CELF_H
#include <gelf.h>
#include <libelf.h>
#endif
