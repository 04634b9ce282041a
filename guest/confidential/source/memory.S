// The functions on memory that compilers and the cryptographic library call, and those for memory that is shared with the host.

    .text
    .global __memcpy_chk, __memset_chk, memcpy, memmove, memset, memcmp, strlen, skerry_read_shared, skerry_write_shared, skerry_wipe
// As the library was compiled with _FORTIFY_SOURCE: RCX is what fits.
__memcpy_chk:
    cmp     %rcx, %rdx
    ja      __stack_chk_fail
    jmp     memcpy
__memset_chk:
    cmp     %rcx, %rdx
    ja      __stack_chk_fail
    jmp     memset
memmove:
    mov     %rdi, %rax
    sub     %rsi, %rax
    cmp     %rdx, %rax
    jae     memcpy
    // The destination begins inside the source: from the end.
    mov     %rdi, %rax
    mov     %rdx, %rcx
    lea     -1(%rdi,%rdx), %rdi
    lea     -1(%rsi,%rdx), %rsi
    std
    rep movsb
    cld
    ret
memcpy:
skerry_read_shared:
skerry_write_shared:
    mov     %rdi, %rax
    mov     %rdx, %rcx
    rep movsb
    ret
memset:
    mov     %rdi, %r8
    mov     %esi, %eax
    mov     %rdx, %rcx
    rep stosb
    mov     %r8, %rax
    ret
skerry_wipe:
    xor     %eax, %eax
    mov     %rsi, %rcx
    rep stosb
    ret
memcmp:
    xor     %eax, %eax
    xor     %ecx, %ecx
1:  cmp     %rdx, %rcx
    je      2f
    movzbl  (%rdi,%rcx), %eax
    movzbl  (%rsi,%rcx), %r8d
    inc     %rcx
    sub     %r8d, %eax
    je      1b
2:  ret
strlen:
    xor     %eax, %eax
1:  cmpb    $0, (%rdi,%rax)
    je      2f
    inc     %rax
    jmp     1b
2:  ret

// ceil(3), for the sizes of Swift's hash tables. Without SSE a double is passed on the stack and returned by the x87.
    .global ceil
ceil:
    fldl    8(%rsp)
    fnstcw  -8(%rsp)
    movzwl  -8(%rsp), %eax
    and     $0xF3FF, %eax
    or      $0x0800, %eax
    mov     %ax, -16(%rsp)
    fldcw   -16(%rsp)
    frndint
    fldcw   -8(%rsp)
    ret
