import Foundation
import Testing
@testable import SecureWorld

/// Which signed files are accepted, and with which result the others are refused (OP-TEE core/kernel/ree_fs_ta.c).
@Suite struct ImagesParsingTests {
    private let payload = Array("\u{7f}ELF tiny".utf8)
    private let uuid = ImagesSupport.helloWorld
    private let other = TEEUUID("f04fa996-148a-453c-b037-1dcfbad120a6") ?? .null

    /// `payload`, signed with PSS as version 3 by OP-TEE's `scripts/sign_encrypt.py`.
    private let upstream = Array(
        Data(
            base64Encoded: """
                SFNUTwEAAAAJAAAAMElBcCAAgADJ7+BC1wcE4C4FRJ7ei6Lk/48J0wvv1OEkITSpTMsjETB5ji3gF++S/MmDnbcwXBJeCieJSAvSTRD/bl2poZHIdNH/uOP+4FEGY/bbMo66\
                xHyEvZ2Cmw1Y6SIY3jjpdQH6mbYb7k8HKLtWWTSsm05cuOH7cJ3Mg83OKzDKIvtzyP6onm3BUhPHEg7XiEuiT1+S7CHSUrf8igKXTrxSOzO0iqryACRQEeSr4gACpdXFGwMA\
                AAB/RUxGIHRpbnk=
                """) ?? Data())

    private func keys(acceptsUnsigned: Bool = false) throws -> TAKeys {
        TAKeys(signingKey: try ImagesSupport.root(), deviceKey: SecretBytes((0..<16).map { UInt8($0) }), acceptsUnsigned: acceptsUnsigned)
    }

    private func result(_ bytes: [UInt8], _ keys: TAKeys, _ versions: TAVersionStore? = nil, expecting uuid: TEEUUID? = nil) -> TEEResult? {
        ImagesSupport.failure { () throws(TAFileError) in _ = try TAFile.parse(bytes, keys: keys, versions: versions, expecting: uuid) }?.result
    }

    @Test func fileOfSignEncryptIsAccepted() throws {
        let file = try TAFile.parse(upstream, keys: keys(), expecting: uuid)
        #expect(file.form == .bootstrap)
        #expect(file.uuid == uuid)
        #expect(file.version == 3)
        #expect(file.elf == payload)
        #expect(file.digest == Array(upstream[20..<52]))
    }

    @Test func everyFlippedByteIsNoticed() throws {
        let keys = try keys()
        for index in upstream.indices {
            var bytes = upstream
            bytes[index] ^= 0x40
            #expect(result(bytes, keys) == .security, "byte \(index)")
        }
    }

