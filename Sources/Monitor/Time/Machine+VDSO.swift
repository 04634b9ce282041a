import KVM
package import LibraryOS

internal import GuestABI
internal import GuestVDSO

extension Machine {
    /// Puts the vDSO and its clock page into guest memory and makes the page's parameters the host's time base. Call it once, before the first task starts.
    ///
    /// Nil, and every reading is a call on the host's own clock, when the counter's frequency is not known or there is no memory.
    package func makeVDSO(host: LinuxHost) -> VDSOImage? {
        guard HostCounter.isReliable, let frequency = counterFrequency ?? HostCounter.listedFrequency,
            let multiplier = ClockLine.multiplier(ticks: frequency, nanoseconds: 1_000_000_000),
            let data = try? memory.allocate(frames: 1).first, let code = try? memory.allocate(frames: 1).first,
            let page = memory.hostAddress(of: data.start), let image = memory.hostAddress(of: code.start)
        else { return nil }
        image.copyMemory(from: skerry_vdso_image(), byteCount: min(Int(skerry_vdso_size()), 4096))
        let clocks = page.bindMemory(to: skerry_clock_page.self, capacity: 1)
        host.follow(ClockParameters(guest: clocks, in: memory, guestMayRead: guestCounterIsHosts, multiplier: multiplier))
        return VDSOImage(data: data, code: code)
    }
}
