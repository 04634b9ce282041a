/// The table of certificates that a host hands to its guest with a report: entries of a GUID, an offset and a length, 24 bytes each, ended by an entry of
/// zeros, then the certificates (AMD document 56421, *SEV-ES Guest-Hypervisor Communication Block Standardization*, "SNP Extended Guest Request").
///
/// What a certificate is, is read in the certificate: GUIDs are the host's word for it, and hosts differ in how they order a GUID's bytes.
public struct CertificateTable: Sendable, Hashable {
    /// One certificate of the table.
    public struct Entry: Sendable, Hashable {
        /// The GUID, as the bytes lie in the table.
        public let identifier: [UInt8]
        /// What it stands for.
        public let contents: [UInt8]
    }

    /// The entries.
    public let entries: [Entry]

    /// The most entries that are read.
    public static let mostEntries = 32
    private static let entryLength = 24

    /// Reads a table. Nil when it does not end, when it is empty, when an entry reaches outside of the bytes or into the table itself, or when two overlap.
    /// What lies after the last certificate, usually the rest of a page, must be zero.
    public init?(bytes: [UInt8]) {
        var places: [(identifier: [UInt8], range: Range<Int>)] = []
        var position = 0
        while true {
            guard bytes.count - position >= Self.entryLength, places.count <= Self.mostEntries else { return nil }
            let entry = bytes[position..<position + Self.entryLength]
            position += Self.entryLength
            if entry.allSatisfy({ $0 == 0 }) { break }
            let offset = Self.number(entry.dropFirst(16).prefix(4)), count = Self.number(entry.dropFirst(20))
            guard count > 0, offset <= bytes.count, count <= bytes.count - offset else { return nil }
            places.append((Array(entry.prefix(16)), offset..<offset + count))
        }
        var end = position
        for place in places.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            guard place.range.lowerBound >= end else { return nil }
            end = place.range.upperBound
        }
        guard !places.isEmpty, bytes[end...].allSatisfy({ $0 == 0 }) else { return nil }
        entries = places.map { Entry(identifier: $0.identifier, contents: Array(bytes[$0.range])) }
    }

    private static func number(_ bytes: some BidirectionalCollection<UInt8>) -> Int { bytes.reversed().reduce(0) { $0 << 8 | Int($1) } }
}
