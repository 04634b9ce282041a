import Synchronization

/// The one lock type of the library OS: a futex mutex when hosted, a spin lock inside a confidential guest.
///
/// Locks are never held across a wait or a host call that can block. Handlers that are answered in place (on the service thread)
/// only try-lock. Order is by `rank`: a lock may only be taken while every lock already held by the thread has a smaller rank,
/// which debug builds assert (Lock+Order.swift).
public final class Lock: @unchecked Sendable {
    /// The order in which locks nest; see each case for what it protects.
    public enum Rank: UInt8, Sendable {
        /// The structure of a stacked file system: taken before everything, as it changes the file systems below while it is held.
        case overlay = 0
        /// The process table: ids, the tree, process groups.
        case processes = 1
        /// A process.
        case kernel = 2
        /// Mount table and directory contents.
        case directory = 3
        /// A descriptor table.
        case descriptors = 4
        /// An open file description (position).
        case openFile = 5
        /// An inode's data and attributes.
        case inode = 6
        /// VMAs and page tables of an address space.
        case addressSpace = 7
        /// The nodes of a stacked file system, of which the last one to refer to an inode may go while it is held.
        case overlayNodes = 8
        /// A memory object's extents.
        case memoryObject = 9
        /// Frame allocators.
        case frames = 10
        /// Signal state of a thread group.
        case signals = 11
        /// A futex bucket.
        case futex = 12
        /// A wait queue.
        case waitQueue = 13
        /// The lines of a trace, held while one is handed on.
        case trace = 14
        /// Leaf: nothing is taken under it.
        case leaf = 15
    }

    #if hasFeature(Embedded)
        private let state = Atomic<Bool>(false)
    #else
        private let mutex = Mutex<Void>(())
    #endif
    /// Where this lock stands in the order.
    public let rank: Rank

    /// Makes an unlocked lock.
    public init(_ rank: Rank) { self.rank = rank }

    /// Takes the lock, waiting for it if need be.
    public func lock() {
        #if DEBUG && !hasFeature(Embedded)
            note(.taking)
        #endif
        #if hasFeature(Embedded)
            while !state.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged {}
        #else
            mutex._unsafeLock()
        #endif
    }

    /// Takes the lock if it is free.
    public func tryLock() -> Bool {
        #if hasFeature(Embedded)
            return state.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
        #else
            let taken = mutex._unsafeTryLock()
            #if DEBUG
                if taken { note(.tried) }
            #endif
            return taken
        #endif
    }

    /// Releases the lock, which the caller holds.
    public func unlock() {
        #if hasFeature(Embedded)
            state.store(false, ordering: .releasing)
        #else
            #if DEBUG
                note(.released)
            #endif
            mutex._unsafeUnlock()
        #endif
    }

    /// Runs `body` with the lock held.
    @inline(__always)
    public func withLock<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        lock()
        defer { unlock() }
        return try body()
    }
}
