// The 256 entry points of exceptions and interrupts, 16 bytes apart. What a program causes ends its run (run.S). In the guest itself all but #VC end the guest:
// it enables no interrupt, causes no exception, and takes no vector from the host.

#include "confidential_abi.h"

    .text
    .balign 4096
    .global skerry_vectors
skerry_vectors:
    .set vector, 0
    .rept 256
    .balign 16
    .if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
    push    $0
    .endif
    push    $vector
    jmp     *skerry_platform + SKERRY_PLATFORM_EXCEPTION(%rip)
    .set vector, vector + 1
    .endr
    .balign 16

// In the guest itself. On the stack: the vector, the error code, and what the processor has pushed.
    .global skerry_own_exception
skerry_own_exception:
    cld
    cmpl    $29, (%rsp)
    je      communication
    mov     $SKERRY_TERMINATED_BY_VECTOR, %edi
    mov     (%rsp), %esi
    jmp     skerry_terminate

// #VC (APM volume 2, 15.35.5), on a stack of its own.
communication:
    add     $8, %rsp
    push    %r15
    push    %r14
    push    %r13
    push    %r12
    push    %rbp
    push    %rbx
    push    %r11
    push    %r10
    push    %r9
    push    %r8
    push    %rax
    push    %rcx
    push    %rdx
    push    %rsi
    push    %rdi
    // At the guest's own place, on the same stack.
    movabs  $SKERRY_GUEST_ALIAS, %rax
    sub     %rax, %rsp
    movabs  $1f, %rax
    jmp     *%rax
1:  mov     %rsp, %rdi
    // Five words of the frame, the error code and fifteen registers make an odd number, which leaves the stack off by eight.
    sub     $8, %rsp
    call    skerry_communication
    add     $8, %rsp
    pop     %rdi
    pop     %rsi
    pop     %rdx
    pop     %rcx
    pop     %rax
    pop     %r8
    pop     %r9
    pop     %r10
    pop     %r11
    pop     %rbx
    pop     %rbp
    pop     %r12
    pop     %r13
    pop     %r14
    pop     %r15
    add     $8, %rsp
    iretq
