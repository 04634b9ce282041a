extension AddressSpace {
    /// Copies to memory whatever its protection is, as a debugger does (ptrace(2), PTRACE_POKETEXT). Only for private memory that no other address space
    /// owns, too: `EACCES` for other. `EFAULT` for what is not mapped or cannot even be read.
    package func overwrite(_ source: UnsafeRawBufferPointer, at address: GuestAddress) throws(Errno) {
        guard let base = source.baseAddress, source.count > 0 else { return }
        let (end, overflow) = address.value.addingReportingOverflow(UInt64(source.count))
        if overflow || end > GuestAddress.userEnd.value { throw .EFAULT }
        lock.lock()
        defer { lock.unlock() }
        for area in areas.slices(address.value, end) {
            guard let backing = area.backing as? AnonymousBacking, !backing.mayShare else { throw .EACCES }
        }
        var done = 0
        while done < source.count {
            let piece = try resolve(address.value &+ UInt64(done), limit: source.count &- done, write: false)
            try physicalMemory.copy(from: base + done, to: piece.address, count: piece.count)
            done &+= piece.count
        }
    }
}
