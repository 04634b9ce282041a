/// AMD's extensions, below 1.3.6.1.4.1.3704.1, of the certificate of a key that signs reports (AMD document 57230, "VCEK Certificate Definition").
public struct EndorsementExtensions: Sendable, Hashable {
    /// 1.1, structVersion.
    public let structureVersion: UInt8?
    /// 1.2, productName: "Milan-B0", "Genoa", "Siena-B0", "Turin".
    public let productName: String?
    /// 1.3.n: the security version that n stands for, by n.
    public let securityVersions: [Int: UInt8]
    /// 1.4, hwID: the chip, 64 bytes, on Turin 8; only a VCEK has it.
    public let hardwareID: [UInt8]?
    /// 1.5, cspID: the cloud provider; only a VLEK has it.
    public let cspID: String?
    /// The identifiers of those that could not be read.
    public let malformed: [String]

    private static let arc = "1.3.6.1.4.1.3704.1."

    /// Nil when there are none. Of those that come twice the first counts; the profile refuses such a certificate.
    init?(_ extensions: [(identifier: String, value: [UInt8])]) {
        let all = extensions.filter { $0.identifier.hasPrefix(Self.arc) }
        guard !all.isEmpty else { return nil }
        var structureVersion: UInt8?, productName: String?, hardwareID: [UInt8]?, cspID: String?
        var securityVersions: [Int: UInt8] = [:], malformed: [String] = []
        for (identifier, value) in all {
            let numbers = identifier.dropFirst(Self.arc.count).split(separator: ".").compactMap { Int($0) }
            var isRead = true
            switch (numbers.first, numbers.count) {
            case (1, 1):
                let number = Self.smallInteger(value)
                structureVersion = structureVersion ?? number
                isRead = number != nil
            case (2, 1):
                let text = Self.text(value)
                productName = productName ?? text
                isRead = text != nil
            case (3, 2):
                let number = Self.smallInteger(value)
                securityVersions[numbers[1]] = securityVersions[numbers[1]] ?? number
                isRead = number != nil
            case (4, 1):
                hardwareID = hardwareID ?? value
                isRead = value.count == 64 || value.count == 8
            case (5, 1):
                let text = Self.text(value)
                cspID = cspID ?? text
                isRead = text != nil
            // Others may come; they are certified, and nothing here depends on them.
            default: break
            }
            if !isRead { malformed.append(identifier) }
        }
        self.structureVersion = structureVersion
        self.productName = productName
        self.securityVersions = securityVersions
        self.hardwareID = hardwareID
        self.cspID = cspID
        self.malformed = malformed
    }

    /// A DER INTEGER from 0 to 255.
    private static func smallInteger(_ der: [UInt8]) -> UInt8? {
        switch (der.count, der.first) {
        case (3, 2) where der[1] == 1 && der[2] < 0x80: der[2]
        case (4, 2) where der[1] == 2 && der[2] == 0 && der[3] >= 0x80: der[3]
        default: nil
        }
    }

    /// A short DER IA5String or UTF8String of visible ASCII.
    private static func text(_ der: [UInt8]) -> String? {
        guard der.count >= 3, der[0] == 0x16 || der[0] == 0x0C, der[1] < 0x80, Int(der[1]) == der.count - 2 else { return nil }
        let text = der.dropFirst(2)
        return text.allSatisfy { (0x20..<0x7F).contains($0) } ? String(decoding: text, as: UTF8.self) : nil
    }
}
