internal import ConfidentialABI
internal import LibraryOS

extension Ring {
    /// What a call gave.
    struct CallAnswer {
        /// Bytes of the buffer.
        var length: Int
        /// For functions that give one.
        var number: UInt64
    }

    /// Calls the library OS of the host. What it gives is the host's to choose, within what the function may give at all.
    ///
    /// - Throws: what the function may fail with; `EIO` after a violation.
    func call(_ call: ProxyCall, into buffer: UnsafeMutableRawBufferPointer = UnsafeMutableRawBufferPointer(start: nil, count: 0)) throws(Errno) -> CallAnswer {
        let answer = try call.encoded.withBytes { payload throws(Errno) in
            try perform(Request(operation: skerry_ring_call, isAlwaysDone: true), sending: payload, into: buffer)
        }
        let (code, number) = (answer.results.0, answer.results.1)
        try require(answer.results.2 == 0 && answer.results.3 == 0, .result)
        if code != 0 {
            try require(answer.length == 0 && number == 0 && code < 4096, .result)
            let error = Errno(Int32(truncatingIfNeeded: code))
            try require(call.function.mayFail(with: error), .answer)
            throw error
        }
        try require(number == 0 || call.function.givesNumber, .result)
        return CallAnswer(length: answer.length, number: number)
    }

    /// As `call`, for at most so many bytes.
    func call(_ call: ProxyCall, most: Int) throws(Errno) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: most)
        let answer = try buffer.withMutableBytes { bytes throws(Errno) in try self.call(call, into: bytes) }
        buffer.removeLast(most &- answer.length)
        return buffer
    }

    /// What came has to be well-formed.
    func wellFormed<Value>(_ value: Value?) throws(Errno) -> Value {
        if let value { return value }
        violate(.answer)
        throw .EIO
    }
}
