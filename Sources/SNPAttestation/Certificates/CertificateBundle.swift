/// The certificates and revocation lists that come with a report.
///
/// They are recognised by what they are, never by a file's name: DER, PEM with any number of blocks, or a certificate table (``CertificateTable``). What is
/// damaged is remembered, and makes ``AttestationVerifier`` refuse: a certificate that cannot be read must not be taken for one that was not given.
public struct CertificateBundle: Sendable, Hashable {
    /// The certificates, each once, in the order they were added.
    public private(set) var certificates: [Certificate] = []
    /// The revocation lists, each once.
    public private(set) var revocationLists: [RevocationList] = []
    /// What was added and could not be read, a sentence each.
    public private(set) var faults: [String] = []

    /// The most certificates and lists that a bundle takes.
    public static let mostEntries = 64

    /// A bundle without anything.
    public init() {}

    /// What bytes turned out to be.
    public enum Contents: Sendable, Hashable {
        /// Certificates or revocation lists, which are in the bundle now.
        case added
        /// Bytes as long as a report is: not for a bundle. Nothing was added.
        case report
        /// Text in which there is no sign of a certificate. Nothing was added.
        case text
        /// Something else; it is among the ``faults``.
        case fault
    }

    /// Adds what the bytes hold. The name is only for messages.
    @discardableResult
    public mutating func add(_ bytes: [UInt8], named name: String) -> Contents {
        if bytes.first == 0x30, !Self.isText(bytes) { return addDER(bytes, named: name) }
        switch PEM.read(bytes) {
        case .damaged(let why): return fault("\(name): \(why)")
        case .blocks(let blocks):
            let before = faults.count
            for (number, block) in blocks.enumerated() {
                let place = "\(name), block \(number + 1)"
                switch block.label {
                case "CERTIFICATE", "X509 CRL": addDER(block.der, named: place)
                default: fault("\(place) is \(block.label), neither CERTIFICATE nor X509 CRL")
                }
            }
            return faults.count == before ? .added : .fault
        case .none: break
        }
        if Self.isText(bytes) { return .text }
        if let table = CertificateTable(bytes: bytes) { return add(table, named: name) }
        if bytes.count == AttestationReport.length { return .report }
        return fault("\(name) is neither a certificate nor a revocation list, in DER or PEM, nor a certificate table")
    }

    private mutating func add(_ table: CertificateTable, named name: String) -> Contents {
        let before = faults.count
        // Hosts may put what is theirs into the table; only what begins as DER does is a certificate.
        let entries = table.entries.enumerated().filter { $0.element.contents.first == 0x30 || Self.knownIdentifiers.contains($0.element.identifier) }
        for (number, entry) in entries { addDER(entry.contents, named: "\(name), entry \(number + 1)") }
        if entries.isEmpty { return fault("\(name) is a certificate table without a certificate") }
        return faults.count == before ? .added : .fault
    }

    @discardableResult
    private mutating func addDER(_ der: [UInt8], named name: String) -> Contents {
        guard certificates.count + revocationLists.count < Self.mostEntries else { return fault("\(name): more than \(Self.mostEntries) certificates") }
        if let certificate = try? Certificate(der: der) {
            if !certificates.contains(certificate) { certificates.append(certificate) }
            return .added
        }
        if let list = try? RevocationList(der: der) {
            if !revocationLists.contains(list) { revocationLists.append(list) }
            return .added
        }
        return fault("\(name) is neither an X.509 certificate nor a revocation list, or damaged")
    }

    @discardableResult
    private mutating func fault(_ text: String) -> Contents {
        if faults.count < Self.mostEntries { faults.append(text) }
        return .fault
    }

    private static func isText(_ bytes: [UInt8]) -> Bool {
        String(validating: bytes, as: UTF8.self) != nil && bytes.allSatisfy { $0 >= 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    }

    /// VCEK, VLEK, ASK, ARK and the revocation list, in the two orders of bytes that are in use.
    private static let knownIdentifiers: Set<[UInt8]> = {
        let texts = [
            "63da758de6644564adc5f4b93be8accd", "a8074bc2a25a483eaae639c045a0b8a1", "4ab7b379bbac4fe4a02f05aef327c782", "c0b406a4a803495297433fb6014cd0ae",
            "92f81bc358114d3d97ffd19f88dc67ea",
        ]
        return Set(
            texts.compactMap { Hexadecimal.bytes($0.utf8) }.flatMap { bytes in
                [bytes, [3, 2, 1, 0, 5, 4, 7, 6].map { bytes[$0] } + bytes[8...]]
            })
    }()
}
