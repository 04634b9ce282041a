// The virtual dynamic shared object (vdso(7)): a whole ELF image laid out by hand, one page, copied into guest memory behind the clock
// page (guest_clock.h), which it addresses relative to itself.
//
// Programs and run times find the functions in the dynamic symbol table by name and version LINUX_2.6, as in Linux. Every function is a leaf
// that leaves the stack alone, so that one frame description covers all code and unwinders pass. The arithmetic is that of
// `ClockLine` in the monitor, to the last bit.

#include "guest_clock.h"

#define SYS_gettimeofday 96
#define SYS_time 201
#define SYS_clock_gettime 228
#define SYS_clock_getres 229
#define SYS_getcpu 309

// How often to look for the end of a change before the system call, which can sleep until then.
#define PATIENCE 64

    .section .rodata.skerry_vdso, "a", @progbits
    .balign 4096
    .global skerry_vdso_start
skerry_vdso_start:
image:
    .set clocks, image - 4096

// MARK: ELF header and program headers

    .byte   0x7f, 'E', 'L', 'F', 2, 1, 1, 0             // 64 bit, little endian, ELF version, System V
    .quad   0
    .word   3, 62                                       // ET_DYN, EM_X86_64
    .long   1                                           // EV_CURRENT
    .quad   0                                           // e_entry
    .quad   program_headers - image
    .quad   section_headers - image
    .long   0                                           // e_flags
    .word   64, 56, 4, 64                               // sizes; four program headers
    .word   (section_headers_end - section_headers) / 64
    .word   10                                          // .shstrtab

.macro SEGMENT type, flags, start, end, alignment
    .long   \type, \flags
    .quad   \start - image, \start - image, \start - image
    .quad   \end - \start, \end - \start
    .quad   \alignment
.endm
program_headers:
    SEGMENT 1, 5, image, image_end, 4096                // PT_LOAD, read and execute
    SEGMENT 2, 4, dynamic, dynamic_end, 8               // PT_DYNAMIC
    SEGMENT 0x6474e550, 4, frame_header, frame_header_end, 4 // PT_GNU_EH_FRAME
    SEGMENT 0x6474e551, 6, image, image, 16             // PT_GNU_STACK: no executable stack

// MARK: Dynamic linking

// One bucket whose chain holds every symbol: with eleven names a search is as short as a hash.
    .balign 8
hash:
    .long   1, 12, 1
    .long   0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0
hash_end:

.macro FUNCTION_SYMBOL name, binding, function
    .long   \name - strings
    .byte   \binding << 4 | 2, 0                        // STT_FUNC, STV_DEFAULT
    .word   9                                           // .text
    .quad   \function - image, \function\()_end - \function
.endm
    .balign 8
symbols:
    .fill   24, 1, 0
    FUNCTION_SYMBOL name_clock_gettime, 1, clock_gettime
    FUNCTION_SYMBOL name_gettimeofday, 1, gettimeofday
    FUNCTION_SYMBOL name_time, 1, time
    FUNCTION_SYMBOL name_clock_getres, 1, clock_getres
    FUNCTION_SYMBOL name_getcpu, 1, getcpu
    FUNCTION_SYMBOL name_clock_gettime + 7, 2, clock_gettime
    FUNCTION_SYMBOL name_gettimeofday + 7, 2, gettimeofday
    FUNCTION_SYMBOL name_time + 7, 2, time
    FUNCTION_SYMBOL name_clock_getres + 7, 2, clock_getres
    FUNCTION_SYMBOL name_getcpu + 7, 2, getcpu
    .long   name_version - strings                      // the version itself: STT_OBJECT, SHN_ABS
    .byte   1 << 4 | 1, 0
    .word   0xfff1
    .quad   0, 0
symbols_end:

// The weak names without "__vdso_" are the ends of the strong ones.
strings:
    .byte   0
name_clock_gettime: .asciz "__vdso_clock_gettime"
name_gettimeofday:  .asciz "__vdso_gettimeofday"
name_time:          .asciz "__vdso_time"
name_clock_getres:  .asciz "__vdso_clock_getres"
name_getcpu:        .asciz "__vdso_getcpu"
name_object:        .asciz "linux-vdso.so.1"
name_version:       .asciz "LINUX_2.6"
strings_end:

    .balign 8
symbol_versions:
    .word   0, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2
symbol_versions_end:

    .balign 8
