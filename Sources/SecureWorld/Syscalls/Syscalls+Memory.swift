/// TEE_CheckMemoryAccessRights beyond what the runtime library knows, and the cache operations (TEE Internal Core API 4.11.1).
extension TEESyscallTable {
    static let memoryEntries: [Entry] = [
        entry(
            8, "check_access_rights", 3, "Says whether the application may access a range of its memory in that way.",
            limits: "memory of parameters counts as a client's, even if another application is the client", checkAccessRights),
        entry(
            70, "cache_operation", 3, "Cleans, flushes or invalidates caches of parameter memory.",
            limits: "caches are coherent: only the rights are checked", cacheOperation),
    ]

    /// TEE_MEMORY_ACCESS_*, and OP-TEE's extensions for memory that may only be (non-)secure.
    private enum Access {
        static let read: UInt32 = 1, write: UInt32 = 2, anyOwner: UInt32 = 4, nonSecure: UInt32 = 1 << 28, secure: UInt32 = 1 << 29
    }

    @Sendable private static func checkAccessRights(_ call: inout TEECall) throws(TEEResult) {
        let (flags, address, length) = (call.number(0), call.word(1), call.word(2))
        if length == 0 { return }
        guard flags & (Access.nonSecure | Access.secure) != Access.nonSecure | Access.secure else { throw .accessDenied }
        let instance = call.instance
        let isParameter = instance.parameterArea.touches(address, length)
        if flags & Access.anyOwner == 0, isParameter { throw .accessDenied }
        // Parameters came from a client's memory.
        if flags & Access.secure != 0, isParameter { throw .accessDenied }
        if flags & Access.nonSecure != 0, !isParameter { throw .accessDenied }
        guard call.memory.allows(write: false, address, length), flags & Access.write == 0 || call.memory.allows(write: true, address, length) else {
            throw .accessDenied
        }
    }

    /// Caches are coherent here: what matters is who may ask, and for what. It is the memory of parameters, and none of the application's own (OP-TEE's
    /// syscall_cache_operation).
    @Sendable private static func cacheOperation(_ call: inout TEECall) throws(TEEResult) {
        guard call.instance.flags.contains(.cacheMaintenance) else { throw .notSupported }
        let (length, operation) = (call.word(1), call.word(2))
        try call.require(0, count: length, write: false, anyOwner: true)
        if length > 0, !call.instance.parameterArea.contains(call.word(0), length) { throw .accessDenied }
        // TEE_CACHECLEAN, TEE_CACHEFLUSH, TEE_CACHEINVALIDATE.
        guard operation <= 2 else { throw .notSupported }
    }
}

extension ParameterArea {
    func touches(_ address: UInt64, _ length: UInt64) -> Bool {
        let (end, overflow) = address.addingReportingOverflow(length)
        return size > 0 && (overflow || end > start) && address < start &+ size
    }
    func contains(_ address: UInt64, _ length: UInt64) -> Bool {
        let (end, overflow) = address.addingReportingOverflow(length)
        return size > 0 && !overflow && address >= start && end <= start &+ size
    }
}
