extension AddressSpace {
    /// The most memory that was resident, in bytes (VmHWM, `ru_maxrss`).
    func peakResident() -> UInt64 {
        lock.lock()
        defer { lock.unlock() }
        notePeak(losing: .max)
        return peakPages &* 4096
    }

    /// Memory shrinks only where something is taken out of it: looking there is enough. What is small beside the peak is not worth a look, which goes through
    /// all areas. Lock held.
    func notePeak(losing pages: UInt64) {
        if pages < peakPages / 16 { return }
        let resident = areas.areas.reduce(0) { $0 &+ max(0, $1.backing.residentPages($1.backingPage, count: $1.pages)) }
        peakPages = max(peakPages, UInt64(resident))
    }

    /// The peak begins anew (/proc/PID/clear_refs).
    func forgetPeak() { lock.withLock { peakPages = 0 } }
}