versions:
    .word   1, 1, 1, 1                                  // VER_FLG_BASE: the object's own name
    .long   0x0deebfa1, 20, 28                          // its System V hash, to its name, to the next definition
    .long   name_object - strings, 0
    .word   1, 0, 2, 1
    .long   0x03ae75f6, 20, 0
    .long   name_version - strings, 0
versions_end:

    .balign 8
dynamic:
    .quad   14, name_object - strings                   // DT_SONAME
    .quad   4, hash - image                             // DT_HASH
    .quad   5, strings - image                          // DT_STRTAB
    .quad   6, symbols - image                          // DT_SYMTAB
    .quad   10, strings_end - strings                   // DT_STRSZ
    .quad   11, 24                                      // DT_SYMENT
    .quad   0x6ffffff0, symbol_versions - image         // DT_VERSYM
    .quad   0x6ffffffc, versions - image                // DT_VERDEF
    .quad   0x6ffffffd, 2                               // DT_VERDEFNUM
    .quad   0, 0
dynamic_end:

// MARK: Unwinding

    .balign 4
frame_header:
    .byte   1, 0x1b, 0x03, 0x3b                         // pointer: pcrel sdata4; count: udata4; table: datarel sdata4
    .long   frames - .
    .long   1
    .long   text - frame_header, frame_description - frame_header
frame_header_end:

    .balign 8
frames:
    .long   2f - 1f
1:  .long   0                                           // a common information entry
    .byte   1
    .asciz  "zR"
    .byte   1, 0x78, 16, 1, 0x1b                        // code 1, data -8, return address in column 16; addresses: pcrel sdata4
    .byte   0x0c, 7, 8, 0x90, 1                         // the frame's address is rsp + 8, the return address lies 8 below it
    .balign 8, 0
2:
frame_description:
    .long   4f - 3f
3:  .long   . - frames
    .long   text - .
    .long   text_end - text
    .byte   0
    .balign 8, 0
4:  .long   0
frames_end:

// MARK: Code

// Reads the clock whose table entry is at \entry(%r8): nanoseconds into rax. Goes to \otherwise when the page may not be used.
// Changes rcx, rdx, r10 and r11. %r8 holds the clock page.
.macro READ_CLOCK entry:vararg
    mov     $PATIENCE, %r10d
1:  mov     SKERRY_CLOCK_SEQUENCE(%r8), %r11d
    test    $1, %r11b
    jnz     2f
    cmpl    $1, SKERRY_CLOCK_MODE(%r8)
    jne     9f
    lfence
    rdtsc
    shl     $32, %rdx
    or      %rdx, %rax
    // Zero, but not before the counter has been read: the sequence must not be looked at again any earlier.
    mov     %eax, %ecx
    and     $0, %ecx
    xor     %edx, %edx
    // A processor whose counter is a little behind reads the origin's time, not one before it.
    sub     SKERRY_CLOCK_ORIGIN(%r8), %rax
    cmovb   %rdx, %rax
    mulq    8 + \entry
    shrd    $SKERRY_CLOCK_SHIFT, %rdx, %rax
    add     \entry, %rax
    cmp     SKERRY_CLOCK_SEQUENCE(%r8, %rcx), %r11d
    je      3f
2:  dec     %r10d
    jz      9f
    pause
    jmp     1b
3:
.endm

// Divides rax (nanoseconds) by a second: seconds into rdx, the rest into rax. Changes rcx.
.macro SPLIT_SECONDS
    mov     %rax, %rcx
    mov     $0x44b82fa09b5a53, %rdx                     // 2^75 / 5^9, rounded up: exact for every dividend below 2^64
    shr     $9, %rax
    mul     %rdx
    shr     $11, %rdx
    imul    $1000000000, %rdx, %rax
    sub     %rax, %rcx
    mov     %rcx, %rax
.endm

.macro SYSTEM_CALL number
    mov     $\number, %eax
    syscall
    ret
.endm

    .balign 64
text:
// int clock_gettime(clockid_t, struct timespec *)
clock_gettime:
    cmp     $(SKERRY_CLOCK_COUNT - 1), %edi
    ja      9f
    mov     $SKERRY_CLOCK_SERVED, %eax
    bt      %edi, %eax
    jnc     9f
    lea     clocks(%rip), %r8
    mov     %edi, %r9d
    shl     $4, %r9d
    READ_CLOCK SKERRY_CLOCK_TABLE(%r8, %r9)
    SPLIT_SECONDS
    mov     %rdx, (%rsi)
    mov     %rax, 8(%rsi)
    xor     %eax, %eax
    ret
