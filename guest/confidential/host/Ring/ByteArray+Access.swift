internal import LibraryOS

extension [UInt8] {
    /// `withUnsafeBytes` for closures that throw an `Errno`: the standard library's throws `any Error`, which Embedded Swift has not.
    func withBytes<Value>(_ body: (UnsafeRawBufferPointer) throws(Errno) -> Value) throws(Errno) -> Value {
        let result: Result<Value, Errno> = withUnsafeBytes { bytes in
            do throws(Errno) { return .success(try body(bytes)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// `withUnsafeMutableBytes`, likewise.
    mutating func withMutableBytes<Value>(_ body: (UnsafeMutableRawBufferPointer) throws(Errno) -> Value) throws(Errno) -> Value {
        let result: Result<Value, Errno> = withUnsafeMutableBytes { bytes in
            do throws(Errno) { return .success(try body(bytes)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
