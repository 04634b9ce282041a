// The only instructions of the monitor that may fault on guest memory. Each range [start, end) has a fix-up address in the table at the end.
    .text
    .global skerry_guest_copy
    .type skerry_guest_copy, @function
skerry_guest_copy:
    mov     %rdx, %rcx
.Lcopy:
    rep movsb
.Lcopy_end:
    mov     %rcx, %rax
    ret

    .global skerry_guest_load32
    .type skerry_guest_load32, @function
skerry_guest_load32:
.Lload:
    mov     (%rdi), %eax
.Lload_end:
    mov     %eax, (%rsi)
    xor     %eax, %eax
    ret

    .global skerry_guest_store32
    .type skerry_guest_store32, @function
skerry_guest_store32:
.Lstore:
    mov     %esi, (%rdi)
.Lstore_end:
    xor     %eax, %eax
    ret

    .global skerry_guest_compare_exchange32
    .type skerry_guest_compare_exchange32, @function
skerry_guest_compare_exchange32:
    mov     (%rsi), %eax
.Lexchange:
    lock cmpxchg %edx, (%rdi)
.Lexchange_end:
    mov     %eax, (%rsi)
    xor     %eax, %eax
    ret

.Lfailed:
    mov     $-1, %eax
    ret

    .section .data.rel.ro, "aw", @progbits
    .balign 8
    .global skerry_guest_access_fixups
skerry_guest_access_fixups:
    .quad   .Lcopy, .Lcopy_end, .Lcopy_end
    .quad   .Lload, .Lload_end, .Lfailed
    .quad   .Lstore, .Lstore_end, .Lfailed
    .quad   .Lexchange, .Lexchange_end, .Lfailed
    .quad   0, 0, 0

    .section .note.GNU-stack, "", @progbits
