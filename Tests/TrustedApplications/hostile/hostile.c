#include "hostile.h"

#include <stdlib.h>
#include <string.h>

#include "calls.h"
#define NO_PLAIN_SESSION
#include "../plain_session.h"

// Random bytes that are code (code.S is made by the test) where there are some.
extern const uint8_t hostile_code[] __attribute__((weak));
enum { hostile_code_size = 65536 };

static volatile uint32_t zero;

static void loop(void) {
    for (;;) __asm__ volatile("" ::: "memory");
}

#ifndef HOSTILE_LOOPS_IN
#define HOSTILE_LOOPS_IN 0
#endif

TEE_Result TA_CreateEntryPoint(void) {
    if (HOSTILE_LOOPS_IN == 1) loop();
    return TEE_SUCCESS;
}
void TA_DestroyEntryPoint(void) {
    if (HOSTILE_LOOPS_IN == 2) loop();
}
TEE_Result TA_OpenSessionEntryPoint(uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS], void **sessionContext) {
    (void)paramTypes, (void)params, (void)sessionContext;
    if (HOSTILE_LOOPS_IN == 3) loop();
    return TEE_SUCCESS;
}
void TA_CloseSessionEntryPoint(void *sessionContext) {
    (void)sessionContext;
    if (HOSTILE_LOOPS_IN == 4) loop();
}

static __noinline uint32_t recurse(uint32_t depth) {
    volatile uint8_t frame[40000];
    frame[depth % 64] = (uint8_t)depth;
    return zero ? depth : recurse(depth + 1) + frame[depth % 64];
}

static uint32_t ask_for_giants(uint32_t kind) {
    static const uint64_t sizes[] = {1ull << 31, 1ull << 32, 1ull << 40, 1ull << 47, 1ull << 63, UINT64_MAX - 4095, UINT64_MAX - 7, UINT64_MAX};
    static uint8_t small[64];
    uint64_t length;
    uint32_t granted = 0;
    for (size_t index = 0; index < sizeof(sizes) / sizeof(*sizes); index++) {
        uint64_t size = sizes[index];
        switch (kind) {
        case 0: granted += malloc(size) != NULL; break;
        case 1: granted += tee_map_zi(size, 0) != NULL; break;
        // Numbers, input and output sizes of calls.
        case 2: granted += core_call(33, (uint64_t[8]){(uintptr_t)small, size}) == 0; break;
        case 3: granted += core_call(1, (uint64_t[8]){(uintptr_t)small, size}) == 0 && size < 4096; break;
        case 4: granted += core_call(8, (uint64_t[8]){1, (uintptr_t)small, size}) == 0; break;
        case 5: granted += core_call(4, (uint64_t[8]){0xfffffffd, (uintptr_t)small, size, (uintptr_t)&length}) == 0; break;
        case 6: granted += core_call(70, (uint64_t[8]){(uintptr_t)small, size, 0}) == 0; break;
        default: granted += core_call(42, (uint64_t[8]){1, (uintptr_t)small, 4, 0x403, 0, (uintptr_t)small, size, 0}) == 0; break;
        }
    }
    return granted;
}

