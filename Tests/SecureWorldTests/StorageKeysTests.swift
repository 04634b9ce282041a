import Testing

@testable import SecureWorld

@Suite("Keys are derived as OP-TEE derives them; the expected values are Python's (hmac, hashlib)")
struct StorageKeysTests {
    private func hex(_ key: SecretBytes) -> String { key.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

    @Test func theStorageKeyComesFromDeviceKeyAndChip() throws {
        let keys = try StorageKeys(deviceKey: StorageScratch.deviceKey, chipIdentifier: StorageKeys.defaultChipIdentifier)
        #expect(hex(keys.secureStorageKey) == "dcab8ea0ceeb19dcb772919140cb52fbc5858f5945be342e4729332506d570d9")
        let other = try StorageKeys(deviceKey: StorageScratch.deviceKey, chipIdentifier: [UInt8](repeating: 0, count: 32))
        #expect(hex(other.secureStorageKey) == "825a3b5731aa46a9d72c0af31b4422131790e6f320b0280d824af3cfb29190ac")
    }

    @Test func anApplicationsKeyComesFromItsUUIDInMemoryOrder() throws {
        let keys = try StorageKeys(deviceKey: StorageScratch.deviceKey, chipIdentifier: StorageKeys.defaultChipIdentifier)
        let application = try #require(TEEUUID("8aaaf200-2450-11e4-abe2-0002a5d5c51b"))
        #expect(hex(try keys.applicationKey(application)) == "d0cf42d223934ba04de5b6fbf86b0d08140bcb7a133617f2e15ab1797ad3dd24")
    }

    @Test func theMemorysKeyIsSeparate() throws {
        #expect(hex(try StorageKeys.anchorKey(StorageScratch.deviceKey)) == "9db6b59dd4f022d51abaf3354be169f0e09b577b66cd15c6f6473b5c94b6ee62")
    }

    @Test func aWrappedKeyIsForItsApplicationOnly() throws {
        let keys = try StorageKeys(deviceKey: StorageScratch.deviceKey, chipIdentifier: [])
        let key = try StorageCipher.randomKey()
        let wrapped = try keys.wrap(key, for: .null)
        #expect(wrapped.count == StorageKeys.wrappedSize)
        #expect(try keys.unwrap(wrapped, for: .null).bytes == key.bytes)
        #expect(throws: TEEResult.corruptObject) { try keys.unwrap(wrapped, for: StorageScratch.other) }
    }

    /// NIST's GCM test vectors (gcmDecrypt256.rsp and the GCM paper's case 16), laid out as the storage lays files out: header (authenticated), nonce, ciphertext, tag.
    @Test func sealedBytesAreAES256GCM() throws {
        let key = SecretBytes(bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"))
        let header = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2")
        let nonce = bytes("cafebabefacedbaddecaf888")
        let ciphertext = bytes("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662")
        let tag = bytes("76fc6ece0f4e1768cddf8853bb2d551b")
        let plaintext = bytes("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")
        let sealed = header + nonce + ciphertext + tag
        #expect(try StorageCipher.open(sealed, key: key, headerSize: header.count, context: []) == plaintext)
        #expect(try StorageCipher.open(Array(header.prefix(12)) + nonce + ciphertext + tag, key: key, headerSize: 12, context: Array(header.dropFirst(12))) == plaintext)
    }

    private func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap { $0.hexDigitValue.map(UInt8.init) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