    @Test func everyShorterOrLongerFileIsRefused() throws {
        let keys = try keys()
        for count in 0..<upstream.count { #expect(result(Array(upstream.prefix(count)), keys) == .security, "\(count) bytes") }
        #expect(result(upstream + [0], keys) == .security)
    }

    @Test func fileForAnotherUUIDIsRefused() throws { #expect(try result(upstream, keys(), expecting: other) == .security) }

    @Test func fileSignedByAnotherKeyIsRefused() throws {
        let failure = ImagesSupport.failure { () throws(TAFileError) in
            _ = try TAFile.parse(upstream, keys: TAKeys(signingKey: TASigningKey(pem: ImagesSupport.firstPEM)))
        }
        #expect(failure?.result == .security)
        #expect(failure?.message.contains("configure the key that signed it") == true)
    }

    @Test func plainELFFileIsAcceptedOnlyWhenAllowed() throws {
        #expect(try result(payload, keys()) == .security)
        let file = try TAFile.parse(payload, keys: keys(acceptsUnsigned: true), expecting: uuid)
        #expect(file.form == .unsigned)
        #expect(file.elf == payload)
        #expect(try result(Array("#!/bin/sh".utf8), keys(acceptsUnsigned: true)) == .security)
    }

    @Test func legacyFileHasNoUUIDOfItsOwn() throws {
        var fields: [UInt8] = []
        for value in [0x4f54_5348, 0, UInt32(payload.count), TASignatureAlgorithm.pkcs1.rawValue] { fields.append(littleEndian: value) }
        fields += [32, 0, 128, 0]
        let digest = try ImageCrypto.sha256([fields[...], payload[...]])
        let bytes = try fields + digest + ImagesSupport.root().sign(digest: digest, .pkcs1) + payload
        let file = try TAFile.parse(bytes, keys: keys(), expecting: other)
        #expect(file.form == .legacy)
        #expect(file.uuid == other)
        #expect(file.elf == payload)
    }

    @Test func olderVersionIsRefusedWithACCESS_CONFLICT() throws {
        let folder = try ImagesFolder()
        let versions = try TAVersionStore(folder: folder.path, key: SecretBytes([1]))
        let signer = TAFile.Signer(try ImagesSupport.root())
        let keys = try keys()
        for version: UInt32 in [0, 3, 3, 9] { _ = try TAFile.parse(TAFile.signed(payload, uuid: uuid, version: version, by: signer), keys: keys, versions: versions) }
        #expect(try result(TAFile.signed(payload, uuid: uuid, version: 8, by: signer), keys, versions) == .accessConflict)
        #expect(try result(TAFile.signed(payload, uuid: other, version: 0, by: signer), keys, versions) == nil)
    }

    @Test func refusedFileLeavesNoVersionBehind() throws {
        let folder = try ImagesFolder()
        let versions = try TAVersionStore(folder: folder.path, key: SecretBytes([1]))
        var bytes = try TAFile.signed(payload, uuid: uuid, version: 100, by: TAFile.Signer(ImagesSupport.root()))
        bytes[bytes.count - 1] ^= 1
        #expect(try result(bytes, keys(), versions) == .security)
        #expect(try versions.version(.application, uuid) == 0)
    }

    @Test func deviceSpecificFileIsForOneDevice() throws {
        let keys = try keys()
        let encryption = TAEncryption(.deviceSpecific, key: try keys.encryptionKey(.deviceSpecific))
        let bytes = try TAFile.signed(payload, uuid: uuid, by: TAFile.Signer(ImagesSupport.root()), encryption: encryption)
        #expect(try TAFile.parse(bytes, keys: keys).elf == payload)
        let otherDevice = TAKeys(signingKey: try ImagesSupport.root(), deviceKey: SecretBytes([UInt8](repeating: 7, count: 16)))
        #expect(result(bytes, otherDevice) == .security)
        #expect(try result(bytes, TAKeys(signingKey: ImagesSupport.root())) == .security)
        for index in 200..<bytes.count {
            var changed = bytes
            changed[index] ^= 0x10
            #expect(result(changed, keys) != nil, "byte \(index)")
        }
    }

    @Test func unknownCipherIsNotImplemented() throws {
        let encryption = TAEncryption(.classWide, key: SecretBytes([UInt8](repeating: 1, count: 32)))
        var bytes = try TAFile.signed(payload, uuid: uuid, by: TAFile.Signer(ImagesSupport.root()), encryption: encryption)
        bytes[200] ^= 0x10
        #expect(try result(bytes, keys()) == .notImplemented)
    }

    @Test func reportTellsEverythingAndTheVerdict() throws {
        let report = try TAFileReport(upstream, keys: keys())
        for line in [
            "  magic:      0x4f545348", "  img_type:   1 (SHDR_BOOTSTRAP_TA)", "  algo:       0x70414930 (TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA256)",
            "  uuid:       8aaaf200-2450-11e4-abe2-0002a5d5c51b", "  ta_version: 3", " TA offset:  200 bytes",
        ] { #expect(report.description.contains(line)) }
        // The payload is no ELF file.
        #expect(report.error?.result == .badFormat)
        #expect(report.description.contains("NOT VALID: "))
        #expect(try TAFileReport([], keys: keys()).error?.result == .security)
    }
}
