/// What the host answers when the guest asks for the certificates of the key that signs reports (KVM_EXIT_SNP_REQ_CERTS).
public enum CertificateAnswer: Sendable, Equatable {
    /// The certificates as a GHCB certificate table.
    case table(CertificateTable)
    /// They are being replaced; the guest asks again.
    case busy
    /// There are none to be had.
    case failed
}

/// Where the host keeps the certificates: asked anew for each request, because a firmware update changes them.
public protocol CertificateSource: AnyObject {
    /// The certificates now. Called by the thread of the processor that asked.
    func currentCertificates() -> CertificateAnswer
}

/// Certificates as an extended guest request returns them (GHCB specification, AMD 56421, "SNP extended guest request"): entries of a GUID, offset and length,
/// a zero entry, then the certificates.
public struct CertificateTable: Sendable, Equatable {
    /// The certificates it is for, by the text of their GUIDs.
    public enum Kind: String, Sendable, CaseIterable {
        /// The chip's key, of this firmware.
        case vcek = "63da758de6644564adc5f4b93be8accd"
        /// A loaded key, of this firmware.
        case vlek = "a8074bc2a25a483eaae639c045a0b8a1"
        /// The intermediate key that signs VCEKs.
        case ask = "4ab7b379bbac4fe4a02f05aef327c782"
        /// The root.
        case ark = "c0b406a4a803495297433fb6014cd0ae"
    }

    private static let entrySize = 24
    /// Kind and DER bytes, in their order.
    public let certificates: [(kind: Kind, der: [UInt8])]

    /// A table of these.
    public init(_ certificates: [(kind: Kind, der: [UInt8])]) { self.certificates = certificates }

    /// The bytes of the table.
    public var bytes: [UInt8] {
        var offset = (certificates.count + 1) * Self.entrySize
        var (header, body): ([UInt8], [UInt8]) = ([], [])
        for (kind, der) in certificates {
            var entry = [UInt8](repeating: 0, count: Self.entrySize)
            entry.store(kind.guid, at: 0)
            entry.store(UInt32(truncatingIfNeeded: offset), at: 16)
            entry.store(UInt32(truncatingIfNeeded: der.count), at: 20)
            header += entry
            body += der
            offset += der.count
        }
        return header + [UInt8](repeating: 0, count: Self.entrySize) + body
    }

    /// The same certificates in the same order.
    public static func == (one: CertificateTable, other: CertificateTable) -> Bool { one.bytes == other.bytes }
}

extension CertificateTable.Kind {
    /// The 16 bytes, in the order of the text.
    var guid: [UInt8] {
        let digits = Array(rawValue.utf8).map { $0 < 0x3A ? $0 &- 0x30 : $0 &- 0x57 }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