9:  SYSTEM_CALL SYS_clock_gettime
clock_gettime_end:

    .balign 16
// int gettimeofday(struct timeval *, struct timezone *)
gettimeofday:
    test    %rdi, %rdi
    jz      5f
    lea     clocks(%rip), %r8
    READ_CLOCK SKERRY_CLOCK_TABLE(%r8)
    SPLIT_SECONDS
    mov     %rdx, (%rdi)
    // Microseconds: a thousandth of a number below 2^30.
    imul    $0x10624dd3, %rax, %rax
    shr     $38, %rax
    mov     %rax, 8(%rdi)
5:  test    %rsi, %rsi
    jz      6f
    movq    $0, (%rsi)
6:  xor     %eax, %eax
    ret
9:  SYSTEM_CALL SYS_gettimeofday
gettimeofday_end:

    .balign 16
// time_t time(time_t *)
time:
    lea     clocks(%rip), %r8
    READ_CLOCK SKERRY_CLOCK_TABLE(%r8)
    SPLIT_SECONDS
    mov     %rdx, %rax
    test    %rdi, %rdi
    jz      5f
    mov     %rax, (%rdi)
5:  ret
9:  SYSTEM_CALL SYS_time
time_end:

    .balign 16
// int clock_getres(clockid_t, struct timespec *)
clock_getres:
    cmp     $(SKERRY_CLOCK_COUNT - 1), %edi
    ja      9f
    mov     $SKERRY_CLOCK_SERVED, %eax
    bt      %edi, %eax
    jnc     9f
    test    %rsi, %rsi
    jz      5f
    mov     $1, %eax
    mov     $SKERRY_CLOCK_COARSE, %ecx
    mov     $SKERRY_CLOCK_TICK, %edx
    bt      %edi, %ecx
    cmovc   %edx, %eax
    movq    $0, (%rsi)
    mov     %rax, 8(%rsi)
5:  xor     %eax, %eax
    ret
9:  SYSTEM_CALL SYS_clock_getres
clock_getres_end:

    .balign 16
// long getcpu(unsigned *cpu, unsigned *node, void *unused)
getcpu:
    SYSTEM_CALL SYS_getcpu
getcpu_end:
text_end:

// MARK: Section headers, for tools

section_names:
    .byte   0
section_hash:            .asciz ".hash"
section_symbols:         .asciz ".dynsym"
section_strings:         .asciz ".dynstr"
section_symbol_versions: .asciz ".gnu.version"
section_versions:        .asciz ".gnu.version_d"
section_dynamic:         .asciz ".dynamic"
section_frame_header:    .asciz ".eh_frame_hdr"
section_frames:          .asciz ".eh_frame"
section_text:            .asciz ".text"
section_section_names:   .asciz ".shstrtab"
section_names_end:

.macro SECTION name, type, flags, start, link, information, alignment, entry
    .long   section_\name - section_names, \type
    .quad   \flags, \start - image, \start - image, \start\()_end - \start
    .long   \link, \information
    .quad   \alignment, \entry
.endm
    .balign 8
section_headers:
    .fill   64, 1, 0
    SECTION hash, 5, 2, hash, 2, 0, 8, 4
    SECTION symbols, 11, 2, symbols, 3, 1, 8, 24
    SECTION strings, 3, 2, strings, 0, 0, 1, 0
    SECTION symbol_versions, 0x6fffffff, 2, symbol_versions, 2, 0, 2, 2
    SECTION versions, 0x6ffffffd, 2, versions, 3, 2, 8, 0
    SECTION dynamic, 6, 2, dynamic, 3, 0, 8, 16
    SECTION frame_header, 1, 2, frame_header, 0, 0, 4, 0
    SECTION frames, 1, 2, frames, 0, 0, 8, 0
    SECTION text, 1, 6, text, 0, 0, 64, 0
    SECTION section_names, 3, 0, section_names, 0, 0, 1, 0
section_headers_end:
image_end:
// Fills the page; an error here says that the image has outgrown it.
    .org    image + 4096
    .global skerry_vdso_end
skerry_vdso_end:

    .section .note.GNU-stack, "", @progbits
