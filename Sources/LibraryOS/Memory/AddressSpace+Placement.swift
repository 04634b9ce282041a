/// Memory of code that is no Linux program, such as a trusted application: whoever loads it says what lies where.
extension AddressSpace {
    /// Maps zeroed private memory at exactly this place. `EINVAL` unless address and length are multiples of 4,096, `EEXIST` when something is there
    /// already, `EPERM` below the lowest address, `ENOMEM`.
    package func mapZeroed(at address: GuestAddress, length: UInt64, _ protection: PageProtection) throws(Errno) {
        var request = MappingRequest(backing: AnonymousBacking(physicalMemory: physicalMemory))
        request.address = address.value
        request.length = length
        request.protection = protection
        request.placement = .fixedNoReplace
        _ = try map(request)
    }

    /// As munmap(2).
    package func unmapRange(at address: GuestAddress, length: UInt64) throws(Errno) { try unmap(address, length: length) }

    /// As mprotect(2).
    package func protectRange(at address: GuestAddress, length: UInt64, _ protection: PageProtection) throws(Errno) {
        try protect(address, length: length, protection)
    }

    /// Whether all of a range is mapped with at least `protection`; nothing is touched.
    package func allows(_ protection: PageProtection, at address: GuestAddress, length: UInt64) -> Bool {
        let (end, overflow) = address.value.addingReportingOverflow(length)
        if overflow || end > GuestAddress.userEnd.value { return false }
        lock.lock()
        defer { lock.unlock() }
        var position = address.value
        for slice in areas.slices(address.value, end) {
            guard slice.start <= position, protection.isSubset(of: slice.protection) else { return false }
            position = slice.end
        }
        return position >= end
    }
}
