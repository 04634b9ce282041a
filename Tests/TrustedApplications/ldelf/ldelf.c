// A small loader of the guest, for tests: it is entered by the core, loads an application and its libraries with the calls of OP-TEE's ldelf.h, and serves dlopen and dlsym.
// Asked for an application bad000NN-..., it loads another one and does something wrong (NN below 80), or tries all calls before (80).
#include "ldelf.h"

#include <user_ta_header.h>

static _Noreturn void dl_entry(struct dl_entry_arg *arg) {
    switch (arg->cmd) {
    case LDELF_DL_ENTRY_DLOPEN:
        // Whatever goes wrong in between ends the call with its result.
        load_image(&arg->dlopen.uuid, 0);
        finish_images(NULL);
        arg->ret = TEE_SUCCESS;
        break;
    case LDELF_DL_ENTRY_DLSYM: {
        static const TEE_UUID none;
        const TEE_UUID *uuid = __builtin_memcmp(&arg->dlsym.uuid, &none, sizeof(none)) ? &arg->dlsym.uuid : NULL;
        arg->dlsym.val = !uuid || is_loaded(uuid) ? find_symbol(uuid, arg->dlsym.symbol) : 0;
        arg->ret = arg->dlsym.val ? TEE_SUCCESS : TEE_ERROR_ITEM_NOT_FOUND;
        break;
    }
    default: arg->ret = TEE_ERROR_NOT_SUPPORTED;
    }
    sys_return(TEE_SUCCESS);
}

/// What is loaded instead: library_user that opens its library.
static const TEE_UUID other = {0x5ec0e001, 0x0016, 0x4a11, {0x90, 0x01, 0x5b, 0x65, 0x72, 0x72, 0x79, 0x16}};

static void misbehave(struct ldelf_arg *arg, uint32_t behaviour) {
    switch (behaviour) {
    case 0x01:
        for (;;) __asm__ volatile("");
    case 0x02: *(volatile int *)8 = 1; break;
    case 0x03: sys_panic(77); break;
    case 0x04: sys_return(TEE_ERROR_BAD_STATE);
    case 0x05: arg->flags = 1u << 20; break;
    case 0x06: arg->is_32bit = 1; break;
    case 0x07: arg->stack_ptr = 0; break;
    case 0x08: arg->entry_func = arg->stack_ptr - 4096; break;
    case 0x09:
        for (;;) {
            uint64_t va = 0;
            demand(sys_map_zi(&va, 1 << 20, 0, 0, 0));
        }
    case 0x10: arg->entry_func = UINT64_MAX; break;
    case 0x11: arg->stack_ptr = UINT64_MAX; break;
    case 0x12:
        for (;;) sys_log("", 0);
    case 0x13: arg->dl_entry = 0; break;
    case 0x14: arg->dl_entry = arg->stack_ptr; break;
    }
}

_Noreturn void ldelf_main(struct ldelf_arg *arg, const void *bootInformation);
_Noreturn void ldelf_main(struct ldelf_arg *arg, const void *bootInformation) {
    uint32_t behaviour = arg->uuid.timeLow >> 8 == 0xbad000 ? arg->uuid.timeLow & 0xff : 0;
    if (behaviour == 0x80) check_calls(&other);
    static const char text[] = "the loader of the guest\n";
    demand(sys_log(text, sizeof(text) - 1));
    load_image(behaviour ? &other : &arg->uuid, 1);
    finish_images(bootInformation);
    const struct ta_head *head = (const struct ta_head *)(uintptr_t)application_base();
    uint64_t stack = 0;
    size_t size = (head->stack_size + 4095UL) & ~4095UL;
    demand(sys_map_zi(&stack, size, 4096, 4096, 0));
    arg->is_32bit = 0;
    arg->flags = head->flags;
    arg->entry_func = application_entry();
#ifndef LDELF_WITHOUT_LOAD_ADDRESS
    arg->load_addr = application_base();
#endif
    arg->stack_ptr = stack + size;
    arg->dl_entry = (uintptr_t)&dl_entry;
    misbehave(arg, behaviour);
    sys_return(TEE_SUCCESS);
}

__asm__(".globl _ldelf_start\n"
        "_ldelf_start:\n"
        "    xorl %ebp, %ebp\n"
        "    andq $-16, %rsp\n"
        "    call ldelf_main\n"
        "    ud2\n");

// What compilers make calls of.
void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *first, const void *second, size_t size);
void *memcpy(void *to, const void *from, size_t size) {
    for (size_t index = 0; index < size; index++) ((volatile char *)to)[index] = ((const char *)from)[index];
    return to;
}
void *memset(void *to, int byte, size_t size) {
    for (size_t index = 0; index < size; index++) ((volatile char *)to)[index] = (char)byte;
    return to;
}
int memcmp(const void *first, const void *second, size_t size) {
    const unsigned char *a = first, *b = second;
    for (; size; a++, b++, size--)
        if (*a != *b) return *a - *b;
    return 0;
}
