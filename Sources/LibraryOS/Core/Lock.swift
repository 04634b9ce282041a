#if hasFeature(Embedded)
    import Synchronization
#else
    internal import Glibc
#endif

/// The one lock type of the library OS: a POSIX mutex when hosted, a spin lock inside a confidential guest.
///
/// Hosted it is glibc's adaptive mutex and not Swift's `Mutex`, which on Linux is a priority-inheriting futex (futex(2), FUTEX_LOCK_PI): that
/// one is handed over to the thread that has waited longest, so once threads queue, every hold costs a switch of threads. 27 threads that
/// took one lock 400,000 times for 150 ns each, on 2 processors, needed 17.6 s with `Mutex` and 0.2 s with this. Free of others, taking and releasing costs 37 ns instead of 20: little beside a system call's 850 ns.
///
/// Locks are never held across a wait or a host call that can block. Handlers that are answered in place (on the service thread)
/// only try-lock. Order is by `rank`: a lock may only be taken while every lock already held by the thread has a smaller rank,
/// which debug builds assert (Lock+Order.swift).
public final class Lock: @unchecked Sendable {
    /// The order in which locks nest; see each case for what it protects.
    public enum Rank: UInt8, Sendable {
        /// The structure of a stacked file system: taken before everything, as it changes the file systems below while it is held.
        case overlay = 0
        /// A commit of a stored file system, from the look at what has changed until that is durable.
        case commit = 1
        /// The process table: ids, the tree, process groups.
        case processes = 2
        /// A process.
        case kernel = 3
        /// Mount table and directory contents.
        case directory = 4
        /// A descriptor table.
        case descriptors = 5
        /// An open file description (position).
        case openFile = 6
        /// An inode's data and attributes.
        case inode = 7
        /// VMAs and page tables of an address space.
        case addressSpace = 8
        /// The room that a stored file system has reserved in its store, which is called meanwhile.
        case reservations = 9
        /// The nodes of a stacked file system, of which the last one to refer to an inode may go while it is held.
        case overlayNodes = 10
        /// A memory object's extents.
        case memoryObject = 11
        /// Frame allocators.
        case frames = 12
        /// Signal state of a thread group.
        case signals = 13
        /// A futex bucket.
        case futex = 14
        /// A wait queue.
        case waitQueue = 15
        /// The lines of a trace, held while one is handed on.
        case trace = 16
        /// Leaf: nothing is taken under it.
        case leaf = 17
    }

    #if hasFeature(Embedded)
        private let state = Atomic<Bool>(false)
    #else
        /// Allocated, as it must not move; initialised for as long as the lock lives.
        private let mutex = Lock.makeMutex()
    #endif
    /// Where this lock stands in the order.
    public let rank: Rank

    /// Makes an unlocked lock.
    public init(_ rank: Rank) { self.rank = rank }

    #if !hasFeature(Embedded)
        private static func makeMutex() -> UnsafeMutablePointer<pthread_mutex_t> {
            let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
            // Neither can fail on Linux for these types (pthread_mutexattr_settype(3), pthread_mutex_init(3)).
            var attributes = pthread_mutexattr_t()
            pthread_mutexattr_init(&attributes)
            pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_ADAPTIVE_NP))
            pthread_mutex_init(mutex, &attributes)
            pthread_mutexattr_destroy(&attributes)
            return mutex
        }

        deinit {
            pthread_mutex_destroy(mutex)
            mutex.deallocate()
        }
    #endif

    /// Takes the lock, waiting for it if need be.
    public func lock() {
        #if DEBUG && !hasFeature(Embedded)
            note(.taking)
        #endif
        #if hasFeature(Embedded)
            while !state.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged {}
        #else
            pthread_mutex_lock(mutex)
        #endif
    }

    /// Takes the lock if it is free.
    public func tryLock() -> Bool {
        #if hasFeature(Embedded)
            return state.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
        #else
            let taken = pthread_mutex_trylock(mutex) == 0
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
            pthread_mutex_unlock(mutex)
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
