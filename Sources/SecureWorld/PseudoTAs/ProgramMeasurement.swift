internal import CElf
internal import Glibc

/// What the TEE itself is: the program of the host that this module is linked into.
enum ProgramMeasurement {
    /// SHA-256 of the parts of the program that are loaded and cannot be written, in the order of its program headers: its code and constants, as they are in memory. Libraries
    /// of the host do not count. The same for every run of one program; taken once. `notSupported` for a program that does not say where its headers are.
    static let own: Result<[UInt8], TEEResult> = Result { () throws(TEEResult) in try measure() }

    private static func measure() throws(TEEResult) -> [UInt8] {
        let digest = try DigestOperation(.sha256)
        for segment in try constantSegments() { try digest.update(segment) }
        return try digest.finish()
    }

    /// Linux tells a program where its own headers are (AT_PHDR, getauxval(3)), and PT_PHDR says where they were linked to be.
    ///
    /// The memory is that of the program's segments: mapped as long as it runs, and never written to, as the headers say.
    private static func constantSegments() throws(TEEResult) -> [UnsafeRawBufferPointer] {
        let auxiliary = auxiliaryVector()
        guard let place = auxiliary[UInt(AT_PHDR)], let count = auxiliary[UInt(AT_PHNUM)] else { throw .notSupported }
        let headers = UnsafeBufferPointer(start: UnsafePointer<Elf64_Phdr>(bitPattern: place), count: Int(clamping: count))
        guard let own = headers.first(where: { $0.p_type == UInt32(PT_PHDR) }) else { throw .notSupported }
        let moved = place &- UInt(own.p_vaddr)
        var segments: [UnsafeRawBufferPointer] = []
        for header in headers where header.p_type == UInt32(PT_LOAD) && header.p_flags & UInt32(PF_W) == 0 {
            segments.append(UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: moved &+ UInt(header.p_vaddr)), count: Int(clamping: header.p_memsz)))
        }
        return segments
    }

    /// The auxiliary vector by its types (proc(5), `/proc/self/auxv`): pairs of words.
    private static func auxiliaryVector() -> [UInt: UInt] {
        let file = open("/proc/self/auxv", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [:] }
        defer { close(file) }
        var words = [UInt](repeating: 0, count: 512)
        let count = words.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
        var result: [UInt: UInt] = [:]
        for index in stride(from: 0, to: max(0, count) / 8 - 1, by: 2) where words[index] != 0 { result[words[index]] = words[index + 1] }
        return result
    }
}
