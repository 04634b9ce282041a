/// Names of the constants of memory calls.
extension FlagTable {
    static let memory: [String: FlagTable] = [
        "prot": FlagTable(
            .flags, unknown: "PROT_???",
            [
                (0x0, "PROT_NONE"), (0x1, "PROT_READ"), (0x2, "PROT_WRITE"), (0x4, "PROT_EXEC"), (0x1000000, "PROT_GROWSDOWN"), (0x2000000, "PROT_GROWSUP"),
            ]),
        "map": FlagTable(
            .flags, unknown: "MAP_???",
            [
                (0x3, "MAP_SHARED_VALIDATE"), (0x1, "MAP_SHARED"), (0x2, "MAP_PRIVATE"), (0x10, "MAP_FIXED"), (0x20, "MAP_ANONYMOUS"), (0x40, "MAP_32BIT"),
                (0x100, "MAP_GROWSDOWN"), (0x800, "MAP_DENYWRITE"), (0x1000, "MAP_EXECUTABLE"), (0x2000, "MAP_LOCKED"), (0x4000, "MAP_NORESERVE"),
                (0x8000, "MAP_POPULATE"), (0x10000, "MAP_NONBLOCK"), (0x20000, "MAP_STACK"), (0x40000, "MAP_HUGETLB"), (0x80000, "MAP_SYNC"),
                (0x100000, "MAP_FIXED_NOREPLACE"),
            ]),
        "mremap": FlagTable(
            .flags, unknown: "MREMAP_???",
            [
                (0x1, "MREMAP_MAYMOVE"), (0x2, "MREMAP_FIXED"), (0x4, "MREMAP_DONTUNMAP"),
            ]),
        "msync": FlagTable(
            .flags, unknown: "MS_???",
            [
                (0x1, "MS_ASYNC"), (0x2, "MS_INVALIDATE"), (0x4, "MS_SYNC"),
            ]),
        "madvise": FlagTable(
            .values, unknown: "MADV_???",
            [
                (0x0, "MADV_NORMAL"), (0x1, "MADV_RANDOM"), (0x2, "MADV_SEQUENTIAL"), (0x3, "MADV_WILLNEED"), (0x4, "MADV_DONTNEED"), (0x8, "MADV_FREE"),
                (0x9, "MADV_REMOVE"), (0xa, "MADV_DONTFORK"), (0xb, "MADV_DOFORK"), (0xc, "MADV_MERGEABLE"), (0xd, "MADV_UNMERGEABLE"), (0xe, "MADV_HUGEPAGE"),
                (0xf, "MADV_NOHUGEPAGE"), (0x10, "MADV_DONTDUMP"), (0x11, "MADV_DODUMP"), (0x12, "MADV_WIPEONFORK"), (0x13, "MADV_KEEPONFORK"), (0x14, "MADV_COLD"),
                (0x15, "MADV_PAGEOUT"), (0x16, "MADV_POPULATE_READ"), (0x17, "MADV_POPULATE_WRITE"), (0x18, "MADV_DONTNEED_LOCKED"), (0x64, "MADV_HWPOISON"),
                (0x19, "MADV_COLLAPSE"),
            ]),
        "mlock2": FlagTable(
            .flags, unknown: "MLOCK_???",
            [
                (0x1, "MLOCK_ONFAULT")
            ]),
        "mlockall": FlagTable(
            .flags, unknown: "MCL_???",
            [
                (0x1, "MCL_CURRENT"), (0x2, "MCL_FUTURE"), (0x4, "MCL_ONFAULT"),
            ]),
        "memfd": FlagTable(
            .flags, unknown: "MFD_???",
            [
                (0x1, "MFD_CLOEXEC"), (0x2, "MFD_ALLOW_SEALING"), (0x4, "MFD_HUGETLB"), (0x8, "MFD_NOEXEC_SEAL"), (0x10, "MFD_EXEC"),
            ]),
    ]
}
