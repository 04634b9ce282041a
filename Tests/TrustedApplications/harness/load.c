#define _GNU_SOURCE
#include "harness.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void fail(const char *reason) {
    fprintf(stderr, "harness: %s\n", reason);
    exit(2);
}

static const uint8_t *read_file(const char *path, size_t *size) {
    int file = open(path, O_RDONLY);
    struct stat status;
    if (file < 0 || fstat(file, &status)) fail("the file cannot be read");
    *size = (size_t)status.st_size;
    void *bytes = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes == MAP_FAILED) fail("the file cannot be mapped");
    close(file);
    return bytes;
}

static uint64_t map_segments(const uint8_t *file, const Elf64_Ehdr *header) {
    const Elf64_Phdr *segments = (const Elf64_Phdr *)(file + header->e_phoff);
    uint64_t size = 0;
    for (int index = 0; index < header->e_phnum; index++)
        if (segments[index].p_type == PT_LOAD && segments[index].p_vaddr + segments[index].p_memsz > size) size = segments[index].p_vaddr + segments[index].p_memsz;
    size = (size + 4095) & ~UINT64_C(4095);
    uint8_t *base = mmap((void *)APPLICATION_BASE, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (base == MAP_FAILED) fail("no room for the image");
    for (int index = 0; index < header->e_phnum; index++)
        if (segments[index].p_type == PT_LOAD) memcpy(base + segments[index].p_vaddr, file + segments[index].p_offset, segments[index].p_filesz);
    return size;
}

/// Relocates by section headers, as the reference says; DT_RELA does not cover everything.
static void relocate(const uint8_t *file, const Elf64_Ehdr *header, uint8_t *base) {
    const Elf64_Shdr *sections = (const Elf64_Shdr *)(file + header->e_shoff);
    for (int index = 0; index < header->e_shnum; index++) {
        if (sections[index].sh_type != SHT_RELA || !(sections[index].sh_flags & SHF_ALLOC)) continue;
        const Elf64_Rela *entries = (const Elf64_Rela *)(file + sections[index].sh_offset);
        for (size_t entry = 0; entry < sections[index].sh_size / sizeof(*entries); entry++) {
            if (ELF64_R_TYPE(entries[entry].r_info) != R_X86_64_RELATIVE) fail("a relocation that is not relative");
            uint64_t value = (uint64_t)base + (uint64_t)entries[entry].r_addend;
            memcpy(base + entries[entry].r_offset, &value, sizeof(value));
        }
    }
}

static uint64_t exported_symbol(const uint8_t *file, const Elf64_Ehdr *header, const char *wanted) {
    const Elf64_Shdr *sections = (const Elf64_Shdr *)(file + header->e_shoff);
    for (int index = 0; index < header->e_shnum; index++) {
        if (sections[index].sh_type != SHT_DYNSYM) continue;
        const Elf64_Sym *symbols = (const Elf64_Sym *)(file + sections[index].sh_offset);
        const char *names = (const char *)file + sections[sections[index].sh_link].sh_offset;
        for (size_t symbol = 0; symbol < sections[index].sh_size / sizeof(*symbols); symbol++)
            if (!strcmp(names + symbols[symbol].st_name, wanted)) return symbols[symbol].st_value;
    }
    fail("a symbol is not exported");
    return 0;
}

/// What the loader of the secure world does as well, for constructors and unwinding.
static void fill_modules(const uint8_t *file, const Elf64_Ehdr *header, uint8_t *base) {
    struct modules {
        uint32_t reserved;
        uint16_t count;
        uint8_t reserved2;
        char zero;
        struct dl_phdr_info *modules;
    } *modules = (struct modules *)(base + exported_symbol(file, header, "__elf_phdr_info"));
    static struct dl_phdr_info module;
    module.dlpi_addr = (uint64_t)base;
    module.dlpi_name = "";
    module.dlpi_phdr = (const Elf64_Phdr *)(file + header->e_phoff);
    module.dlpi_phnum = header->e_phnum;
    modules->count = 1;
    modules->modules = &module;
}

static void protect(const uint8_t *file, const Elf64_Ehdr *header, uint8_t *base) {
    const Elf64_Phdr *segments = (const Elf64_Phdr *)(file + header->e_phoff);
    for (int index = 0; index < header->e_phnum; index++) {
        const Elf64_Phdr *segment = &segments[index];
        if (segment->p_type != PT_LOAD) continue;
        int protection = (segment->p_flags & PF_R ? PROT_READ : 0) | (segment->p_flags & PF_W ? PROT_WRITE : 0) | (segment->p_flags & PF_X ? PROT_EXEC : 0);
        if ((protection & PROT_WRITE) && (protection & PROT_EXEC)) fail("a segment is writable and executable");
        uint64_t start = segment->p_vaddr & ~UINT64_C(4095), end = (segment->p_vaddr + segment->p_memsz + 4095) & ~UINT64_C(4095);
        if (mprotect(base + start, end - start, protection)) fail("a segment cannot be protected");
    }
}

/// Thread-local variables below the thread pointer, which FS points at, as the ABI wants (ELF Handling For Thread-Local Storage, variant II).
static void lay_out_thread_locals(const uint8_t *file, const Elf64_Ehdr *header, uint64_t threadArea) {
    const Elf64_Phdr *segments = (const Elf64_Phdr *)(file + header->e_phoff);
    for (int index = 0; index < header->e_phnum; index++) {
        if (segments[index].p_type != PT_TLS) continue;
        uint64_t alignment = segments[index].p_align ? segments[index].p_align : 1, size = (segments[index].p_memsz + alignment - 1) / alignment * alignment;
        if (size > 4096 || mprotect((void *)(threadArea - 4096), 4096, PROT_READ | PROT_WRITE)) fail("no room for thread-local variables");
        memcpy((void *)(threadArea - size), file + segments[index].p_offset, segments[index].p_filesz);
    }
    memcpy((void *)threadArea, &threadArea, sizeof(threadArea));
}

struct application load_application(const char *path, bool fillsModules, bool laysOutThreadLocals) {
    size_t size;
    const uint8_t *file = read_file(path, &size);
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)file;
    if (size < sizeof(*header) || memcmp(header->e_ident, ELFMAG, SELFMAG) || header->e_type != ET_DYN) fail("not an image of an application");
    uint8_t *base = (uint8_t *)APPLICATION_BASE;
    struct application application = {.base = APPLICATION_BASE, .size = map_segments(file, header), .entry = APPLICATION_BASE + header->e_entry};
    relocate(file, header, base);
    if (fillsModules) fill_modules(file, header, base);
    protect(file, header, base);
    // The head: UUID, stack size, flags.
    uint32_t stackSize;
    memcpy(&stackSize, base + 16, sizeof(stackSize));
    uint64_t mapped = (stackSize + UINT64_C(8191)) & ~UINT64_C(4095);
    uint8_t *stack = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t *area = mmap(NULL, 3 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED || area == MAP_FAILED || mprotect(area + 4096, 4096, PROT_READ | PROT_WRITE)) fail("no room for the stack");
    application.stackTop = (uint64_t)(stack + mapped);
    application.threadArea = (uint64_t)(area + 4096);
    if (laysOutThreadLocals) lay_out_thread_locals(file, header, application.threadArea);
    return application;
}
