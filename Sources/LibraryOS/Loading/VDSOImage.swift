/// The virtual dynamic shared object (vdso(7)): one page of clock parameters, then the ELF image that reads them.
public final class VDSOImage: Sendable {
    private let data: FrameRange
    private let code: FrameRange

    /// `data` holds the clock page, `code` the ELF image; both stay for the kernel's life.
    public init(data: FrameRange, code: FrameRange) {
        self.data = data
        self.code = code
    }

    /// Maps both and returns the image's address (AT_SYSINFO_EHDR).
    func map(into memory: AddressSpace) throws(Errno) -> UInt64 {
        let pages = UInt64(data.count &+ code.count)
        let start = try memory.findRoom(length: pages &* 4096, alignment: 4096, wished: 0)
        for (frames, offset, name, protection) in [
            (data, UInt64(0), "[vvar]", PageProtection.read), (code, UInt64(data.count), "[vdso]", PageProtection([.read, .execute])),
        ] {
            var request = MappingRequest(backing: FixedBacking(physicalMemory: memory.physicalMemory, frames: frames, name: Array(name.utf8)))
            request.address = start &+ offset &* 4096
            request.length = UInt64(frames.count) &* 4096
            request.protection = protection
            request.flags = .special
            request.placement = .fixed
            _ = try memory.map(request)
        }
        return start &+ UInt64(data.count) &* 4096
    }
}
