// How programs run: their registers are loaded, and come back with an event. Two ways, of which the measured platform table names one. At CPL 0 the guest does it
// itself. At CPL 3 (in the simulation on a KVM that emulates CPL 0) the host exchanges the registers.
//
// There is one processor, and the guest runs with interrupts off: what is kept in memory here needs no lock, and no swapgs.

#include "confidential_abi.h"

// Offsets in struct skerry_context.
#define RAX 0
#define RCX 8
#define RDX 16
#define RBX 24
#define RSP 32
#define RBP 40
#define RSI 48
#define RDI 56
#define R8 64
#define R9 72
#define R10 80
#define R11 88
#define R12 96
#define R13 104
#define R14 112
#define R15 120
#define RIP 128
#define RFLAGS 136
#define FS_BASE 144
#define GS_BASE 152
#define ROOT 160
#define ERROR 168
#define FAULT_ADDRESS 176

    .text
// skerry_run(context, extended state, which of it): the event. The guest itself uses nothing of it but the x87, between runs.
    .global skerry_run
skerry_run:
    push    %rsi
    push    %rdx
    push    %rdi
    mov     %edx, %eax
    shr     $32, %rdx
    xrstor64 (%rsi)
    call    skerry_run_program
    pop     %rdi
    pop     %rdx
    pop     %rsi
    mov     %rax, %rcx
    mov     %edx, %eax
    shr     $32, %rdx
    xsave64 (%rsi)
    // What the guest itself computes with it begins anew, whatever the program has set.
    fninit
    mov     %rcx, %rax
    ret

// skerry_switch(where the stack pointer is kept, the next one): from one thread of the library OS to another.
    .global skerry_switch
skerry_switch:
    push    %rbx
    push    %rbp
    push    %r12
    push    %r13
    push    %r14
    push    %r15
    mov     %rsp, (%rdi)
    mov     %rsi, %rsp
    pop     %r15
    pop     %r14
    pop     %r13
    pop     %r12
    pop     %rbp
    pop     %rbx
    ret

// Where a new thread begins. skerry_thread_main never returns.
    .global skerry_thread_start
skerry_thread_start:
    xor     %ebp, %ebp
    // It came here by `ret`, and a call needs a multiple of 16: what is compiled stores aligned vectors on the stack.
    and     $-16, %rsp
    call    skerry_thread_main
    ud2

// MARK: At CPL 0

    .global skerry_run_ring0
skerry_run_ring0:
    push    %rbx
    push    %rbp
    push    %r12
    push    %r13
    push    %r14
    push    %r15
    mov     %rsp, kernel_stack(%rip)
    // On at the other place, which the program's tables have too.
    movabs  $SKERRY_GUEST_ALIAS, %rcx
    add     %rcx, %rsp
    add     %rcx, %rdi
    lea     1f(%rip), %rax
    add     %rcx, %rax
    jmp     *%rax
1:  mov     %rdi, running(%rip)
    mov     FS_BASE(%rdi), %rax
    wrfsbase %rax
    mov     GS_BASE(%rdi), %rax
    wrgsbase %rax
    mov     ROOT(%rdi), %rax
    mov     %rax, %cr3
    push    $SKERRY_GUEST_SS3
    push    RSP(%rdi)
    push    RFLAGS(%rdi)
    push    $SKERRY_GUEST_CS3
    push    RIP(%rdi)
    mov     RAX(%rdi), %rax
    mov     RCX(%rdi), %rcx
    mov     RDX(%rdi), %rdx
    mov     RBX(%rdi), %rbx
    mov     RBP(%rdi), %rbp
    mov     RSI(%rdi), %rsi
    mov     R8(%rdi), %r8
    mov     R9(%rdi), %r9
    mov     R10(%rdi), %r10
    mov     R11(%rdi), %r11
    mov     R12(%rdi), %r12
    mov     R13(%rdi), %r13
    mov     R14(%rdi), %r14
    mov     R15(%rdi), %r15
    mov     RDI(%rdi), %rdi
    iretq

.macro SAVE context
    mov     %rax, RAX(\context)
    mov     %rcx, RCX(\context)
    mov     %rdx, RDX(\context)
    mov     %rbx, RBX(\context)
    mov     %rbp, RBP(\context)
    mov     %rsi, RSI(\context)
    mov     %r8, R8(\context)
    mov     %r9, R9(\context)
    mov     %r10, R10(\context)
    mov     %r11, R11(\context)
    mov     %r12, R12(\context)
    mov     %r13, R13(\context)
    mov     %r14, R14(\context)
    mov     %r15, R15(\context)
