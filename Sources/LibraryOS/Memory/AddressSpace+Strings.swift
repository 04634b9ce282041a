extension AddressSpace {
    /// Copies `count` bytes from the program; the caller has bounded `count`.
    package func readBytes(_ address: GuestAddress, count: Int) throws(Errno) -> [UInt8] {
        if count <= 0 { return [] }
        var failure: Errno?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(Errno) {
                try read(into: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count), from: address)
                initialized = count
            } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }
    /// Copies an array to the program.
    package func writeBytes(_ bytes: [UInt8], to address: GuestAddress) throws(Errno) {
        if bytes.isEmpty { return }
        var failure: Errno?
        bytes.withUnsafeBytes { source in
            do throws(Errno) { try write(source, to: address) } catch { failure = error }
        }
        if let failure { throw failure }
    }
    package func readU8(_ address: GuestAddress) throws(Errno) -> UInt8 { try readBytes(address, count: 1)[0] }
    package func readU32(_ address: GuestAddress) throws(Errno) -> UInt32 { ByteReader(try readBytes(address, count: 4)).u32(0) }
    package func readU64(_ address: GuestAddress) throws(Errno) -> UInt64 { ByteReader(try readBytes(address, count: 8)).u64(0) }
    package func writeU32(_ value: UInt32, to address: GuestAddress) throws(Errno) {
        var writer = ByteWriter(capacity: 4)
        writer.u32(value)
        try writeBytes(writer.bytes, to: address)
    }
    package func writeU64(_ value: UInt64, to address: GuestAddress) throws(Errno) {
        var writer = ByteWriter(capacity: 8)
        writer.u64(value)
        try writeBytes(writer.bytes, to: address)
    }
    /// A zero-terminated string of at most `limit` bytes without the zero; `tooLong` when there is no zero in `limit + 1` bytes.
    package func readCString(_ address: GuestAddress, limit: Int, tooLong: Errno = .ENAMETOOLONG) throws(Errno) -> [UInt8] {
        var result: [UInt8] = []
        var at = address
        while true {
            let chunk = min(256, 4096 - Int(at.value & 4095), limit + 1 - result.count)
            if chunk <= 0 { throw tooLong }
            let bytes = try readBytes(at, count: chunk)
            if let end = bytes.firstIndex(of: 0) {
                result.append(contentsOf: bytes[..<end])
                return result
            }
            result.append(contentsOf: bytes)
            at = try at.advanced(by: UInt64(chunk))
        }
    }
}
