// Constructors, destructors and thread-local variables of the application and of the shared libraries that the loader put beside it.
#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "ta_runtime.h"

// Made by ta.lds.
extern const char __ta_image_start[] __attribute__((visibility("hidden")));
extern const char __ta_image_end[] __attribute__((visibility("hidden")));
extern const char __ta_eh_frame_header[] __attribute__((visibility("hidden")));
extern const char __ta_eh_frame_header_end[] __attribute__((visibility("hidden")));
extern const char __ta_tls_image[] __attribute__((visibility("hidden")));
extern const char __ta_tls_image_end[] __attribute__((visibility("hidden")));
extern const size_t __ta_tls_layout[2] __attribute__((visibility("hidden")));
extern char __ta_tls_block[] __attribute__((visibility("hidden")));
extern void (*const __init_array_start[])(void) __attribute__((visibility("hidden")));
extern void (*const __init_array_end[])(void) __attribute__((visibility("hidden")));
extern void (*const __fini_array_start[])(void) __attribute__((visibility("hidden")));
extern void (*const __fini_array_end[])(void) __attribute__((visibility("hidden")));

/// Filled by the loader. A loader that does not know it leaves it empty; then there is just the application itself.
__attribute__((visibility("default"))) struct __elf_phdr_info __elf_phdr_info;

static size_t constructedModules;
static bool isOwnModuleConstructed;

/// The application's own program headers, which are not loaded, as far as an unwinder wants them.
static void describe_self(struct dl_phdr_info *info, Elf64_Phdr headers[2]) {
    headers[0] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_memsz = (Elf64_Xword)(__ta_image_end - __ta_image_start), .p_align = 4096};
    headers[1] = (Elf64_Phdr){
        .p_type = PT_GNU_EH_FRAME,
        .p_flags = PF_R,
        .p_vaddr = (Elf64_Addr)(__ta_eh_frame_header - __ta_image_start),
        .p_memsz = (Elf64_Xword)(__ta_eh_frame_header_end - __ta_eh_frame_header),
    };
    *info = (struct dl_phdr_info){.dlpi_addr = (Elf64_Addr)(uintptr_t)__ta_image_start, .dlpi_name = "", .dlpi_phdr = headers, .dlpi_phnum = 2, .dlpi_adds = 1};
}

int dl_iterate_phdr(int (*callback)(struct dl_phdr_info *, size_t, void *), void *data) {
    if (!__elf_phdr_info.count) {
        struct dl_phdr_info info;
        Elf64_Phdr headers[2];
        describe_self(&info, headers);
        return callback(&info, sizeof(info), data);
    }
    for (size_t index = 0; index < __elf_phdr_info.count; index++) {
        struct dl_phdr_info info = __elf_phdr_info.dlpi[index];
        info.dlpi_adds = __elf_phdr_info.count;
        int answer = callback(&info, sizeof(info), data);
        if (answer) return answer;
    }
    return 0;
}

/// Finds an array of functions in a module's dynamic section.
static size_t functions_of(const struct dl_phdr_info *module, Elf64_Sxword arrayTag, Elf64_Sxword sizeTag, void (*const **functions)(void)) {
    size_t count = 0;
    *functions = NULL;
    for (size_t index = 0; index < module->dlpi_phnum; index++) {
        if (module->dlpi_phdr[index].p_type != PT_DYNAMIC) continue;
        const Elf64_Dyn *entry = (const Elf64_Dyn *)(uintptr_t)(module->dlpi_addr + module->dlpi_phdr[index].p_vaddr);
        for (; entry->d_tag != DT_NULL; entry++) {
            if (entry->d_tag == arrayTag) *functions = (void (*const *)(void))(uintptr_t)(module->dlpi_addr + entry->d_un.d_ptr);
            if (entry->d_tag == sizeTag) count = entry->d_un.d_val / sizeof(Elf64_Addr);
        }
    }
    return *functions ? count : 0;
}

static bool is_self(const struct dl_phdr_info *module) { return module->dlpi_addr == (Elf64_Addr)(uintptr_t)__ta_image_start; }

static void construct_self(void) {
    if (isOwnModuleConstructed) return;
    isOwnModuleConstructed = true;
    for (void (*const *function)(void) = __init_array_start; function < __init_array_end; function++) (*function)();
}

