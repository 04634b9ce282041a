internal import ConfidentialABI
internal import LibraryOS

/// A call as it goes to the host: 48 bytes of head (function, bytes of the first and of the second string, 0: 4 bytes each; four arguments of 8 bytes), and the strings
/// behind it. All numbers are little-endian.
package struct ProxyCall: Equatable, Sendable {
    /// What is asked for.
    package var function: ProxyFunction
    /// Arguments; those the function does not have are 0.
    package var arguments: (UInt64, UInt64, UInt64, UInt64)
    /// Strings; those the function does not have are empty.
    package var first: [UInt8], second: [UInt8]

    /// Bytes of the head, and the most of both strings.
    package static let head = 48
    package static let largestText = Int(SKERRY_RING_PAYLOAD_SIZE) - head

    package init(
        _ function: ProxyFunction, _ a0: UInt64 = 0, _ a1: UInt64 = 0, _ a2: UInt64 = 0, _ a3: UInt64 = 0, first: [UInt8] = [], second: [UInt8] = []
    ) {
        (self.function, arguments, self.first, self.second) = (function, (a0, a1, a2, a3), first, second)
    }

    package static func == (left: ProxyCall, right: ProxyCall) -> Bool {
        left.function == right.function && left.arguments == right.arguments && left.first == right.first && left.second == right.second
    }

    /// The payload; the strings have to fit.
    package var encoded: [UInt8] {
        var writer = ByteWriter(capacity: Self.head &+ first.count &+ second.count)
        writer.u32(function.rawValue)
        writer.u32(UInt32(truncatingIfNeeded: first.count))
        writer.u32(UInt32(truncatingIfNeeded: second.count))
        writer.u32(0)
        writer.u64(arguments.0)
        writer.u64(arguments.1)
        writer.u64(arguments.2)
        writer.u64(arguments.3)
        writer.raw(first)
        writer.raw(second)
        return writer.bytes
    }

    /// A payload; nil when it is malformed.
    package init?(decoding payload: [UInt8]) {
        let reader = ByteReader(payload)
        guard payload.count >= Self.head, let function = ProxyFunction(rawValue: reader.u32(0)), reader.u32(12) == 0 else { return nil }
        let (first, second) = (Int(reader.u32(4)), Int(reader.u32(8)))
        guard first <= Self.largestText, second <= Self.largestText, payload.count == Self.head &+ first &+ second else { return nil }
        self.init(
            function, reader.u64(16), reader.u64(24), reader.u64(32), reader.u64(40), first: Array(payload[Self.head..<Self.head &+ first]),
            second: Array(payload[(Self.head &+ first)...]))
    }

    /// Whether these bytes name something in a folder.
    package static func isName(_ name: [UInt8]) -> Bool { isText(name, 1...255) && !name.contains(0x2f) && name != [0x2e] && name != [0x2e, 0x2e] }

    /// Whether there are so many bytes, and no zeros among them.
    package static func isText(_ text: [UInt8], _ lengths: ClosedRange<Int>) -> Bool { lengths.contains(text.count) && !text.contains(0) }
}
