import Foundation
import Testing

@testable import SecureWorld

/// What the tests of objects and keys share.
enum KeyMaterial {
    /// Bytes that are the same wherever a vector says `pattern`.
    static func pattern(_ count: Int, _ factor: Int = 7, _ start: Int = 3) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 * factor + start) } }

    /// The bytes that hexadecimal digits stand for; what is no digit is left out.
    static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    static func hex(_ bytes: [UInt8]) -> String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

    /// A key on a curve: with a private value a pair, without a public key.
    static func curveKey(_ type: TEEObjectType, _ curve: EllipticCurve, x: String, y: String, d: String? = nil) throws(TEEResult) -> CryptoObject {
        let object = try CryptoObject(type: type, maximumKeySize: curve.keySize)
        var attributes: [TEEAttribute] = [
            .buffer(.eccPublicValueX, bytes(x)), .buffer(.eccPublicValueY, bytes(y)), .value(.eccCurve, curve.rawValue, 0),
        ]
        if let d { attributes.append(.buffer(.eccPrivateValue, bytes(d))) }
        try object.populate(attributes)
        return object
    }
}

extension CryptoObject {
    /// A populated object.
    static func make(_ type: TEEObjectType, _ size: UInt32, _ attributes: [(TEEAttributeID, String)]) throws(TEEResult) -> CryptoObject {
        let object = try CryptoObject(type: type, maximumKeySize: size)
        try object.populate(attributes.map { .buffer($0.0, KeyMaterial.bytes($0.1)) })
        return object
    }

    static func makeSecret(_ type: TEEObjectType, _ size: UInt32, _ id: TEEAttributeID, _ bytes: [UInt8]) throws(TEEResult) -> CryptoObject {
        let object = try CryptoObject(type: type, maximumKeySize: size)
        try object.populate([.buffer(id, bytes)])
        return object
    }

    static func generated(_ type: TEEObjectType, _ size: UInt32, _ parameters: [TEEAttribute] = []) throws(TEEResult) -> CryptoObject {
        let object = try CryptoObject(type: type, maximumKeySize: size)
        try object.generate(size: size, parameters: parameters)
        return object
    }

    /// The public key of a pair.
    func publicKey(_ type: TEEObjectType) throws(TEEResult) -> CryptoObject {
        let object = try CryptoObject(type: type, maximumKeySize: maximumKeySize)
        try object.copy(from: self)
        return object
    }

    /// A buffer attribute in hexadecimal.
    func hex(_ id: TEEAttributeID) throws -> String { try KeyMaterial.hex(#require(attribute(id).bytes)) }
}

extension AsymmetricOperation {
    /// The output of an operation whose buffer is large enough.
    func output(_ input: [UInt8], _ parameters: [TEEAttribute] = []) throws -> [UInt8] {
        guard case .output(let bytes) = try operate(parameters, input, capacity: 1024) else { throw TEEResult.shortBuffer }
        return bytes
    }

    /// Whether a signature is right; errors other than an invalid signature are thrown.
    func isValid(_ digest: [UInt8], _ signature: [UInt8], _ parameters: [TEEAttribute] = []) throws -> Bool {
        do throws(TEEResult) { try verify(parameters, digest: digest, signature: signature) } catch {
            guard error == .signatureInvalid else { throw error }
            return false
        }
        return true
    }
}

/// The `openssl` command in a folder of its own, which goes with it.
final class OpenSSLCommand {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("skerry-openssl-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func write(_ bytes: [UInt8], _ name: String) throws { try Data(bytes).write(to: folder.appendingPathComponent(name)) }

    func read(_ name: String) throws -> [UInt8] { try Array(Data(contentsOf: folder.appendingPathComponent(name))) }

    /// Runs the command with those words; whether it succeeded.
    @discardableResult func run(_ words: String) throws -> Bool {
        let command = ["env", "-C", folder.path, "openssl"] + words.split(separator: " ").map(String.init)
        return try StartedProcess.run(command, seconds: 60).status == 0
    }

    /// Writes a structure that openssl itself encodes from such a description (ASN1_generate_nconf) to `name`.
    func encode(_ fields: [String], _ name: String) throws {
        try write(Array(("asn1=SEQUENCE:top\n[top]\n" + fields.joined(separator: "\n") + "\n").utf8), "description")
        try #require(try run("asn1parse -genconf description -noout -out \(name)"))
    }

    /// Writes an RSA or DSA pair in its traditional form.
    func writeNumbers(_ key: CryptoObject, _ ids: [TEEAttributeID], _ name: String) throws {
        var fields = ["f0=INTEGER:0"]
        for (index, id) in ids.enumerated() { fields.append("f\(index + 1)=INTEGER:0x\(try key.hex(id))") }
        try encode(fields, name)
    }

    static let rsa: [TEEAttributeID] = [
        .rsaModulus, .rsaPublicExponent, .rsaPrivateExponent, .rsaPrime1, .rsaPrime2, .rsaExponent1, .rsaExponent2, .rsaCoefficient,
    ]
    static let dsa: [TEEAttributeID] = [.dsaPrime, .dsaSubprime, .dsaBase, .dsaPublicValue, .dsaPrivateValue]

    /// Writes a pair on a curve as SEC 1, C.4 has it.
    func writeCurveKey(_ key: CryptoObject, _ name: String) throws {
        let curve = try #require(key.curve)
        let point = try curve.uncompressedPoint(x: #require(key.bytes(.eccPublicValueX)), y: #require(key.bytes(.eccPublicValueY)))
        let d = try #require(key.bytes(.eccPrivateValue)?.padded(to: curve.byteCount)).bytes
        try encode(
            [
                "f0=INTEGER:1", "f1=FORMAT:HEX,OCTETSTRING:\(KeyMaterial.hex(d))", "f2=EXPLICIT:0,OID:\(curve.groupName)",
                "f3=EXPLICIT:1,FORMAT:HEX,BITSTRING:\(KeyMaterial.hex(point))",
            ], name)
    }
}
