/// A `clockid_t`: one of the fixed clocks, or the CPU time of a process or thread by its id (clock_getcpuclockid(3)).
package enum ClockIdentifier {
    case realtime, monotonic, monotonicRaw, realtimeCoarse, monotonicCoarse, boottime, atomicTime
    /// CPU time of a process (nil: the caller's).
    case process(Int32?)
    /// CPU time of a thread (nil: the caller).
    case thread(Int32?)

    /// nil for numbers that name no clock.
    package init?(_ number: Int32) {
        switch number {
        case 0: self = .realtime
        case 1: self = .monotonic
        case 2: self = .process(nil)
        case 3: self = .thread(nil)
        case 4: self = .monotonicRaw
        case 5: self = .realtimeCoarse
        case 6: self = .monotonicCoarse
        // The alarm clocks tell the same times; nothing is ever woken from suspend.
        case 7, 9: self = .boottime
        case 8: self = .realtime
        case 11: self = .atomicTime
        case ..<0:
            // ~id in the upper bits; bit 2: a thread; the low two bits: which time (0 profiling, 1 virtual, 2 scheduler), 3: a descriptor.
            if number & 3 == 3 { return nil }
            let id = ~(number >> 3)
            let target: Int32? = id == 0 ? nil : id
            self = number & 4 != 0 ? .thread(target) : .process(target)
        default: return nil
        }
    }

    /// clock_getres(2), nanoseconds.
    package var resolution: Int64 {
        switch self {
        case .realtimeCoarse, .monotonicCoarse: 4_000_000
        default: 1
        }
    }

    /// The reading in nanoseconds, for a caller; `EINVAL` when the process or thread of a CPU clock does not exist.
    package func now(_ task: Task) throws(Errno) -> Int64 {
        let kernel = task.kernel
        switch self {
        case .realtime, .realtimeCoarse: return kernel.time.realtimeNow()
        case .monotonic, .monotonicCoarse: return kernel.time.monotonicNow().nanoseconds
        case .monotonicRaw: return kernel.host.now(.monotonicRaw)
        case .boottime: return kernel.time.boottimeNow()
        // The kernel's own offset until someone sets it: none.
        case .atomicTime: return kernel.time.realtimeNow()
        case .process(let id):
            guard let id, id != task.group.id else { return task.group.usage.time }
            if id == ProcessTable.initID { return 0 }
            guard let other = kernel.group(id) else { throw .EINVAL }
            return other.usage.time
        case .thread(let id):
            guard let id, id != task.id else { return task.processorTime }
            // Only threads of the same process can be looked at.
            guard let other = kernel.task(id), other.group === task.group else { throw .EINVAL }
            return other.processorTime
        }
    }
}

extension AddressSpace {
    /// A struct timespec.
    package func writeTimespec(nanoseconds: Int64, to address: GuestAddress) throws(Errno) {
        var writer = ByteWriter(capacity: 16)
        writer.i64(nanoseconds / 1_000_000_000)
        writer.i64(nanoseconds % 1_000_000_000)
        try writeBytes(writer.bytes, to: address)
    }
    /// A struct timespec that must be valid (`EINVAL`), cut to what nanoseconds in 64 bits can hold, as `ktime_t` does.
    package func readTimespec(_ address: GuestAddress) throws(Errno) -> Int64 {
        let reader = ByteReader(try readBytes(address, count: 16))
        let (seconds, fraction) = (reader.i64(0), reader.i64(8))
        if seconds < 0 || fraction < 0 || fraction >= 1_000_000_000 { throw .EINVAL }
        if seconds >= Int64.max / 1_000_000_000 { return .max }
        return seconds * 1_000_000_000 + fraction
    }
}