.endm

// LSTAR. SFMASK has cleared IF, TF, DF, AC and NT. The stack pointer is still the program's: whatever arrives now finds its own stack by the gates.
    .balign 64
    .global skerry_call_entry
skerry_call_entry:
    mov     %rsp, program_stack(%rip)
    mov     running(%rip), %rsp
    SAVE    %rsp
    mov     %rdi, RDI(%rsp)
    mov     %rcx, RIP(%rsp)
    mov     %r11, RFLAGS(%rsp)
    mov     %rsp, %rdi
    mov     program_stack(%rip), %rax
    mov     %rax, RSP(%rdi)
    mov     $SKERRY_EVENT_CALL, %ebx
    jmp     event

// An exception or interrupt, on one of the stacks for them. On it: the vector, the error code, RIP, CS, RFLAGS, RSP, SS.
    .global skerry_exception_ring0
skerry_exception_ring0:
    testb   $3, 24(%rsp)
    jz      skerry_own_exception
    push    %rdi
    mov     running(%rip), %rdi
    SAVE    %rdi
    pop     %rax
    mov     %rax, RDI(%rdi)
    pop     %rbx
    pop     %rax
    mov     %rax, ERROR(%rdi)
    pop     %rax
    mov     %rax, RIP(%rdi)
    mov     8(%rsp), %rax
    mov     %rax, RFLAGS(%rdi)
    mov     16(%rsp), %rax
    mov     %rax, RSP(%rdi)
    mov     %cr2, %rax
    mov     %rax, FAULT_ADDRESS(%rdi)

// RDI is the context, EBX the event. The guest's own tables, before anything else: the program's may be gone when it goes on.
event:
    cld
    rdfsbase %rax
    mov     %rax, FS_BASE(%rdi)
    rdgsbase %rax
    mov     %rax, GS_BASE(%rdi)
    movabs  $skerry_thread, %rax
    wrfsbase %rax
    mov     skerry_kernel_root(%rip), %rax
    mov     %rax, %cr3
    mov     kernel_stack(%rip), %rsp
    // `ret` leads back to the guest's own place.
    mov     %ebx, %eax
    pop     %r15
    pop     %r14
    pop     %r13
    pop     %r12
    pop     %rbp
    pop     %rbx
    ret

// Every run loads its tables, which forgets all translations.
    .global skerry_flush_ring0
skerry_flush_ring0:
    ret

// Where calls of programs arrive, and which flags they lose (APM volume 2, 6.1.1).
    .global skerry_take_calls
skerry_take_calls:
    mov     %rdi, skerry_kernel_root(%rip)
    mov     skerry_platform + SKERRY_PLATFORM_RUN(%rip), %rax
    lea     skerry_run_ring0(%rip), %rcx
    cmp     %rax, %rcx
    jne     1f
    mov     $0xC0000081, %ecx
    xor     %eax, %eax
    mov     $(SKERRY_GUEST_CS0 | (SKERRY_GUEST_SS3 - 8) << 16), %edx
    wrmsr
    mov     $0xC0000082, %ecx
    movabs  $skerry_call_entry + SKERRY_GUEST_ALIAS, %rax
    mov     %rax, %rdx
    shr     $32, %rdx
    wrmsr
    mov     $0xC0000084, %ecx
    mov     $0x47700, %eax
    xor     %edx, %edx
    wrmsr
1:  ret

// MARK: At CPL 3

    .global skerry_run_ring3
skerry_run_ring3:
    mov     $SKERRY_SIMULATE_RUN, %eax
    out     %al, $SKERRY_SIMULATION_PORT
    ret
    .global skerry_flush_ring3
skerry_flush_ring3:
    mov     $SKERRY_SIMULATE_FLUSH, %eax
    out     %al, $SKERRY_SIMULATION_PORT
    ret
// The host takes what is a program's; behind the port is what is not.
    .global skerry_exception_ring3
skerry_exception_ring3:
    out     %al, $SKERRY_EXCEPTION_PORT
    jmp     skerry_own_exception

// The page that programs see: LSTAR leads here, where CPL 3 is not left by a call. The host goes on elsewhere.
    .balign 4096
    .global skerry_gate
skerry_gate:
    out     %al, $SKERRY_GATE_PORT
    ud2
    .balign 4096, 0xCC

    .section .data
    .balign 64
skerry_kernel_root: .quad 0
kernel_stack: .quad 0
running: .quad 0
program_stack: .quad 0
