import Foundation
import Testing

@testable import SecureWorld

/// Keys that an application made up so that a signature never comes about: libcrypto would try again and again with another random number.
@Suite struct AsymmetricHostileTests {
    private static let sm2 = (
        x: "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020", y: "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13",
        // The order of the curve (GB/T 32918.5).
        order: "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123"
    )
    private static let p256 = (
        // The base point of P-256 and its order (FIPS 186-4, D.1.2.3).
        x: "6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296", y: "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5",
        order: "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"
    )

    /// Fails when a body is still at it after a minute.
    private func ends(_ name: String, _ body: @escaping @Sendable () throws -> Void) throws {
        let done = DispatchSemaphore(value: 0)
        Thread {
            _ = try? body()
            done.signal()
        }.start()
        try #require(done.wait(timeout: .now() + 60) == .success, "\(name) does not end")
    }

    private static func less(_ hex: String, by count: UInt8) -> String { hex.dropLast(2) + KeyMaterial.hex([(UInt8(hex.suffix(2), radix: 16) ?? 0) - count]) }

    @Test(arguments: [0, 1, 2] as [UInt8]) func sm2KeysNextToTheOrderSignOrAreRefused(_ distance: UInt8) throws {
        let key = try KeyMaterial.curveKey(.sm2DSAKeyPair, .sm2, x: Self.sm2.x, y: Self.sm2.y, d: Self.less(Self.sm2.order, by: distance))
        nonisolated(unsafe) let operation = AsymmetricOperation(.sm2DSA, .sign, key: key)
        try ends("SM2 with n - \(distance)") { _ = try operation.output([UInt8](repeating: 1, count: 32)) }
        // 1 + d has no inverse for n - 1, and beyond it there are no private keys (GB/T 32918.1, 6.1).
        if distance < 2 { #expect(throws: TEEResult.badParameters) { try operation.output([UInt8](repeating: 1, count: 32)) } }
    }

    @Test(arguments: ["00", "order"]) func curveKeysThatAreNoneAreRefused(_ d: String) throws {
        let key = try KeyMaterial.curveKey(.ecdsaKeyPair, .nistP256, x: Self.p256.x, y: Self.p256.y, d: d == "order" ? Self.p256.order : d)
        nonisolated(unsafe) let operation = AsymmetricOperation(.ecdsaSHA256, .sign, key: key)
        try ends("ECDSA with \(d)") { _ = try operation.output([UInt8](repeating: 0, count: 32)) }
        #expect(throws: TEEResult.badParameters) { try operation.output([UInt8](repeating: 0, count: 32)) }
        let agreement = try KeyMaterial.curveKey(.ecdhKeyPair, .nistP256, x: Self.p256.x, y: Self.p256.y, d: d == "order" ? Self.p256.order : d)
        let target = try CryptoObject(type: .genericSecret, maximumKeySize: 256)
        let other: [TEEAttribute] = [.buffer(.eccPublicValueX, KeyMaterial.bytes(Self.p256.x)), .buffer(.eccPublicValueY, KeyMaterial.bytes(Self.p256.y))]
        #expect(throws: TEEResult.self) { try KeyDerivation(.ecdh, key: agreement).derive(other, into: target) }
    }

    /// g = 1 makes every r = 1, g = 0 every r = 0; x = -digest modulo q makes every s = 0 for r = 1; a q of two bits leaves hardly a number to try.
    @Test(arguments: [("01", "00"), ("00", "05"), ("01", "05"), ("02", "05")]) func dsaGroupsThatAreNoneGiveASignatureOrAnError(_ group: (g: String, digest: String)) throws {
        let prime = "D" + String(repeating: "F", count: 254) + "7"
        for (q, x) in [("0B", "06"), ("0B", "00"), ("03", "01"), ("01", "01"), ("00", "01")] {
            guard
                let key = try? CryptoObject.make(
                    .dsaKeyPair, 1024, [(.dsaPrime, prime), (.dsaSubprime, q), (.dsaBase, group.g), (.dsaPublicValue, "02"), (.dsaPrivateValue, x)])
            else { continue }
            nonisolated(unsafe) let operation = AsymmetricOperation(.dsaSHA1, .sign, key: key)
            let bytes = [UInt8](repeating: 0, count: 19) + KeyMaterial.bytes(group.digest)
            try ends("DSA with g \(group.g), q \(q), x \(x)") { _ = try operation.output(bytes) }
        }
    }

    /// Moduli that are even, one, zero, or a power of two, with exponents of all sizes.
    @Test(arguments: ["00", "01", "02", "04", "8000", "FFFF"]) func rsaNumbersThatMakeNoKeyGiveAnError(_ modulus: String) throws {
        let long = String(repeating: "F0", count: 64)
        for number in [modulus, modulus + String(repeating: "00", count: 62), String(repeating: "FF", count: 62) + modulus] {
            for exponent in ["00", "01", "03", long] {
                guard
                    let key = try? CryptoObject.make(
                        .rsaKeyPair, 512,
                        [
                            (.rsaModulus, number), (.rsaPublicExponent, exponent), (.rsaPrivateExponent, long), (.rsaPrime1, exponent), (.rsaPrime2, "00"), (.rsaExponent1, "01"),
                            (.rsaExponent2, "01"), (.rsaCoefficient, "00"),
                        ])
                else { continue }
                for mode in [TEEOperationMode.decrypt, .encrypt] {
                    nonisolated(unsafe) let operation = AsymmetricOperation(.rsaNoPad, mode, key: key)
                    try ends("RSA with \(number)") { _ = try operation.output([UInt8](repeating: 3, count: 64)) }
                }
                nonisolated(unsafe) let operation = AsymmetricOperation(.rsaPKCS1SHA1, .sign, key: key)
                try ends("RSA with \(number)") { _ = try operation.output([UInt8](repeating: 3, count: 20)) }
            }
        }
    }

    /// An application may ask for days; when nobody wants the answer any more it is not made.
    @Test func passwordsAreNoLongerStretchedThanAnybodyWaits() throws {
        let key = try CryptoObject.makeSecret(.pbkdf2Password, 64, .pbkdf2Password, Array("password".utf8))
        var derivation = KeyDerivation(.pbkdf2SHA1, key: key)
        var questions = 0
        derivation.isWanted = {
            questions += 1
            return questions < 3
        }
        let wanted: [TEEAttribute] = [.buffer(.pbkdf2Salt, Array("salt".utf8)), .value(.pbkdf2IterationCount, .max, 0), .value(.pbkdf2Length, 512, 0)]
        let target = try CryptoObject(type: .genericSecret, maximumKeySize: 4096)
        #expect(throws: TEEResult.cancel) { try derivation.derive(wanted, into: target) }
        #expect(!target.isInitialized)
        // RFC 6070: 4,096 iterations, as often as it is asked.
        derivation.isWanted = { true }
        try derivation.derive(
            [.buffer(.pbkdf2Salt, Array("salt".utf8)), .value(.pbkdf2IterationCount, 4096, 0), .value(.pbkdf2Length, 20, 0)], into: target)
        #expect(target.secret.map { KeyMaterial.hex($0.bytes) } == "4b007901b765489abead49d926f721d065a429c1")
    }
}
