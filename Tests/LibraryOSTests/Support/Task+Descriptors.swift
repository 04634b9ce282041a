@testable import LibraryOS

extension Task {
    /// The two descriptors a call stored at `address`.
    func pair(at address: UInt64) throws -> (Int32, Int32) {
        let reader = ByteReader(try memory.readBytes(GuestAddress(address), count: 8))
        return (reader.i32(0), reader.i32(4))
    }
    /// Bytes in the program's memory.
    func put(_ bytes: [UInt8], at address: UInt64) throws { try memory.writeBytes(bytes, to: GuestAddress(address)) }
    func bytes(at address: UInt64, _ count: Int) throws -> [UInt8] { try memory.readBytes(GuestAddress(address), count: count) }
}

/// An argument that is a descriptor.
func fd(_ descriptor: Int32) -> UInt64 { UInt64(UInt32(bitPattern: descriptor)) }
/// A call's failure.
func failure(_ errno: Errno) -> Int64 { errno.syscallResult }
