/// Loads shared libraries into an application that runs (OP-TEE's ldelf/dl.c); the loader of applications conforms.
protocol LibraryLoading: AnyObject {
    /// Puts a library and the libraries it needs into the instance's memory, relocated, and makes them known to its runtime library (`__elf_phdr_info`).
    /// Nothing happens when it is there.
    ///
    /// Errors: `itemNotFound` when no folder has it or a symbol is missing, `outOfMemory`, and what is wrong with its file. The thread has entered the instance.
    func load(_ library: TEEUUID, into instance: TAInstance) throws(TEEResult)

    /// The address of an exported symbol, looked for in the library first and then in all images, or in all at once without a library.
    ///
    /// Errors: `itemNotFound` for a library that is not loaded and a symbol that no image has.
    func symbol(_ name: [UInt8], of library: TEEUUID?, in instance: TAInstance) throws(TEEResult) -> UInt64
}

/// Knows which applications there are; the loader of applications conforms.
protocol ApplicationListing: AnyObject {
    /// Every application that the folders have and that may be loaded, with its TA_FLAG_* flags.
    func applications() -> [(uuid: TEEUUID, flags: TAFlags)]
}

/// Knows the digests of application files; the loader of applications conforms.
protocol ApplicationDigesting: AnyObject {
    /// The SHA-256 digest that the signed header of an application's or library's file has (`struct shdr`, after it was verified); of a plain ELF file that of the file.
    ///
    /// Errors: `itemNotFound` when no folder has it, and what is wrong with its file.
    func headerDigest(of uuid: TEEUUID) throws(TEEResult) -> [UInt8]
}

/// How much of a memory is in use (OP-TEE's struct pta_stats_alloc).
struct AllocationStatistics: Hashable, Sendable {
    /// Bytes in use now, and the most there were.
    var allocated: UInt64 = 0
    var largestAllocated: UInt64 = 0
    /// Bytes in all.
    var size: UInt64 = 0
    /// Requests that failed, the largest of them in bytes, and the bytes that were in use at that time.
    var failures: UInt32 = 0
    var largestFailure: UInt64 = 0
    var allocatedAtFailure: UInt64 = 0
}

/// An instance as statistics show it (OP-TEE's struct pta_stats_ta).
struct InstanceStatistics: Sendable {
    var uuid: TEEUUID
    var hasPanicked: Bool
    var sessionCount: Int
    /// Of its own heap, when that is known.
    var heap = AllocationStatistics()
}

/// Knows the instances that are loaded; the secure world conforms.
protocol InstanceListing: AnyObject {
    /// Every instance, those that have panicked and still have sessions included.
    func instanceStatistics() -> [InstanceStatistics]
}

extension SecureWorld {
    // A world whose parts do not conform answers as an OP-TEE that is configured without the service.
    var libraries: (any LibraryLoading)? { part(loader) }
    var applicationList: (any ApplicationListing)? { part(loader) }
    var applicationDigests: (any ApplicationDigesting)? { part(loader) }
    var instanceList: (any InstanceListing)? { part(self) }

    private func part<Part>(_ object: AnyObject) -> Part? { object as? Part }
}
