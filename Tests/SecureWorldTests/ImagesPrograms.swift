import Foundation
@testable import SecureWorld

/// Trusted applications and libraries in ELF form, built with gcc and ld the way the TA linker script of OP-TEE lays them out.
struct ImagesPrograms: Sendable {
    enum Program: Sendable, CaseIterable {
        /// A TA that needs the library, and one that needs nothing.
        case application, alone
        case library
        /// A library without dependencies, which the system's own loader can load.
        case plain
    }

    let application: [UInt8]
    let alone: [UInt8]
    let library: [UInt8]
    let plain: [UInt8]

    subscript(_ program: Program) -> [UInt8] {
        switch program {
        case .application: application
        case .alone: alone
        case .library: library
        case .plain: plain
        }
    }

    static let libraryUUID = TEEUUID("b3091a65-9751-4784-abf7-0298a7cc35ba") ?? .null

    /// Built once for all tests.
    static let built: Result<ImagesPrograms, any Error> = Result { try ImagesPrograms() }

    private init() throws {
        let folder = try ImagesFolder()
        try folder.write("ta.lds", Self.linkerScript)
        try folder.write("exported", "{ __elf_phdr_info; application_double; };")
        try folder.write("head.c", Self.head)
        try folder.write("application.c", Self.application)
        try folder.write("alone.c", Self.alone)
        try folder.write("library.c", Self.library)
        try folder.write("plain.c", Self.plain)
        let compile = ["gcc", "-O1", "-fPIC", "-ffreestanding", "-fno-stack-protector", "-fno-asynchronous-unwind-tables", "-nostdlib"]
        let uuid = "\(Self.libraryUUID)"
        try ImagesSupport.run(compile + ["-shared", "-Wl,-soname,\(uuid)", "-Wl,-z,max-page-size=4096", "-o", "lib.so", "library.c"], in: folder.path)
        let link = ["-pie", "-Wl,-T,ta.lds", "-Wl,-e__ta_entry", "-Wl,-z,max-page-size=4096", "-Wl,--sort-section=alignment", "-Wl,--dynamic-list,exported"]
        try ImagesSupport.run(compile + link + ["-o", "application.elf", "head.c", "application.c", "lib.so"], in: folder.path)
        try ImagesSupport.run(compile + link + ["-o", "alone.elf", "head.c", "alone.c"], in: folder.path)
        try ImagesSupport.run(compile + ["-shared", "-o", "plain.so", "plain.c"], in: folder.path)
        application = try folder.read("application.elf")
        alone = try folder.read("alone.elf")
        library = try folder.read("lib.so")
        plain = try folder.read("plain.so")
    }

    /// A TA of other source text or linker options.
    static func build(_ source: String, _ options: [String] = [], script: String = linkerScript, shared: Bool = false) throws -> [UInt8] {
        let folder = try ImagesFolder()
        try folder.write("ta.lds", script)
        try folder.write("source.c", source)
        let kind = shared ? ["-shared"] : ["-pie", "-Wl,-T,ta.lds", "-Wl,-e__ta_entry"]
        try ImagesSupport.run(
            ["gcc", "-O1", "-fPIC", "-ffreestanding", "-fno-stack-protector", "-fno-asynchronous-unwind-tables", "-nostdlib", "-Wl,-z,max-page-size=4096"] + kind + options + [
                "-o", "out", "source.c",
            ],
            in: folder.path)
        return try folder.read("out")
    }

