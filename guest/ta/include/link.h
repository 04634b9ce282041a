// The modules of the application (as glibc's <link.h>).
#ifndef LINK_H
#define LINK_H

#include <elf.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// One module: what to add to its addresses, and its program headers.
struct dl_phdr_info {
    Elf64_Addr dlpi_addr;
    const char *dlpi_name;
    const Elf64_Phdr *dlpi_phdr;
    Elf64_Half dlpi_phnum;
    unsigned long long dlpi_adds;
    unsigned long long dlpi_subs;
    size_t dlpi_tls_modid;
    void *dlpi_tls_data;
};

/// Calls back for each module until an answer is not 0, which is the answer.
int dl_iterate_phdr(int (*callback)(struct dl_phdr_info *info, size_t size, void *data), void *data);

#define ElfW(type) Elf64_##type

#ifdef __cplusplus
}
#endif

#endif
