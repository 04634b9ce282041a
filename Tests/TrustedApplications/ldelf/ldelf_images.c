// Images of ELF files: their memory, symbols and relocations (System V ABI, AMD64 supplement).
#include <link.h>
#include <user_ta_header.h>

#include "ldelf.h"

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
struct section {
    uint32_t name, type;
    uint64_t flags, addr, offset, size;
    uint32_t link, info;
    uint64_t addralign, entsize;
};
struct symbol {
    uint32_t name;
    uint8_t info, other;
    uint16_t section;
    uint64_t value, size;
};
struct relocation {
    uint64_t offset, info;
    int64_t addend;
};
enum { RELA = 4, ALLOCATED = 2, NEEDED = 1, HASH = 4, STRINGS = 5, SYMBOLS = 6, R_64 = 1, R_GLOB_DAT = 6, R_JUMP_SLOT = 7, R_RELATIVE = 8 };

struct image {
    TEE_UUID uuid;
    uint64_t base, entry;
    int isApplication, isRelocated;
    uint32_t handle;
    Elf64_Phdr segments[16];
    struct section sections[64];
    size_t segmentCount, sectionCount;
    const Elf64_Dyn *dynamic;
    const struct symbol *symbols;
    const char *strings;
    uint32_t symbolCount;
};

static struct image images[8];
static size_t imageCount;
static struct dl_phdr_info table[8];

static void read_bytes(const struct image *image, void *to, size_t offset, size_t size) { demand(sys_copy_from_bin(to, offset, size, image->handle)); }

static int same(const char *first, const char *second) {
    while (*first && *first == *second) first++, second++;
    return *first == *second;
}

int is_loaded(const TEE_UUID *uuid) {
    for (size_t index = 0; index < imageCount; index++)
        if (!__builtin_memcmp(&images[index].uuid, uuid, sizeof(*uuid))) return 1;
    return 0;
}
uint64_t application_base(void) { return images[0].base; }
uint64_t application_entry(void) { return images[0].base + images[0].entry; }

static uint64_t find_in(const struct image *image, const char *name) {
    for (uint32_t index = 1; index < image->symbolCount; index++) {
        const struct symbol *symbol = &image->symbols[index];
        if (symbol->section && symbol->info >> 4 && same(image->strings + symbol->name, name)) return image->base + symbol->value;
    }
    return 0;
}

uint64_t find_symbol(const TEE_UUID *uuid, const char *name) {
    uint64_t found = 0;
    for (size_t index = 0; uuid && !found && index < imageCount; index++)
        if (!__builtin_memcmp(&images[index].uuid, uuid, sizeof(*uuid))) found = find_in(&images[index], name);
    for (size_t index = 0; !found && index < imageCount; index++) found = find_in(&images[index], name);
    return found;
}

/// Code of the application is mapped from its file; that of libraries, and all data, is copied.
static void map_segment(struct image *image, const Elf64_Phdr *segment, int isFirst, uint64_t end) {
    uint64_t start = segment->p_vaddr & ~4095UL, size = ((segment->p_vaddr + segment->p_memsz + 4095) & ~4095UL) - start;
    uint64_t va = isFirst ? 0 : image->base + start;
    size_t behind = isFirst ? end - size : 0;
    if (image->isApplication && !(segment->p_flags & PF_W)) {
        unsigned long flags = SHAREABLE | (segment->p_flags & PF_X ? EXECUTABLE : 0);
        demand(sys_map_bin(&va, segment->p_vaddr - start + segment->p_filesz, image->handle, segment->p_offset & ~4095UL, 0, behind, flags));
    } else {
        demand(sys_map_zi(&va, size, 0, behind, 0));
        read_bytes(image, (void *)(uintptr_t)(va + (segment->p_vaddr - start)), segment->p_offset, segment->p_filesz);
    }
    if (isFirst) image->base = va - start;
}

static void read_dynamic(struct image *image) {
    for (size_t index = 0; index < image->segmentCount; index++)
        if (image->segments[index].p_type == PT_DYNAMIC) image->dynamic = (const Elf64_Dyn *)(uintptr_t)(image->base + image->segments[index].p_vaddr);
    for (const Elf64_Dyn *entry = image->dynamic; entry && entry->d_tag != DT_NULL; entry++) {
        void *address = (void *)(uintptr_t)(image->base + entry->d_un.d_ptr);
        if (entry->d_tag == STRINGS) image->strings = address;
        if (entry->d_tag == SYMBOLS) image->symbols = address;
        if (entry->d_tag == HASH) image->symbolCount = ((const uint32_t *)address)[1];
    }
}

static uint32_t digits(const char **text, int count) {
    uint32_t value = 0;
    for (; count; count--, (*text)++) value = value << 4 | (uint32_t)(**text <= '9' ? **text - '0' : (**text | 0x20) - 'a' + 10);
    return value;
}