    /// Code first, beginning with the head, then data; and relocations in two sections that do not follow each other.
    static let linkerScript = """
        OUTPUT_FORMAT("elf64-x86-64")
        ENTRY(__ta_entry)
        PHDRS { rx PT_LOAD FLAGS(5); rw PT_LOAD FLAGS(6); dynamic PT_DYNAMIC; tls PT_TLS; }
        SECTIONS {
            .ta_head : { KEEP(*(.ta_head)) } :rx
            .text : { *(.text .text.*) } :rx
            .plt : { *(.plt .plt.*) } :rx
            .rodata : { *(.rodata .rodata.*) } :rx
            .hash : { *(.hash) } :rx
            .gnu.hash : { *(.gnu.hash) } :rx
            .dynsym : { *(.dynsym) } :rx
            .dynstr : { *(.dynstr) } :rx
            .rela.dyn : { *(.rela.init) *(.rela.text .rela.text.*) *(.rela.rodata*) *(.rela.data*) *(.rela.tdata*) *(.rela.plt) } :rx
            . = ALIGN(4096);
            .dynamic : { *(.dynamic) } :rw :dynamic
            .rela.got : { *(.rela.got) } :rw
            .tdata : { *(.tdata .tdata.*) } :rw :tls
            .tbss : { *(.tbss .tbss.*) } :rw :tls
            .data : { *(.data .data.*) } :rw
            .got : { *(.got) *(.got.plt) } :rw
            .bss : { *(.bss .bss.*) *(COMMON) } :rw
            /DISCARD/ : { *(.comment) *(.note*) *(.interp) }
        }
        """

    static let head = """
        struct ta_head { unsigned char uuid[16]; unsigned stack_size, flags; unsigned long depr_entry; };
        __attribute__((section(".ta_head"), used)) const struct ta_head ta_head = {
            { 0x00, 0xf2, 0xaa, 0x8a, 0x50, 0x24, 0xe4, 0x11, 0xab, 0xe2, 0, 2, 0xa5, 0xd5, 0xc5, 0x1b }, 6152, 0x3004, ~0UL };

        """

    /// Entered with a number; each answer depends on a relocation.
    private static let application = """
        struct { unsigned reserved; unsigned short count; unsigned char reserved2; char zero; void *info; } __elf_phdr_info;
        extern int library_add(int, int), library_value, library_call(int);
        extern int *library_pointer;
        extern __thread int library_thread_value;
        extern int absent(void) __attribute__((weak));
        __thread int thread_value = 77;
        __thread int thread_zero;
        static int one(void) { return 1; }
        static int two(void) { return 2; }
        int (*volatile table[])(void) = { one, two };
        static int own = 40;
        int *volatile own_pointer = &own;
        int (*volatile added)(int, int) = library_add;
        int *volatile second = &library_value + 1;
        static char heap[300000];
        int application_double(int x) { return 2 * x; }
        long __ta_entry(unsigned long what) {
            long offset;
            switch (what) {
            case 0: return table[0]() * 10 + table[1]();
            case 1: return *own_pointer;
            case 2: return library_add(20, 3);
            case 3: return added(30, 4);
            case 4: return library_value;
            case 5: return (int *)second - &library_value;
            case 6: return library_call(21);
            case 7: return absent ? 1 : 0;
            case 8: return library_pointer == &library_value;
            case 9: __asm__("movq $thread_value@tpoff, %0" : "=r"(offset)); return offset;
            case 10: __asm__("movq library_thread_value@gottpoff(%%rip), %0" : "=r"(offset)); return offset;
            case 11: heap[299999] += 3; return heap[299999] + heap[0];
            case 12: return (long)&__elf_phdr_info;
            }
            return -1;
        }
        """

    private static let alone = """
        static int value = 5;
        int *volatile pointer = &value;
        long __ta_entry(unsigned long what) { return *pointer + what; }
        """

    private static let library = """
        extern int application_double(int);
        int library_value = 123, library_next = 5;
        int *library_pointer = &library_value;
        _Alignas(64) __thread char library_block[100] = { 1 };
        __thread int library_thread_value = 9;
        int library_add(int a, int b) { return a + b; }
        int library_call(int x) { return application_double(x); }
        int *library_thread(void) { return &library_thread_value; }
        extern void *__tls_get_addr(void *);
        __attribute__((weak)) void *__tls_get_addr(void *index) { return index; }
        """

    private static let plain = """
        static int hidden[4];
        int number = 1;
        static int function(void) { return number; }
        extern int absent(void) __attribute__((weak));
        void *const pointers[] = { &number, hidden + 2, (void *)function, pointers, (void *)absent, (char *)&number - 3 };
        void *more[] = { more + 1, (void *)function };
        int again(void) { return function(); }
        """
}