static void run_instruction(uint32_t number) {
    uint64_t table[2] = {0, 0}, saved;
    switch (number) {
    case 0: __asm__ volatile("hlt"); break;
    case 1: __asm__ volatile("cli"); break;
    case 2: __asm__ volatile("outb %%al, $0x80" ::"a"(1)); break;
    case 3: __asm__ volatile("inb $0x60, %%al" ::: "rax"); break;
    case 4: __asm__ volatile("int $0x80" ::: "rax", "memory"); break;
    case 5: __asm__ volatile("int3"); break;
    case 6: __asm__ volatile("int $0x0e"); break;
    case 7: __asm__ volatile("sysenter"); break;
    case 8: __asm__ volatile("rdmsr" ::"c"(0xc0000082) : "rax", "rdx"); break;
    case 9: __asm__ volatile("wrmsr" ::"c"(0xc0000082), "a"(0), "d"(0)); break;
    case 10: __asm__ volatile("mov %%cr3, %0" : "=r"(saved)); break;
    case 11: __asm__ volatile("mov %0, %%cr0" ::"r"(0ull)); break;
    case 12: __asm__ volatile("lgdt %0" ::"m"(*table)); break;
    case 13: __asm__ volatile("lidt %0" ::"m"(*table)); break;
    case 14: __asm__ volatile("swapgs"); break;
    case 15: __asm__ volatile("iretq"); break;
    case 16: __asm__ volatile("sysretq"); break;
    case 17: __asm__ volatile("vmcall"); break;
    case 18: __asm__ volatile("vmmcall"); break;
    case 19: __asm__ volatile("invd"); break;
    case 20: __asm__ volatile("wbinvd"); break;
    // Trap, alignment check, nested task, direction: flags a program may set itself.
    case 21: __asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq; nop; nop" ::: "memory", "cc"); break;
    case 22: __asm__ volatile("pushfq; orq $0x44400, (%%rsp); popfq; movl $12, %%eax; xorl %%edi, %%edi; syscall" ::: "memory", "cc", "rax", "rdi", "rcx", "r11"); break;
    case 23: __asm__ volatile("std; movl $12, %%eax; xorl %%edi, %%edi; syscall; cld" ::: "memory", "cc", "rax", "rdi", "rcx", "r11"); break;
    case 24: __asm__ volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%fs; mov %0, %%gs" ::"r"(0)); break;
    case 25: __asm__ volatile("mov %0, %%ss" ::"r"(0x33)); break;
    case 26: __asm__ volatile("wrfsbase %0" ::"r"(0x8000000000000000)); break;
    case 27: __asm__ volatile("wrgsbase %0" ::"r"(0x00007fffffff0000)); break;
    // The stack pointer where no stack is, then a call of the core.
    case 28: __asm__ volatile("movq $0, %%rsp; movl $12, %%eax; xorl %%edi, %%edi; syscall; ud2" ::: "memory"); break;
    case 29: __asm__ volatile("movq $0x1234567, %%rsp; pushq %%rax" ::: "memory"); break;
    case 30: __asm__ volatile("jmp *%0" ::"r"(0x00007fffffffffffull)); break;
    case 31: __asm__ volatile("jmp *%0" ::"r"(0xffff800000000000ull)); break;
    case 32: __asm__ volatile("fldz; fld1; fdivp; fwait; fninit"); break;
    case 33: __asm__ volatile("movl $0x00000000, (%%rsp); ldmxcsr (%%rsp); divps %%xmm0, %%xmm0" ::: "memory"); break;
    case 34: __asm__ volatile("xorl %%ecx, %%ecx; xgetbv; xsetbv" ::: "rax", "rcx", "rdx"); break;
    case 35: __asm__ volatile("lock; nop"); break;
    case 36: __asm__ volatile(".byte 0xf1"); break;
    case 37: __asm__ volatile("rdpmc" ::"c"(0) : "rax", "rdx"); break;
    case 38: __asm__ volatile("monitor; mwait" ::"a"(table), "c"(0), "d"(0)); break;
    case 39: __asm__ volatile("clflush %0; mfence" ::"m"(*table)); break;
    case 40: __asm__ volatile("sgdt %0" : "=m"(*table)); break;
    case 41: __asm__ volatile("pushq $0x33; pushq $0; lretq"); break;
    case 42: __asm__ volatile("cpuid" : "=a"(saved) : "a"(0x40000000), "c"(0) : "rbx", "rdx"); break;
    case 43: __asm__ volatile("rdtsc" ::: "rax", "rdx"); break;
    default: __asm__ volatile("movq %0, %%dr0" ::"r"(0ull)); break;
    }
}

// PBKDF2 with as many rounds as a number can say, for as many bytes as there are.
static TEE_Result take_long(uint32_t count) {
    TEE_ObjectHandle password, key;
    TEE_OperationHandle operation;
    TEE_Attribute attributes[3];
    TRY(TEE_AllocateTransientObject(TEE_TYPE_PBKDF2_PASSWORD, 256, &password));
    TRY(TEE_AllocateTransientObject(TEE_TYPE_GENERIC_SECRET, 4096, &key));
    TEE_InitRefAttribute(&attributes[0], TEE_ATTR_PBKDF2_PASSWORD, (void *)(uintptr_t) "password", 8);
    TRY(TEE_PopulateTransientObject(password, attributes, 1));
    TRY(TEE_AllocateOperation(&operation, TEE_ALG_PBKDF2_HMAC_SHA1_DERIVE_KEY, TEE_MODE_DERIVE, 256));
    TRY(TEE_SetOperationKey(operation, password));
    TEE_InitRefAttribute(&attributes[0], TEE_ATTR_PBKDF2_SALT, (void *)(uintptr_t) "saltsalt", 8);
    TEE_InitValueAttribute(&attributes[1], TEE_ATTR_PBKDF2_ITERATION_COUNT, count, 0);
    TEE_InitValueAttribute(&attributes[2], TEE_ATTR_PBKDF2_DKM_LENGTH, 512, 0);
    TEE_DeriveKey(operation, attributes, 3, key);
    TEE_FreeOperation(operation);
    TEE_FreeTransientObject(password);
    TEE_FreeTransientObject(key);
    return TEE_SUCCESS;
}