void modules_construct(void) {
    // The loader appends what a module needs, and what dlopen brings, behind it.
    for (size_t index = __elf_phdr_info.count; index > constructedModules; index--) {
        const struct dl_phdr_info *module = &__elf_phdr_info.dlpi[index - 1];
        if (is_self(module)) {
            construct_self();
            continue;
        }
        void (*const *functions)(void);
        size_t count = functions_of(module, DT_INIT_ARRAY, DT_INIT_ARRAYSZ, &functions);
        for (size_t function = 0; function < count; function++) functions[function]();
    }
    constructedModules = __elf_phdr_info.count;
    construct_self();
}

/// A function to call when the instance ends.
struct ending {
    struct ending *next;
    void (*function)(void *);
    void *argument;
};
static struct ending *endings;

int __cxa_atexit(void (*function)(void *), void *argument, void *module);
int __cxa_atexit(void (*function)(void *), void *argument, void *module) {
    (void)module;
    struct ending *ending = malloc(sizeof(*ending));
    if (!ending) return -1;
    *ending = (struct ending){endings, function, argument};
    endings = ending;
    return 0;
}

int atexit(void (*function)(void)) { return __cxa_atexit((void (*)(void *))(uintptr_t)function, NULL, NULL); }

__attribute__((visibility("hidden"))) void *__dso_handle = &__dso_handle;

void modules_destroy(void) {
    while (endings) {
        struct ending *ending = endings;
        endings = ending->next;
        ending->function(ending->argument);
        free(ending);
    }
    for (void (*const *function)(void) = __fini_array_end; function > __fini_array_start;) (*--function)();
    for (size_t index = 0; index < __elf_phdr_info.count; index++) {
        if (is_self(&__elf_phdr_info.dlpi[index])) continue;
        void (*const *functions)(void);
        size_t count = functions_of(&__elf_phdr_info.dlpi[index], DT_FINI_ARRAY, DT_FINI_ARRAYSZ, &functions);
        while (count) functions[--count]();
    }
}

// Loaders make one page for FS to point at, as compilers read a stack guard at %fs:0x28. Some lay out the thread-local variables below it, as the ABI wants, and put
// the thread pointer at %fs:0; others leave zeroes. Code built with -mno-tls-direct-seg-refs reaches its variables through what it reads at %fs:0, so that with the
// latter the variables can be put anywhere.
void thread_area_start(void) {
    uintptr_t pointer;
    __asm__ volatile("movq %%fs:0, %0" : "=r"(pointer));
    size_t size = __ta_tls_layout[0], alignment = __ta_tls_layout[1];
    if (pointer || !size) return;
    size_t rounded = (size + alignment - 1) / alignment * alignment;
    pointer = ((uintptr_t)__ta_tls_block + rounded + alignment - 1) / alignment * alignment;
    memcpy((void *)(pointer - rounded), __ta_tls_image, (size_t)(__ta_tls_image_end - __ta_tls_image));
    __asm__ volatile("movq %0, %%fs:0" : : "r"(pointer) : "memory");
}

// glibc's way for an unwinder to find tables, which GCC's library of Debian 12 calls (<dlfcn.h> of glibc 2.35).
struct dl_find_object {
    unsigned long long flags;
    void *mapStart;
    void *mapEnd;
    void *linkMap;
    void *ehFrame;
    unsigned long long reserved[7];
};
int _dl_find_object(void *address, struct dl_find_object *result);

struct object_search {
    uintptr_t address;
    struct dl_find_object *result;
};

static int find_in_module(struct dl_phdr_info *info, size_t size, void *data) {
    (void)size;
    struct object_search *search = data;
    const Elf64_Phdr *tables = NULL, *segment = NULL;
    for (size_t index = 0; index < info->dlpi_phnum; index++) {
        const Elf64_Phdr *header = &info->dlpi_phdr[index];
        if (header->p_type == PT_GNU_EH_FRAME) tables = header;
        if (header->p_type == PT_LOAD && search->address - info->dlpi_addr - header->p_vaddr < header->p_memsz) segment = header;
    }
    if (!tables || !segment) return 0;
    char *start = (char *)(uintptr_t)(info->dlpi_addr + segment->p_vaddr);
    *search->result = (struct dl_find_object){
        .mapStart = start, .mapEnd = start + segment->p_memsz, .ehFrame = (void *)(uintptr_t)(info->dlpi_addr + tables->p_vaddr)};
    return 1;
}

int _dl_find_object(void *address, struct dl_find_object *result) {
    struct object_search search = {(uintptr_t)address, result};
    return dl_iterate_phdr(find_in_module, &search) ? 0 : -1;
}
