// The guest stub: what stands where other virtual machines have a kernel. It forwards system calls and exceptions to the monitor.
//
// One image for both kinds of host. The monitor points LSTAR at the body that fits:
//   ring0  hardware KVM: `syscall` arrives here at CPL 0; leaves by sysretq.
//   ring3  page-table-based KVM: `syscall` arrives here still at CPL 3; leaves by a jump.
// No privileged instruction outside sysretq and iretq, no use of the program's stack (red zone), and only rax, rcx and r11 change,
// as the instruction set says they may. r11 keeps the program's RFLAGS throughout.

#include "guest_abi.h"

    .section .rodata.skerry_stub, "a", @progbits

    .balign 4096
    .global skerry_gate_start
skerry_gate_start:
    .set mailbox, skerry_gate_start + (SKERRY_PAGE_MAILBOX - SKERRY_PAGE_GATE) * 4096

// Fast path (SPIN is 0): leave by the port; the monitor changes rax alone. `jrcxz` tests without touching RFLAGS.
// Otherwise publish the call in the mailbox and look for the service thread's answer SPIN times.
.macro GATE name
    .global skerry_gate_\name
    .balign 64
skerry_gate_\name:
    mov     %rcx, mailbox + SKERRY_MAILBOX_RIP(%rip)
    .global skerry_gate_\name\()_rip_stored
skerry_gate_\name\()_rip_stored:
    mov     mailbox + SKERRY_MAILBOX_SPIN(%rip), %ecx
    jrcxz   9f
    jmp     5f
9:  mov     mailbox + SKERRY_MAILBOX_RIP(%rip), %rcx
    .global skerry_gate_\name\()_fast_out
skerry_gate_\name\()_fast_out:
    out     %al, $SKERRY_PORT_SYSCALL
    .global skerry_gate_\name\()_fast_return
skerry_gate_\name\()_fast_return:
    RETURN_\name
5:  mov     %rax, mailbox + SKERRY_MAILBOX_NUMBER(%rip)
    mov     %rdi, mailbox + SKERRY_MAILBOX_ARGUMENT0(%rip)
    mov     %rsi, mailbox + SKERRY_MAILBOX_ARGUMENT1(%rip)
    mov     %rdx, mailbox + SKERRY_MAILBOX_ARGUMENT2(%rip)
    mov     %r10, mailbox + SKERRY_MAILBOX_ARGUMENT3(%rip)
    mov     %r8, mailbox + SKERRY_MAILBOX_ARGUMENT4(%rip)
    mov     %r9, mailbox + SKERRY_MAILBOX_ARGUMENT5(%rip)
    // From here on rax is not the number any more; the monitor takes it from the mailbox.
    .global skerry_gate_\name\()_published
skerry_gate_\name\()_published:
    mov     mailbox + SKERRY_MAILBOX_REQUEST(%rip), %eax
    inc     %eax
    mov     %eax, mailbox + SKERRY_MAILBOX_REQUEST(%rip)
    .global skerry_gate_\name\()_requested
skerry_gate_\name\()_requested:
1:  cmp     %eax, mailbox + SKERRY_MAILBOX_RESPONSE(%rip)
    je      2f
    pause
    dec     %ecx
    jnz     1b
    // No answer: leave. eax stays the number of the request, which tells the monitor whether it has been answered after all.
3:  mov     mailbox + SKERRY_MAILBOX_RIP(%rip), %rcx
    .global skerry_gate_\name\()_spun_out
skerry_gate_\name\()_spun_out:
    out     %al, $SKERRY_PORT_SYSCALL_SPUN
    jmp     4f
2:  cmpl    $0, mailbox + SKERRY_MAILBOX_VERDICT(%rip)
    jne     3b
    .global skerry_gate_\name\()_answered
skerry_gate_\name\()_answered:
    mov     mailbox + SKERRY_MAILBOX_RESULT(%rip), %rax
    mov     mailbox + SKERRY_MAILBOX_RIP(%rip), %rcx
    .global skerry_gate_\name\()_return
skerry_gate_\name\()_return:
4:  RETURN_RESTORING_FLAGS_\name
    .global skerry_gate_\name\()_end
skerry_gate_\name\()_end:
.endm

.macro RETURN_ring0
    sysretq
.endm
.macro RETURN_RESTORING_FLAGS_ring0
    sysretq
.endm
.macro RETURN_ring3
    jmp     *%rcx
.endm
// The spin changed RFLAGS; popfq needs a stack, and the program's is not to be touched.
.macro RETURN_RESTORING_FLAGS_ring3
    mov     %rsp, mailbox + SKERRY_MAILBOX_RSP(%rip)
    lea     mailbox + SKERRY_MAILBOX_STACK_TOP(%rip), %rsp
    push    %r11
    popfq
    mov     mailbox + SKERRY_MAILBOX_RSP(%rip), %rsp
    jmp     *%rcx
.endm

    GATE    ring0
    GATE    ring3
    .global skerry_gate_end
skerry_gate_end:

// One gate per vector: leave at once, the monitor does the rest; when it only resumes, drop the error code and return.
// On hardware the exception stack comes from the IST, since the ring0 gate runs on the program's stack pointer.
    .balign 4096
    .global skerry_exceptions_start
skerry_exceptions_start:
    .set vector, 0
    .rept 32
    .balign 16
    out     %al, $(SKERRY_PORT_EXCEPTION + vector)
    .if vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30
    lea     8(%rsp), %rsp
    .endif
    iretq
    .set vector, vector + 1
    .endr
    .balign 16
    .global skerry_exception_iret
skerry_exception_iret:
    iretq
    .global skerry_exceptions_end
skerry_exceptions_end:

    .section .note.GNU-stack, "", @progbits
