import LibraryOS

/// The memory of a trusted application as the TEE sees it. Everything in it is the application's word: read once, never trusted.
final class TAMemory: @unchecked Sendable {
    /// Its VMAs and page tables.
    let space: AddressSpace

    init(_ space: AddressSpace) { self.space = space }

    /// The most that one call copies.
    static let largestCopy: UInt64 = 64 << 20

    /// Copies from the application. `accessDenied` when it could not read that itself, `outOfMemory` beyond `largestCopy`.
    func read(_ address: UInt64, _ count: UInt64) throws(TEEResult) -> [UInt8] {
        if count == 0 { return [] }
        guard count <= Self.largestCopy else { throw .outOfMemory }
        guard space.allows(.read, at: GuestAddress(address), length: count) else { throw .accessDenied }
        var bytes = [UInt8](repeating: 0, count: Int(count))
        do throws(Errno) {
            try read(into: &bytes, address)
        } catch { throw error == .ENOMEM ? .outOfMemory : .accessDenied }
        return bytes
    }

    private func read(into bytes: inout [UInt8], _ address: UInt64) throws(Errno) {
        let failure: Errno? = bytes.withUnsafeMutableBytes { buffer in
            do throws(Errno) {
                try space.read(into: buffer, from: GuestAddress(address))
                return nil
            } catch { return error }
        }
        if let failure { throw failure }
    }

    /// Copies to the application. `accessDenied` when it could not write there itself.
    func write(_ bytes: [UInt8], to address: UInt64) throws(TEEResult) {
        if bytes.isEmpty { return }
        let failure: Errno? = bytes.withUnsafeBytes { buffer in
            do throws(Errno) {
                try space.write(buffer, to: GuestAddress(address))
                return nil
            } catch { return error }
        }
        if let failure { throw failure == .ENOMEM ? .outOfMemory : .accessDenied }
    }

    /// Whether the application may read, or write, all of a range.
    func allows(write: Bool, _ address: UInt64, _ count: UInt64) -> Bool {
        space.allows(write ? [.read, .write] : .read, at: GuestAddress(address), length: count)
    }

    /// A little-endian word.
    func readUInt32(_ address: UInt64) throws(TEEResult) -> UInt32 {
        try read(address, 4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
    /// A little-endian word.
    func readUInt64(_ address: UInt64) throws(TEEResult) -> UInt64 {
        try read(address, 8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    func writeUInt32(_ value: UInt32, to address: UInt64) throws(TEEResult) {
        try write((0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }, to: address)
    }
    func writeUInt64(_ value: UInt64, to address: UInt64) throws(TEEResult) {
        try write((0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }, to: address)
    }

    /// A string that ends with a zero byte, at most `limit` bytes without it; `badParameters` for a longer one.
    func readString(_ address: UInt64, limit: Int) throws(TEEResult) -> [UInt8] {
        var result: [UInt8] = []
        var position = address
        while result.count <= limit {
            // Not beyond the page: the next one may not be there.
            let chunk = min(UInt64(limit &+ 1 &- result.count), 4096 &- position & 4095)
            let bytes = try read(position, max(1, chunk))
            if let end = bytes.firstIndex(of: 0) { return result + bytes[..<end] }
            result += bytes
            let (next, overflow) = position.addingReportingOverflow(UInt64(bytes.count))
            if overflow { throw .accessDenied }
            position = next
        }
        throw .badParameters
    }
}