static uint32_t take_handles(void) {
    static uint32_t made, total;
    for (total = 0; core_call(27, (uint64_t[8]){TEE_TYPE_AES, 128, (uintptr_t)&made}) == 0 && total < 1000000; total++) {}
    for (; core_call(15, (uint64_t[8]){TEE_ALG_SHA256, TEE_MODE_DIGEST, 0, 0, (uintptr_t)&made}) == 0 && total < 1000000; total++) {}
    for (; core_call(45, (uint64_t[8]){(uintptr_t)&made}) == 0 && total < 1000000; total++) {}
    return total;
}

static uint32_t open_sessions(uint32_t variant, uint32_t *result) {
    TEE_UUID uuid = HOSTILE_UUID;
    uint32_t total = 0, session, origin;
    uuid.clockSeqAndNode[7] = (uint8_t)variant;
    while ((*result = (uint32_t)core_call(5, (uint64_t[8]){(uintptr_t)&uuid, TEE_TIMEOUT_INFINITE, 0, (uintptr_t)&session, (uintptr_t)&origin})) == 0 && total < 100000) total++;
    return total;
}

TEE_Result TA_InvokeCommandEntryPoint(void *sessionContext, uint32_t commandID, uint32_t paramTypes, TEE_Param params[TEE_NUM_PARAMS]) {
    (void)sessionContext;
    uint32_t a = params[0].value.a, b = params[0].value.b, result = 0;
    switch (commandID) {
    case HOSTILE_LIVE: EXPECT_TYPES(VALUE_INOUT, NONE, NONE, NONE); params[0].value.a++; break;
    case HOSTILE_CALLS: EXPECT_TYPES(VALUE_IN, VALUE_IN, NONE, NONE); random_calls((uint64_t)b << 32 | a, params[1].value.a, params[1].value.b); break;
    case HOSTILE_BAD_POINTERS:
        EXPECT_TYPES(VALUE_IN, VALUE_OUT, NONE, NONE);
        params[1].value.b = bad_pointers(a, b, &result);
        params[1].value.a = result;
        break;
    case HOSTILE_LOOP: loop(); break;
    case HOSTILE_WAIT:
        for (;;) core_call(12, (uint64_t[8]){10});
    case HOSTILE_STACK: return recurse(zero);
    case HOSTILE_GIANT: EXPECT_TYPES(VALUE_IN, VALUE_OUT, NONE, NONE); params[1].value.a = ask_for_giants(a); break;
    case HOSTILE_RANDOM_CODE:
        EXPECT_TYPES(VALUE_IN, NONE, NONE, NONE);
        if (!hostile_code) return TEE_ERROR_NOT_SUPPORTED;
        ((void (*)(void *))(uintptr_t)(hostile_code + a % hostile_code_size))(params);
        break;
    case HOSTILE_INSTRUCTION: EXPECT_TYPES(VALUE_IN, NONE, NONE, NONE); run_instruction(a); break;
    case HOSTILE_LONG_CALL: EXPECT_TYPES(VALUE_IN, NONE, NONE, NONE); return take_long(a);
    case HOSTILE_OVERRUN:
        EXPECT_TYPES(MEMORY_INOUT, NONE, NONE, NONE);
        for (size_t index = 0; index < params[0].memref.size + 65536; index++) ((volatile uint8_t *)params[0].memref.buffer)[index] = 1;
        break;
    case HOSTILE_HANDLES: EXPECT_TYPES(VALUE_OUT, NONE, NONE, NONE); params[0].value.a = take_handles(); break;
    case HOSTILE_SESSIONS:
        EXPECT_TYPES(VALUE_IN, VALUE_OUT, NONE, NONE);
        params[1].value.a = open_sessions(a, &result);
        params[1].value.b = result;
        break;
    default: return TEE_ERROR_NOT_SUPPORTED;
    }
    return TEE_SUCCESS;
}
