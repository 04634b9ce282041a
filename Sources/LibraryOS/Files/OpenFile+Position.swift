extension OpenFile {
    /// Hands the file offset to one call, as Linux's `f_pos_lock`: reads, writes and seeks on one description are atomic to each other, and no lock is
    /// held across host I/O. nil: another call has it; wait on `positionQueue`.
    func claimPosition() -> Int64? {
        lock.withLock {
            if positionIsClaimed { return nil }
            positionIsClaimed = true
            return position
        }
    }

    /// Gives the offset back, moved to `newPosition` unless nil.
    func releasePosition(_ newPosition: Int64?) {
        let waiters = lock.withLock {
            if let newPosition { position = newPosition }
            positionIsClaimed = false
            return positionWaiters
        }
        waiters?.wakeAll()
    }

    /// Where calls wait for the offset.
    var positionQueue: WaitQueue {
        lock.withLock {
            if let positionWaiters { return positionWaiters }
            let queue = WaitQueue()
            positionWaiters = queue
            return queue
        }
    }

    /// O_APPEND, O_NONBLOCK and the rest as they are now.
    var currentFlags: OpenFlags { lock.withLock { statusFlags } }
}

extension Task {
    /// The open file of a descriptor for everything but the few calls that O_PATH descriptors allow; `EBADF`.
    func file(_ descriptor: Int32) throws(Errno) -> OpenFile {
        let file = try descriptors.file(descriptor)
        if file.access.contains(.path) { throw .EBADF }
        return file
    }

    /// RLIMIT_NOFILE.
    var descriptorLimit: UInt64 { limit(ResourceLimits.openFiles) }

    /// The soft limit of a resource.
    func limit(_ resource: Int) -> UInt64 { group.lock.withLock { group.limits[resource]?.soft ?? .max } }

    /// `access_ok` of the kernel: the range lies in the part of the address space that programs may use.
    func checkRange(_ address: GuestAddress, _ length: GuestLength) throws(Errno) {
        let end = GuestAddress.userEnd.value
        if address.value > end || length.value > end &- address.value { throw .EFAULT }
    }
}

extension OpenFile {
    /// Hands on what lies behind the position of a list whose entry n ends at offset n, until there is no room for more.
    final func emitRest(of list: [DirectoryEntry], _ emit: (DirectoryEntry) -> Bool) {
        let start = lock.withLock { position }
        // By the entries' own positions: a list that has lost entries since the last call still goes on where that call ended.
        var (low, high) = (0, list.count)
        while low < high {
            let middle = (low &+ high) / 2
            if list[middle].next <= start { low = middle &+ 1 } else { high = middle }
        }
        for entry in list[low...] {
            if !emit(entry) { return }
            lock.withLock { position = entry.next }
        }
    }
}
