// The assembly's entry points for Swift (source/platform.S, source/memory.S).
#ifndef SKERRY_FREESTANDING_PLATFORM_H
#define SKERRY_FREESTANDING_PLATFORM_H
#include <stddef.h>
#include <stdint.h>

#include "confidential_abi.h"
#include "cryptography.h"

#pragma clang assume_nonnull begin

/// The value of SEV_STATUS (MSR 0xC0010131).
uint64_t skerry_sev_status(void);
/// Writes the GHCB MSR, leaves, and reads what the host made of it.
uint64_t skerry_msr_exit(uint64_t value);
/// Leaves with the GHCB page at this address.
void skerry_page_exit(uint64_t address);
/// PVALIDATE: the return code in bits 31:0, carry in bit 32.
uint64_t skerry_pvalidate(uint64_t address, uint32_t is_large, uint32_t is_valid);
/// Writes a page-table entry and flushes the address it is for.
void skerry_set_entry(uint64_t entry_address, uint64_t entry, uint64_t address, uint32_t is_encrypted);
/// The CPUID instruction; EAX, EBX, ECX and EDX.
void skerry_cpuid(uint32_t function, uint32_t index, uint32_t *registers);
/// XGETBV(0), or 1 where CR4.OSXSAVE is off, as `leaf1_ecx` of the platform would say.
uint64_t skerry_xcr0(void);
/// RDTSC.
static inline uint64_t skerry_counter(void) { return __builtin_ia32_rdtsc(); }
/// RDRAND; 0 when it has none.
int skerry_random(uint64_t *word);
/// Loads extended state, runs a program until an event (SKERRY_EVENT_CALL and others), and stores its extended state; `mask` says which components.
uint64_t skerry_run(struct skerry_context *context, void *state, uint64_t mask);
/// Translations of these frames are forgotten; without a count, those of tables that have changed.
void skerry_flush(uint64_t first_frame, uint64_t count);
/// Where the calls of programs arrive, and the guest's own top-level table, with the encryption bit.
void skerry_take_calls(uint64_t root);
/// From one thread of the library OS to another, and where a new one begins.
void skerry_switch(uint64_t *stack_pointer, uint64_t next_stack_pointer);
void skerry_thread_start(void);
static inline uint64_t skerry_thread_entry(void) { return (uint64_t)&skerry_thread_start; }
/// Never returns.
_Noreturn void skerry_terminate(uint32_t set, uint32_t code);

/// Memory that is shared with the host: read and written by these alone, each byte just once, so that no compiler reads it a second time.
void skerry_read_shared(void *to, uint64_t from, size_t size);
void skerry_write_shared(uint64_t to, const void *from, size_t size);
/// Overwrites secrets; never left out.
void skerry_wipe(void *start, size_t size);

/// Buffers (source/platform.S), by name so that none is on a stack: the request and the response in private memory, VMPCK0, the evidence, and the bits of the
/// pages that were accepted.
extern uint8_t skerry_message_page[4096], skerry_response_page[4096], skerry_key[32];
extern struct skerry_evidence skerry_evidence_buffer;
extern uint64_t skerry_bitmap[40];
/// What a key release needs while it lasts, the secrets behind the challenge's nonce, the host's certificates and the manifest.
extern uint8_t skerry_release_buffer[8192], skerry_secrets_buffer[32 + SKERRY_RELEASE_SECRETS_SIZE], skerry_certificates_buffer[SKERRY_STREAM_CERTIFICATES];
extern uint8_t skerry_manifest_buffer[SKERRY_STREAM_MANIFEST];
static inline struct skerry_release *skerry_release_state(void) { return (struct skerry_release *)skerry_release_buffer; }
static inline void *skerry_secrets(void) { return skerry_secrets_buffer; }
static inline void *skerry_certificates(void) { return skerry_certificates_buffer; }
static inline void *skerry_manifest(void) { return skerry_manifest_buffer; }
static inline void *skerry_message(void) { return skerry_message_page; }
static inline void *skerry_answer(void) { return skerry_response_page; }
static inline void *skerry_message_key(void) { return skerry_key; }
static inline struct skerry_evidence *skerry_evidence(void) { return &skerry_evidence_buffer; }
static inline uint64_t *skerry_accepted(void) { return skerry_bitmap; }

/// Whether two pieces of memory are the same.
static inline int skerry_equal(const void *one, const void *other, size_t size) {
    const uint8_t *left = one, *right = other;
    uint32_t difference = 0;
    for (size_t index = 0; index < size; index++) difference |= left[index] ^ right[index];
    return difference == 0;
}

/// The registers of an interrupted instruction, as the entry for #VC pushes them.
struct skerry_frame {
    uint64_t rdi, rsi, rdx, rcx, rax, r8, r9, r10, r11, rbx, rbp, r12, r13, r14, r15;
    uint64_t error, rip, cs, rflags, rsp, ss;
};

#pragma clang assume_nonnull end
#endif
