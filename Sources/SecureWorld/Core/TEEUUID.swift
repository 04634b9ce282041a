/// A UUID that names a trusted application or a client (RFC 4122).
///
/// The C structure `TEE_UUID` holds its first three fields in the machine's byte order; on the client's side and in file names they are big-endian.
public struct TEEUUID: Hashable, Sendable, CustomStringConvertible {
    /// The 16 octets in the order of the text form.
    public let octets: [UInt8]

    /// The nil UUID, which is the identity of anonymous clients.
    public static let null = TEEUUID(octets: [UInt8](repeating: 0, count: 16))

    private init(octets: [UInt8]) { self.octets = octets }

    /// From 16 octets in the order of the text form; nil for another number of them.
    public init?(bigEndian octets: some Collection<UInt8>) {
        guard octets.count == 16 else { return nil }
        self.octets = Array(octets)
    }

    /// From the 16 bytes of a `TEE_UUID` in memory; nil for another number of them.
    public init?(structure bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        octets = Self.swapped(Array(bytes))
    }

    /// From text such as `8aaaf200-2450-11e4-abe2-0002a5d5c51b`.
    public init?(_ text: some StringProtocol) {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12] else { return nil }
        var octets: [UInt8] = []
        let digits = groups.flatMap { $0.utf8.map { Character(UnicodeScalar($0)).hexDigitValue } }
        for pair in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[pair], let low = digits[pair + 1] else { return nil }
            octets.append(UInt8(high << 4 | low))
        }
        self.octets = octets
    }

    /// The 16 bytes of the `TEE_UUID` in memory.
    public var structure: [UInt8] { Self.swapped(octets) }

    private static func swapped(_ bytes: [UInt8]) -> [UInt8] {
        Array(bytes[0..<4].reversed() + bytes[4..<6].reversed() + bytes[6..<8].reversed() + bytes[8...])
    }

    /// The text form, in lower case.
    public var description: String {
        var text = ""
        for (index, octet) in octets.enumerated() {
            if [4, 6, 8, 10].contains(index) { text += "-" }
            text += String(octet >> 4, radix: 16) + String(octet & 15, radix: 16)
        }
        return text
    }
}