static TEE_UUID uuid_of(const char *text) {
    TEE_UUID uuid;
    uuid.timeLow = digits(&text, 8), text++;
    uuid.timeMid = (uint16_t)digits(&text, 4), text++;
    uuid.timeHiAndVersion = (uint16_t)digits(&text, 4), text++;
    for (int index = 0; index < 8; index++) {
        if (index == 2) text++;
        uuid.clockSeqAndNode[index] = (uint8_t)digits(&text, 2);
    }
    return uuid;
}

void load_image(const TEE_UUID *uuid, int isApplication) {
    if (is_loaded(uuid)) return;
    if (imageCount == sizeof(images) / sizeof(images[0])) sys_return(TEE_ERROR_OUT_OF_MEMORY);
    struct image *image = &images[imageCount];
    *image = (struct image){.uuid = *uuid, .isApplication = isApplication};
    demand(sys_open_bin(uuid, sizeof(*uuid), &image->handle));
    struct elf_header header;
    read_bytes(image, &header, 0, sizeof(header));
    if (header.ident[0] != 0x7f || header.phnum > 16 || header.shnum > 64) sys_return(TEE_ERROR_BAD_FORMAT);
    image->entry = header.entry;
    image->segmentCount = header.phnum;
    image->sectionCount = header.shnum;
    read_bytes(image, image->segments, header.phoff, header.phnum * sizeof(Elf64_Phdr));
    read_bytes(image, image->sections, header.shoff, header.shnum * sizeof(struct section));
    uint64_t end = 0;
    for (size_t index = 0; index < image->segmentCount; index++)
        if (image->segments[index].p_type == PT_LOAD) end = (image->segments[index].p_vaddr + image->segments[index].p_memsz + 4095) & ~4095UL;
    int isFirst = 1;
    for (size_t index = 0; index < image->segmentCount; index++) {
        if (image->segments[index].p_type != PT_LOAD) continue;
        map_segment(image, &image->segments[index], isFirst, end);
        isFirst = 0;
    }
    demand(sys_close_bin(image->handle));
    read_dynamic(image);
    imageCount++;
    for (const Elf64_Dyn *entry = image->dynamic; entry && entry->d_tag != DT_NULL; entry++) {
        if (entry->d_tag != NEEDED) continue;
        TEE_UUID needed = uuid_of(image->strings + entry->d_un.d_val);
        load_image(&needed, 0);
    }
}

static void relocate(struct image *image) {
    for (size_t index = 0; index < image->sectionCount; index++) {
        const struct section *section = &image->sections[index];
        if (section->type != RELA || !(section->flags & ALLOCATED)) continue;
        const struct relocation *entry = (const struct relocation *)(uintptr_t)(image->base + section->addr);
        for (size_t left = section->size / sizeof(*entry); left; left--, entry++) {
            uint64_t *place = (uint64_t *)(uintptr_t)(image->base + entry->offset);
            const struct symbol *symbol = &image->symbols[entry->info >> 32];
            uint64_t found = entry->info >> 32 ? find_symbol(NULL, image->strings + symbol->name) : 0;
            if (!found && entry->info >> 32 && symbol->section) found = image->base + symbol->value;
            if (!found && entry->info >> 32 && symbol->info >> 4 != 2) sys_return(TEE_ERROR_ITEM_NOT_FOUND);
            switch ((uint32_t)entry->info) {
            case 0: break;
            case R_RELATIVE: *place = image->base + (uint64_t)entry->addend; break;
            case R_64: *place = found + (uint64_t)entry->addend; break;
            case R_GLOB_DAT:
            case R_JUMP_SLOT: *place = found; break;
            default: sys_return(TEE_ERROR_NOT_SUPPORTED);
            }
        }
    }
}

/// Code that was copied may be written no longer.
static void protect(const struct image *image) {
    for (size_t index = 0; index < image->segmentCount; index++) {
        const Elf64_Phdr *segment = &image->segments[index];
        if (segment->p_type != PT_LOAD || image->isApplication || segment->p_flags & PF_W) continue;
        uint64_t start = segment->p_vaddr & ~4095UL;
        demand(sys_set_prot(image->base + start, segment->p_vaddr + segment->p_memsz - start, segment->p_flags & PF_X ? EXECUTABLE : 0));
    }
}

void finish_images(const void *bootInformation) {
    for (size_t index = 0; index < imageCount; index++) {
        struct image *image = &images[index];
        if (image->isRelocated) continue;
        relocate(image);
        protect(image);
        image->isRelocated = 1;
        table[index] = (struct dl_phdr_info){.dlpi_addr = image->base, .dlpi_name = "", .dlpi_phdr = image->segments, .dlpi_phnum = (Elf64_Half)image->segmentCount, .dlpi_adds = 1};
    }
    struct __elf_phdr_info *modules = (struct __elf_phdr_info *)(uintptr_t)find_symbol(NULL, "__elf_phdr_info");
    if (modules) *modules = (struct __elf_phdr_info){.count = (uint16_t)imageCount, .dlpi = table};
    uint64_t *told = (uint64_t *)(uintptr_t)find_symbol(NULL, "__skerry_boot_information");
    if (told && bootInformation) {
        told[0] = (uintptr_t)bootInformation;
        told[1] = __builtin_bswap32(((const uint32_t *)bootInformation)[1]);
    }
}
