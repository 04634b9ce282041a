// The border between a loader of the guest and the TEE core, in the names of OP-TEE's ldelf.h, and what the parts of this one share.
#ifndef LDELF_H
#define LDELF_H

#include <stddef.h>
#include <stdint.h>
#include <tee_api_types.h>

/// What the core enters the loader with; `uuid` comes in, the rest goes out.
struct ldelf_arg {
    TEE_UUID uuid;
    uint32_t is_32bit;
    uint32_t flags;
    uint64_t entry_func;
#ifndef LDELF_WITHOUT_LOAD_ADDRESS
    uint64_t load_addr;
#endif
    uint64_t stack_ptr;
    uint64_t dump_entry;
    uint64_t ftrace_entry;
    uint64_t dl_entry;
    void *fbuf;
};

enum { LDELF_DL_ENTRY_DLOPEN, LDELF_DL_ENTRY_DLSYM };

/// What the core enters `dl_entry` with.
struct dl_entry_arg {
    uint32_t cmd;
    TEE_Result ret;
    union {
        struct {
            TEE_UUID uuid;
            uint32_t flags;
        } dlopen;
        struct {
            TEE_UUID uuid;
            uint64_t val;
            char symbol[];
        } dlsym;
    };
};

enum { SHAREABLE = 1, WRITEABLE = 2, EXECUTABLE = 4 };

/// A system call.
static inline TEE_Result ldelf_call(unsigned long number, unsigned long a, unsigned long b, unsigned long c, unsigned long d, unsigned long e, unsigned long f, unsigned long g) {
    register unsigned long fourth __asm__("r10") = d, fifth __asm__("r8") = e, sixth __asm__("r9") = f, seventh __asm__("r12") = g;
    unsigned long result = number;
    __asm__ volatile("syscall" : "+a"(result) : "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth), "r"(seventh) : "rcx", "r11", "memory");
    return (TEE_Result)result;
}
#define ADDRESS(pointer) ((unsigned long)(uintptr_t)(pointer))

static inline _Noreturn void sys_return(TEE_Result result) {
    for (;;) ldelf_call(0, result, 0, 0, 0, 0, 0, 0);
}
static inline TEE_Result sys_log(const void *text, size_t size) { return ldelf_call(1, ADDRESS(text), size, 0, 0, 0, 0, 0); }
static inline void sys_panic(uint32_t code) { ldelf_call(2, code, 0, 0, 0, 0, 0, 0); }
static inline TEE_Result sys_map_zi(uint64_t *va, size_t size, size_t before, size_t after, unsigned long flags) {
    return ldelf_call(3, ADDRESS(va), size, before, after, flags, 0, 0);
}
static inline TEE_Result sys_unmap(uint64_t va, size_t size) { return ldelf_call(4, va, size, 0, 0, 0, 0, 0); }
static inline TEE_Result sys_open_bin(const TEE_UUID *uuid, size_t size, uint32_t *handle) { return ldelf_call(5, ADDRESS(uuid), size, ADDRESS(handle), 0, 0, 0, 0); }
static inline TEE_Result sys_close_bin(unsigned long handle) { return ldelf_call(6, handle, 0, 0, 0, 0, 0, 0); }
static inline TEE_Result sys_map_bin(uint64_t *va, size_t size, unsigned long handle, size_t offset, size_t before, size_t after, unsigned long flags) {
    return ldelf_call(7, ADDRESS(va), size, handle, offset, before, after, flags);
}
static inline TEE_Result sys_copy_from_bin(void *to, size_t offset, size_t size, unsigned long handle) { return ldelf_call(8, ADDRESS(to), offset, size, handle, 0, 0, 0); }
static inline TEE_Result sys_set_prot(uint64_t va, size_t size, unsigned long flags) { return ldelf_call(9, va, size, flags, 0, 0, 0, 0); }
static inline TEE_Result sys_remap(uint64_t old, uint64_t *new, size_t size, size_t before, size_t after) { return ldelf_call(10, old, ADDRESS(new), size, before, after, 0, 0); }
static inline TEE_Result sys_gen_rnd_num(void *to, size_t size) { return ldelf_call(11, ADDRESS(to), size, 0, 0, 0, 0, 0); }

/// Ends loading with this result unless it is TEE_SUCCESS.
static inline void demand(TEE_Result result) {
    if (result != TEE_SUCCESS) sys_return(result);
}

/// Loads the application, or a library and what it needs, into memory; nothing happens to what is there.
void load_image(const TEE_UUID *uuid, int isApplication);
/// Relocates what has been loaded since the last time, and tells the application's runtime library.
void finish_images(const void *bootInformation);
/// Address of an exported symbol; 0 when no image has it. `uuid`, when not null, is looked in first.
uint64_t find_symbol(const TEE_UUID *uuid, const char *name);
/// Whether the image is there.
int is_loaded(const TEE_UUID *uuid);
/// Where the application's address 0 is.
uint64_t application_base(void);
/// Where its file says it is entered.
uint64_t application_entry(void);
/// Tries every call with good and bad arguments; returns 0xbad00000 and the line of what went wrong.
void check_calls(const TEE_UUID *application);

#endif
