// The guest of scripts/test-private-memory: it does what the test tells it through a port, one step at a time, and reports what it found. Position-independent
// 64-bit code at CPL 0 on an identity map; without interrupts and without an interrupt table, so that every exception is a triple fault.
//
// A command is five 64-bit words, each read as two 32-bit words: which, then r12, rbx, rcx and rdi. The answer is one 64-bit word, written likewise. Nothing of
// it is in memory, because memory is what is tested; only the code and the return addresses are.

#include "private_memory_guest.h"

    .section .rodata.skerry_private_memory, "a", @progbits
    .code64

    .balign 4096
    .global skerry_private_memory_start
skerry_private_memory_start:
next:
    call    receive
    mov     %rax, %rbp
    call    receive
    mov     %rax, %r12
    call    receive
    mov     %rax, %rbx
    call    receive
    mov     %rax, %rcx
    call    receive
    mov     %rax, %rdi
    cmp     $PRIVATE_MEMORY_READ, %rbp
    je      read
    cmp     $PRIVATE_MEMORY_FILL, %rbp
    je      fill
    cmp     $PRIVATE_MEMORY_ANY, %rbp
    je      any
    cmp     $PRIVATE_MEMORY_CALL, %rbp
    je      hypercall
    cmp     $PRIVATE_MEMORY_NEST, %rbp
    je      nest
    ud2

// rax: the word at rbx.
read:
    mov     (%rbx), %rax
    jmp     answer

// rcx words from rbx on become r12.
fill:
    mov     %r12, %rax
    mov     %rbx, %rdi
    rep stosq
    jmp     answer

// rax: the words from rbx on, rcx of them, or-ed together.
any:
    xor     %eax, %eax
1:  or      (%rbx), %rax
    add     $8, %rbx
    dec     %rcx
    jnz     1b
    jmp     answer

// vmmcall with the number r12 and the arguments rbx, rcx and rdi; rax: what KVM answers.
hypercall:
    mov     %r12, %rax
    mov     %rdi, %rdx
    xor     %esi, %esi
    vmmcall
    jmp     answer

// Runs the guest of this guest whose control block is at r12, with rbx, rcx and rdi; rax: its rsi (AMD APM volume 2, 15.5).
nest:
    mov     %rcx, %r8
    mov     $PRIVATE_MEMORY_HOST_STATE, %eax
    xor     %edx, %edx
    mov     $0xC0010117, %ecx
    wrmsr
    mov     %r8, %rcx
    xor     %esi, %esi
    mov     %r12, %rax
    vmrun
    mov     %rsi, %rax

answer:
    mov     $PRIVATE_MEMORY_PORT, %edx
    out     %eax, %dx
    shr     $32, %rax
    out     %eax, %dx
    jmp     next

receive:
    mov     $PRIVATE_MEMORY_PORT, %edx
    in      %dx, %eax
    mov     %eax, %esi
    in      %dx, %eax
    shl     $32, %rax
    or      %rsi, %rax
    ret

// What the nested guest runs. Its vmmcall goes to the guest above, and not to KVM's user.
    .balign 16
    .global skerry_private_memory_nested_read
skerry_private_memory_nested_read:
    mov     (%rbx), %rsi
    vmmcall

    .balign 16
    .global skerry_private_memory_nested_write
skerry_private_memory_nested_write:
    mov     %rcx, (%rbx)
    mov     %rcx, %rsi
    vmmcall

// rcx times the word at rbx, then that at rdi, with nothing in between.
    .balign 16
    .global skerry_private_memory_nested_alternate
skerry_private_memory_nested_alternate:
    mov     (%rbx), %rsi
    mov     (%rdi), %rsi
    dec     %rcx
    jnz     skerry_private_memory_nested_alternate
    mov     $0x600D, %esi
    vmmcall

    .global skerry_private_memory_end
skerry_private_memory_end:

    .section .note.GNU-stack, "", @progbits
